// A command at the meter's door: checked, obeyed and answered, or refused in silence. Pure but for the keyring's cryptography: the caller
// keeps the ESME and the answer in one transaction and sends afterwards. docs/spec/gbcs.md, "A command".
//
//   form - recipient - use case - known originator - MAC - role - signature - counter - items --> accepted: every item has its result
//   anything else                                                                           --> silence, and a line in the security log

import { assert } from "../ledger/assert.js";
import { CODES } from "../ledger/codes.js";
import type { Deed } from "../ledger/commands.js";
import type { Esme } from "../ledger/esme.js";
import type { ClockStep, Notice } from "../ledger/events.js";
import { turnEsme } from "../ledger/turn-esme.js";
import type { Utc_ms } from "../ledger/units.js";
import { type AccessResult, decodeAccessRequest, encodeAccessResponse, RESULTS } from "../wire/dlms/access.js";
import { NULL } from "../wire/dlms/data.js";
import { encodeDateTime } from "../wire/dlms/date-time.js";
import { encodeData } from "../wire/dlms/encode.js";
import { type Execution, execute, type KeyedItem } from "./engine.js";
import {
  COMMAND,
  decodeMessage,
  encodeBody,
  framed,
  MESSAGE_MAX,
  type Message,
  RESPONSE,
  type Supplementary,
  signedBytes,
} from "./frame.js";
import { itemKey } from "./item.js";
import type { Keyring, Role } from "./keyring.js";
import { isProtectedRead, protectedKeys, type Seal } from "./protected.js";
import { deriveKey, ENCRYPTION, macIsRight, macOf, seal } from "./security.js";
import { type UseCase, useCaseOf } from "./use-cases.js";

export interface Answered {
  readonly kind: "answered";
  readonly esme: Esme;
  readonly notices: readonly Notice[];
  readonly clockSet: ClockStep | null;
  readonly bytes: Uint8Array;
  readonly useCase: UseCase;
}

/** Nothing changed but the security log. */
export interface Silent {
  readonly kind: "silent";
  readonly esme: Esme;
  readonly code: SilenceCode;
  readonly reason: string;
}

/** Why a message is not answered, and the code of its line in the security log. Which code GBCS would use for which is inferred from the
 * codes' meanings. */
const SILENCES = {
  "gbcs-form": CODES.integrityCheckFailed,
  "gbcs-recipient": CODES.communicationUnauthorised,
  "gbcs-use-case": CODES.integrityCheckFailed,
  "gbcs-originator": CODES.communicationUnauthorised,
  "gbcs-mac": CODES.authenticationFailed,
  "gbcs-role": CODES.authorityMissing,
  "gbcs-signature": CODES.authenticationFailed,
  "gbcs-replayed": CODES.authorisationFailed,
  "gbcs-items": CODES.authorityMissing,
  "gbcs-keys": CODES.authenticationFailed,
} as const;
export type SilenceCode = keyof typeof SILENCES;

interface Refused {
  readonly code: SilenceCode;
  readonly reason: string;
}

/** A command that passed every check. */
interface Accepted {
  readonly message: Message;
  readonly useCase: UseCase;
  readonly role: Role;
  readonly invokeId: number;
  readonly items: readonly KeyedItem[];
  /** The secret with the command's originator, who is also the answer's recipient; null for a critical command, whose answer is signed
   * and holds nothing encrypted. */
  readonly secret: Uint8Array | null;
  readonly keyring: Keyring;
}

export interface Options {
  /** The item, counted from 1, at which the hardware is to fail. */
  readonly failItem?: number;
  /** What the hub's clock says now, where it is the master of the meter's and has said. */
  readonly masterTime?: Utc_ms | null;
}

