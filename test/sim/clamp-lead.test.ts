// A clamp whose lead follows the logarithm of its current: executed and fast boards that are told so are right at every current, those
// that are not are not; and a board keeps what an older firmware was told.
import { describe, expect, it } from "vitest";
import type { BoardOptionsInput } from "../../host/sim/board-options.js";
import { Eeprom } from "../../host/sim/eeprom.js";
import { readSettings, seal, slotInForce } from "../../host/sim/settings-slot.js";
import type { Channel } from "../../host/wire/board/messages.js";
import { Bench, NOON_s } from "./bench.js";

/** One degree over 0.5..60 A. */
const SLOPE_deg_per_octave = 0.145;
const AMPS = [0.5, 5, 60] as const;
const LASTS_s = 10;
/** A report tells whole mWh, at either end. */
const RESOLUTION_wh = 0.002;

/** The largest error of the three clamps at PF 0.5, share of the true energy. */
function worst(fidelity: "fast" | "executed", lead: boolean, told: boolean): number {
  const options: BoardOptionsInput = {
    scenario: {
      kind: "steady",
      mains: { voltageWander_v: 0, frequencyWander_hz: 0, distortion: 0 },
      clamps: AMPS.map((amps) => ({ amps, pf: 0.5, lead })) as never,
    },
    fidelity,
    frontEnd: {
      clampLead_deg: [1.4, 7.9, 0.3],
      clampLeadFall_deg: 0,
      clampLeadSlope_deg_per_octave: [SLOPE_deg_per_octave, SLOPE_deg_per_octave, SLOPE_deg_per_octave],
      ratioRise: 0,
      noise_lsb: 0.5,
    },
    seed: 7,
  };
  const bench = new Bench(options);
  bench.board.runUntil(1.2);
  if (!told) {
    for (const { channel, ...constants } of bench.board.calibration()) {
      bench.say({ kind: "calibrate", channel, ...constants, slope_mdeg: 0 });
      bench.board.runUntil(bench.board.time_s + 0.2);
    }
  }
  const from_s = bench.board.time_s + 1;
  bench.board.runUntil(from_s + LASTS_s + 1.5);
  expect(bench.faults).toBe(0);
  const errors = AMPS.map((_, at) => {
    const { measured, truth } = bench.compare((at + 1) as Channel, from_s);
    return Math.max(0, Math.abs(measured.import_wh - truth.import_wh) - RESOLUTION_wh) / truth.import_wh;
  });
  return Math.max(...errors);
}

describe("a front end whose clamps lead by 0.145 degree more for each octave of current, at PF 0.5", () => {
  it.each([
    ["executed", "leading"],
    ["executed", "lagging"],
    ["fast", "leading"],
    ["fast", "lagging"],
  ] as const)("%s, current %s: within 1 % at 0.5, 5 and 60 A once told its constants", (fidelity, way) => {
    expect(worst(fidelity, way === "leading", true)).toBeLessThan(0.01);
  });

  it.each([
    ["executed", "lagging"],
    ["fast", "leading"],
  ] as const)("%s, current %s: not within 1 % where it is told no slope", (fidelity, way) => {
    expect(worst(fidelity, way === "leading", false)).toBeGreaterThan(0.01);
  });

  it("knows its slopes, and a calibration slot keeps them", () => {
    const bench = new Bench({ scenario: "no-load", frontEnd: { clampLeadSlope_deg_per_octave: [0.145, -1, 3] } });
    expect(bench.board.calibration().map(({ slope_mdeg }) => slope_mdeg)).toEqual([0, 145, -1000, 3000]);
    bench.board.runUntil(1);
    bench.say({ kind: "readCalibration" });
    bench.board.runUntil(1.5);
    expect(bench.of("calibration").map(({ slope_mdeg }) => slope_mdeg)).toEqual([0, 145, -1000, 3000]);
  });
});

describe.each(["executed", "fast"] as const)("a slot that firmware 0.1.0 wrote, on the %s board", (fidelity) => {
  it("is in force with slopes of 0, and gives way to a newer one only when that is kept", () => {
    const eeprom = new Eeprom();
    const first = new Bench({ scenario: "no-load", fidelity: "fast" }, NOON_s, eeprom);
    const constants = first.board.calibration();
    // The same constants without slopes: version 1, the CRC where the slopes would begin.
    eeprom.bytes[16] = 1;
    seal(eeprom.bytes, 16, 45);
    expect(slotInForce(eeprom.bytes)).toBe(0);
    const bench = new Bench({ scenario: "no-load", fidelity }, NOON_s, eeprom);
    bench.board.runUntil(1);
    bench.say({ kind: "readCalibration" });
    bench.board.runUntil(1.5);
    expect(bench.of("calibration").map(({ kind, slot, ...told }) => told)).toEqual(constants);
    bench.say({ kind: "calibrate", ...constants[2]!, slope_mdeg: -145 });
    bench.board.runUntil(1.8);
    bench.say({ kind: "keep" });
    bench.board.runUntil(3);
    expect(bench.of("accepted").at(-1)).toEqual({ kind: "accepted", letter: "Y", values: [1] });
    expect(slotInForce(bench.board.eeprom)).toBe(1);
    expect(readSettings(bench.board.eeprom, 1).channels[2]).toEqual({ ...constants[2], slope_mdeg: -145 });
    expect(readSettings(bench.board.eeprom, 0).channels).toEqual(constants);
  });
});
