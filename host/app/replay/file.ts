// A recorded file, one JSON object a line (docs/spec/replay.md), through a ledger or the grid's meter into a store. How far it came is
// kept with what was booked, so that a replay that was killed goes on where its last commit stood.

import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import type { Settings } from "../../ledger/commands.js";
import type { Esme } from "../../ledger/esme.js";
import type { Notice, Reading } from "../../ledger/events.js";
import { turnEsme } from "../../ledger/turn-esme.js";
import type { Utc_ms } from "../../ledger/units.js";
import { deedFor } from "../../meter/configured.js";
import { Refusal } from "../refusal.js";
import { type Account, type Taken, take, takeReading } from "./account.js";
import { CR, LF, PlainLines } from "./lines.js";
import { type Told, toldBy } from "./told.js";

/** A recording may pause, but not for longer than the import log is deep (397 days): such a time is a mistake, and all after it would be
 * earlier than it. */
const LONGEST_GAP_ms = 397 * 86_400_000;
const HOUR_ms = 3_600_000;
const LINE_MAX = 65_536;
const BAD_LINES_TOLD = 5;
/** A commit may cost a ninth of the time: after one, work goes on for eight times as long as it took. */
const WORK_PER_COMMIT = 8;
const EXAMPLE = 'a line reads {"at": "2026-06-01T12:00:01Z", "import_wh": 1.25, "export_wh": 0}';
const TOO_LATE = "more than 13 months after the line before: not booked";

export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

export interface Replayed {
  readonly account: Account;
  /** Lines taken in this run: readings and all else that a line may tell. */
  readonly readings: number;
  readonly bad: number;
  /** The first few, for the operator. */
  readonly badLines: readonly BadLine[];
}

/** Keeps what was booked since the last time, with the place in the file where the next line begins, bytes. */
export type Keep = (account: Account, notices: readonly Notice[], position: number) => void;

/** What a file is known by in a store, and its size in bytes: its beginning and its size. */
export function fileToReplay(path: string): { readonly name: string; readonly size: number } {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const beginning = Buffer.alloc(Math.min(size, LINE_MAX));
    const read = beginning.length === 0 ? 0 : readSync(file, beginning, 0, beginning.length, 0);
    const hash = createHash("sha256").update(beginning.subarray(0, read)).digest("hex");
    return { name: `${hash.slice(0, 32)}-${size}`, size };
  } finally {
    closeSync(file);
  }
}

/** Reads the file from a place in it on; `keep` is called at replayed hours, as often as it costs little, and at the end. A meter is made
 * as configured at its first line's moment. */
export async function replay(
  path: string,
  account: Account,
  keep: Keep,
  from = 0,
  configured: Settings | null = null,
): Promise<Replayed> {
  const replaying = new Replaying(path, account, keep, from, configured);
  if (from > 0) await replaying.skip();
  await replaying.run();
  return replaying.end();
}

class Replaying {
  readonly #path: string;
  readonly #keep: Keep;
  readonly #from: number;
  /** Null once the meter is as configured. */
  #configured: Settings | null;
  #account: Account;
  /** The same meter, newer than `#account` while plain readings are taken; null of a ledger that is no meter. */
  #esme: Esme | null;
  #readings = 0;
  #line = 0;
  /** Where the next line begins, bytes. */
  #position: number;
  #notices: Notice[] = [];
  #bad = 0;
  readonly #badLines: BadLine[] = [];
  /** The hour since 1970 of the last line taken, and when to commit again. */
  #hour = -1;
  #commitFrom_ms = 0;

  constructor(path: string, account: Account, keep: Keep, from: number, configured: Settings | null) {
    this.#configured = configured;
    this.#path = path;
    this.#account = account;
    this.#esme = account.esme;
    this.#keep = keep;
    this.#from = from;
    this.#position = from;
  }

  /** Lines that an earlier run has taken are only counted. */
  async skip(): Promise<void> {
    const before: AsyncIterable<Buffer> = createReadStream(this.#path, { end: this.#from - 1 });
    for await (const chunk of before)
      for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) this.#line++;
  }

