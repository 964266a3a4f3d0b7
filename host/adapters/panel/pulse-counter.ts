// Edges and ticks of one input to pulses, by the rule of docs/spec/panel.md: a change of level is believed once enough ticks of the board's
// own clock have seen it, and dropped once more have seen that it did not hold. Knows no unit.
//
//   off --on--> on? --seen on for n(min_on) ticks: a pulse--> on --off--> off? --seen off for n(min_off) ticks--> off
//    ^-----------'  a spike                                    ^-----------'  a bounce

/** How many ticks of `tick_ms` a level of `width_ms` contains for certain: ticks come up to 1.5 ms early or late. */
export function ticksWithin(width_ms: number, tick_ms: number): number {
  return Math.max(0, Math.floor((width_ms - 1.5) / tick_ms));
}

export class PulseCounter {
  /** All pulses since it was made. */
  count = 0;
  /** On, but not for long enough. */
  spikes = 0;
  /** Off within a pulse, but not for long enough. */
  bounces = 0;
  #level = false;
  #believed = false;
  /** Ticks in a row that have seen a change hold, and no edge between them. */
  #run = 0;
  /** Ticks that have seen a change hold, and not hold; null: no change is in question. */
  #seen: { held: number; not: number } | null = null;

  constructor(
    private readonly needOn: number,
    private readonly needOff: number,
  ) {}

  /** Listening begins: a pulse that is under way has begun unseen, and is not counted. */
  begin(on: boolean): void {
    this.#level = on;
    this.#believed = on;
    this.#seen = null;
  }

  level(on: boolean): void {
    this.#level = on;
    this.#run = 0;
    if (on === this.#believed || this.#seen !== null) return;
    this.#seen = { held: 0, not: 0 };
    this.#judge(this.#seen);
  }

  tick(): void {
    const seen = this.#seen;
    if (seen === null) return;
    if (this.#level === this.#believed) seen.not++;
    else {
      seen.held++;
      this.#run++;
    }
    this.#judge(seen);
  }

  #judge({ held, not }: { readonly held: number; readonly not: number }): void {
    // Hum and flicker may be on at every tick, and are off between: an on must hold. An off may have a spike in it.
    if (this.#believed ? held >= this.needOff : this.#run >= this.needOn) {
      this.#believed = !this.#believed;
      this.#seen = null;
      if (this.#believed) this.count++;
    } else if (not > held) {
      this.#seen = null;
      if (this.#believed) this.bounces++;
      else this.spikes++;
    }
  }
}
