// The metering ICs on a serial port, as laws and stories: simulated chips at the byte level, the production source, simulated time.

import { describe, expect, test } from "vitest";
import { hasDirection, SERIAL_ICS } from "../../../host/adapters/serial-ic/options.js";
import { bl0942Scales, floored, mostCounts, nearest } from "../../../host/adapters/serial-ic/scales.js";
import { SimulatedBl0942 } from "../../../host/sim/serial-ic/bl0942.js";
import type { World } from "../../../host/sim/serial-ic/chip.js";
import { SIMULATED_ICS } from "../../../host/sim/serial-ic/chips.js";
import { SimulatedCse7766 } from "../../../host/sim/serial-ic/cse7766.js";
import { SimulatedMcp39f511a } from "../../../host/sim/serial-ic/mcp39f511a.js";
import {
  BL0942_MODE,
  BL0942_UNPROTECTED,
  BL0942_WRITE_PROTECTION,
  encodeBl0942Answer,
  encodeBl0942Request,
  splitBl0942Answers,
} from "../../../host/wire/ics/bl0942.js";
import { encodeCse7766, splitCse7766 } from "../../../host/wire/ics/cse7766.js";
import {
  decodeMcp39Energies,
  decodeMcp39Power,
  encodeMcp39Answer,
  encodeMcp39Energies,
  encodeMcp39Power,
  MCP39_ENERGY,
  MCP39_POWER,
  splitMcp39Answers,
} from "../../../host/wire/ics/mcp39f511a.js";
import { joined } from "../../../host/wire/ics/scan.js";
import { Bench, bothWays, falls, truth_mwh } from "./bench.js";

const bl0942 = { ic: "bl0942", port: "x" } as const;
const mcp39f511a = { ic: "mcp39f511a", port: "x" } as const;
const cse7766 = { ic: "cse7766", port: "x" } as const;
const steady =
  (power_w: number): World =>
  () => ({ power_mw: power_w * 1_000 });
const MINUTE_ms = 60_000;
const HOUR_ms = 3_600_000;
/** A count of the BL0942 with the usual board. */
const COUNT_mwh = 187;

