// What the meter tells unasked, as bytes: the official alerts of an outage and of a billing period, whom each alert is for, and how it is
// secured; what MACs and encryption are held against is computed here.

import { createCipheriv, createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keyringOfKeystore } from "../../host/adapters/keys/keystore-file.js";
import { type Alert, alertMessages } from "../../host/gbcs/alerts.js";
import { hexOf } from "../../host/gbcs/codecs.js";
import type { Message } from "../../host/gbcs/frame.js";
import type { Keyring, Role } from "../../host/gbcs/keyring.js";
import { Draft } from "../../host/gbcs/meter-view.js";
import { itemOf } from "../../host/gbcs/table.js";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { EsmeState } from "../../host/ledger/state/state.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import type { Data } from "../../host/wire/dlms/data.js";
import { decodeData } from "../../host/wire/dlms/decode.js";
import { decodeNotification } from "../../host/wire/dlms/notification.js";
import { reading, utc } from "../ledger/helpers.js";
import { KEYSTORE, type ReferenceMessage, reference, WHERE } from "./reference.js";
import { decrypted, messageOf } from "./rows-of.js";

const AT = utc("2015-01-01T00:00:00Z");
const BILLING_LOG = "7/0-0:98.1.0.255/A2";

describe.skipIf(reference === null)(`official alerts (${WHERE})`, () => {
  const { messages = [], keystore = {} } = reference ?? {};
  const alerts = messages.filter(({ kind }) => kind === "alert");

  it.each(alerts.filter(({ useCase }) => useCase === "ECS68"))("$name, up to the signature", (one) => {
    const wanted = messageOf(one.hex);
    const fresh = newEsme(1);
    const draft = new Draft({ state: fresh.state, live: fresh.live, at: AT }, true);
    expect(itemOf(BILLING_LOG)?.put?.(draft, entryIn(wanted))).toBe(true);
    const meter = counting({ ...fresh, state: { ...fresh.state, ...draft.touched() } }, wanted.counter - 1n);
    expect(only(meter, { code: 0x8f0a }, keyringOf(one))).toBe(unsigned(one.hex));
  });

  it.each(alerts.filter(({ useCase }) => useCase === "ECS80"))("$name, up to the signature", (one) => {
    const times = [utc("2014-12-31T23:50:00Z"), utc("2014-12-31T23:59:00Z")];
    const meter = counting(newEsme(1), messageOf(one.hex).counter - 1n);
    expect(only(meter, { code: 0x8f36, times }, keyringOf(one))).toBe(unsigned(one.hex));
  });

  it("a billing period that ended while nothing was read is told with its own entry, not with the newest", () => {
    const calendar = { startDateTime: utc("2015-02-01T00:00:00Z"), periodicity: "monthly" as const };
    const begun = turnEsme(having(newEsme(1), { billingCalendar: calendar }), reading(AT, 0)).esme;
    const { esme, notices } = turnEsme(begun, reading(utc("2015-03-02T00:00:00Z"), 60_000));
    const [one] = alerts as [ReferenceMessage];
    const told = notices
      .filter((notice): notice is Alert => notice.kind === "alert")
      .flatMap((alert) => alertMessages(esme, alert.at, alert, keyringOf(one)).messages);
    const entries = told.map(({ bytes }) => {
      const draft = new Draft({ state: esme.state, live: esme.live, at: AT }, true);
      expect(itemOf(BILLING_LOG)?.put?.(draft, entryIn(messageOf(hexOf(bytes))))).toBe(true);
      const { pages } = draft.touched().billingDataLogBillingCalendarTriggeredExcExport ?? { pages: [] };
      return pages.flat().map(({ timestamp }) => new Date(timestamp).toISOString().slice(0, 10));
    });
    expect(entries).toEqual([["2015-02-01"], ["2015-03-01"]]);
  });

  function entryIn(alert: Message): Data {
    const notification = decodeNotification(alert.content);
    if (!notification.ok || notification.value.data.type !== "structure") throw new Error("no notification");
    const sealed = notification.value.data.items[3];
    if (sealed?.type !== "octet-string") throw new Error("nothing is sealed");
    const plain = decodeData(decrypted(alert, sealed.bytes.subarray(5, -12), sealed.bytes.subarray(-12), keystore));
    if (!plain.ok || plain.value.data.type !== "structure") throw new Error("it does not decrypt");
    return plain.value.data.items[0] as Data;
  }
  function keyringOf({ hex }: ReferenceMessage): Keyring {
    const read = keyringOfKeystore(KEYSTORE, messageOf(hex).originator);
    if (!read.ok) throw new Error(read.reason);
    return read.keyring;
  }
});

