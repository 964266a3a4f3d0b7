// Lays the house's moments end to end, cycle by cycle, and books the truth of each as it is passed.
// Whoever watches the house (the ADC of the executed board, the fast board) asks for the cycle at a time and never
// goes back. The grain is one mains cycle, or a few where speed matters more than detail.
import type { House } from "./house.js";
import { emptyCycle, type MainsCycle } from "./mains-cycle.js";
import type { Truth } from "./truth.js";

/** Volts and amps over time: the house, or a recorded waveform. */
export interface World {
  readonly truth: Truth;
  /** The cycle now under way. */
  readonly cycle: MainsCycle;
  /** Mains cycles between looks at the house, 1 or more, from the next cycle on; a recording keeps to 1. */
  grain_cycles: number;
  /** Books the truth of the cycle under way and goes on to the next. */
  next(): void;
  /**
   * The instantaneous value of channel 0 (V) or 1..3 (A) at a time within the cycle; null where the waveforms of the
   * cycle tell it.
   */
  readonly recorded: ((channel: number, time_s: number) => number) | null;
}

export class Mains implements World {
  readonly recorded = null;
  readonly cycle = emptyCycle();

  grain_cycles = 1;

  /** `startUtc_s`: the UTC of true time 0. */
  constructor(
    private readonly house: House,
    readonly truth: Truth,
    private readonly startUtc_s: number,
  ) {
    this.#begin(0);
  }

  next(): void {
    this.truth.add(this.cycle);
    this.#begin(this.cycle.end_s);
  }

  #begin(start_s: number): void {
    const { cycle } = this;
    const length_s =
      this.grain_cycles / this.house.frequency_hz({ utc_s: this.startUtc_s + start_s, elapsed_s: start_s });
    const elapsed_s = start_s + length_s / 2;
    cycle.start_s = start_s;
    cycle.end_s = start_s + length_s;
    cycle.cycles = this.grain_cycles;
    this.house.fill(cycle, { utc_s: this.startUtc_s + elapsed_s, elapsed_s });
  }
}