describe("conservation against the physics, both directions", () => {
  test.each([1, 2, 3])("BL0942, seed %i: each way within what one poll nets and one count holds", async (seed) => {
    const chip = new SimulatedBl0942(bothWays(seed, 20_000));
    const bench = new Bench(bl0942, chip, seed);
    await bench.run(3_000);
    const from = { ...truth_mwh(chip.truth), ...bench.last };
    await bench.run(HOUR_ms);
    const { import_mwh, export_mwh } = truth_mwh(chip.truth);
    const { counters } = bench.last;
    const net = counters.import_mwh - counters.export_mwh - (from.counters.import_mwh - from.counters.export_mwh);
    const trueNet = import_mwh - export_mwh - (from.import_mwh - from.export_mwh);
    // The last poll is up to 1.2 s old, of 20 kW at most; so is the first.
    expect(Math.abs(net - trueNet)).toBeLessThan(2 * 6_700 + 2 * COUNT_mwh);
    // A poll in which the direction turns (one in seven) nets it: at most half a poll each way, and only then.
    const gross = counters.import_mwh + counters.export_mwh;
    const trueGross = import_mwh + export_mwh;
    expect(gross).toBeLessThanOrEqual(trueGross + 2 * 6_700);
    expect(gross).toBeGreaterThan(trueGross * 0.95);
    expect(falls(bench.reports)).toBe(0);
    expect(bench.faults()).toEqual({});
  });

  test("BL0942 at a steady power: to one count of the truth, import or export", async () => {
    for (const power_w of [-3_000, -40, 40, 3_000]) {
      const chip = new SimulatedBl0942(steady(power_w));
      const bench = new Bench(bl0942, chip);
      await bench.run(2 * MINUTE_ms);
      const first = bench.last;
      const then = truth_mwh(chip.truth);
      await bench.run(HOUR_ms);
      const now = truth_mwh(chip.truth);
      const flowed = (key: "import_mwh" | "export_mwh") => bench.last.counters[key] - first.counters[key];
      const step_mwh = Math.abs(power_w) / 3.6 + 2 * COUNT_mwh;
      expect(Math.abs(flowed("import_mwh") - (now.import_mwh - then.import_mwh))).toBeLessThan(step_mwh);
      expect(Math.abs(flowed("export_mwh") - (now.export_mwh - then.export_mwh))).toBeLessThan(step_mwh);
    }
  });

  test.each([1, 2])("MCP39F511A, seed %i: the chip's own registers, to the last poll", async (seed) => {
    const world = bothWays(seed, 20_000, 900);
    const chip = new SimulatedMcp39f511a((at) => ({ ...world(at), reactive_mvar: -500_000 }), {
      import_mwh: 5_000_000,
    });
    const bench = new Bench(mcp39f511a, chip, seed);
    await bench.run(HOUR_ms);
    const { import_mwh, export_mwh } = truth_mwh(chip.truth);
    const { counters, base } = bench.last;
    const late_mwh = 6_700;
    expect(import_mwh + 5_000_000 - counters.import_mwh).toBeLessThan(late_mwh);
    expect(counters.import_mwh).toBeLessThanOrEqual(import_mwh + 5_000_000);
    expect(export_mwh - counters.export_mwh).toBeLessThan(late_mwh);
    expect(counters.export_mwh).toBeLessThanOrEqual(export_mwh);
    expect(counters.import_mvarh).toBe(0);
    expect(counters.export_mvarh).toBeGreaterThan(499_000);
    expect(base).toBeNull();
    expect(falls(bench.reports)).toBe(0);
    expect(bench.faults()).toEqual({});
  });

  test("CSE7766: all is import, whichever way it flows, though its 16 bits wrap a dozen times", async () => {
    const chip = new SimulatedCse7766(bothWays(5, 3_600), 65_000);
    const bench = new Bench(cse7766, chip);
    await bench.run(1_500);
    const first = bench.last.counters.import_mwh;
    const then = truth_mwh(chip.truth);
    await bench.run(HOUR_ms);
    const now = truth_mwh(chip.truth);
    const flowed = now.import_mwh + now.export_mwh - then.import_mwh - then.export_mwh;
    expect(flowed).toBeGreaterThan(15 * 97_000);
    expect(Math.abs(bench.last.counters.import_mwh - first - flowed)).toBeLessThan(1_100);
    expect(bench.last.counters.export_mwh).toBe(0);
    expect(bench.faults()).toEqual({});
  });

  test("a report and the power about once a second, and what cannot be known is null", async () => {
    const world = () => ({ power_mw: -1_000_000, voltage_mv: 241_300, frequency_mhz: 49_980 });
    const of = async (bench: Bench) => {
      await bench.run(MINUTE_ms);
      expect(bench.reports.length).toBeGreaterThan(55);
      expect(bench.reports.length).toBeLessThan(62);
      const last = bench.events.findLast((event) => event.kind === "power");
      return last?.kind === "power" ? last.power : null;
    };
    expect(await of(new Bench(mcp39f511a, new SimulatedMcp39f511a(world)))).toEqual({
      frequency_mhz: 49_980,
      voltage_mv: 241_300,
      channels: [{ current_ma: 4_144, active_mw: -1_000_000, reactive_mvar: 0 }],
    });
    expect(await of(new Bench(bl0942, new SimulatedBl0942(world)))).toEqual({
      frequency_mhz: 49_980,
      voltage_mv: 241_300,
      channels: [{ current_ma: 4_144, active_mw: expect.closeTo(-1_000_000, -2), reactive_mvar: null }],
    });
    expect(await of(new Bench(cse7766, new SimulatedCse7766(world)))).toEqual({
      frequency_mhz: null,
      voltage_mv: expect.closeTo(241_300, -3),
      channels: [
        { current_ma: expect.closeTo(4_144, -1), active_mw: expect.closeTo(1_000_000, -3), reactive_mvar: null },
      ],
    });
  });
});

