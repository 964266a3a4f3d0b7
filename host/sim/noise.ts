// A bad cable: each byte is corrupted with a probability, from a seed. One bit of it is flipped, or it becomes another.
import { Random } from "./random.js";

export class Noise {
  /** Bytes corrupted so far. */
  corrupted = 0;
  readonly #random: Random;

  /** `rate`: probability for each byte, 0..1; may be changed at any time. */
  constructor(
    public rate: number,
    seed: number,
  ) {
    this.#random = new Random(seed ^ 0xa1);
  }

  /** The bytes as they arrive. */
  pass(bytes: Uint8Array): Uint8Array {
    if (this.rate === 0) return bytes;
    return bytes.map((byte) => (this.#random.unit() < this.rate ? this.#corrupt(byte) : byte));
  }

  #corrupt(byte: number): number {
    this.corrupted++;
    const bits = this.#random.bits();
    return bits & 1 ? byte ^ (1 << ((bits >> 1) & 7)) : byte ^ (1 + ((bits >>> 8) % 255));
  }
}
