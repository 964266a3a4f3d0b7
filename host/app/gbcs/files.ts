// Messages, keys and meters as the commands `esme gbcs ...` are given them: hexadecimal text or the bytes themselves, a keystore, a
// snapshot in which sections may be missing.

import { closeSync, openSync, readSync } from "node:fs";
import { keyringOfKeystore, type TestKeyring } from "../../adapters/keys/keystore-file.js";
import { esmeOfPartial } from "../../document/partial.js";
import { decodeMessage, type Eui, type Message } from "../../gbcs/frame.js";
import type { Esme } from "../../ledger/esme.js";
import type { Utc_ms } from "../../ledger/units.js";
import { refuse } from "../refusal.js";

const LARGEST_bytes = 16 * 1_024 * 1_024;
const CHUNK_bytes = 65_536;
const WRITTEN = "write a message as hexadecimal digits (spaces and line breaks do not matter), or give its bytes";

/** What a person calls it: a path, or "-" for what comes in. No more is read than may be: a device or a pipe may never end. */
function bytesOf(file: string): Uint8Array {
  const from = file === "-" ? 0 : openSync(file, "r");
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const chunk = new Uint8Array(CHUNK_bytes);
      const count = readOn(from, chunk);
      if (count === 0) return Buffer.concat(chunks, length);
      chunks.push(chunk.subarray(0, count));
      length += count;
      if (length > LARGEST_bytes)
        refuse({
          code: "too-large",
          reason: `${file} has more than ${LARGEST_bytes} bytes, more than any messages or snapshot`,
          next: "split it, or name another file",
        });
    }
  } finally {
    if (from !== 0) closeSync(from);
  }
}

/** A pipe that another program made non-blocking says EAGAIN where it is to be waited for; Windows ends a pipe by an error. */
function readOn(from: number, chunk: Uint8Array): number {
  for (;;) {
    try {
      return readSync(from, chunk);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** The bytes of a message begin with DD or DF, which no hexadecimal text does. */
const isBinary = (bytes: Uint8Array) => bytes[0] === 0xdd || bytes[0] === 0xdf;

/** The one message that a file holds. */
export function messageIn(file: string): Uint8Array {
  const messages = messagesIn(file);
  const [message, ...more] = messages;
  if (message !== undefined && more.length === 0) return message;
  return refuse({
    code: "several-messages",
    reason: `${file} holds ${messages.length} messages, and one is wanted`,
    next: "name a file of one message; `esme gbcs explain` takes several",
  });
}

/** The messages of a file: each begins on a line of its own, and may go on over further lines. */
export function messagesIn(file: string): readonly Uint8Array[] {
  const bytes = bytesOf(file);
  if (isBinary(bytes)) return [bytes];
  const starts = /^\s*(?=DD\s*(?:00\s*){6}|DF\s*09)/gim;
  const text = textOf(bytes);
  const at = [...text.matchAll(starts)].map(({ index }) => index).filter((index) => index > 0);
  const parts = [0, ...at].map((from, index) => text.slice(from, at[index]));
  const messages = parts.filter((part, index) => index === parts.length - 1 || part.trim() !== "");
  return messages.map((part, index) =>
    octetsOf(part, messages.length === 1 ? file : `${file}, message ${index + 1} of ${messages.length}`),
  );
}

export function textIn(file: string): string {
  return textOf(bytesOf(file));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function octetsOf(text: string, file: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  const stray = /[^0-9a-f]/i.exec(digits)?.[0];
  const refused = (reason: string) => refuse({ code: "not-hex", reason: `${file}: ${reason}`, next: WRITTEN });
  if (stray !== undefined) return refused(`${JSON.stringify(stray)} is no hexadecimal digit`);
  if (digits === "") return refused("there is no message");
  if (digits.length % 2 !== 0) return refused(`${digits.length} digits make no whole bytes`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).toUpperCase().padStart(2, "0")).join("");
}

/** What a message says in its header, where it can be read. */
export function headerOf(bytes: Uint8Array, file: string): Message {
  const decoded = decodeMessage(bytes);
  if (decoded.ok) return decoded.message;
  return refuse({
    code: "gbcs-form",
    reason: `${file} is no message: ${decoded.fault} at octet ${decoded.at}`,
    next: "`esme gbcs explain` shows how far it goes",
  });
}

/** The keys of the meter `identity`, or a refusal. */
export function keysOf(file: string, identity: Eui): TestKeyring {
  const read = keyringOfKeystore(file, identity);
  return read.ok ? read.keyring : refuse(read);
}

/** The meter of a snapshot, and its moment. */
export function meterIn(file: string): { readonly esme: Esme; readonly at: Utc_ms } {
  const document = parsed(file);
  const early = untellable(document);
  if (early !== null)
    return refuse({
      code: "snapshot-broken",
      reason: `${file}: ${early} is before 1970`,
      next: "give it a later moment: no message can tell that one",
    });
  const read = esmeOfPartial(document);
  if (read.ok) return read;
  return refuse({
    ...read,
    reason: `${file}: ${read.reason}`,
    next: "name a file that `esme snapshot` or `esme gbcs state` wrote (docs/spec/snapshot.md)",
  });
}

function parsed(file: string): unknown {
  const text = textOf(bytesOf(file));
  try {
    return JSON.parse(text);
  } catch (error) {
    return refuse({
      code: "snapshot-unreadable",
      reason: `${file}: ${(error as Error).message}`,
      next: "name a file that `esme snapshot` or `esme gbcs state` wrote (docs/spec/snapshot.md)",
    });
  }
}

const MOMENT = /^\d{4}-\d\d-\d\dT/;

/** A moment of a snapshot before 1970, when the calendar of a message's date-times begins, by its place; null: there is none. */
function untellable(value: unknown, place = ""): string | null {
  if (typeof value === "string") return MOMENT.test(value) && Date.parse(value) < 0 ? `${place}: ${value}` : null;
  if (typeof value !== "object" || value === null) return null;
  for (const [key, one] of Object.entries(value)) {
    const within = Array.isArray(value) ? `${place}[${key}]` : `${place}${place === "" ? "" : "."}${key}`;
    const found = untellable(one, within);
    if (found !== null) return found;
  }
  return null;
}
