// What official commands plan for a moment takes effect at it, and the meter tells whoever planned it as the official alerts do: each of
// ours is held against its reference alert, octet for octet, up to the signature.

import { describe, expect, it } from "vitest";
import { keyringOfKeystore } from "../../host/adapters/keys/keystore-file.js";
import { type Alert, alertMessages } from "../../host/gbcs/alerts.js";
import { answer } from "../../host/gbcs/answer.js";
import { bytesOfHex, hexOf } from "../../host/gbcs/codecs.js";
import type { Keyring } from "../../host/gbcs/keyring.js";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import { type EsmeState, PLANNED_SECTIONS } from "../../host/ledger/state/state.js";
import { settled } from "../../host/ledger/state/words.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { reading, utc } from "../ledger/helpers.js";
import { KEYSTORE, type ReferenceMessage, reference, WHERE } from "./reference.js";
import { messageOf } from "./rows-of.js";

const BEGUN = utc("2015-01-01T00:00:00Z");
/** After every moment that the official commands name. */
const AFTER = utc("2030-12-15T09:00:00Z");
const SIGNATURE_hex = 128;
/** So that a command that sets credit changes something. */
const PREPAYMENT = settled("prepayment" as const);

describe.skipIf(reference === null)(`what official commands plan (${WHERE})`, () => {
  const { messages = [] } = reference ?? {};
  const named = (kind: string, ...words: readonly string[]) =>
    messages.filter((one) => {
      return one.kind === kind && one.useCase.startsWith("ECS") && words.every((word) => one.name.includes(word));
    });
  /** In the order of their counters. */
  const alertsOf = (useCase: string) =>
    named("alert", "_8F66_")
      .filter((one) => one.useCase === useCase)
      .map(({ hex }) => ({ hex: hex.toLowerCase(), counter: messageOf(hex).counter }))
      .sort((one, other) => Number(one.counter - other.counter));

  const planning = named("command", "FUTURE_DATED", "SUCCESS");
  const table: string[] = [];
  it.each(planning)("$name: each item has its alert at its moment, as the official ones", (command) => {
    const wanted = alertsOf(command.useCase);
    const { meter, keyring } = obeyed(newMeter(command), command);
    const ours = told(counting(meter, (wanted[0]?.counter ?? 0n) - 1n), keyring);
    const same = ours.filter((hex, at) => hex === unsigned(wanted[at]?.hex ?? "")).length;
    table.push(`${command.useCase}: ${same} of ${wanted.length} identical`);
    expect(ours).toEqual(wanted.map(({ hex }) => unsigned(hex)));
  });
  it("leaves none of the official alerts of activations out", () => {
    const counted = planning.map(({ useCase }) => alertsOf(useCase).length);
    expect(counted.reduce((sum, one) => sum + one, 0)).toBe(named("alert", "_8F66_").length);
    expect(counted).not.toContain(0);
    process.stdout.write(`8F66 up to the signature: ${table.join("; ")}\n`);
  });

  it("tells of a tariff that cannot take effect with 8F67, else in the same words, and keeps the old one", () => {
    const command = planning.find(({ useCase }) => useCase === "ECS01a") as ReferenceMessage;
    const wanted = alertsOf("ECS01a");
    const { meter, keyring } = obeyed(newMeter(command), command);
    // As a snapshot may say that somebody wrote: a special day of a day that the table lacks.
    const { tariffSwitchingTableSpecialDays: special } = meter.state;
    const [first] = special.valueNext ?? [];
    if (first === undefined) throw new Error("the command plans special days");
    const broken = with_(meter, {
      tariffSwitchingTableSpecialDays: { ...special, valueNext: [{ ...first, dayIdentifier: 16 }] },
    });
    const at = counting(broken, (wanted[0]?.counter ?? 0n) - 1n);
    expect(told(at, keyring)).toEqual(wanted.map(({ hex }) => unsigned(hex).replace("128f66", "128f67")));
    const after = turnEsme(at, reading(AFTER, 0)).esme.state;
    expect(after.tariffSwitchingTable.valueCurrent).toEqual(meter.state.tariffSwitchingTable.valueCurrent);
    expect(waiting(after)).toEqual([]);
  });

  const cancelling = named("command", "CANCELLATION");
  it.each(cancelling)("$name: nothing is planned any more, nothing changes, and there is no alert", (command) => {
    const planned = planning.find((one) => one.useCase === command.useCase) as ReferenceMessage;
    const fresh = newMeter(planned);
    const { meter } = obeyed(fresh, planned);
    expect(waiting(meter.state)).not.toEqual([]);
    const { meter: cancelled, keyring } = obeyed(meter, command);
    expect(waiting(cancelled.state)).toEqual([]);
    expect(cancelled.state.communicationsAccount.planned).toEqual([]);
    const after = turnEsme(cancelled, reading(AFTER, 0)).esme.state;
    // ECS08 as it was before ECS08a sets this one attribute's current value, and only then its moment.
    const asItWas = { prepaymentCreditMaxMeterBalance: fresh.state.prepaymentCreditMaxMeterBalance };
    expect(current(command.useCase === "ECS08" ? { ...after, ...asItWas } : after)).toEqual(current(fresh.state));
    expect(told(cancelled, keyring)).toEqual([]);
  });

  const immediate = named("command", "IMMEDIATE", "SUCCESS");
  it.each(immediate)("$name: takes effect at once, and there is no alert", (command) => {
    const fresh = with_(newMeter(command), { paymentMode: PREPAYMENT });
    const { meter, keyring } = obeyed(fresh, command);
    expect(current(meter.state)).not.toEqual(current(fresh.state));
    expect(waiting(meter.state)).toEqual([]);
    expect(told(meter, keyring)).toEqual([]);
  });
  it("a load limit that is set at once holds at once", () => {
    const command = immediate.find(({ useCase }) => useCase === "ECS28a") as ReferenceMessage;
    const { state } = obeyed(newMeter(command), command).meter;
    const { loadLimitPowerThreshold: threshold, loadLimitPeriod: period, loadLimitRestorationPeriod: rest } = state;
    expect([threshold, period, rest].map(({ valueCurrent }) => valueCurrent)).toEqual([6_900, 300, 30]);
  });
});

