// What the meter tells without being asked: an alert of the ledger as a data notification. docs/spec/gbcs.md, "Alerts".

import { CODES } from "../ledger/codes.js";
import type { Esme } from "../ledger/esme.js";
import type { Notice } from "../ledger/events.js";
import { entriesOf, newest } from "../ledger/log.js";
import type { Origin } from "../ledger/state/identity.js";
import { turnEsme } from "../ledger/turn-esme.js";
import type { Utc_ms } from "../ledger/units.js";
import { type Data, octets, structure, u16 } from "../wire/dlms/data.js";
import { encodeDateTime } from "../wire/dlms/date-time.js";
import { encodeNotification } from "../wire/dlms/notification.js";
import { octetsOfObis } from "../wire/dlms/obis.js";
import { audienceOf, isOutage, isSigned } from "./audience.js";
import { ALERT, type Eui, encodeBody, framed, type Message, signedBytes } from "./frame.js";
import type { Item } from "./item.js";
import type { Keyring } from "./keyring.js";
import { viewOf } from "./meter-view.js";
import { sealedValues } from "./protected.js";
import { deriveKey, ENCRYPTION, macOf, seal } from "./security.js";
import { itemOf, TABLE } from "./table.js";

export type Alert = Extract<Notice, { kind: "alert" }>;

export interface Alerted {
  /** The meter with its originator counter one further for each message. */
  readonly esme: Esme;
  /** One for each party that is told. */
  readonly messages: readonly { readonly recipient: Eui; readonly bytes: Uint8Array }[];
}

/** Whom the alert is for, under which counter. */
interface Address {
  readonly keyring: Keyring;
  readonly recipient: Eui;
  readonly counter: bigint;
}

const BILLING = 0x0061;
const OUTAGE = 0x0067;
const ACTIVATION = 0x00cc;
const GENERIC_CRITICAL = 0x1000;
const GENERIC = 0x1001;
const BILLING_LOG = "7/0-0:98.1.0.255/A2";

/** No message where nobody is to be told of it, the meter knows nobody to tell, or cannot tell it so that only they can read it. */
export function alertMessages(esme: Esme, at: Utc_ms, alert: Alert, keyring: Keyring): Alerted {
  let told = esme;
  const messages: Alerted["messages"][number][] = [];
  for (const recipient of recipientsOf(esme, alert, keyring)) {
    const turn = turnEsme(told, { kind: "command", at, by: "meter", deed: { kind: "originated" } });
    if (turn.disobeyed !== null) break;
    const begun = turn.esme;
    const counter = begun.state.communicationsAccount.originatorCounter;
    const bytes = messageTo({ keyring, recipient, counter }, begun, at, alert);
    if (bytes === null) continue;
    told = begun;
    messages.push({ recipient, bytes });
  }
  return { esme: told, messages };
}

/** What a message planned is told to whoever sent it, and to nobody where no message did. */
function recipientsOf({ state }: Esme, { code, planned }: Alert, keyring: Keyring): readonly Eui[] {
  if (planned !== undefined) return planned.origin === null ? [] : [planned.origin.originator];
  return audienceOf(code, state).flatMap((role) => keyring.holderOf(role) ?? []);
}

function messageTo(address: Address, esme: Esme, at: Utc_ms, alert: Alert): Uint8Array | null {
  const { keyring, recipient, counter } = address;
  const form = formOf(esme, at, alert, address);
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
  return secured(unsigned, keyring);
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
    return row === null ? null : { messageCode: ACTIVATION, more: [octets(plannedBy(planned.origin, row))] };
  }
  if (code === CODES.billingDataLogUpdated.code) return billing(esme, at, alert, address);
  if (isOutage(code) && times !== undefined) return { messageCode: OUTAGE, more: times.map(time) };
  return { messageCode: isSigned(code) ? GENERIC_CRITICAL : GENERIC, more: [] };
}

/** The entry that was written then, else the newest one, encrypted as a protected read of it would be (ECS68). */
function billing(esme: Esme, at: Utc_ms, alert: Alert, { keyring, recipient, counter }: Address): Form | null {
  const log = esme.state.billingDataLogBillingCalendarTriggeredExcExport;
  const entry = entriesOf(log).find(({ timestamp }) => timestamp === alert.at) ?? newest(log);
  const secret = keyring.secretWith(recipient);
  if (entry === null || secret === null) return null;
  const range = { from: entry.timestamp, to: entry.timestamp };
  const value = itemOf(BILLING_LOG)?.get?.(viewOf(esme, at, keyring.identity), range) ?? null;
  if (value === null) return null;
  const us = keyring.identity;
  const key = deriveKey(secret, us, ENCRYPTION, counter, recipient);
  return { messageCode: BILLING, more: sealedValues([value], us, recipient, counter, (plain) => seal(key, us, plain)) };
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

/** The row whose moment activates the section. Where one moment activates several, the first of them tells for all: the reference alerts of
 * ECS02 and ECS03 are one for the payment mode and both suspensions of debt. */
function activationOf(section: string): Item | null {
  return TABLE.find((row) => row.activates?.[0] === section) ?? null;
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
