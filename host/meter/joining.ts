// Phases measured by boards of their own. They have no common window, so they are netted over the report interval: from one moment at which
// all have reported to the next. A board that boots again, or another one, begins a new count: what it did not tell is not made up.

import type { Reading } from "../ledger/events.js";
import { type Counted, chosen, countsOf, type NettingRule, netOver } from "../ledger/netting.js";
import type { Counters } from "../ledger/quantities.js";
import { MicroWattHours, type Utc_ms } from "../ledger/units.js";
import { LINK_SPAN_uwh } from "./placing.js";

export interface Told {
  readonly at: Utc_ms;
  /** Which board, in which of its boots. */
  readonly device: string;
  readonly counted: Counted;
}

/** What each phase has told since all of them had, by its number from 0. */
export type Joining = ReadonlyMap<number, Told>;

/** What the ledgers hold already, by which the report interval goes on after a restart of the program. */
export interface Booked {
  readonly device: string;
  readonly perPhase: Counters;
  readonly net: Counters;
}

export const NOTHING_JOINED: Joining = new Map();
const NONE: Counters = [MicroWattHours(0), MicroWattHours(0), null, null];

/** A phase told; the reading once all of them have. */
export function joined(
  before: Joining,
  phase: number,
  of: number,
  told: Told,
  booked: Booked | null,
  rule: NettingRule,
): { readonly joining: Joining; readonly reading: Reading | null } {
  const joining = new Map(before).set(phase, told);
  if (joining.size < of) return { joining, reading: null };
  const all = [...joining].sort(([a], [b]) => a - b).map(([, one]) => one);
  const device = all.map((one) => one.device).join("+");
  const parts = all.map(({ counted }) => ({ counters: counted.counters, base: null }));
  const { "per-phase": perPhase } = countsOf(parts, { counters: NONE, base: null });
  const net = netOver(booked?.device === device ? booked : null, perPhase.counters, LINK_SPAN_uwh);
  const at = all.reduce((latest, one) => (one.at > latest ? one.at : latest), told.at);
  const counts = chosen(countsOf(parts, { counters: net, base: null }), rule);
  return {
    joining: NOTHING_JOINED,
    reading: { kind: "reading", at, device, boot: 0, span: LINK_SPAN_uwh, ...counts },
  };
}
