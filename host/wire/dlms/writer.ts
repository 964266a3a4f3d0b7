// Writes DLMS octets into one buffer that grows by doubling. What cannot be written is our bug: a RangeError that says what was asked.
// Lengths are the shortest that BER has.

import { DEPTH_MAX, ELEMENTS_MAX } from "./reader.js";

/** A value that no caller may ask to write. */
export function check(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new RangeError(sentence);
}

export class Writer {
  #bytes = new Uint8Array(64);
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
    const span = 256 ** octets;
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
    const octets = length < 0x100 ? 1 : length < 0x1_0000 ? 2 : length < 0x100_0000 ? 3 : 4;
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
    check(depth <= DEPTH_MAX, `values are within at most ${DEPTH_MAX} others`);
    check(++this.#elements <= ELEMENTS_MAX, `a message has at most ${ELEMENTS_MAX} values`);
  }

  /** What `write` writes into a buffer of its own, with its length before it; its values count here. */
  within(write: (inner: Writer) => void): void {
    const inner = new Writer();
    inner.#elements = this.#elements;
    write(inner);
    this.#elements = inner.#elements;
    this.counted(inner.#bytes.subarray(0, inner.#length));
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
