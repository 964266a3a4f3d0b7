// Two sources on one conductor: what each half hour says of them, and whether they drift apart. docs/spec/boundaries.md.

import type { HalfHour } from "../ledger/profile.js";
import { DAY_ms, type Utc_ms } from "../ledger/units.js";

export interface Pair {
  readonly end: Utc_ms;
  /** Wh of each; null where it has no entry, or does not know. */
  readonly a_wh: number | null;
  readonly b_wh: number | null;
  /** One of the two flags it: shown, and left out of the sums. */
  readonly flagged: boolean;
}

export interface Comparison {
  readonly pairs: readonly Pair[];
  /** Of the half hours that both know, unflagged. */
  readonly counted: number;
  readonly a_wh: number;
  readonly b_wh: number;
  /** B - A in per cent of A; null where A is 0. */
  readonly difference_percent: number | null;
  readonly trend: Trend | null;
}

/** Per cent of A in thirty days, and the standard error of that. */
export interface Trend {
  readonly percentIn30Days: number;
  readonly standardError: number;
}

const FEWEST = 48;
const MONTH_ms = 30 * DAY_ms;

/** `quantity`: 0 import, 1 export. Both oldest first. */
export function compared(a: readonly HalfHour[], b: readonly HalfHour[], quantity: 0 | 1): Comparison {
  const others = new Map(b.map((entry) => [entry.end, entry]));
  const known = new Set(a.map(({ end }) => end));
  const pairs: Pair[] = a.map((entry) => pairOf(entry.end, entry, others.get(entry.end), quantity));
  for (const entry of b) if (!known.has(entry.end)) pairs.push(pairOf(entry.end, undefined, entry, quantity));
  pairs.sort((one, two) => one.end - two.end);
  const sound = pairs.flatMap(({ end, a_wh, b_wh, flagged }) =>
    flagged || a_wh === null || b_wh === null ? [] : [{ end, a_wh, b_wh }],
  );
  const a_wh = sound.reduce((sum, one) => sum + one.a_wh, 0);
  const b_wh = sound.reduce((sum, one) => sum + one.b_wh, 0);
  return {
    pairs,
    counted: sound.length,
    a_wh,
    b_wh,
    difference_percent: a_wh === 0 ? null : (100 * (b_wh - a_wh)) / a_wh,
    trend: trendOf(sound),
  };
}

function pairOf(end: Utc_ms, a: HalfHour | undefined, b: HalfHour | undefined, quantity: 0 | 1): Pair {
  const flagged = (a?.flags.length ?? 0) + (b?.flags.length ?? 0) > 0;
  return { end, a_wh: a?.wh[quantity] ?? null, b_wh: b?.wh[quantity] ?? null, flagged };
}

/** A straight line through the differences in per cent, each weighted with the energy that flowed. */
function trendOf(
  pairs: readonly { readonly end: Utc_ms; readonly a_wh: number; readonly b_wh: number }[],
): Trend | null {
  const points = pairs
    .filter(({ a_wh }) => a_wh > 0)
    .map(({ end, a_wh, b_wh }) => ({ at: end / MONTH_ms, percent: (100 * (b_wh - a_wh)) / a_wh, weight: a_wh }));
  if (points.length < FEWEST) return null;
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point) => sum + point.weight * of(point), 0) / total;
  const [at, percent] = [mean((point) => point.at), mean((point) => point.percent)];
  const spread = mean((point) => (point.at - at) ** 2);
  if (spread === 0) return null;
  const slope = mean((point) => (point.at - at) * (point.percent - percent)) / spread;
  const left = mean((point) => (point.percent - percent - slope * (point.at - at)) ** 2);
  // As many independent points as the weights are worth (Kish).
  const worth = total ** 2 / points.reduce((sum, { weight }) => sum + weight ** 2, 0);
  const standardError = Math.sqrt(left / spread / Math.max(1, worth - 2));
  return Math.abs(slope) <= 2 * standardError ? null : { percentIn30Days: slope, standardError };
}
