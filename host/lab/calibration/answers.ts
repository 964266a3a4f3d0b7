// The person at the bench where a file answers for them: everything is said beforehand, loads are seen to come by the board.

import type { Clamp } from "./constants.js";
import type { Fitted } from "./fit.js";
import { worth } from "./fit.js";
import type { Person } from "./procedure.js";
import type { Step, Told } from "./reference.js";

export interface Answers {
  readonly clamps: readonly Clamp[];
  readonly turnRound: readonly Clamp[];
  readonly within_percent: number;
  readonly wait_s: number;
  /** What the reference told in each step; null where the reference is a source. */
  readonly steps: readonly (Step & { readonly told: Told | null })[];
}

/** How often an invalid step is tried: by a file nobody can mend what is wrong. */
const TRIES = 2;

export function answering(answers: Answers, say: (text: string) => void): Person {
  const { clamps, steps, within_percent, wait_s, turnRound } = answers;
  const toldOf = (step: Step) => steps.find(({ load }) => load === step.load)?.told ?? null;
  return {
    clamps,
    steps,
    within_percent,
    wait_s,
    say,
    ready: () => Promise.resolve("watch"),
    typed: (step) => Promise.resolve(toldOf(step)),
    turnRound: () => Promise.resolve(turnRound),
    // Numbers that were typed beforehand say the same the next time.
    again: (step, _, tries) => Promise.resolve(tries < TRIES && toldOf(step) === null),
    agreed: (fitted) => Promise.resolve(goodWithin(fitted, within_percent)),
  };
}

export function goodWithin(fitted: Fitted, within_percent: number): boolean {
  return fitted.clamps.every(({ residuals }) => residuals.every((one) => worth(one) <= within_percent));
}
