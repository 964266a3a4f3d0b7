// The cumulative and historical value store: energy and money of London days, weeks and months, those in progress and those before
// (SMETS 5.7.5.12; 9 days, 6 weeks, 14 months). It is what a display shows: a day whose midnight lies in a gap is cut there by the
// straight line between the readings, and says `estimated`.

import { entriesOf, logged } from "../log.js";
import type { Mark } from "../mark.js";
import { HISTORY_DEPTHS, type HistoryEntry, type HistoryOpen } from "../state/records.js";
import type { EsmeState } from "../state/state.js";
import { settleTariff } from "../tariff/account.js";
import { together } from "../tariff/price.js";
import { isPassed } from "../time/judge.js";
import { londonMonthStart, londonWeekStart } from "../time/london.js";
import { type Utc_ms, wholeWh } from "../units.js";
import { since_wh, sum_wh } from "./modular.js";

const MICROPENCE_PER_MILLIPENCE = 1000;

/** On the baseline reading: the day, the week and the month in progress are counted from here, and the day pays its standing charge. */
export function beginHistory(state: EsmeState, mark: Mark): EsmeState {
  const open = openAt(state, mark);
  const store = { ...state.cumulativeAndHistoricalValueStore, dayToDate: open, weekToDate: open, monthToDate: open };
  return charged({ ...state, cumulativeAndHistoricalValueStore: store }, mark.at);
}

/** At midnight in London: the day is closed, and the week and the month that end with it. A midnight that was passed before the clock
 * was set back is closed already. */
export function atLondonMidnight(state: EsmeState, mark: Mark): EsmeState {
  const store = state.cumulativeAndHistoricalValueStore;
  const { dayToDate, weekToDate, monthToDate } = store;
  if (dayToDate === null || weekToDate === null || monthToDate === null || isPassed(mark.at, dayToDate.from))
    return state;
  const next = openAt(state, mark);
  const weekEnds = londonWeekStart(mark.at) === mark.at;
  const monthEnds = londonMonthStart(mark.at) === mark.at;
  const after = {
    days: logged(store.days, closed(dayToDate, next), HISTORY_DEPTHS.days),
    weeks: weekEnds ? logged(store.weeks, closed(weekToDate, next), HISTORY_DEPTHS.weeks) : store.weeks,
    months: monthEnds ? logged(store.months, closed(monthToDate, next), HISTORY_DEPTHS.months) : store.months,
    dayToDate: next,
    weekToDate: weekEnds ? next : weekToDate,
    monthToDate: monthEnds ? next : monthToDate,
  };
  return charged({ ...state, cumulativeAndHistoricalValueStore: after }, mark.at);
}

/** The registers were moved by a command: what began before goes on. */
export function rebaseHistory(state: EsmeState, moved_wh: number): EsmeState {
  const moved = (open: HistoryOpen | null) => open && { ...open, markWh: sum_wh(open.markWh, moved_wh) };
  const { dayToDate, weekToDate, monthToDate, ...logs } = state.cumulativeAndHistoricalValueStore;
  const store = {
    ...logs,
    dayToDate: moved(dayToDate),
    weekToDate: moved(weekToDate),
    monthToDate: moved(monthToDate),
  };
  return { ...state, cumulativeAndHistoricalValueStore: store };
}

export interface HistoryNow {
  /** Those that have ended, oldest first, then the one in progress: at most 9, 6 and 14; empty before the first reading. */
  readonly days: readonly HistoryEntry[];
  readonly weeks: readonly HistoryEntry[];
  readonly months: readonly HistoryEntry[];
}

/** The store as it reads at the mark, the energy and the money of this moment included. */
export function historyNow(state: EsmeState, mark: Mark): HistoryNow {
  const store = state.cumulativeAndHistoricalValueStore;
  const now = openAt(settleTariff(state, mark), mark);
  const soFar = (open: HistoryOpen | null) => (open === null ? [] : [closed(open, now)]);
  return {
    days: [...entriesOf(store.days), ...soFar(store.dayToDate)],
    weeks: [...entriesOf(store.weeks), ...soFar(store.weekToDate)],
    months: [...entriesOf(store.months), ...soFar(store.monthToDate)],
  };
}

function openAt(state: EsmeState, mark: Mark): HistoryOpen {
  return {
    from: mark.at,
    markWh: wholeWh(mark.cumulative[0]),
    markMicropence: together(state.tariffAccount.spentMicropence, state.recordsAccount.standingMicropence),
    estimated: mark.estimated,
  };
}

function closed(open: HistoryOpen, next: HistoryOpen): HistoryEntry {
  return {
    from: open.from,
    importWh: since_wh(open.markWh, next.markWh),
    costMicropence: next.markMicropence - open.markMicropence,
    estimated: open.estimated || next.estimated,
  };
}

/** A London day pays its standing charge when it begins: the one that holds then, one planned for this moment included. */
function charged(state: EsmeState, at: Utc_ms): EsmeState {
  const { valueCurrent, valueNext, activateNextDateTime } = state.standingCharge;
  const due = valueNext !== null && activateNextDateTime !== null && activateNextDateTime <= at;
  const charge = (due ? valueNext : valueCurrent) * MICROPENCE_PER_MILLIPENCE;
  if (charge === 0) return state;
  const { recordsAccount } = state;
  const standingMicropence = together(recordsAccount.standingMicropence, charge);
  return { ...state, recordsAccount: { ...recordsAccount, standingMicropence } };
}
