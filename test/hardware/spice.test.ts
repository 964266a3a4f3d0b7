// The circuit of the clamp board, simulated by ngspice, gives the constants of the simulator's front end and of the firmware.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FrontEnd, ORDINARY_FRONT_END } from "../../host/sim/front-end.js";
import {
  CLIPS_AT_A,
  CLIPS_AT_V,
  HALF_RANGE,
  STEP_V,
  STEPS_PER_A,
  STEPS_PER_V,
} from "../../host/sim/front-end-constants.js";

const CIRCUIT = readFileSync("hardware/spice/clamp-front-end.cir", "utf8");
const present = spawnSync("ngspice", ["--version"]).error === undefined;
if (!present)
  console.warn("ngspice is not installed (Debian: apt install ngspice): the front end's circuit is not simulated.");
const simulated = describe.skipIf(!present && process.env.ESME_NO_SKIP !== "1");

/** What the circuit prints of itself, some of its parameters exchanged. */
function measured(changes: Readonly<Record<string, number>> = {}): Readonly<Record<string, number>> {
  let circuit = CIRCUIT;
  for (const [name, value] of Object.entries(changes)) {
    const assignment = new RegExp(`\\b${name}=\\S+`, "g");
    expect(circuit.match(assignment), `the circuit has one parameter ${name}`).toHaveLength(1);
    circuit = circuit.replace(assignment, `${name}=${value}`);
  }
  const folder = mkdtempSync(join(tmpdir(), "esme-spice-"));
  const file = join(folder, "front-end.cir");
  writeFileSync(file, circuit);
  const { stdout, stderr, status } = spawnSync("ngspice", ["-b", file], { encoding: "utf8", timeout: 30_000 });
  rmSync(folder, { recursive: true });
  expect(status, `ngspice ends well: ${stderr}`).toBe(0);
  const found = [...stdout.matchAll(/^(\w+)\s*=\s*(-?\d\S+)/gm)];
  return Object.fromEntries(found.map(([, name, value]) => [name, Number(value)]));
}

/** Difference as a share. */
const off = (value: number | undefined, from: number) => Math.abs((value ?? Number.NaN) / from - 1);

simulated("the circuit of the clamp board", () => {
  const nominal = present ? measured() : {};

  test("has the simulator's gains within 0.1 %", () => {
    expect(off(nominal.steps_per_a, STEPS_PER_A)).toBeLessThan(0.001);
    expect(off(nominal.steps_per_v, STEPS_PER_V)).toBeLessThan(0.001);
  });

  test("has its bias in the middle of the range, within 0.1 of a step", () => {
    expect(Math.abs((nominal.bias_v ?? Number.NaN) / STEP_V - HALF_RANGE)).toBeLessThan(0.1);
  });

  test("shows the crests of 230 V and 5 A in the converter's steps, within 1 step", () => {
    const crest = { v: 230 * Math.SQRT2 * STEPS_PER_V, a: 5 * Math.SQRT2 * STEPS_PER_A };
    const within = (steps: number | undefined, wanted: number) =>
      expect(Math.abs((steps ?? Number.NaN) - wanted)).toBeLessThan(1);
    within(nominal.top0, HALF_RANGE + crest.v);
    within(nominal.bottom0, HALF_RANGE - crest.v);
    within(nominal.top1, HALF_RANGE + crest.a);
    within(nominal.bottom1, HALF_RANGE - crest.a);
  });

  test("clips where the simulator does: not 0.5 % below, but 0.5 % above", () => {
    const below = measured({ amps: CLIPS_AT_A * 0.995, volts: CLIPS_AT_V * 0.995 });
    const above = measured({ amps: CLIPS_AT_A * 1.005, volts: CLIPS_AT_V * 1.005 });
    for (const channel of [0, 1]) {
      expect(below[`top${channel}`]).toBeLessThan(1022.5);
      expect(below[`bottom${channel}`]).toBeGreaterThan(0.5);
      expect(above[`top${channel}`]).toBeGreaterThan(1022.9);
      expect(above[`bottom${channel}`]).toBeLessThan(0.1);
    }
  });

  test("adds no phase of its own: divider and pin capacitance less than 0.01 degree", () => {
    expect(Math.abs(nominal.divider_lead_deg ?? Number.NaN)).toBeLessThan(0.01);
  });

  test("leads as the published clamp does, 4 degrees into 22 ohm and 8 into 120, with the iron of a small current", () => {
    const iron_h = 4.42;
    expect(measured({ lmag: iron_h, rburden: 22 }).clamp_lead_deg).toBeCloseTo(4, 1);
    expect(measured({ lmag: iron_h, rburden: 120 }).clamp_lead_deg).toBeCloseTo(8, 1);
  });

  test("leads as the ordinary front end of the simulator does, each clamp with an iron of its own", () => {
    const irons_h = [14.07, 10.36, 17.9];
    ORDINARY_FRONT_END.clampLead_deg.forEach((lead_deg, k) => {
      const found = measured({ lmag: irons_h[k]! });
      expect(Math.abs((found.clamp_lead_deg ?? Number.NaN) - lead_deg)).toBeLessThan(0.02);
      // What the iron takes from the gain is far below the clamps' own 2 % of ratio.
      expect(off(found.steps_per_a, STEPS_PER_A)).toBeLessThan(0.001);
    });
    const { adapterLead_deg } = ORDINARY_FRONT_END;
    expect(Math.abs((nominal.adapter_lead_deg ?? Number.NaN) - adapterLead_deg)).toBeLessThan(0.02);
  });
});

test("the simulator's front end uses the constants", () => {
  expect([FrontEnd.stepsPer_a, FrontEnd.stepsPer_v]).toEqual([STEPS_PER_A, STEPS_PER_V]);
});

test("the firmware's defaults are the front end's gains", () => {
  const settings = readFileSync("firmware/core/settings.h", "utf8");
  const defined = (name: string) => Number(new RegExp(`#define ${name} (\\d+)`).exec(settings)?.[1]);
  expect(defined("DEFAULT_VOLT_GAIN_uv")).toBe(Math.round(1e6 / STEPS_PER_V));
  expect(Math.abs(defined("DEFAULT_CLAMP_GAIN_ua") - 1e6 / STEPS_PER_A)).toBeLessThan(10);
});
