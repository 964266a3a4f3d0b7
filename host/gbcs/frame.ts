// A GBCS message: the optional MAC header, the grouping header, the payload, the signature, the MAC. docs/spec/gbcs.md, "A message".
//
//   DD 00*6 len 11 00*4 | DF 09 cra counter | 08 originator | 08 recipient | 00 or 0C time | len other-information | len content |
//   00 or 40 signature | MAC

import { assert } from "../ledger/assert.js";
import { type Eui, lengthOctets, putEui, putLength, Reader, type ReadFault } from "./octets.js";

export { type Eui, euiOctets, euiOf, putEui } from "./octets.js";

export const COMMAND = 1;
export const RESPONSE = 2;
export const ALERT = 3;

export interface Message {
  readonly cra: typeof COMMAND | typeof RESPONSE | typeof ALERT;
  readonly counter: bigint;
  readonly originator: Eui;
  readonly recipient: Eui;
  /** The meter's date-time, 12 octets. */
  readonly time: Uint8Array | null;
  readonly messageCode: number;
  readonly supplementary: Supplementary | null;
  readonly content: Uint8Array;
  /** ECDSA, r then s: 64 octets. */
  readonly signature: Uint8Array | null;
  readonly mac: Uint8Array | null;
  /** A command that still waits for its signature: it ends after its content. */
  readonly precommand?: true;
}

/** Whom the message is for beyond its recipient: a remote party that the meter need not know. */
export interface Supplementary {
  readonly party: Eui;
  readonly counter: bigint | null;
  /** The meter's own originator counter: an answer whose content is encrypted. */
  readonly originatorCounter: bigint | null;
  /** The party's key-agreement certificate, DER: a command whose answer is to be encrypted. */
  readonly certificate: Uint8Array | null;
}

export type FrameFault = ReadFault | "left-over" | "too-long" | "cra" | "time" | "other-information" | "signature";

export type Decoded =
  | {
      readonly ok: true;
      readonly message: Message;
      /** What a MAC covers after its own header: from DF to the signature. */
      readonly authenticated: Uint8Array;
      /** What a signature covers: the grouping header without DF, then the payload. */
      readonly signed: Uint8Array;
    }
  | { readonly ok: false; readonly fault: FrameFault; readonly at: number };

/** Ours: the largest reference message has 3,986 octets. */
export const MESSAGE_MAX = 65_536;
export const MAC = 12;
const MAC_HEADER = [0xdd, 0, 0, 0, 0, 0, 0];
const SECURITY_HEADER = [0x11, 0, 0, 0, 0];
const TIME = 12;
const SIGNATURE = 64;
/** 09 and nine octets, 08 and eight octets twice, the time's length. */
const GROUPING = 29;

/** Any bytes give a message or a fault and where it is. What decodes, encodes to the same bytes; its parts are views of `bytes`. */
export function decodeMessage(bytes: Uint8Array): Decoded {
  const reader = new Reader<FrameFault>(bytes);
  if (bytes.length > MESSAGE_MAX) return { ok: false, fault: "too-long", at: MESSAGE_MAX };
  const mac = bytes[0] === 0xdd ? macHeader(reader) : null;
  const start = reader.at;
  reader.expect([0xdf, 9]);
  const cra = craIn(reader);
  const counter = reader.counter();
  reader.expect([8]);
  const originator = reader.eui();
  reader.expect([8]);
  const recipient = reader.eui();
  const time = optional(reader, TIME, "time");
  const other = new Reader(reader.take(reader.length()), reader);
  const messageCode = other.u16();
  const supplementary = supplementaryIn(other, cra);
  const content = reader.take(reader.length());
  const signed = bytes.subarray(start + 1, reader.at);
  // Only a command without a MAC may end here: it is then a pre-command.
  const precommand = mac === null && cra === COMMAND && reader.left === 0;
  const signature = precommand ? null : optional(reader, SIGNATURE, "signature");
  if (reader.left > 0) reader.fail("left-over");
  if (reader.fault !== null) return { ok: false, ...reader.fault };
  const authenticated = bytes.subarray(start, reader.at);
  const rest = { time, messageCode, supplementary, content, signature, mac };
  const message: Message = { cra, counter, originator, recipient, ...rest, ...(precommand ? { precommand } : {}) };
  return { ok: true, message, authenticated, signed };
}

function macHeader(reader: Reader<FrameFault>): Uint8Array {
  reader.expect(MAC_HEADER);
  const length = reader.length();
  if (length !== reader.left) reader.fail(length > reader.left ? "cut-short" : "left-over");
  reader.expect(SECURITY_HEADER);
  return reader.last(MAC);
}

