// The variants of a meter as the table sees them: a twin element meter (B) tells its secondary element beside the primary one, and only
// a polyphase meter (C) has phases 2 and 3. Who learns of an answer learns the variant from its form.

import type { EsmeState } from "../ledger/state/state.js";
import type { Draft } from "./meter-view.js";

type Variant = EsmeState["meterVariant"]["value"];
export type PhaseNumber = 1 | 2 | 3;

export function isTwin({ meterVariant }: Pick<EsmeState, "meterVariant">): boolean {
  return meterVariant.value === "B";
}

export function hasPhase({ meterVariant }: Pick<EsmeState, "meterVariant">, phase: PhaseNumber): boolean {
  return phase === 1 || meterVariant.value === "C";
}

export function learnVariant(draft: Draft, value: Variant): void {
  draft.put("meterVariant", { value });
}

/** Whether a draft has the phase: one that learns does from now on. */
export function takesPhase(draft: Draft, phase: PhaseNumber): boolean {
  if (draft.learning && phase !== 1) learnVariant(draft, "C");
  return hasPhase({ meterVariant: draft.section("meterVariant") }, phase);
}
