// The executed board as a machine: deterministic, restartable at any moment, its EEPROM kept, its clock as wrong as told.
import { describe, expect, it } from "vitest";
import { Bench } from "./bench.js";

describe("the executed board", () => {
  it("gives the same trace for the same seed, and another for another", () => {
    const trace = (seed: number) => {
      const bench = new Bench({ scenario: "solar-home", seed });
      bench.board.runUntil(3.2);
      return bench.text;
    };
    expect(trace(5)).toBe(trace(5));
    expect(trace(5)).not.toBe(trace(6));
  });

  it("gives the same trace in whatever slices it lives", () => {
    const whole = new Bench({ scenario: "demo", ppm: 300, driftPpm: 20 });
    whole.board.runUntil(3);
    const sliced = new Bench({ scenario: "demo", ppm: 300, driftPpm: 20 });
    for (let at_s = 0.0137; at_s < 3; at_s += 0.0137) sliced.board.runUntil(at_s);
    sliced.board.runUntil(3);
    expect(sliced.text).toBe(whole.text);
    expect(sliced.board.cycles).toBe(whole.board.cycles);
  });

  it("reports each second four channels and power, and answers commands", () => {
    const bench = new Bench({ scenario: "steady" });
    bench.board.runUntil(1.5);
    bench.say({ kind: "identify", major: 1, minor: 0 });
    bench.board.runUntil(4.5);
    expect(bench.faults).toBe(0);
    expect(bench.of("identity")).toHaveLength(1);
    expect(bench.reports(1).map((report) => report.seq)).toEqual([1, 2, 3, 4]);
    expect(bench.of("power")).toHaveLength(4);
  });

  it("counts slow when its resonator is slow, by as much as it was told", () => {
    const bench = new Bench({ scenario: "no-load", ppm: -5000 });
    bench.board.runUntil(11.5);
    const [first, last] = [bench.reports(1)[0]!, bench.reports(1).at(-1)!];
    const true_s =
      bench.board.boardTimeToTrue(last.boot, last.t_ms)! - bench.board.boardTimeToTrue(first.boot, first.t_ms)!;
    expect((last.t_ms - first.t_ms) / 1000 / true_s).toBeCloseTo(0.995, 3);
  });

  it("remembers its counters over a power cut, starts a new boot, and never counts down or more than 20 Wh short", () => {
    const bench = new Bench({ scenario: { kind: "steady", clamps: [{ amps: 60 }, { amps: 60, export: true }, {}] } });
    bench.board.runUntil(12);
    const before = bench.reports(1).at(-1)!;
    bench.board.powerCut(2);
    expect(bench.board.powered).toBe(false);
    bench.board.runUntil(17);
    const after = bench.reports(1).at(-1)!;
    expect(after.boot).toBeGreaterThan(before.boot);
    expect(after.base.importActive_mwh).toBeLessThanOrEqual(before.counters.importActive_mwh);
    expect(after.base.importActive_mwh).toBeGreaterThan(before.counters.importActive_mwh - 20_000);
    expect(bench.of("diagnosis").every((diagnosis) => diagnosis.resetCause !== 8)).toBe(true);
  });

  it("starts anew at the reset button, and says so", () => {
    const bench = new Bench({ scenario: "no-load" });
    bench.board.runUntil(2.5);
    bench.board.reset();
    bench.board.runUntil(5);
    bench.say({ kind: "identify", major: 1, minor: 0 });
    bench.board.runUntil(6);
    expect(bench.of("diagnosis").at(-1)?.resetCause).toBe(2);
    expect(new Set(bench.reports(1).map((report) => report.boot)).size).toBe(2);
  });

  it("shows import and export on its LEDs", () => {
    const bench = new Bench({ scenario: { kind: "steady", clamps: [{ amps: 60, export: true }, {}, {}] } });
    bench.board.runUntil(4);
    const exported_mwh = bench.reports(1).at(-1)!.counters.exportActive_mwh;
    expect(bench.executed.exporting).toBe(true);
    expect(Math.abs(bench.executed.pulses - exported_mwh / 1000)).toBeLessThan(5);
  });
});
