// `esme gbcs explain FILE`: every message of a file, field by field.

import { readKeystore } from "../../adapters/keys/keystore.js";
import { keyringOfKeystore } from "../../adapters/keys/keystore-file.js";
import { explain, itemsOf, type Line } from "../../gbcs/explain.js";
import { COMMAND, decodeMessage, type Eui, type Message } from "../../gbcs/frame.js";
import type { ItemKey } from "../../gbcs/item.js";
import type { Keyring } from "../../gbcs/keyring.js";
import { hexOf, messagesIn } from "../gbcs/files.js";
import { note } from "../gbcs/told.js";
import { refuse } from "../refusal.js";

interface Options {
  readonly keys?: string;
  readonly json?: boolean;
}

/** So many bytes of a field are shown beside it; --json gives all. */
const SHOWN_bytes = 10;

export function explainCommand(file: string, { keys, json }: Options): void {
  const messages = messagesIn(file);
  const unknown: string[] = [];
  const keyringOf = keyrings(keys, unknown);
  const asked = new Map<string, readonly ItemKey[] | null>();
  let broken: string | null = null;
  messages.forEach((bytes, index) => {
    const decoded = decodeMessage(bytes);
    const message = decoded.ok ? decoded.message : null;
    if (message?.cra === COMMAND) asked.set(pairOf(message), itemsOf(bytes));
    const items = message === null ? null : (asked.get(pairOf(message)) ?? null);
    const lines = explain(bytes, { keyring: message === null ? null : keyringOf(meterOf(message)), items });
    // Told one by one: a file of thousands is not held in memory.
    process.stdout.write(json === true ? partOf(lines, index, messages.length) : pageOf(lines, index, messages.length));
    const fault = lines.find((line) => line.fault === true && line.plaintext !== true);
    if (fault !== undefined)
      broken ??= `${messages.length > 1 ? `message ${index + 1}` : file}: at octet ${fault.at}: ${fault.value}`;
  });
  if (broken !== null)
    refuse({
      code: "gbcs-form",
      reason: broken,
      next: "it was explained as far as it goes: compare it with where it came from",
    });
  for (const text of unknown) note({ text }, json);
}

/** A keyring for each meter that is spoken of; null, and a sentence in `unknown`, where there are no keys for it. */
function keyrings(keys: string | undefined, unknown: string[]): (meter: Eui) => Keyring | null {
  if (keys === undefined) return () => null;
  const read = readKeystore(keys);
  if (!read.ok) refuse(read);
  const made = new Map<Eui, Keyring | null>();
  return (meter) => {
    const known = made.get(meter);
    if (known !== undefined) return known;
    const opened = keyringOfKeystore(keys, meter);
    const keyring = opened.ok ? opened.keyring : null;
    if (!opened.ok) unknown.push(`what is under keys of ${meter} is not checked: ${opened.reason}`);
    made.set(meter, keyring);
    return keyring;
  };
}

const meterOf = ({ cra, originator, recipient }: Message): Eui => (cra === COMMAND ? recipient : originator);

/** The same for a command and for what answers it. */
function pairOf(message: Message): string {
  const meter = meterOf(message);
  const other = message.cra === COMMAND ? message.originator : message.recipient;
  return `${meter} ${other} ${message.counter}`;
}

/** The part of the JSON document {"schema", "messages": [..]} that this message is. */
function partOf(lines: readonly Line[], index: number, count: number): string {
  const message = { lines: lines.map((line) => ({ ...line, bytes: hexOf(line.bytes) })) };
  const before = index === 0 ? '{"schema":"esme/gbcs-explain/1","messages":[' : ",";
  return `${before}${JSON.stringify(message)}${index === count - 1 ? "]}\n" : ""}`;
}

function pageOf(lines: readonly Line[], index: number, count: number): string {
  const heading = count === 1 ? "" : `${index === 0 ? "" : "\n"}message ${index + 1}\n`;
  return heading + lines.map(lineOf).join("");
}

function lineOf({ at, bytes, depth, name, value, plaintext, fault }: Line): string {
  const hex = bytes.length > SHOWN_bytes ? `${hexOf(bytes.subarray(0, SHOWN_bytes - 1))}..` : hexOf(bytes);
  const place = bytes.length === 0 && fault !== true ? "" : `${plaintext === true ? "+" : ""}${at}`;
  return `${place.padStart(6)}  ${hex.padEnd(2 * SHOWN_bytes)}  ${"  ".repeat(depth)}${name}: ${value}\n`;
}
