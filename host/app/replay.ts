// A recorded file of cumulative readings, one JSON object a line, through the ledger into a store.
// {"at": "2026-06-01T12:00:01Z", "import_wh": 1.25, "export_wh": 0, "import_varh": 0.5, "export_varh": 0}

import { createReadStream } from "node:fs";
import type { Notice, Reading } from "../ledger/events.js";
import type { Ledger } from "../ledger/ledger.js";
import { turn } from "../ledger/turn.js";
import { Refusal } from "./refusal.js";
import { CR, LF, PlainLines, readingOf } from "./replay-lines.js";

/** A recording may pause, but not for longer than the import log is deep (397 days): such a time is a mistake, and all after it would be
 * earlier than it. */
const LONGEST_GAP_ms = 397 * 86_400_000;
const LINE_MAX = 65_536;
const EXAMPLE = 'a line reads {"at": "2026-06-01T12:00:01Z", "import_wh": 1.25, "export_wh": 0}';

export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

export interface Replayed {
  readonly ledger: Ledger;
  readonly readings: number;
  readonly bad: number;
  /** The first few, for the operator. */
  readonly badLines: readonly BadLine[];
}

/** Reads the file through `ledger`; `keep` is called with the ledger and its notices at each replayed midnight and at the end. */
export async function replay(
  path: string,
  ledger: Ledger,
  keep: (ledger: Ledger, notices: readonly Notice[]) => void,
): Promise<Replayed> {
  let now = ledger;
  let readings = 0;
  let bad = 0;
  let line = 0;
  let day = -1;
  let notices: Notice[] = [];
  const badLines: BadLine[] = [];
  const take = (reading: Reading | string | null) => {
    line++;
    if (reading === null) return;
    if (typeof reading === "string") {
      if (readings === 0)
        throw new Refusal("replay-format", `${path}:${line}: ${reading}`, `${EXAMPLE}; nothing of the file was booked`);
      bad++;
      if (badLines.length < 5) badLines.push({ line, reason: reading });
      return;
    }
    if (now.last !== null && reading.at - now.last.at > LONGEST_GAP_ms) {
      take("more than 13 months after the line before: not booked");
      line--;
      return;
    }
    readings++;
    const next = turn(now, reading);
    now = next.ledger;
    for (const notice of next.notices) notices.push(notice);
    const today = Math.floor(reading.at / 86_400_000);
    if (today !== day && notices.length > 0) {
      keep(now, notices);
      notices = [];
      day = today;
    }
  };
  const plain = new PlainLines();
  let rest: Buffer = Buffer.alloc(0);
  const chunks: AsyncIterable<Buffer> = createReadStream(path);
  let overlong = false;
  for await (const chunk of chunks) {
    const lf = overlong ? chunk.indexOf(LF) : -1;
    if (overlong && lf < 0) continue;
    overlong = false;
    const bytes = rest.length === 0 ? chunk.subarray(lf + 1) : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(LF) + 1;
    for (plain.begin(bytes); plain.at < end; ) {
      const from = plain.at;
      const reading = plain.reading();
      if (reading === null) {
        plain.at = bytes.indexOf(LF, from) + 1;
        take(readingOfLine(bytes, from, plain.at - 1));
      } else take(reading);
    }
    rest = bytes.subarray(end);
    overlong = rest.length > LINE_MAX;
    if (!overlong) continue;
    take("a line of over 64 KiB");
    rest = Buffer.alloc(0);
  }
  if (rest.length > 0) take(readingOfLine(rest, 0, rest.length));
  if (readings === 0) throw new Refusal("replay-empty", `${path} holds no reading`, EXAMPLE);
  keep(now, notices);
  return { ledger: now, readings, bad, badLines };
}

/** The reading of the line between two places, or what is wrong with it; null of an empty one. */
function readingOfLine(bytes: Buffer, from: number, to: number): Reading | string | null {
  const text = bytes.toString("utf8", from, bytes[to - 1] === CR && to > from ? to - 1 : to);
  return text === "" ? null : readingOf(text);
}
