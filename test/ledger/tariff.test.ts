// Stories of the tariff: which register took the energy, told as tables that can be checked with a pencil.

import { describe, expect, test } from "vitest";
import type { Deed } from "../../host/ledger/commands.js";
import { entriesOf } from "../../host/ledger/log.js";
import { tariffFault } from "../../host/ledger/planned.js";
import { type EsmeState, PLANNED_SECTIONS, SECTIONS } from "../../host/ledger/state/state.js";
import type { SwitchingTable } from "../../host/ledger/state/tariff.js";
import { type Planned, settled } from "../../host/ledger/state/words.js";
import {
  activePrice,
  atTariffMidnight,
  beginTariff,
  pendingTariff,
  rebaseTariff,
  resetBlockCounters,
  settleTariff,
} from "../../host/ledger/tariff/account.js";
import { faultOf, faultOfThresholds } from "../../host/ledger/tariff/fault.js";
import { nextSwitchAt, randomisedOffset_ms, rateAt } from "../../host/ledger/tariff/table.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { codes, lines, reading, utc } from "./helpers.js";
import {
  blocks,
  dayOf,
  everyDay,
  listed,
  lives,
  markOf,
  prices,
  specialOf,
  stateWith,
  tableOf,
  thresholds,
  tou,
  unexplained_wh,
} from "./tariff-helpers.js";

const ECONOMY_7 = everyDay("00:00 TOU 2, 07:00 TOU 1");

