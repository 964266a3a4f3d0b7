// Everything random in the simulator comes from here and from one seed: same seed, same trace.
// `Random` is a sequence; `wander` is a smooth random function of time that can be asked in any order.

/** A sequence of numbers from a seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = mix(seed);
  }

  /** 32 random bits. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    return mix(this.#state);
  }

  /** 0 <= x < 1. */
  unit(): number {
    return this.bits() / 0x1_0000_0000;
  }

  /** Mean 0, standard deviation 1. */
  gauss(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }
}

/** A random number 0 <= x < 1 that belongs to (seed, index) alone. */
export function hashUnit(seed: number, index: number): number {
  return mix(mix(seed) ^ Math.imul(index, 0x9e3779b1)) / 0x1_0000_0000;
}

/** A smooth random function of `x`, between -1 and 1, that turns about once in each unit of `x`. */
export function wander(seed: number, x: number): number {
  const cell = Math.floor(x);
  const at = x - cell;
  const from = hashUnit(seed, cell);
  const to = hashUnit(seed, cell + 1);
  return 2 * (from + (to - from) * at * at * (3 - 2 * at)) - 1;
}

/** `size` gaussian numbers of mean exactly 0 and deviation 1, for draws by index; size a power of two. */
export function gaussTable(random: Random, size: number): Float64Array {
  const table = Float64Array.from({ length: size / 2 }, () => random.gauss());
  const deviation = Math.sqrt(table.reduce((sum, x) => sum + x * x, 0) / table.length);
  return Float64Array.from({ length: size }, (_, index) => {
    const drawn = (table[index >> 1] ?? 0) / deviation;
    return index & 1 ? -drawn : drawn;
  });
}

function mix(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 15), z | 1);
  z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
  return (z ^ (z >>> 14)) >>> 0;
}
