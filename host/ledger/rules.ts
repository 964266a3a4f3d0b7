// The rules that settings must keep, of one section and across sections: a setting that breaks one is refused whole, with the place and
// the rule. Where no source gives the rule it is our own choice: a threshold that could never be told from its opposite is a mistake.

import { SETTABLE, type Settable, type Settings } from "./commands.js";
import { tariffFault } from "./planned.js";
import { type EsmeState, esmeState, PLANNED_SECTIONS } from "./state/state.js";
import { isPattern } from "./tariff/date.js";
import type { Fault } from "./tariff/fault.js";

const PHASES = [0, 1, 2] as const;
const DAY_s = 86_400;
const HIGHEST_dv = 10_000;
const VOLTAGE_THRESHOLDS = [
  "averageRMSOverVoltageThreshold",
  "averageRMSUnderVoltageThreshold",
  "rmsExtremeOverVoltageThreshold",
  "rmsExtremeUnderVoltageThreshold",
  "rmsVoltageSagThreshold",
  "rmsVoltageSwellThreshold",
] as const;

/** The first fault of settings that are to replace sections of `state`; null: none. */
export function faultOfSettings(state: EsmeState, settings: Settings): Fault | null {
  if (typeof settings !== "object" || settings === null)
    return { place: "set.sections", rule: "it must hold the sections that are set" };
  for (const [section, value] of Object.entries(settings)) {
    if (!isSettable(section)) return { place: section, rule: "this is no section that somebody may set" };
    const fault = faultOfShape(section, value);
    if (fault !== null) return fault;
  }
  const fault = faultAcross({ ...state, ...settings });
  // What was so before is not this command's doing.
  return fault === null || sameFault(fault, faultAcross(state)) ? null : fault;
}

function sameFault(one: Fault, other: Fault | null): boolean {
  return one.place === other?.place && one.rule === other.rule;
}

/** The first rule across sections that a state breaks; null: none. Each section is well-formed. */
export function faultAcross(state: EsmeState): Fault | null {
  const tariff = tariffFault(state);
  return (
    tariff ??
    faultOfOffset(state) ??
    faultOfPlans(state) ??
    faultOfMpans(state) ??
    faultOfSchedules(state) ??
    faultOfVoltages(state) ??
    faultOfPowers(state) ??
    faultOfCalendar(state)
  );
}

/** A section is held against its declaration: what a snapshot could not hold cannot be set. */
function faultOfShape(section: Settable, value: unknown): Fault | null {
  const checked = esmeState.unwrap().shape[section].safeEncode(value as never);
  if (checked.success) return null;
  const issue = checked.error.issues[0];
  const path = (issue?.path ?? []).map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`));
  return { place: `${section}${path.join("")}`, rule: issue?.message ?? "this is not what the section holds" };
}

/** Facts 9. */
function faultOfOffset({ randomisedOffsetNumber, randomisedOffsetLimit }: EsmeState): Fault | null {
  if (randomisedOffsetNumber.value < 1 || randomisedOffsetNumber.value > 10_000)
    return { place: "randomisedOffsetNumber.value", rule: "it lies between 1 and 10000" };
  if (randomisedOffsetLimit.value <= 1_799) return null;
  return { place: "randomisedOffsetLimit.value", rule: "it lies between 0 and 1799 s" };
}

/** A moment has a value; a value may wait for its moment to be named by another command (GBCS class 9000). */
function faultOfPlans(state: EsmeState): Fault | null {
  for (const section of PLANNED_SECTIONS) {
    const { valueNext, activateNextDateTime } = state[section];
    if (valueNext === null && activateNextDateTime !== null)
      return { place: `${section}.valueNext`, rule: "a moment of activation needs the value that is planned" };
  }
  return null;
}

function faultOfMpans({ meterPointAdministrationNumber: mpans }: EsmeState): Fault | null {
  for (const [name, mpan] of Object.entries(mpans))
    if (mpan !== null && !/^\d{13}$/.test(mpan))
      return { place: `meterPointAdministrationNumber.${name}`, rule: "an MPAN has 13 digits" };
  return null;
}

/** The dates of calendars that this meter keeps and tells. */
function faultOfSchedules(state: EsmeState): Fault | null {
  for (const section of ["nonDisablementCalendar", "auxiliaryControllerCalendar"] as const)
    for (const when of ["valueCurrent", "valueNext"] as const)
      for (const [index, { beginDate, endDate }] of (state[section][when] ?? []).entries())
        if ([beginDate, endDate].some((date) => date !== null && !isPattern(date)))
          return {
            place: `${section}.${when}[${index}]`,
            rule: "it begins and ends at dates of the calendar, or at none",
          };
  for (const section of ["nonDisablementCalendarSpecialDays", "auxiliaryControllerCalendarSpecialDays"] as const)
    for (const when of ["valueCurrent", "valueNext"] as const) {
      const index = (state[section][when] ?? []).findIndex(({ date }) => !isPattern(date));
      if (index >= 0) return { place: `${section}.${when}[${index}].date`, rule: "it is a date of the calendar" };
    }
  return null;
}

function faultOfVoltages(state: EsmeState): Fault | null {
  const high = VOLTAGE_THRESHOLDS.find((section) => highest(state[section]) > HIGHEST_dv);
  if (high !== undefined) return { place: high, rule: "a threshold of voltage is 1000 V at most" };
  if (state.averageRMSVoltageMeasurementPeriod.value > DAY_s)
    return { place: "averageRMSVoltageMeasurementPeriod.value", rule: "it is a day at most" };
  const over = state.averageRMSOverVoltageThreshold.value;
  const under = state.averageRMSUnderVoltageThreshold.value;
  const { threshold: extremeOver } = state.rmsExtremeOverVoltageThreshold;
  const { threshold: extremeUnder } = state.rmsExtremeUnderVoltageThreshold;
  for (const p of PHASES)
    if (under[p] >= over[p])
      return {
        place: `averageRMSUnderVoltageThreshold.value[${p}]`,
        rule: "it must be below the average over-voltage threshold",
      };
  // Of phase 1 only: an official command (ECS29b) gives phases 2 and 3 averages of 96 to 126 V beside extremes of 180 and 287 V.
  if (extremeOver < over[0])
    return {
      place: "rmsExtremeOverVoltageThreshold.threshold",
      rule: "it must not be below the average over-voltage threshold of phase 1",
    };
  if (extremeUnder > under[0])
    return {
      place: "rmsExtremeUnderVoltageThreshold.threshold",
      rule: "it must not be above the average under-voltage threshold of phase 1",
    };
  if (state.rmsVoltageSagThreshold.threshold >= state.rmsVoltageSwellThreshold.threshold)
    return { place: "rmsVoltageSagThreshold.threshold", rule: "it must be below the swell threshold" };
  return null;
}

function highest(section: EsmeState[(typeof VOLTAGE_THRESHOLDS)[number]]): number {
  return "value" in section ? Math.max(...section.value) : section.threshold;
}

function faultOfPowers(state: EsmeState): Fault | null {
  if (state.lowMediumPowerThreshold.threshold <= state.mediumHighPowerThreshold.threshold) return null;
  return { place: "lowMediumPowerThreshold.threshold", rule: "it must not be above the threshold from medium to high" };
}

function faultOfCalendar({ billingCalendar: { startDateTime } }: EsmeState): Fault | null {
  if (startDateTime === null || startDateTime % 1_000 === 0) return null;
  return { place: "billingCalendar.startDateTime", rule: "it must be a whole second" };
}

function isSettable(section: string): section is Settable {
  return SETTABLE.some((one) => one === section);
}
