// What may be asked of the meter: what is obeyed changes what it says and is written down; what breaks a rule is refused whole, with the
// place and the rule, and the meter is the very same object as before.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Deed, RESETS, SETTABLE } from "../../host/ledger/commands.js";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { EsmeEvent } from "../../host/ledger/events.js";
import { open_wh, registers_wh } from "../../host/ledger/ledger.js";
import { entriesOf } from "../../host/ledger/log.js";
import { esmeState } from "../../host/ledger/state/state.js";
import { settled } from "../../host/ledger/state/words.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { june, lines, reading, unexplained_wh } from "./helpers.js";

const NOON = june("12:00:00");

function ask(esme: Esme, deed: Deed, at: Utc_ms = NOON) {
  return turnEsme(esme, { kind: "command", at, by: "operator", deed });
}

function play(events: readonly EsmeEvent[], begin: Esme = newEsme(1)): Esme {
  return events.reduce((esme, event) => turnEsme(esme, event).esme, begin);
}

/** A meter that has imported 250 Wh of its open half hour, and 2 Wh of export. */
function metering(): Esme {
  return play([reading(june("11:30:00"), 1_000), reading(june("11:45:00"), 1_250.75, 2.25)]);
}

function logs(esme: Esme) {
  const lines = (log: Esme["state"]["eventLog"]) =>
    entriesOf(log).map((entry) => `0x${entry.logCode.toString(16).toUpperCase()} ${entry.text}`);
  return { events: lines(esme.state.eventLog), security: lines(esme.state.securityLog) };
}

const PRICES = { tou: Array<number>(48).fill(20_000), block: Array.from({ length: 8 }, () => [0, 0, 0, 0]) };
const DAY_AND_NIGHT = {
  seasons: [{ name: "all", startDate: { year: null, month: 1, dayOfMonth: 1 }, weekIdentifier: "w" }],
  weeks: [{ weekIdentifier: "w", days: [1, 1, 1, 1, 1, 1, 1] }],
  dayIdentifiers: [
    {
      dayIdentifier: 1,
      times: [
        { startTime: "00:00:00", tariffRateIdentifier: { kind: "tou", tou: 1 } },
        { startTime: "12:10:00", tariffRateIdentifier: { kind: "tou", tou: 2 } },
      ],
    },
  ],
} as const;
const [DAY] = DAY_AND_NIGHT.dayIdentifiers;
const NO_THRESHOLDS = Array.from({ length: 8 }, () => [null, null, null]);

