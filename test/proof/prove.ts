// Proofs as tests: `npm test` runs the quick cases, ESME_PROOF=ci more, the campaign all of them.

import { describe, expect, test } from "vitest";
import { EFFORT, type Proof } from "./proof.js";

const SEED = 1;

export function prove(proofs: readonly Proof[]): void {
  // Some have cases in the campaign only.
  const shown = proofs.filter((proof) => proof.cases(EFFORT).length > 0);
  describe.each(shown.map((proof) => ({ proof, claim: proof.claim })))("$claim", ({ proof }) => {
    test.each(proof.cases(EFFORT))(`${proof.name}: %s`, { timeout: 900_000 }, async (case_) => {
      const verdict = await proof.run(case_, SEED);
      process.stdout.write(`${proof.name}: ${verdict.said}\n`);
      expect(verdict.ok, verdict.said).toBe(true);
    });
  });
}
