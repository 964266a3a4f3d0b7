// The answers file of `esme calibrate`: what it may say, and that what is wrong is told with its line and column.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { answersIn } from "../../../host/app/calibration/answers-file.js";
import type { Refusal } from "../../../host/app/refusal.js";

const folder = mkdtempSync(join(tmpdir(), "esme-answers-"));
const GOOD = `version: 1
clamps: [1]
reference: typed
turn_round: [1]
within: 0.8
wait: 90s
steps:
  - { load: nothing, volts: 230.1 }
  - { load: resistive, volts: 229.2, watts: 2283 }
  - { load: reactive-low, current: lags, volts: 230.0, watts: 118, amps: 1.02 }
  - { load: reactive-high, current: leads, turns: 10, volts: 229.8, watts: 231, vars: -398 }
`;

function read(text: string) {
  const path = join(folder, "answers.yaml");
  writeFileSync(path, text);
  return answersIn(path);
}

function refused(text: string): { readonly place: string; readonly reason: string; readonly code: string } {
  try {
    read(text);
  } catch (error) {
    const { code, reason } = error as Refusal;
    const [, place = "", rest = ""] = /answers\.yaml:(\d+:\d+): (.*)$/.exec(reason) ?? [];
    return { code, place, reason: rest };
  }
  throw new Error("it was understood");
}

describe("an answers file", () => {
  it("says everything beforehand", () => {
    expect(read(GOOD)).toMatchObject({
      clamps: [1],
      reference: "typed",
      turnRound: [1],
      within_percent: 0.8,
      wait_s: 90,
      steps: [
        { load: "nothing", current: null, turns: 1, told: { volts: 230.1, watts: null } },
        { load: "resistive", told: { watts: 2283, amps: null } },
        { load: "reactive-low", current: "lags", told: { amps: 1.02, vars: null } },
        { load: "reactive-high", current: "leads", turns: 10, told: { vars: -398 } },
      ],
    });
  });

  it("has no numbers where the reference is a source, and may be JSON", () => {
    const steps = [
      { load: "nothing" },
      { load: "resistive" },
      { load: "reactive-low", current: "lags" },
      { load: "reactive-high", current: "lags", turns: 10 },
    ];
    const file = read(JSON.stringify({ version: 1, reference: "check", steps }));
    expect(file).toMatchObject({ clamps: null, reference: "check", within_percent: 0.5, wait_s: 120 });
    expect(file.steps.every(({ told }) => told === null)).toBe(true);
  });

  it("may leave the reactive loads out, by saying so", () => {
    const steps = "steps:\n  - { load: nothing, volts: 230 }\n  - { load: resistive, volts: 229, watts: 2283 }\n";
    expect(read(`version: 1\nwithout: [reactive-low, reactive-high]\n${steps}`).steps).toHaveLength(2);
    expect(refused(`version: 1\n${steps}`)).toMatchObject({
      place: "3:3",
      reason: expect.stringContaining("reactive-low is missing"),
    });
  });

  it.each<[string, string, string, string, string]>([
    ["an unknown key", "within: 0.8", "wihtin: 0.8", "5:9", "wihtin"],
    ["a unit in a number", "volts: 230.1", "volts: 230.1 V", "8:29", "V from 20 to 300, a number without its unit"],
    ["kilowatts", "watts: 2283", "watts: 2.3kW", "9:45", "W from -30000 to 30000, a number without its unit"],
    ["a number beyond what can be", "volts: 229.2", "volts: 2292", "9:31", "V from 20 to 300"],
    ["a step misspelt", "load: resistive", "load: kettle", "9:13", "one of nothing, resistive"],
    ["a step missing", "  - { load: resistive, volts: 229.2, watts: 2283 }\n", "", "8:3", "resistive is missing"],
    ["a step twice", "load: reactive-high", "load: reactive-low", "11:5", "twice"],
    ["no watts", ", watts: 2283", "", "9:5", "watts are missing"],
    ["no angle", ", amps: 1.02", "", "10:5", "vars, amps or pf are missing"],
    ["which way the current lies", "current: lags, ", "", "10:5", "lags or leads"],
    ["a clamp that is none", "clamps: [1]", "clamps: [4]", "2:10", "a clamp is 1, 2 or 3"],
    ["a clamp to turn that is not calibrated", "turn_round: [1]", "turn_round: [2]", "4:14", "not being calibrated"],
    ["numbers of a source", "reference: typed", "reference: check", "8:5", "check tells the numbers"],
    ["another version", "version: 1", "version: 2", "1:10", "the version is 1"],
    ["no YAML", "clamps: [1]", "clamps: [1", "", ""],
  ])("%s is told with its line", (_, from, to, place, reason) => {
    expect(GOOD).toContain(from);
    const told = refused(GOOD.replace(from, to));
    expect(told.code).toBe("answers-invalid");
    if (place !== "") expect(told.place).toBe(place);
    expect(told.place).toMatch(/^\d+:\d+$/);
    expect(told.reason).toContain(reason);
  });

  it("in another order than it is done", () => {
    const lines = GOOD.split("\n");
    const swapped = [...lines.slice(0, 7), lines[8], lines[7], ...lines.slice(9)].join("\n");
    expect(refused(swapped).reason).toContain("the steps come in the order nothing, resistive");
  });
});
