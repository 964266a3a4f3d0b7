// `esme gbcs explain FILE`: every message of a file, field by field.

import { readKeystore } from "../../adapters/keys/keystore.js";
import { keyringOfKeystore } from "../../adapters/keys/keystore-file.js";
import { explain, itemsOf, type Line } from "../../gbcs/explain.js";
import { COMMAND, decodeMessage, type Eui, type Message } from "../../gbcs/frame.js";
import type { ItemKey } from "../../gbcs/item.js";
import type { Keyring } from "../../gbcs/keyring.js";
import { hexOf, messagesIn } from "../gbcs-files.js";
import { refuse } from "../refusal.js";

interface Options {
  readonly keys?: string;
  readonly json?: boolean;
}

/** So many bytes of a field are shown beside it; --json gives all. */
const SHOWN_bytes = 10;

export function explainCommand(file: string, { keys, json }: Options): void {
  const messages = messagesIn(file);
  const keyringOf = keyrings(keys);
  const asked = new Map<string, readonly ItemKey[] | null>();
  const told = messages.map((bytes) => {
    const decoded = decodeMessage(bytes);
    const message = decoded.ok ? decoded.message : null;
    if (message?.cra === COMMAND) asked.set(pairOf(message), itemsOf(bytes));
    const items = message === null ? null : (asked.get(pairOf(message)) ?? null);
    return explain(bytes, { keyring: message === null ? null : keyringOf(meterOf(message)), items });
  });
  process.stdout.write(json === true ? `${JSON.stringify(documentOf(told))}\n` : pageOf(told));
  const broken = told.findIndex((lines) => lines.some(({ fault }) => fault));
  const fault = told[broken]?.find((line) => line.fault === true && line.plaintext !== true);
  if (fault !== undefined)
    refuse({
      code: "gbcs-form",
      reason: `${messages.length > 1 ? `message ${broken + 1}` : file}: at octet ${fault.at}: ${fault.value}`,
      next: "it was explained as far as it goes: compare it with where it came from",
    });
}

/** A keyring for each meter that is spoken of; null where there are no keys for it. */
function keyrings(keys: string | undefined): (meter: Eui) => Keyring | null {
  if (keys === undefined) return () => null;
  const read = readKeystore(keys);
  if (!read.ok) refuse(read);
  const made = new Map<Eui, Keyring | null>();
  return (meter) => {
    const known = made.get(meter);
    if (known !== undefined) return known;
    const opened = keyringOfKeystore(keys, meter);
    const keyring = opened.ok ? opened.keyring : null;
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

function documentOf(told: readonly (readonly Line[])[]) {
  const messages = told.map((lines) => ({ lines: lines.map((line) => ({ ...line, bytes: hexOf(line.bytes) })) }));
  return { schema: "esme/gbcs-explain/1", messages };
}

function pageOf(told: readonly (readonly Line[])[]): string {
  const pages = told.map((lines) => lines.map(lineOf).join(""));
  return pages.map((page, index) => (pages.length === 1 ? page : `message ${index + 1}\n${page}`)).join("\n");
}

function lineOf({ at, bytes, depth, name, value, plaintext, fault }: Line): string {
  const hex = bytes.length > SHOWN_bytes ? `${hexOf(bytes.subarray(0, SHOWN_bytes - 1))}..` : hexOf(bytes);
  const place = bytes.length === 0 && fault !== true ? "" : `${plaintext === true ? "+" : ""}${at}`;
  return `${place.padStart(6)}  ${hex.padEnd(2 * SHOWN_bytes)}  ${"  ".repeat(depth)}${name}: ${value}\n`;
}