const METER = "00db000000000001";
const SUPPLIER = "90b3d51f30010000";
const OPERATOR = "90b3d51f30020000";
const SECRET = new Uint8Array(32).fill(7);

/** Keys that tell who was asked: every secret is the same, every signature zeros. */
function keys(holders: { readonly [R in Role]?: string } = { supplier: SUPPLIER, networkOperator: OPERATOR }): Keyring {
  return {
    identity: METER,
    accessControlBroker: null,
    roleOf: () => null,
    holderOf: (role) => holders[role] ?? null,
    secretWith: () => SECRET,
    secretWithCertificate: () => null,
    verify: () => false,
    sign: () => new Uint8Array(64),
  };
}

/** To whom, message code, counter, signed or MACed. */
function told(esme: Esme, alert: Partial<Alert> & { readonly code: number }, keyring = keys()) {
  return alertMessages(esme, AT, { kind: "alert", at: AT, text: "", ...alert }, keyring).messages.map(
    ({ recipient, bytes }) => {
      const { messageCode, counter, signature, mac, recipient: addressed } = messageOf(hexOf(bytes));
      expect(addressed).toBe(recipient);
      expect((signature === null) === (mac !== null)).toBe(true);
      return [recipient, messageCode.toString(16), Number(counter), signature === null ? "MAC" : "signed"];
    },
  );
}

