// Maximum demand: the highest mean power of an aligned half hour since the last reset, of import, of import within a configurable time of
// day, and of export (SMETS 5.7.5.19..21, facts 8b, 11).

import type { Mark } from "../mark.js";
import type { Demand } from "../state/records.js";
import type { EsmeState } from "../state/state.js";
import { TOLERANCE_ms } from "../time/judge.js";
import { DAY_ms, HALF_HOUR_ms, MICRO, REGISTER_SPAN_uwh, type Utc_ms } from "../units.js";

export type DemandName =
  | "maximumDemandActivePowerImportValue"
  | "maximumDemandConfigurableTimeActivePowerImportValue"
  | "maximumDemandActivePowerExportValue";

/** At the end of a half hour: its demand, where both its ends were known, and the beginning of the next. */
export function atHalfHour(state: EsmeState, mark: Mark): EsmeState {
  const { demand } = state.recordsAccount;
  const [importMicroWh, exportMicroWh] = mark.cumulative;
  const next = mark.known ? { from: mark.at, importMicroWh, exportMicroWh } : null;
  const begun = { ...state, recordsAccount: { ...state.recordsAccount, demand: next } };
  if (demand === null || next === null || mark.at - demand.from !== HALF_HOUR_ms) return begun;
  const import_w = mean_w(demand.importMicroWh, importMicroWh);
  const export_w = mean_w(demand.exportMicroWh, exportMicroWh);
  const configurable = state.maximumDemandConfigurableTimeActivePowerImportValue;
  return {
    ...begun,
    maximumDemandActivePowerImportValue: higher(state.maximumDemandActivePowerImportValue, import_w, mark.at),
    maximumDemandConfigurableTimeActivePowerImportValue: inConfigurableTime(state, mark.at)
      ? higher(configurable, import_w, mark.at)
      : configurable,
    maximumDemandActivePowerExportValue: higher(state.maximumDemandActivePowerExportValue, export_w, mark.at),
  };
}

/** To zero, with the moment of it (SMETS 5.6.3.26..28). The half hour in progress counts when it ends. */
export function resetDemand(state: EsmeState, which: DemandName, at: Utc_ms): EsmeState {
  return { ...state, [which]: { value: 0, dateTimeStamp: null, dateTimeOfLastReset: at } };
}

/** After the clock was set by more than an adjustment: the half hour in progress has not half an hour. */
export function interruptDemand(state: EsmeState, by_ms: number): EsmeState {
  if (Math.abs(by_ms) <= TOLERANCE_ms || state.recordsAccount.demand === null) return state;
  return { ...state, recordsAccount: { ...state.recordsAccount, demand: null } };
}

/** µWh of half an hour as mean W: twice as many µWh an hour, rounded down once. */
function mean_w(from_uwh: number, to_uwh: number): number {
  const flowed = to_uwh - from_uwh;
  return Math.floor((2 * (flowed < 0 ? flowed + REGISTER_SPAN_uwh : flowed)) / MICRO);
}

/** The first of two equal ones stands. */
function higher(highest: Demand, value: number, at: Utc_ms): Demand {
  return highest.dateTimeStamp !== null && highest.value >= value ? highest : { ...highest, value, dateTimeStamp: at };
}

/** Whether the half hour that ends at `end` ends after the period's start and not after its end, over midnight where it is not later. */
function inConfigurableTime(state: EsmeState, end: Utc_ms): boolean {
  const { startTime, endTime } = state.maximumDemandConfigurableTimePeriod;
  const time = end % DAY_ms;
  const [start, stop] = [timeOfDay_ms(startTime), timeOfDay_ms(endTime)];
  return stop > start ? time > start && time <= stop : time > start || time <= stop;
}

function timeOfDay_ms(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}
