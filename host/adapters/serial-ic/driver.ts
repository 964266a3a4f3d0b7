// What a source and the driver of one IC have to do with each other: bytes and the time in, what was measured out. A driver knows no
// port and no timer, and lives as long as the process, so that a count goes on where a cable was out for a while.

import type { Mono_ms } from "../../ledger/units.js";
import type { ChannelCounters, Power } from "../../ports/source.js";

/** Why a chip that answers is not metered with; it is tried again later. */
export interface IcRefusal {
  readonly code: "ic-absolute" | "ic-interval" | "ic-not-counting" | "ic-uncalibrated" | "ic-abnormal";
  readonly reason: string;
  readonly next: string;
}

export type Said =
  | {
      readonly kind: "reading";
      readonly at: Mono_ms;
      readonly boot: number;
      readonly counters: ChannelCounters;
      readonly base: ChannelCounters | null;
      readonly power: Power;
    }
  | { readonly kind: "fault"; readonly at: Mono_ms; readonly fault: string; readonly bytes: number }
  | { readonly kind: "refused"; readonly at: Mono_ms; readonly refusal: IcRefusal };

export interface Outlet {
  send(bytes: Uint8Array): void;
  say(said: Said): void;
}

export interface Driver {
  /** The chip's own version, where it tells one. */
  readonly firmware: string;
  /** The line is open, anew or for the first time. */
  opened(now: Mono_ms): void;
  received(bytes: Uint8Array, now: Mono_ms): void;
  /** Some ten times a second. */
  tick(now: Mono_ms): void;
}

/** How often a chip is asked, and a report made. */
export const POLL_ms = 1_000;
/** Bytes arrive late by whatever the host and a USB adapter were busy with: allowed for between two frames in a row, and from one believed
 * poll to the next. */
export const PAIR_SLACK_ms = 250;
export const STEP_SLACK_ms = 1_000;
/** A count a little behind the believed one is a damaged frame whose sum was right; so often in a row, it is a chip that began anew. */
export const BEHIND_MAX = 3;

export function powerOf(
  frequency_mhz: number | null,
  voltage_mv: number | null,
  current_ma: number | null,
  active_mw: number | null,
  reactive_mvar: number | null,
): Power {
  return { frequency_mhz, voltage_mv, channels: [{ current_ma, active_mw, reactive_mvar }] };
}

/** Twice what the conductor carries for long is more than it ever carries, and no mains has this voltage. */
const SURGE = 2;
const MAINS_mv = 230_000;
const MOST_mv = 1_000_000;
const MOST_mhz = 100_000;

/** What nothing can measure, a damaged frame tells whose sum was right: it is not known. */
export function possiblePower({ frequency_mhz, voltage_mv, channels }: Power, most_w: number): Power {
  const within = (value: number | null, most: number) => (value === null || Math.abs(value) > most ? null : value);
  const most_mw = SURGE * most_w * 1_000;
  return {
    frequency_mhz: within(frequency_mhz, MOST_mhz),
    voltage_mv: within(voltage_mv, MOST_mv),
    channels: channels.map(({ current_ma, active_mw, reactive_mvar }) => ({
      current_ma: within(current_ma, (most_mw * 1_000) / MAINS_mv),
      active_mw: within(active_mw, most_mw),
      reactive_mvar: within(reactive_mvar, most_mw),
    })),
  };
}
