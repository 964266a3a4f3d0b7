// One alarm at a moment of a clock, moved or stopped at will: what a bus needs of time.

import type { Mono_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";

/** Moments nearer than this are the same: a clock of floating-point milliseconds need not hit one exactly. */
export const SAME_MOMENT_ms = 1e-3;

export class Alarm {
  #stop: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly call: () => void,
  ) {}

  /** Rings once, at the moment or a little after it; at once where it is past. What was set before is forgotten. */
  at(moment: Mono_ms): void {
    this.#stop();
    const wait_ms = moment - this.clock.mono();
    if (wait_ms === Number.POSITIVE_INFINITY) return this.stop();
    this.#stop = this.clock.every(Math.max(wait_ms, SAME_MOMENT_ms), () => this.#ring(moment));
  }

  stop(): void {
    this.#stop();
    this.#stop = () => {};
  }

  /** A machine's timer may ring a fraction early: then it is set again for the rest. */
  #ring(moment: Mono_ms): void {
    if (this.clock.mono() < moment - SAME_MOMENT_ms) return this.at(moment);
    this.stop();
    this.call();
  }
}
