// Laws of the records, for random histories. The house draws whole micro-watt-hours a millisecond, so that the auditor knows by
// multiplication what every register showed at every moment, and looks at no interpolation of the meter's.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EsmeEvent } from "../../host/ledger/events.js";
import { entriesOf } from "../../host/ledger/log.js";
import { consumptionNow } from "../../host/ledger/records/daily.js";
import type { EsmeState } from "../../host/ledger/state/state.js";
import { settled } from "../../host/ledger/state/words.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { utc } from "./helpers.js";
import {
  DAY,
  demandIn,
  esmeWith,
  HOUR,
  historyOf,
  MINUTE,
  nowOf,
  readingOf,
  run,
  short,
  unexplainedByDays_wh,
} from "./records-helpers.js";

/** So long at so many micro-watt-hours a millisecond of import and export; a reading at its end. */
interface Stretch {
  readonly for_ms: number;
  readonly import_rate: number;
  readonly export_rate: number;
}

const rate = fc.integer({ min: 0, max: 4_000 });
const stretch: fc.Arbitrary<Stretch> = fc.record({
  for_ms: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 30 * MINUTE }) },
    { weight: 3, arbitrary: fc.constantFrom(10 * MINUTE, 15 * MINUTE, 30 * MINUTE) },
    { weight: 1, arbitrary: fc.integer({ min: 30 * MINUTE, max: 9 * HOUR }) },
  ),
  import_rate: rate,
  export_rate: rate,
});
/** Up to some days of them. */
const stretches = fc.array(stretch, { minLength: 1, maxLength: 300, size: "max" });
/** In the days around both changes of clocks, a month's end, a Monday; some on a midnight. */
const start = fc
  .tuple(
    fc.constantFrom("2026-03-26", "2026-10-22", "2026-06-28", "2027-01-01"),
    fc.oneof(fc.constant(0), fc.integer({ min: 0, max: DAY })),
  )
  .map(([date, into]) => utc(`${date}T00:00:00Z`) + into);

/** What was read when, and what the registers showed at any moment between the first and the last reading, in micro-watt-hours. */
class Auditor {
  readonly times: number[];
  readonly readings: EsmeEvent[] = [];
  readonly #history: readonly Stretch[];

  constructor(begin: number, history: readonly Stretch[]) {
    this.#history = history;
    this.times = [begin];
    for (const { for_ms } of history) this.times.push((this.times.at(-1) ?? begin) + for_ms);
    for (const at of this.times)
      this.readings.push(readingOf(at, this.uwh(at, "import_rate"), this.uwh(at, "export_rate")));
  }

  get first(): number {
    return this.times[0] ?? 0;
  }

  get last(): number {
    return this.times.at(-1) ?? 0;
  }

  uwh(at: number, what: "import_rate" | "export_rate"): number {
    return this.#history.reduce((sum, one, index) => {
      const began = this.times[index] ?? 0;
      return sum + one[what] * Math.max(0, Math.min(at - began, one.for_ms));
    }, 0);
  }

  wh(at: number, what: "import_rate" | "export_rate" = "import_rate"): number {
    return Math.floor(this.uwh(at, what) / 1e6);
  }

  /** Within what was read, and not strictly within more than half an hour of silence. */
  knows(at: number): boolean {
    if (at < this.first || at > this.last) return false;
    const before = Math.max(...this.times.filter((time) => time <= at));
    const after = Math.min(...this.times.filter((time) => time >= at));
    return after - before <= 30 * MINUTE;
  }

  /** Multiples of a length of time after the first reading and up to the last. */
  every(length_ms: number): number[] {
    const found: number[] = [];
    for (let at = (Math.floor(this.first / length_ms) + 1) * length_ms; at <= this.last; at += length_ms)
      found.push(at);
    return found;
  }
}

const house = fc.tuple(start, stretches).map(([begin, history]) => new Auditor(begin, history));

