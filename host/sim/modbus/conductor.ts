// What flows where a simulated meter is wired in, at any moment: power now, and energy since the start as integers, never netted over
// more than a step. `DrivenConductor` is told its power by a function of time; house-conductor.ts has the simulated house's.

import type { TrueEnergy } from "../truth.js";

/** One phase, or one of three. Positive is import, or generated on a generator's own conductor. */
export interface Phase {
  readonly voltage_v: number;
  readonly active_w: number;
  readonly reactive_var: number;
}

export interface Flowing {
  readonly frequency_hz: number;
  /** One, or three. */
  readonly phases: readonly Phase[];
  /** Of all phases together: the sign of their sum decides the direction, moment by moment. Whole µWh and µvarh. */
  readonly sum: TrueEnergy;
  /** Of each phase by itself. */
  readonly each: readonly TrueEnergy[];
}

export interface Conductor {
  /** As it is at a time, ms since the start; a time may lie some minutes before the last one asked for. */
  at(time_ms: number): Flowing;
}

export interface Load {
  readonly active_w: number;
  readonly reactive_var?: number;
}

/** Power by the time in seconds: of one phase, or of three. */
export type LoadAt = (time_s: number) => Load | readonly [Load, Load, Load];

export interface DrivenOptions {
  /** The power stands still for so long, whole ms. */
  readonly step_ms?: number;
  readonly voltage_v?: number;
  readonly frequency_hz?: number;
}

/** Steps remembered: who asks for an earlier moment is late by at most so many. */
const STEPS = 1024;
/** mW x ms in a µWh. */
const MWMS_PER_UWH = 3600;

export class DrivenConductor implements Conductor {
  readonly #step_ms: number;
  readonly #voltage_v: number;
  readonly #frequency_hz: number;
  readonly #phases: number;
  /** Counters of the sum, then of each phase where there are three: import, export, and the reactive two. */
  readonly #counters: number;
  /** Powers of a step, mW and mvar: active and reactive of the sum, then of each phase. A row a step, going round. */
  readonly #powers: Float64Array;
  /** What had flowed at the beginning of a step: whole µWh, and what is left over in mW x ms. */
  readonly #whole: Float64Array;
  readonly #rest: Float64Array;
  #last = 0;

  constructor(
    private readonly load: LoadAt,
    options: DrivenOptions = {},
  ) {
    this.#step_ms = options.step_ms ?? 1000;
    this.#voltage_v = options.voltage_v ?? 230;
    this.#frequency_hz = options.frequency_hz ?? 50;
    this.#phases = isThree(load(0)) ? 3 : 1;
    const channels = this.#phases === 3 ? 4 : 1;
    this.#counters = channels * 4;
    this.#powers = new Float64Array(STEPS * channels * 2);
    this.#whole = new Float64Array(STEPS * this.#counters);
    this.#rest = new Float64Array(STEPS * this.#counters);
    this.#fillPowers(0);
  }

  at(time_ms: number): Flowing {
    const whole_ms = Math.floor(time_ms);
    const step = Math.floor(whole_ms / this.#step_ms);
    while (this.#last < step) this.#advance();
    if (step < 0 || step <= this.#last - STEPS)
      throw new Error(`the conductor no longer knows ${time_ms} ms, it is at ${this.#last * this.#step_ms} ms`);
    const in_ms = whole_ms - step * this.#step_ms;
    const row = step % STEPS;
    const sum = this.#energy(row, 0, in_ms);
    const three = this.#phases === 3;
    const phase = (channel: number): Phase => ({
      voltage_v: this.#voltage_v,
      active_w: this.#powers[this.#power(row, channel)]! / 1000,
      reactive_var: this.#powers[this.#power(row, channel) + 1]! / 1000,
    });
    return {
      frequency_hz: this.#frequency_hz,
      phases: three ? [phase(1), phase(2), phase(3)] : [phase(0)],
      sum,
      each: three ? [1, 2, 3].map((channel) => this.#energy(row, channel, in_ms)) : [sum],
    };
  }

  #advance(): void {
    const from = (this.#last % STEPS) * this.#counters;
    const to = ((this.#last + 1) % STEPS) * this.#counters;
    for (let counter = 0; counter < this.#counters; counter++) {
      const rest = this.#rest[from + counter]! + this.#rate(this.#last % STEPS, counter) * this.#step_ms;
      const more_uwh = Math.floor(rest / MWMS_PER_UWH);
      this.#whole[to + counter] = this.#whole[from + counter]! + more_uwh;
      this.#rest[to + counter] = rest - more_uwh * MWMS_PER_UWH;
    }
    this.#last++;
    this.#fillPowers(this.#last);
  }

  #fillPowers(step: number): void {
    const given = this.load((step * this.#step_ms) / 1000);
    const loads: readonly Load[] = isThree(given) ? given : [given];
    let active_mw = 0;
    let reactive_mvar = 0;
    for (const [at, { active_w, reactive_var = 0 }] of loads.entries()) {
      const phase = this.#power(step % STEPS, this.#phases === 3 ? at + 1 : 0);
      this.#powers[phase] = Math.round(active_w * 1000);
      this.#powers[phase + 1] = Math.round(reactive_var * 1000);
      active_mw += this.#powers[phase]!;
      reactive_mvar += this.#powers[phase + 1]!;
    }
    const sum = this.#power(step % STEPS, 0);
    this.#powers[sum] = active_mw;
    this.#powers[sum + 1] = reactive_mvar;
  }

  #power(row: number, channel: number): number {
    return (row * (this.#counters / 4) + channel) * 2;
  }

  /** How fast a counter goes in a step, mW. */
  #rate(row: number, counter: number): number {
    const power = this.#powers[this.#power(row, counter >> 2) + ((counter & 2) >> 1)]!;
    return Math.max(0, counter & 1 ? -power : power);
  }

  #energy(row: number, channel: number, in_ms: number): TrueEnergy {
    const first = channel * 4;
    const at = (counter: number): number => {
      const rest = this.#rest[row * this.#counters + counter]! + this.#rate(row, counter) * in_ms;
      return this.#whole[row * this.#counters + counter]! + Math.floor(rest / MWMS_PER_UWH);
    };
    return {
      import_uwh: at(first),
      export_uwh: at(first + 1),
      import_uvarh: at(first + 2),
      export_uvarh: at(first + 3),
    };
  }
}

function isThree(load: ReturnType<LoadAt>): load is readonly [Load, Load, Load] {
  return Array.isArray(load);
}