describe("switching", () => {
  test("a meter without a tariff puts all energy into TOU 1 at no price", () => {
    const { esme } = lives({}, "2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z", 1_000);
    expect(tou(esme.state)).toBe("TOU 1 24000");
    expect(esme.state.tariffAccount.spentMicropence).toBe(0);
  });

  test("Economy 7: seven hours of the night go to the night register, each at its price", () => {
    const sections = {
      tariffSwitchingTable: settled(ECONOMY_7),
      tariffBlockPriceMatrixTOU: prices([28_620, 13_100]),
    };
    const { esme } = lives(sections, "2026-06-01T00:00:00Z", "2026-06-03T00:00:00Z", 1_000);
    expect(tou(esme.state)).toBe("TOU 1 34000, TOU 2 14000");
    // 34 kWh at 28.62p and 14 kWh at 13.10p are £11.5648.
    expect(esme.state.tariffAccount.spentMicropence).toBe(34 * 28_620_000 + 14 * 13_100_000);
  });

  test("a switch at 02:30 with an offset of 1,200 s happens at 02:50 while half hours stay put", () => {
    const sections = {
      tariffSwitchingTable: settled(everyDay("00:00 TOU 1, 02:30 TOU 2")),
      randomisedOffsetNumber: { value: 8_000 },
      randomisedOffsetLimit: { value: 1_500 },
    };
    // 1.2 kW are 20 Wh a minute. The day of the table begins at 00:20: until then yesterday's last rate holds.
    const story = lives(sections, "2026-06-01T00:00:00Z", "2026-06-01T04:00:00Z", 1_200);
    expect(lines(story.esme.ledger)).toEqual(
      ["00:30", "01:00", "01:30", "02:00", "02:30", "03:00", "03:30", "04:00"].map((end) => `${end} 600/0`),
    );
    expect(tou(story.at("2026-06-01T00:20:00Z"))).toBe("TOU 2 400");
    expect(tou(story.at("2026-06-01T02:30:00Z"))).toBe("TOU 1 2600, TOU 2 400");
    expect(tou(story.at("2026-06-01T02:50:00Z"))).toBe("TOU 1 3000, TOU 2 400");
    expect(tou(story.at("2026-06-01T04:00:00Z"))).toBe("TOU 1 3000, TOU 2 1800");
    expect(unexplained_wh(story.esme)).toBe(0);
  });

  test("the randomised offset is number times limit over 10,000, rounded to whole seconds", () => {
    const rows = [
      [1, 1_799, 0],
      [3, 1_799, 1],
      [10_000, 1_799, 1_799],
      [5_000, 1_799, 900],
      [8_000, 1_500, 1_200],
      [10_000, 0, 0],
    ] as const;
    for (const [number, limit, seconds] of rows) expect(randomisedOffset_ms(number, limit)).toBe(seconds * 1_000);
  });

  test("a special day goes before the week, and a day of one year before the same day of every year", () => {
    const week = tableOf({ all: "01-01 1 1 1 1 1 2 2" }, ["00:00 TOU 1", "00:00 TOU 2", "00:00 TOU 3", "00:00 TOU 4"]);
    const special = specialOf({ "12-25": 3, "2027-12-25": 4 });
    const rows = [
      ["2026-12-24 a Thursday", "TOU 1"],
      ["2026-12-25 a Friday, every year's", "TOU 3"],
      ["2026-12-26 a Saturday", "TOU 2"],
      ["2027-12-25 a Saturday of its own", "TOU 4"],
      ["2028-12-25 a Monday, every year's", "TOU 3"],
    ] as const;
    for (const [day, expected] of rows) {
      const rate = rateAt(week, special, utc(`${day.slice(0, 10)}T12:00:00Z`));
      expect(`${day}: TOU ${rate.tou}`).toBe(`${day}: ${expected}`);
    }
  });

  test("a season holds from its day until the next one begins, over the turn of the year", () => {
    const table = tableOf({ summer: "04-01 1 1 1 1 1 1 1", winter: "10-01 2 2 2 2 2 2 2" }, [
      "00:00 TOU 1",
      "00:00 TOU 2",
    ]);
    const rows = [
      ["2026-01-15T00:00:00Z", 2],
      ["2026-03-31T23:59:59Z", 2],
      ["2026-04-01T00:00:00Z", 1],
      ["2026-09-30T23:59:59Z", 1],
      ["2026-10-01T00:00:00Z", 2],
      ["2027-03-31T23:59:59Z", 2],
    ] as const;
    for (const [at, expected] of rows) expect([at, rateAt(table, [], utc(at)).tou]).toEqual([at, expected]);
    const story = lives(
      { tariffSwitchingTable: settled(table) },
      "2026-09-30T22:00:00Z",
      "2026-10-01T03:00:00Z",
      1_000,
    );
    expect(tou(story.esme.state)).toBe("TOU 1 2000, TOU 2 3000");
  });

  test("seasons with a year hold once; the first of them holds before it too, the last for good", () => {
    const table = tableOf({ a: "2026-04-01 1 1 1 1 1 1 1", b: "2026-10-01 2 2 2 2 2 2 2" }, [
      "00:00 TOU 1",
      "00:00 TOU 2",
    ]);
    const years = [2025, 2026, 2027].map((year) => rateAt(table, [], utc(`${year}-05-01T00:00:00Z`)).tou);
    expect(years).toEqual([1, 1, 2]);
  });

  test("where a day begins without a switch, the last of the day before goes on, over midnight and over a season", () => {
    const table = tableOf({ a: "01-01 1 2 1 1 1 1 1" }, ["06:00 TOU 3, 22:00 TOU 4", "00:00 TOU 1, 09:00 TOU 2"]);
    // 1 June 2026 is a Monday.
    const rows = [
      ["2026-06-01T05:59:59Z", 4],
      ["2026-06-01T06:00:00Z", 3],
      ["2026-06-02T00:00:00Z", 1],
      ["2026-06-03T05:59:59Z", 2],
      ["2026-06-03T06:00:00Z", 3],
    ] as const;
    for (const [at, expected] of rows) expect([at, rateAt(table, [], utc(at)).tou]).toEqual([at, expected]);
    expect(nextSwitchAt(table, [], utc("2026-06-02T23:00:00Z"))).toBe(utc("2026-06-03T06:00:00Z"));
    const energy = lives(
      { tariffSwitchingTable: settled(table) },
      "2026-06-02T22:00:00Z",
      "2026-06-03T08:00:00Z",
      1_000,
    );
    expect(tou(energy.esme.state)).toBe("TOU 2 8000, TOU 3 2000");
  });

  test("a gap of four hours over a switch is shared between the rates by time", () => {
    const sections = { tariffSwitchingTable: settled(ECONOMY_7) };
    const before = lives(sections, "2026-06-01T05:00:00Z", "2026-06-01T06:00:00Z", 1_000).esme;
    const { esme, notices } = turnEsme(before, reading(utc("2026-06-01T10:00:00Z"), 9_000));
    expect(codes(notices)).toEqual(["gap"]);
    // 1 kWh before the gap, 8 kWh in its four hours, of which one is night.
    const now = settleTariff(esme.state, markOf(utc("2026-06-01T10:00:00Z"), 9_000));
    expect(tou(now)).toBe("TOU 1 6000, TOU 2 3000");
    expect(unexplained_wh(esme)).toBe(0);
  });

  test("the clock set forward over a switch books what flowed to the rate before it", () => {
    const sections = { tariffSwitchingTable: settled(ECONOMY_7) };
    const before = lives(sections, "2026-06-01T06:00:00Z", "2026-06-01T06:50:00Z", 1_200).esme;
    const [was, at] = [utc("2026-06-01T06:50:00Z"), utc("2026-06-01T07:10:00Z")];
    const stepped = turnEsme(before, { kind: "clock", was, at }).esme;
    const { esme } = turnEsme(stepped, reading(utc("2026-06-01T07:30:00Z"), 1_400));
    expect(tou(esme.state)).toBe("TOU 1 400, TOU 2 1000");
    expect(unexplained_wh(esme)).toBe(0);
  });
});

