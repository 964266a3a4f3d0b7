// Midnight UTC: the daily read logs and the daily consumption log (SMETS 5.7.5.13, 5.7.5.14, facts, stores).
//
//   sum of the consumption log + dropped + unallocated + what flowed since the last known midnight = import register, always

import { entriesOf, type Log, logged } from "../log.js";
import type { Mark } from "../mark.js";
import { type ConsumptionEntry, DAILY_CONSUMPTION_DEPTH, DAILY_READ_DEPTH } from "../state/records.js";
import type { EsmeState } from "../state/state.js";
import { isPassed } from "../time/judge.js";
import { DAY_ms, type Utc_ms, wholeWh } from "../units.js";
import { readEntryOf } from "./entry.js";
import { since_wh, sum_wh } from "./modular.js";

/** A midnight of which nothing is known has no entry, and one that was passed before the clock was set back has its entry already. A day
 * has an entry where both its midnights are known; what flowed in other days is unallocated. */
export function atMidnight(state: EsmeState, mark: Mark): EsmeState {
  const account = state.recordsAccount;
  const { day } = account;
  if (day === null || isPassed(mark.at, day.from) || !mark.known) return state;
  const import_wh = wholeWh(mark.cumulative[0]);
  const flowed_wh = since_wh(day.markWh, import_wh);
  const whole = mark.at - day.from === DAY_ms;
  const entry = { timestamp: mark.at, value: flowed_wh };
  const exportEntry = {
    timestamp: mark.at,
    activeExportRegisterValue: wholeWh(mark.cumulative[1]),
    estimated: mark.estimated,
  };
  return {
    ...state,
    dailyReadLogExcExport: logged(state.dailyReadLogExcExport, readEntryOf(state, mark), DAILY_READ_DEPTH),
    dailyReadLogExport: logged(state.dailyReadLogExport, exportEntry, DAILY_READ_DEPTH),
    dailyConsumptionLog: whole
      ? logged(state.dailyConsumptionLog, entry, DAILY_CONSUMPTION_DEPTH)
      : state.dailyConsumptionLog,
    recordsAccount: {
      ...account,
      day: { from: mark.at, markWh: import_wh },
      daysUnallocatedWh: whole ? account.daysUnallocatedWh : sum_wh(account.daysUnallocatedWh, flowed_wh),
      daysDroppedWh: whole
        ? sum_wh(account.daysDroppedWh, leaving_wh(state.dailyConsumptionLog))
        : account.daysDroppedWh,
    },
  };
}

export interface ConsumptionNow {
  /** The last known midnight, or the baseline. */
  readonly from: Utc_ms;
  readonly import_wh: number;
}

/** What flowed since the last known midnight; null before the first reading. */
export function consumptionNow(state: EsmeState, mark: Mark): ConsumptionNow | null {
  const { day } = state.recordsAccount;
  return day && { from: day.from, import_wh: since_wh(day.markWh, wholeWh(mark.cumulative[0])) };
}

/** What the next entry will push out of the log. */
function leaving_wh(log: Log<ConsumptionEntry>): number {
  return log.size < DAILY_CONSUMPTION_DEPTH ? 0 : (entriesOf(log)[0]?.value ?? 0);
}
