// Which block of a TOU takes energy: blocks 1..4 fill one after the other, by what their counters have counted since they began again.

import type { BlockMatrix, ThresholdMatrix } from "../state/tariff.js";
import { REGISTER_SPAN_wh } from "../units.js";

type Thresholds = ThresholdMatrix[number];

/** What of `energy_wh` goes into blocks 1..4 of a TOU whose counters hold `counted_wh` together. The four add up to it. */
export function sharedOut_wh(energy_wh: number, counted_wh: number, thresholds: Thresholds): readonly number[] {
  let left_wh = energy_wh;
  let from_wh = counted_wh;
  return [...thresholds, null].map((end_wh) => {
    const taken_wh = end_wh === null ? left_wh : Math.min(left_wh, Math.max(0, end_wh - from_wh));
    left_wh -= taken_wh;
    from_wh += taken_wh;
    return taken_wh;
  });
}

/** Which block takes the next Wh: 0..3 for block 1..4. At a threshold that is the higher one. */
export function blockAt(counted_wh: number, thresholds: Thresholds): number {
  return thresholds.filter((threshold) => threshold !== null && threshold <= counted_wh).length;
}

/** What the counters of a TOU, 1..8, hold together, Wh. */
export function counted_wh(counters: BlockMatrix, tou: number): number {
  return counters.reduce((sum, block) => sum + (block[tou - 1] ?? 0), 0);
}

/** The matrix with Wh added to blocks 1..4 of a TOU, each over the wrap of a register. */
export function filled(matrix: BlockMatrix, tou: number, added_wh: readonly number[]): BlockMatrix {
  return matrix.map((block, index) =>
    block.map((value, at) => (at === tou - 1 ? (value + (added_wh[index] ?? 0)) % REGISTER_SPAN_wh : value)),
  );
}
