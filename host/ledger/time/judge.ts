// What the clock is worth, decided from what the host knows: Reliable, Unreliable or Invalid (facts 13). Pure: every second the host
// passes in what it sees, and tells the ledger where the status has become another (`judged`).
//
//   Invalid      it cannot be now: before the build, beyond the calendar, or a stale time that nobody has confirmed
//   Unreliable   it may be now: nobody has confirmed it, or it differs from its master; half hours are booked
//   Reliable     its master agrees within 10 s
//
// The facts name the three and their events; what leads to which of them is our own choice.

import type { EsmeState } from "../state/state.js";
import { DAY_ms, type Utc_ms } from "../units.js";

/** A clock moved by no more than this is adjusted; beyond it is set (facts 13). */
export const TOLERANCE_ms = 10_000;
/** The meter asks its master once a day; an hour more is no silence. */
const SILENCE_ms = DAY_ms + 3_600_000;
/** The calendar of the switching tables ends here. */
export const CALENDAR_END_ms = Date.UTC(2100, 0, 1);
/** What was written for a moment so far ahead was written by a clock that was wrong. */
const FAR_AHEAD_ms = 31 * DAY_ms;

export interface ClockSight {
  /** What the meter's clock shows. */
  readonly now: Utc_ms;
  /** When this program was built: no true clock shows less. */
  readonly built: Utc_ms;
  /** The moment of the last reading booked; null before the first. */
  readonly booked: Utc_ms | null;
  readonly master: /** Whether the system says that its clock follows a time server; null where it cannot tell. */
    | { readonly kind: "system"; readonly synchronised: boolean | null }
    /** What the hub's clock showed when the meter's showed `at`, and how long ago that was; null: not heard since the start. */
    | {
        readonly kind: "hub";
        readonly heard: { readonly says: Utc_ms; readonly at: Utc_ms; readonly ago_ms: number } | null;
      };
}

export interface Judgement {
  readonly status: EsmeState["time"]["status"];
  /** A sentence for the log. */
  readonly why: string;
}

export function judgeClock({ now, built, booked, master }: ClockSight): Judgement {
  const is = (status: Judgement["status"], why: string): Judgement => ({ status, why });
  if (now < built) return is("invalid", "the clock reads a time before this program was built");
  if (now >= CALENDAR_END_ms) return is("invalid", "the clock reads a time beyond 2099");
  if (booked !== null && now < booked - TOLERANCE_ms) {
    const unconfirmed = master.kind === "system" ? master.synchronised === false : master.heard === null;
    // A machine without a clock of its own wakes at the time it went to sleep.
    if (unconfirmed) return is("invalid", "the clock reads a time before the last reading, and nobody confirms it");
    return is("unreliable", "the clock reads a time before the last reading");
  }
  if (master.kind === "system") {
    if (master.synchronised === false) return is("unreliable", "the system's clock follows no time server");
    return is("reliable", "the system's clock is plausible");
  }
  if (master.heard === null) return is("unreliable", "the hub's clock has not been heard");
  if (master.heard.ago_ms > SILENCE_ms) return is("unreliable", "the hub's clock has not been heard for a day");
  const { says, at } = master.heard;
  if (Math.abs(says - at) > TOLERANCE_ms) return is("unreliable", "the hub's clock differs by more than 10 s");
  return is("reliable", "the hub's clock agrees");
}

/** Whether `at` was passed before the clock was set back, where the newest entry is of `written`: one of 2066 does not silence a log for
 * forty years. */
export function isPassed(at: Utc_ms, written: Utc_ms): boolean {
  return written >= at && written - at <= FAR_AHEAD_ms;
}
