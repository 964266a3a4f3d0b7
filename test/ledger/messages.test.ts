// What the ledger keeps of messages: counters that only rise, the code of the message in the logs, and which message planned what, so that
// the alerts when it takes effect can say so, in the order in which it was planned.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Deed, Settings } from "../../host/ledger/commands.js";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { Notice } from "../../host/ledger/events.js";
import { entriesOf, logged } from "../../host/ledger/log.js";
import { type Origin, PARTIES } from "../../host/ledger/state/identity.js";
import { settled } from "../../host/ledger/state/words.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import type { Utc_ms } from "../../host/ledger/units.js";
import { june, reading } from "./helpers.js";

const TEN = june("10:00:00");
const LATER = june("10:30:00");
const SUPPLIER = "90b3d51f30010000";

function message(messageCode: number, counter = 1n): Origin {
  return { messageCode, originator: SUPPLIER, counter };
}

function ask(esme: Esme, deed: Deed, from?: Origin, at: Utc_ms = TEN) {
  const command = { kind: "command", at, by: "supplier", deed } as const;
  return turnEsme(esme, from === undefined ? command : { ...command, message: from });
}

/** What is planned for half an hour later, or for the moment that is given. */
function plan<T>(valueCurrent: T, valueNext: T, activateNextDateTime: Utc_ms = LATER) {
  return { valueCurrent, valueNext, activateNextDateTime };
}

function set(esme: Esme, sections: Settings, from?: Origin): Esme {
  const { esme: next, disobeyed } = ask(esme, { kind: "set", sections }, from);
  expect(disobeyed).toBeNull();
  return next;
}

function alerts(notices: readonly Notice[]) {
  return notices.flatMap((notice) => (notice.kind === "alert" ? [[notice.code, notice.planned]] : []));
}

const METERING = turnEsme(newEsme(1), reading(TEN, 1_000)).esme;

