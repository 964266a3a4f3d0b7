// What an extreme costs: a clock that leaps over decades, and money at the highest prices that may be set.

import { describe, expect, test } from "vitest";
import { nextBoundary } from "../../host/ledger/boundaries.js";
import type { Deed } from "../../host/ledger/commands.js";
import { newEsme } from "../../host/ledger/esme.js";
import type { EsmeEvent } from "../../host/ledger/events.js";
import { entriesOf } from "../../host/ledger/log.js";
import { esmeState } from "../../host/ledger/state/state.js";
import { settled } from "../../host/ledger/state/words.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { reading, utc } from "./helpers.js";
import { everyDay, unexplained_wh } from "./tariff-helpers.js";

const FROM = utc("1971-01-01T00:00:05Z");
const TO = utc("2026-06-01T12:20:00Z");

describe("a leap from 1971 to 2026", () => {
  const night = everyDay("00:00 TOU 1, 07:00 TOU 2");
  const blank = newEsme(1);
  const began = turnEsme(
    { ...blank, state: { ...blank.state, tariffSwitchingTable: settled(night) } },
    reading(FROM, 0),
  ).esme;

  test("passes four moments a day, midnights and switches, and not every half hour", () => {
    let moments = 0;
    for (let at: number = FROM; at <= TO; moments++) at = nextBoundary(began.state, Utc_ms(at), TO);
    const days = (TO - FROM) / 86_400_000;
    expect(moments).toBeLessThan(4 * days);
    expect(moments).toBeGreaterThan(2 * days);
  });

  test.each(["reading", "clock"] as const)(
    "by a %s shares all energy out, and the next half hour has a demand",
    (kind) => {
      const leap: EsmeEvent = kind === "reading" ? reading(TO, 2_400_000) : { kind: "clock", was: FROM, at: TO };
      let { esme } = turnEsme(began, leap);
      expect(unexplained_wh(esme)).toBe(0);
      expect(esme.state.recordsAccount.demand).toBe(null);
      const total_wh = kind === "reading" ? 2_400_000 : 0;
      for (let minute = 1; minute <= 40; minute++)
        esme = turnEsme(esme, reading(Utc_ms(TO + minute * 60_000), total_wh + minute * 10)).esme;
      expect(unexplained_wh(esme)).toBe(0);
      expect(esme.state.maximumDemandActivePowerImportValue.value).toBe(600);
    },
  );
});

test("money at the highest price stops at 2^53 - 1 micropence, and the meter can be written down still", () => {
  const dearest = 2 ** 31 - 1;
  const tou = Array<number>(48).fill(dearest);
  const block = Array(8).fill([dearest, dearest, dearest, dearest]);
  const blank = newEsme(1, { fuse_w: 1_000_000, patience_ms: 1_800_000 });
  const state = {
    ...blank.state,
    tariffBlockPriceMatrixTOU: settled({ tou, block }),
    standingCharge: settled(dearest),
  };
  let esme = turnEsme({ ...blank, state }, reading(utc("2026-06-01T00:00:00Z"), 0)).esme;
  for (let day = 2; day <= 20; day++)
    esme = turnEsme(
      esme,
      reading(utc(`2026-06-${String(day).padStart(2, "0")}T00:00:00Z`), (day - 1) * 1_000_000),
    ).esme;
  expect(esme.state.tariffAccount.spentMicropence).toBe(Number.MAX_SAFE_INTEGER);
  expect(esmeState.safeEncode(esme.state).success).toBe(true);
});

describe("a clock that was in 2066 for four hours and came back", () => {
  const HOUR_ms = 3_600_000;
  const noon = utc("2026-06-10T12:00:00Z");
  const wrong = utc("2066-06-10T22:30:00Z");
  const begin = newEsme(1);
  const billingCalendar = { startDateTime: utc("2026-06-01T00:00:00Z"), periodicity: "daily" as const };
  let esme = turnEsme({ ...begin, state: { ...begin.state, billingCalendar } }, reading(noon, 0)).esme;
  let wh = 0;
  const hour = (from: Utc_ms, minutes = 60) => {
    for (let minute = 1; minute <= minutes; minute++) {
      const at = Utc_ms(from + minute * 60_000);
      esme = turnEsme(esme, reading(at, ++wh)).esme;
      const supply = { kind: "supply", at, voltages_dv: [2_300, null, null], import_w: 60, primary_w: 60 } as const;
      esme = turnEsme(esme, supply).esme;
    }
    return Utc_ms(from + minutes * 60_000);
  };
  const back = hour(noon);
  esme = turnEsme(esme, { kind: "clock", was: back, at: wrong }).esme;
  const was = hour(wrong, 240);
  esme = turnEsme(esme, { kind: "clock", was, at: Utc_ms(back + 4 * HOUR_ms) }).esme;
  hour(Utc_ms(back + 4 * HOUR_ms), 36 * 60);

  test("goes on with its days, its bills and its voltages", () => {
    const of = (entries: readonly { readonly timestamp: Utc_ms }[]) =>
      entries.slice(-2).map(({ timestamp }) => new Date(timestamp).toISOString().slice(0, 16));
    const { state } = esme;
    expect(of(entriesOf(state.dailyReadLogExcExport))).toEqual(["2026-06-11T00:00", "2026-06-12T00:00"]);
    expect(of(entriesOf(state.billingDataLogBillingCalendarTriggeredExcExport))).toEqual([
      "2026-06-11T00:00",
      "2026-06-12T00:00",
    ]);
    expect(of(entriesOf(state.averageRMSVoltageProfileDataLog[0]))).toEqual(["2026-06-12T04:30", "2026-06-12T05:00"]);
    const { dayToDate } = state.cumulativeAndHistoricalValueStore;
    expect(dayToDate?.from).toBe(utc("2026-06-11T23:00:00Z"));
    expect(unexplained_wh(esme)).toBe(0);
  });
});

test.each([9e15, 253_402_300_800_000, -630_000_000_000_000, Number.NaN])(
  "a moment that no calendar has, %d, is refused",
  (ms) => {
    const esme = newEsme(1);
    const no = ms as Utc_ms;
    const ask = (deed: Deed) => turnEsme(esme, { kind: "command", at: FROM, by: "operator", deed });
    const window = ask({ kind: "set-clock", presetTime: no, timeRangeStart: no, timeRangeEnd: no });
    expect(window.disobeyed?.code).toBe("clock-window");
    const calendar = ask({ kind: "set", sections: { billingCalendar: { startDateTime: no, periodicity: "daily" } } });
    expect(calendar.disobeyed?.reason).toContain("billingCalendar");
    expect([window.esme, calendar.esme]).toEqual([esme, esme]);
  },
);
