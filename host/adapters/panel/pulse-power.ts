// The power that pulses tell of: their energy over the time between them. Unknown until there are two, and when the next is long overdue.

import { mulDiv } from "../../ledger/units.js";

/** mWh of a kWh times ms of an hour. */
const MWH_PER_KWH = 1_000_000;
const MS_PER_HOUR = 3_600_000;
/** So many times as long as the last pulses took, and the power is no longer known. */
const OVERDUE = 2;

export class PulsePower {
  #count = 0;
  #last_ms = 0;
  /** The last pulse that was told of, and when it came; null before the first. */
  #told: { readonly count: number; readonly at_ms: number } | null = null;
  #known: { readonly mw: number; readonly spacing_ms: number } | null = null;

  constructor(private readonly impPerKwh: number) {}

  /** There are so many pulses now; called at every tick. */
  counted(count: number, now_ms: number): void {
    if (count === this.#count) return;
    this.#count = count;
    this.#last_ms = now_ms;
    this.#told ??= { count, at_ms: now_ms };
  }

  /** mW of the pulses since those told of last; call it once a second. */
  at(now_ms: number): number | null {
    const told = this.#told;
    if (told === null) return null;
    const pulses = this.#count - told.count;
    const took_ms = this.#last_ms - told.at_ms;
    if (pulses > 0 && took_ms > 0) {
      this.#known = {
        mw: mulDiv(pulses * MWH_PER_KWH, MS_PER_HOUR, this.impPerKwh * took_ms),
        spacing_ms: took_ms / pulses,
      };
      this.#told = { count: this.#count, at_ms: this.#last_ms };
    } else if (this.#known !== null && now_ms - this.#last_ms > OVERDUE * this.#known.spacing_ms) this.#known = null;
    return this.#known?.mw ?? null;
  }
}