describe("the daily logs", () => {
  test("and what flowed today, was dropped or belongs to no day make the import register, after every event of any history", () => {
    const step = fc.integer({ min: -30 * HOUR, max: 30 * HOUR }).map((by_ms) => ({ by_ms }));
    const set = fc.record({ import_wh: fc.nat(2 ** 31 - 1), export_wh: fc.nat(2 ** 31 - 1) });
    const event = fc.oneof(
      { weight: 16, arbitrary: stretch },
      { weight: 2, arbitrary: step },
      { weight: 1, arbitrary: set },
    );
    fc.assert(
      fc.property(start, fc.array(event, { minLength: 1, maxLength: 200, size: "max" }), (begin, events) => {
        let at = begin;
        let [import_uwh, export_uwh] = [0, 0];
        let esme = esmeWith({
          billingCalendar: { startDateTime: utc("2026-01-01T09:20:00Z"), periodicity: "daily" },
        });
        esme = turnEsme(esme, readingOf(at, 0)).esme;
        for (const one of events) {
          if ("by_ms" in one) {
            esme = turnEsme(esme, { kind: "clock", was: Utc_ms(at), at: Utc_ms(at + one.by_ms) }).esme;
            at += one.by_ms;
          } else if ("import_wh" in one) {
            const deed = { kind: "set-registers", ...one } as const;
            esme = turnEsme(esme, { kind: "command", at: Utc_ms(at), by: "operator", deed }).esme;
          } else {
            at += one.for_ms;
            import_uwh += one.import_rate * one.for_ms;
            export_uwh += one.export_rate * one.for_ms;
            esme = turnEsme(esme, readingOf(at, import_uwh, export_uwh)).esme;
          }
          expect(unexplainedByDays_wh(esme)).toBe(0);
          const { day, daysUnallocatedWh, daysDroppedWh } = esme.state.recordsAccount;
          expect(Math.max(day?.markWh ?? 0, daysUnallocatedWh, daysDroppedWh)).toBeLessThan(2 ** 32);
        }
        const { state } = esme;
        for (const log of [
          state.dailyReadLogExcExport,
          state.dailyReadLogExport,
          state.dailyConsumptionLog,
          state.billingDataLogBillingCalendarTriggeredExcExport,
        ]) {
          const stamps = entriesOf<{ readonly timestamp: number }>(log as never).map((entry) => entry.timestamp);
          expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
        }
        const days = historyOf(esme).days.map((day) => day.from);
        expect(days).toEqual([...new Set(days)].sort((a, b) => a - b));
      }),
      { numRuns: 150 },
    );
  });

  test("hold the registers of every known midnight, and the energy of every day between two of them", () => {
    fc.assert(
      fc.property(house, (auditor) => {
        const { state } = run(esmeWith(), auditor.readings).esme;
        const midnights = auditor.every(DAY).filter((at) => auditor.knows(at));
        const reads = entriesOf(state.dailyReadLogExcExport);
        expect(reads.map((entry) => [entry.timestamp, entry.activeImportRegisterValue])).toEqual(
          midnights.slice(-31).map((at) => [at, auditor.wh(at)]),
        );
        expect(
          entriesOf(state.dailyReadLogExport).map((entry) => [entry.timestamp, entry.activeExportRegisterValue]),
        ).toEqual(midnights.slice(-31).map((at) => [at, auditor.wh(at, "export_rate")]));
        const whole = midnights.filter((at) => at - DAY === auditor.first || midnights.includes(at - DAY));
        expect(entriesOf(state.dailyConsumptionLog).map((entry) => [entry.timestamp, entry.value])).toEqual(
          whole.map((at) => [at, auditor.wh(at) - auditor.wh(at - DAY)]),
        );
        for (const entry of reads) {
          const shared = [...entry.tariffTOURegisterMatrixValue, ...entry.tariffBlockRegisterMatrixValue.flat()];
          expect(shared.reduce((sum, value) => sum + value, 0)).toBe(entry.activeImportRegisterValue);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("tell what flowed since the last known midnight", () => {
    fc.assert(
      fc.property(house, (auditor) => {
        const { esme } = run(esmeWith(), auditor.readings);
        const from = auditor.every(DAY).findLast((at) => auditor.knows(at)) ?? auditor.first;
        const import_wh = auditor.wh(auditor.last) - auditor.wh(from);
        expect(consumptionNow(esme.state, nowOf(esme))).toEqual({ from, import_wh });
      }),
      { numRuns: 50 },
    );
  });
});

describe("the history of London's days, weeks and months", () => {
  const wall = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", dateStyle: "full", timeStyle: "short" });
  /** "Monday 1 June 2026 at 00:00" */
  const shown = (at: number) => wall.format(at).replace(",", "");

  test("sums to the registers' difference and to the money spent, each of its entries being the difference over its own time", () => {
    const price = 24_500;
    const tariff: Partial<EsmeState> = {
      standingCharge: settled(53_000),
      tariffBlockPriceMatrixTOU: settled({
        tou: [price, ...Array<number>(47).fill(0)],
        block: Array(8).fill([0, 0, 0, 0]),
      }),
    };
    fc.assert(
      fc.property(house, (auditor) => {
        const { esme } = run(esmeWith(tariff), auditor.readings);
        const midnights = auditor.every(30 * MINUTE).filter((at) => shown(at).endsWith("00:00"));
        const begins = {
          days: [auditor.first, ...midnights],
          weeks: [auditor.first, ...midnights.filter((at) => shown(at).startsWith("Monday"))],
          months: [auditor.first, ...midnights.filter((at) => / 1 \w+ \d{4} /.test(shown(at)))],
        };
        const history = historyOf(esme);
        for (const [name, depth] of [
          ["days", 9],
          ["weeks", 6],
          ["months", 14],
        ] as const) {
          const expected = begins[name].map((from, index) => {
            const end = begins[name][index + 1] ?? auditor.last;
            const importWh = auditor.wh(end) - auditor.wh(from);
            const charges = begins.days.filter((day) => day >= from && (day < end || end === auditor.last)).length;
            return { from, importWh, costMicropence: importWh * price + charges * 53_000_000 };
          });
          const found = history[name].map(({ from, importWh, costMicropence }) => ({ from, importWh, costMicropence }));
          expect(found).toEqual(expected.slice(-depth));
        }
        const weeks = history.weeks.reduce((sum, week) => sum + week.importWh, 0);
        if (begins.weeks.length <= 6) expect(weeks).toBe(auditor.wh(auditor.last));
      }),
      { numRuns: 100 },
    );
  });
});

describe("the maximum demand", () => {
  test("is the plain maximum over the half hours seen whole, of import, of import at the configured time, and of export", () => {
    const time = fc.integer({ min: 0, max: 47 });
    const text = (halfHours: number) =>
      `${String(Math.floor(halfHours / 2)).padStart(2, "0")}:${halfHours % 2 === 0 ? "00" : "30"}:00`;
    fc.assert(
      fc.property(house, time, time, (auditor, from, to) => {
        const period = { startTime: text(from), endTime: text(to) };
        const { state } = run(esmeWith({ maximumDemandConfigurableTimePeriod: period }), auditor.readings).esme;
        const half = 30 * MINUTE;
        const ends = auditor.every(half).filter((end) => auditor.knows(end - half) && auditor.knows(end));
        const highest = (what: "import_rate" | "export_rate", among: number[]) => {
          let best = "none";
          let most = -1;
          for (const end of among) {
            const watts = Math.floor((2 * (auditor.uwh(end, what) - auditor.uwh(end - half, what))) / 1e6);
            if (watts <= most) continue;
            most = watts;
            best = `${watts} W at ${short(end)}`;
          }
          return best;
        };
        // The half hours of a day by number: 1 ends at 00:30, 48 at midnight.
        const counted: number[] = [];
        for (let number = from + 1; ; number++) {
          counted.push(((number - 1) % 48) + 1);
          if (number % 48 === to % 48) break;
        }
        const within = ends.filter((end) => counted.includes((end % DAY) / half || 48));
        expect(demandIn(state.maximumDemandActivePowerImportValue)).toBe(highest("import_rate", ends));
        expect(demandIn(state.maximumDemandActivePowerExportValue)).toBe(highest("export_rate", ends));
        expect(demandIn(state.maximumDemandConfigurableTimeActivePowerImportValue)).toBe(
          highest("import_rate", within),
        );
      }),
      { numRuns: 100 },
    );
  });
});
