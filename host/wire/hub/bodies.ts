// The bodies of the frames with which a connection opens, of the hub's time, and of the one that ends it: docs/spec/hub-link.md.

import { readId, writeId } from "./frame.js";

/** Why a connection ends, with what to do: the closed list of docs/spec/hub-link.md. */
export const REFUSALS = {
  version: ["it speaks another version of the hub link", "check that both are OpenESME of one version"],
  kind: ["it sent a frame of no known kind", "check that both are OpenESME of one version"],
  length: ["it sent a frame that is too long, or too short", "check that both are OpenESME of one version"],
  id: ["it sent an id that is no number of a message", "check that both are OpenESME of one version"],
  name: ["a name is 1 to 64 letters, digits and . _ : -", "give the meter such a name"],
  "install-code": ["it does not know the install code", "give the meter the code that the hub printed"],
  tag: ["a frame was forged, repeated or out of its order", "none: the meter joins again"],
  unexpected: ["it sent a frame that was not due", "check that both are OpenESME of one version"],
  "id-gap": ["messages are missing between both", "restore the other store as well, or join under a new name"],
  "ids-behind": ["it has messages this side never sent", "restore the other store as well, or join under a new name"],
  unwritable: ["the receiver's disk does not take the message", "free space there"],
  "too-many": ["the hub has all the connections or meters it takes", "none: the meter tries again"],
  replaced: ["the meter has connected anew", "none: the meter tries again"],
  "hello-timeout": ["it did not join in time", "none: the meter tries again"],
  silent: ["nothing was heard of it", "none: the meter tries again"],
} as const satisfies { readonly [code: string]: readonly [reason: string, next: string] };
export type RefusalCode = keyof typeof REFUSALS;

/** Where one side stands (`Standing` of the ports). */
export interface Standing {
  readonly known: boolean;
  readonly taken: number;
  readonly first: number;
  readonly next: number;
}

const NONCE = 16;
const NAME = /^[A-Za-z0-9._:-]{1,64}$/;
const STANDING = 25;
const TIME = 8;

export function greeting(nonce: Uint8Array, name: string): Uint8Array {
  const body = new Uint8Array(NONCE + name.length);
  body.set(nonce);
  body.set(new TextEncoder().encode(name), NONCE);
  return body;
}

/** The name in a hello or challenge; null where there is none that may be one. */
export function nameIn(body: Uint8Array): string | null {
  const name = String.fromCharCode(...body.subarray(NONCE));
  return isName(name) ? name : null;
}

export function isName(name: string): boolean {
  return NAME.test(name);
}

export function standingBody({ known, taken, first, next }: Standing): Uint8Array {
  const body = new Uint8Array(STANDING);
  const view = new DataView(body.buffer);
  view.setUint8(0, known ? 1 : 0);
  [taken, first, next].forEach((id, at) => {
    writeId(view, 1 + 8 * at, id);
  });
  return body;
}

/** Null where it is none, or contradicts itself: ids are from 1, and the first not acknowledged is at most the next. */
export function standingIn(body: Uint8Array): Standing | null {
  if (body.length !== STANDING) return null;
  const view = new DataView(body.buffer, body.byteOffset);
  const known = view.getUint8(0);
  const [taken, first, next] = [readId(view, 1), readId(view, 9), readId(view, 17)];
  if (known > 1 || taken === null || first === null || next === null) return null;
  return first >= 1 && first <= next ? { known: known === 1, taken, first, next } : null;
}

/** `utc_ms`: since 1970, 0 .. 2^53 - 1. */
export function timeBody(utc_ms: number): Uint8Array {
  const body = new Uint8Array(TIME);
  writeId(new DataView(body.buffer), 0, utc_ms);
  return body;
}

/** UTC, ms since 1970, or what is wrong with it. */
export function timeIn(body: Uint8Array): number | "length" | "unexpected" {
  if (body.length !== TIME) return "length";
  return readId(new DataView(body.buffer, body.byteOffset), 0) ?? "unexpected";
}

export function refuseBody(code: RefusalCode): Uint8Array {
  return new TextEncoder().encode(code);
}

/** The code of a refuse frame; hearsay, so an unknown one is no more than unexpected. */
export function refusalIn(body: Uint8Array): RefusalCode {
  const code = String.fromCharCode(...body.subarray(0, 32));
  return Object.hasOwn(REFUSALS, code) ? (code as RefusalCode) : "unexpected";
}

/** Judges the peer's standing by mine: the last id of mine that it has, or what is wrong. */
export function heldBy(mine: Standing, theirs: Standing): number | "ids-behind" | "id-gap" {
  if (!theirs.known) return mine.first - 1;
  if (theirs.taken >= mine.next) return "ids-behind";
  return theirs.taken < mine.first - 1 ? "id-gap" : theirs.taken;
}
