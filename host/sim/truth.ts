// What really flowed, from the physics alone: every cycle's power times its length, split by its own sign, kept as
// integers in nano-watt-hours and never netted over more than a cycle. A ring of recent cycles answers for any moment
// of the last minutes, between cycles by proportion.
import type { MainsCycle } from "./mains-cycle.js";

/** Energy since start, micro-watt-hours (and uvarh), each way. */
export interface TrueEnergy {
  readonly import_uwh: number;
  readonly export_uwh: number;
  readonly import_uvarh: number;
  readonly export_uvarh: number;
}

/** Clamps 1, 2, 3 and then the sum over the clamp set. */
export type TrueEnergies = readonly [TrueEnergy, TrueEnergy, TrueEnergy, TrueEnergy];

const CHANNELS = 4;
/** Import, export, reactive import, reactive export of each channel. */
const WIDTH = CHANNELS * 4;
/** Nano-watt-hours in a watt-second. */
const NWH_PER_WS = 1e9 / 3600;

export class Truth {
  /** One row a cycle: the totals at its end, nWh; row numbers go round. */
  readonly #totals: Float64Array;
  readonly #ends_s: Float64Array;
  readonly #rows: number;
  #count = 1;
  readonly #now = new Float64Array(WIDTH);

  /** `history`: cycles remembered; `clampSet`: bit 0 clamp 1 .. bit 2 clamp 3, the clamps of the sum. */
  constructor(
    history = 60_000,
    private readonly clampSet = 7,
  ) {
    this.#rows = history;
    this.#totals = new Float64Array(history * WIDTH);
    this.#ends_s = new Float64Array(history);
  }

  /** True seconds since start up to which the truth is known. */
  get end_s(): number {
    return this.#ends_s[(this.#count - 1) % this.#rows]!;
  }

  add(cycle: MainsCycle): void {
    const length_s = cycle.end_s - cycle.start_s;
    let sum_w = 0;
    let sum_var = 0;
    for (let clamp = 0; clamp < 3; clamp++) {
      this.#book(clamp, cycle.power_w[clamp]!, cycle.reactive_var[clamp]!, length_s);
      if ((this.clampSet >> clamp) & 1) {
        sum_w += cycle.power_w[clamp]!;
        sum_var += cycle.reactive_var[clamp]!;
      }
    }
    this.#book(3, sum_w, sum_var, length_s);
    const row = this.#count++ % this.#rows;
    this.#ends_s[row] = cycle.end_s;
    this.#totals.set(this.#now, row * WIDTH);
  }

  /** The energies at a true time; null before the history kept or after what was simulated. */
  at(time_s: number): TrueEnergies | null {
    const row = this.#find(time_s);
    if (row === null) return null;
    const channel = (at: number): TrueEnergy => ({
      import_uwh: this.#between(row, time_s, at * 4) / 1000,
      export_uwh: this.#between(row, time_s, at * 4 + 1) / 1000,
      import_uvarh: this.#between(row, time_s, at * 4 + 2) / 1000,
      export_uvarh: this.#between(row, time_s, at * 4 + 3) / 1000,
    });
    return [channel(0), channel(1), channel(2), channel(3)];
  }

  /** What flowed between the first and the last of `boundaries_s`, netted between each two of them; null as `at`. */
  nettedOver(boundaries_s: readonly number[]): TrueEnergies | null {
    const total = Array.from({ length: CHANNELS }, () => [0, 0, 0, 0]);
    let before: TrueEnergies | null = null;
    for (const boundary_s of boundaries_s) {
      const now = this.at(boundary_s);
      if (now === null) return null;
      if (before !== null) {
        for (let at = 0; at < CHANNELS; at++) net(before[at]!, now[at]!, total[at]!);
      }
      before = now;
    }
    const energies = total.map(([import_uwh, export_uwh, import_uvarh, export_uvarh]) => ({
      import_uwh: import_uwh!,
      export_uwh: export_uwh!,
      import_uvarh: import_uvarh!,
      export_uvarh: export_uvarh!,
    }));
    return [energies[0]!, energies[1]!, energies[2]!, energies[3]!];
  }

  #book(channel: number, power_w: number, reactive_var: number, length_s: number): void {
    const active_nwh = Math.round(Math.abs(power_w) * length_s * NWH_PER_WS);
    const reactive_nvarh = Math.round(Math.abs(reactive_var) * length_s * NWH_PER_WS);
    this.#now[channel * 4 + (power_w < 0 ? 1 : 0)]! += active_nwh;
    this.#now[channel * 4 + (reactive_var < 0 ? 3 : 2)]! += reactive_nvarh;
  }

  /** The number of the first row that ends at or after `time_s`. */
  #find(time_s: number): number | null {
    let low = Math.max(1, this.#count - this.#rows + 1);
    let high = this.#count - 1;
    if (high < low || time_s > this.#end(high) || time_s < this.#end(low - 1)) return null;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#end(middle) >= time_s) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #end(row: number): number {
    return this.#ends_s[row % this.#rows]!;
  }

  #between(row: number, time_s: number, at: number): number {
    const from_s = this.#end(row - 1);
    const to_s = this.#end(row);
    const from = this.#totals[((row - 1) % this.#rows) * WIDTH + at]!;
    const to = this.#totals[(row % this.#rows) * WIDTH + at]!;
    return to_s === from_s ? to : from + ((to - from) * (time_s - from_s)) / (to_s - from_s);
  }
}

function net(before: TrueEnergy, now: TrueEnergy, total: number[]): void {
  const active = now.import_uwh - before.import_uwh - (now.export_uwh - before.export_uwh);
  const reactive = now.import_uvarh - before.import_uvarh - (now.export_uvarh - before.export_uvarh);
  total[active < 0 ? 1 : 0]! += Math.abs(active);
  total[reactive < 0 ? 3 : 2]! += Math.abs(reactive);
}
