// What a story to teach with is: claims that a person can check by hand, and what a meter made of the same hour. A story never looks at
// what it predicts when it runs, and never runs what it predicts with.

import type { StoryName } from "./names.js";

export type Value = number | string;

/** One line of a prediction. */
export interface Claim {
  /** Which part of the story: the lines of one part stand together. */
  readonly part: string;
  /** Unique within its part. */
  readonly what: string;
  readonly value: Value;
  /** Empty for words. */
  readonly unit: string;
  /** How far a number may be off and still agree, in `unit`; words agree exactly. */
  readonly within: number;
}

export interface Story {
  readonly name: StoryName;
  readonly title: string;
  /** What happens, and the arithmetic: a line each, of at most 100 characters. */
  readonly words: readonly string[];
  readonly prediction: readonly Claim[];
  live(): Outcome | Promise<Outcome>;
  /** What to look at in the end. */
  readonly notice: readonly string[];
}

/** What came out, by part and by what. */
export type Outcome = ReadonlyMap<string, Part>;
export type Part = Readonly<Record<string, Value>>;

export interface Compared extends Claim {
  /** Null where the story ended without it. */
  readonly outcome: Value | null;
  /** outcome - prediction; null for words. */
  readonly difference: number | null;
  readonly agrees: boolean;
}

/** Claims of one part, `[what, value, unit, within]`: words have no unit, and a number that is not said to be near is exact. */
export function claims(
  part: string,
  rows: readonly (readonly [what: string, value: Value, unit?: string, within?: number])[],
): Claim[] {
  return rows.map(([what, value, unit = "", within = 0]) => ({ part, what, value, unit, within }));
}

export function compare(prediction: readonly Claim[], outcomes: Outcome): Compared[] {
  return prediction.map((claim) => {
    const outcome = outcomes.get(claim.part)?.[claim.what] ?? null;
    const { value, within } = claim;
    if (typeof outcome !== "number" || typeof value !== "number")
      return { ...claim, outcome, difference: null, agrees: outcome === value };
    const difference = outcome - value;
    return { ...claim, outcome, difference, agrees: Math.abs(difference) <= within };
  });
}
