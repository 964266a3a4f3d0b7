// From a device's counters to the ledger's readings: milli-units become micro-units once, and a remembered value is never below
// what was booked already only because it was told in coarser steps.

import { type ClockFit, monoOf, unwrap } from "../ledger/clock.js";
import type { Placed, Reading, Unplaced } from "../ledger/events.js";
import type { Counted } from "../ledger/netting.js";
import type { Counters } from "../ledger/quantities.js";
import { Board_ms, MicroWattHours, type Mono_ms, modulo, Utc_ms } from "../ledger/units.js";
import type { ChannelCounters, Identity } from "../ports/source.js";
import type { Reported } from "./device.js";
import type { Whole } from "./gathering.js";

/** Counters of the board link wrap at 2^32 mWh: those that a board remembers, and those of phases that boards of their own count. */
export const LINK_SPAN_uwh = MicroWattHours(2 ** 32 * 1_000);
/** The board remembers half hours in steps of 512 mWh, rounded down (link.md, rule 5). */
const MEMORY_STEP_uwh = 512_000;

export function countedOf(counters: ChannelCounters, base: ChannelCounters | null): Counted {
  return { counters: countersOf(counters), base: base && countersOf(base) };
}

function countersOf({ import_mwh, export_mwh, import_mvarh, export_mvarh }: ChannelCounters): Counters {
  const active = [MicroWattHours(import_mwh * 1_000), MicroWattHours(export_mwh * 1_000)] as const;
  return import_mvarh === null || export_mvarh === null
    ? [...active, null, null]
    : [...active, MicroWattHours(import_mvarh * 1_000), MicroWattHours(export_mvarh * 1_000)];
}

/** Where the counters of a device wrap. */
function spanOf({ span_mwh }: Pick<Identity, "span_mwh">): MicroWattHours | null {
  return span_mwh === null ? null : MicroWattHours(span_mwh * 1_000);
}

/** What was booked last, as its source told it. */
export function channelCountersOf([active, exported, reactive, reactiveExport]: Counters): ChannelCounters {
  const milli = (uwh: number) => Math.floor(uwh / 1_000);
  return {
    import_mwh: milli(active),
    export_mwh: milli(exported),
    import_mvarh: reactive === null ? null : milli(reactive),
    export_mvarh: reactiveExport === null ? null : milli(reactiveExport),
  };
}

/** A reading of a feed; each base are the counters that the device's boot began with. */
export function readingOf(
  at: Utc_ms,
  identity: Pick<Identity, "device" | "span_mwh">,
  boot: number,
  whole: Whole,
): Reading {
  const { counters, base, beside } = whole;
  return {
    kind: "reading",
    at,
    counters,
    device: identity.device,
    boot,
    base,
    span: spanOf(identity),
    ...(beside === undefined ? {} : { beside }),
  };
}

/** A remembered count, raised by less than `parts` steps to where the same boot stood before it: it was told in coarser steps. */
export function notBelow(remembered: Counted, before: Counters | null, parts: number): Counted {
  const raised = remembered.counters.map((value, q) => {
    if (value === null) return null;
    let best = value as number;
    for (const floor of [before, remembered.base]) {
      const low = floor?.[q];
      if (low == null) continue;
      // A sum of several channels may lie more than one span above where their boot began.
      const short = modulo(low - best, LINK_SPAN_uwh);
      if (short < MEMORY_STEP_uwh * parts) best = low;
    }
    return best;
  });
  return { ...remembered, counters: raised as unknown as Counters };
}

/** Two reports of one boot never tell of one moment: where the clock's fit, begun anew, makes it look so, the later one is later. */
export function notTogether(reading: Reading, last: Reading | null): Reading {
  if (last === null || reading.at !== last.at || reading.device !== last.device || reading.boot !== last.boot)
    return reading;
  const same = reading.counters.every((value, q) => value === last.counters[q]);
  return same ? reading : { ...reading, at: Utc_ms(reading.at + 1) };
}

/** What is read while the clock is Invalid: its moment is known in the board's own time. */
export function unplacedOf(fit: ClockFit, { board, boot }: Reported, identity: Identity, whole: Whole): Unplaced {
  const { device } = identity;
  return { kind: "unplaced", board: Board_ms(unwrap(fit, board)), device, boot, span: spanOf(identity), ...whole };
}

/** The clock is worth something again: when the board's time began is known. */
export function placedOf(
  fit: ClockFit,
  { board, boot }: Reported,
  device: string,
  at: (mono: Mono_ms) => Utc_ms,
): Placed {
  const rate_ppb = Math.round(fit.rate_ppb);
  const since_ms = unwrap(fit, board) * (1 + rate_ppb * 1e-9);
  return { kind: "placed", device, boot, zero: Utc_ms(Math.round(at(monoOf(fit, board)) - since_ms)), rate_ppb };
}
