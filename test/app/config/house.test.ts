// esme.yaml as a person gets it wrong: told with the line and column of the key that is wrong, and in its words.

import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mistake, path } from "./written.js";

const HOUSE = `version: 1
meter:
  voltage:
    over: 253
    under: 216.2
    extreme_under: { volts: 184, for: 60s }
    sag: { volts: 207, for: 2s }
  power_levels: { medium_from: 500, high_from: 2500 }
sources:
  - { name: grid, role: grid, kind: clamp-board, port: /dev/ttyUSB0, channel: 1 }
tariff:
  rates: { day: 28p, night: 13p }
  days: { all: ["00:00 night", "07:00 day"], holiday: ["00:00 night"] }
  special_days: { 12-25: holiday }
`;
const BOMB = ["b", "c", "d", "e", "f", "g"].map((name, k) => {
  const before = `*${"abcdef"[k]}`;
  return `${name}: &${name} [${Array(9).fill(before).join(", ")}]`;
});

function told(text: string): string {
  writeFileSync(path, text);
  return mistake();
}

test("a house without a mistake is sound", () => expect(told(HOUSE)).toBe("sound"));

test.each<[why: string, from: string, to: string, told: string]>([
  [
    "an under-voltage above the over-voltage",
    "under: 216.2",
    "under: 260",
    "5:12: meter.voltage.under: it must be below the average over-voltage threshold",
  ],
  ["a threshold below zero", "over: 253", "over: -1", "4:11: meter.voltage.over: Too small"],
  [
    "extreme before it is low",
    "volts: 184",
    "volts: 280",
    "6:29: meter.voltage.extreme_under.volts: it must not be above",
  ],
  [
    "a sag above the swell",
    "volts: 207",
    "volts: 270",
    "7:19: meter.voltage.sag.volts: it must be below the swell threshold",
  ],
  [
    "medium above high",
    "medium_from: 500",
    "medium_from: 5000",
    "8:32: meter.power_levels.medium_from: it must not be above the threshold from medium to high",
  ],
  [
    "a special day of a name that every object has",
    "12-25: holiday",
    "12-25: constructor",
    "14:26: tariff.special_days.12-25: there is no day called constructor among the days",
  ],
  ["a rate that no object can have", "night: 13p }", "__proto__: 13p }", "12:22: __proto__ is no name"],
  ["a key twice", "    over: 253", "    over: 253\n    over: 254", "5:5: Map keys must be unique"],
  ["a tag that nobody knows", "day: 28p", "day: !!js/function 28p", "12:17: Unresolved tag"],
  [
    "aliases that stand for half a million",
    "version: 1",
    `a: &a [1, 1]\n${BOMB.join("\n")}`,
    "1:1: its aliases stand for",
  ],
  [
    "an install code that no hub printed",
    "version: 1",
    'version: 1\nhub: { port: 4059, install_code: "6762 B963 E8EE 879C A37D 0748 11E6 92A9 6357" }',
    "2:34: hub.install_code: its check digits do not fit",
  ],
  ["lists in lists without end", "version: 1", `version: ${"[".repeat(20_000)}`, "1:"],
])("%s is told where it stands", (_, from, to, expected) => {
  expect(HOUSE).toContain(from);
  const text = told(HOUSE.replace(from, to));
  expect(text, "no word of this program's own stack").not.toMatch(/call stack/i);
  expect(text.slice(0, expected.length)).toBe(expected);
});