describe("a BL0942", () => {
  test("counts both ways only once it is set: export of an hour is export", async () => {
    const chip = new SimulatedBl0942(steady(-2_000));
    expect(chip.mode).toBe(0x87);
    const bench = new Bench(bl0942, chip);
    await bench.run(HOUR_ms);
    expect(chip.mode).toBe(0x07);
    expect(bench.last.counters.import_mwh).toBe(0);
    expect(bench.last.counters.export_mwh).toBeGreaterThan(1_998_000);
  });

  test.each([
    ["import", 0xff_ff80, 6_000],
    ["export", 0x00_0080, -6_000],
  ])("wraps at 24 bits with %s, and nothing is lost", async (_, count, power_w) => {
    const chip = new SimulatedBl0942(steady(power_w), count);
    const bench = new Bench(bl0942, chip);
    await bench.run(30 * MINUTE_ms);
    const { counters } = bench.last;
    const flowed = power_w > 0 ? counters.import_mwh : counters.export_mwh;
    const other = power_w > 0 ? counters.export_mwh : counters.import_mwh;
    expect(other).toBe(0);
    expect(Math.abs(flowed - 3_000_000)).toBeLessThan((3 * 6_000) / 3.6);
    expect(bench.last.boot).toBe(bench.reports[0]?.boot);
  });

  test("resets silently to 0x87 while it exports: set again, no export becomes import, at most two polls are not booked", async () => {
    const chip = new SimulatedBl0942(steady(-4_000));
    const bench = new Bench(bl0942, chip);
    await bench.run(10 * MINUTE_ms);
    const boot = bench.last.boot;
    for (let k = 0; k < 20; k++) {
      chip.reset();
      await bench.run(MINUTE_ms + k * 137);
    }
    expect(chip.mode).toBe(0x07);
    expect(bench.faults()).toEqual({ reset: 20 });
    expect(bench.last.boot).toBe(boot + 20);
    const { import_mwh, export_mwh } = bench.last.counters;
    expect(import_mwh).toBe(0);
    const missing = truth_mwh(chip.truth).export_mwh - export_mwh;
    expect(missing).toBeGreaterThan(0);
    expect(missing).toBeLessThan((20 * 2 + 4) * (4_000 / 3.6));
    // Every boot begins where the one before it stood: the ledger books what was measured since, and no more.
    const boots = bench.reports.filter((report, k) => report.boot !== bench.reports[k - 1]?.boot);
    for (const report of boots.slice(1)) {
      const before = bench.reports[bench.reports.indexOf(report) - 1];
      expect(report.base).toEqual(before?.counters);
    }
    expect(falls(bench.reports)).toBe(0);
  });

  test("that cannot be set is refused with what to do, and metered with only where no direction is needed", async () => {
    const refused = new SimulatedBl0942(steady(-1_000));
    refused.stubborn = true;
    const bench = new Bench(bl0942, refused);
    await bench.run(MINUTE_ms);
    expect(bench.reports).toEqual([]);
    expect(bench.source.refusal).toMatchObject({ code: "ic-absolute" });
    expect(bench.source.refusal?.next).toContain("transmit line");
    expect(bench.lost()[0]).toMatch(/^ic-absolute: /);
    refused.stubborn = false;
    await bench.run(MINUTE_ms);
    expect(bench.source.refusal).toBeNull();
    expect(bench.last.counters.export_mwh).toBeGreaterThan(0);

    const allowed = new SimulatedBl0942(steady(-1_000));
    allowed.stubborn = true;
    const without = new Bench({ ...bl0942, withoutDirection: true }, allowed);
    await without.run(HOUR_ms);
    expect(without.last.counters.export_mwh).toBe(0);
    expect(without.last.counters.import_mwh).toBeGreaterThan(998_000);
    expect(hasDirection({ ...bl0942, withoutDirection: true })).toBe(false);
  });

  test("goes on counting while the cable is out: the gap's net energy is booked when it is back", async () => {
    const chip = new SimulatedBl0942(steady(-3_000));
    const bench = new Bench(bl0942, chip);
    await bench.run(MINUTE_ms);
    const before = bench.reports.length;
    bench.unplugged = true;
    await bench.run(HOUR_ms);
    expect(bench.reports.length).toBe(before);
    expect(bench.lost()[0]).toBe("unplugged: x is gone");
    expect(bench.source.refusal?.code).toBe("port-missing");
    bench.unplugged = false;
    await bench.run(MINUTE_ms);
    const missing = truth_mwh(chip.truth).export_mwh - bench.last.counters.export_mwh;
    expect(missing).toBeLessThan(4 * (3_000 / 3.6));
    expect(bench.last.boot).toBe(bench.reports[0]?.boot);
    expect(bench.events.filter((event) => event.kind === "found")).toHaveLength(2);
  });

  test("gone for so long that its count may have gone round: which way it flowed nobody knows, and nothing is booked", async () => {
    const chip = new SimulatedBl0942(steady(-3_000));
    // A count is a tenth of the usual one: half the range is 157 kWh, an hour and a half of 100 kW.
    const bench = new Bench({ ...bl0942, shunt_uohm: 10_000, most_w: 100_000 }, chip);
    await bench.run(10_000);
    const before = bench.last;
    bench.unplugged = true;
    await bench.run(2 * HOUR_ms);
    bench.unplugged = false;
    await bench.run(30_000);
    expect(bench.faults()).toEqual({ rebase: 1 });
    expect(bench.last.boot).toBe(before.boot + 1);
    expect(bench.last.counters.export_mwh - before.counters.export_mwh).toBeLessThan(10_000);
  });

  test("whose mode is read wrongly once has not been reset", async () => {
    const chip = new SimulatedBl0942(steady(-1_000));
    const bench = new Bench(bl0942, chip);
    await bench.run(10_000);
    const hear = chip.hear.bind(chip);
    const mode = { kind: "register", register: BL0942_MODE } as const;
    let modes = 0;
    chip.hear = (bytes) => {
      const answer = hear(bytes);
      const isMode = splitBl0942Answers(mode, 0, answer).pieces[0]?.kind === "frame";
      if (!isMode || ++modes % 4 !== 1) return answer;
      return encodeBl0942Answer(mode, 0, { kind: "register", value: 0x87 });
    };
    await bench.run(MINUTE_ms);
    expect(bench.faults()).toEqual({ disagree: expect.any(Number) });
    expect(bench.last.boot).toBe(bench.reports[0]?.boot);
    expect(truth_mwh(chip.truth).export_mwh - bench.last.counters.export_mwh).toBeLessThan(1_500);
  });

  test("exchanged for one that is set already and counts elsewhere: the difference is no flow, and a new boot says so", async () => {
    const chip = new SimulatedBl0942(steady(1_000));
    const other = new SimulatedBl0942(steady(1_000), 9_000_000);
    const writes = [
      [BL0942_WRITE_PROTECTION, BL0942_UNPROTECTED],
      [BL0942_MODE, 0x07],
    ] as const;
    for (const [register, value] of writes) other.hear(encodeBl0942Request({ kind: "write", register, value }, 0));
    const bench = new Bench(bl0942, chip);
    await bench.run(MINUTE_ms);
    const before = bench.last;
    chip.hear = (bytes) => other.hear(bytes);
    chip.advance = (to) => other.advance(to);
    await bench.run(MINUTE_ms);
    expect(bench.faults()).toEqual({ rebase: 1 });
    expect(bench.last.boot).toBe(before.boot + 1);
    expect(bench.last.base).toEqual(before.counters);
    expect(bench.last.counters.import_mwh - before.counters.import_mwh).toBeLessThan(16_900);
  });

  test("another address is another chip: it is not heard", async () => {
    const bench = new Bench({ ...bl0942, address: 1 }, new SimulatedBl0942(steady(1), 0, 2));
    await bench.run(10_000);
    expect(bench.reports).toEqual([]);
    const same = new Bench({ ...bl0942, address: 2 }, new SimulatedBl0942(steady(1), 0, 2));
    await same.run(10_000);
    expect(same.reports.length).toBeGreaterThan(5);
  });
});

