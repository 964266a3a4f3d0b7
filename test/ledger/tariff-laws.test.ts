// Laws of the tariff, for random tables and histories: TOU and blocks make the register, money is plain recomputation, and the next switch
// is the next change of the rate. The auditor looks rates up by text and shares energy out one Wh at a time.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { EsmeState } from "../../host/ledger/state/state.js";
import type { Rate, SpecialDays, SwitchingTable } from "../../host/ledger/state/tariff.js";
import { settled } from "../../host/ledger/state/words.js";
import {
  beginTariff,
  rebaseTariff,
  resetBlockCounters,
  settleTariff,
  switchTariff,
} from "../../host/ledger/tariff/account.js";
import { blockAt, sharedOut_wh } from "../../host/ledger/tariff/blocks.js";
import { faultOf } from "../../host/ledger/tariff/fault.js";
import { nextSwitchAt, rateAt } from "../../host/ledger/tariff/table.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { reading, utc } from "./helpers.js";
import { markOf, plainRate, stateWith, unexplained_wh } from "./tariff-helpers.js";

const DAY_s = 86_400;
const START = utc("2026-02-27T00:00:00Z");

const rate: fc.Arbitrary<Rate> = fc.oneof(
  fc.record({ kind: fc.constant("tou" as const), tou: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant("block" as const), tou: fc.integer({ min: 1, max: 2 }) }),
);

/** Switches on whole minutes, the first at 00:00:00. */
const times = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 1_439 }), { maxLength: 5 }),
    fc.array(rate, { minLength: 6, maxLength: 6 }),
  )
  .map(([minutes, rates]) =>
    [0, ...minutes.sort((a, b) => a - b)].map((minute, index) => ({
      startTime: new Date(minute * 60_000).toISOString().slice(11, 19),
      tariffRateIdentifier: rates[index] as Rate,
    })),
  );

const DATES = ["01-01", "02-28", "02-29", "03-01", "03-02", "06-15", "10-01", "12-31"] as const;
const date = (text: string, year: number | null) => ({
  year,
  month: Number(text.slice(0, 2)),
  dayOfMonth: Number(text.slice(3)),
});