/** Metering since 2015 began, with the elements that the command is for. */
function newMeter({ name }: ReferenceMessage): Esme {
  const { esme } = turnEsme(newEsme(1), reading(BEGUN, 0));
  return /TWIN|^ECS01[cd]/.test(name) ? with_(esme, { meterVariant: { value: "B" } }) : esme;
}

/** The meter that has obeyed; whether counters rise from message to message is not asked here. */
function obeyed(esme: Esme, { name, hex }: ReferenceMessage): { readonly meter: Esme; readonly keyring: Keyring } {
  const read = keyringOfKeystore(KEYSTORE, messageOf(hex).recipient);
  if (!read.ok) throw new Error(read.reason);
  const { communicationsAccount } = esme.state;
  const forgetful = with_(esme, { communicationsAccount: { ...communicationsAccount, received: [] } });
  const done = answer(forgetful, BEGUN, bytesOfHex(hex.toLowerCase()), read.keyring);
  if (done.kind === "silent") throw new Error(`${name}: ${done.reason}`);
  expect(done.notices.filter(({ kind }) => kind === "alert")).toEqual([]);
  return { meter: done.esme, keyring: read.keyring };
}

/** The alerts until all moments have passed, without their signatures. */
function told(meter: Esme, keyring: Keyring): readonly string[] {
  const turned = turnEsme(meter, reading(AFTER, 0));
  let next = turned.esme;
  return turned.notices
    .filter((one): one is Alert => one.kind === "alert")
    .flatMap((one) => {
      const alerted = alertMessages(next, one.at, one, keyring);
      next = alerted.esme;
      return alerted.messages.map(({ bytes }) => unsigned(hexOf(bytes)));
    });
}

function counting(esme: Esme, originatorCounter: bigint): Esme {
  return with_(esme, { communicationsAccount: { ...esme.state.communicationsAccount, originatorCounter } });
}

function with_(esme: Esme, sections: Partial<EsmeState>): Esme {
  return { ...esme, state: { ...esme.state, ...sections } };
}

function waiting(state: EsmeState): readonly string[] {
  return PLANNED_SECTIONS.filter((section) => state[section].activateNextDateTime !== null);
}

function current(state: EsmeState): readonly unknown[] {
  return PLANNED_SECTIONS.map((section) => state[section].valueCurrent);
}

function unsigned(hex: string): string {
  return hex.slice(0, -SIGNATURE_hex);
}