describe("an MCP39F511A", () => {
  test("that accumulates nothing is switched on, and refused where it stays off", async () => {
    const chip = new SimulatedMcp39f511a(steady(1_000));
    chip.accumulates = false;
    const bench = new Bench(mcp39f511a, chip);
    await bench.run(MINUTE_ms);
    expect(bench.faults()).toEqual({ off: 1 });
    expect(bench.last.counters.import_mwh).toBeGreaterThan(15_000);

    const stubborn = new SimulatedMcp39f511a(steady(1_000));
    stubborn.accumulates = false;
    stubborn.stubborn = true;
    const refused = new Bench(mcp39f511a, stubborn);
    await refused.run(MINUTE_ms);
    expect(refused.reports).toEqual([]);
    expect(refused.source.refusal?.code).toBe("ic-not-counting");
  });

  test("that was off for a while: what flowed then is in no register, and a new boot says so", async () => {
    const chip = new SimulatedMcp39f511a(steady(1_000), { import_mwh: 5_000_000 });
    const bench = new Bench(mcp39f511a, chip);
    await bench.run(MINUTE_ms);
    const before = bench.last;
    // A supply that dipped: its registers are as they were, its setting is not.
    bench.runner.silent = true;
    chip.accumulates = false;
    const clear = chip.clear;
    const kept = Object.assign(chip, { clear: () => {} });
    await bench.run(30_000);
    bench.runner.silent = false;
    await bench.run(MINUTE_ms);
    kept.clear = clear;
    expect(bench.faults().off).toBe(1);
    expect(bench.last.boot).toBe(before.boot + 1);
    expect(bench.last.base?.import_mwh).toBeGreaterThanOrEqual(before.counters.import_mwh);
    expect(falls(bench.reports)).toBe(0);
  });

  test("whose control is read wrongly once is not off: nothing is written to it", async () => {
    const chip = new SimulatedMcp39f511a(steady(1_000));
    const bench = new Bench(mcp39f511a, chip);
    await bench.run(10_000);
    const hear = chip.hear.bind(chip);
    let controls = 0;
    let writes = 0;
    chip.hear = (bytes) => {
      const answer = hear(bytes);
      if (answer.length === 1) writes++;
      if (answer.length !== 5 || ++controls % 3 !== 1) return answer;
      return encodeMcp39Answer({ kind: "data", data: Uint8Array.of(0, 0) });
    };
    await bench.run(MINUTE_ms);
    expect(bench.faults()).toEqual({ disagree: expect.any(Number) });
    expect(writes).toBe(0);
    expect(bench.last.boot).toBe(bench.reports[0]?.boot);
  });

  test("with another accumulation interval is refused, not corrected", async () => {
    const chip = new SimulatedMcp39f511a(steady(1_000));
    chip.interval = 5;
    const bench = new Bench(mcp39f511a, chip);
    await bench.run(MINUTE_ms);
    expect(bench.reports).toEqual([]);
    expect(bench.source.refusal?.code).toBe("ic-interval");
  });

  test("whose registers began at 0 after a cut boots anew from 0: all that it shows was measured since", async () => {
    const chip = new SimulatedMcp39f511a(steady(-2_000), { export_mwh: 7_000_000 });
    const bench = new Bench(mcp39f511a, chip);
    await bench.run(MINUTE_ms);
    const before = bench.last;
    bench.runner.silent = true;
    await bench.run(20_000);
    chip.clear();
    bench.runner.silent = false;
    await bench.run(MINUTE_ms);
    expect(bench.lost()[0]).toMatch(/^silent: /);
    expect(bench.last.boot).toBe(before.boot + 1);
    expect(bench.last.base).toEqual({ import_mwh: 0, export_mwh: 0, import_mvarh: 0, export_mvarh: 0 });
    expect(bench.last.counters.export_mwh).toBeGreaterThan(30_000);
    expect(bench.faults().rebase).toBe(1);
  });

  test("exchanged for one that shows less, but more than can have flowed: no base, and the ledger judges", async () => {
    const chip = new SimulatedMcp39f511a(steady(2_000), { import_mwh: 9_000_000_000 });
    const bench = new Bench(mcp39f511a, chip);
    await bench.run(MINUTE_ms);
    const { boot } = bench.last;
    const other = new SimulatedMcp39f511a(steady(2_000), { import_mwh: 3_000_000 });
    chip.hear = (bytes) => other.hear(bytes);
    await bench.run(MINUTE_ms);
    expect(bench.last).toMatchObject({ boot, base: null, counters: { import_mwh: 3_000_000 } });
  });
});