describe("blocks", () => {
  const BLOCKS = {
    tariffSwitchingTable: settled(everyDay("00:00 blocks of TOU 1")),
    tariffThresholdMatrix: thresholds([2_000, 5_000]),
    tariffBlockPriceMatrixTOU: prices([], [[30_000, 20_000, 10_000]]),
  };

  test("three blocks: 2 kWh at 30p, the next 3 kWh at 20p, the rest at 10p", () => {
    const { esme } = lives(BLOCKS, "2026-06-01T00:00:00Z", "2026-06-01T08:00:00Z", 1_000);
    expect(blocks(esme.state)).toBe("block 1 2000, block 2 3000, block 3 3000");
    expect(tou(esme.state)).toBe("");
    expect(esme.state.tariffAccount.spentMicropence).toBe(2 * 30_000_000 + 3 * 20_000_000 + 3 * 10_000_000);
    expect(unexplained_wh(esme)).toBe(0);
  });

  test("one energy may fill several blocks, exactly", () => {
    const begun = beginTariff(stateWith(BLOCKS), markOf(utc("2026-06-01T00:00:00Z"), 0));
    const now = settleTariff(begun, markOf(utc("2026-06-01T00:10:00Z"), 7_001));
    expect(blocks(now)).toBe("block 1 2000, block 2 3000, block 3 2001");
  });

  test("the price is that of the block which takes the next Wh", () => {
    const at = utc("2026-06-01T00:00:00Z");
    const begun = beginTariff(stateWith(BLOCKS), markOf(at, 0));
    const priceAfter = (wh: number) => activePrice(begun, markOf(at, wh)).primary;
    expect([0, 1_999, 2_000, 4_999, 5_000].map(priceAfter)).toEqual([30_000, 30_000, 20_000, 20_000, 10_000]);
    expect(activePrice(stateWith(BLOCKS), markOf(at, 0))).toEqual({ primary: null, secondary: null });
  });

  test("counters begin again by command or, where so set, at midnight UTC; registers go on", () => {
    const [start, midnight] = [utc("2026-06-01T20:00:00Z"), utc("2026-06-02T00:00:00Z")];
    const begun = beginTariff(stateWith(BLOCKS), markOf(start, 0));
    const kept = atTariffMidnight(begun, markOf(midnight, 3_000));
    expect(kept).toBe(begun);
    const daily = atTariffMidnight(
      { ...begun, tariffBlockCounterMatrix: { dailyResetting: true } },
      markOf(midnight, 3_000),
    );
    expect(daily).toEqual(
      resetBlockCounters({ ...begun, tariffBlockCounterMatrix: { dailyResetting: true } }, markOf(midnight, 3_000)),
    );
    expect(daily.tariffBlockTOURegisterCollection.tariffBlockCounterMatrix.flat()).toEqual(Array(32).fill(0));
    expect(daily.tariffAccount.blockCountersResetAt).toBe(midnight);
    const later = settleTariff(daily, markOf(utc("2026-06-02T01:00:00Z"), 4_500));
    expect(blocks(later)).toBe("block 1 3500, block 2 1000");
  });
});

