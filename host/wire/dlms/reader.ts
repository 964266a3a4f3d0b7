// Reads DLMS octets within bounds: the first fault sticks and is where reading ended; what is read after it is zero and means nothing.
// So a decoder reads on without asking, and asks once, at its end. Total: bounded time and memory for any octets.

export type DlmsFault =
  /** The octets end before the value does, or a length says more than there is. */
  | "cut-short"
  /** Octets after the value. */
  | "left-over"
  | "unknown-tag"
  /** A length of an indefinite form or of more than four octets. */
  | "length"
  | "too-deep"
  | "too-many"
  /** Rows of a compact array that take no octets: nobody can say how many there are. */
  | "empty-row"
  /** An octet before the payload that GBCS fixes is another. */
  | "header"
  /** As many specifications as data, as many data as results. */
  | "count";

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  /** `at`: the octet of which it is said, counted from 0. */
  | { readonly ok: false; readonly fault: DlmsFault; readonly at: number };

/** Arrays, structures and compact arrays within one another. */
export const DEPTH_MAX = 16;
/** Values in one message, those in rows too: twice a year and a month of half hours with all their columns. */
export const ELEMENTS_MAX = 250_000;

const LENGTH_OCTETS_MAX = 4;

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  #end: number;
  #elements = 0;
  #fault: { readonly fault: DlmsFault; readonly at: number } | null = null;

  constructor(bytes: Uint8Array, at = 0) {
    if (!Number.isSafeInteger(at) || at < 0) throw new RangeError(`reading begins at an octet, not at ${at}`);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
    this.#end = bytes.length;
    if (at > bytes.length) this.fail("cut-short");
  }

  get at(): number {
    return this.#at;
  }
  get left(): number {
    return this.#end - this.#at;
  }
  get ok(): boolean {
    return this.#fault === null;
  }

  /** The first fault is the one that is told. */
  fail(fault: DlmsFault, at = this.#at): void {
    this.#fault ??= { fault, at };
    this.#end = this.#at;
  }

  /** What was read, unless something was wrong on the way. */
  decoded<T>(value: T): Decoded<T> {
    return this.#fault === null ? { ok: true, value } : { ok: false, ...this.#fault };
  }

  /** The same, where nothing may follow. */
  finished<T>(value: T): Decoded<T> {
    if (this.left > 0) this.fail("left-over");
    return this.decoded(value);
  }

  u8(): number {
    const at = this.#pass(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }
  u16(): number {
    const at = this.#pass(2);
    return at < 0 ? 0 : this.#view.getUint16(at);
  }
  /** A whole number of 1, 2 or 4 octets. */
  whole(octets: 1 | 2 | 4, signed: boolean): number {
    const at = this.#pass(octets);
    if (at < 0) return 0;
    if (octets === 1) return signed ? this.#view.getInt8(at) : this.#view.getUint8(at);
    if (octets === 2) return signed ? this.#view.getInt16(at) : this.#view.getUint16(at);
    return signed ? this.#view.getInt32(at) : this.#view.getUint32(at);
  }
  whole64(signed: boolean): bigint {
    const at = this.#pass(8);
    if (at < 0) return 0n;
    return signed ? this.#view.getBigInt64(at) : this.#view.getBigUint64(at);
  }

  /** A copy: what is decoded does not hold on to the message. */
  take(octets: number): Uint8Array {
    const at = this.#pass(octets);
    return at < 0 ? new Uint8Array(0) : this.#bytes.slice(at, at + octets);
  }

  /** An octet that can only be this one. */
  expect(octet: number): void {
    const at = this.#at;
    if (this.u8() !== octet) this.fail("header", at);
  }

  /** A BER length. Longer forms than needed are taken: BER allows them. */
  length(): number {
    const at = this.#at;
    const first = this.u8();
    if (first < 0x80) return first;
    const octets = first & 0x7f;
    if (octets === 0 || octets > LENGTH_OCTETS_MAX) {
      this.fail("length", at);
      return 0;
    }
    let length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + this.u8();
    return length;
  }

  /** How many values follow; each takes an octet at least, so a count that lies is known before anything is kept for it. */
  count(): number {
    const at = this.#at;
    const count = this.length();
    if (count > this.left) this.fail("cut-short", at);
    return this.ok ? count : 0;
  }

  /** Called once for every value, with how many hold it. */
  element(depth: number): void {
    if (depth > DEPTH_MAX) this.fail("too-deep");
    else if (++this.#elements > ELEMENTS_MAX) this.fail("too-many");
  }

  /** Reads `read` again and again until `octets` octets are used up; none of it may look beyond them. */
  within(octets: number, read: () => void): void {
    const end = this.#end;
    if (octets > this.left) this.fail("cut-short");
    if (!this.ok) return;
    this.#end = this.#at + octets;
    while (this.ok && this.left > 0) {
      const at = this.#at;
      read();
      if (this.ok && this.#at === at) this.fail("empty-row");
    }
    if (this.ok) this.#end = end;
  }

  /** Where the next `octets` begin, which are then behind; -1 where there are not so many. */
  #pass(octets: number): number {
    if (octets > this.left) {
      this.fail("cut-short");
      return -1;
    }
    const at = this.#at;
    this.#at += octets;
    return at;
  }
}
