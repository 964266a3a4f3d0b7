// The planner's laws (docs/spec/modbus.md, "Planning"), on meters drawn by chance and against a search of all plans.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MODELS } from "../../host/adapters/modbus/catalogue.js";
import type { Model } from "../../host/models/model.js";
import { plan, type Read } from "../../host/models/plan.js";
import { QUANTITIES, type Quantity } from "../../host/models/quantities.js";
import { type Row, wordsOfRow } from "../../host/models/rows.js";
import { TEST_METER } from "./table.js";

const NAMES = Object.keys(QUANTITIES) as Quantity[];
/** The three that belong together come only where a test is about them. */
const OTHERS = NAMES.filter((name) => !/^(import|export|total)ActiveEnergy$|^activePower$/.test(name));
const ALL = new Set(NAMES);

function meter(points: Model["points"], mostWords: number, mayReadGaps: boolean): Model {
  return { ...TEST_METER, points, pace: { ...TEST_METER.pace, mostWords, mayReadGaps } };
}

const row = (address: number, type: Row["type"], code: 3 | 4, exponentAt: number | null): Row => ({
  function: code,
  address,
  type,
  wordOrder: "high-first",
  unit: "V",
  scale: exponentAt === null ? 1 : { exponentAt },
});

/** Rows that do not overlap, in a random order of names. */
const arbitraryMeter = fc
  .record({
    rows: fc.array(
      fc.record({
        gap: fc.oneof(fc.constant(0), fc.nat(6), fc.nat(60)),
        type: fc.constantFrom<Row["type"]>("u16", "f32", "i64"),
        code: fc.constantFrom<3 | 4>(3, 4),
      }),
      { minLength: 1, maxLength: 9 },
    ),
    names: fc.shuffledSubarray(OTHERS, { minLength: 9, maxLength: 9 }),
    mostWords: fc.integer({ min: 4, max: 125 }),
    gaps: fc.boolean(),
  })
  .map(({ rows, names, mostWords, gaps }) => {
    let at = 0;
    const points = rows.map(({ gap, type, code }, k): [string, Row] => {
      const made = row(at + gap, type, code, null);
      at = made.address + wordsOfRow(made);
      return [names[k] ?? "", made];
    });
    return meter(Object.fromEntries(points), mostWords, gaps);
  });

function rowsOfReads(reads: readonly Read[]): readonly string[] {
  return reads.flatMap((read) => read.rows.map(({ quantity }) => quantity)).sort();
}

/** Every word that some row of the table covers. */
function covered(model: Model, code: number): ReadonlySet<number> {
  const rows = (Object.values(model.points) as Row[]).filter((one) => one.function === code);
  return new Set(rows.flatMap((one) => Array.from({ length: wordsOfRow(one) }, (_, k) => one.address + k)));
}

/** The cheapest plan by trying every way to cut the rows of each function, in their order, into reads: [reads, words]. */
function cheapest(model: Model): readonly [number, number] {
  let reads = 0;
  let words = 0;
  for (const code of [3, 4]) {
    const rows = (Object.values(model.points) as Row[]).filter((one) => one.function === code);
    rows.sort((a, b) => a.address - b.address);
    if (rows.length === 0) continue;
    let best: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let cuts = 0; cuts < 2 ** (rows.length - 1); cuts++) {
      const groups: Row[][] = [[]];
      rows.forEach((one, k) => {
        if (k > 0 && cuts & (1 << (k - 1))) groups.push([]);
        groups.at(-1)?.push(one);
      });
      const sizes = groups.map((group) => sizeOf(model, group, code));
      if (sizes.some((size) => size === null)) continue;
      const sum = sizes.reduce<number>((all, size) => all + (size ?? 0), 0);
      if (groups.length < best[0] || (groups.length === best[0] && sum < best[1])) best = [groups.length, sum];
    }
    reads += best[0];
    words += best[1];
  }
  return [reads, words];
}

function sizeOf(model: Model, group: readonly Row[], code: number): number | null {
  const from = group[0]?.address ?? 0;
  const last = group.at(-1);
  const size = last === undefined ? 0 : last.address + wordsOfRow(last) - from;
  if (size > model.pace.mostWords) return null;
  const own = covered(model, code);
  const whole = Array.from({ length: size }, (_, k) => from + k).every((at) => own.has(at));
  return model.pace.mayReadGaps || whole ? size : null;
}

