// Modbus meters on simulated wires: each model for an hour, a street of them with damage and late answers, and what the silence is for.

import { expect, test } from "vitest";
import { METERS } from "./all.js";
import { lateBelieved } from "./meters-day.js";
import { prove } from "./prove.js";

prove(METERS);

test("the silence after a timeout is what keeps late answers out: without it they are believed", async () => {
  expect(await lateBelieved(300, 1, true)).toBe(0);
  expect(await lateBelieved(300, 1, false)).toBeGreaterThan(0);
});