describe("the account", () => {
  test("what the register showed before the first reading belongs to no rate", () => {
    const begun = beginTariff(stateWith({}), markOf(utc("2026-06-01T00:00:00Z"), 5_000));
    const now = settleTariff(begun, markOf(utc("2026-06-01T01:00:00Z"), 5_300));
    expect([tou(now), now.tariffAccount.setWh]).toEqual(["TOU 1 300", 5_000]);
  });

  test("a register that was set by command leaves TOU registers and money as they were", () => {
    const at = utc("2026-06-01T01:00:00Z");
    const begun = beginTariff(stateWith({ tariffBlockPriceMatrixTOU: prices([20_000]) }), markOf(at, 0));
    const settledBefore = settleTariff(begun, markOf(at, 700));
    for (const display of [48_213_000, 12]) {
      const set = rebaseTariff(settledBefore, markOf(at, display));
      const now = settleTariff(set, markOf(at, display + 300));
      expect([tou(now), now.tariffAccount.spentMicropence]).toEqual(["TOU 1 1000", 20_000_000]);
      expect((1_000 + now.tariffAccount.setWh) % 2 ** 32).toBe(display + 300);
    }
  });

  test("the register wraps at 2^32 Wh and the TOU register goes on by what flowed", () => {
    const begun = beginTariff(stateWith({}), markOf(utc("2026-06-01T00:00:00Z"), 2 ** 32 - 100));
    const now = settleTariff(begun, markOf(utc("2026-06-01T01:00:00Z"), 50));
    expect(tou(now)).toBe("TOU 1 150");
  });

  test("reading the registers of the tariff between two boundaries changes nothing", () => {
    const begun = beginTariff(stateWith({}), markOf(utc("2026-06-01T00:00:00Z"), 0));
    const shown = pendingTariff(begun, markOf(utc("2026-06-01T00:10:00Z"), 123));
    expect(listed(shown.tariffTOURegisterCollection.touPrimaryRegister, "TOU")).toBe("TOU 1 123");
    expect(tou(begun)).toBe("");
  });

  test("a secondary element has its own table, registers and price", () => {
    const sections = {
      tariffSwitchingTableSecondaryElement: settled(everyDay("00:00 TOU 1, 02:00 TOU 3")),
      secondaryTariffTOUPriceMatrix: settled([10_000, 0, 5_000, 0]),
      tariffBlockPriceMatrixTOU: prices([30_000]),
    };
    const blank = lives(sections, "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z", 0).esme;
    let esme = blank;
    for (let minute = 1; minute <= 240; minute++) {
      const at = utc(new Date(utc("2026-06-01T00:00:00Z") + minute * 60_000).toISOString());
      const secondary = reading(at, minute * 20);
      const beside = [{ name: "secondary" as const, counters: secondary.counters, base: null }];
      esme = turnEsme(esme, reading(at, minute * 10, 0, { beside })).esme;
    }
    // The secondary ledger counts from its first reading, a minute later: 119 minutes of 20 Wh, then 120.
    expect(listed(esme.state.tariffTOURegisterCollection.touSecondRegister, "TOU")).toBe("TOU 1 2380, TOU 3 2400");
    expect(tou(esme.state)).toBe("TOU 1 2400");
    expect(esme.state.tariffAccount.spentMicropence).toBe(2_400 * 30_000 + 2_380 * 10_000 + 2_400 * 5_000);
    expect(activePrice(esme.state, markOf(utc("2026-06-01T04:00:00Z"), 2_400)).secondary).toBe(5_000);
  });

  test("a secondary element heard of for the first time: its energy so far goes to the rate that has held", () => {
    const sections = { tariffSwitchingTableSecondaryElement: settled(everyDay("00:00 TOU 1, 02:00 TOU 3")) };
    const begun = beginTariff(stateWith(sections), markOf(utc("2026-06-01T01:00:00Z"), 0));
    const now = settleTariff(begun, markOf(utc("2026-06-01T02:00:00Z"), 0, 70));
    expect(listed(now.tariffTOURegisterCollection.touSecondRegister, "TOU")).toBe("TOU 1 70");
  });
});

