// Small words for the ledger's tests: readings from Wh, times from text, and the auditor's plain sums.

import type { Notice, Reading } from "../../host/ledger/events.js";
import { type Ledger, newLedger, open_wh, registers_wh } from "../../host/ledger/ledger.js";
import { kept } from "../../host/ledger/profile.js";
import { turn } from "../../host/ledger/turn.js";
import { cumulativeFromWh, Utc_ms } from "../../host/ledger/units.js";

export function utc(text: string): Utc_ms {
  return Utc_ms(Date.parse(text));
}

/** A time of 1 June 2026. */
export function june(time: string): Utc_ms {
  return utc(`2026-06-01T${time}Z`);
}

export function reading(at: Utc_ms, import_wh: number, export_wh = 0, more: Partial<Reading> = {}): Reading {
  const counters = [cumulativeFromWh(import_wh), cumulativeFromWh(export_wh), null, null] as const;
  return { kind: "reading", at, counters, device: "d", boot: 1, base: null, span: null, ...more };
}

/** Feeds events one by one; all notices in order. */
export function feed(
  ledger: Ledger,
  events: Iterable<Parameters<typeof turn>[1]>,
): { ledger: Ledger; notices: Notice[] } {
  const notices: Notice[] = [];
  let now = ledger;
  for (const event of events) {
    const next = turn(now, event);
    now = next.ledger;
    notices.push(...next.notices);
  }
  return { ledger: now, notices };
}

export function metered(events: Iterable<Parameters<typeof turn>[1]>) {
  return feed(newLedger(), events);
}

/** Register minus everything that explains it, modulo 2^32 Wh: 0 for each quantity, always. */
export function unexplained_wh(ledger: Ledger): number[] {
  const register = registers_wh(ledger);
  const open = open_wh(ledger);
  return [0, 1, 2, 3].map((q) => {
    let sum = (open[q] ?? 0) + (ledger.unallocated_wh[q] ?? 0) + (ledger.profile.dropped_wh[q] ?? 0);
    for (const entry of kept(ledger.profile)) sum += entry.wh[q] ?? 0;
    return ((register[q] ?? 0) - sum) % 2 ** 32;
  });
}

/** The closed half hours as a person would write them: "12:30 500/0 partial". */
export function lines(ledger: Ledger): string[] {
  return [...kept(ledger.profile)].map((entry) => {
    const time = new Date(entry.end).toISOString().slice(11, 16);
    return [time, `${entry.wh[0]}/${entry.wh[1]}`, ...entry.flags].join(" ");
  });
}

export function codes(notices: readonly Notice[]): string[] {
  return notices.flatMap((notice) => (notice.kind === "event" ? [notice.code] : []));
}
