// Outages (SMETS 5.5.12.6, 5.17.2.6, facts 14): of the whole supply, and of single phases of a polyphase meter. The restoration is an alert
// with both moments; it says whether the outage lasted three minutes or more.

import { CODES, type Code } from "../codes.js";
import type { Notice } from "../events.js";
import { power } from "../logs.js";
import type { EsmeLive, EsmeState } from "../state/state.js";
import type { Phases } from "../state/words.js";
import { rfc3339, Utc_ms } from "../units.js";
import {
  type Account,
  eachOf,
  OUTAGE_dv,
  type Phase,
  secondsBetween,
  type Turned,
  told,
  type Voltages,
} from "./phases.js";
import { unwatched } from "./quality.js";

/** An outage of this long is a long one (facts 14). */
const LONG_ms = 180_000;

interface Restored {
  readonly short: Code;
  readonly long: Code;
}
const SUPPLY: Restored = { short: CODES.outageRestored, long: CODES.outageRestoredLong };
const PHASES: Phases<Restored> = [
  { short: CODES.phase1Restored, long: CODES.phase1RestoredLong },
  { short: CODES.phase2Restored, long: CODES.phase2RestoredLong },
  { short: CODES.phase3Restored, long: CODES.phase3RestoredLong },
];

/** No phase came, went, or is away. */
export function isSupplied({ present, phaseOut }: Account, voltages: Voltages): boolean {
  for (let p = 0; p < 3; p++) {
    const phase = p as Phase;
    const voltage = voltages[phase];
    if (phaseOut[phase] !== null) return false;
    if (voltage !== null && present[phase] !== voltage >= OUTAGE_dv) return false;
  }
  return true;
}

export function outagesTurned(before: Turned, at: Utc_ms, voltages: Voltages, notices: Notice[]): Turned {
  const was = before.account;
  const present = eachOf((p) => was.present[p] || (voltages[p] ?? 0) >= OUTAGE_dv);
  const phaseOut = eachOf((p) => {
    const voltage = voltages[p];
    if (voltage === null) return was.phaseOut[p];
    return voltage >= OUTAGE_dv || !present[p] ? null : (was.phaseOut[p] ?? at);
  });
  const alive = present.some((has, p) => has && phaseOut[p] === null);
  const out = alive || !present.includes(true) ? null : (was.out ?? at);

  let { state } = before;
  if (out !== null && was.out === null) state = power(state, at, CODES.supplyInterrupted.code, 0);
  if (out === null && was.out !== null) state = restored(state, SUPPLY, was.out, at, notices);
  for (const phase of [0, 1, 2] as const) {
    const from = was.phaseOut[phase];
    const now = phaseOut[phase];
    // A phase that went with the whole supply is told by itself only where the others came back without it.
    const alone = from !== null && from !== was.out;
    if (alone && now === null) state = restored(state, PHASES[phase], from, at, notices);
    if (!alone && now !== null && out === null) state = interrupted(state, phase, now, at, notices);
  }
  return { state, account: { ...was, present, phaseOut, out } };
}

/** An outage of the whole meter that is known only afterwards: nothing was measured from its beginning to its end. */
export function outage(
  state: EsmeState,
  live: EsmeLive,
  from: Utc_ms,
  to: Utc_ms,
  notices: Notice[],
): { readonly state: EsmeState; readonly live: EsmeLive } {
  if (from >= to) return { state, live };
  const { supplyAccount: was, powerImportCollection } = live;
  if (powerImportCollection.at !== null && powerImportCollection.at > to) {
    // It was measured since; what is so now stays so.
    return { state: restored(power(state, from, CODES.supplyInterrupted.code, 0), SUPPLY, from, to, notices), live };
  }
  const began = Utc_ms(Math.min(from, was.out ?? from));
  const logged = was.out === null ? power(state, from, CODES.supplyInterrupted.code, 0) : state;
  const supplyAccount = {
    ...unwatched(was),
    overLimit: null,
    phaseOut: eachOf((p) => (was.phaseOut[p] === was.out ? null : was.phaseOut[p])),
    out: null,
  };
  return { state: restored(logged, SUPPLY, began, to, notices), live: { powerImportCollection, supplyAccount } };
}

function restored(state: EsmeState, codes: Restored, from: Utc_ms, to: Utc_ms, notices: Notice[]): EsmeState {
  const one = to - from >= LONG_ms ? codes.long : codes.short;
  const duration_s = secondsBetween(from, to);
  notices.push({ kind: "alert", at: to, code: one.code, text: `${one.sentence}: ${duration_s} s`, times: [from, to] });
  return power(state, to, one.code, duration_s);
}

function interrupted(state: EsmeState, phase: Phase, from: Utc_ms, at: Utc_ms, notices: Notice[]): EsmeState {
  const number = (phase + 1) as 1 | 2 | 3;
  return told(state, at, CODES.supplyInterrupted, number, 0, `since ${rfc3339(from)}`, notices);
}
