// One line of a replay file as a reading: as JSON, and, for the shape that nearly every line has, straight from its bytes.
// Both are total, and where both can read a line they give the same reading.

import type { Reading } from "../../ledger/events.js";
import type { Counters } from "../../ledger/quantities.js";
import { cumulativeFromWh, MicroWattHours, Utc_ms } from "../../ledger/units.js";

export const LF = 10;
export const CR = 13;
/** No source's total is larger: 9 * 10^9 Wh still fit a safe integer of µWh. */
const MOST_WH = 9e9;

/** The plain counters of a line that is JSON; what else it tells is left alone. */
export function readingOfValue(line: { readonly [key: string]: unknown }): Reading | string {
  const { at, import_wh, export_wh, import_varh, export_varh } = line;
  const at_ms = typeof at === "string" ? momentOf(at) : Number.NaN;
  if (Number.isNaN(at_ms)) return "at is not an RFC 3339 time";
  if (!isEnergy(import_wh) || !isEnergy(export_wh))
    return "import_wh and export_wh are cumulative Wh, 0 to 9,000,000,000";
  let reactive: readonly [MicroWattHours, MicroWattHours] | readonly [null, null] = [null, null];
  if (import_varh !== undefined || export_varh !== undefined) {
    if (!isEnergy(import_varh) || !isEnergy(export_varh))
      return "import_varh and export_varh come together, cumulative varh";
    reactive = [cumulativeFromWh(import_varh), cumulativeFromWh(export_varh)];
  }
  const counters = [cumulativeFromWh(import_wh), cumulativeFromWh(export_wh), ...reactive] as unknown as Counters;
  return replayed(at_ms, counters);
}

export function replayed(at_ms: number, counters: Counters): Reading {
  return { kind: "reading", at: Utc_ms(at_ms), counters, device: "replay", boot: 0, base: null, span: null };
}

export function isEnergy(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MOST_WH;
}

let minute = "";
let minute_ms = 0;

/** Date.parse, which is slow, once a minute of the file; the seconds are added. */
export function momentOf(at: string): number {
  if (at.length === 20 && at.charCodeAt(19) === 90 && at.startsWith(minute) && minute !== "") {
    const seconds = secondsOf(at.charCodeAt(17), at.charCodeAt(18));
    if (seconds >= 0) return minute_ms + seconds * 1_000;
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(at)) return Number.NaN;
  const at_ms = Date.parse(at);
  if (at.length === 20 && !Number.isNaN(at_ms)) {
    minute = at.slice(0, 17);
    minute_ms = Math.floor(at_ms / 60_000) * 60_000;
  }
  return at_ms;
}

/** 0..59 of two characters, -1 where they are no seconds. */
function secondsOf(tens: number, units: number): number {
  const a = digitOf(tens);
  const b = digitOf(units);
  return a >= 0 && a < 6 && b >= 0 ? a * 10 + b : -1;
}

/** 0..9, -1 of what is no digit. */
function digitOf(character: number | undefined): number {
  return character !== undefined && character >= ZERO && character <= NINE ? character - ZERO : -1;
}

const AT = Buffer.from('{"at":');
const IMPORT_WH = Buffer.from('"import_wh":');
const EXPORT_WH = Buffer.from('"export_wh":');
const IMPORT_VARH = Buffer.from('"import_varh":');
const EXPORT_VARH = Buffer.from('"export_varh":');
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const Z = 90;
const BRACE = 125;
const NOT_PLAIN = -1;
/** Micro-units of one unit of the n-th decimal. */
const SCALE = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

/** Reads the shape that nearly every line has, the example's, from its bytes: no text and no object is made on the way, which is most of
 * what a replay would cost. Any other line is null here and read as JSON; a line that both can read gives the same reading. */
export class PlainLines {
  /** Where a line begins; after a reading, where the next one does. */
  at = 0;
  #bytes: Buffer = Buffer.alloc(0);

  /** The last of `bytes` that is read is a LF: nothing plain reaches beyond one. */
  begin(bytes: Buffer): void {
    this.#bytes = bytes;
    this.at = 0;
  }

  reading(): Reading | null {
    if (!this.#word(AT)) return null;
    const at_ms = this.#moment();
    if (at_ms === NOT_PLAIN || !this.#next(IMPORT_WH)) return null;
    const a = this.#micro();
    if (a === NOT_PLAIN || !this.#next(EXPORT_WH)) return null;
    const b = this.#micro();
    if (b === NOT_PLAIN) return null;
    if (this.#ends()) return replayed(at_ms, [MicroWattHours(a), MicroWattHours(b), null, null]);
    if (!this.#next(IMPORT_VARH)) return null;
    const c = this.#micro();
    if (c === NOT_PLAIN || !this.#next(EXPORT_VARH)) return null;
    const d = this.#micro();
    if (d === NOT_PLAIN || !this.#ends()) return null;
    return replayed(at_ms, [MicroWattHours(a), MicroWattHours(b), MicroWattHours(c), MicroWattHours(d)]);
  }

  /** The name of a value, and the space after it. */
  #word(word: Buffer): boolean {
    const { length } = word;
    for (let k = 0; k < length; k++) if (this.#bytes[this.at + k] !== word[k]) return false;
    this.at += length;
    if (this.#bytes[this.at] === SPACE) this.at++;
    return true;
  }

  #next(word: Buffer): boolean {
    if (this.#bytes[this.at] !== COMMA) return false;
    this.at += this.#bytes[this.at + 1] === SPACE ? 2 : 1;
    return this.#word(word);
  }

  /** "2026-06-01T12:00:01Z", with its quotes. */
  #moment(): number {
    const bytes = this.#bytes;
    const from = this.at + 1;
    if (bytes[from - 1] !== QUOTE || bytes[from + 19] !== Z || bytes[from + 20] !== QUOTE) return NOT_PLAIN;
    this.at = from + 21;
    const seconds = secondsOf(bytes[from + 17] ?? 0, bytes[from + 18] ?? 0);
    let same = minute !== "" && seconds >= 0;
    for (let k = 0; same && k < 17; k++) same = bytes[from + k] === minute.charCodeAt(k);
    if (same) return minute_ms + seconds * 1_000;
    const at_ms = momentOf(bytes.toString("latin1", from, from + 20));
    return at_ms >= 0 ? at_ms : NOT_PLAIN;
  }

  /** A number of Wh as whole micro-units: up to nine digits, and up to six after a point, for which `cumulativeFromWh` is exact too. */
  #micro(): number {
    const bytes = this.#bytes;
    const from = this.at;
    let value = 0;
    let at = from;
    for (let digit = digitOf(bytes[at]); digit >= 0; digit = digitOf(bytes[++at])) value = value * 10 + digit;
    const whole = at - from;
    if (whole === 0 || whole > 9 || (whole > 1 && bytes[from] === ZERO)) return NOT_PLAIN;
    let decimals = 0;
    if (bytes[at] === POINT) {
      at++;
      for (let digit = digitOf(bytes[at]); digit >= 0; digit = digitOf(bytes[++at])) {
        value = value * 10 + digit;
        decimals++;
      }
      if (decimals === 0 || decimals > 6) return NOT_PLAIN;
    }
    this.at = at;
    return value * (SCALE[decimals] ?? 0);
  }

  #ends(): boolean {
    const bytes = this.#bytes;
    if (bytes[this.at] !== BRACE) return false;
    const lf = bytes[this.at + 1] === CR ? this.at + 2 : this.at + 1;
    if (bytes[lf] !== LF) return false;
    this.at = lf + 1;
    return true;
  }
}