const table: fc.Arbitrary<SwitchingTable> = fc
  .record({
    days: fc.array(times, { minLength: 1, maxLength: 3 }),
    weeks: fc.array(fc.array(fc.nat(), { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 2 }),
    starts: fc.subarray([...DATES], { minLength: 1, maxLength: 3 }),
    year: fc.constantFrom(null, null, 2026),
    weekOf: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
  })
  .map(({ days, weeks, starts, year, weekOf }) => ({
    seasons: starts
      .filter((text) => year === null || text !== "02-29")
      .map((text, index) => ({
        name: `s${index}`,
        startDate: date(text, year),
        weekIdentifier: `w${(weekOf[index] ?? 0) % weeks.length}`,
      })),
    weeks: weeks.map((row, index) => ({
      weekIdentifier: `w${index}`,
      days: row.map((day) => 1 + (day % days.length)),
    })),
    dayIdentifiers: days.map((one, index) => ({ dayIdentifier: index + 1, times: one })),
  }))
  .filter((one) => one.seasons.length > 0);

const special = (days: number): fc.Arbitrary<SpecialDays> =>
  fc.subarray([...DATES, "2026-02-28", "2026-03-01", "2028-02-29"], { maxLength: 4 }).chain((chosen) =>
    fc.array(fc.integer({ min: 1, max: days }), { minLength: chosen.length, maxLength: chosen.length }).map((named) =>
      chosen.map((text, index) => ({
        date: text.length > 5 ? date(text.slice(5), Number(text.slice(0, 4))) : date(text, null),
        dayIdentifier: named[index] as number,
      })),
    ),
  );

const calendar = table.chain((one) => fc.tuple(fc.constant(one), special(one.dayIdentifiers.length)));

const thresholdRow = fc
  .array(fc.integer({ min: 0, max: 120 }), { maxLength: 3 })
  .map((row) => [...row.sort((a, b) => a - b), null, null, null].slice(0, 3));

/** What a meter is set up with. */
const sections = fc
  .record({
    calendar,
    thresholds: fc.array(thresholdRow, { minLength: 8, maxLength: 8 }),
    tou: fc.array(fc.integer({ min: 0, max: 50_000 }), { minLength: 48, maxLength: 48 }),
    block: fc.array(fc.array(fc.integer({ min: 0, max: 50_000 }), { minLength: 4, maxLength: 4 }), {
      minLength: 8,
      maxLength: 8,
    }),
    number: fc.integer({ min: 1, max: 10_000 }),
    limit: fc.integer({ min: 0, max: 1_799 }),
  })
  .map(
    (made): Partial<EsmeState> => ({
      tariffSwitchingTable: settled(made.calendar[0]),
      tariffSwitchingTableSpecialDays: settled(made.calendar[1]),
      tariffThresholdMatrix: settled(made.thresholds),
      tariffBlockPriceMatrixTOU: settled({ tou: made.tou, block: made.block }),
      randomisedOffsetNumber: { value: made.number },
      randomisedOffsetLimit: { value: made.limit },
    }),
  );

function meter(made: Partial<EsmeState>): Esme {
  const blank = newEsme(1);
  return { ...blank, state: { ...blank.state, ...made } };
}

describe("the switching table", () => {
  test("what the laws below make up has no fault", () => {
    fc.assert(fc.property(calendar, ([one, days]) => faultOf(one, days) === null));
  });

  test("gives at every moment the rate that an auditor finds by the texts of dates and times", () => {
    fc.assert(
      fc.property(calendar, fc.integer({ min: 0, max: 5 * 366 * DAY_s }), ([one, days], second) => {
        const at = START + second * 1_000;
        const found = rateAt(one, days, at);
        expect(`${found.kind} ${found.tou}`).toBe(plainRate(one, days, at));
      }),
      { numRuns: 2_000 },
    );
  });

  test("the next switch is exactly the next change of the rate, and none is missed before it", () => {
    fc.assert(
      fc.property(calendar, fc.integer({ min: 0, max: 400 * DAY_s }), ([one, days], second) => {
        const after = START + second * 1_000;
        const next = nextSwitchAt(one, days, after);
        const now = plainRate(one, days, after);
        expect(next).toBeGreaterThan(after);
        if (next !== Number.POSITIVE_INFINITY) expect(plainRate(one, days, next)).not.toBe(now);
        // Switches lie on whole minutes: those of three days one by one, later ones hour by hour up to a year.
        const minute = Math.floor(after / 60_000) * 60_000 + 60_000;
        const until = Math.min(next, after + 366 * DAY_s * 1_000);
        for (let at = minute; at < until; at += at - after < 3 * DAY_s * 1_000 ? 60_000 : 3_600_000 * 5)
          if (plainRate(one, days, at) !== now)
            expect(new Date(at).toISOString()).toBe("no change before the next switch");
      }),
      { numRuns: 200 },
    );
  });

  test("a bound on the search only hides what lies at or after it", () => {
    fc.assert(
      fc.property(calendar, fc.integer({ min: 0, max: 3 * DAY_s }), ([one, days], second) => {
        const after = START + second * 1_000;
        const next = nextSwitchAt(one, days, after);
        const bound = after + DAY_s * 1_000;
        expect(nextSwitchAt(one, days, after, bound)).toBe(next < bound ? next : Number.POSITIVE_INFINITY);
      }),
    );
  });
});

describe("blocks", () => {
  test("share every energy out as one Wh after the other would, exact at the thresholds", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(200), thresholdRow, (energy_wh, counted_wh, thresholds) => {
        const one_by_one = [0, 0, 0, 0];
        for (let wh = 0; wh < energy_wh; wh++) {
          const block = thresholds.filter((end) => end !== null && counted_wh + wh >= end).length;
          one_by_one[block] = (one_by_one[block] ?? 0) + 1;
        }
        expect(sharedOut_wh(energy_wh, counted_wh, thresholds)).toEqual(one_by_one);
        const next = sharedOut_wh(1, counted_wh, thresholds).indexOf(1);
        expect(blockAt(counted_wh, thresholds)).toBe(next);
      }),
      { numRuns: 1_000 },
    );
  });
});