function craIn(reader: Reader<FrameFault>): Message["cra"] {
  const cra = reader.octet();
  if (cra === COMMAND || cra === RESPONSE || cra === ALERT) return cra;
  reader.fail("cra", reader.at - 1);
  return COMMAND;
}

/** Nothing after a length of 0, or as many octets as it may only have. */
function optional(reader: Reader<FrameFault>, octets: number, fault: FrameFault): Uint8Array | null {
  const length = reader.octet();
  if (length === 0) return null;
  if (length !== octets) reader.fail(fault, reader.at - 1);
  return reader.take(octets);
}

/** What follows the message code: nothing, id, id | counter, id | counter | the device's counter, or in a command | certificate. */
function supplementaryIn(other: Reader<FrameFault>, cra: number): Supplementary | null {
  const { left } = other;
  if (left === 0) return null;
  const fits = left === 16 || (left === 8 && cra === ALERT) || (left === 24 && cra !== COMMAND);
  if (!fits && !(left > 16 && cra === COMMAND)) {
    other.fail("other-information");
    return null;
  }
  const party = other.eui();
  const counter = left > 8 ? other.counter() : null;
  const originatorCounter = left === 24 && cra !== COMMAND ? other.counter() : null;
  const certificate = other.left > 0 ? other.take(other.left) : null;
  return { party, counter, originatorCounter, certificate };
}

/** From DF to the signature, or to the content of a pre-command. */
export function encodeBody(message: Omit<Message, "mac">): Uint8Array {
  const { signature } = message;
  assert(signature === null || signature.length === SIGNATURE, "a signature has 64 octets");
  assert(message.precommand === undefined || signature === null, "a pre-command has no signature yet");
  const signed = signedBytes(message);
  const tail = message.precommand ? 0 : 1 + (signature?.length ?? 0);
  const body = new Uint8Array(1 + signed.length + tail);
  body[0] = 0xdf;
  body.set(signed, 1);
  if (signature !== null) {
    body[1 + signed.length] = SIGNATURE;
    body.set(signature, 2 + signed.length);
  }
  return body;
}

/** What a signature covers: the grouping header without DF, then the payload. */
export function signedBytes(message: Omit<Message, "mac" | "signature">): Uint8Array {
  const { time, supplementary: more, content } = message;
  assert(time === null || time.length === TIME, "a date-time has 12 octets");
  const certificate = more?.certificate ?? null;
  const counters = [more?.counter ?? null, more?.originatorCounter ?? null].filter((one) => one !== null);
  const other = 2 + (more === null ? 0 : 8 + 8 * counters.length + (certificate?.length ?? 0));
  const length = GROUPING + (time?.length ?? 0) + lengthOctets(other) + other + lengthOctets(content.length);
  const bytes = new Uint8Array(length + content.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 9;
  bytes[1] = message.cra;
  view.setBigUint64(2, message.counter);
  bytes[10] = 8;
  putEui(bytes, 11, message.originator);
  bytes[19] = 8;
  putEui(bytes, 20, message.recipient);
  bytes[28] = time?.length ?? 0;
  if (time !== null) bytes.set(time, 29);
  let at = putLength(bytes, 29 + (time?.length ?? 0), other);
  view.setUint16(at, message.messageCode);
  at += 2;
  if (more !== null) {
    putEui(bytes, at, more.party);
    for (const [index, one] of counters.entries()) view.setBigUint64(at + 8 + 8 * index, one);
    if (certificate !== null) bytes.set(certificate, at + 8 + 8 * counters.length);
    at += other - 2;
  }
  at = putLength(bytes, at, content.length);
  bytes.set(content, at);
  return bytes;
}

/** The bytes of the whole message: the body with header and MAC, or by itself. */
export function framed(body: Uint8Array, mac: Uint8Array | null): Uint8Array {
  if (mac === null) return body;
  assert(mac.length === MAC, "a MAC has 12 octets");
  const length = SECURITY_HEADER.length + body.length + MAC;
  const head = MAC_HEADER.length + lengthOctets(length);
  const bytes = new Uint8Array(head + length);
  bytes.set(MAC_HEADER);
  putLength(bytes, MAC_HEADER.length, length);
  bytes.set(SECURITY_HEADER, head);
  bytes.set(body, head + SECURITY_HEADER.length);
  bytes.set(mac, bytes.length - MAC);
  return bytes;
}
