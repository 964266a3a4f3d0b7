// Walks octets and notes what each of them is, a line for a field. It stops at the first fault and says where; what it noted until then
// stands. Total: any octets, bounded time, never a throw.

import { type Eui, euiOf } from "../octets.js";

export interface Line {
  /** Counted from 0, in the message or in what was decrypted. */
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly depth: number;
  /** The specification's name of the field. */
  readonly name: string;
  readonly value: string;
  /** These bytes are not in the message: they were encrypted in it. */
  readonly plaintext?: true;
  /** Here the explanation ends. */
  readonly fault?: true;
}

export class Walk {
  at = 0;
  depth = 0;
  readonly lines: Line[] = [];
  readonly bytes: Uint8Array;
  readonly #plaintext: boolean;
  /** Where what is being read ends. */
  end: number;
  #stopped = false;

  constructor(bytes: Uint8Array, plaintext = false) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.#plaintext = plaintext;
  }

  get stopped(): boolean {
    return this.#stopped;
  }
  get left(): number {
    return this.end - this.at;
  }
  peek(): number | null {
    return this.left > 0 && !this.#stopped ? (this.bytes[this.at] ?? null) : null;
  }

  /** Notes the next `count` octets; where there are fewer, those, and that the rest is missing. Null: it has stopped. */
  field(name: string, count: number, words: (octets: Uint8Array) => string): Uint8Array | null {
    if (this.#stopped) return null;
    const octets = this.bytes.subarray(this.at, Math.min(this.at + count, this.end));
    if (octets.length < count) {
      if (octets.length > 0) this.note(name, octets.length, "");
      this.stop(`${name} is cut short: ${octets.length} of ${count} octets`);
      return null;
    }
    this.note(name, count, words(octets));
    return octets;
  }

  /** Notes the next octets, which are there. */
  note(name: string, count: number, value: string): void {
    this.#line(name, this.bytes.subarray(this.at, this.at + count), value);
    this.at += count;
  }

  /** Says something of octets that were noted already. */
  remark(name: string, value: string): void {
    if (!this.#stopped) this.#line(name, new Uint8Array(0), value);
  }

  stop(reason: string): void {
    if (this.#stopped) return;
    this.#line("fault", new Uint8Array(0), reason, true);
    this.#stopped = true;
  }

  /** Adds what another walk noted, one level deeper. */
  inside(lines: readonly Line[]): void {
    for (const line of lines) this.lines.push({ ...line, depth: line.depth + this.depth + 1 });
  }

  deeper(read: () => void): void {
    this.depth += 1;
    read();
    this.depth -= 1;
  }

  octet(name: string, words: (octet: number) => string): number | null {
    return this.field(name, 1, ([octet = 0]) => words(octet))?.[0] ?? null;
  }
  u16(name: string, words: (value: number) => string): number | null {
    const octets = this.field(name, 2, (found) => words(u16Of(found)));
    return octets === null ? null : u16Of(octets);
  }
  counter(name: string): bigint | null {
    const octets = this.field(name, 8, (found) => String(u64Of(found)));
    return octets === null ? null : u64Of(octets);
  }
  eui(name: string, words: (eui: Eui) => string): Eui | null {
    const octets = this.field(name, 8, (found) => words(euiOf(found)));
    return octets === null ? null : euiOf(octets);
  }

  /** A BER length. */
  length(name: string): number | null {
    const first = this.peek() ?? 0;
    const more = first < 0x80 ? 0 : first & 0x7f;
    if (more > 4 || first === 0x80) {
      this.stop(`${name} has no form that GBCS uses`);
      return null;
    }
    const octets = this.field(name, 1 + more, (found) => `${lengthOf(found)}`);
    return octets === null ? null : lengthOf(octets);
  }

  #line(name: string, bytes: Uint8Array, value: string, fault = false): void {
    this.lines.push({
      at: this.at,
      bytes,
      depth: this.depth,
      name,
      value,
      ...(this.#plaintext ? { plaintext: true as const } : {}),
      ...(fault ? { fault: true as const } : {}),
    });
  }
}

export function u16Of([high = 0, low = 0]: Uint8Array): number {
  return high * 256 + low;
}
export function u64Of(octets: Uint8Array): bigint {
  return new DataView(octets.buffer, octets.byteOffset, 8).getBigUint64(0);
}
function lengthOf([first = 0, ...more]: Uint8Array): number {
  return first < 0x80 ? first : more.reduce((length, octet) => length * 256 + octet, 0);
}
