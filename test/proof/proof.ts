// A proof: a claim of the issue, the cases that show it, and what each case saw. The same proofs serve all three tiers: `npm test` runs
// the quick cases, CI more of them, the campaign all; docs/TESTING.md lists the claims.

export type Effort = "quick" | "ci" | "full";

export interface Verdict {
  readonly ok: boolean;
  /** What was seen, in a sentence with its figures. */
  readonly said: string;
  readonly figures: Readonly<Record<string, number>>;
}

export interface Proof {
  /** Kebab-case; also its key in the campaign's result. */
  readonly name: string;
  readonly claim: string;
  /** Case names, each a unit of work of at most some minutes, so that a campaign can stop and resume between them. */
  cases(effort: Effort): readonly string[];
  run(case_: string, seed: number): Promise<Verdict>;
}

export const EFFORT: Effort = process.env.ESME_PROOF === "ci" ? "ci" : "quick";

/** Of many rows that each start a program: all in CI, in `npm test` each third. */
export function rowsFor<T>(rows: readonly T[], effort: Effort = EFFORT): readonly T[] {
  return effort === "quick" ? rows.filter((_, k) => k % 3 === 0) : rows;
}

/** `full` at full effort, and so on: each larger effort holds the smaller ones. */
export function casesAt<T>(
  effort: Effort,
  quick: readonly T[],
  ci: readonly T[],
  full: readonly T[] = [],
): readonly T[] {
  return effort === "quick" ? quick : effort === "ci" ? [...quick, ...ci] : [...quick, ...ci, ...full];
}

/** "+0.12 %" of a truth. */
export function percent(measured: number, truth: number): number {
  return (100 * (measured - truth)) / truth;
}
