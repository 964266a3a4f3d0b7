// Every log, table and store of the meter filled past its end through `turnEsme`: what is kept is the newest, and the laws still hold. The
// auditor has the plain energy and voltage of each half hour and adds them up himself.

import { describe, expect, test } from "vitest";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import { registers_wh } from "../../host/ledger/ledger.js";
import { entriesOf, type Log } from "../../host/ledger/log.js";
import { kept } from "../../host/ledger/profile.js";
import { settled } from "../../host/ledger/state/words.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { filled, flow_uwh, HALF_HOURS, SPECIAL_DAYS, START, TABLE, voltage_dv } from "./full-meter.js";
import { reading, unexplained_wh } from "./helpers.js";
import { unexplainedByDays_wh } from "./records-helpers.js";
import { dayOf, everyDay, plainRate, specialOf, unexplained_wh as unexplainedByTariff_wh } from "./tariff-helpers.js";

const HALF_HOUR = 1_800_000;
const DAY = 48;
const LONDON = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/London", dateStyle: "short" });

/** Whole Wh of each quantity that the registers gain in the half hour k: the difference of two floors. */
const truth_wh: number[][] = [];
const total_uwh = [0, 0, 0, 0];
for (let k = 0; k < HALF_HOURS; k++)
  truth_wh.push(
    flow_uwh(k).map((uwh, q) => {
      const before = total_uwh[q] ?? 0;
      total_uwh[q] = before + uwh;
      return Math.floor((before + uwh) / 1e6) - Math.floor(before / 1e6);
    }),
  );
const sum_wh = (from: number, to: number, q = 0) =>
  truth_wh.slice(Math.max(0, from), to).reduce((sum, wh) => sum + (wh[q] ?? 0), 0);
const endOf = (k: number) => START + (k + 1) * HALF_HOUR;

const full = filled();
const { ledger, state } = full;

/** How many entries a log keeps, of how many that were ever written. */
function keeps(log: Log<unknown>): string {
  return `${entriesOf(log).length} of ${log.written}`;
}