describe("the counters of messages", () => {
  test("of each party only rise: what is not above the highest that was accepted is refused, and changes nothing", () => {
    const parties = Array.from({ length: PARTIES + 3 }, (_, n) => (0x90b3d51f30010000n + BigInt(n)).toString(16));
    const one = fc.record({
      party: fc.constantFrom(...parties),
      counter: fc.oneof(fc.bigInt(0n, 5n), fc.bigInt(2n ** 64n - 3n, 2n ** 64n - 1n)),
    });
    fc.assert(
      fc.property(fc.nat(parties.length), fc.array(one, { maxLength: 40 }), (known, more) => {
        const messages = [...parties.slice(0, known).map((party) => ({ party, counter: 1n })), ...more];
        const highest = new Map<string, bigint>();
        let esme = METERING;
        for (const { party, counter } of messages) {
          const before = highest.get(party);
          const good = before === undefined ? highest.size < PARTIES : counter > before;
          const turned = ask(esme, { kind: "accepted", party, counter });
          expect(turned.disobeyed === null).toBe(good);
          if (good) highest.set(party, counter);
          else expect(turned.esme).toBe(esme);
          esme = turned.esme;
        }
        const { received } = esme.state.communicationsAccount;
        expect(received).toEqual([...highest].map(([party, counter]) => ({ party, counter })));
        expect([esme.state.eventLog.written, esme.state.securityLog.written]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  test("that the meter begins itself go up by one, up to the last of 64 bits, after which it begins none", () => {
    const begun = (esme: Esme) => ask(esme, { kind: "originated" }).esme;
    expect(begun(begun(METERING)).state.communicationsAccount.originatorCounter).toBe(2n);
    const { communicationsAccount } = METERING.state;
    const last = { ...communicationsAccount, originatorCounter: 2n ** 64n - 1n };
    const end = { ...METERING, state: { ...METERING.state, communicationsAccount: last } };
    const turn = ask(end, { kind: "originated" });
    expect(turn.disobeyed?.code).toBe("counter");
    expect(turn.esme).toBe(end);
  });
});

describe("the logs", () => {
  test("give the code of the message that a command was, and none where no message brought it", () => {
    const sections = { standingCharge: settled(30_000), loadLimitPeriod: settled(61) };
    const deeds: Deed[] = [
      { kind: "set", sections },
      { kind: "set-registers", import_wh: 5, export_wh: 6 },
      { kind: "supply", to: "disable" },
      { kind: "reset", what: "loadLimitCounter" },
      { kind: "clock-master", master: "hub" },
      { kind: "set-clock", presetTime: TEN, timeRangeStart: TEN, timeRangeEnd: LATER },
      { kind: "clear-auxiliary-controller-event-log" },
    ];
    for (const [from, other] of [
      [message(0x009b), "009b"],
      [undefined, ""],
    ] as const)
      for (const deed of deeds) {
        const { state } = ask(METERING, deed, from).esme;
        const written = [...entriesOf(state.eventLog), ...entriesOf(state.securityLog)];
        expect(written.length).toBeGreaterThan(0);
        for (const entry of written) expect([deed.kind, entry.otherInformation]).toEqual([deed.kind, other]);
      }
  });

  test("say of a message that was refused which code and why, in the security log, and nothing else happened", () => {
    const deed: Deed = { kind: "message-refused", code: 0x8155, text: "x".repeat(300) };
    const { esme, notices, disobeyed } = ask(METERING, deed, message(0x0090));
    const entry = { timestamp: TEN, logCode: 0x8155, otherInformation: "0090", text: `supplier: ${"x".repeat(190)}` };
    expect(entriesOf(esme.state.securityLog)).toEqual([entry]);
    expect({ ...esme.state, securityLog: METERING.state.securityLog }).toEqual(METERING.state);
    expect([notices, disobeyed]).toEqual([[], null]);
  });

  test("of the auxiliary controllers are emptied by command, and the security log says who did", () => {
    const event = { timestamp: TEN, switchNumberAndAction: 1, outcome: 0, hanCommandID: 7 };
    const auxiliaryControllerEventLog = logged(METERING.state.auxiliaryControllerEventLog, event, 100);
    const before = { ...METERING, state: { ...METERING.state, auxiliaryControllerEventLog } };
    const { state } = ask(before, { kind: "clear-auxiliary-controller-event-log" }).esme;
    expect(entriesOf(state.auxiliaryControllerEventLog)).toEqual([]);
    expect(state.auxiliaryControllerEventLog.written).toBe(1);
    expect(entriesOf(state.securityLog).map(({ logCode, text }) => [logCode, text])).toEqual([
      [0x8f52, "supplier: the auxiliary controller event log was cleared"],
    ]);
  });
});

describe("the alert of what took effect as planned", () => {
  test("names the section and the message that planned it, in the order in which it was planned", () => {
    const first = message(0x0043, 0x3ecn);
    const second = message(0x0019, 0x3f0n);
    let esme = set(
      METERING,
      {
        loadLimitSupplyState: plan(false, true),
        loadLimitPowerThreshold: plan(0, 6_900),
        loadLimitPeriod: plan(60, 300),
      },
      first,
    );
    esme = set(esme, { standingCharge: plan(0, 20_000) });
    esme = set(
      esme,
      { currencyUnit: plan("GBP", "EUR"), tariffThresholdMatrix: plan(NONE, NONE), loadLimitPeriod: plan(60, 30) },
      second,
    );
    const { esme: after, notices } = turnEsme(esme, reading(LATER, 1_100));
    expect(alerts(notices)).toEqual([
      [0x8f66, { section: "loadLimitSupplyState", origin: first }],
      [0x8f66, { section: "loadLimitPowerThreshold", origin: first }],
      [0x8f66, { section: "currencyUnit", origin: second }],
      [0x8f66, { section: "tariffThresholdMatrix", origin: second }],
      [0x8f66, { section: "loadLimitPeriod", origin: second }],
      [0x8f66, { section: "standingCharge", origin: null }],
    ]);
    expect(after.state.communicationsAccount.planned).toEqual([]);
    const told = entriesOf(after.state.eventLog).filter(({ logCode }) => logCode === 0x8f66);
    expect(told.map(({ otherInformation, text }) => [otherInformation, text.split(" ")[0]])).toEqual(
      alerts(notices).map(([, planned]) => ["", (planned as { section: string }).section]),
    );
  });

  test("is not sent of what takes effect with its command, nor of what was cancelled", () => {
    const waiting = set(METERING, { standingCharge: plan(0, 20_000), loadLimitPeriod: plan(60, 90) }, message(0x19));
    const { esme, notices } = ask(
      waiting,
      { kind: "set", sections: { standingCharge: plan(0, 30_000, TEN), loadLimitPeriod: settled(60) } },
      message(0x19, 2n),
    );
    expect(notices).toEqual([]);
    expect(esme.state.standingCharge).toEqual(settled(30_000));
    expect(esme.state.communicationsAccount.planned).toEqual([]);
    expect(esme.state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport.written).toBe(1);
    expect(turnEsme(esme, reading(LATER, 1_100)).notices.filter(({ kind }) => kind === "alert")).toEqual([]);
  });

  test("goes with what a command finds overdue, though what the command sets is not told", () => {
    const waiting = set(METERING, { loadLimitPeriod: plan(60, 90) }, message(0x43));
    const sections = { standingCharge: plan(0, 30_000, LATER) };
    const { notices } = ask(waiting, { kind: "set", sections }, message(0x1a), LATER);
    expect(alerts(notices)).toEqual([[0x8f66, { section: "loadLimitPeriod", origin: message(0x43) }]]);
  });

  test("names the last message that planned it, also where it planned the same, and none where a person did since", () => {
    const sections = { loadLimitPeriod: plan(60, 90) };
    const again = set(set(METERING, sections, message(0x43, 1n)), sections, message(0x43, 2n));
    expect(again.state.communicationsAccount.planned.map(({ origin }) => origin.counter)).toEqual([2n]);
    const byHand = set(again, { loadLimitPeriod: plan(60, 91) });
    expect(alerts(turnEsme(byHand, reading(LATER, 1_100)).notices)).toEqual([
      [0x8f66, { section: "loadLimitPeriod", origin: null }],
    ]);
  });

  test("that it could not take effect names them too, and they are forgotten", () => {
    const seasons = { seasons: [], weeks: [], dayIdentifiers: [] };
    const planned = set(METERING, { tariffSwitchingTable: plan(seasons, seasons) }, message(0x19));
    // Nobody can plan a tariff with a fault; a snapshot could hold one.
    const days = [{ date: { year: null, month: 1, dayOfMonth: 1 }, dayIdentifier: 3 }];
    const torn = { ...planned, state: { ...planned.state, tariffSwitchingTableSpecialDays: settled(days) } };
    const { esme, notices } = turnEsme(torn, reading(LATER, 1_100));
    expect(alerts(notices)).toEqual([[0x8f67, { section: "tariffSwitchingTable", origin: message(0x19) }]]);
    expect(esme.state.communicationsAccount.planned).toEqual([]);
  });
});

const NONE = Array.from({ length: 8 }, () => [null, null, null]);
