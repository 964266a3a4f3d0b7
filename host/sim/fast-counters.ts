// The counters of the fast board: docs/spec/link.md, "Rules the counters follow", 2 to 5, in plain sums.
// Energies are integers, mW times microseconds = nJ; 3.6 * 10^9 of them are a milliwatt-hour.

/** Four channels of import, export, reactive import, reactive export. */
export const COUNTERS = 16;
const PAIRS = COUNTERS / 2;
const NJ_PER_MWH = 3_600_000_000;
const POT_FULL_nj = 100 * NJ_PER_MWH;
const GATE_mw = 25_000;
const FLOOR_mw = 2_000;
const JUDGE_us = 60_000_000;
export const U32 = 0x1_0000_0000;

/** The creep gate for windows of `cycles` (1..50). */
export function gate_mw(cycles: number): number {
  return Math.round(GATE_mw * Math.sqrt(10 / cycles));
}

export class FastCounters {
  /** mWh and mvarh without wrap; the line shows them modulo 2^32. */
  readonly mwh: Float64Array;
  /** Pots emptied. */
  creep = 0;
  readonly #rest_nj = new Float64Array(COUNTERS);
  readonly #pot_nj = new Float64Array(PAIRS);
  readonly #flow_nj = new Float64Array(PAIRS);
  /** Whether a window reached the gate since the pots were last judged. */
  readonly #loaded: boolean[] = Array(PAIRS).fill(false);
  #judged_us = 0;

  constructor(base_mwh: Float64Array) {
    this.mwh = base_mwh.slice();
  }

  /** Books `power` (mW or mvar, an integer) that flowed for `true_us` in pair 0..7. */
  flow(pair: number, power: number, true_us: number, gate: number): void {
    const energy_nj = power * true_us;
    if (Math.abs(power) < gate) return this.#creep(pair, energy_nj);
    this.#loaded[pair] = true;
    this.#book(2 * pair + (power < 0 ? 1 : 0), Math.abs(energy_nj));
  }

  /** Lets time pass for the creep rule, after the flows of that time. */
  judge(true_us: number): void {
    this.#judged_us += true_us;
    if (this.#judged_us < JUDGE_us) return;
    for (let pair = 0; pair < PAIRS; pair++) {
      const idle = Math.abs(this.#flow_nj[pair]!) < FLOOR_mw * this.#judged_us;
      if (idle && !this.#loaded[pair] && this.#pot_nj[pair] !== 0) {
        this.#pot_nj[pair] = 0;
        this.creep++;
      }
      this.#flow_nj[pair] = 0;
      this.#loaded[pair] = false;
    }
    this.#judged_us = 0;
  }

  #creep(pair: number, energy_nj: number): void {
    this.#flow_nj[pair]! += energy_nj;
    const pot_nj = this.#pot_nj[pair]! + energy_nj;
    const full = Math.abs(pot_nj) >= POT_FULL_nj;
    if (full) this.#book(2 * pair + (pot_nj < 0 ? 1 : 0), Math.abs(pot_nj));
    this.#pot_nj[pair] = full ? 0 : pot_nj;
  }

  #book(counter: number, energy_nj: number): void {
    const all_nj = this.#rest_nj[counter]! + energy_nj;
    const whole = Math.floor(all_nj / NJ_PER_MWH);
    this.mwh[counter]! += whole;
    this.#rest_nj[counter] = all_nj - whole * NJ_PER_MWH;
  }
}

const HALF_HOUR_s = 1800;
/** The ring counts in 512 mWh, as the firmware's does. */
const RING_STEP_mwh = 512;

export interface HalfHourEnd {
  readonly end_s: number;
  readonly mwh: readonly number[];
}

/** The half hours a board remembers while it runs: cumulative counters at each end. */
export class FastRing {
  #ends: HalfHourEnd[] = [];
  #edge_s = 0;

  /** `size`: half hours held, which have one end more. */
  constructor(private readonly size: number) {}

  /** The next half-hour end, UTC seconds; 0 while UTC is unknown. */
  get edge_s(): number {
    return this.#edge_s;
  }

  /** Forgets everything and awaits the first end after `utc_s`. */
  empty(utc_s: number): void {
    this.#ends = [];
    this.#edge_s = (Math.floor(utc_s / HALF_HOUR_s) + 1) * HALF_HOUR_s;
  }

  /** The half hour that ends at the edge is over, at these counters. */
  close(mwh: Float64Array): void {
    const floors = Array.from(mwh, (value) => (Math.floor(value / RING_STEP_mwh) * RING_STEP_mwh) % U32);
    this.#ends.push({ end_s: this.#edge_s, mwh: floors });
    if (this.#ends.length > this.size + 1) this.#ends.shift();
    this.#edge_s += HALF_HOUR_s;
  }

  after(from_s: number): readonly HalfHourEnd[] {
    return this.#ends.filter((entry) => entry.end_s > from_s);
  }
}
