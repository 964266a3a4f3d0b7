// A simulated meter is the inverse of reading it, for every table there is; what it counts is what flowed, as integers.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MODELS } from "../../host/adapters/modbus/catalogue.js";
import sdm120 from "../../host/models/meters/sdm120.js";
import { type Model, model } from "../../host/models/model.js";
import { plan, type Read } from "../../host/models/plan.js";
import { QUANTITIES, type Quantity } from "../../host/models/quantities.js";
import { bookedRows, valuesOf } from "../../host/models/reading.js";
import { type Row, rowsOf, wordsOfRow } from "../../host/models/rows.js";
import { DrivenConductor, type Load, type LoadAt } from "../../host/sim/modbus/conductor.js";
import { SimulatedMeter } from "../../host/sim/modbus/meter.js";
import { SUNSPEC_BASES } from "../../host/sim/modbus/sunspec.js";
import { Random } from "../../host/sim/random.js";

const HOUR_ms = 3_600_000;
const NAMES = Object.keys(QUANTITIES) as Quantity[];

/** Where the rows of a model count from: a SunSpec chain begins with a mark and the common model. */
function baseOf({ base }: Model): number {
  return base.kind === "fixed" ? 0 : SUNSPEC_BASES[0] + 2 + 68;
}

function wordsFor(meter: SimulatedMeter, read: Read, at_ms: number): readonly number[] {
  const words = meter.words(read.function, baseOf(meter.model) + read.address, read.count, at_ms);
  if (typeof words === "number") throw new Error(`exception ${words} to ${JSON.stringify(read)}`);
  return words;
}

/** Everything the meter tells, by reads of the planner, in milli-units. */
function readAll(meter: SimulatedMeter, at_ms: number): Map<Quantity, number> {
  const reads = plan(meter.model, NAMES);
  return new Map(reads.flatMap((read) => [...valuesOf(read, wordsFor(meter, read, at_ms))]));
}

const swinging: LoadAt = (time_s) => ({ active_w: 4000 * Math.sin(time_s / 300), reactive_var: 700 });
const three: LoadAt = (time_s) => [
  { active_w: 4000 * Math.sin(time_s / 300), reactive_var: 100 },
  { active_w: 2000 * Math.sin(time_s / 300), reactive_var: 200 },
  { active_w: 1000 * Math.sin(time_s / 300), reactive_var: 300 },
];

