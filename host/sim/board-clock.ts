// The board's resonator: its 16 MHz are off by up to +-5,000 ppm and drift slowly. Relates board cycles and true time
// in closed form, so that either can be had from the other at any moment.

export const CLOCK_HZ = 16_000_000;

export interface ClockError {
  /** Positive: the board is fast, it counts more cycles than it should in a true second. */
  readonly ppm: number;
  /** Half the swing of a slow drift to either side of `ppm`. */
  readonly driftPpm: number;
}

/** The drift goes there and back in this time. */
const DRIFT_s = 1800;

export class BoardClock {
  readonly #swing: number;

  constructor(private readonly error: ClockError) {
    this.#swing = (error.driftPpm * DRIFT_s) / (2 * Math.PI);
  }

  /** Cycles the resonator has made since true time 0. */
  cyclesAt(time_s: number): number {
    const drift = this.#swing * (1 - Math.cos((2 * Math.PI * time_s) / DRIFT_s));
    return CLOCK_HZ * (time_s + (this.error.ppm * time_s + drift) * 1e-6);
  }

  /** Cycles in a true second, at a time. */
  hzAt(time_s: number): number {
    return CLOCK_HZ * (1 + (this.error.ppm + this.error.driftPpm * Math.sin((2 * Math.PI * time_s) / DRIFT_s)) * 1e-6);
  }

  /** The true time at which the resonator has made this many cycles. */
  timeAt(cycles: number): number {
    let time_s = cycles / CLOCK_HZ;
    for (let step = 0; step < 4; step++) time_s -= (this.cyclesAt(time_s) - cycles) / this.hzAt(time_s);
    return time_s;
  }
}
