// What the program tells of itself is what it is, and fits the meter's sections.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { IDENTITY, VERSION } from "../../host/app/identity.js";
import { faultOfSettings } from "../../host/ledger/rules.js";
import { newState } from "../../host/ledger/state/state.js";

test("the version is that of the package, and the firmware version its four octets", () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(VERSION).toBe(version);
  const octets = Buffer.from(IDENTITY.firmwareVersion?.value ?? "", "hex");
  expect([octets.length, [...octets].slice(1).join(".")]).toEqual([4, version]);
});

test("a meter takes its identity", () => {
  expect(faultOfSettings(newState(1), IDENTITY)).toBeNull();
});
