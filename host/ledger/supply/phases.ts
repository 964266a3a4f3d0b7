// What the rules of the supply share: the phases of a meter, when one is without voltage, and words for volts and times.

import { type Code, codeOf, sentenceOf } from "../codes.js";
import type { Notice } from "../events.js";
import { power } from "../logs.js";
import type { EsmeLive, EsmeState } from "../state/state.js";
import type { Phases } from "../state/words.js";
import type { Utc_ms } from "../units.js";

export type Account = EsmeLive["supplyAccount"];
export type Voltages = Phases<number | null>;
export type Phase = 0 | 1 | 2;

/** What a rule makes of the state and of what is being measured. */
export interface Turned {
  readonly state: EsmeState;
  readonly account: Account;
}

/** Below a tenth of 230 V a phase is without voltage: an outage, not a sag. Our choice. Tenths of a volt. */
export const OUTAGE_dv = 230;
/** Two measurements further apart do not show that a condition lasted from one to the other. Our choice, that of the half hours. */
export const LASTING_GAP_ms = 60_000;

export function eachOf<T>(make: (phase: Phase) => T): Phases<T> {
  return [make(0), make(1), make(2)];
}

/** The number of a phase in codes and texts: none for the one phase of a meter that is not polyphase. */
export function numberOf(state: EsmeState, phase: Phase): 1 | 2 | 3 | null {
  return state.meterVariant.value === "C" || phase > 0 ? ((phase + 1) as 1 | 2 | 3) : null;
}

export function volts(value_dv: number): string {
  return `${(value_dv / 10).toFixed(1)} V`;
}

export function secondsBetween(from: Utc_ms, to: Utc_ms): number {
  return Math.floor((to - from) / 1_000);
}

/** An entry in the power event log, and the alert that says the same with more words. */
export function told(
  state: EsmeState,
  at: Utc_ms,
  one: Code,
  phase: 1 | 2 | 3 | null,
  other: number,
  more: string,
  notices: Notice[],
): EsmeState {
  const code = codeOf(one, phase);
  notices.push({ kind: "alert", at, code, text: `${sentenceOf(code)}: ${more}` });
  return power(state, at, code, other);
}
