// A partial snapshot: what is missing is that of a new meter, what is ours is completed so that the laws hold, and what somebody has
// learnt of a meter reads the same in the meter that is made of it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { partialSnapshot, SCHEMA, snapshot } from "../../host/document/declaration.js";
import { brokenAccount } from "../../host/document/laws.js";
import { esmeOfPartial, type Learnt, partialOf } from "../../host/document/partial.js";
import { esmeFrom, esmeOf } from "../../host/document/snapshot.js";
import type { Deed } from "../../host/ledger/commands.js";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { Reading } from "../../host/ledger/events.js";
import { registers_wh } from "../../host/ledger/ledger.js";
import { DEPTHS, kept } from "../../host/ledger/profile.js";
import { esmeLive, esmeState } from "../../host/ledger/state/state.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { DAY_ms, HALF_HOUR_ms, MicroWattHours, rfc3339, Utc_ms } from "../../host/ledger/units.js";
import { documents } from "./arbitrary.js";
import { asDocument, lived, NIGHT_RATE } from "./histories.js";

const AT = "2026-06-01T10:10:00Z";
const NOW = Utc_ms(Date.parse(AT));
const OUR_OWN = ["ledgerAccount", "besideAccount", "esmeAccount", "tariffAccount", "recordsAccount"];

function meterOf(sections: object): Esme {
  const read = esmeOfPartial({ schema: SCHEMA, at: AT, ...sections });
  if (!read.ok) throw new Error(read.reason);
  expect(read.at).toBe(NOW);
  // Whatever was missing: written whole, its accounts explain its registers.
  const whole = z.decode(snapshot, JSON.parse(JSON.stringify(asDocument(read.esme))));
  expect(brokenAccount(whole, esmeFrom(whole))).toBeNull();
  return read.esme;
}

const reasonOf = (document: unknown) => {
  const read = esmeOfPartial(document);
  return read.ok ? "" : read.reason;
};
const halfHours = (esme: Esme) => [...kept(esme.ledger.profile)].map(({ end, wh }) => [rfc3339(end), ...wh]);
const secondaryOf = (esme: Esme) => {
  const ledger = esme.beside.find(({ name }) => name === "secondary")?.ledger;
  if (ledger === undefined) throw new Error("there is no secondary element");
  return ledger;
};

