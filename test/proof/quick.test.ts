// Every claim, at the effort of this tier: `npm test` runs the quick cases, ESME_PROOF=ci more, the campaign all of them.

import { describe, expect, test } from "vitest";
import { PROOFS } from "./all.js";
import { EFFORT } from "./proof.js";

const SEED = 1;

describe.each(PROOFS.map((proof) => ({ proof, claim: proof.claim })))("$claim", ({ proof }) => {
  test.each(proof.cases(EFFORT))(`${proof.name}: %s`, { timeout: 900_000 }, async (case_) => {
    const verdict = await proof.run(case_, SEED);
    process.stdout.write(`${proof.name}: ${verdict.said}\n`);
    expect(verdict.ok, verdict.said).toBe(true);
  });
});
