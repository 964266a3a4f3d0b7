// Words for the tests of the records: a house of known power, the ESME that reads it, and its records as a person would write them.

import { markOf } from "../../host/ledger/boundaries.js";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { EsmeEvent, Notice, Reading } from "../../host/ledger/events.js";
import { entriesOf } from "../../host/ledger/log.js";
import { type HistoryNow, historyNow } from "../../host/ledger/records/history.js";
import type { Demand, HistoryEntry } from "../../host/ledger/state/records.js";
import type { EsmeState } from "../../host/ledger/state/state.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { type MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import { utc } from "./helpers.js";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function esmeWith(sections: Partial<EsmeState> = {}): Esme {
  const esme = newEsme(1);
  return { ...esme, state: { ...esme.state, ...sections } };
}

export function run(esme: Esme, events: Iterable<EsmeEvent>): { esme: Esme; notices: Notice[] } {
  const notices: Notice[] = [];
  let now = esme;
  for (const event of events) {
    const next = turnEsme(now, event);
    now = next.esme;
    notices.push(...next.notices);
  }
  return { esme: now, notices };
}

/** Counters in whole micro-watt-hours. */
export function readingOf(at: number, import_uwh: number, export_uwh = 0): Reading {
  const counters = [import_uwh as MicroWattHours, export_uwh as MicroWattHours, null, null] as const;
  return { kind: "reading", at: Utc_ms(at), counters, device: "d", boot: 1, base: null, span: null };
}

/** A house that draws (or, below zero, gives) so many watts from each moment on; a reading every so often, ends included. */
export function* house(
  from: string,
  to: string,
  every_ms: number,
  watts: number | ((at: number) => number),
  begin_uwh = 0,
): Generator<Reading> {
  const [first, last] = [utc(from), utc(to)];
  let [drawn_wms, given_wms] = [0, 0];
  for (let at: number = first; at <= last; at += every_ms) {
    // 3.6 watt-milliseconds are a micro-watt-hour.
    yield readingOf(at, begin_uwh + Math.floor(drawn_wms / 3.6), Math.floor(given_wms / 3.6));
    const power = typeof watts === "number" ? watts : watts(at);
    drawn_wms += Math.max(0, power) * every_ms;
    given_wms += Math.max(0, -power) * every_ms;
  }
}

export function nowOf(esme: Esme) {
  const { last } = esme.ledger;
  if (last === null) throw new Error("nothing was read yet");
  return markOf(esme, last.at);
}

export function historyOf(esme: Esme): HistoryNow {
  return historyNow(esme.state, nowOf(esme));
}

/** "06-16 12:00" */
export function short(at: number): string {
  return new Date(at).toISOString().slice(5, 16).replace("T", " ");
}

/** The daily consumption log: "06-16 24000". */
export function consumption(esme: Esme): string[] {
  return entriesOf(esme.state.dailyConsumptionLog).map((entry) => `${short(entry.timestamp)} ${entry.value}`);
}

/** The daily read log: "06-16 00:00 import/export", with a mark where it is an estimate. */
export function dailyReads(esme: Esme): string[] {
  const exports = entriesOf(esme.state.dailyReadLogExport);
  return entriesOf(esme.state.dailyReadLogExcExport).map((entry, index) => {
    const given = exports[index]?.activeExportRegisterValue;
    const mark = entry.estimated ? " estimated" : "";
    return `${short(entry.timestamp)} ${entry.activeImportRegisterValue}/${given}${mark}`;
  });
}

/** "06-15 23:00 500 Wh", with pence where there are any, and a mark where it is an estimate. */
export function spans(entries: readonly HistoryEntry[]): string[] {
  return entries.map((entry) => {
    const pence = entry.costMicropence === 0 ? "" : ` ${entry.costMicropence / 1_000_000}p`;
    return `${short(entry.from)} ${entry.importWh} Wh${pence}${entry.estimated ? " estimated" : ""}`;
  });
}

/** "1500 W at 06-01 12:30" */
export function demandIn(demand: Demand): string {
  return demand.dateTimeStamp === null ? "none" : `${demand.value} W at ${short(demand.dateTimeStamp)}`;
}

/** Import register minus all that explains it in days, modulo 2^32 Wh: 0 always. */
export function unexplainedByDays_wh(esme: Esme): number {
  const { day, daysDroppedWh, daysUnallocatedWh } = esme.state.recordsAccount;
  const register = Math.floor(esme.ledger.cumulative[0] / 1e6);
  let explained = daysDroppedWh + daysUnallocatedWh;
  for (const { value } of entriesOf(esme.state.dailyConsumptionLog)) explained += value;
  if (day !== null) explained += register - day.markWh;
  return Math.abs(register - explained) % 2 ** 32;
}