describe.each([...MODELS.values()].map((one) => [one.model, one] as const))("%s", (_, table) => {
  const load = table.phases === 3 ? three : swinging;
  const make = () => new SimulatedMeter(table, new DrivenConductor(load), { start: { import_uwh: 1234.5678e9 } });

  test("tells each quantity of its table; its counters are the truth, cut off where it counts no finer", () => {
    const meter = make();
    const seen = readAll(meter, HOUR_ms);
    const rows = Object.entries(table.points) as [Quantity, Row][];
    // Where 0 says that it is not known, nothing that flowed is not known.
    const untold = rows.filter(([name, row]) => !seen.has(name) && row.absent !== "zero");
    expect(untold).toEqual([]);
    const truth = meter.truth(HOUR_ms);
    const booked = bookedRows(table);
    const counted = [
      [booked.import, truth.import_uwh + (booked.import === "totalActiveEnergy" ? truth.export_uwh : 0)],
      [booked.export, truth.export_uwh],
    ] as const;
    for (const [quantity, true_uwh] of counted) {
      if (quantity === null) continue;
      const wrapped_wh = (true_uwh / 1e6) % ((table.wraps_kwh ?? 1e12) * 1e3);
      const below_wh = wrapped_wh - (seen.get(quantity) ?? Number.NaN) / 1e3;
      const row: Row | undefined = table.points[quantity];
      const float_wh = row?.type === "f32" ? wrapped_wh * 2 ** -24 : 0;
      expect(below_wh, quantity).toBeLessThan(table.resolution_wh + float_wh);
      expect(below_wh, quantity).toBeGreaterThanOrEqual(-float_wh - 1e-3);
    }
    if (table.direction === "both" && seen.has("activePower")) {
      const flowing = new DrivenConductor(load).at(HOUR_ms);
      const sum_w = flowing.phases.reduce((sum, phase) => sum + phase.active_w, 0);
      expect(Math.abs((seen.get("activePower") ?? 0) / 1e3 - sum_w)).toBeLessThan(10.1);
      expect(sum_w).toBeLessThan(0);
    }
  });

  test("refuses what cuts a row, too many words, and addresses of nobody", () => {
    const meter = make();
    const [read] = plan(table, [bookedRows(table).import ?? "activePower"]);
    if (read === undefined) throw new Error("nothing is planned");
    const row = read.rows[0]?.row;
    const at = baseOf(table) + (row?.address ?? 0);
    if (row !== undefined && wordsOfRow(row) > 1) {
      expect(meter.words(read.function, at + 1, 1, 0)).toBe(2);
      expect(meter.words(read.function, at, wordsOfRow(row) - 1, 0)).toBe(2);
    }
    expect(meter.words(read.function, at, table.pace.mostWords + 1, 0)).toBe(3);
    expect(meter.words(read.function, 0xeeee, 2, 0)).toBe(2);
    expect([...meter.answer(Uint8Array.of(6, 0, 0, 0, 1), 0)]).toEqual([0x86, 1]);
  });

  test("says who it is", () => {
    const meter = make();
    for (const mark of table.identity) {
      const wanted = "words" in mark.expect ? mark.expect.words[0] : null;
      const count = wanted?.length ?? ("length" in mark.expect ? mark.expect.length : 0);
      const words = meter.words(mark.function, mark.address, count, 0);
      if (typeof words === "number") throw new Error(`exception ${words}`);
      if (wanted !== null) expect(words).toEqual(wanted);
      else if ("ascii" in mark.expect)
        expect(String.fromCharCode(...words.flatMap((word) => [word >> 8, word & 255]))).toContain(mark.expect.ascii);
    }
    if (table.serial === null) return;
    const words = meter.words(table.serial.function, table.serial.address, table.serial.words, 0);
    expect(typeof words).toBe("object");
  });
});

describe("a counter", () => {
  const steady = (active_w: number) => new DrivenConductor(() => ({ active_w }));

  test("of a float holds what a float can", () => {
    const start = { import_uwh: 25_567_548e6 };
    const meter = new SimulatedMeter(sdm120, steady(13_000), { start });
    expect(readAll(meter, 0).get("importActiveEnergy")).toBe(25_567_548_828);
    expect(readAll(meter, 3_600).get("importActiveEnergy")).toBe(25_567_560_547);
  });

  test("begins again where it wraps", () => {
    const table = { ...sdm120, wraps_kwh: 10_000 };
    const meter = new SimulatedMeter(table, steady(1000), { start: { import_uwh: 9_999_999e6 } });
    expect(readAll(meter, HOUR_ms).get("importActiveEnergy")).toBe(999_000);
  });

  test("may show another from a moment on, and goes on from there", () => {
    const meter = new SimulatedMeter(sdm120, steady(1000));
    meter.showsAt(HOUR_ms, { import_uwh: 3000e6 });
    expect(readAll(meter, 2 * HOUR_ms).get("importActiveEnergy")).toBe(4_000_000);
  });
});

