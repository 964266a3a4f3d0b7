// What a bad cable does to whole frames: bits flipped at a rate, or a share of frames damaged as cables damage them. Seeded.

import { Random } from "../random.js";

export interface DamageOptions {
  /** Share of bits flipped, 0..0.5. */
  readonly bits?: number;
  /** Share of frames damaged: bits flipped, a burst, bytes lost or a byte too many. */
  readonly frames?: number;
  readonly seed?: number;
}

export class Damage {
  /** Frames that did not arrive as they were sent. */
  damaged = 0;
  readonly #random: Random;
  readonly #bits: number;
  readonly #frames: number;
  /** Bits until the next one is flipped. */
  #until: number;

  constructor({ bits = 0, frames = 0, seed = 1 }: DamageOptions = {}) {
    this.#random = new Random(seed ^ 0xd1);
    this.#bits = bits;
    this.#frames = frames;
    this.#until = this.#gap();
  }

  /** The frame as it arrives: the same object where nothing happened to it. */
  pass(frame: Uint8Array): Uint8Array {
    let arrived = frame;
    if (this.#frames > 0 && this.#random.unit() < this.#frames) arrived = this.#damage(frame);
    if (this.#bits > 0) arrived = this.#flip(arrived);
    if (arrived !== frame) this.damaged++;
    return arrived;
  }

  #flip(frame: Uint8Array): Uint8Array {
    let arrived = frame;
    const bits = frame.length * 8;
    for (; this.#until < bits; this.#until += 1 + this.#gap()) {
      if (arrived === frame) arrived = Uint8Array.from(frame);
      arrived[this.#until >> 3]! ^= 1 << (this.#until & 7);
    }
    this.#until -= bits;
    return arrived;
  }

  /** Bits that pass before one is flipped. */
  #gap(): number {
    if (this.#bits === 0) return Number.POSITIVE_INFINITY;
    return Math.floor(Math.log(1 - this.#random.unit()) / Math.log(1 - this.#bits));
  }

  #damage(frame: Uint8Array): Uint8Array {
    const at = this.#random.bits() % frame.length;
    switch (this.#random.bits() % 5) {
      case 0: {
        const arrived = Uint8Array.from(frame);
        for (let bits = 1 + (this.#random.bits() % 3); bits > 0; bits--)
          arrived[this.#random.bits() % frame.length]! ^= 1 << (this.#random.bits() & 7);
        return arrived;
      }
      case 1: {
        // At most 16 bits in a row: a cyclic check of 16 bits misses none of these.
        const arrived = Uint8Array.from(frame);
        arrived[at]! ^= 1 + (this.#random.bits() % 255);
        if (at + 1 < frame.length) arrived[at + 1]! ^= this.#random.bits() & 0xff;
        return arrived;
      }
      case 2:
        return frame.slice(0, at);
      case 3:
        return Uint8Array.from([...frame.subarray(0, at), ...frame.subarray(at + 1)]);
      default:
        return Uint8Array.from([...frame.subarray(0, at), this.#random.bits() & 0xff, ...frame.subarray(at)]);
    }
  }
}
