// Extreme over-voltage, extreme under-voltage, sag and swell (SMETS 5.7.4.34 to 5.7.4.41): a threshold that the voltage stays beyond for a
// minimum duration. Told once when it has lasted, and once when the voltage has been back for as long.

import { CODES, type Code } from "../codes.js";
import type { Notice } from "../events.js";
import type { EsmeState } from "../state/state.js";
import type { Lasting } from "../state/supply.js";
import type { Utc_ms } from "../units.js";
import {
  type Account,
  eachOf,
  LASTING_GAP_ms,
  numberOf,
  OUTAGE_dv,
  type Phase,
  secondsBetween,
  type Turned,
  told,
  type Voltages,
  volts,
} from "./phases.js";

const CONDITIONS = ["extremeOver", "swell", "extremeUnder", "sag"] as const;
type Condition = (typeof CONDITIONS)[number];

interface Rule {
  readonly above: boolean;
  readonly threshold_dv: (state: EsmeState) => number;
  readonly period_s: (state: EsmeState) => number;
  readonly begun: Code;
  readonly ended: Code;
}

const RULES: { readonly [C in Condition]: Rule } = {
  extremeOver: {
    above: true,
    threshold_dv: (state) => state.rmsExtremeOverVoltageThreshold.threshold,
    period_s: (state) => state.rmsExtremeOverVoltageMeasurementPeriod.period,
    begun: CODES.extremeOverVoltage,
    ended: CODES.extremeOverVoltageEnded,
  },
  swell: {
    above: true,
    threshold_dv: (state) => state.rmsVoltageSwellThreshold.threshold,
    period_s: (state) => state.rmsVoltageSwellMeasurementPeriod.period,
    begun: CODES.voltageSwell,
    ended: CODES.voltageSwellEnded,
  },
  extremeUnder: {
    above: false,
    threshold_dv: (state) => state.rmsExtremeUnderVoltageThreshold.threshold,
    period_s: (state) => state.rmsExtremeUnderVoltageMeasurementPeriod.period,
    begun: CODES.extremeUnderVoltage,
    ended: CODES.extremeUnderVoltageEnded,
  },
  sag: {
    above: false,
    threshold_dv: (state) => state.rmsVoltageSagThreshold.threshold,
    period_s: (state) => state.rmsVoltageSagMeasurementPeriod.period,
    begun: CODES.voltageSag,
    ended: CODES.voltageSagEnded,
  },
};

/** Nothing is beyond a threshold, and nothing that was is still being watched. */
export function isQuiet(state: EsmeState, account: Account, voltages: Voltages): boolean {
  const lowest = Math.max(
    state.rmsExtremeUnderVoltageThreshold.threshold,
    state.rmsVoltageSagThreshold.threshold,
    OUTAGE_dv,
  );
  const highest = Math.min(state.rmsExtremeOverVoltageThreshold.threshold, state.rmsVoltageSwellThreshold.threshold);
  for (let p = 0; p < 3; p++) {
    const phase = p as Phase;
    const voltage = voltages[phase];
    if (voltage !== null && (voltage < lowest || voltage > highest)) return false;
    if (account.extremeOver[phase] !== null || account.swell[phase] !== null) return false;
    if (account.extremeUnder[phase] !== null || account.sag[phase] !== null) return false;
  }
  return true;
}

export function qualityTurned(
  before: Turned,
  at: Utc_ms,
  gap_ms: number,
  voltages: Voltages,
  notices: Notice[],
): Turned {
  let { state, account } = before;
  for (const condition of CONDITIONS) {
    const rule = RULES[condition];
    const next: [Lasting, Lasting, Lasting] = [...account[condition]];
    for (const phase of [0, 1, 2] as const) {
      const voltage = voltages[phase];
      const was = next[phase];
      const beyond = isBeyond(rule, rule.threshold_dv(state), voltage);
      const is = lasted(was, beyond, at, gap_ms, rule.period_s(state));
      next[phase] = is;
      if (is?.told && was?.told !== true) state = begun(state, at, rule, phase, is.since, voltage, notices);
      if (is === null && was !== null && was.told) state = ended(state, at, rule, phase, was, voltage, notices);
    }
    account = { ...account, [condition]: next };
  }
  return { state, account };
}

/** Nothing was measured for a while: what had not lasted yet is forgotten. */
export function unwatched(account: Account): Account {
  const standing = (condition: Condition) => eachOf((p) => unmeasured(account[condition][p]));
  return {
    ...account,
    extremeOver: standing("extremeOver"),
    swell: standing("swell"),
    extremeUnder: standing("extremeUnder"),
    sag: standing("sag"),
  };
}

function unmeasured(was: Lasting): Lasting {
  return was === null || !was.told ? null : { ...was, overSince: null };
}

/** A condition after one more measurement; null where it does not hold. `beyond` is null where it was not measured: what had not lasted
 * yet is forgotten, what was told stands until a measurement shows its end. */
export function lasted(was: Lasting, beyond: boolean | null, at: Utc_ms, gap_ms: number, period_s: number): Lasting {
  const untold = was === null || !was.told;
  const apart = gap_ms > LASTING_GAP_ms;
  if (beyond === null) return unmeasured(was);
  if (beyond) {
    const since = was === null || (untold && apart) ? at : was.since;
    return { since, told: !untold || at - since >= period_s * 1_000, overSince: null };
  }
  if (untold) return null;
  const overSince = was.overSince === null || apart ? at : was.overSince;
  return at - overSince >= period_s * 1_000 ? null : { ...was, overSince };
}

function isBeyond(rule: Rule, threshold_dv: number, voltage_dv: number | null): boolean | null {
  if (voltage_dv === null || voltage_dv < OUTAGE_dv) return null;
  return rule.above ? voltage_dv > threshold_dv : voltage_dv < threshold_dv;
}

function begun(
  state: EsmeState,
  at: Utc_ms,
  rule: Rule,
  phase: Phase,
  since: Utc_ms,
  voltage_dv: number | null,
  notices: Notice[],
): EsmeState {
  const value = voltage_dv ?? 0;
  const more = `${volts(value)}, threshold ${volts(rule.threshold_dv(state))}, for ${secondsBetween(since, at)} s`;
  return told(state, at, rule.begun, numberOf(state, phase), value, more, notices);
}

/** The duration, in seconds, is that beyond the threshold: without the time for which the voltage had to be back. */
function ended(
  state: EsmeState,
  at: Utc_ms,
  rule: Rule,
  phase: Phase,
  was: NonNullable<Lasting>,
  voltage_dv: number | null,
  notices: Notice[],
): EsmeState {
  const duration_s = secondsBetween(was.since, was.overSince ?? at);
  const more = `${volts(voltage_dv ?? 0)}, threshold ${volts(rule.threshold_dv(state))}, after ${duration_s} s`;
  return told(state, at, rule.ended, numberOf(state, phase), duration_s, more, notices);
}
