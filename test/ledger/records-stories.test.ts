// Stories of the records, as tables: days, weeks and months, midnights of two kinds, billing, demand, gaps and clocks set back.

import { describe, expect, test } from "vitest";
import type { EsmeEvent } from "../../host/ledger/events.js";
import { entriesOf } from "../../host/ledger/log.js";
import { resetDemand } from "../../host/ledger/records/demand.js";
import { settled } from "../../host/ledger/state/words.js";
import { type MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import { utc } from "./helpers.js";
import {
  consumption,
  DAY,
  dailyReads,
  demandIn,
  esmeWith,
  HOUR,
  historyOf,
  house,
  MINUTE,
  nowOf,
  readingOf,
  run,
  short,
  spans,
  unexplainedByDays_wh,
} from "./records-helpers.js";

const HALF_HOUR = 30 * MINUTE;

/** Set by so many minutes (below zero: back), at what the clock called `was`. */
function clockSet(was: string, minutes: number): EsmeEvent {
  return { kind: "clock", was: utc(was), at: Utc_ms(utc(was) + minutes * MINUTE) };
}

/** Between 23:30 and 00:30 in London, on 15 June 2026, 1 kW; else nothing. */
const lateInJune = (at: number) => (at >= utc("2026-06-15T22:30:00Z") && at < utc("2026-06-15T23:30:00Z") ? 1_000 : 0);

describe("days", () => {
  test("in London have 46 and 50 half hours when the clocks change, and 48 in UTC always", () => {
    const spring = run(esmeWith(), house("2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z", HALF_HOUR, 1_000)).esme;
    expect(spans(historyOf(spring).days)).toEqual([
      "03-28 00:00 24000 Wh",
      "03-29 00:00 23000 Wh",
      "03-29 23:00 24000 Wh",
      "03-30 23:00 1000 Wh",
    ]);
    expect(consumption(spring)).toEqual(["03-29 00:00 24000", "03-30 00:00 24000", "03-31 00:00 24000"]);
    const autumn = run(esmeWith(), house("2026-10-23T23:00:00Z", "2026-10-27T00:00:00Z", HALF_HOUR, 1_000)).esme;
    expect(spans(historyOf(autumn).days)).toEqual([
      "10-23 23:00 24000 Wh",
      "10-24 23:00 25000 Wh",
      "10-26 00:00 24000 Wh",
      "10-27 00:00 0 Wh",
    ]);
    expect(consumption(autumn)).toEqual(["10-25 00:00 24000", "10-26 00:00 24000", "10-27 00:00 24000"]);
  });

  test("of UTC and of London part the hour around midnight in summer differently", () => {
    const { esme } = run(esmeWith(), house("2026-06-15T00:00:00Z", "2026-06-17T00:00:00Z", 5 * MINUTE, lateInJune));
    // 23:30 to 00:30 in London is 22:30 to 23:30 UTC: all of it on 15 June in UTC, half of it on the 16th in London.
    expect(consumption(esme)).toEqual(["06-16 00:00 1000", "06-17 00:00 0"]);
    expect(dailyReads(esme)).toEqual(["06-16 00:00 1000/0", "06-17 00:00 1000/0"]);
    expect(spans(historyOf(esme).days)).toEqual(["06-15 00:00 500 Wh", "06-15 23:00 500 Wh", "06-16 23:00 0 Wh"]);
  });

  test("that began before the meter did have no entry: their energy is unallocated", () => {
    const { esme } = run(esmeWith(), house("2026-06-01T18:00:00Z", "2026-06-03T06:00:00Z", 10 * MINUTE, 1_000));
    expect(dailyReads(esme)).toEqual(["06-02 00:00 6000/0", "06-03 00:00 30000/0"]);
    expect(consumption(esme)).toEqual(["06-03 00:00 24000"]);
    expect(esme.state.recordsAccount.daysUnallocatedWh).toBe(6_000);
    expect(unexplainedByDays_wh(esme)).toBe(0);
  });

  test("pay their standing charge once each in London, also those of 23 and 25 hours", () => {
    const tariffed = esmeWith({ standingCharge: settled(50_000) });
    const { esme } = run(tariffed, house("2026-03-28T00:00:00Z", "2026-03-30T11:00:00Z", HALF_HOUR, 0));
    expect(spans(historyOf(esme).days)).toEqual([
      "03-28 00:00 0 Wh 50p",
      "03-29 00:00 0 Wh 50p",
      "03-29 23:00 0 Wh 50p",
    ]);
    // 30 March is a Monday.
    expect(spans(historyOf(esme).weeks)).toEqual(["03-28 00:00 0 Wh 100p", "03-29 23:00 0 Wh 50p"]);
    expect(spans(historyOf(esme).months)).toEqual(["03-28 00:00 0 Wh 150p"]);
  });

  test("cost what their energy cost and their standing charge, those in progress too", () => {
    const prices = { tou: [25_000, ...Array<number>(47).fill(0)], block: Array(8).fill([0, 0, 0, 0]) };
    const tariffed = esmeWith({ standingCharge: settled(50_000), tariffBlockPriceMatrixTOU: settled(prices) });
    const { esme } = run(tariffed, house("2026-06-01T00:00:00Z", "2026-06-02T12:10:00Z", 10 * MINUTE, 600));
    // 23 h and 13 h 10 min at 0.6 kW and 25p a kWh, and 50p a day.
    expect(spans(historyOf(esme).days)).toEqual(["06-01 00:00 13800 Wh 395p", "06-01 23:00 7900 Wh 247.5p"]);
  });
});

describe("a standing charge", () => {
  test("that is planned for a midnight in London is what the day that begins then pays", () => {
    const planned = { valueCurrent: 50_000, valueNext: 60_000, activateNextDateTime: utc("2026-06-02T23:00:00Z") };
    const { esme } = run(
      esmeWith({ standingCharge: planned }),
      house("2026-06-01T23:00:00Z", "2026-06-04T06:00:00Z", 30 * MINUTE, 0),
    );
    expect(spans(historyOf(esme).days)).toEqual([
      "06-01 23:00 0 Wh 50p",
      "06-02 23:00 0 Wh 60p",
      "06-03 23:00 0 Wh 60p",
    ]);
  });
});

describe("two years", () => {
  test("fill every store past its end: 731, 31, 12, and 9, 6, 14 with those in progress; what has gone is accounted for", () => {
    const began = esmeWith({
      billingCalendar: { startDateTime: utc("2026-01-01T00:00:00Z"), periodicity: "monthly" },
    });
    const { esme } = run(began, house("2026-01-01T00:00:00Z", "2028-01-21T00:30:00Z", HALF_HOUR, 1_000));
    const { state } = esme;
    const log = state.dailyConsumptionLog;
    expect([log.size, log.written, short(entriesOf(log)[0]?.timestamp ?? 0)]).toEqual([731, 750, "01-21 00:00"]);
    expect(new Set(consumption(esme).map((line) => line.slice(12)))).toEqual(new Set(["24000"]));
    expect(state.recordsAccount.daysDroppedWh).toBe(19 * 24_000);
    expect(state.recordsAccount.daysUnallocatedWh).toBe(0);
    expect(unexplainedByDays_wh(esme)).toBe(0);
    const reads = [state.dailyReadLogExcExport, state.dailyReadLogExport].map(({ size, written }) => [size, written]);
    expect(reads).toEqual([
      [31, 750],
      [31, 750],
    ]);
    expect(short(entriesOf(state.dailyReadLogExcExport)[0]?.timestamp ?? 0)).toBe("12-22 00:00");
    const bills = state.billingDataLogBillingCalendarTriggeredExcExport;
    expect([bills.size, bills.written, short(entriesOf(bills)[0]?.timestamp ?? 0)]).toEqual([12, 24, "02-01 00:00"]);
    const { days, weeks, months } = historyOf(esme);
    expect([days.length, weeks.length, months.length]).toEqual([9, 6, 14]);
    expect(short(days[0]?.from ?? 0)).toBe("01-13 00:00");
    expect(short(weeks[0]?.from ?? 0)).toBe("12-13 00:00");
    expect(short(months[0]?.from ?? 0)).toBe("12-01 00:00");
  });
});

describe("the billing calendar", () => {
  test("that begins on a 31st keeps to the last day of shorter months, and comes back to the 31st", () => {
    const began = esmeWith({
      billingCalendar: { startDateTime: utc("2026-01-31T06:15:00Z"), periodicity: "monthly" },
    });
    const { esme, notices } = run(began, house("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", HALF_HOUR, 1_000));
    const bills = entriesOf(esme.state.billingDataLogBillingCalendarTriggeredExcExport);
    const days = (at: number) => (at - utc("2026-01-01T00:00:00Z")) / DAY;
    expect(bills.map((bill) => `${short(bill.timestamp)} ${bill.activeImportRegisterValue}`)).toEqual([
      "01-31 06:15 726250",
      "02-28 06:15 1398250",
      "03-31 06:15 2142250",
      "04-30 06:15 2862250",
      "05-31 06:15 3606250",
      "06-30 06:15 4326250",
      "07-31 06:15 5070250",
      "08-31 06:15 5814250",
      "09-30 06:15 6534250",
      "10-31 06:15 7278250",
      "11-30 06:15 7998250",
      "12-31 06:15 8742250",
    ]);
    for (const bill of bills) expect(bill.activeImportRegisterValue).toBe(days(bill.timestamp) * 24_000);
    const alerts = notices.flatMap((notice) => (notice.kind === "alert" ? [[notice.code, notice.at]] : []));
    expect(alerts).toEqual(bills.map((bill) => [0x8f0a, bill.timestamp]));
  });

  test.each([
    ["daily", "2026-06-16", "2026-06-17"],
    ["weekly", "2026-06-22", "2026-06-29"],
    ["monthly", "2026-07-15", "2026-08-15"],
    ["quarterly", "2026-09-15", "2026-12-15"],
    ["six-monthly", "2026-12-15", "2027-06-15"],
    ["yearly", "2027-06-15", "2028-06-15"],
  ] as const)("%s comes to its second and third moment", (periodicity, second, third) => {
    const began = esmeWith({ billingCalendar: { startDateTime: utc("2026-06-15T06:00:00Z"), periodicity } });
    const { notices } = run(began, house("2026-06-15T00:00:00Z", `${third}T12:00:00Z`, 12 * HOUR, 0));
    const alerts = notices.flatMap((notice) => (notice.kind === "alert" ? [notice.at] : []));
    expect(alerts).toEqual(["2026-06-15", second, third].map((date) => utc(`${date}T06:00:00Z`)));
  });

  test("begins the block counters again after their registers were written down", () => {
    const blocks = { seasons: [], weeks: [], dayIdentifiers: [] };
    const began = esmeWith({
      billingCalendar: { startDateTime: utc("2026-06-02T00:00:00Z"), periodicity: "daily" },
      tariffSwitchingTable: settled({
        ...blocks,
        seasons: [{ name: "year", startDate: { year: null, month: 1, dayOfMonth: 1 }, weekIdentifier: "w" }],
        weeks: [{ weekIdentifier: "w", days: [1, 1, 1, 1, 1, 1, 1] }],
        dayIdentifiers: [
          { dayIdentifier: 1, times: [{ startTime: "00:00:00", tariffRateIdentifier: { kind: "block", tou: 1 } }] },
        ],
      }),
    });
    const { esme } = run(began, house("2026-06-01T00:00:00Z", "2026-06-02T06:00:00Z", 10 * MINUTE, 1_000));
    const [bill] = entriesOf(esme.state.billingDataLogBillingCalendarTriggeredExcExport);
    expect(bill?.tariffBlockRegisterMatrixValue[0]?.[0]).toBe(24_000);
    const { tariffBlockCounterMatrix, tariffBlockRegisterMatrix } = esme.state.tariffBlockTOURegisterCollection;
    expect([tariffBlockCounterMatrix[0]?.[0], tariffBlockRegisterMatrix[0]?.[0]]).toEqual([6_000, 30_000]);
  });
});

describe("maximum demand", () => {
  const peaks: { readonly [halfHour: string]: number } = {
    "06-01 17:00": 3_000,
    "06-01 22:00": 2_000,
    "06-01 22:30": 2_500,
    "06-02 01:30": 2_750,
    "06-02 02:00": 2_900,
    "06-02 12:00": -1_500,
    "06-02 14:00": -1_500,
  };
  const peaky = (at: number) => peaks[short(Math.floor(at / HALF_HOUR) * HALF_HOUR)] ?? 100;

  test("within a configurable time over midnight counts the half hours that end within it", () => {
    const began = esmeWith({ maximumDemandConfigurableTimePeriod: { startTime: "22:30:00", endTime: "02:00:00" } });
    const { esme } = run(began, house("2026-06-01T12:00:00Z", "2026-06-02T18:00:00Z", 10 * MINUTE, peaky));
    const { state } = esme;
    expect(demandIn(state.maximumDemandActivePowerImportValue)).toBe("3000 W at 06-01 17:30");
    // 22:00 to 22:30 ends with the period's beginning, 02:00 to 02:30 after its end.
    expect(demandIn(state.maximumDemandConfigurableTimeActivePowerImportValue)).toBe("2750 W at 06-02 02:00");
    expect(demandIn(state.maximumDemandActivePowerExportValue)).toBe("1500 W at 06-02 12:30");
  });

  test("begins again at zero when it is reset, with the moment of that; the others stand", () => {
    const { esme } = run(esmeWith(), house("2026-06-01T12:00:00Z", "2026-06-01T23:40:00Z", 10 * MINUTE, peaky));
    const at = utc("2026-06-01T23:45:00Z");
    const reset = { ...esme, state: resetDemand(esme.state, "maximumDemandActivePowerImportValue", at) };
    const import_uwh = nowOf(esme).cumulative[0];
    const later = [20, 50].map((minutes) => readingOf(utc("2026-06-01T23:40:00Z") + minutes * MINUTE, import_uwh));
    const { state } = run(reset, later).esme;
    expect(state.maximumDemandActivePowerImportValue).toEqual({
      value: 33,
      dateTimeStamp: utc("2026-06-02T00:00:00Z"),
      dateTimeOfLastReset: at,
    });
    expect(demandIn(state.maximumDemandConfigurableTimeActivePowerImportValue)).toBe("3000 W at 06-01 17:30");
  });

  test("is not measured in a half hour in which the clock was set by 11 s, and is in one in which it was set by 9 s", () => {
    for (const [seconds, expected] of [
      [-9, "3000 W at 06-01 17:30"],
      [9, "3000 W at 06-01 17:30"],
      [-11, "100 W at 06-01 13:00"],
      [11, "100 W at 06-01 13:00"],
    ] as const) {
      const before = [...house("2026-06-01T12:20:00Z", "2026-06-01T17:10:00Z", MINUTE, peaky)];
      const set: EsmeEvent = {
        kind: "clock",
        was: utc("2026-06-01T17:10:00Z"),
        at: Utc_ms(utc("2026-06-01T17:10:00Z") + seconds * 1000),
      };
      const import_uwh = before.at(-1)?.counters[0] ?? 0;
      const after = [20, 50].map((minutes) =>
        readingOf(utc("2026-06-01T17:10:00Z") + minutes * MINUTE, import_uwh + (3_000 * 20 * MINUTE) / 3.6),
      );
      const { state } = run(esmeWith(), [...before, set, ...after]).esme;
      expect(demandIn(state.maximumDemandActivePowerImportValue)).toBe(expected);
    }
  });
});

describe("a half hour whose beginning", () => {
  const half = (text: string) => utc(`2026-06-01T${text}Z`);
  const maximum = (events: EsmeEvent[]) =>
    demandIn(run(esmeWith(), events).esme.state.maximumDemandActivePowerImportValue);

  test("came before the meter has no demand", () => {
    expect(maximum([...house("2026-06-01T12:10:00Z", "2026-06-01T12:30:00Z", 5 * MINUTE, 3_000)])).toBe("none");
    expect(maximum([...house("2026-06-01T12:00:00Z", "2026-06-01T12:30:00Z", 5 * MINUTE, 3_000)])).toBe(
      "3000 W at 06-01 12:30",
    );
  });

  test("was leapt over by the clock has no demand", () => {
    const leap: EsmeEvent = { kind: "clock", was: half("12:10:00"), at: half("12:35:00") };
    const before = [...house("2026-06-01T12:00:00Z", "2026-06-01T12:10:00Z", 5 * MINUTE, 3_000)];
    const after = house(
      "2026-06-01T12:40:00Z",
      "2026-06-01T13:30:00Z",
      5 * MINUTE,
      (at) => (at < half("13:00:00") ? 3_000 : 1_000),
      750 * 1e6,
    );
    expect(maximum([...before, leap, ...after])).toBe("1000 W at 06-01 13:30");
  });

  test("was passed twice by an adjusted clock begins the second time", () => {
    const back: EsmeEvent = { kind: "clock", was: half("12:00:05"), at: half("11:59:58") };
    const readings = [readingOf(half("12:00:00"), 0), readingOf(half("12:00:05"), 10e6)];
    expect(maximum([...readings, back, readingOf(half("12:00:03"), 20e6)])).toBe("none");
  });
});

describe("registers", () => {
  test("that somebody sets change no day, no demand and no history; the difference belongs to no day", () => {
    const before = [...house("2026-12-01T00:00:00Z", "2026-12-02T12:10:00Z", 10 * MINUTE, 1_000)];
    const after = house(
      "2026-12-02T12:20:00Z",
      "2026-12-03T06:00:00Z",
      10 * MINUTE,
      1_000,
      1_000 * 1e6 * 36 + 333_333_333,
    );
    const command: EsmeEvent = {
      kind: "command",
      at: utc("2026-12-02T12:10:00Z"),
      by: "operator",
      deed: { kind: "set-registers", import_wh: 5_000, export_wh: 7 },
    };
    const { esme } = run(esmeWith(), [...before, command, ...after]);
    // A register that is set begins at a whole Wh: two thirds of one are gone with the old value.
    expect(dailyReads(esme)).toEqual(["12-02 00:00 24000/0", "12-03 00:00 16833/7"]);
    expect(consumption(esme)).toEqual(["12-02 00:00 24000", "12-03 00:00 23999"]);
    expect(spans(historyOf(esme).weeks)).toEqual(["12-01 00:00 53999 Wh"]);
    expect(demandIn(esme.state.maximumDemandActivePowerImportValue)).toBe("1000 W at 12-01 00:30");
    // From 36,166 to 5,000 Wh, modulo 2^32.
    expect(esme.state.recordsAccount.daysUnallocatedWh).toBe(2 ** 32 - 31_166);
    expect(unexplainedByDays_wh(esme)).toBe(0);
  });

  test("that wrap at 2^32 Wh within a day neither lose nor invent energy", () => {
    const fresh = esmeWith();
    const near = ((2 ** 32 - 10_000) * 1e6) as MicroWattHours;
    const [, exported, ...reactive] = fresh.ledger.cumulative;
    const ledger = { ...fresh.ledger, cumulative: [near, exported, ...reactive] as const };
    const { esme } = run(
      { ...fresh, ledger },
      house("2026-12-01T00:00:00Z", "2026-12-03T06:00:00Z", 10 * MINUTE, 1_000),
    );
    expect(dailyReads(esme)).toEqual(["12-02 00:00 14000/0", "12-03 00:00 38000/0"]);
    expect(consumption(esme)).toEqual(["12-02 00:00 24000", "12-03 00:00 24000"]);
    expect(spans(historyOf(esme).weeks)).toEqual(["12-01 00:00 54000 Wh"]);
    expect(demandIn(esme.state.maximumDemandActivePowerImportValue)).toBe("1000 W at 12-01 00:30");
    expect(unexplainedByDays_wh(esme)).toBe(0);
  });
});

describe("silence and clocks", () => {
  test("a gap of three hours over midnight leaves that midnight without entries; the next ones have theirs", () => {
    const quiet = (reading: { at: number }) =>
      reading.at <= utc("2026-06-02T22:30:00Z") || reading.at >= utc("2026-06-03T01:30:00Z");
    const readings = [...house("2026-06-01T00:00:00Z", "2026-06-05T00:00:00Z", 10 * MINUTE, 1_000)].filter(quiet);
    const { esme } = run(esmeWith(), readings);
    expect(dailyReads(esme)).toEqual(["06-02 00:00 24000/0", "06-04 00:00 72000/0", "06-05 00:00 96000/0"]);
    // 2 and 3 June have no known midnight between them: their 48 kWh belong to neither.
    expect(consumption(esme)).toEqual(["06-02 00:00 24000", "06-05 00:00 24000"]);
    expect(esme.state.recordsAccount.daysUnallocatedWh).toBe(48_000);
    expect(unexplainedByDays_wh(esme)).toBe(0);
    // The display's days are cut by the straight line between the readings, and say so.
    expect(spans(historyOf(esme).days)).toEqual([
      "06-01 00:00 23000 Wh",
      "06-01 23:00 24000 Wh estimated",
      "06-02 23:00 24000 Wh estimated",
      "06-03 23:00 24000 Wh",
      "06-04 23:00 1000 Wh",
    ]);
  });

  test("a gap of three hours that ends with a reading at midnight itself costs no entry", () => {
    const quiet = (reading: { at: number }) =>
      reading.at <= utc("2026-06-02T21:00:00Z") || reading.at >= utc("2026-06-03T00:00:00Z");
    const readings = [...house("2026-06-01T00:00:00Z", "2026-06-04T00:00:00Z", 10 * MINUTE, 1_000)].filter(quiet);
    const { esme } = run(esmeWith(), readings);
    expect(consumption(esme)).toEqual(["06-02 00:00 24000", "06-03 00:00 24000", "06-04 00:00 24000"]);
  });

  test("a clock set back over midnight passes midnight twice and closes the day once", () => {
    const before = [...house("2026-12-01T00:00:00Z", "2026-12-02T00:10:00Z", 10 * MINUTE, 1_000)];
    const import_uwh = before.at(-1)?.counters[0] ?? 0;
    const after = house("2026-12-01T23:50:00Z", "2026-12-03T00:00:00Z", 10 * MINUTE, 1_000, import_uwh);
    const began = esmeWith({
      standingCharge: settled(50_000),
      billingCalendar: { startDateTime: utc("2026-12-02T00:00:00Z"), periodicity: "daily" },
    });
    const { esme } = run(began, [...before, clockSet("2026-12-02T00:10:00Z", -20), ...after]);
    // 24 h 20 min at 1 kW stand between the two midnights: the twenty minutes lived twice are the second day's.
    expect(dailyReads(esme)).toEqual(["12-02 00:00 24000/0", "12-03 00:00 48333/0"]);
    expect(consumption(esme)).toEqual(["12-02 00:00 24000", "12-03 00:00 24333"]);
    expect(spans(historyOf(esme).days)).toEqual([
      "12-01 00:00 24000 Wh 50p",
      "12-02 00:00 24333 Wh 50p",
      "12-03 00:00 0 Wh 50p",
    ]);
    const bills = entriesOf(esme.state.billingDataLogBillingCalendarTriggeredExcExport);
    expect(bills.map((bill) => short(bill.timestamp))).toEqual(["12-02 00:00", "12-03 00:00"]);
    expect(unexplainedByDays_wh(esme)).toBe(0);
  });

  test("a clock set forward over midnight by less than half an hour closes the day there", () => {
    const before = [...house("2026-12-01T00:00:00Z", "2026-12-01T23:50:00Z", 10 * MINUTE, 1_000)];
    const import_uwh = before.at(-1)?.counters[0] ?? 0;
    const after = house("2026-12-02T00:10:00Z", "2026-12-03T00:00:00Z", 10 * MINUTE, 1_000, import_uwh);
    const { esme } = run(esmeWith(), [...before, clockSet("2026-12-01T23:50:00Z", 20), ...after]);
    expect(consumption(esme)).toEqual(["12-02 00:00 23833", "12-03 00:00 23833"]);
    expect(unexplainedByDays_wh(esme)).toBe(0);
  });

  test("a clock set forward by two hours over midnight knows nothing of that midnight", () => {
    const before = [...house("2026-12-01T00:00:00Z", "2026-12-01T23:00:00Z", 10 * MINUTE, 1_000)];
    const import_uwh = before.at(-1)?.counters[0] ?? 0;
    const after = house("2026-12-02T01:00:00Z", "2026-12-04T00:00:00Z", 10 * MINUTE, 1_000, import_uwh);
    const { esme } = run(esmeWith(), [...before, clockSet("2026-12-01T23:00:00Z", 120), ...after]);
    expect(consumption(esme)).toEqual(["12-04 00:00 24000"]);
    expect(esme.state.recordsAccount.daysUnallocatedWh).toBe(46_000);
    expect(unexplainedByDays_wh(esme)).toBe(0);
  });
});