describe("a CSE7766", () => {
  test("cannot tell direction, and says so", async () => {
    expect(SERIAL_ICS.map((ic) => hasDirection({ ic, port: "x" }))).toEqual([true, true, false]);
    const bench = new Bench(cse7766, new SimulatedCse7766(steady(-500)));
    await bench.run(2_000);
    const found = bench.events.find((event) => event.kind === "found");
    expect(found?.kind === "found" && found.identity.capabilities).toEqual([]);
  });

  test("silent for longer than its count takes to wrap: the gap is not booked, and a new boot says so", async () => {
    const chip = new SimulatedCse7766(steady(2_000));
    const bench = new Bench(cse7766, chip);
    await bench.run(MINUTE_ms);
    const before = bench.last;
    bench.runner.silent = true;
    await bench.run(10 * MINUTE_ms);
    bench.runner.silent = false;
    await bench.run(MINUTE_ms);
    expect(bench.last.boot).toBe(before.boot + 1);
    expect(bench.last.base).toEqual(before.counters);
    expect(bench.last.counters.import_mwh - before.counters.import_mwh).toBeLessThan(34_000);
  });

  test("exchanged for one of other constants: each count is worth what its own chip says", async () => {
    const chip = new SimulatedCse7766(steady(2_000));
    const bench = new Bench(cse7766, chip);
    await bench.run(MINUTE_ms);
    const before = bench.last;
    const advance = chip.advance.bind(chip);
    chip.advance = (to) =>
      splitCse7766(advance(to)).pieces.reduce<Uint8Array>(
        (said, piece) =>
          piece.kind === "frame"
            ? joined(said, encodeCse7766({ ...piece.frame, powerConstant: piece.frame.powerConstant / 2 }))
            : said,
        new Uint8Array(),
      );
    await bench.run(MINUTE_ms);
    expect(bench.last.boot).toBe(before.boot + 1);
    const flowed = bench.last.counters.import_mwh - before.counters.import_mwh;
    expect(Math.abs(flowed - 33_333 / 2)).toBeLessThan(600);
  });

  test("cut from its supply for some seconds: a count that fell is no count that went round, and nothing is invented", async () => {
    for (const count of [100, 20_000, 50_000, 65_400]) {
      const chip = new SimulatedCse7766(steady(100), count);
      const bench = new Bench(cse7766, chip);
      await bench.run(MINUTE_ms);
      const before = bench.last;
      bench.runner.silent = true;
      await bench.run(30_000);
      chip.reset();
      bench.runner.silent = false;
      await bench.run(MINUTE_ms);
      const flowed = bench.last.counters.import_mwh - before.counters.import_mwh;
      expect(flowed).toBeGreaterThan(1_200);
      expect(flowed).toBeLessThan(1_700);
      expect(bench.last.boot).toBe(before.boot + 1);
      expect(falls(bench.reports)).toBe(0);
    }
  });

  test("silent for a few seconds: its count tells what flowed", async () => {
    const chip = new SimulatedCse7766(steady(2_000));
    const bench = new Bench(cse7766, chip);
    await bench.run(MINUTE_ms);
    bench.runner.silent = true;
    await bench.run(15_000);
    bench.runner.silent = false;
    await bench.run(MINUTE_ms);
    expect(truth_mwh(chip.truth).import_mwh - bench.last.counters.import_mwh).toBeLessThan(1_100);
  });

  test.each([
    [0xaa, "ic-uncalibrated"],
    [0xf1, "ic-uncalibrated"],
    [0xfc, "ic-abnormal"],
  ])("in state %i is refused as %s; nothing is metered", async (state, code) => {
    const chip = new SimulatedCse7766(steady(2_000));
    chip.state = state;
    const bench = new Bench(cse7766, chip);
    await bench.run(MINUTE_ms);
    expect(bench.reports).toEqual([]);
    expect(bench.source.refusal?.code).toBe(code);
  });

  test("that is refused is lost once, however many frames say so in one read", async () => {
    const chip = new SimulatedCse7766(steady(2_000));
    chip.state = 0xaa;
    const bench = new Bench(cse7766, chip);
    const advance = chip.advance.bind(chip);
    let held: Uint8Array = new Uint8Array();
    chip.advance = (to) => {
      held = joined(held, advance(to));
      return to < 4_000 ? new Uint8Array() : held.subarray(0, to > 4_100 ? 0 : held.length);
    };
    await bench.run(5_000);
    expect(bench.lost().map((reason) => reason.split(":")[0])).toEqual(["ic-uncalibrated"]);
  });

  test("without a load reads 0 W, and with one too small for its power reads none, but counts it", async () => {
    let power_mw = 0;
    const chip = new SimulatedCse7766(() => ({ power_mw }));
    const bench = new Bench(cse7766, chip);
    const shown = () => {
      const last = bench.events.findLast((event) => event.kind === "power");
      return last?.kind === "power" ? last.power.channels[0]?.active_mw : undefined;
    };
    await bench.run(10_000);
    expect(shown()).toBe(0);
    power_mw = 3_000;
    await bench.run(HOUR_ms);
    expect(shown()).toBeNull();
    expect(bench.last.counters.import_mwh).toBeGreaterThan(2_990);
  });
});

