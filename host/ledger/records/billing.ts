// The billing calendar: at its moments the import registers are written down and pushed, and the block counters begin again
// (SMETS 5.7.4.7, 5.7.5.10; GBCS ECS30a, ECS68). All in UTC.

import { CODES } from "../codes.js";
import type { Notice } from "../events.js";
import { logged, newest } from "../log.js";
import type { Mark } from "../mark.js";
import { BILLING_DEPTH, type PERIODICITIES } from "../state/records.js";
import type { EsmeState } from "../state/state.js";
import { resetBlockCounters } from "../tariff/account.js";
import { isPassed } from "../time/judge.js";
import { DAY_ms, Utc_ms } from "../units.js";
import { readEntryOf } from "./entry.js";

type Periodicity = (typeof PERIODICITIES)[number];
const PERIODS: { readonly [P in Periodicity]: { readonly days: number } | { readonly months: number } } = {
  daily: { days: 1 },
  weekly: { days: 7 },
  monthly: { months: 1 },
  quarterly: { months: 3 },
  "six-monthly": { months: 6 },
  yearly: { months: 12 },
};

/** The first moment of the calendar after `after`, and after the newest entry; Infinity without a calendar. */
export function nextBilling(state: EsmeState, after: Utc_ms): number {
  const { startDateTime, periodicity } = state.billingCalendar;
  if (startDateTime === null) return Number.POSITIVE_INFINITY;
  const written = newest(state.billingDataLogBillingCalendarTriggeredExcExport)?.timestamp;
  const past = written !== undefined && isPassed(after, written) ? written : after;
  let number = periodsBetween(startDateTime, past, periodicity);
  while (scheduled(startDateTime, number, periodicity) <= past) number++;
  return scheduled(startDateTime, number, periodicity);
}

/** Where the mark is a moment of the calendar: the registers are written before the block counters begin again. */
export function atBilling(state: EsmeState, mark: Mark, notices: Notice[]): EsmeState {
  if (nextBilling(state, Utc_ms(mark.at - 1)) !== mark.at) return state;
  const { code, sentence } = CODES.billingDataLogUpdated;
  notices.push({ kind: "alert", at: mark.at, code, text: sentence });
  const log = state.billingDataLogBillingCalendarTriggeredExcExport;
  const written = {
    ...state,
    billingDataLogBillingCalendarTriggeredExcExport: logged(log, readEntryOf(state, mark), BILLING_DEPTH),
  };
  return resetBlockCounters(written, mark);
}

/** A number of periods after which the calendar has not passed `at` yet, or 0. */
function periodsBetween(start: Utc_ms, at: number, periodicity: Periodicity): number {
  const period = PERIODS[periodicity];
  const [from, to] = [new Date(start), new Date(at)];
  const whole =
    "days" in period
      ? (at - start) / (period.days * DAY_ms)
      : ((to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth()) / period.months;
  return Math.max(0, Math.floor(whole) - 1);
}

/** Always counted from the start: the 31st is the last day of a shorter month, and the 31st again after it. */
function scheduled(start: Utc_ms, number: number, periodicity: Periodicity): Utc_ms {
  const period = PERIODS[periodicity];
  if ("days" in period) return Utc_ms(start + number * period.days * DAY_ms);
  const from = new Date(start);
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + number * period.months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Utc_ms(Date.UTC(year, month, Math.min(from.getUTCDate(), lastDay)) + (start % DAY_ms));
}
