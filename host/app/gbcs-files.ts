// Messages, keys and meters as the commands `esme gbcs ...` are given them: hexadecimal text or the bytes themselves, a keystore, a
// snapshot in which sections may be missing.

import { readFileSync } from "node:fs";
import { keyringOfKeystore, type TestKeyring } from "../adapters/keys/keystore-file.js";
import { esmeOfPartial } from "../document/partial.js";
import { decodeMessage, type Eui, type Message } from "../gbcs/frame.js";
import type { Esme } from "../ledger/esme.js";
import type { Utc_ms } from "../ledger/units.js";
import { refuse } from "./refusal.js";

const LARGEST_bytes = 64 * 1_024 * 1_024;
const WRITTEN = "write a message as hexadecimal digits (spaces and line breaks do not matter), or give its bytes";

/** What a person calls it: a path, or "-" for what comes in. */
function bytesOf(file: string): Uint8Array {
  const bytes = readFileSync(file === "-" ? 0 : file);
  if (bytes.length > LARGEST_bytes)
    refuse({ code: "too-large", reason: `${file} has ${bytes.length} bytes, more than any messages`, next: WRITTEN });
  return bytes;
}

/** The bytes of a message begin with DD or DF, which no hexadecimal text does. */
const isBinary = (bytes: Uint8Array) => bytes[0] === 0xdd || bytes[0] === 0xdf;

/** The one message that a file holds. */
export function messageIn(file: string): Uint8Array {
  const bytes = bytesOf(file);
  return isBinary(bytes) ? bytes : octetsOf(textOf(bytes), file);
}

/** The messages of a file: each begins on a line of its own, and may go on over further lines. */
export function messagesIn(file: string): readonly Uint8Array[] {
  const bytes = bytesOf(file);
  if (isBinary(bytes)) return [bytes];
  const starts = /^\s*(?=DD\s*(?:00\s*){6}|DF\s*09)/gim;
  const text = textOf(bytes);
  const at = [...text.matchAll(starts)].map(({ index }) => index).filter((index) => index > 0);
  const parts = [0, ...at].map((from, index) => text.slice(from, at[index]));
  return parts
    .filter((part, index) => index === parts.length - 1 || part.trim() !== "")
    .map((part) => octetsOf(part, file));
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
  const read = esmeOfPartial(parsed(file));
  if (read.ok) return read;
  return refuse({
    ...read,
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