  async run(): Promise<void> {
    const plain = new PlainLines();
    let rest: Buffer = Buffer.alloc(0);
    const chunks: AsyncIterable<Buffer> = createReadStream(this.#path, { start: this.#from });
    let overlong = false;
    let read = this.#from;
    for await (const chunk of chunks) {
      read += chunk.length;
      const lf = overlong ? chunk.indexOf(LF) : -1;
      if (overlong && lf < 0) continue;
      overlong = false;
      const bytes = rest.length === 0 ? chunk.subarray(lf + 1) : Buffer.concat([rest, chunk]);
      const begins = read - bytes.length;
      const end = bytes.lastIndexOf(LF) + 1;
      for (plain.begin(bytes); plain.at < end; ) {
        const from = plain.at;
        const reading = plain.reading();
        if (reading === null) plain.at = bytes.indexOf(LF, from) + 1;
        this.#position = begins + plain.at;
        if (reading === null) this.#takeText(bytes, from, plain.at - 1);
        else this.#takeReading(reading);
      }
      rest = bytes.subarray(end);
      overlong = rest.length > LINE_MAX;
      if (!overlong) continue;
      this.#position = read;
      this.#line++;
      this.#tellBad("a line of over 64 KiB");
      rest = Buffer.alloc(0);
    }
    this.#position = read;
    if (rest.length > 0) this.#takeText(rest, 0, rest.length);
  }

  end(): Replayed {
    if (this.#readings === 0 && this.#from === 0)
      throw new Refusal("replay-empty", `${this.#path} holds no reading`, EXAMPLE);
    this.#commit();
    return { account: this.#now(), readings: this.#readings, bad: this.#bad, badLines: this.#badLines };
  }

  /** Once a second of years: what nearly every line is. */
  #takeReading(reading: Reading): void {
    this.#line++;
    if (this.#tooLate(reading.at)) return this.#tellBad(TOO_LATE);
    if (this.#configured !== null) this.#configure(reading.at);
    const esme = this.#esme;
    if (esme === null || esme.beside.length > 0) return this.#took(takeReading(this.#now(), reading), reading.at);
    const next = turnEsme(esme, reading);
    this.#esme = next.esme;
    if (next.notices.length > 0) this.#notices.push(...next.notices);
    this.#readings++;
    this.#hourOf(reading.at);
  }

  #configure(at: Utc_ms): void {
    const deed = this.#esme === null ? null : deedFor(this.#esme.state, this.#configured ?? {});
    this.#configured = null;
    if (this.#esme === null || deed === null) return;
    const { esme, notices } = turnEsme(this.#esme, { kind: "command", at, by: "configuration", deed });
    this.#esme = esme;
    this.#account = this.#now();
    this.#notices.push(...notices);
  }

  #now(): Account {
    const esme = this.#esme;
    return esme === null ? this.#account : { esme, ledger: esme.ledger };
  }

  /** The line between two places. */
  #takeText(bytes: Buffer, from: number, to: number): void {
    this.#line++;
    const text = bytes.toString("utf8", from, bytes[to - 1] === CR && to > from ? to - 1 : to);
    if (text === "") return;
    const told: Told | string = toldBy(text);
    if (typeof told === "string") return this.#tellBad(told);
    if (this.#tooLate(told.at)) return this.#tellBad(TOO_LATE);
    if (this.#configured !== null) this.#configure(told.at);
    this.#took(take(this.#now(), told), told.at);
  }

  #took(taken: Taken | string, at_ms: number): void {
    if (typeof taken === "string") return this.#tellBad(taken);
    this.#account = taken.account;
    this.#esme = taken.account.esme;
    this.#notices.push(...taken.notices);
    if (taken.refused === undefined) this.#readings++;
    else this.#tellBad(taken.refused);
    this.#hourOf(at_ms);
  }

  #tooLate(at_ms: number): boolean {
    const { last } = this.#esme === null ? this.#account.ledger : this.#esme.ledger;
    return last !== null && at_ms - last.at > LONGEST_GAP_ms;
  }

  #tellBad(reason: string): void {
    if (this.#readings === 0 && this.#from === 0) {
      const next = `${EXAMPLE}; nothing of the file was booked`;
      throw new Refusal("replay-format", `${this.#path}:${this.#line}: ${reason}`, next);
    }
    this.#bad++;
    if (this.#badLines.length < BAD_LINES_TOLD) this.#badLines.push({ line: this.#line, reason });
  }

  #hourOf(at_ms: number): void {
    const hour = Math.floor(at_ms / HOUR_ms);
    if (hour === this.#hour) return;
    this.#hour = hour;
    if (performance.now() >= this.#commitFrom_ms) this.#commit();
  }

  #commit(): void {
    const began_ms = performance.now();
    this.#keep(this.#now(), this.#notices, this.#position);
    this.#notices = [];
    const ended_ms = performance.now();
    this.#commitFrom_ms = ended_ms + WORK_PER_COMMIT * (ended_ms - began_ms);
  }
}