describe("the price that is shown", () => {
  const shown = (state: EsmeState) => [state.primaryActiveTariffPrice.value, state.secondaryActiveTariffPrice.value];

  test("is 0 where nothing has a price, and before counting begins", () => {
    expect(shown(stateWith({ tariffBlockPriceMatrixTOU: prices([28_620]) }))).toEqual([0, 0]);
    expect(shown(lives({}, "2026-06-01T00:00:00Z", "2026-06-01T01:00:00Z", 1_000).esme.state)).toEqual([0, 0]);
  });

  test("is that of the rate from the first reading on, and becomes another at a switch", () => {
    const sections = {
      tariffSwitchingTable: settled(ECONOMY_7),
      tariffBlockPriceMatrixTOU: prices([28_620, 13_100]),
    };
    const { at } = lives(sections, "2026-06-01T06:00:00Z", "2026-06-01T08:00:00Z", 1_000);
    const times = ["06:00", "06:59", "07:00"].map((time) => shown(at(`2026-06-01T${time}:00Z`))[0]);
    expect(times).toEqual([13_100, 13_100, 28_620]);
  });

  test("becomes another where a block is full, where counters begin again and where a price is set", () => {
    const sections = {
      tariffSwitchingTable: settled(everyDay("00:00 blocks of TOU 1")),
      tariffThresholdMatrix: thresholds([2_000]),
      tariffBlockPriceMatrixTOU: prices([], [[30_000, 20_000]]),
    };
    const { at, esme } = lives(sections, "2026-06-01T00:00:00Z", "2026-06-01T04:00:00Z", 1_000);
    expect(["01:30", "02:00", "04:00"].map((time) => shown(at(`2026-06-01T${time}:00Z`))[0])).toEqual([
      30_000, 20_000, 20_000,
    ]);
    const ask = (deed: Deed) =>
      shown(turnEsme(esme, { kind: "command", at: utc("2026-06-01T04:00:00Z"), by: "supplier", deed }).esme.state)[0];
    expect(ask({ kind: "reset", what: "tariffBlockCounterMatrix" })).toBe(30_000);
    const dearer = prices([], [[31_000, 21_000]]);
    expect(ask({ kind: "set", sections: { tariffBlockPriceMatrixTOU: dearer } })).toBe(21_000);
    const flat = { tariffSwitchingTable: settled(everyDay("00:00 TOU 2")), tariffBlockPriceMatrixTOU: prices([1, 2]) };
    expect(ask({ kind: "set", sections: flat })).toBe(2);
  });

  test("of the secondary element stands beside it, and between two boundaries both are told by what is pending", () => {
    const sections = {
      tariffSwitchingTable: settled(everyDay("00:00 blocks of TOU 1")),
      tariffThresholdMatrix: thresholds([100]),
      tariffBlockPriceMatrixTOU: prices([], [[30_000, 20_000]]),
      secondaryTariffTOUPriceMatrix: settled([5_000, 6_000, 0, 0]),
      tariffSwitchingTableSecondaryElement: settled(everyDay("00:00 TOU 2")),
    };
    const begun = beginTariff(stateWith(sections), markOf(utc("2026-06-01T00:00:00Z"), 0, 0));
    expect(shown(begun)).toEqual([30_000, 6_000]);
    const now = { ...begun, ...pendingTariff(begun, markOf(utc("2026-06-01T00:10:00Z"), 150, 0)) };
    expect(shown(now)).toEqual([20_000, 6_000]);
  });
});