describe("a partial snapshot", () => {
  it("of nothing but its moment is a new meter that begins to count then", () => {
    const esme = meterOf({});
    expect(registers_wh(esme.ledger)).toEqual([0, 0, 0, 0]);
    expect(halfHours(esme)).toEqual([]);
    const fresh = asDocument(newEsme(1));
    const { cumulativeAndHistoricalValueStore: history, ...settings } = asDocument(esme);
    for (const name of Object.keys(settings) as (keyof typeof settings)[])
      if (!OUR_OWN.includes(name)) expect([name, settings[name]]).toEqual([name, fresh[name]]);
    expect(history.dayToDate).toMatchObject({ from: AT, markWh: 0 });
  });

  it("of one register has it, and says that the energy flowed in no known half hour", () => {
    const esme = meterOf({ activeImportRegister: { value: 10 } });
    expect(registers_wh(esme.ledger)).toEqual([10, 0, 0, 0]);
    expect(esme.ledger.unallocated_wh).toEqual([10, 0, 0, 0]);
    expect(esme.state.tariffAccount).toMatchObject({ markWh: 10, setWh: 10 });
    expect(esme.state.recordsAccount).toMatchObject({ daysUnallocatedWh: 10 });
  });

  it("of half hours of export has the same of import, not known", () => {
    const logEntries = [
      { timestamp: "2026-06-01T09:30:00Z", activeEnergyExportedValue: 7, reactiveEnergyExportedValue: null },
      { timestamp: "2026-06-01T10:00:00Z", activeEnergyExportedValue: 8, reactiveEnergyExportedValue: 2 },
    ];
    const esme = meterOf({ profileDataLogExport: { logEntries }, activeExportRegister: { value: 20 } });
    expect(halfHours(esme)).toEqual([
      ["2026-06-01T09:30:00Z", null, 7, null, null],
      ["2026-06-01T10:00:00Z", null, 8, null, 2],
    ]);
    expect(esme.ledger.unallocated_wh).toEqual([0, 5, 0, 2 ** 32 - 2]);
  });

  it("of logs that name other half hours each has all of them in order", () => {
    const esme = meterOf({
      profileDataLogActiveEnergyImportedInPeriod: {
        logEntries: [{ timestamp: "2026-06-01T10:00:00Z", primaryValue: 1 }],
      },
      profileDataLogExport: {
        logEntries: [
          { timestamp: "2026-06-01T09:00:00Z", activeEnergyExportedValue: 2, reactiveEnergyExportedValue: 3 },
        ],
      },
      profileDataLogReactiveImport: {
        logEntries: [{ timestamp: "2026-06-01T09:30:00Z", reactiveEnergyImportedValue: 4 }],
      },
    });
    expect(halfHours(esme)).toEqual([
      ["2026-06-01T09:00:00Z", null, 2, null, 3],
      ["2026-06-01T09:30:00Z", null, null, 4, null],
      ["2026-06-01T10:00:00Z", 1, null, null, null],
    ]);
  });

  it("of a secondary register, or of half hours with a secondary value, is a meter with a secondary element", () => {
    const byRegister = meterOf({ besideAccount: { secondary: { activeImportRegister: { value: 300 } } } });
    expect(registers_wh(secondaryOf(byRegister))).toEqual([300, 0, 0, 0]);
    expect(byRegister.state.tariffAccount).toMatchObject({ secondaryMarkWh: 300, secondarySetWh: 300 });
    const logEntries = [{ timestamp: "2026-06-01T10:00:00Z", primaryValue: 5, secondaryValue: 6 }];
    const byHalfHour = meterOf({ profileDataLogActiveEnergyImportedInPeriod: { logEntries } });
    expect([...kept(secondaryOf(byHalfHour).profile)].map(({ wh }) => wh[0])).toEqual([6]);
    const secondary = {
      profileDataLogActiveEnergyImportedInPeriod: {
        logEntries: [{ timestamp: AT.replace("10:10", "10:00"), primaryValue: 6 }],
      },
    };
    const byItsLog = meterOf({ besideAccount: { secondary } });
    expect(halfHours(byItsLog)).toEqual([["2026-06-01T10:00:00Z", null, null, null, null]]);
    expect([...kept(secondaryOf(byItsLog).profile)].map(({ wh }) => wh[0])).toEqual([6]);
  });

  it("with rates, blocks and days is completed by what no rate and no day took", () => {
    const esme = meterOf({
      activeImportRegister: { value: 1_000 },
      tariffTOURegisterCollection: {
        touPrimaryRegister: [400, 300, ...Array(46).fill(0)],
        touSecondRegister: [0, 0, 0, 0],
      },
      dailyConsumptionLog: {
        logEntries: [{ timestamp: "2026-06-01T00:00:00Z", value: 1_200 }],
        written: 1,
      },
    });
    expect(esme.state.tariffAccount.setWh).toBe(300);
    expect(esme.state.recordsAccount).toMatchObject({ daysUnallocatedWh: 2 ** 32 - 200, day: { markWh: 1_000 } });
  });

  it("may hold what a meter told and we would not let anybody set", () => {
    const noMidnight = structuredClone(NIGHT_RATE);
    noMidnight.dayIdentifiers[0]?.times.shift();
    const plan = { valueNext: null, activateNextDateTime: null };
    const table = { valueCurrent: noMidnight, ...plan };
    const esme = meterOf({ tariffSwitchingTable: table, rmsVoltageSagThreshold: { threshold: 9_999 } });
    expect(esme.state.tariffSwitchingTable.valueCurrent).toEqual(noMidnight);
    expect(esme.state.rmsVoltageSagThreshold.threshold).toBe(9_999);
  });

  it("that misses nothing is the meter of the whole snapshot, and breaks the same laws", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), fc.nat(80), (seed, length) => {
        const document = JSON.parse(JSON.stringify(asDocument(lived(seed, length))));
        const read = esmeOfPartial(document);
        expect(read.ok ? read.esme : read.reason).toEqual(esmeOf(document));
      }),
      { numRuns: 20 },
    );
    const broken = JSON.parse(JSON.stringify(asDocument(lived(4, 60))));
    broken.rmsVoltageSagThreshold.threshold = 9_999;
    expect(reasonOf(broken)).toMatch(/^rmsVoltageSagThreshold.threshold: /);
  });

  it("that misses any sections of a whole one is still a meter, which reads as it did in what is left", () => {
    const names = Object.keys(snapshot.shape).filter((name) => name !== "schema" && name !== "at");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), fc.shuffledSubarray(names), (seed, left) => {
        // An account of ours explains what stands beside it: it does not stand alone.
        const accounts = ["ledgerAccount", "tariffAccount", "recordsAccount", "esmeAccount"];
        const document = JSON.parse(JSON.stringify(asDocument(lived(seed, 60))));
        const chosen = left.filter((name) => !accounts.includes(name) && name !== "besideAccount");
        const part = Object.fromEntries(chosen.map((name) => [name, document[name]]));
        const read = esmeOfPartial({ schema: SCHEMA, at: AT, ...part });
        if (!read.ok) throw new Error(read.reason);
        const whole = JSON.parse(JSON.stringify(asDocument(read.esme)));
        for (const name of chosen)
          if (!/^profileDataLog|^meter$|^source$/.test(name))
            expect([name, whole[name]]).toEqual([name, document[name]]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the meter of a partial snapshot", () => {
  const by = (deed: Deed) => ({ kind: "command", at: NOW, by: "operator", deed }) as const;

  it("obeys commands at its moment, and nothing else happens", () => {
    const esme = meterOf({
      activeImportRegister: { value: 10 },
      maximumDemandActivePowerImportValue: { value: 900, dateTimeStamp: AT, dateTimeOfLastReset: null },
    });
    const set = turnEsme(esme, by({ kind: "set", sections: { lowMediumPowerThreshold: { threshold: 7 } } }));
    expect([set.disobeyed, set.notices]).toEqual([null, []]);
    expect(set.esme.state.lowMediumPowerThreshold.threshold).toBe(7);
    const reset = turnEsme(set.esme, by({ kind: "reset", what: "maximumDemandActivePowerImportValue" }));
    expect([reset.disobeyed, reset.notices]).toEqual([null, []]);
    expect(reset.esme.state.maximumDemandActivePowerImportValue).toMatchObject({ value: 0, dateTimeOfLastReset: NOW });
    expect(reset.esme.ledger).toEqual(esme.ledger);
    expect(reset.esme.until).toBe(Date.parse("2026-06-01T10:30:00Z"));
    const { eventLog, lowMediumPowerThreshold, maximumDemandActivePowerImportValue, ...rest } = reset.esme.state;
    expect([eventLog.size, lowMediumPowerThreshold, maximumDemandActivePowerImportValue.value]).toEqual([
      2,
      { threshold: 7 },
      0,
    ]);
    expect(esme.state).toMatchObject(rest);
  });

  it("counts on when a reading of its device comes, and closes its half hour", () => {
    const esme = meterOf({
      activeImportRegister: { value: 10 },
      dailyConsumptionLog: { logEntries: [{ timestamp: "2026-06-01T00:00:00Z", value: 4 }], written: 1 },
    });
    const counters = [5, 0, 0, 0].map((wh) => MicroWattHours(wh * 1_000_000)) as unknown as Reading["counters"];
    const later = { at: Utc_ms(NOW + HALF_HOUR_ms), device: "snapshot", boot: 0, counters, base: null, span: null };
    const { esme: next } = turnEsme(esme, { kind: "reading", ...later });
    expect(registers_wh(next.ledger)[0]).toBe(15);
    expect(halfHours(next)).toHaveLength(1);
    expect(esmeOf(JSON.parse(JSON.stringify(asDocument(next))))).not.toHaveProperty("rule");
  });

  it("whose half hours end after its moment waits for a later one", () => {
    const logEntries = [{ timestamp: "2026-06-02T00:00:00Z", primaryValue: 3 }];
    const esme = meterOf({ profileDataLogActiveEnergyImportedInPeriod: { logEntries } });
    expect(esme.ledger.open?.end).toBe(Date.parse("2026-06-02T00:30:00Z"));
    expect(turnEsme(esme, by({ kind: "clear-event-log" })).disobeyed).toBeNull();
  });

  it("does what was planned for later when its time comes", () => {
    const activateNextDateTime = "2026-06-01T10:20:00Z";
    const esme = meterOf({ standingCharge: { valueCurrent: 1, valueNext: 2, activateNextDateTime } });
    expect(esme.until).toBe(Date.parse(activateNextDateTime));
  });
});

describe("a partial snapshot is refused with the place and the rule", () => {
  const head = { schema: SCHEMA, at: AT };
  const ends = (...timestamps: string[]) => ({
    logEntries: timestamps.map((timestamp) => ({ timestamp, reactiveEnergyImportedValue: 1 })),
  });
  it.each<[string, unknown, RegExp]>([
    ["no moment", { schema: SCHEMA }, /^at: it is missing/],
    ["no schema", { at: AT }, /^schema: /],
    ["another version", { ...head, schema: "esme/snapshot/2" }, /esme\/snapshot\/2; this program reads/],
    ["what is no object", 7, /^schema: /],
    ["an unknown section", { ...head, colour: 1 }, /^colour: there is nothing of that name/],
    [
      "an unknown field",
      { ...head, netting: { rule: "net", window: "board", colour: 1 } },
      /^netting.colour: there is/,
    ],
    ["half a section", { ...head, netting: { rule: "net" } }, /^netting.window: /],
    ["a text for a number", { ...head, activeImportRegister: { value: "1" } }, /^activeImportRegister.value: .*number/],
    ["an empty section", { ...head, netting: null }, /^netting: /],
    ["a section without a value", { ...head, netting: undefined }, /^netting: it is missing/],
    ["an unknown book", { ...head, besideAccount: { third: {} } }, /^besideAccount.third: there is nothing/],
    [
      "a register of a book too great",
      { ...head, besideAccount: { secondary: { activeImportRegister: { value: -1 } } } },
      /^besideAccount.secondary.activeImportRegister.value: /,
    ],
    [
      "a counter beyond 64 bits",
      { ...head, communicationsAccount: { originatorCounter: "18446744073709551616", received: [], planned: [] } },
      /^communicationsAccount.originatorCounter: /,
    ],
    [
      "a half hour that ends at no half hour",
      { ...head, profileDataLogReactiveImport: ends("2026-06-01T10:05:00Z") },
      /^profileDataLogReactiveImport.logEntries\[0\].timestamp: .*minute 00 or 30/,
    ],
    [
      "half hours out of order",
      { ...head, profileDataLogReactiveImport: ends("2026-06-01T10:00:00Z", "2026-06-01T09:00:00Z") },
      /logEntries\[1\].timestamp: .*ascend/,
    ],
    [
      "half hours of a book twice",
      {
        ...head,
        besideAccount: {
          secondary: { profileDataLogReactiveImport: ends(AT.replace("10:10", "10:00"), AT.replace("10:10", "10:00")) },
        },
      },
      /^besideAccount.secondary.profileDataLogReactiveImport.logEntries\[1\]/,
    ],
    [
      "a secondary value that is another in the secondary element's book",
      {
        ...head,
        profileDataLogActiveEnergyImportedInPeriod: {
          logEntries: [{ timestamp: "2026-06-01T10:00:00Z", primaryValue: 1, secondaryValue: 2 }],
        },
        besideAccount: {
          secondary: {
            profileDataLogActiveEnergyImportedInPeriod: {
              logEntries: [{ timestamp: "2026-06-01T10:00:00Z", primaryValue: 3 }],
            },
          },
        },
      },
      /logEntries\[0\].secondaryValue: it is the one of besideAccount.secondary/,
    ],
    [
      "an account that does not explain its register",
      {
        ...head,
        activeImportRegister: { value: 5 },
        ledgerAccount: { ...asDocument(lived(4, 60)).ledgerAccount, flags: [] },
      },
      /^activeImportRegister.value: it is the sum/,
    ],
  ])("for %s", (_, document, reason) => {
    expect(reasonOf(document)).toMatch(reason);
  });

  it("for export of a half hour that is too old for its log", () => {
    const first = Date.parse("2026-01-01T00:00:00Z");
    const logEntries = Array.from({ length: DEPTHS[1] + 1 }, (_, n) => ({
      timestamp: rfc3339(Utc_ms(first + n * HALF_HOUR_ms)),
      primaryValue: 1,
    }));
    const document = {
      ...head,
      profileDataLogActiveEnergyImportedInPeriod: { logEntries },
      profileDataLogReactiveImport: ends(rfc3339(Utc_ms(first))),
    };
    expect(reasonOf(document)).toMatch(/^profileDataLogReactiveImport.logEntries\[0\].timestamp: .*newest 4464/);
  });
});

describe("what was learnt of a meter", () => {
  /** Some sections as a declaration allows them. */
  const some = (shape: Readonly<Record<string, z.ZodType>>) =>
    fc
      .shuffledSubarray(Object.keys(shape), { maxLength: Math.min(6, Object.keys(shape).length) })
      .chain((names) =>
        fc.record(Object.fromEntries(names.map((name) => [name, documents(shape[name] as z.ZodType)]))),
      );
  const wh = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const perhaps = fc.option(wh, { nil: null });
  const quantity = fc.constantFrom<0 | 1 | 2 | 3 | "secondary">(0, 1, 2, 3, "secondary");
  const halfHour = fc.integer({ min: 0, max: 200 }).map((n) => Utc_ms(NOW - (NOW % DAY_ms) + n * HALF_HOUR_ms));
  const learnt = fc.record({
    at: fc.constant(NOW),
    state: some(esmeState.unwrap().shape).map((part) => decoded(part) as Learnt["state"]),
    live: some(esmeLive.unwrap().shape).map((part) => decoded(part) as Learnt["live"]),
    registers: fc.uniqueArray(fc.tuple(quantity, wh), { selector: ([q]) => q }).map((all) => new Map(all)),
    halfHours: fc
      .uniqueArray(fc.tuple(halfHour, fc.dictionary(quantity.map(String), perhaps, { maxKeys: 5 })), {
        selector: ([end]) => end,
        maxLength: 8,
      })
      .map((all) => new Map(all)),
  });
  /** Of sections, each by itself. */
  const decoded = (part: object) => {
    const { schema, at, ...sections } = z.decode(partialSnapshot, { schema: SCHEMA, at: AT, ...part });
    return sections;
  };

  it("is the smallest document: what was learnt and nothing else, in the declaration's order", () => {
    const order = Object.keys(snapshot.shape);
    fc.assert(
      fc.property(learnt, (what) => {
        const document = partialOf(what);
        const keys = Object.keys(document);
        expect(keys).toEqual([...keys].sort((one, other) => order.indexOf(one) - order.indexOf(other)));
        const told = (q: keyof NonNullable<ReturnType<typeof what.halfHours.get>>) =>
          [...what.halfHours.values()].some((entry) => entry[q] !== undefined);
        expect(new Set(keys)).toEqual(
          new Set([
            ...["schema", "at", ...Object.keys(what.state), ...Object.keys(what.live)],
            ...(
              [
                "activeImportRegister",
                "activeExportRegister",
                "reactiveImportRegister",
                "reactiveExportRegister",
              ] as const
            ).filter((_, q) => what.registers.has(q as 0 | 1 | 2 | 3)),
            ...(what.registers.has("secondary") ? ["besideAccount"] : []),
            ...(told("0") || told("secondary") ? ["profileDataLogActiveEnergyImportedInPeriod"] : []),
            ...(told("1") || told("3") ? ["profileDataLogExport"] : []),
            ...(told("2") ? ["profileDataLogReactiveImport"] : []),
          ]),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("reads the same in the meter of the document", () => {
    fc.assert(
      fc.property(learnt, (what) => {
        const { state, live } = what;
        // Accounts of ours are no part of what a meter tells.
        const { tariffAccount, recordsAccount, ...told } = state;
        const read = esmeOfPartial(JSON.parse(JSON.stringify(partialOf({ ...what, state: told }))));
        if (!read.ok) throw new Error(read.reason);
        const { esme } = read;
        const [before, after] = [partialOf({ ...what, state: told }), JSON.parse(JSON.stringify(asDocument(esme)))];
        for (const name of [...Object.keys(told), ...Object.keys(live)])
          expect([name, after[name]]).toEqual([name, JSON.parse(JSON.stringify(before))[name]]);
        for (const [q, value] of what.registers)
          expect(q === "secondary" ? registers_wh(secondaryOf(esme))[0] : registers_wh(esme.ledger)[q]).toBe(value);
        const byEnd = new Map([...kept(esme.ledger.profile)].map((entry) => [entry.end, entry.wh]));
        for (const [end, entry] of what.halfHours)
          for (const [q, value] of Object.entries(entry))
            if (q === "secondary")
              expect([...kept(secondaryOf(esme).profile)].find((one) => one.end === end)?.wh[0]).toBe(value);
            else expect(byEnd.get(end)?.[Number(q) as 0 | 1 | 2 | 3]).toBe(value);
      }),
      { numRuns: 100 },
    );
  });
});
