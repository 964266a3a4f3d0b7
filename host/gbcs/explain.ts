// Explains a GBCS message field by field: where it is, its bytes, the specification's name, what it says. Any bytes: a message, a
// pre-command, an alert, one cut short; as far as it goes, then what is wrong and where. docs/spec/gbcs.md, "Explaining a message".

import { decodeAccessRequest } from "../wire/dlms/access.js";
import { explainPayload } from "./explain/payload.js";
import { type Line, Walk } from "./explain/walk.js";
import { dateTimeWords, hex16 } from "./explain/words.js";
import { ALERT, COMMAND, decodeMessage, type Eui, MAC, RESPONSE } from "./frame.js";
import { type ItemKey, itemKey } from "./item.js";
import type { Keyring } from "./keyring.js";
import { deriveKey, ENCRYPTION, macIsRight, open } from "./security.js";
import { ALERT_CODES, type UseCase, useCaseOf } from "./use-cases.js";

export type { Line } from "./explain/walk.js";

export interface ExplainOptions {
  /** Says whose an EUI-64 is, whether the MAC is right, and opens what is encrypted. */
  readonly keyring?: Keyring | null;
  /** The items of the command, where the message answers one that is known: see `itemsOf`. */
  readonly items?: readonly ItemKey[] | null;
}

export function explain(bytes: Uint8Array, options: ExplainOptions = {}): readonly Line[] {
  const walk = new Walk(bytes);
  const keyring = options.keyring ?? null;
  const mac = walk.peek() === 0xdd ? macHeader(walk) : 0;
  walk.end -= mac;
  const header = groupingHeader(walk, keyring);
  if (header !== null) payload(walk, header, keyring, options.items ?? null);
  walk.end += mac;
  if (bytes[0] === 0xdd && !walk.stopped) {
    if (mac > 0 && walk.left > MAC) walk.stop(`${walk.left - MAC} octets are left over before the MAC`);
    else walk.field("MAC", MAC, () => `AES-128-GCM, 12 octets${macVerdict(bytes, keyring)}`);
  }
  if (walk.left > 0) walk.stop(`${walk.left} octets are left over`);
  // What this reads kindly, the meter may still refuse.
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) walk.stop(`the meter takes no such message: ${decoded.fault} at ${decoded.at}`);
  return walk.lines;
}

/** The items of a command, to explain its answer with; null where it is none. */
export function itemsOf(bytes: Uint8Array): readonly ItemKey[] | null {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok || decoded.message.cra !== COMMAND) return null;
  const request = decodeAccessRequest(decoded.message.content);
  return request.ok ? request.value.items.map(itemKey) : null;
}

const ODD = "not as GBCS has it";
const isZero = (octets: Uint8Array) => octets.every((octet) => octet === 0);

/** How many octets at the end are the MAC; 0 where the message is cut short, for then nobody can say. */
function macHeader(walk: Walk): number {
  walk.octet("general-ciphering", () => "a message with a MAC");
  walk.field("transaction-id .. key-info", 6, (found) => (isZero(found) ? "empty: the grouping header tells" : ODD));
  const length = walk.length("length of what follows");
  const whole = length !== null && length <= walk.left;
  if (length !== null && !whole) walk.remark("length of what follows", `only ${walk.left} octets do: cut short`);
  walk.octet("security-control", (octet) => (octet === 0x11 ? "authenticated, not encrypted" : ODD));
  walk.field("invocation-counter", 4, (found) => (isZero(found) ? "always 0: a key serves one message" : ODD));
  return whole && walk.left >= MAC ? MAC : 0;
}

interface Header {
  readonly cra: number;
  readonly originator: Eui;
  readonly recipient: Eui;
  readonly counter: bigint;
  readonly useCase: UseCase | null;
  readonly supplementary: Eui | null;
  readonly supplementaryOriginatorCounter: bigint | null;
}

const CRA: { readonly [cra: number]: string } = { [COMMAND]: "command", [RESPONSE]: "response", [ALERT]: "alert" };

function groupingHeader(walk: Walk, keyring: Keyring | null): Header | null {
  const who = (eui: Eui) => `${eui}${roleWords(eui, keyring)}`;
  const tag = walk.octet("general-signing", (octet) => (octet === 0xdf ? "the grouping header" : "not as GBCS has it"));
  if (tag !== null && tag !== 0xdf) walk.stop("a message begins with DD or DF");
  walk.octet("length of transaction-id", String);
  const cra = walk.octet("CRA flag", (octet) => CRA[octet] ?? "neither command, response nor alert");
  const counter = walk.counter("originator counter");
  walk.octet("length of originator", String);
  const originator = walk.eui("originator-system-title", who);
  walk.octet("length of recipient", String);
  const recipient = walk.eui("recipient-system-title", who);
  const time = walk.octet("length of date-time", (octet) => (octet === 0 ? "none" : String(octet)));
  if (time !== null && time > 0) walk.field("date-time", time, dateTimeWords);
  const length = walk.length("length of other-information");
  const code = walk.u16("message code", messageWords);
  if (length === null || code === null || counter === null || originator === null || recipient === null) return null;
  const more = supplementaryFields(walk, length - 2, cra ?? 0, who);
  return { cra: cra ?? 0, originator, recipient, counter, useCase: useCaseOf(code), ...more };
}

