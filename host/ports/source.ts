// A source as the meter sees it: a device that measures. Adapters and simulators implement it; nothing here does anything.

import type { Board_ms, Mono_ms, Utc_ms } from "../ledger/units.js";

/** Cumulative counters of one channel, in milli-units (mWh, mvarh), wrapping at the device's `span_mwh`. A device without direction
 * counts everything as import; the reactive pair is null together where it is not measured. */
export interface ChannelCounters {
  readonly import_mwh: number;
  readonly export_mwh: number;
  readonly import_mvarh: number | null;
  readonly export_mvarh: number | null;
}

/** What a device says of itself. */
export interface Identity {
  readonly device: string;
  readonly boot: number;
  readonly protocol: string;
  readonly firmware: string;
  readonly build: string;
  /** Kind of each channel, channel 0 first: v, ct, sum. */
  readonly kinds: readonly string[];
  readonly capabilities: readonly string[];
  /** Where its counters wrap; null where they do not. */
  readonly span_mwh: number | null;
}

/** What is measured now; what a device does not measure is null. */
export interface Power {
  readonly frequency_mhz: number | null;
  /** Of the only phase, or of the first. */
  readonly voltage_mv: number | null;
  /** Of phases 1, 2, 3, where the device measures several. */
  readonly phases_mv?: readonly (number | null)[];
  /** Channels 1..n in order; the sum channel has no current. */
  readonly channels: readonly {
    readonly current_ma: number | null;
    readonly active_mw: number | null;
    readonly reactive_mvar: number | null;
  }[];
}

export type SourceEvent =
  /** The device answered; everything after this comes from it. */
  | { readonly kind: "found"; readonly arrived: Mono_ms; readonly identity: Identity }
  /** Counters of the end of the last window, on the device's clock. */
  | {
      readonly kind: "report";
      readonly arrived: Mono_ms;
      readonly board: Board_ms;
      readonly boot: number;
      readonly channel: number;
      readonly counters: ChannelCounters;
      /** The counters that this boot began with; null where the device cannot tell. */
      readonly base: ChannelCounters | null;
    }
  /** The counters at a half-hour end that the device remembers. */
  | {
      readonly kind: "remembered";
      readonly end: Utc_ms;
      readonly boot: number;
      readonly channel: number;
      readonly counters: ChannelCounters;
    }
  /** Everything remembered since the moment asked for has been told. */
  | { readonly kind: "remembered-all"; readonly complete: boolean }
  | { readonly kind: "power"; readonly arrived: Mono_ms; readonly power: Power }
  /** The device is gone; the adapter goes on looking for it. */
  | { readonly kind: "lost"; readonly arrived: Mono_ms; readonly reason: string }
  /** Bytes or lines that were no message, counted by kind. */
  | { readonly kind: "fault"; readonly arrived: Mono_ms; readonly fault: string; readonly bytes: number };

/** What was booked last of a channel, before this process: who interpolates goes on from there and never falls below. */
export interface Booked {
  readonly channel: number;
  readonly device: string;
  readonly counters: ChannelCounters;
}

export interface Source {
  /** Begins to look for the device and never gives up until `stop`. */
  start(tell: (event: SourceEvent) => void, booked?: readonly Booked[]): void;
  stop(): Promise<void>;
  /** Asks for the half hours that ended after `from`; answered by `remembered` and `remembered-all`. */
  remember(from: Utc_ms): void;
  /** At `board` it was `utc`; a board second lasts 1 + rate_ppb * 10^-9 seconds. */
  setUtc(utc: Utc_ms, board: Board_ms, rate_ppb: number): void;
}
