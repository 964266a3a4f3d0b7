// The octets of a message, read and written: EUI-64s, BER lengths, and a reader that never throws.

import { assert } from "../ledger/assert.js";

/** An EUI-64 as 16 lower-case hexadecimal digits. */
export type Eui = string;

const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));
/** The number of a hexadecimal digit, by its character. */
const DIGIT = Array.from({ length: 128 }, (_, character) => Number.parseInt(String.fromCharCode(character), 16));

export function euiOf(octets: Uint8Array): Eui {
  return hexOf(octets);
}

export function hexOf(octets: Uint8Array): string {
  let digits = "";
  for (const octet of octets) digits += HEX[octet];
  return digits;
}

export function euiOctets(eui: Eui): Uint8Array {
  const octets = new Uint8Array(8);
  putEui(octets, 0, eui);
  return octets;
}

/** Writes the eight octets of `eui` at `at`. */
export function putEui(bytes: Uint8Array, at: number, eui: Eui): void {
  if (!/^[0-9a-f]{16}$/.test(eui)) assert(false, `an EUI-64 has 16 lower-case hexadecimal digits, unlike ${eui}`);
  putHex(bytes, at, eui);
}

/** Writes the octets of hexadecimal digits at `at`. */
export function putHex(bytes: Uint8Array, at: number, digits: string): void {
  for (let digit = 0; digit + 1 < digits.length; digit += 2) {
    const [high = 0, low = 0] = [DIGIT[digits.charCodeAt(digit)], DIGIT[digits.charCodeAt(digit + 1)]];
    bytes[at + (digit >> 1)] = (high << 4) | low;
  }
}

/** BER: a length below 80h is itself; else 81 xx, 82 xx xx, 83 xx xx xx. */
export function lengthOctets(length: number): number {
  return length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 4;
}

/** Writes a length at `at` and gives where it ends. */
export function putLength(bytes: Uint8Array, at: number, length: number): number {
  const end = at + lengthOctets(length);
  if (end === at + 1) bytes[at] = length;
  else {
    bytes[at] = 0x7f + end - at;
    for (let octet = end - 1, rest = length; octet > at; octet--, rest >>>= 8) bytes[octet] = rest & 0xff;
  }
  return end;
}

/** The bytes end too soon; a length is not in its shortest form; an octet that is always the same is not. */
export type ReadFault = "cut-short" | "length" | "header";

/** Reads on after a fault as if all were zero: only the first fault counts, and one look at the end finds it. */
export class Reader<Fault extends string> {
  at = 0;
  #fault: { readonly fault: Fault | ReadFault; readonly at: number } | null = null;
  readonly #bytes: Uint8Array;
  readonly #outer: Reader<Fault> | null;
  readonly #from: number;
  #end: number;

  constructor(bytes: Uint8Array, outer: Reader<Fault> | null = null) {
    this.#bytes = bytes;
    this.#outer = outer;
    this.#from = outer === null ? 0 : outer.at - bytes.length;
    this.#end = bytes.length;
  }

  get left(): number {
    return this.#end - this.at;
  }

  /** The first fault and where it is. */
  get fault(): { readonly fault: Fault | ReadFault; readonly at: number } | null {
    return this.#fault;
  }

  fail(fault: Fault | ReadFault, at = this.at): void {
    if (this.#outer !== null) this.#outer.fail(fault, this.#from + at);
    else this.#fault ??= { fault, at };
  }

  take(count: number): Uint8Array {
    if (count > this.left) {
      this.fail("cut-short", this.#end);
      this.at = this.#end;
      return new Uint8Array(0);
    }
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  /** The last octets, which are no part of what is read on. */
  last(count: number): Uint8Array {
    if (count > this.left) {
      this.fail("cut-short", this.#end);
      return new Uint8Array(0);
    }
    this.#end -= count;
    return this.#bytes.subarray(this.#end, this.#end + count);
  }

  octet(): number {
    return this.take(1)[0] ?? 0;
  }

  u16(): number {
    const high = this.octet();
    return high * 256 + this.octet();
  }

  eui(): Eui {
    return euiOf(this.take(8));
  }

  counter(): bigint {
    const octets = this.take(8);
    if (octets.length < 8) return 0n;
    return new DataView(octets.buffer, octets.byteOffset, 8).getBigUint64(0);
  }

  /** Refused where it is not in its shortest form. */
  length(): number {
    const from = this.at;
    const first = this.octet();
    if (first < 0x80) return first;
    const octets = first - 0x80;
    let length = 0;
    for (const octet of this.take(octets <= 3 ? octets : 0)) length = length * 256 + octet;
    if (octets === 0 || octets !== lengthOctets(length) - 1) this.fail("length", from);
    return length;
  }

  expect(wanted: readonly number[]): void {
    const from = this.at;
    const found = this.take(wanted.length);
    const wrong = found.findIndex((octet, index) => octet !== wanted[index]);
    if (wrong >= 0) this.fail("header", from + wrong);
  }
}