export function answer(
  esme: Esme,
  at: Utc_ms,
  bytes: Uint8Array,
  keyring: Keyring,
  { failItem, masterTime }: Options = {},
): Answered | Silent {
  const accepted = check(esme, bytes, keyring);
  if ("code" in accepted) return silence(esme, at, accepted);
  const { message, useCase, role, items } = accepted;
  let begun = esme;
  if (useCase.replayProtected) {
    const deed: Deed = { kind: "accepted", party: message.originator, counter: message.counter };
    const turn = turnEsme(esme, { kind: "command", at, by: role, deed });
    if (turn.disobeyed !== null) return silence(esme, at, { code: "gbcs-replayed", reason: turn.disobeyed.reason });
    begun = turn.esme;
  }
  const sealing = sealingOf(begun, at, accepted);
  if ("code" in sealing) return silence(esme, at, sealing);
  const context = {
    at,
    identity: keyring.identity,
    by: `${role} ${message.originator}`,
    message: { messageCode: message.messageCode, originator: message.originator, counter: message.counter },
    seal: sealing.seal,
    failItem: failItem ?? null,
    masterTime: masterTime ?? null,
  };
  const answered = (done: Execution): Answered => {
    return { ...done, kind: "answered", bytes: responseOf(accepted, done, at, sealing.supplementary), useCase };
  };
  const done = execute(sealing.esme, context, items);
  const whole = answered(done);
  const failed = itemBeyond(done.results, whole.bytes.length);
  if (failed === null) return whole;
  const shorter = { ...context, failItem: failed, failResult: RESULTS.otherReason };
  return answered(execute(sealing.esme, shorter, items));
}

/** Where an answer of so many octets is longer than a message may be: the item, counted from 1, that fails for it to fit; null: it fits. */
function itemBeyond(results: readonly AccessResult[], length: number): number | null {
  let excess = length - MESSAGE_MAX;
  if (excess <= 0) return null;
  let at = results.length;
  while (at > 0 && excess > 0) excess -= encodeData(results[--at]?.data ?? NULL).length - 1;
  return at + 1;
}

/** The checks before anything changes, in their order. */
function check(esme: Esme, bytes: Uint8Array, keyring: Keyring): Accepted | Refused {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return no("gbcs-form", `it is no message: ${decoded.fault} at octet ${decoded.at}`);
  const { message, authenticated, signed } = decoded;
  const { originator, recipient, counter, mac } = message;
  if (message.cra !== COMMAND || message.time !== null || message.precommand === true || mac === null)
    return no("gbcs-form", "it is no command with a MAC");
  if (recipient !== keyring.identity) return no("gbcs-recipient", `it is for ${recipient}`);
  const useCase = useCaseOf(message.messageCode);
  if (useCase === null) return no("gbcs-use-case", `there is no use case ${hex16(message.messageCode)}`);

  const role = keyring.roleOf(originator);
  const secret = role === null || useCase.critical ? null : keyring.secretWith(originator);
  if (role === null || (secret === null && !useCase.critical))
    return no("gbcs-originator", `${originator} is not known`);
  // Whoever the originator is, the secret is that of the broker, the rest of the key the originator's (proved by recomputing).
  const broker = keyring.accessControlBroker;
  const brokerSecret = broker === null ? null : broker === originator && secret ? secret : keyring.secretWith(broker);
  if (broker === null || brokerSecret === null) return no("gbcs-keys", "there is no key of the Access Control Broker");
  const key = deriveKey(brokerSecret, originator, COMMAND, counter, recipient);
  if (!macIsRight(key, originator, authenticated, mac)) return no("gbcs-mac", "its MAC is not right");

  if (!useCase.roles.includes(role)) return no("gbcs-role", `${useCase.name} is not for a ${role}`);
  if (message.supplementary !== null && role !== "accessControlBroker")
    return no("gbcs-role", "only the Access Control Broker speaks for another party");
  if (useCase.critical !== (message.signature !== null))
    return no("gbcs-signature", useCase.critical ? "it is not signed" : "it is signed, and must not be");
  if (message.signature !== null && !keyring.verify(originator, signed, message.signature))
    return no("gbcs-signature", "its signature is not right");
  if (useCase.replayProtected && seen(esme, originator) >= counter)
    return no("gbcs-replayed", `its counter ${counter} was used before`);

  const request = decodeAccessRequest(message.content);
  if (!request.ok) return no("gbcs-form", `its content is no request: ${request.fault} at octet ${request.at}`);
  if (BigInt(request.value.invokeId) !== (counter & 0xffffffn)) return no("gbcs-form", "its id is not of its counter");
  const items = request.value.items.map((item): KeyedItem => ({ ...item, key: itemKey(item) }));
  const stray = items.find((item) => !allowed(useCase, item));
  if (stray !== undefined) return no("gbcs-items", `${useCase.name} does not ${stray.kind} ${stray.key}`);
  const excess = excessOf(items);
  if (excess !== null) return no("gbcs-items", excess);
  return { message, useCase, role, invokeId: request.value.invokeId, items, secret, keyring };
}