describe("what is planned", () => {
  const NOON = utc("2026-06-01T12:10:00Z");
  const planned = <T>(valueCurrent: T, valueNext: T): Planned<T> => ({
    valueCurrent,
    valueNext,
    activateNextDateTime: NOON,
  });

  test("every section with a planned value is activated by the one rule", () => {
    const fresh: Readonly<Record<string, unknown>> = stateWith({});
    const withNext = SECTIONS.filter((section) => {
      const value = fresh[section];
      return typeof value === "object" && value !== null && "valueNext" in value;
    });
    expect([...PLANNED_SECTIONS].sort()).toEqual([...withNext].sort());
  });

  test("a new tariff takes effect at its moment, with an alert, a line in the event log and a billing entry", () => {
    const sections = {
      tariffSwitchingTable: planned(everyDay("00:00 TOU 1"), everyDay("00:00 TOU 5")),
      tariffBlockPriceMatrixTOU: planned(prices([10_000]).valueCurrent, prices([0, 0, 0, 0, 40_000]).valueCurrent),
    };
    const { esme, notices } = lives(sections, "2026-06-01T12:00:00Z", "2026-06-01T13:00:00Z", 1_200);
    const { state } = esme;
    expect(tou(state)).toBe("TOU 1 200, TOU 5 1000");
    expect(state.tariffAccount.spentMicropence).toBe(200 * 10_000 + 1_000 * 40_000);
    expect(state.tariffSwitchingTable).toEqual(settled(everyDay("00:00 TOU 5")));
    const alerts = notices.filter((notice) => notice.kind === "alert");
    expect(alerts.map(({ at, code }) => [at, code])).toEqual([
      [NOON, 0x8f66],
      [NOON, 0x8f66],
    ]);
    expect(entriesOf(state.eventLog).map((entry) => [entry.timestamp, entry.logCode])).toEqual([
      [NOON, 0x8f66],
      [NOON, 0x8f66],
    ]);
    const billed = entriesOf(state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport);
    expect(billed.map((entry) => [entry.timestamp, entry.activeImportRegisterValue])).toEqual([[NOON, 200]]);
    expect(billed[0]?.tariffTOURegisterMatrixValue.slice(0, 5)).toEqual([200, 0, 0, 0, 0]);
  });

  test("another payment mode makes a billing entry, with the balances of its moment", () => {
    const sections = {
      paymentMode: planned<"credit" | "prepayment">("credit", "prepayment"),
      emergencyCreditBalance: { value: 1 },
      meterBalance: { value: -2 },
      paymentDebtRegister: { value: 3 },
      timeDebtRegisters: [4, 5],
      accumulatedDebtRegister: { value: 6 },
    };
    const { esme, notices } = lives(sections, "2026-06-01T12:00:00Z", "2026-06-01T13:00:00Z", 1_200);
    expect(esme.state.paymentMode).toEqual(settled("prepayment"));
    const [billed, ...others] = entriesOf(esme.state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport);
    expect(others).toEqual([]);
    expect(billed).toMatchObject({
      timestamp: NOON,
      activeImportRegisterValue: 200,
      emergencyCreditBalanceValue: 1,
      meterBalanceValue: -2,
      paymentDebtRegisterValue: 3,
      timeDebtRegisters1Value: 4,
      timeDebtRegisters2Value: 5,
      accumulatedDebtRegisterValue: 6,
    });
    // Only the billing calendar's log is pushed.
    expect(notices.flatMap((notice) => (notice.kind === "alert" ? [notice.code] : []))).toEqual([0x8f66]);
  });

  test("a load limit that takes effect makes an alert and no billing entry", () => {
    const sections = { loadLimitPowerThreshold: planned(0, 3_000) };
    const { esme, notices } = lives(sections, "2026-06-01T12:00:00Z", "2026-06-01T13:00:00Z", 1_000);
    expect(esme.state.loadLimitPowerThreshold).toEqual(settled(3_000));
    expect(notices.flatMap((notice) => (notice.kind === "alert" ? [notice.code] : []))).toEqual([0x8f66]);
    expect(esme.state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport.written).toBe(0);
  });

  test("what was planned for a moment that has passed takes effect at the next boundary", () => {
    const sections = { standingCharge: planned(1, 2) };
    const story = lives(sections, "2026-06-01T12:20:00Z", "2026-06-01T12:40:00Z", 1_000);
    expect(story.at("2026-06-01T12:29:00Z").standingCharge.valueCurrent).toBe(1);
    expect(story.esme.state.standingCharge).toEqual(settled(2));
  });

  test("a planned tariff that does not hold together is dropped whole with an alert, and the old one goes on", () => {
    const old = everyDay("00:00 TOU 1");
    const sections = {
      tariffSwitchingTable: planned(old, everyDay("07:00 TOU 5, 06:00 TOU 6")),
      standingCharge: planned(1, 2),
    };
    const { esme, notices } = lives(sections, "2026-06-01T12:00:00Z", "2026-06-01T13:00:00Z", 1_200);
    expect(tou(esme.state)).toBe("TOU 1 1200");
    expect([esme.state.tariffSwitchingTable, esme.state.standingCharge]).toEqual([settled(old), settled(1)]);
    expect(notices.flatMap((notice) => (notice.kind === "alert" ? [notice.code] : []))).toEqual([0x8f67, 0x8f67]);
  });

  test("a fault of what is planned is found before its moment", () => {
    const good = stateWith({ tariffSwitchingTable: planned(ECONOMY_7, everyDay("00:00 TOU 3")) });
    expect(tariffFault(good)).toBeNull();
    const days = settled(specialOf({ "12-25": 2 }));
    expect(tariffFault({ ...good, tariffSwitchingTableSpecialDays: days })).toEqual({
      place: "tariffSwitchingTableSpecialDays[0].dayIdentifier",
      rule: "special day 12-25 names day 2, which is unknown",
    });
    const back = stateWith({ tariffSwitchingTable: planned(ECONOMY_7, everyDay("07:00 TOU 3, 06:00 TOU 2")) });
    expect(tariffFault(back)?.place).toBe("tariffSwitchingTable.dayIdentifiers[0].times[1].startTime");
  });
});