type Step =
  | { readonly kind: "flow"; readonly seconds: number; readonly wh: number }
  | { readonly kind: "clock"; readonly by_s: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("flow" as const),
      seconds: fc.integer({ min: 1, max: 4_000 }),
      wh: fc.nat(900),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("flow" as const),
      seconds: fc.integer({ min: 4_000, max: 200_000 }),
      wh: fc.nat(40_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("clock" as const), by_s: fc.integer({ min: -9_000, max: 9_000 }) }),
  },
);

describe("the account", () => {
  test("TOU registers, blocks and what is pending make the register, through gaps, switches, offsets and clock steps", () => {
    fc.assert(
      fc.property(sections, fc.array(step, { maxLength: 40 }), (made, steps) => {
        let esme = turnEsme(meter(made), reading(START, 0)).esme;
        let at: number = START;
        let total_wh = 0;
        for (const one of steps) {
          if (one.kind === "clock") {
            const was = at;
            at += one.by_s * 1_000;
            esme = turnEsme(esme, { kind: "clock", was: Utc_ms(was), at: Utc_ms(at) }).esme;
          } else {
            at += one.seconds * 1_000;
            total_wh += one.wh;
            esme = turnEsme(esme, reading(Utc_ms(at), total_wh)).esme;
          }
          expect(unexplained_wh(esme)).toBe(0);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("registers, blocks and money are what an auditor sums up second by second, one Wh after the other", () => {
    const LONG_s = 10_800;
    fc.assert(
      fc.property(
        sections,
        fc.integer({ min: 0, max: 3 * DAY_s }),
        fc.array(fc.integer({ min: 0, max: 700_000 }), { minLength: 5, maxLength: 20 }),
        (made, from_s, flows_uwh) => {
          const start = START + from_s * 1_000;
          let esme = turnEsme(meter(made), reading(Utc_ms(start), 0)).esme;
          const offset_s = Math.round(
            ((made.randomisedOffsetNumber?.value ?? 0) * (made.randomisedOffsetLimit?.value ?? 0)) / 10_000,
          );
          const calendarOf = made.tariffSwitchingTable?.valueCurrent as SwitchingTable;
          const special = made.tariffSwitchingTableSpecialDays?.valueCurrent as SpecialDays;
          const registers = new Map<string, number>();
          const counted = new Map<string, number>();
          let spent = 0;
          let total_uwh = 0;
          for (let second = 1; second <= LONG_s; second++) {
            const before = Math.floor(total_uwh / 1e6);
            total_uwh += flows_uwh[second % flows_uwh.length] as number;
            const named = plainRate(calendarOf, special, start + (second - 1 - offset_s) * 1_000);
            const [kind, tou] = [named.split(" ")[0], Number(named.split(" ")[1])];
            for (let wh = before; wh < Math.floor(total_uwh / 1e6); wh++) {
              const so_far = counted.get(named) ?? 0;
              const ends = made.tariffThresholdMatrix?.valueCurrent[tou - 1] ?? [];
              const block = kind === "tou" ? 0 : ends.filter((end) => end !== null && so_far >= end).length;
              counted.set(named, so_far + 1);
              const register = kind === "tou" ? named : `${named} ${block}`;
              registers.set(register, (registers.get(register) ?? 0) + 1);
              const price = made.tariffBlockPriceMatrixTOU?.valueCurrent;
              spent += (kind === "tou" ? price?.tou[tou - 1] : price?.block[tou - 1]?.[block]) ?? 0;
            }
            esme = turnEsme(esme, reading(Utc_ms(start + second * 1_000), total_uwh / 1e6)).esme;
          }
          const end = Utc_ms(start + LONG_s * 1_000);
          const state = settleTariff(esme.state, markOf(end, total_uwh / 1e6));
          expect(held(state)).toEqual(Object.fromEntries([...registers].sort()));
          expect(state.tariffAccount.spentMicropence).toBe(spent);
          // What is shown is what the next Wh will cost.
          const next = plainRate(calendarOf, special, end - offset_s * 1_000);
          const tou = Number(next.split(" ")[1]) - 1;
          const so_far = counted.get(next) ?? 0;
          const block = (made.tariffThresholdMatrix?.valueCurrent[tou] ?? []).filter((end) => (end ?? 1e9) <= so_far);
          const price = made.tariffBlockPriceMatrixTOU?.valueCurrent;
          const costs = next.startsWith("tou") ? price?.tou[tou] : price?.block[tou]?.[block.length];
          expect(state.primaryActiveTariffPrice.value).toBe(costs);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("booking in many steps comes to the same as booking once", () => {
    fc.assert(
      fc.property(sections, fc.array(fc.nat(200), { maxLength: 12 }), (made, energies_wh) => {
        const begun = beginTariff(stateWith(made), markOf(START, 0));
        let [state, total_wh] = [begun, 0];
        for (const wh of energies_wh) {
          total_wh += wh;
          state = settleTariff(state, markOf(START, total_wh));
        }
        expect(state).toEqual(settleTariff(begun, markOf(START, total_wh)));
      }),
    );
  });

  test("the law holds over the wrap of the register, through set registers, switches and counters that begin again", () => {
    const deed = fc.oneof(
      fc.record({ kind: fc.constant("use" as const), wh: fc.nat(2 ** 31) }),
      fc.record({ kind: fc.constant("set" as const), wh: fc.nat(2 ** 32 - 1) }),
      fc.record({ kind: fc.constant("switch" as const), wh: fc.nat(10 * DAY_s) }),
      fc.record({ kind: fc.constant("reset" as const), wh: fc.constant(0) }),
    );
    fc.assert(
      fc.property(sections, fc.nat(2 ** 32 - 1), fc.array(deed, { maxLength: 20 }), (made, first_wh, deeds) => {
        let register = first_wh;
        let used = 0;
        let state = beginTariff(stateWith(made), markOf(START, register));
        const { setWh: firstSet } = state.tariffAccount;
        expect(firstSet).toBe(first_wh);
        for (const { kind, wh } of deeds) {
          if (kind === "use") {
            register = (register + wh) % 2 ** 32;
            used += wh;
            state = settleTariff(state, markOf(START, register));
          }
          if (kind === "set") {
            register = wh;
            state = rebaseTariff(state, markOf(START, register));
          }
          if (kind === "switch") state = switchTariff(state, Utc_ms(START + wh * 1_000));
          if (kind === "reset") state = resetBlockCounters(state, markOf(START, register));
          const shared = Object.values(held(state)).reduce((sum, value) => sum + value, 0);
          expect(Math.abs(shared - used) % 2 ** 32).toBe(0);
          expect((shared + state.tariffAccount.setWh) % 2 ** 32).toBe(register);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** The registers that hold something, by "tou 1" and "block 1 0": TOU, and block from 0. */
function held(state: EsmeState): Record<string, number> {
  const { touPrimaryRegister } = state.tariffTOURegisterCollection;
  const { tariffBlockRegisterMatrix } = state.tariffBlockTOURegisterCollection;
  const all = [
    ...touPrimaryRegister.map((wh, index) => [`tou ${index + 1}`, wh] as const),
    ...tariffBlockRegisterMatrix.flatMap((row, block) =>
      row.map((wh, index) => [`block ${index + 1} ${block}`, wh] as const),
    ),
  ];
  return Object.fromEntries(all.filter(([, wh]) => wh > 0).sort());
}