function allowed(useCase: UseCase, item: KeyedItem): boolean {
  const { key } = item;
  if (item.kind === "get") return useCase.reads.includes(key);
  if (item.kind === "set") return useCase.sets.includes(key);
  if (!useCase.acts.includes(key)) return false;
  if (!isProtectedRead(item)) return true;
  const keys = protectedKeys(item.data);
  return keys?.every((one) => useCase.protectedReads.includes(one)) === true;
}

/** Ours, so that an answer has bounds: the longest reference message has 23 items, the longest use case of the table 53. */
const ITEMS_MAX = 64;
const LOG_CLASS = "7/";

/** What is too much of a command: many items, attributes that are read encrypted among them, or a log more than once; null: nothing. */
function excessOf(items: readonly KeyedItem[]): string | null {
  const keys = items.flatMap((item) => (isProtectedRead(item) ? (protectedKeys(item.data) ?? []) : [item.key]));
  if (items.length > ITEMS_MAX || keys.length > ITEMS_MAX) return `a command has at most ${ITEMS_MAX} items`;
  const logs = keys.filter((key) => key.startsWith(LOG_CLASS));
  return new Set(logs).size < logs.length ? "a command asks for a log once" : null;
}

/** The highest counter that was accepted of a party; below the first there is none. */
function seen(esme: Esme, party: string): bigint {
  return esme.state.communicationsAccount.received.find((one) => one.party === party)?.counter ?? -1n;
}

interface Sealing {
  readonly esme: Esme;
  readonly seal: Seal;
  /** What the answer says of the party that the command named beside its originator. */
  readonly supplementary: Supplementary | null;
}

/** How what is protected is encrypted: for the originator, or for the party that the broker's command names with its certificate. Then
 * the key goes by a counter of the meter's own, which is used once. */
function sealingOf(esme: Esme, at: Utc_ms, { message, secret, keyring }: Accepted): Sealing | Refused {
  const { originator, counter, supplementary } = message;
  const us = keyring.identity;
  if (supplementary?.certificate == null) {
    const sealed: Seal = (plain) => {
      assert(secret !== null, "no critical use case reads what is encrypted");
      return seal(deriveKey(secret, us, ENCRYPTION, counter, originator), us, plain);
    };
    return { esme, seal: sealed, supplementary };
  }
  const { party, certificate } = supplementary;
  const shared = keyring.secretWithCertificate(party, certificate);
  if (shared === null) return no("gbcs-keys", `the certificate that came with it is no key of ${party}`);
  const { esme: begun, disobeyed } = turnEsme(esme, { kind: "command", at, by: "meter", deed: { kind: "originated" } });
  if (disobeyed !== null) return no("gbcs-keys", disobeyed.reason);
  const { originatorCounter } = begun.state.communicationsAccount;
  return {
    esme: begun,
    seal: (plain) => seal(deriveKey(shared, us, ENCRYPTION, originatorCounter, party), us, plain),
    supplementary: { party, counter: supplementary.counter, originatorCounter, certificate: null },
  };
}

function responseOf(
  { message, useCase, invokeId, secret, keyring }: Accepted,
  { results, esme: _, clockSet }: Execution,
  at: Utc_ms,
  supplementary: Supplementary | null,
): Uint8Array {
  const { originator, counter, messageCode } = message;
  const us = keyring.identity;
  const unsigned: Message = {
    cra: RESPONSE,
    counter,
    originator: us,
    recipient: originator,
    time: useCase.time ? encodeDateTime({ kind: "moment", utc_ms: clockSet?.at ?? at }) : null,
    messageCode,
    supplementary,
    content: encodeAccessResponse({ invokeId, results }),
    signature: null,
    mac: null,
  };
  if (secret === null) return encodeBody({ ...unsigned, signature: keyring.sign(signedBytes(unsigned)) });
  const body = encodeBody(unsigned);
  return framed(body, macOf(deriveKey(secret, us, RESPONSE, counter, originator), us, body));
}

function silence(esme: Esme, at: Utc_ms, { code, reason }: Refused): Silent {
  const deed: Deed = { kind: "message-refused", code: SILENCES[code].code, text: `${code}: ${reason}` };
  return { kind: "silent", esme: turnEsme(esme, { kind: "command", at, by: "meter", deed }).esme, code, reason };
}

function no(code: SilenceCode, reason: string): Refused {
  return { code, reason };
}

function hex16(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, "0");
}