describe("a tariff with a fault is refused with the place and the rule", () => {
  const days = (number: number, text = "00:00 TOU 1"): SwitchingTable => {
    const table = everyDay(text);
    return { ...table, dayIdentifiers: Array.from({ length: number }, (_, index) => dayOf(index + 1, text)) };
  };
  const times = (number: number) =>
    Array.from({ length: number }, (_, index) => {
      const minute = index * 29;
      const two = (value: number) => String(value).padStart(2, "0");
      return `${two(Math.floor(minute / 60))}:${two(minute % 60)} TOU ${1 + (index % 2)}`;
    }).join(", ");
  const week = "1 1 1 1 1 1 1";
  const one = ["00:00 TOU 1"];
  const ROWS: readonly (readonly [string, SwitchingTable, Readonly<Record<string, number>>, string | null])[] = [
    ["48 switches", everyDay(times(48)), {}, null],
    ["49 switches", everyDay(times(49)), {}, "dayIdentifiers[0].times: day 1 has 49 switches; 48 is the most"],
    ["a day that begins without a switch", everyDay("00:30 TOU 1"), {}, null],
    [
      "a day without switches",
      { ...everyDay("00:00 TOU 1"), dayIdentifiers: [{ dayIdentifier: 1, times: [] }] },
      {},
      "dayIdentifiers[0].times: day 1 has no switch; it needs at least one",
    ],
    [
      "switches out of order",
      everyDay("00:00 TOU 1, 07:00 TOU 2, 06:00 TOU 1"),
      {},
      "dayIdentifiers[0].times[2].startTime: day 1 switches at 06:00:00 after 07:00:00; a later switch has a later time",
    ],
    [
      "two switches at one time",
      everyDay("00:00 TOU 1, 00:00 TOU 2"),
      {},
      "dayIdentifiers[0].times[1].startTime: day 1 sw",
    ],
    [
      "an unknown week",
      { ...everyDay("00:00 TOU 1"), weeks: [] },
      {},
      "seasons[0].weekIdentifier: season all names week w0, which is unknown",
    ],
    [
      "an unknown day",
      tableOf({ all: "01-01 1 1 1 1 1 1 7" }, one),
      {},
      "weeks[0].days[6]: week w0 names day 7, which is unknown",
    ],
    [
      "days without a season",
      { ...everyDay("00:00 TOU 1"), seasons: [] },
      {},
      "seasons: a table with days has at least one season",
    ],
    [
      "seasons out of order",
      tableOf({ b: `10-01 ${week}`, a: `04-01 ${week}` }, one),
      {},
      "seasons[1].startDate: season a does not begin after the one before it",
    ],
    [
      "seasons of a year and of every year",
      tableOf({ a: `04-01 ${week}`, b: `2026-10-01 ${week}` }, one),
      {},
      "seasons[1].startDate: either every season begins in a certain year or every year",
    ],
    [
      "five seasons",
      tableOf(Object.fromEntries(["a", "b", "c", "d", "e"].map((name, at) => [name, `0${at + 1}-01 ${week}`])), one),
      {},
      "seasons: there are 5 seasons; 4 is the most",
    ],
    ["16 days", days(16), {}, null],
    ["17 days", days(17), {}, "dayIdentifiers: there are 17 days; 16 is the most"],
    [
      "one day twice",
      { ...days(1), dayIdentifiers: [dayOf(1, "00:00 TOU 1"), dayOf(1, "00:00 TOU 2")] },
      {},
      "dayIdentifiers[1]: day 1 is there twice",
    ],
    ["31 April", tableOf({ a: `04-31 ${week}` }, one), {}, "seasons[0].startDate: 04-31 is no date"],
    ["29 February of every year", everyDay("00:00 TOU 1"), { "02-29": 1 }, null],
    ["29 February 2027", everyDay("00:00 TOU 1"), { "2027-02-29": 1 }, "specialDays[0].date: 2027-02-29 is no date"],
    [
      "a special day without its day",
      days(1),
      { "12-25": 2 },
      "specialDays[0].dayIdentifier: special day 12-25 names day 2",
    ],
    [
      "51 special days",
      days(1),
      Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`${2030 + at}-12-25`, 1])),
      "specialDays: there are 51 special days; 50 is the most",
    ],
    ["no table at all", { seasons: [], weeks: [], dayIdentifiers: [] }, {}, null],
  ];
  test.each(ROWS)("%s", (_, table, special, expected) => {
    const fault = faultOf(table, specialOf(special));
    if (expected === null) expect(fault).toBeNull();
    else expect(`${fault?.place}: ${fault?.rule}`.slice(0, expected.length)).toBe(expected);
  });

  test("a special day that is there twice", () => {
    const twice = [...specialOf({ "12-25": 1 }), ...specialOf({ "12-25": 1 })];
    expect(faultOf(days(1), twice)).toEqual({ place: "specialDays[1]", rule: "special day 12-25 is there twice" });
  });

  test("a secondary element with blocks or a fifth TOU", () => {
    const rule = (text: string) => faultOf(everyDay(text), [], "secondary")?.rule;
    expect(rule("00:00 TOU 4")).toBeUndefined();
    expect(rule("00:00 TOU 5")).toBe("TOU 5 is beyond the last, 4");
    expect(rule("00:00 blocks of TOU 1")).toBe("the secondary element has no blocks");
  });

  test("thresholds that fall, or follow a missing one", () => {
    const fault = (...row: (number | null)[]) => faultOfThresholds([row])?.rule ?? null;
    expect(fault(1_000, 1_000, null)).toBeNull();
    expect(fault(2_000, 1_000, null)).toBe("block 3 of TOU 1 begins at 1000 Wh, before block 2 at 2000 Wh");
    expect(fault(null, 1_000, null)).toBe("block 3 of TOU 1 begins at 1000 Wh, but block 2 begins nowhere");
  });
});