describe("registers set to match another display", () => {
  test("read exactly so; the difference is unallocated, the open half hour keeps what it has; the security log says both values", () => {
    const { esme, disobeyed } = ask(metering(), { kind: "set-registers", import_wh: 25_567_548, export_wh: 0 });
    expect(disobeyed).toBeNull();
    expect(registers_wh(esme.ledger)).toEqual([25_567_548, 0, 0, 0]);
    expect(esme.ledger.cumulative.slice(0, 2)).toEqual([25_567_548_000_000, 0]);
    expect(open_wh(esme.ledger)).toEqual([250, 2, 0, 0]);
    expect(esme.ledger.unallocated_wh).toEqual([25_567_298, 2 ** 32 - 2, 0, 0]);
    expect(unexplained_wh(esme.ledger).every((wh) => wh === 0)).toBe(true);
    expect(logs(esme).security).toEqual([
      "0x8154 operator: registers set, import 250 to 25567548 Wh, export 2 to 0 Wh",
    ]);
    const later = play([reading(NOON, 1_500.75, 2.25)], esme);
    expect(lines(later.ledger)).toEqual(["12:00 500/2"]);
    expect(registers_wh(later.ledger)[0]).toBe(25_567_798);
  });

  test("keep every law of sums: TOU, days, and across the end of the register", () => {
    for (const import_wh of [0, 1, 249, 251, 2 ** 32 - 1]) {
      let esme = ask(metering(), { kind: "set-registers", import_wh, export_wh: 2 ** 32 - 1 }).esme;
      esme = play(
        [
          reading(NOON, 1_500, 3),
          reading(june("23:59:50"), 9_000, 3),
          reading(Utc_ms(june("23:59:50") + 20_000), 9_001, 3),
        ],
        esme,
      );
      const register = registers_wh(esme.ledger)[0];
      expect(register).toBe((import_wh + 7_750) % 2 ** 32);
      const { tariffAccount: account, recordsAccount: records, dailyConsumptionLog } = esme.state;
      // What was set is no energy: no rate, no day and no demand has it. Up to midnight 250 and 7,749.75 Wh had flowed.
      expect(esme.state.tariffTOURegisterCollection.touPrimaryRegister[0]).toBe(7_999);
      expect(entriesOf(dailyConsumptionLog).every((entry) => entry.value <= 8_000)).toBe(true);
      expect(esme.state.maximumDemandActivePowerImportValue.value).toBe(1_000);
      expect(esme.ledger.unallocated_wh[0]).toBe((import_wh - 250 + 7_500 + 2 ** 32) % 2 ** 32);
      let rates = account.setWh + ((register - account.markWh + 2 ** 32) % 2 ** 32);
      for (const wh of esme.state.tariffTOURegisterCollection.touPrimaryRegister) rates += wh;
      expect(rates % 2 ** 32).toBe(register);
      let days = records.daysUnallocatedWh + records.daysDroppedWh;
      days += (register - (records.day?.markWh ?? 0) + 2 ** 32) % 2 ** 32;
      for (const entry of entriesOf(dailyConsumptionLog)) days += entry.value;
      expect(days % 2 ** 32).toBe(register);
    }
  });

  test("before the first reading: counting goes on from there", () => {
    const { esme } = ask(newEsme(1), { kind: "set-registers", import_wh: 700, export_wh: 5 });
    const metered = play([reading(NOON, 0), reading(june("12:30:00"), 10)], esme);
    expect(registers_wh(metered.ledger)).toEqual([710, 5, 0, 0]);
    expect(metered.ledger.unallocated_wh).toEqual([700, 5, 0, 0]);
    expect(lines(metered.ledger)).toEqual(["12:30 10/0"]);
  });

  test("to what they read already change nothing and are not logged", () => {
    const set = ask(metering(), { kind: "set-registers", import_wh: 250, export_wh: 2 }).esme;
    expect(ask(set, { kind: "set-registers", import_wh: 250, export_wh: 2 }).esme).toBe(set);
  });
});

