// The ledger of one source: its registers, its open half hour, its profile. A value; only `turn` makes the next one.
//
//   counters of the source --differences--> cumulative energy C --floor at each half-hour end--> entries of whole Wh
//   register = floor(C) = sum of the profile + open half hour + unallocated + dropped, for each quantity, exactly

import type { Ignored, Reading } from "./events.js";
import { EMPTY_PROFILE, type Flag, type Profile } from "./profile.js";
import { type Four, four } from "./quantities.js";
import { type MicroWattHours, REGISTER_SPAN_wh, type Utc_ms, wholeWh } from "./units.js";

export interface LedgerConfig {
  /** What the fuse can pass, W, 1..1,000,000: a counter that says more in the elapsed time is doubted. */
  readonly fuse_w: number;
  /** How long a silent source keeps its half hour open, ms, at least 1,800,000: as long as it may still tell what flowed. */
  readonly patience_ms: number;
}

/** 100 A on three phases at 253 V; no memory. */
export const DEFAULT_CONFIG: LedgerConfig = { fuse_w: 75_900, patience_ms: 1_800_000 };

/** The half hour in progress. */
export interface OpenHalfHour {
  /** Energy up to this moment is accounted for; the half hour began here, or later where its start was not seen. */
  readonly from: Utc_ms;
  readonly end: Utc_ms;
  /** Some of it was metered. */
  readonly seen: boolean;
  readonly flags: readonly Flag[];
  /** floor(C) in Wh when it began: what the closed half hours, unallocated and dropped account for together. */
  readonly mark_wh: Four<number>;
}

export interface Ledger {
  readonly config: LedgerConfig;
  /** The last reading booked; null before the first. */
  readonly last: Reading | null;
  /** A reading that contradicts the last one: held until another agrees with one of the two. */
  readonly doubt: Reading | null;
  /** C of each quantity since the first reading; wraps as the registers do (facts 8b). */
  readonly cumulative: Four<MicroWattHours>;
  readonly open: OpenHalfHour | null;
  /** Energy known to have flowed, but not in which half hour, and what the registers were set by. Whole Wh modulo 2^32, as the registers
   * are: a register set down by 1 Wh counts 2^32 - 1 here. */
  readonly unallocated_wh: Four<number>;
  readonly profile: Profile;
  readonly ignored: Ignored;
}

const ZERO = 0 as MicroWattHours;

export function newLedger(config: LedgerConfig = DEFAULT_CONFIG): Ledger {
  return {
    config,
    last: null,
    doubt: null,
    cumulative: [ZERO, ZERO, ZERO, ZERO],
    open: null,
    unallocated_wh: [0, 0, 0, 0],
    profile: EMPTY_PROFILE,
    ignored: { repeated: 0, earlier: 0, incomplete: 0, doubted: 0 },
  };
}

/** The registers in whole Wh and varh: 0 .. 2^32 - 1. */
export function registers_wh(ledger: Ledger): Four<number> {
  return four((q) => wholeWh(ledger.cumulative[q]));
}

/** What the open half hour holds so far, whole Wh. */
export function open_wh(ledger: Ledger): Four<number> {
  return four((q) => (ledger.open === null ? 0 : sinceMark_wh(ledger, ledger.open.mark_wh, q)));
}

/** Whole Wh of C beyond a mark, over the wrap of the register. */
export function sinceMark_wh(ledger: Pick<Ledger, "cumulative">, mark_wh: Four<number>, q: 0 | 1 | 2 | 3): number {
  const flowed = wholeWh(ledger.cumulative[q]) - mark_wh[q];
  return flowed < 0 ? flowed + REGISTER_SPAN_wh : flowed;
}
