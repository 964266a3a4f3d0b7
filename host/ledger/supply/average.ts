// Average RMS voltage (SMETS 5.7.5.9, 5.19.2.3): the mean of each phase over each measurement period, its log, and the counters of
// periods that passed a threshold.

import { CODES } from "../codes.js";
import type { Notice } from "../events.js";
import { logged, newest } from "../log.js";
import type { EsmeState } from "../state/state.js";
import { type Average, VOLTAGE_DEPTH } from "../state/supply.js";
import type { Phases } from "../state/words.js";
import { isPassed } from "../time/judge.js";
import { DAY_ms, Utc_ms } from "../units.js";
import {
  type Account,
  eachOf,
  numberOf,
  OUTAGE_dv,
  type Phase,
  type Turned,
  told,
  type Voltages,
  volts,
} from "./phases.js";

const NOTHING: Phases<number> = [0, 0, 0];
const U32 = 2 ** 32 - 1;

/** The end of the measurement period that holds `at`: whole multiples of the period in the UTC day, the last one cut at midnight. */
export function periodEndAfter(at: Utc_ms, period_s: number): Utc_ms {
  const midnight = Math.floor(at / DAY_ms) * DAY_ms;
  const period_ms = period_s * 1_000;
  const end = (Math.floor((at - midnight) / period_ms) + 1) * period_ms;
  return Utc_ms(midnight + Math.min(end, DAY_ms));
}

/** The period that was being measured is closed; the one that holds `at` begins. */
export function periodTurned(before: Turned, at: Utc_ms, notices: Notice[]): Turned {
  let { state } = before;
  const { periodEnd, sums, samples } = before.account;
  const averages: [Average, Average, Average] = [...before.account.averages];
  const clockIsKnown = state.time.status !== "invalid";
  for (const phase of [0, 1, 2] as const) {
    if (periodEnd === null || samples[phase] === 0 || !clockIsKnown) continue;
    const log = state.averageRMSVoltageProfileDataLog[phase];
    // After the clock was set back: a closed period stands.
    const written = newest(log)?.timestamp;
    if (written !== undefined && isPassed(periodEnd, written)) continue;
    const value = mean(sums[phase], samples[phase]);
    const entry = { timestamp: periodEnd, value };
    const logs = state.averageRMSVoltageProfileDataLog;
    state = {
      ...state,
      averageRMSVoltageProfileDataLog: eachOf((p) => (p === phase ? logged(log, entry, VOLTAGE_DEPTH) : logs[p])),
    };
    const was = averages[phase];
    averages[phase] = standing(state, phase, value);
    if (averages[phase] !== was) state = passed(state, periodEnd, phase, was, averages[phase], value, notices);
  }
  const end = periodEndAfter(at, state.averageRMSVoltageMeasurementPeriod.value);
  return { state, account: { ...before.account, periodEnd: end, sums: NOTHING, samples: NOTHING, averages } };
}

/** One more sample of each phase that has voltage; without voltage there is nothing to average, that is an outage. Once a second for
 * years, so it builds its answer in one step. */
export function sampled(account: Account, [first, second, third]: Voltages): Account {
  const { sums, samples } = account;
  const a = sampleOf(first);
  const b = sampleOf(second);
  const c = sampleOf(third);
  if (a + b + c === 0) return account;
  return {
    periodEnd: account.periodEnd,
    sums: [sums[0] + a, sums[1] + b, sums[2] + c],
    samples: [samples[0] + Math.sign(a), samples[1] + Math.sign(b), samples[2] + Math.sign(c)],
    averages: account.averages,
    extremeOver: account.extremeOver,
    extremeUnder: account.extremeUnder,
    sag: account.sag,
    swell: account.swell,
    overLimit: account.overLimit,
    present: account.present,
    phaseOut: account.phaseOut,
    out: account.out,
  };
}

/** Sets to zero the counter of one phase, or of all (SMETS 5.6.3.22, 5.6.3.23, 5.18.1). */
export function resetVoltageCounter(
  state: EsmeState,
  counter: "averageRMSOverVoltageCounter" | "averageRMSUnderVoltageCounter",
  phase: 1 | 2 | 3 | null,
): EsmeState {
  const { value } = state[counter];
  return { ...state, [counter]: { value: eachOf((p) => (phase === null || phase === p + 1 ? 0 : value[p])) } };
}

/** 0 where there is nothing to average. */
function sampleOf(voltage_dv: number | null): number {
  return voltage_dv === null || voltage_dv < OUTAGE_dv ? 0 : voltage_dv;
}

/** Rounded once, half away from zero; voltages are not negative. */
function mean(sum: number, samples: number): number {
  return Math.floor((2 * sum + samples) / (2 * samples));
}

function standing(state: EsmeState, phase: Phase, value_dv: number): Average {
  if (value_dv > state.averageRMSOverVoltageThreshold.value[phase]) return "over";
  return value_dv < state.averageRMSUnderVoltageThreshold.value[phase] ? "under" : "within";
}

/** A return from beyond one threshold, a passing beyond the other, or both. */
function passed(
  before: EsmeState,
  at: Utc_ms,
  phase: Phase,
  was: Average,
  is: Average,
  value_dv: number,
  notices: Notice[],
): EsmeState {
  const number = numberOf(before, phase);
  const limits = [
    before.averageRMSOverVoltageThreshold.value[phase],
    before.averageRMSUnderVoltageThreshold.value[phase],
  ];
  const [over, under] = limits.map((limit) => `${volts(value_dv)}, the threshold is ${volts(limit)}`) as [
    string,
    string,
  ];
  let state = before;
  if (was === "over") state = told(state, at, CODES.averageOverVoltageEnded, number, value_dv, over, notices);
  if (was === "under") state = told(state, at, CODES.averageUnderVoltageEnded, number, value_dv, under, notices);
  if (is === "over") {
    state = told(state, at, CODES.averageOverVoltage, number, value_dv, over, notices);
    state = { ...state, averageRMSOverVoltageCounter: counted(state.averageRMSOverVoltageCounter.value, phase) };
  }
  if (is === "under") {
    state = told(state, at, CODES.averageUnderVoltage, number, value_dv, under, notices);
    state = { ...state, averageRMSUnderVoltageCounter: counted(state.averageRMSUnderVoltageCounter.value, phase) };
  }
  return state;
}

function counted(value: Phases<number>, phase: Phase) {
  return { value: eachOf((p) => (p === phase ? Math.min(value[p] + 1, U32) : value[p])) };
}
