// A count finer than its counter: its laws by chance, its bound against a truth that is integrated apart, what a falling counter does.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Count, counted, floatStep, flowedBetween, newCount, stepOf_mwh } from "../../host/models/counting.js";
import { TEST_METER } from "./table.js";

const MWH = 7_200_000;
const told = (
  counts: readonly (readonly [counter_mwh: number, flowed_mwh: number])[],
  step_mwh: number,
  from = newCount(null),
) =>
  counts.reduce<{ count: Count; told: number[] }>(
    ({ count, told: all }, [counter, flowed]) => {
      const next = counted(count, counter, step_mwh, flowed * MWH);
      return { count: next, told: [...all, next.told_mwh] };
    },
    { count: from, told: [] },
  ).told;

describe("between two steps", () => {
  test("a count advances by the power, stops 1 mWh below the next step, and is the counter's own value when it steps", () => {
    const steps = [
      [500, 0],
      [500, 30],
      [500, 50],
      [500, 60],
      [600, 10],
      [600, 10],
    ] as const;
    expect(told(steps, 100)).toEqual([500, 530, 580, 599, 600, 610]);
  });

  test("parts of a mWh are carried, not lost", () => {
    let count = counted(newCount(null), 0, 1_000, 0);
    for (let k = 0; k < 1_000; k++) count = counted(count, 0, 1_000, 720_001);
    expect(count.told_mwh).toBe(100);
    expect(count.above).toBe(720_001_000);
  });

  test("a step below what was told leaves that standing: nothing falls", () => {
    expect(
      told(
        [
          [500, 0],
          [500, 80],
          [520, 5],
          [590, 5],
        ],
        100,
      ),
    ).toEqual([500, 580, 580, 590]);
  });

  test("for any truth, power and pace it stays within one step of the truth and never falls", () => {
    const arbitrary = fc.record({
      step_mwh: fc.constantFrom(1, 1_000, 10_000, 100_000),
      start: fc.nat(5_000_000),
      error: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
      rounds: fc.array(
        fc.record({ w: fc.integer({ min: -8_000, max: 8_000 }), ms: fc.integer({ min: 200, max: 20_000 }) }),
        {
          minLength: 2,
          maxLength: 300,
        },
      ),
    });
    fc.assert(
      fc.property(arbitrary, ({ step_mwh, start, error, rounds }) => {
        // The truth in half µJ, each way; the meter floors it to its step.
        const truth = { import: start * MWH, export: start * MWH };
        let counts = { import: newCount(null), export: newCount(null) };
        for (const [k, { w, ms }] of rounds.entries()) {
          const before = rounds[k - 1]?.w ?? w;
          const flow = flowedBetween(before * 1_000, w * 1_000, ms);
          for (const way of ["import", "export"] as const) {
            truth[way] += flow[way];
            const counter = Math.floor(truth[way] / MWH / step_mwh) * step_mwh;
            const was = counts[way].told_mwh;
            const count = counted(counts[way], counter, step_mwh, Math.round(flow[way] * (1 + error)));
            counts = { ...counts, [way]: count };
            expect(Number.isNaN(was) || count.told_mwh >= was).toBe(true);
            expect(count.told_mwh).toBeGreaterThanOrEqual(counter);
            expect(count.told_mwh).toBeLessThan(counter + step_mwh);
            expect(Math.abs(count.told_mwh - truth[way] / MWH)).toBeLessThan(step_mwh + 1);
          }
        }
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  test("with its power known it is nearer than the step: off by one round's flow at most", () => {
    // 0.1 kWh steps, 1 s rounds, 3,600 W: a mWh a ms, 1 Wh a round.
    let count = newCount(null);
    let worst = 0;
    for (let s = 0; s <= 1_000; s++) {
      const truth_mwh = 250_050 + s * 1_000;
      count = counted(count, Math.floor(truth_mwh / 100_000) * 100_000, 100_000, s === 0 ? 0 : 1_000 * MWH);
      if (s > 60) worst = Math.max(worst, Math.abs(count.told_mwh - truth_mwh));
    }
    expect(worst).toBeLessThanOrEqual(1_000);
  });
});

describe("a counter that falls", () => {
  test("is told as it is; when it comes back into its step the count goes on as if nothing had been", () => {
    expect(
      told(
        [
          [500, 0],
          [500, 40],
          [0, 0],
          [500, 0],
          [500, 10],
        ],
        100,
      ),
    ).toEqual([500, 540, 0, 540, 550]);
  });

  test("and comes back higher is the counter's own value", () => {
    expect(
      told(
        [
          [25_567_548_000, 0],
          [0, 0],
          [25_567_561_000, 0],
        ],
        1_000,
      ),
    ).toEqual([25_567_548_000, 0, 25_567_561_000]);
  });

  test("and stays down is counted on from there", () => {
    expect(
      told(
        [
          [500_000, 0],
          [3_000, 0],
          [3_000, 400],
          [4_000, 0],
        ],
        1_000,
      ),
    ).toEqual([500_000, 3_000, 3_400, 4_000]);
  });
});

describe("after a restart", () => {
  test("a count goes on from what was booked within the counter's step", () => {
    expect(
      told(
        [
          [500, 0],
          [500, 10],
        ],
        100,
        newCount(570),
      ),
    ).toEqual([570, 580]);
  });

  test("what was booked elsewhere says nothing", () => {
    expect(told([[500, 0]], 100, newCount(499))).toEqual([500]);
    expect(told([[500, 0]], 100, newCount(600))).toEqual([500]);
  });
});

test("each end of an interval counts half of it, in its own direction", () => {
  expect(flowedBetween(1_000, 3_000, 10)).toEqual({ import: 40_000, export: 0 });
  expect(flowedBetween(1_000, -3_000, 10)).toEqual({ import: 10_000, export: 30_000 });
});

describe("the step of a counter", () => {
  test("of a float32 is what it can tell apart: 1 Wh from 8,192 kWh, 2 Wh from 16,384 kWh", () => {
    expect(floatStep(8_191)).toBe(2 ** -11);
    expect(floatStep(8_192)).toBe(2 ** -10);
    expect(floatStep(16_384)).toBe(2 ** -9);
    expect(floatStep(0)).toBeGreaterThan(0);
  });

  test("is the meter's resolution where that is coarser, else the number's own", () => {
    const kwh = { function: 4, address: 0, type: "f32", wordOrder: "high-first", unit: "kWh", scale: 1 } as const;
    const model = { ...TEST_METER, resolution_wh: 1 };
    expect(stepOf_mwh(model, kwh, 1, 5e6)).toBe(1_000);
    expect(stepOf_mwh(model, kwh, 1, 25_567_548_000)).toBe(1_953);
    expect(stepOf_mwh(model, { ...kwh, type: "u32" }, 0.1, 0)).toBe(100_000);
    // A SunSpec counter whose power of ten is 2 moves 0.1 kWh at a time, whatever its table promises.
    expect(stepOf_mwh({ resolution_wh: 1 }, { type: "u32", unit: "Wh" }, 100, 0)).toBe(100_000);
  });
});