describe("a SunSpec device", () => {
  const { u32, i16, u16 } = rowsOf({ function: 3, order: "high-first" });
  const table = model({
    ...sdm120,
    base: { kind: "sunspec", ids: [201] },
    identity: [],
    serial: null,
    points: {
      activePower: i16(18, "W", { scale: { exponentAt: 22 }, absent: "most-negative" }),
      voltage: u16(8, "V", { scale: { exponentAt: 15 }, absent: "all-ones" }),
      importActiveEnergy: u32(38, "Wh", { scale: { exponentAt: 54 }, absent: "zero" }),
    },
  });
  const conductor = () => new DrivenConductor(() => ({ active_w: -1234 }), { voltage_v: 231.4 });

  test("has a chain that leads to its model, whose powers of ten fit", () => {
    const meter = new SimulatedMeter(table, conductor(), { serial: 4711, sunspecBase: 50_000 });
    const words = (address: number, count: number) => meter.words(3, address, count, 0);
    expect(words(50_000, 4)).toEqual([0x5375, 0x6e53, 1, 66]);
    const texts = words(50_004, 64) as number[];
    const text = String.fromCharCode(...texts.flatMap((word) => [word >> 8, word & 255]));
    expect(text).toMatch(/^Eastron\0.*SDM120-Modbus\0.*4711\0/s);
    expect(words(50_070, 2)).toEqual([201, 53]);
    expect(words(50_070 + 55, 2)).toEqual([0xffff, 0]);
    expect(words(50_078, 1)).toEqual([2314]);
    expect(words(50_085, 1)).toEqual([0xffff]);
  });

  test("tells what it does not know as absent", () => {
    const meter = new SimulatedMeter(table, conductor(), { unknown: ["activePower", "voltage"] });
    const seen = readAll(meter, 0);
    expect([...seen.keys()]).toEqual([]);
    expect([...readAll(new SimulatedMeter(table, conductor()), 0).keys()].sort()).toEqual(["activePower", "voltage"]);
  });
});

describe("what flows", () => {
  const loads = fc.array(fc.integer({ min: -12_000_000, max: 12_000_000 }), { minLength: 5, maxLength: 40 });

  test("is the plain sum of power times time, each way, at any moment", () => {
    fc.assert(
      fc.property(loads, fc.nat(39_999), (steps_mw, at_ms) => {
        const conductor = new DrivenConductor((s) => ({ active_w: (steps_mw[Math.floor(s)] ?? 0) / 1000 }));
        let inward = 0n;
        let outward = 0n;
        for (let ms = 0; ms < at_ms; ms++) {
          const mw = BigInt(steps_mw[Math.floor(ms / 1000)] ?? 0);
          if (mw > 0n) inward += mw;
          else outward -= mw;
        }
        const { sum } = conductor.at(at_ms);
        expect([sum.import_uwh, sum.export_uwh]).toEqual([Number(inward / 3600n), Number(outward / 3600n)]);
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  test("through three phases is netted as the model nets", () => {
    const apart: readonly [Load, Load, Load] = [{ active_w: 3000 }, { active_w: -1000 }, { active_w: -500 }];
    const of = (netting: Model["netting"]) => {
      const meter = new SimulatedMeter({ ...sdm120, phases: 3, netting }, new DrivenConductor(() => apart));
      const { import_uwh, export_uwh } = meter.truth(HOUR_ms);
      return [import_uwh / 1e6, export_uwh / 1e6];
    };
    expect(of("algebraic")).toEqual([1500, 0]);
    expect(of("per-phase")).toEqual([3000, 1500]);
  });

  test("is all import to a meter without direction, and to an inverter only what it makes", () => {
    const of = (direction: Model["direction"]) => {
      const turning = new DrivenConductor((s) => ({ active_w: s < 1800 ? 2000 : -1000 }));
      const { import_uwh, export_uwh } = new SimulatedMeter({ ...sdm120, direction }, turning).truth(HOUR_ms);
      return [import_uwh / 1e6, export_uwh / 1e6];
    };
    expect(of("both")).toEqual([1000, 500]);
    expect(of("none")).toEqual([1500, 0]);
    expect(of("generation")).toEqual([1000, 0]);
  });

  test("may be asked for some time ago", () => {
    const random = new Random(2);
    const powers = Array.from({ length: 900 }, () => Math.round(8000 * random.gauss()));
    const conductor = new DrivenConductor((s) => ({ active_w: powers[s] ?? 0 }));
    const early = conductor.at(100_500);
    conductor.at(899_000);
    expect(conductor.at(100_500)).toEqual(early);
    conductor.at(1_300_000);
    expect(() => conductor.at(100_500)).toThrow(/no longer knows/);
  });
});
