// Writes DLMS octets into one buffer that grows by doubling. What cannot be written is our bug: a RangeError that says what was asked.
// Lengths are the shortest that BER has.

import { DEPTH_MAX, ELEMENTS_MAX } from "./reader.js";

const ROOM = 1_024;
const SPAN = { 1: 2 ** 8, 2: 2 ** 16, 4: 2 ** 32 } as const;

/** A value that no caller may ask to write. */
export function check(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new RangeError(sentence);
}

const TOO_DEEP = `values are within at most ${DEPTH_MAX} others`;
const TOO_MANY = `a message has at most ${ELEMENTS_MAX} values`;

export class Writer {
  #bytes = new Uint8Array(ROOM);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #elements = 0;

  get size(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }
  u16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
  }
  /** A whole number of 1, 2 or 4 octets; two's complement where it is negative. */
  whole(octets: 1 | 2 | 4, signed: boolean, value: number): void {
    const span = SPAN[octets];
    const least = signed ? -span / 2 : 0;
    if (!Number.isInteger(value) || value < least || value >= least + span)
      throw new RangeError(`${value} is no ${signed ? "signed" : "unsigned"} whole number of ${octets} octets`);
    const at = this.#grow(octets);
    if (octets === 1) this.#view.setUint8(at, value);
    else if (octets === 2) this.#view.setUint16(at, value);
    else this.#view.setUint32(at, value);
  }
  whole64(signed: boolean, value: bigint): void {
    const fits = signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
    if (fits !== value) throw new RangeError(`${value} is no whole number of 8 octets`);
    const at = this.#grow(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value));
  }
  raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }
  length(length: number): void {
    if (length < 0x80) return this.u8(length);
    const octets = lengthOctets(length) - 1;
    this.u8(0x80 | octets);
    for (let i = octets - 1; i >= 0; i--) this.u8(Math.floor(length / 256 ** i) % 256);
  }
  /** Octets with their length before them. */
  counted(bytes: Uint8Array): void {
    this.length(bytes.length);
    this.raw(bytes);
  }

  /** Called once for every value, with how many hold it: nothing is written that the reader would refuse. */
  element(depth: number): void {
    check(depth <= DEPTH_MAX, TOO_DEEP);
    check(++this.#elements <= ELEMENTS_MAX, TOO_MANY);
  }

  /** What `write` writes, with its length before it: it makes room once the length is known. */
  within(write: () => void): void {
    const from = this.#length;
    write();
    const length = this.#length - from;
    this.#grow(lengthOctets(length));
    this.#bytes.copyWithin(this.#length - length, from, from + length);
    const end = this.#length;
    this.#length = from;
    this.length(length);
    this.#length = end;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Room for so many octets more; where they begin. */
  #grow(octets: number): number {
    const at = this.#length;
    this.#length += octets;
    if (this.#length > this.#bytes.length) {
      const more = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length));
      more.set(this.#bytes);
      this.#bytes = more;
      this.#view = new DataView(more.buffer);
    }
    return at;
  }
}

/** BER: a length below 80h is itself; else 81 xx, 82 xx xx, 83 xx xx xx, 84 and four. */
function lengthOctets(length: number): number {
  return length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x1_0000 ? 3 : length < 0x100_0000 ? 4 : 5;
}
