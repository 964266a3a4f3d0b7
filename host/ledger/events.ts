// What may happen to a ledger (events) and what it tells of it (notices). Both are closed lists of plain values.

import type { Command } from "./commands.js";
import type { BesideName, CLOCK_STATUSES } from "./names.js";
import type { Aged, HalfHour } from "./profile.js";
import type { Counters } from "./quantities.js";
import type { Origin } from "./state/identity.js";
import type { Board_ms, MicroWattHours, Utc_ms } from "./units.js";

/** The cumulative counters of a source at a moment. */
export interface Reading {
  readonly kind: "reading";
  readonly at: Utc_ms;
  readonly counters: Counters;
  /** Which device counts, and in which of its boots: a counter may only be compared within one of both. */
  readonly device: string;
  readonly boot: number;
  /** The counters this boot began with, where the device can tell. */
  readonly base: Counters | null;
  /** Where the device's counters wrap, null where they do not. */
  readonly span: MicroWattHours | null;
  /** The same moment in other counts: the netting rules that do not feed the registers, and the secondary element (facts 5). */
  readonly beside?: readonly Count[];
}

export interface Count {
  readonly name: BesideName;
  readonly counters: Counters;
  readonly base: Counters | null;
}

/** Time goes on: half hours that nothing can add to any more are closed. */
export interface Tick {
  readonly kind: "tick";
  readonly at: Utc_ms;
}

/** The clock was set: what it called `was` is now called `at`. */
export interface ClockStep {
  readonly kind: "clock";
  readonly at: Utc_ms;
  readonly was: Utc_ms;
}

export type LedgerEvent = Reading | Tick | ClockStep;

/** What the supply is like at a moment, measured: unknown is null. A phase at 0 is without voltage. */
export interface Supply {
  readonly kind: "supply";
  readonly at: Utc_ms;
  /** Tenths of a volt of phases 1, 2, 3. */
  readonly voltages_dv: readonly [number | null, number | null, number | null];
  /** Active power, W: import of all elements, import of the primary element; 0 while it exports. */
  readonly import_w: number | null;
  readonly primary_w: number | null;
}

/** A reading under an Invalid clock: its moment is known in the device's own time only. It is held, and booked by `placed`. */
export interface Unplaced {
  readonly kind: "unplaced";
  /** Since the device booted, by its own clock, ms: growing, not wrapped. */
  readonly board: Board_ms;
  readonly device: string;
  readonly boot: number;
  readonly counters: Counters;
  readonly base: Counters | null;
  readonly span: MicroWattHours | null;
  readonly beside?: readonly Count[];
}

/** What UTC the device's own time 0 of that boot was: the readings held of it become ordinary readings. */
export interface Placed {
  readonly kind: "placed";
  readonly device: string;
  readonly boot: number;
  readonly zero: Utc_ms;
  /** A second of the device lasts 1 + rate_ppb * 10^-9 seconds; an integer. */
  readonly rate_ppb: number;
}

/** The clock's status as the host judges it (`judgeClock`), told where it is another one. */
export interface Judged {
  readonly kind: "judged";
  readonly at: Utc_ms;
  readonly status: (typeof CLOCK_STATUSES)[number];
  readonly why: string;
}

/** The clock's master told its time: what the meter calls `at` the master calls `says`. */
export interface MasterTime {
  readonly kind: "master";
  readonly at: Utc_ms;
  readonly says: Utc_ms;
}

/** Everything that may happen to an ESME; a command is something that somebody asked for. */
export type EsmeEvent = LedgerEvent | Supply | Command | Unplaced | Placed | Judged | MasterTime;

/** baseline: counting begins; restart: the device booted again; wrap: its counter passed its span; glitch: it fell and came back;
 * reset: it fell to near zero and stayed; exchange: it is another device, or continues elsewhere; jump: it rose by more than the
 * fuse could pass and stayed; conflict: one moment with two values; gap: nothing was heard for more than half an hour; unplaced: what
 * was read under an Invalid clock can no longer be placed in time; implausible: the boundaries of the house say what cannot be true
 * (docs/spec/boundaries.md). */
export type EventCode =
  | "baseline"
  | "restart"
  | "wrap"
  | "glitch"
  | "reset"
  | "exchange"
  | "jump"
  | "conflict"
  | "gap"
  | "clock-step"
  | "unplaced"
  | "implausible";

export type Notice =
  | { readonly kind: "half-hour"; readonly entry: HalfHour }
  | { readonly kind: "aged"; readonly aged: Aged }
  | { readonly kind: "event"; readonly at: Utc_ms; readonly code: EventCode; readonly text: string }
  /** One of the coded alerts of the facts, to be sent. `times` where the alert carries them (outage: interruption, restoration). */
  | {
      readonly kind: "alert";
      readonly at: Utc_ms;
      readonly code: number;
      readonly text: string;
      readonly times?: readonly Utc_ms[];
      /** Where a planned section took effect, or did not: which, and the command that planned it where a message brought it. */
      readonly planned?: { readonly section: string; readonly origin: Origin | null };
    }
  /** The supply state changed: a relay follows. */
  | { readonly kind: "supply-state"; readonly at: Utc_ms; readonly state: "enabled" | "disabled" | "armed" };

/** Readings that changed nothing, counted by what was the matter with them. */
export interface Ignored {
  /** Same moment, same value. */
  readonly repeated: number;
  /** An earlier moment than the last one booked. */
  readonly earlier: number;
  /** Without the reactive quantities that the source had given before. */
  readonly incomplete: number;
  /** Held as doubtful. */
  readonly doubted: number;
}
