// The frame of one line: `letter fields*CRC`, and the checks that come before any field is understood.
// `Fields` then reads the fields in order and remembers the first thing wrong with them, so that a decoder
// is a plain list of its fields and still never throws.
import { crcDigits } from "./crc16.js";
import type { Fault, FaultReason } from "./messages.js";

/** The longest line of each side, counted with its LF, bytes. */
export const BOARD_LINE_MAX = 160;
export const HOST_LINE_MAX = 64;

export const U32_MAX = 0xffff_ffff;

export interface Frame {
  readonly kind: "frame";
  readonly letter: string;
  readonly fields: Fields;
}

export function fault(reason: FaultReason, letter = "?"): Fault {
  return { kind: "fault", reason, letter };
}

/** A line from its letter and fields, with CRC and LF. */
export function writeLine(...words: readonly (string | number)[]): string {
  const body = words.join(" ");
  return `${body}*${crcDigits(body)}\n`;
}

/** The frame of a line, with or without its LF or CR LF; `max` counts the LF. */
export function readLine(text: string, max: number): Frame | Fault {
  const line = text.replace(/\r?\n?$/, "");
  if (line.length + 1 > max) return fault("long");
  const star = line.lastIndexOf("*");
  if (star < 0) return fault("crc");
  const body = line.slice(0, star);
  if (line.slice(star + 1) !== crcDigits(body)) return fault("crc");
  const words = body.split(" ");
  const letter = words[0] ?? "";
  if (!/^[A-Z]$/.test(letter)) return fault("form");
  return { kind: "frame", letter, fields: new Fields(words.slice(1)) };
}

/** The fields of one line, read in order. A missing or unreadable one reads as 0 or "" and is remembered. */
export class Fields {
  #at = 0;
  #unformed = false;
  #outside = false;

  constructor(private readonly words: readonly string[]) {}

  /** What was wrong, the form before the range; null when every field read so far was sound. */
  get reason(): FaultReason | null {
    if (this.#unformed) return "form";
    return this.#outside ? "range" : null;
  }

  /** The value with its fault, if any: the end of every decoder. */
  close<T>(letter: string, value: T): T | Fault {
    return this.reason === null ? value : fault(this.reason, letter);
  }

  int(min: number, max: number): number {
    const word = this.words[this.#at++];
    if (word === undefined || !/^-?[0-9]+$/.test(word)) {
      this.#unformed = true;
      return 0;
    }
    const value = Number(word);
    if (value < min || value > max) this.#outside = true;
    return value === 0 ? 0 : value; // never -0
  }

  u32(): number {
    return this.int(0, U32_MAX);
  }

  i32(): number {
    return this.int(-0x8000_0000, 0x7fff_ffff);
  }

  /** Whether a field of a newer minor version is there. */
  get more(): boolean {
    return this.#at < this.words.length;
  }

  /** A word of `[a-z0-9.,_-]` that matches `pattern`. */
  word(pattern: RegExp = /^[a-z0-9.,_-]+$/): string {
    const word = this.words[this.#at++];
    if (word === undefined || !pattern.test(word)) {
      this.#unformed = true;
      return "";
    }
    return word;
  }

  /** `major.minor`, each 0..255. */
  version(): { major: number; minor: number } {
    const [major, minor] = this.word(/^[0-9]{1,3}\.[0-9]{1,3}$/)
      .split(".")
      .map(Number);
    if ((major ?? 0) > 255 || (minor ?? 0) > 255) this.#outside = true;
    return { major: major ?? 0, minor: minor ?? 0 };
  }

  /** The words that are left, joined by spaces. */
  rest(): string {
    return this.words.slice(this.#at).join(" ");
  }
}
