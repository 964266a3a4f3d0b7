// Our bug: a claim about the program that does not hold. The process stops with the sentence, in production too.
// Faults of the world are values (see events.ts), never assertions.

/** Thrown only by `assert`: the program is wrong, not the world. The process ends with exit code 70. */
export class OurBug extends Error {
  override name = "OurBug";
}

/** Stops with `claim` as a sentence where it does not hold. */
export function assert(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new OurBug(claim);
}