describe("a line", () => {
  const worlds = { mcp39f511a: 20_000, bl0942: 20_000, cse7766: 3_600 };

  test.each(SERIAL_ICS)(
    "to a %s that damages bytes: no damaged frame is believed, and no energy is lost",
    async (ic) => {
      const world = bothWays(9, worlds[ic], 60_000);
      const chip = SIMULATED_ICS[ic](world);
      const bench = new Bench({ ic, port: "x" }, chip, 77);
      await bench.run(3_000);
      const from = { counters: bench.last.counters, truth: truth_mwh(chip.truth) };
      bench.runner.damage = 0.003;
      await bench.run(2 * HOUR_ms);
      bench.runner.damage = 0;
      await bench.run(5_000);
      expect(bench.runner.damaged).toBeGreaterThan(500);
      expect(bench.faults().checksum).toBeGreaterThan(200);
      const { counters } = bench.last;
      const now = truth_mwh(chip.truth);
      const total = (c: { import_mwh: number; export_mwh: number }) => c.import_mwh + c.export_mwh;
      const flowed = total(counters) - total(from.counters);
      const truth = total(now) - total(from.truth);
      // A poll lost to damage nets a turn over two polls: one turn in a minute.
      expect(Math.abs(flowed - truth)).toBeLessThan(ic === "bl0942" ? truth * 0.01 : 13_400);
      expect(falls(bench.reports)).toBe(0);
      expect(bench.faults().rebase ?? 0).toBe(0);
      expect(bench.last.boot).toBe(bench.reports[0]?.boot);
    },
  );

  test("that swallows an answer now and then: it is asked for again, and no second is without its report", async () => {
    const chip = new SimulatedBl0942(steady(1_000));
    const bench = new Bench(bl0942, chip);
    await bench.run(2_000);
    const hear = chip.hear.bind(chip);
    let heard = 0;
    chip.hear = (bytes) => (++heard % 5 === 0 ? new Uint8Array() : hear(bytes));
    const before = bench.reports.length;
    await bench.run(MINUTE_ms);
    expect(bench.faults().silence).toBeGreaterThan(20);
    expect(bench.reports.length - before).toBeGreaterThanOrEqual(59);
  });

  /** Frames whose sum is right although their count is not: what an 8-bit sum lets pass. */
  test("that forges a frame with a sound sum: no single frame is believed, whatever its IC", async () => {
    const world = steady(-1_000);
    const more = 5_000;
    const bl = new SimulatedBl0942(world);
    const blBench = new Bench(bl0942, bl);
    await blBench.run(10_000);
    const hear = bl.hear.bind(bl);
    bl.hear = (bytes) => {
      const answer = hear(bytes);
      const [packet] = splitBl0942Answers({ kind: "packet" }, 0, answer).pieces;
      if (packet?.kind !== "frame" || packet.frame.kind !== "packet") return answer;
      return encodeBl0942Answer({ kind: "packet" }, 0, { ...packet.frame, count: packet.frame.count + 40 });
    };
    await blBench.run(3_000);
    bl.hear = hear;
    await blBench.run(10_000);
    expect(blBench.faults().disagree).toBeGreaterThan(1);
    expect(blBench.last.counters.import_mwh).toBe(0);

    const mcp = new SimulatedMcp39f511a(world);
    const mcpBench = new Bench(mcp39f511a, mcp);
    await mcpBench.run(10_000);
    const mcpHear = mcp.hear.bind(mcp);
    let energies = 0;
    mcp.hear = (bytes) => {
      const answer = mcpHear(bytes);
      const [data] = splitMcp39Answers(MCP39_ENERGY, answer).pieces;
      if (data?.kind !== "frame" || data.frame.kind !== "data" || ++energies % 2 === 1) return answer;
      const one = decodeMcp39Energies(data.frame.data);
      if (one === null) return answer;
      const import_mwh = one.import_mwh + BigInt(more);
      return encodeMcp39Answer({ kind: "data", data: encodeMcp39Energies({ ...one, import_mwh }) });
    };
    await mcpBench.run(4_000);
    mcp.hear = mcpHear;
    await mcpBench.run(10_000);
    expect(mcpBench.faults().disagree).toBeGreaterThan(1);
    expect(mcpBench.last.counters.import_mwh).toBe(0);

    const cse = new SimulatedCse7766(world);
    const cseBench = new Bench(cse7766, cse);
    await cseBench.run(10_000);
    const advance = cse.advance.bind(cse);
    let frames = 0;
    cse.advance = (to) => {
      const said = advance(to);
      const [frame] = splitCse7766(said).pieces;
      if (frame?.kind !== "frame" || ++frames % 3 !== 0) return said;
      return encodeCse7766({ ...frame.frame, count: (frame.frame.count + more) % 65_536 });
    };
    await cseBench.run(4_000);
    cse.advance = advance;
    await cseBench.run(10_000);
    expect(cseBench.faults().disagree).toBeGreaterThan(1);
    expect(cseBench.last.counters.import_mwh).toBeLessThan(28_000 / 3.6);
  });

  test("that forges a power, a voltage, a current: what no conductor carries is not known, and the count goes on", async () => {
    const chip = new SimulatedMcp39f511a(steady(2_000));
    const bench = new Bench(mcp39f511a, chip);
    const hear = chip.hear.bind(chip);
    chip.hear = (bytes) => {
      const answer = hear(bytes);
      const [data] = splitMcp39Answers(MCP39_POWER, answer).pieces;
      const power = data?.kind === "frame" && data.frame.kind === "data" ? decodeMcp39Power(data.frame.data) : null;
      if (power === null) return answer;
      const wild = { voltage_dv: 64_766, current_dma: 4e9, active_cw: 4e8, reactive_cvar: -4e8 };
      return encodeMcp39Answer({ kind: "data", data: encodeMcp39Power({ ...power, ...wild }) });
    };
    await bench.run(10_000);
    const power = bench.events.findLast((event) => event.kind === "power");
    expect(power).toMatchObject({
      power: {
        frequency_mhz: 50_000,
        voltage_mv: null,
        channels: [{ current_ma: null, active_mw: null, reactive_mvar: null }],
      },
    });
    expect(bench.last.counters.import_mwh).toBeGreaterThan(4_000);
  });

  test("that forges a frame a little behind: no chip has begun anew, and nothing is lost; where it stays behind, one has", async () => {
    const cse = new SimulatedCse7766(steady(1_000));
    const bench = new Bench(cse7766, cse);
    await bench.run(10_000);
    const advance = cse.advance.bind(cse);
    let behind = (frames: number) => (frames % 5 === 0 ? 100 : 0);
    let frames = 0;
    cse.advance = (to) => {
      const said = advance(to);
      const [frame] = splitCse7766(said).pieces;
      if (frame?.kind !== "frame") return said;
      return encodeCse7766({ ...frame.frame, count: (frame.frame.count - behind(++frames) + 65_536) % 65_536 });
    };
    await bench.run(MINUTE_ms);
    expect(bench.faults()).toEqual({ disagree: expect.any(Number) });
    expect(truth_mwh(cse.truth).import_mwh - bench.last.counters.import_mwh).toBeLessThan(600);
    behind = () => 100;
    await bench.run(10_000);
    expect(bench.faults().rebase).toBe(1);
    expect(falls(bench.reports)).toBe(0);

    const mcp = new SimulatedMcp39f511a(bothWays(3, 5_000), { import_mwh: 1_000_000 });
    const other = new Bench(mcp39f511a, mcp);
    await other.run(10_000);
    const hear = mcp.hear.bind(mcp);
    let energies = 0;
    let low = (answers: number): bigint => (answers % 8 === 1 ? 900n : 0n);
    mcp.hear = (bytes) => {
      const answer = hear(bytes);
      const [data] = splitMcp39Answers(MCP39_ENERGY, answer).pieces;
      const one = data?.kind === "frame" && data.frame.kind === "data" ? decodeMcp39Energies(data.frame.data) : null;
      if (one === null) return answer;
      const import_mwh = one.import_mwh - low(++energies);
      return encodeMcp39Answer({ kind: "data", data: encodeMcp39Energies({ ...one, import_mwh }) });
    };
    await other.run(MINUTE_ms);
    expect(other.faults().disagree).toBeGreaterThan(5);
    expect(other.faults().rebase).toBeUndefined();
    expect(falls(other.reports)).toBe(0);
    low = () => 900_000n;
    await other.run(10_000);
    expect(other.faults().rebase).toBe(1);
  });

  test.each(SERIAL_ICS)("to a %s that falls silent: lost, never zero and never the last value again", async (ic) => {
    const chip = SIMULATED_ICS[ic](steady(2_000));
    const bench = new Bench({ ic, port: "x" }, chip);
    await bench.run(MINUTE_ms);
    bench.runner.silent = true;
    const told = bench.events.length;
    await bench.run(MINUTE_ms);
    const since = bench.events.slice(told);
    expect(since.filter((event) => ["report", "power", "found"].includes(event.kind))).toEqual([]);
    const lost = since.find((event) => event.kind === "lost");
    expect(lost?.kind === "lost" && lost.arrived).toBeLessThan(MINUTE_ms + 6_500);
    // It goes on looking, with longer and longer waits.
    expect(bench.opened).toBeGreaterThan(3);
    bench.runner.silent = false;
    await bench.run(20_000);
    expect(bench.reports.at(-1)?.arrived).toBeGreaterThan(2 * MINUTE_ms);
  });
});

