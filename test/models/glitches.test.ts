// A coarse counter that is misread now and then, high or low, from its count to the registers of a ledger: nothing is made up of a glitch.

import fc from "fast-check";
import { expect, test } from "vitest";
import { newLedger } from "../../host/ledger/ledger.js";
import { turn } from "../../host/ledger/turn.js";
import { MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import { counted, newCount } from "../../host/models/counting.js";

const MWH = 7_200_000;
const START = Date.parse("2026-06-01T12:00:00Z");

interface Round {
  readonly w: number;
  /** Steps that it is misread by; 0: not at all. */
  readonly glitch: number;
}

/** What a ledger makes of rounds of ten seconds each, and what truly flowed, µWh. */
function booked(rounds: readonly Round[], start_mwh: number, step_mwh: number) {
  let ledger = newLedger();
  let count = newCount(null);
  let truth = start_mwh * MWH;
  const codes: string[] = [];
  for (const [k, { w, glitch }] of rounds.entries()) {
    const flowed = k === 0 ? 0 : w * 1_000 * 2 * 10_000;
    truth += flowed;
    const counter = (Math.floor(truth / MWH / step_mwh) + glitch) * step_mwh;
    count = counted(count, Math.max(0, counter), step_mwh, flowed);
    const result = turn(ledger, {
      kind: "reading",
      at: Utc_ms(START + k * 10_000),
      counters: [MicroWattHours(count.told_mwh * 1_000), MicroWattHours(0), null, null],
      device: "meter",
      boot: 1,
      base: null,
      span: null,
    });
    ledger = result.ledger;
    for (const notice of result.notices) if (notice.kind === "event") codes.push(notice.code);
  }
  return { flowed_uwh: ledger.cumulative[0], truth_uwh: (truth / MWH - start_mwh) * 1_000, codes };
}

test("one reading in a while that is far too high or too low is a glitch, and what is booked is within a step of the truth", () => {
  const honest = fc.record({ w: fc.integer({ min: 0, max: 20_000 }), glitch: fc.constant(0) });
  const misread = fc.record({
    w: fc.integer({ min: 0, max: 20_000 }),
    glitch: fc.oneof(fc.integer({ min: 200, max: 70_000 }), fc.integer({ min: -70_000, max: -1 })),
  });
  const stretch = fc
    .tuple(misread, fc.array(honest, { minLength: 3, maxLength: 20 }))
    .map(([glitch, after]) => [glitch, ...after]);
  const arbitrary = fc.record({
    step_mwh: fc.constantFrom(10_000, 100_000),
    start_mwh: fc.integer({ min: 0, max: 50_000_000 }),
    begin: fc.array(honest, { minLength: 2, maxLength: 20 }),
    stretches: fc.array(stretch, { minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ step_mwh, start_mwh, begin, stretches }) => {
      const { flowed_uwh, truth_uwh, codes } = booked([...begin, ...stretches.flat()], start_mwh, step_mwh);
      expect(codes.filter((code) => code !== "glitch")).toEqual(["baseline"]);
      expect(Math.abs(flowed_uwh - truth_uwh)).toBeLessThan((step_mwh + 1) * 1_000);
    }),
    { seed: 11, numRuns: 300 },
  );
});
