// What both models share: the powers that an IC sees through its parts and its gain and delay registers, and an accumulator
// whose register is whole counts and which keeps what is under one.
import type { MainsCycle } from "../mains-cycle.js";
import type { Parts } from "./parts.js";

const DEGREE = Math.PI / 180;

export interface Seen {
  readonly volts: number;
  readonly amps: number;
  readonly power_w: number;
  readonly reactive_var: number;
}

/** Channel 0..2 of a cycle as the IC sees it: gains as shares of neutral, `delay_deg` of the current behind the voltage. */
export function see(
  cycle: MainsCycle,
  parts: Parts,
  channel: number,
  gain: { readonly volts: number; readonly amps: number },
  delay_deg: number,
): Seen {
  const volts = parts.volts * gain.volts;
  const amps = parts.amps[channel]! * gain.amps;
  // A current that leads by a little more than it should lags the voltage by so much less.
  const lead = (parts.ampsLead_deg[channel]! - parts.voltsLead_deg - delay_deg) * DEGREE;
  const p = cycle.power_w[channel]!;
  const q = cycle.reactive_var[channel]!;
  return {
    volts: cycle.voltage_v * volts,
    amps: cycle.current_a[channel]! * amps,
    power_w: volts * amps * (p * Math.cos(lead) + q * Math.sin(lead)),
    reactive_var: volts * amps * (q * Math.cos(lead) - p * Math.sin(lead)),
  };
}

/** Counts of so many micro-joules each; what is under one stays inside, on either side of zero. */
export class Accumulator {
  #held_uj = 0;

  constructor(private readonly count_uj: number) {}

  /** Adds an energy, joules, rounded once to a micro-joule. */
  add(joules: number): void {
    this.#held_uj += Math.round(joules * 1e6);
  }

  get counts(): number {
    return Math.trunc(this.#held_uj / this.count_uj);
  }

  /** Takes the whole counts away. */
  clear(): void {
    this.#held_uj -= this.counts * this.count_uj;
  }

  reset(): void {
    this.#held_uj = 0;
  }
}