test.each(SERIAL_ICS)("a %s of a machine without a clock, started twice at one time: two boots", async (ic) => {
  const boots: number[] = [];
  for (let process = 0; process < 2; process++) {
    const bench = new Bench({ ic, port: "x" }, SIMULATED_ICS[ic](steady(1_000)));
    await bench.run(5_000);
    boots.push(bench.last.boot);
  }
  expect(boots[0]).not.toBe(boots[1]);
});

describe("scales", () => {
  test("the usual BL0942 board, as the data sheet's formulas give it", () => {
    const { energy_mwh, power_mw, voltage_mv, current_ma } = bl0942Scales(bl0942);
    expect(floored(1_000_000, energy_mwh)).toBe(186_893_813);
    expect(nearest(-623_394, power_mw)).toBe(-1_000_000);
    expect(nearest(3_653_168, voltage_mv)).toBe(230_000);
    expect(nearest(251_213, current_ma)).toBe(1_000);
  });

  test("rounding is symmetric, and a count's worth of energy is never too little to be possible", () => {
    const half = { num: 1n, den: 2n };
    expect([nearest(1, half), nearest(-1, half), nearest(3, half), nearest(-3, half)]).toEqual([1, -1, 2, -2]);
    expect(mostCounts(25_000, 1_000, { num: 1n, den: 1n })).toBe(6_947);
    expect(mostCounts(25_000, 0, { num: 187n, den: 1n })).toBe(2);
  });
});
