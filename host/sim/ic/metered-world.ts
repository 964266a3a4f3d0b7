// The world with a meter in it: whoever moves its time on, the metering IC sees every moment once, and cycles in part as well,
// since its registers are read when the board likes and not when a cycle ends.
import type { World } from "../mains.js";
import type { MainsCycle } from "../mains-cycle.js";
import type { Truth } from "../truth.js";

/** `seconds` of a cycle flow past. */
export type Flow = (cycle: MainsCycle, seconds: number) => void;

export class MeteredWorld implements World {
  readonly recorded: World["recorded"];
  #seen_s = 0;

  constructor(
    private readonly world: World,
    private readonly flow: Flow,
  ) {
    this.recorded = world.recorded;
  }

  get truth(): Truth {
    return this.world.truth;
  }

  get cycle(): MainsCycle {
    return this.world.cycle;
  }

  get grain_cycles(): number {
    return this.world.grain_cycles;
  }

  set grain_cycles(cycles: number) {
    this.world.grain_cycles = cycles;
  }

  next(): void {
    this.#see(this.cycle.end_s);
    this.world.next();
  }

  /** Lives up to a true time. */
  advance(time_s: number): void {
    while (this.cycle.end_s <= time_s) this.next();
    this.#see(time_s);
  }

  #see(until_s: number): void {
    if (until_s <= this.#seen_s) return;
    this.flow(this.cycle, until_s - this.#seen_s);
    this.#seen_s = until_s;
  }
}
