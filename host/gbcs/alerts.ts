// What the meter tells without being asked: an alert of the ledger as a data notification. docs/spec/gbcs.md, "Alerts".

import { CODES } from "../ledger/codes.js";
import type { Esme } from "../ledger/esme.js";
import type { Notice } from "../ledger/events.js";
import { newest } from "../ledger/log.js";
import type { Origin } from "../ledger/state/identity.js";
import { turnEsme } from "../ledger/turn-esme.js";
import type { Utc_ms } from "../ledger/units.js";
import { type Data, octets, structure, u16 } from "../wire/dlms/data.js";
import { encodeDateTime } from "../wire/dlms/date-time.js";
import { encodeNotification } from "../wire/dlms/notification.js";
import { octetsOfObis } from "../wire/dlms/obis.js";
import { ALERT, type Eui, encodeBody, framed, type Message, signedBytes } from "./frame.js";
import type { Item } from "./item.js";
import type { Keyring, Role } from "./keyring.js";
import { viewOf } from "./meter-view.js";
import { sealedValues } from "./protected.js";
import { deriveKey, ENCRYPTION, macOf, seal } from "./security.js";
import { itemOf, TABLE } from "./table.js";

export type Alert = Extract<Notice, { kind: "alert" }>;

export interface Alerted {
  /** The meter with its originator counter one further. */
  readonly esme: Esme;
  readonly bytes: Uint8Array;
  readonly recipient: Eui;
}

/** Whom the alert is for, under which counter. */
interface Address {
  readonly keyring: Keyring;
  readonly recipient: Eui;
  readonly counter: bigint;
}

const GENERIC_CRITICAL = 0x1000;
const GENERIC = 0x1001;
const BILLING_LOG = "7/0-0:98.1.0.255/A2";

/** Null where the meter knows nobody to tell it, or cannot tell it so that only they can read it. */
export function alertMessage(esme: Esme, at: Utc_ms, alert: Alert, keyring: Keyring): Alerted | null {
  const recipient = alert.planned?.origin?.originator ?? keyring.holderOf(audienceOf(alert.code));
  if (recipient === null) return null;
  const begun = turnEsme(esme, { kind: "command", at, by: "meter", deed: { kind: "originated" } }).esme;
  const counter = begun.state.communicationsAccount.originatorCounter;
  const form = formOf(begun, at, alert, { keyring, recipient, counter });
  if (form === null) return null;
  const unsigned: Message = {
    cra: ALERT,
    counter,
    originator: keyring.identity,
    recipient,
    time: null,
    messageCode: form.messageCode,
    supplementary: null,
    content: encodeNotification({
      invokeId: Number(counter & 0xffffffn),
      data: structure(u16(alert.code), time(alert.at), ...form.more),
    }),
    signature: null,
    mac: null,
  };
  const bytes = secured(unsigned, keyring);
  return bytes === null ? null : { esme: begun, recipient, bytes };
}

interface Form {
  readonly messageCode: number;
  /** What stands after the code and the time. */
  readonly more: readonly Data[];
}

function formOf(esme: Esme, at: Utc_ms, alert: Alert, address: Address): Form | null {
  const { planned, code, times } = alert;
  if (planned?.origin != null) {
    const row = activationOf(planned.section);
    return row === null ? null : { messageCode: 0x00cc, more: [octets(plannedBy(planned.origin, row))] };
  }
  if (code === CODES.billingDataLogUpdated.code) return billing(esme, at, address);
  const outage = code === CODES.outageRestored.code || code === CODES.outageRestoredLong.code;
  if (outage && times !== undefined) return { messageCode: 0x0067, more: times.map(time) };
  return { messageCode: isCritical(code) ? GENERIC_CRITICAL : GENERIC, more: [] };
}

/** The newest entry of the billing data log, encrypted as a protected read of it would be (ECS68). */
function billing(esme: Esme, at: Utc_ms, { keyring, recipient, counter }: Address): Form | null {
  const entry = newest(esme.state.billingDataLogBillingCalendarTriggeredExcExport);
  const secret = keyring.secretWith(recipient);
  if (entry === null || secret === null) return null;
  const range = { from: entry.timestamp, to: entry.timestamp };
  const value = itemOf(BILLING_LOG)?.get?.(viewOf(esme, at, keyring.identity), range) ?? null;
  if (value === null) return null;
  const us = keyring.identity;
  const key = deriveKey(secret, us, ENCRYPTION, counter, recipient);
  return { messageCode: 0x0061, more: sealedValues([value], us, recipient, counter, (plain) => seal(key, us, plain)) };
}

/** The command that planned what takes effect: message code, counter, class, OBIS, attribute (19 octets, read off). */
function plannedBy({ messageCode, counter }: Origin, row: Item): Uint8Array {
  const bytes = new Uint8Array(19);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, messageCode);
  view.setBigUint64(2, counter);
  view.setUint16(10, row.class);
  bytes.set(octetsOfObis(row.obis) ?? [], 12);
  view.setUint8(18, row.attribute ?? 0);
  return bytes;
}

/** The row whose moment activates the section. */
function activationOf(section: string): Item | null {
  return TABLE.find((row) => row.activates?.[0] === section) ?? null;
}

/** Voltage and outages concern the network operator, the rest the supplier: inferred from ECS80 and the other reference alerts. */
function audienceOf(code: number): Role {
  const voltage = code >= 0x8000 && code < 0x8100;
  const outage = code >= CODES.outageRestored.code && code <= CODES.phase3RestoredLong.code;
  return voltage || outage || (code & 0xfffc) === (CODES.supplyInterrupted.code & 0xfffc)
    ? "networkOperator"
    : "supplier";
}

/** Those of 8Fxx: inferred from the reference alerts, all of which are signed and of 8Fxx. */
function isCritical(code: number): boolean {
  return code >> 8 === 0x8f;
}

function secured(message: Message, keyring: Keyring): Uint8Array | null {
  const us = keyring.identity;
  if (message.messageCode !== GENERIC) return encodeBody({ ...message, signature: keyring.sign(signedBytes(message)) });
  const secret = keyring.secretWith(message.recipient);
  if (secret === null) return null;
  const body = encodeBody(message);
  return framed(body, macOf(deriveKey(secret, us, ALERT, message.counter, message.recipient), us, body));
}

function time(at: Utc_ms): Data {
  return octets(encodeDateTime({ kind: "moment", utc_ms: at }));
}