describe("a plan", () => {
  test("covers every wanted row once, splits none, and keeps the meter's limits", () => {
    fc.assert(
      fc.property(arbitraryMeter, fc.infiniteStream(fc.boolean()), (model, coins) => {
        const wanted = (Object.keys(model.points) as Quantity[]).filter(() => coins.next().value);
        const reads = plan(model, wanted);
        expect(rowsOfReads(reads)).toEqual([...wanted].sort());
        for (const read of reads) {
          expect(read.count).toBeGreaterThan(0);
          expect(read.count).toBeLessThanOrEqual(model.pace.mostWords);
          for (const { row: one } of read.rows) {
            expect(one.function).toBe(read.function);
            expect(one.address).toBeGreaterThanOrEqual(read.address);
            expect(one.address + wordsOfRow(one)).toBeLessThanOrEqual(read.address + read.count);
          }
          const own = covered(model, read.function);
          const asked = Array.from({ length: read.count }, (_, k) => read.address + k);
          expect(model.pace.mayReadGaps || asked.every((at) => own.has(at))).toBe(true);
        }
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test("is one with the fewest reads, and of those one with the fewest words", () => {
    fc.assert(
      fc.property(arbitraryMeter, (model) => {
        const reads = plan(model, ALL);
        const words = reads.reduce((sum, read) => sum + read.count, 0);
        expect([reads.length, words]).toEqual(cheapest(model));
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  test("asks for import, export and power in one read where one read holds them, though more reads come of it", () => {
    const points: Model["points"] = {
      voltage: row(0, "u16", 3, null) as never,
      activePower: row(9, "u16", 3, null) as never,
      importActiveEnergy: row(18, "u16", 3, null) as never,
      exportActiveEnergy: row(19, "u16", 3, null) as never,
      frequency: row(28, "u16", 3, null) as never,
    };
    const quantities = (most: number) =>
      plan(meter(points, most, true), ALL).map((read) => read.rows.map(({ quantity }) => quantity).sort());
    // Two reads would do without that: 0..9 and 18..28.
    expect(quantities(11)).toEqual([
      ["voltage"],
      ["activePower", "exportActiveEnergy", "importActiveEnergy"],
      ["frequency"],
    ]);
    // Ten words do not hold the three: then the two counters are of one moment.
    expect(quantities(10)).toEqual([
      ["activePower", "voltage"],
      ["exportActiveEnergy", "importActiveEnergy"],
      ["frequency"],
    ]);
  });

  test("reads a SunSpec row together with its power of ten", () => {
    const points: Model["points"] = {
      voltage: row(2, "u16", 3, 40) as never,
      frequency: row(30, "u16", 3, 31) as never,
      current: row(90, "u16", 3, 91) as never,
    };
    const reads = plan(meter(points, 50, true), ALL);
    expect(reads.map(({ address, count }) => [address, count])).toEqual([
      [2, 39],
      [90, 2],
    ]);
  });

  test("has nothing of a quantity that the model has not", () => {
    expect(plan(TEST_METER, ["powerFactorL3"])).toEqual([]);
  });
});

test.each([...MODELS.keys()])("%s: import, export and power are of one read", (name) => {
  const model = MODELS.get(name) ?? TEST_METER;
  const three = (["importActiveEnergy", "exportActiveEnergy", "activePower"] as const).filter((q) => q in model.points);
  const reads = plan(model, three);
  // Where they are not, the map does not permit it: they are further apart than a read may ask for, or of different functions.
  if (reads.length === 1) return;
  const rows = three.map((q): Row => model.points[q] ?? row(0, "u16", 3, null));
  const apart =
    Math.max(...rows.map((one) => one.address + wordsOfRow(one))) - Math.min(...rows.map((one) => one.address));
  expect(
    apart > model.pace.mostWords || new Set(rows.map((one) => one.function)).size > 1 || !model.pace.mayReadGaps,
  ).toBe(true);
});
