// The clock rule: the only place that relates a board's time, this process's time and UTC.
//
// A report tells board time; it arrives later by an unknown latency that is never negative. The report that was late the least in each
// ten seconds therefore lies nearest to the truth; a straight line through these gives the board's rate, its lowest point the offset.
//
//   arrived - board
//     |   .    . .   .      .   latency above the line
//     | ._____.___.____._____.  slope = rate of the board's clock
//     +------------------------ board time

import { assert } from "./assert.js";
import { type Board_ms, Mono_ms, Utc_ms } from "./units.js";

/** Board time is told modulo 2^32 ms (49.7 days). */
const BOARD_SPAN_ms = 2 ** 32;
const BUCKET_ms = 10_000;
const BUCKETS = 60;
const FEWEST = 5;
/** A board's clock is a resonator (0.5 %) or a crystal: more than this is not its rate. */
const MOST_ppb = 10_000_000;
/** The rate is known when three standard errors of it are below this. */
const KNOWN_WITHIN_ppb = 300_000;

interface Point {
  readonly board_ms: number;
  readonly late_ms: number;
}

/** What is known of one boot of one board's clock. */
export interface ClockFit {
  /** The least late report of each of the last ten minutes' buckets, the newest still growing. */
  readonly points: readonly Point[];
  /** The newest board time, unwrapped. */
  readonly newest_ms: number;
  /** A board second lasts 1 + rate_ppb * 10^-9 seconds. */
  readonly rate_ppb: number;
  /** Whether the rate was measured, in this boot or an earlier one; else it is a guess of 0. */
  readonly rateKnown: boolean;
  /** board time 0 in process time. */
  readonly offset_ms: number;
}

/** A fit that begins with its first report, and with the rate measured in an earlier boot, if any. */
export function newFit(board: Board_ms, arrived: Mono_ms, prior_ppb: number | null): ClockFit {
  const rate_ppb = prior_ppb ?? 0;
  const late_ms = arrived - board;
  return {
    points: [{ board_ms: board, late_ms }],
    newest_ms: board,
    rate_ppb,
    rateKnown: prior_ppb !== null,
    offset_ms: arrived - board * (1 + rate_ppb * 1e-9),
  };
}

/** The fit with one more report, reports in their order. */
export function observe(fit: ClockFit, board: Board_ms, arrived: Mono_ms): ClockFit {
  const board_ms = unwrap(fit, board);
  const point = { board_ms, late_ms: arrived - board_ms };
  const last = fit.points.at(-1);
  assert(last !== undefined, "a clock fit holds at least one point");
  const sameBucket = Math.floor(last.board_ms / BUCKET_ms) === Math.floor(board_ms / BUCKET_ms);
  const trend = fit.rate_ppb * 1e-9;
  const better = point.late_ms - trend * board_ms < last.late_ms - trend * last.board_ms;
  if (sameBucket && !better) return { ...fit, newest_ms: Math.max(board_ms, fit.newest_ms) };
  const points = sameBucket ? [...fit.points.slice(0, -1), point] : [...fit.points, point].slice(-BUCKETS);
  return fitted({ ...fit, points, newest_ms: Math.max(board_ms, fit.newest_ms) });
}

/** The moment of this process's clock at which the board's clock showed `board`. */
export function monoOf(fit: ClockFit, board: Board_ms): Mono_ms {
  return Mono_ms(fit.offset_ms + unwrap(fit, board) * (1 + fit.rate_ppb * 1e-9));
}

/** UTC of a moment of this process, given one moment known in both. */
export function utcOf(mono: Mono_ms, now: { readonly utc: Utc_ms; readonly mono: Mono_ms }): Utc_ms {
  return Utc_ms(Math.round(now.utc + (mono - now.mono)));
}

/** The time nearest to the newest one that is `board` modulo the span: it goes on growing where the board's own wraps. */
export function unwrap(fit: ClockFit, board: Board_ms): number {
  return board + Math.round((fit.newest_ms - board) / BOARD_SPAN_ms) * BOARD_SPAN_ms;
}

function fitted(fit: ClockFit): ClockFit {
  const { points } = fit;
  const n = points.length;
  let rate_ppb = fit.rate_ppb;
  let rateKnown = fit.rateKnown;
  if (n >= FEWEST) {
    const meanBoard = points.reduce((sum, p) => sum + p.board_ms, 0) / n;
    const meanLate = points.reduce((sum, p) => sum + p.late_ms, 0) / n;
    let sxx = 0;
    let sxy = 0;
    for (const p of points) {
      sxx += (p.board_ms - meanBoard) ** 2;
      sxy += (p.board_ms - meanBoard) * (p.late_ms - meanLate);
    }
    const slope = sxy / sxx;
    const residual = points.reduce((sum, p) => sum + (p.late_ms - meanLate - slope * (p.board_ms - meanBoard)) ** 2, 0);
    // Times come in whole milliseconds: the residual cannot honestly be smaller than that.
    const error_ppb = (3e9 * Math.max(1, Math.sqrt(residual / (n - 2)))) / Math.sqrt(sxx);
    if (error_ppb < KNOWN_WITHIN_ppb && Math.abs(slope * 1e9) <= MOST_ppb) {
      rate_ppb = Math.round(slope * 1e9);
      rateKnown = true;
    }
  }
  const trend = rate_ppb * 1e-9;
  const offset_ms = Math.min(...points.map((p) => p.late_ms - trend * p.board_ms));
  return { ...fit, rate_ppb, rateKnown, offset_ms };
}