describe("after two years and two days of a polyphase meter", () => {
  test("13 months of import and 3 months of the other quantities are kept, the newest; dropped accounts for the rest", () => {
    const entries = [...kept(ledger.profile)];
    expect(entries).toHaveLength(19_056);
    const wrong = entries.flatMap((entry, index) => {
      const k = HALF_HOURS - 19_056 + index;
      const old = k < HALF_HOURS - 4_464;
      const expected = truth_wh[k]?.map((wh, q) => (q > 0 && old ? null : wh));
      return entry.end === endOf(k) && String(entry.wh) === String(expected) ? [] : [{ k, entry, expected }];
    });
    expect(wrong).toEqual([]);
    const depths = [19_056, 4_464, 4_464, 4_464];
    expect(ledger.profile.dropped_wh).toEqual(depths.map((depth, q) => sum_wh(0, HALF_HOURS - depth, q)));
    expect(registers_wh(ledger)).toEqual(total_uwh.map((uwh) => Math.floor(uwh / 1e6)));
    expect(unexplained_wh(ledger)).toEqual([0, 0, 0, 0]);
    for (const beside of full.beside) expect(unexplained_wh(beside.ledger)).toEqual([0, 0, 0, 0]);
    expect(full.beside.map(({ name }) => name)).toEqual(["net", "absolute"]);
  });

  test("31 daily reads of import, 31 of export and 731 days of consumption are kept; the days make the register", () => {
    expect(keeps(state.dailyReadLogExcExport)).toBe("31 of 733");
    expect(keeps(state.dailyReadLogExport)).toBe("31 of 733");
    expect(keeps(state.dailyConsumptionLog)).toBe("731 of 733");
    const days = Array.from({ length: 31 }, (_, k) => (702 + k + 1) * DAY);
    expect(entriesOf(state.dailyReadLogExcExport).map((one) => [one.timestamp, one.activeImportRegisterValue])).toEqual(
      days.map((k) => [START + k * HALF_HOUR, sum_wh(0, k)]),
    );
    expect(entriesOf(state.dailyReadLogExport).map((one) => one.activeExportRegisterValue)).toEqual(
      days.map((k) => sum_wh(0, k, 1)),
    );
    expect(entriesOf(state.dailyConsumptionLog).map((one) => [one.timestamp, one.value])).toEqual(
      Array.from({ length: 731 }, (_, k) => [START + (k + 3) * DAY * HALF_HOUR, sum_wh((k + 2) * DAY, (k + 3) * DAY)]),
    );
    expect(state.recordsAccount.daysDroppedWh).toBe(sum_wh(0, 2 * DAY));
    expect(unexplainedByDays_wh(full)).toBe(0);
  });

  test("12 billing periods are kept by the calendar and 12 by changes of the tariff", () => {
    expect(keeps(state.billingDataLogBillingCalendarTriggeredExcExport)).toBe("12 of 24");
    expect(keeps(state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport)).toBe("12 of 104");
    const monthly = Array.from({ length: 12 }, (_, month) => Date.UTC(2027, month + 1, 1));
    expect(
      entriesOf(state.billingDataLogBillingCalendarTriggeredExcExport).map((one) => Number(one.timestamp)),
    ).toEqual(monthly);
    expect(
      entriesOf(state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport).map(
        (one) => one.activeImportRegisterValue,
      ),
    ).toEqual(Array.from({ length: 12 }, (_, week) => sum_wh(0, (93 + week) * 7 * DAY)));
  });

  test("4,320 averages of each phase are kept", () => {
    for (const phase of [0, 1, 2] as const) {
      const log = state.averageRMSVoltageProfileDataLog[phase];
      // The last half hour's average is written with the first measurement after it.
      expect(keeps(log)).toBe(`4320 of ${HALF_HOURS - 1}`);
      expect(entriesOf(log).map(({ timestamp, value }) => [timestamp, value])).toEqual(
        Array.from({ length: 4_320 }, (_, index) => {
          const k = HALF_HOURS - 1 - 4_320 + index;
          return [endOf(k), voltage_dv(k, phase)];
        }),
      );
    }
  });

  test("100 power events, 100 events and 100 security events are kept", () => {
    // Every fifth day each phase passes over its threshold, and returns the next day.
    const passages = 3 * 2 * Math.floor(732 / 5);
    expect(keeps(state.powerEventLog)).toBe(`100 of ${passages}`);
    expect(state.averageRMSOverVoltageCounter.value).toEqual([146, 146, 146]);
    expect(keeps(state.eventLog)).toBe("100 of 104");
    expect(keeps(state.securityLog)).toBe("100 of 104");
    const weeks = Array.from({ length: 100 }, (_, week) => START + (week + 5) * 7 * DAY * HALF_HOUR);
    expect(entriesOf(state.eventLog).map((one) => Number(one.timestamp))).toEqual(weeks);
    expect(entriesOf(state.securityLog).map((one) => Number(one.timestamp))).toEqual(weeks);
    const powers = entriesOf(state.powerEventLog).map((one) => Number(one.timestamp));
    expect(powers).toEqual(powers.toSorted((a, b) => a - b));
    // Of the last day but two: the return from above, with the first measurement of the day after.
    expect(powers.at(-1)).toBe(START + (730 * DAY + 1) * HALF_HOUR);
  });

  test("9 London days, 6 weeks and 14 months are kept, with those in progress", () => {
    const { days, weeks, months, dayToDate, weekToDate, monthToDate } = state.cumulativeAndHistoricalValueStore;
    const dates = truth_wh.map((_, k) => LONDON.format(START + k * HALF_HOUR));
    const mondays = new Map<string, string>();
    for (const date of dates) {
      const at = Date.parse(`${date}T12:00:00Z`);
      mondays.set(date, new Date(at - ((new Date(at).getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10));
    }
    const groups = (nameOf: (date: string) => string) => {
      const sums = new Map<string, number>();
      dates.forEach((date, k) => {
        sums.set(nameOf(date), (sums.get(nameOf(date)) ?? 0) + (truth_wh[k]?.[0] ?? 0));
      });
      return [...sums.values()];
    };
    // The last reading is at a London midnight: the day in progress has just begun and holds nothing.
    const register = sum_wh(0, HALF_HOURS);
    const stored = (log: typeof days, open: typeof dayToDate) => [
      ...entriesOf(log).map((one) => one.importWh),
      register - (open?.markWh ?? 0),
    ];
    expect(stored(days, dayToDate)).toEqual([...groups((date) => date), 0].slice(-9));
    expect(stored(weeks, weekToDate)).toEqual(groups((date) => mondays.get(date) ?? "").slice(-6));
    expect(stored(months, monthToDate)).toEqual(groups((date) => date.slice(0, 7)).slice(-14));
    expect([days, weeks, months].map((log) => entriesOf(log).length)).toEqual([8, 5, 13]);
  });

  test("all 48 TOU registers and all 32 block registers hold what their switches gave them; they sum to the total", () => {
    const expected = new Map<string, number>();
    truth_wh.forEach((wh, k) => {
      const rate = plainRate(TABLE, SPECIAL_DAYS, START + k * HALF_HOUR);
      expected.set(rate, (expected.get(rate) ?? 0) + (wh[0] ?? 0));
    });
    const { rate, markWh } = state.tariffAccount;
    const pending = (name: string) =>
      rate !== null && name === `${rate.kind} ${rate.tou}` ? sum_wh(0, HALF_HOURS) - markWh : 0;
    const tou = state.tariffTOURegisterCollection.touPrimaryRegister;
    expect(tou.map((wh, index) => wh + pending(`tou ${index + 1}`))).toEqual(
      Array.from({ length: 48 }, (_, index) => expected.get(`tou ${index + 1}`) ?? 0),
    );
    expect(Math.min(...tou)).toBeGreaterThan(0);
    const blocks = state.tariffBlockTOURegisterCollection.tariffBlockRegisterMatrix;
    for (let of = 0; of < 8; of++) {
      const held = blocks.map((block) => block[of] ?? 0);
      expect(Math.min(...held)).toBeGreaterThan(0);
      expect(held.reduce((sum, wh) => sum + wh, 0) + pending(`block ${of + 1}`)).toBe(expected.get(`block ${of + 1}`));
    }
    expect(unexplainedByTariff_wh(full)).toBe(0);
  });
});

describe("a tariff at its limits", () => {
  const commanded = (sections: object) => {
    const esme = newEsme(1);
    const asked = { kind: "set", sections } as const;
    return { esme, done: turnEsme(esme, { kind: "command", at: Utc_ms(START), by: "supplier", deed: asked }) };
  };
  const days = TABLE.dayIdentifiers;
  const switches = Array.from({ length: 48 }, (_, k) => `01:${String(k).padStart(2, "0")} TOU 2`);
  const longDay = dayOf(16, ["00:00 TOU 1", ...switches].join(", "));
  const seasons = [
    ...TABLE.seasons,
    { ...TABLE.seasons[0], name: "fifth", startDate: { year: null, month: 12, dayOfMonth: 1 } },
  ];

  test("48 switches a day, 16 days, 4 seasons and 50 special days are taken whole", () => {
    const { done } = commanded({
      tariffSwitchingTable: settled(TABLE),
      tariffSwitchingTableSpecialDays: settled(SPECIAL_DAYS),
    });
    expect(done.disobeyed).toBeNull();
    const { dayIdentifiers, seasons: taken } = done.esme.state.tariffSwitchingTable.valueCurrent;
    const special = done.esme.state.tariffSwitchingTableSpecialDays.valueCurrent;
    expect([dayIdentifiers[0]?.times.length, dayIdentifiers.length, taken.length, special.length]).toEqual([
      48, 16, 4, 50,
    ]);
  });

  test.each([
    [
      "49 switches a day",
      { tariffSwitchingTable: settled({ ...TABLE, dayIdentifiers: [...days.slice(0, 15), longDay] }) },
      /^tariffSwitchingTable.valueCurrent.dayIdentifiers\[15\].times: .*48/,
    ],
    [
      "17 days",
      { tariffSwitchingTable: settled({ ...TABLE, dayIdentifiers: [...days, dayOf(17, "00:00 TOU 1")] }) },
      /^tariffSwitchingTable.valueCurrent.dayIdentifiers: .*16/,
    ],
    [
      "5 seasons",
      { tariffSwitchingTable: settled({ ...TABLE, seasons }) },
      /^tariffSwitchingTable.valueCurrent.seasons: .*4/,
    ],
    [
      "51 special days",
      {
        tariffSwitchingTable: settled(TABLE),
        tariffSwitchingTableSpecialDays: settled([...SPECIAL_DAYS, ...specialOf({ "12-25": 1 })]),
      },
      /^tariffSwitchingTableSpecialDays.valueCurrent: .*50/,
    ],
    [
      "a 49th TOU",
      { tariffSwitchingTable: settled(everyDay("00:00 TOU 49")) },
      /times\[0\].tariffRateIdentifier.tou: .*48/,
    ],
    [
      "a 9th TOU with blocks",
      { tariffSwitchingTable: settled(everyDay("00:00 blocks of TOU 9")) },
      /times\[0\].tariffRateIdentifier.tou: .*8/,
    ],
    [
      "a 5th TOU of the secondary element",
      { tariffSwitchingTableSecondaryElement: settled(everyDay("00:00 TOU 5")) },
      /^tariffSwitchingTableSecondaryElement.*: TOU 5 is beyond the last, 4/,
    ],
  ])("%s are refused whole, with the place and the rule", (_, sections, reason) => {
    const { esme, done } = commanded(sections);
    expect(done.disobeyed?.reason).toMatch(reason);
    expect(done.esme).toBe(esme);
  });
});

test("the four TOU registers of a secondary element are filled in turn, and sum to its total", () => {
  const blank = newEsme(1);
  const table = everyDay("00:00 TOU 1, 06:00 TOU 2, 12:00 TOU 3, 18:00 TOU 4");
  let esme: Esme = {
    ...blank,
    state: {
      ...blank.state,
      meterVariant: { value: "B" },
      tariffSwitchingTableSecondaryElement: settled(table),
    },
  };
  for (let k = 0; k <= DAY; k++) {
    const counters = reading(Utc_ms(0), k * k).counters;
    const read = reading(Utc_ms(START + k * HALF_HOUR), 100 * k, 0, {
      beside: [{ name: "secondary", counters, base: null }],
    });
    esme = turnEsme(esme, read).esme;
  }
  const quarter = (n: number) => (12 * (n + 1)) ** 2 - (12 * n) ** 2;
  expect(esme.state.tariffTOURegisterCollection.touSecondRegister).toEqual([0, 1, 2, 3].map(quarter));
});