describe("an alert", () => {
  const meter = newEsme(1);
  it("of voltage is the network operator's, of 81xx the supplier's: both not critical, with a MAC", () => {
    expect(told(meter, { code: 0x8002 })).toEqual([[OPERATOR, "1001", 1, "MAC"]]);
    expect(told(meter, { code: 0x8099 })).toEqual([[OPERATOR, "1001", 1, "MAC"]]);
    expect(told(meter, { code: 0x81c6 })).toEqual([[SUPPLIER, "1001", 1, "MAC"]]);
  });

  it("of an outage is the network operator's, of the clock the supplier's: critical, and signed", () => {
    expect(told(meter, { code: 0x8f35, times: [AT, AT] })).toEqual([[OPERATOR, "67", 1, "signed"]]);
    for (const code of [0x8f37, 0x8f3c])
      expect(told(meter, { code, times: [AT, AT] })).toEqual([[OPERATOR, "67", 1, "signed"]]);
    expect(told(meter, { code: 0x8f0c })).toEqual([[SUPPLIER, "1000", 1, "signed"]]);
  });

  it("of the load limit goes to both, each in a message with a counter of its own, and the meter counts both", () => {
    const both = [
      [SUPPLIER, "1000", 1, "signed"],
      [OPERATOR, "1000", 2, "signed"],
    ];
    for (const code of [0x8f01, 0x8f33, 0x8f34]) expect(told(meter, { code })).toEqual(both);
    const { esme } = alertMessages(meter, AT, { kind: "alert", at: AT, code: 0x8f34, text: "" }, keys());
    expect(esme.state.communicationsAccount.originatorCounter).toBe(2n);
  });

  it("is not sent where its party turned it off: bit n of 256, counted from the last; of 8Fxx nobody can", () => {
    const without = (n: number) => ((1n << 256n) - 1n - (1n << BigInt(n))).toString(16);
    const deaf = having(meter, {
      alertsConfigurationSettingsNetworkOperator: {
        ...meter.state.alertsConfigurationSettingsNetworkOperator,
        settingsForWANAlerting: without(0x02),
      },
      alertsConfigurationSettingsSupplier: {
        ...meter.state.alertsConfigurationSettingsSupplier,
        settingsForWANAlerting: without(0xc6),
      },
    });
    const codes = [0x8002, 0x8006, 0x80c6, 0x8102, 0x81bd, 0x81c6, 0x8f01, 0x8f0c];
    expect(codes.filter((code) => told(deaf, { code }).length === 0)).toEqual([0x8002, 0x81c6]);
    const { esme } = alertMessages(deaf, AT, { kind: "alert", at: AT, code: 0x8002, text: "" }, keys());
    expect(esme).toBe(deaf);
  });

  it("is sent to nobody where nobody is known, and then uses no counter", () => {
    expect(told(meter, { code: 0x8f34 }, keys({ networkOperator: OPERATOR }))).toEqual([
      [OPERATOR, "1000", 1, "signed"],
    ]);
    expect(alertMessages(meter, AT, { kind: "alert", at: AT, code: 0x8f0c, text: "" }, keys({})).esme).toBe(meter);
  });

  it("of what was planned goes to who planned it, whoever is supplier now, and to nobody where no message did", () => {
    const origin = { messageCode: 0x19, originator: "90b3d51f30030000", counter: 5n };
    const section = "tariffSwitchingTable";
    expect(told(meter, { code: 0x8f66, planned: { section, origin } })).toEqual([
      [origin.originator, "cc", 1, "signed"],
    ]);
    expect(told(meter, { code: 0x8f66, planned: { section, origin: null } })).toEqual([]);
  });

  it("of a section that another section's moment activates is that section's, and uses no counter of its own", () => {
    const origin = { messageCode: 0x1b, originator: SUPPLIER, counter: 5n };
    const alert = { kind: "alert", at: AT, code: 0x8f66, text: "" } as const;
    const planned = { section: "suspendDebtDisabled", origin };
    expect(alertMessages(meter, AT, { ...alert, planned }, keys())).toEqual({ esme: meter, messages: [] });
    expect(told(meter, { code: 0x8f66, planned: { section: "paymentMode", origin } })).toHaveLength(1);
  });

  it("without a signature has a MAC over all from DF on, under a key of meter, alert, counter and recipient", () => {
    const first = counting(meter, 0x0102030405060708n);
    const [message] = alertMessages(first, AT, { kind: "alert", at: AT, code: 0x8006, text: "" }, keys()).messages;
    const hex = hexOf(message?.bytes ?? new Uint8Array(0));
    const counter = "0102030405060709";
    const other = `00000001${"07".repeat(32)}60857406080300${METER}0903${counter}${OPERATOR}`;
    const key = createHash("sha256").update(other, "hex").digest().subarray(0, 16);
    const cipher = createCipheriv("aes-128-gcm", key, Buffer.from(`${METER}00000000`, "hex"), { authTagLength: 12 });
    const body = `df0903${counter}08${METER}08${OPERATOR}00021001190f20060709000202128006090c07df0101ff000000008000ff00`;
    cipher.setAAD(Buffer.from(`110000000000${body}`, "hex")).final();
    expect(hex).toBe(`dd0000000000004d1100000000${body}${cipher.getAuthTag().toString("hex")}`);
  });
});

/** The one message of the alert, without its signature. */
function only(esme: Esme, alert: Partial<Alert> & { readonly code: number }, keyring: Keyring): string {
  const { messages } = alertMessages(esme, AT, { kind: "alert", at: AT, text: "", ...alert }, keyring);
  expect(messages).toHaveLength(1);
  return unsigned(hexOf(messages[0]?.bytes ?? new Uint8Array(0)));
}

function counting(esme: Esme, originatorCounter: bigint): Esme {
  return having(esme, { communicationsAccount: { ...esme.state.communicationsAccount, originatorCounter } });
}

function having(esme: Esme, sections: Partial<EsmeState>): Esme {
  return { ...esme, state: { ...esme.state, ...sections } };
}

function unsigned(hex: string): string {
  return hex.toLowerCase().slice(0, -128);
}