describe("a refused command", () => {
  const state = newEsme(1).state;
  const many = Array.from({ length: 49 }, (_, k) => ({
    startTime: `${String(Math.floor(k / 4)).padStart(2, "0")}:${String((k % 4) * 15).padStart(2, "0")}:00`,
    tariffRateIdentifier: { kind: "tou", tou: 1 } as const,
  }));
  const set = (sections: object): Deed => ({ kind: "set", sections }) as Deed;
  const cases: [string, Deed, string][] = [
    ["registers below 0", { kind: "set-registers", import_wh: -1, export_wh: 0 }, "set-registers.import_wh"],
    ["registers of a fraction", { kind: "set-registers", import_wh: 0, export_wh: 1.5 }, "set-registers.export_wh"],
    [
      "registers beyond 32 bits",
      { kind: "set-registers", import_wh: 2 ** 32, export_wh: 0 },
      "set-registers.import_wh",
    ],
    ["registers that are no number", { kind: "set-registers", import_wh: Number.NaN, export_wh: 0 }, "import_wh"],
    ["a section that is the meter's own", set({ loadLimitCounter: { value: 0 } }), "loadLimitCounter: "],
    ["a section that does not exist", set({ nonsense: 1 }), "nonsense: "],
    [
      "a threshold below zero",
      set({ rmsVoltageSagThreshold: { threshold: -1 } }),
      "rmsVoltageSagThreshold.threshold: ",
    ],
    [
      "an average under-voltage threshold at the over-voltage threshold of one phase",
      set({ averageRMSUnderVoltageThreshold: { value: [2_162, 2_530, 2_162] } }),
      "averageRMSUnderVoltageThreshold.value[1]: ",
    ],
    ["sag at swell", set({ rmsVoltageSagThreshold: { threshold: 2_640 } }), "rmsVoltageSagThreshold.threshold: "],
    [
      "an extreme over-voltage threshold below the average one",
      set({ rmsExtremeOverVoltageThreshold: { threshold: 2_529 } }),
      "rmsExtremeOverVoltageThreshold.threshold: ",
    ],
    [
      "an extreme under-voltage threshold above the average one",
      set({ rmsExtremeUnderVoltageThreshold: { threshold: 2_163 } }),
      "rmsExtremeUnderVoltageThreshold.threshold: ",
    ],
    [
      "low beyond medium",
      set({ lowMediumPowerThreshold: { threshold: 9_000 } }),
      "lowMediumPowerThreshold.threshold: ",
    ],
    [
      "block thresholds that descend",
      set({ tariffThresholdMatrix: settled([[500, 400, null], ...NO_THRESHOLDS.slice(1)]) }),
      "tariffThresholdMatrix",
    ],
    [
      "a switching table of 49",
      set({ tariffSwitchingTable: settled({ ...DAY_AND_NIGHT, dayIdentifiers: [{ ...DAY, times: many }] }) }),
      "tariffSwitchingTable.valueCurrent.dayIdentifiers[0].times: ",
    ],
    [
      "a season whose week is unknown",
      set({ tariffSwitchingTable: settled({ ...DAY_AND_NIGHT, weeks: [] }) }),
      "tariffSwitchingTable",
    ],
    [
      "a planned table with a fault, though it would be current only later",
      set({
        tariffSwitchingTable: {
          ...state.tariffSwitchingTable,
          valueNext: { ...DAY_AND_NIGHT, dayIdentifiers: [] },
          activateNextDateTime: june("13:00:00"),
        },
      }),
      "tariffSwitchingTable",
    ],
    [
      "a moment without a plan",
      set({ loadLimitPeriod: { valueCurrent: 60, valueNext: null, activateNextDateTime: NOON } }),
      "loadLimitPeriod.valueNext: ",
    ],
    [
      "a billing calendar that begins within a second",
      set({ billingCalendar: { startDateTime: Utc_ms(NOON + 1), periodicity: "monthly" } }),
      "billingCalendar.startDateTime: ",
    ],
    [
      "one bad section among good ones",
      set({ standingCharge: settled(30_000), rmsVoltageSwellThreshold: { threshold: 1 } }),
      "rmsVoltageSagThreshold.threshold: ",
    ],
    ["arming a supply that is enabled", { kind: "supply", to: "arm" }, "supply.to: "],
    ["a reset of something else", { kind: "reset", what: "supplyState" } as unknown as Deed, "reset.what: "],
    ["a deed that nobody knows", { kind: "explode" } as unknown as Deed, "command.deed: "],
    ["a set of nothing", { kind: "set", sections: null } as unknown as Deed, "set.sections: "],
    ["a supply that shall be something else", { kind: "supply", to: "sold" } as unknown as Deed, "supply.to: "],
    ["a master that is none", { kind: "clock-master", master: "moon" } as unknown as Deed, "clock-master.master: "],
    ["a party without an identifier", { kind: "accepted", party: "hub", counter: 1n }, "accepted.party: "],
    ["a counter below 0", { kind: "accepted", party: "90b3d51f30010000", counter: -1n }, "accepted.counter: "],
    ["a counter of 65 bits", { kind: "accepted", party: "90b3d51f30010000", counter: 2n ** 64n }, "accepted.counter: "],
    ["a refusal of no code", { kind: "message-refused", code: 0x1_0000, text: "" }, "message-refused.code: "],
    ["a reset of a phase of what has none", { kind: "reset", what: "loadLimitCounter", phase: 1 }, "reset.phase: "],
  ];
  for (const [name, deed, place] of cases)
    test(`leaves the meter as it is and names the place: ${name}`, () => {
      const before = metering();
      const { esme, notices, disobeyed } = ask(before, deed);
      expect(disobeyed?.reason).toContain(place);
      expect(esme).toBe(before);
      expect(notices).toEqual([]);
    });

  test("is every one that is not obeyed, whatever nonsense is set: else the state can be written down", () => {
    const value = fc.oneof(
      fc.integer(),
      fc.constantFrom(null, true, "GBP", "12:00:00", [], {}),
      fc.record({ value: fc.oneof(fc.integer({ min: -5, max: 9_999 }), fc.boolean()) }),
      fc.record({ threshold: fc.integer({ min: -5, max: 9_999 }) }),
      fc.record({ period: fc.integer({ min: -5, max: 9_999 }) }),
      fc.nat(50_000).map((v) => settled(v)),
      fc.constantFrom(settled(DAY_AND_NIGHT), settled(PRICES), settled("EUR")),
    );
    const sections = fc.dictionary(fc.constantFrom(...SETTABLE, "constructor", "tariffAccount"), value, { maxKeys: 2 });
    const before = metering();
    let obeyed = 0;
    fc.assert(
      fc.property(sections, (some) => {
        const { esme, disobeyed } = ask(before, set(some));
        if (disobeyed !== null) expect(esme).toBe(before);
        else {
          obeyed++;
          expect(esmeState.safeEncode(esme.state).success).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
    expect(obeyed).toBeGreaterThan(5);
  });
});

describe("settings", () => {
  test("of the tariff stand in the security log, others in the event log; what is set to what it was is not logged", () => {
    const sections = {
      standingCharge: settled(30_000),
      rmsVoltageSagThreshold: { threshold: 2_000 },
      lowMediumPowerThreshold: { threshold: 500 },
    };
    const { esme } = ask(metering(), { kind: "set", sections });
    expect(logs(esme)).toEqual({
      events: ["0x8154 operator: set rmsVoltageSagThreshold"],
      security: ["0x8154 operator: set standingCharge"],
    });
    expect(ask(esme, { kind: "set", sections }).esme).toBe(esme);
  });

  test("energy before a new price goes at the old one; the new tariff makes one billing entry", () => {
    const half = (price: number): Deed => {
      const next = { tou: Array<number>(48).fill(price), block: PRICES.block };
      return { kind: "set", sections: { tariffBlockPriceMatrixTOU: settled(next) } };
    };
    const priced = ask(play([reading(june("11:00:00"), 0)]), half(10_000)).esme;
    const before = play([reading(june("11:10:00"), 100)], priced);
    const after = play(
      [reading(june("11:20:00"), 300), reading(june("11:30:00"), 300)],
      ask(before, half(20_000)).esme,
    );
    expect(after.state.tariffAccount.spentMicropence).toBe(100 * 10_000 + 200 * 20_000);
    expect(after.state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport.written).toBe(2);
  });

  test("a new switching table is followed at its next switch", () => {
    const noon = play([reading(NOON, 1_500, 3)], metering());
    const { esme } = ask(noon, { kind: "set", sections: { tariffSwitchingTable: settled(DAY_AND_NIGHT) } });
    const later = play(
      [reading(june("12:10:00"), 2_000, 3), reading(june("12:20:00"), 2_100, 3), reading(june("12:30:00"), 2_300, 3)],
      esme,
    );
    expect(later.state.tariffTOURegisterCollection.touPrimaryRegister.slice(0, 3)).toEqual([1_000, 300, 0]);
  });

  test("planned for a moment that has passed take effect at once, for a moment to come at that moment", () => {
    const plan = (at: Utc_ms): Deed => {
      const standingCharge = { valueCurrent: 0, valueNext: 30_000, activateNextDateTime: at };
      return { kind: "set", sections: { standingCharge } };
    };
    const past = ask(metering(), plan(june("11:59:59")));
    expect(past.esme.state.standingCharge).toEqual(settled(30_000));
    // At once is not as planned: the command is written down, and no alert follows it.
    expect(past.notices).toEqual([]);
    expect(logs(past.esme)).toEqual({ events: [], security: ["0x8154 operator: set standingCharge"] });
    expect(past.esme.state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport.written).toBe(1);
    const noon = play([reading(NOON, 1_300, 3)], metering());
    const future = ask(noon, plan(june("12:10:00"))).esme;
    expect(future.state.standingCharge.valueCurrent).toBe(0);
    const until = play([reading(june("12:09:59"), 1_300, 3)], future);
    expect(until.state.standingCharge.valueCurrent).toBe(0);
    expect(play([reading(june("12:10:00"), 1_300, 3)], until).state.standingCharge).toEqual(settled(30_000));
  });

  test("without a moment a value waits, for good or until a moment is named", () => {
    const next = (at: Utc_ms | null): Deed => {
      const loadLimitPeriod = { valueCurrent: 60, valueNext: 90, activateNextDateTime: at };
      return { kind: "set", sections: { loadLimitPeriod } };
    };
    const waiting = play([reading(june("16:00:00"), 1_400, 3)], ask(metering(), next(null)).esme);
    expect(waiting.state.loadLimitPeriod).toEqual({ valueCurrent: 60, valueNext: 90, activateNextDateTime: null });
    const { esme, notices } = ask(waiting, next(june("16:00:00")), june("16:00:00"));
    expect(esme.state.loadLimitPeriod).toEqual(settled(90));
    expect(notices).toEqual([]);
  });

  test("a new limit of the randomised offset displaces the switches, number x limit / 10,000, in whole seconds", () => {
    const drawn = newEsme(6_667);
    expect(drawn.state.randomisedOffset.value).toBe(0);
    const limited = (esme: Esme, value: number) =>
      ask(esme, { kind: "set", sections: { randomisedOffsetLimit: { value } } }).esme.state.randomisedOffset.value;
    expect([1, 600, 1_799, 0].map((limit) => limited(drawn, limit))).toEqual([1, 400, 1_199, 0]);
    // A snapshot may hold an offset that is none of its own limit's.
    const told = { ...drawn, state: { ...drawn.state, randomisedOffset: { value: 77 } } };
    const other = ask(told, { kind: "set", sections: { rmsVoltageSagThreshold: { threshold: 2_000 } } });
    expect(other.disobeyed).toBeNull();
    expect(other.esme.state.randomisedOffset.value).toBe(77);
  });
});

describe("the supply", () => {
  test("is disabled, armed and enabled by command; a relay is told and the security log says so", () => {
    const told: string[] = [];
    let esme = metering();
    for (const to of ["disable", "arm", "enable", "enable"] as const) {
      const turned = ask(esme, { kind: "supply", to });
      esme = turned.esme;
      for (const notice of turned.notices) if (notice.kind === "supply-state") told.push(notice.state);
    }
    expect(told).toEqual(["disabled", "armed", "enabled"]);
    expect(logs(esme).security).toEqual([
      "0x8154 operator: supply enabled to disabled",
      "0x8154 operator: supply disabled to armed",
      "0x8154 operator: supply armed to enabled",
    ]);
  });
});

describe("a reset", () => {
  test("sets each counter and demand to zero, of one phase or of all, and is logged", () => {
    const before = metering();
    const used: Esme = {
      ...before,
      state: {
        ...before.state,
        averageRMSOverVoltageCounter: { value: [1, 2, 3] },
        averageRMSUnderVoltageCounter: { value: [4, 5, 6] },
        loadLimitCounter: { value: 7 },
        maximumDemandActivePowerExportValue: { value: 8, dateTimeStamp: NOON, dateTimeOfLastReset: null },
      },
    };
    const one = ask(used, { kind: "reset", what: "averageRMSUnderVoltageCounter", phase: 2 }).esme;
    expect(one.state.averageRMSUnderVoltageCounter.value).toEqual([4, 0, 6]);
    expect(logs(one).events).toEqual(["0x8154 operator: reset averageRMSUnderVoltageCounter of phase 2"]);
    const all = RESETS.reduce((esme, what) => ask(esme, { kind: "reset", what }).esme, used);
    expect(all.state.averageRMSOverVoltageCounter.value).toEqual([0, 0, 0]);
    expect(all.state.loadLimitCounter.value).toBe(0);
    expect(all.state.maximumDemandActivePowerExportValue).toEqual({
      value: 0,
      dateTimeStamp: null,
      dateTimeOfLastReset: NOON,
    });
    expect(all.state.tariffAccount.blockCountersResetAt).toBe(NOON);
    expect(logs(all).events.length).toBe(RESETS.length);
  });

  test("of the event log empties it, and the security log says who did", () => {
    const { esme } = ask(ask(metering(), { kind: "reset", what: "loadLimitCounter" }).esme, {
      kind: "clear-event-log",
    });
    expect(logs(esme)).toEqual({ events: [], security: ["0x8F52 operator: the event log was cleared"] });
    expect(esme.state.eventLog.written).toBe(1);
  });
});