function supplementaryFields(walk: Walk, length: number, cra: number, who: (eui: Eui) => string) {
  const supplementary = length >= 8 ? walk.eui("supplementary remote party id", who) : null;
  if (length >= 16) walk.counter("supplementary remote party counter");
  const own = length === 24 && cra !== COMMAND ? walk.counter("supplementary originator counter") : null;
  const rest = length - (length >= 16 ? 16 : length >= 8 ? 8 : 0) - (own === null ? 0 : 8);
  if (rest > 0) walk.field("supplementary remote party key agreement certificate", rest, () => "X.509, DER");
  return { supplementary, supplementaryOriginatorCounter: own };
}

function payload(walk: Walk, header: Header, keyring: Keyring | null, items: readonly ItemKey[] | null): void {
  const length = walk.length("length of content");
  if (length === null) return;
  const { end } = walk;
  const whole = length <= walk.left;
  if (!whole) walk.remark("length of content", `only ${walk.left} octets follow`);
  if (whole) walk.end = walk.at + length;
  explainPayload(walk, {
    open: (sealed) => opened(sealed, header, keyring),
    protectedReads: header.useCase?.protectedReads ?? [],
    items,
  });
  walk.end = end;
  if (!whole) walk.stop("the content is cut short");
  if (header.cra === COMMAND && walk.left === 0 && end === walk.bytes.length)
    return walk.remark("signature", "not yet there: a pre-command ends here");
  const signature = walk.octet("length of signature", (octet) => (octet === 0 ? "none" : String(octet)));
  if (signature !== null && signature > 0)
    walk.field(
      "signature",
      signature,
      () => `ECDSA P-256 with SHA-256, r then s${signatureVerdict(walk.bytes, keyring)}`,
    );
}

function messageWords(code: number): string {
  const useCase = useCaseOf(code);
  const hex = hex16(code);
  if (useCase !== null) return `${hex} ${useCase.name}: ${useCase.title}`;
  return `${hex} ${ALERT_CODES.get(code) ?? "a use case that is not known"}`;
}

function roleWords(eui: Eui, keyring: Keyring | null): string {
  if (keyring === null) return "";
  if (eui === keyring.identity) return " (the meter)";
  const role = keyring.roleOf(eui);
  return role === null ? " (not known)" : ` (${role})`;
}

/** What the meter encrypted: for the recipient, or for the party that the header names besides, under a counter of the meter's own. */
function opened(sealed: Uint8Array, header: Header, keyring: Keyring | null): Uint8Array | null {
  const { originator, supplementary, supplementaryOriginatorCounter: own } = header;
  const recipient = own === null || supplementary === null ? header.recipient : supplementary;
  const secret = keyring?.secretWith(recipient) ?? null;
  if (secret === null) return null;
  return open(deriveKey(secret, originator, ENCRYPTION, own ?? header.counter, recipient), originator, sealed);
}

function macVerdict(bytes: Uint8Array, keyring: Keyring | null): string {
  const decoded = decodeMessage(bytes);
  if (keyring === null || !decoded.ok) return "";
  const { message, authenticated } = decoded;
  // A command's secret is the Access Control Broker's, whoever the originator is; the rest of the key is the originator's.
  const party = message.cra === COMMAND ? keyring.accessControlBroker : message.recipient;
  const secret = party === null ? null : keyring.secretWith(party);
  if (secret === null) return ": no key for it";
  const { originator, cra, counter, recipient } = message;
  const right = macIsRight(
    deriveKey(secret, originator, cra, counter, recipient),
    originator,
    authenticated,
    bytes.subarray(-MAC),
  );
  return right ? ": right" : ": wrong";
}

function signatureVerdict(bytes: Uint8Array, keyring: Keyring | null): string {
  const decoded = decodeMessage(bytes);
  if (keyring === null || !decoded.ok || decoded.message.signature === null) return "";
  const { message, signed } = decoded;
  if (keyring.roleOf(message.originator) === null) return ": no key for it";
  return keyring.verify(message.originator, signed, decoded.message.signature) ? ": right" : ": wrong";
}
