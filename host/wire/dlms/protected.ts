// Protected attributes: method 1 of class 30, which reads attributes and answers them encrypted. docs/spec/gbcs.md,
// "Protected reads". The forms are those of the reference messages and no other.
//
//   request   structure{ array{ attribute... }, array{ protection } }         response  structure{ array{ protection }, sealed }
//   attribute structure{ u16 class, OBIS, i8 attribute, u16 0, structure{ enum 0, null | enum 1, structure{ from, to } } }
//   protection structure{ enum 2, structure{ transaction id, originator, recipient, other, structure{ enum 2, structure{ 02, key } } } }
//   sealed    31 00 00 00 00 | ciphertext | tag(12)

import { array, type Data, enumeration, i8, NULL, octets, structure, u16 } from "./data.js";
import { bytesOf, itemsOf, numberOf } from "./forms.js";
import { obisOf, octetsOfObis } from "./obis.js";
import { check } from "./writer.js";

export interface ProtectedAttribute {
  readonly class: number;
  readonly obis: string;
  readonly index: number;
  /** A log: both ends as date-times of 12 octets. */
  readonly range: { readonly from: Uint8Array; readonly to: Uint8Array } | null;
}

export interface Protection {
  /** 04 and the counter in the reference messages. */
  readonly transactionId: Uint8Array;
  readonly originator: Uint8Array;
  readonly recipient: Uint8Array;
  /** Empty in the reference messages, as is the key: it is agreed and not sent. */
  readonly other: Uint8Array;
  readonly key: Uint8Array;
}

export interface ProtectedRequest {
  readonly attributes: readonly ProtectedAttribute[];
  readonly protection: Protection;
}

export interface ProtectedResponse {
  readonly protection: Protection;
  /** 31 00 00 00 00 | ciphertext | tag(12). */
  readonly sealed: Uint8Array;
}

const AUTHENTICATED_AND_ENCRYPTED = 2;
const AGREED_KEY = 2;
/** Static keys of both sides: C(0e, 2s). */
const KEY_PARAMETERS = 2;
const WHOLE_ATTRIBUTE = 0;
const BY_TIME = 1;
const SEALED_HEADER = Uint8Array.of(0x31, 0, 0, 0, 0);
const TAG = 12;

export function encodeProtectedRequest({ attributes, protection }: ProtectedRequest): Data {
  return structure(array(...attributes.map(attributeData)), protectionData(protection));
}

/** Null for any other form. */
export function decodeProtectedRequest(data: Data): ProtectedRequest | null {
  const [list, parameters] = itemsOf(data, "structure", 2) ?? [];
  const protection = protectionOf(parameters);
  const items = itemsOf(list, "array");
  if (items === null || protection === null) return null;
  const attributes = items.map(attributeOf).filter((one) => one !== null);
  return attributes.length === items.length ? { attributes, protection } : null;
}

/** `protection` is the request's, but its originator and recipient are those of the message that answers. */
export function encodeProtectedResponse({ protection, sealed }: ProtectedResponse): Data {
  check(isSealed(sealed), "what is sealed begins with 31 00 00 00 00 and ends with its tag");
  return structure(protectionData(protection), octets(sealed));
}

/** Null for any other form. */
export function decodeProtectedResponse(data: Data): ProtectedResponse | null {
  const [parameters, second] = itemsOf(data, "structure", 2) ?? [];
  const protection = protectionOf(parameters);
  const sealed = bytesOf(second);
  return protection === null || sealed === null || !isSealed(sealed) ? null : { protection, sealed };
}

function isSealed(sealed: Uint8Array): boolean {
  return sealed.length >= SEALED_HEADER.length + TAG && SEALED_HEADER.every((octet, i) => sealed[i] === octet);
}

function attributeData({ class: of, obis, index, range }: ProtectedAttribute): Data {
  const name = octetsOfObis(obis);
  check(name !== undefined, `${obis} is no OBIS code`);
  const restriction =
    range === null
      ? structure(enumeration(WHOLE_ATTRIBUTE), NULL)
      : structure(enumeration(BY_TIME), structure(octets(range.from), octets(range.to)));
  return structure(u16(of), octets(name), i8(index), u16(0), restriction);
}

function attributeOf(data: Data): ProtectedAttribute | null {
  const [first, name, attribute, dataIndex, restriction] = itemsOf(data, "structure", 5) ?? [];
  const of = numberOf(first, "long-unsigned");
  const obis = obisOf(bytesOf(name) ?? new Uint8Array(0));
  const index = numberOf(attribute, "integer");
  const range = rangeOf(restriction);
  if (of === null || obis === undefined || index === null || range === undefined) return null;
  return numberOf(dataIndex, "long-unsigned") === 0 ? { class: of, obis, index, range } : null;
}

/** Undefined for any other form. */
function rangeOf(restriction: Data | undefined): ProtectedAttribute["range"] | undefined {
  const [kind, value] = itemsOf(restriction, "structure", 2) ?? [];
  const choice = numberOf(kind, "enum");
  if (choice === WHOLE_ATTRIBUTE) return value?.type === "null-data" ? null : undefined;
  const [first, last] = itemsOf(value, "structure", 2) ?? [];
  const from = bytesOf(first, 12);
  const to = bytesOf(last, 12);
  return choice === BY_TIME && from !== null && to !== null ? { from, to } : undefined;
}

function protectionData({ transactionId, originator, recipient, other, key }: Protection): Data {
  const agreed = structure(octets(Uint8Array.of(KEY_PARAMETERS)), octets(key));
  const how = structure(enumeration(AGREED_KEY), agreed);
  const who = structure(octets(transactionId), octets(originator), octets(recipient), octets(other), how);
  return array(structure(enumeration(AUTHENTICATED_AND_ENCRYPTED), who));
}

function protectionOf(data: Data | undefined): Protection | null {
  const [only] = itemsOf(data, "array", 1) ?? [];
  const [type, who] = itemsOf(only, "structure", 2) ?? [];
  const [first, second, third, fourth, how] = itemsOf(who, "structure", 5) ?? [];
  const [agreement, agreed] = itemsOf(how, "structure", 2) ?? [];
  const [parameters, last] = itemsOf(agreed, "structure", 2) ?? [];
  const known =
    numberOf(type, "enum") === AUTHENTICATED_AND_ENCRYPTED &&
    numberOf(agreement, "enum") === AGREED_KEY &&
    bytesOf(parameters, 1)?.[0] === KEY_PARAMETERS;
  const transactionId = bytesOf(first);
  const originator = bytesOf(second);
  const recipient = bytesOf(third);
  const other = bytesOf(fourth);
  const key = bytesOf(last);
  if (!known || transactionId === null || originator === null || recipient === null || other === null) return null;
  return key === null ? null : { transactionId, originator, recipient, other, key };
}
