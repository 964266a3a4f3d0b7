// What a row of the table of use cases says, and its maker. A row is what GBCS lets one message code do: who may send it, how it is
// secured, which attributes it may read and set and which methods it may call. The engine has no code per use case.

import { assert } from "../../ledger/assert.js";
import type { ItemKey } from "../item.js";
import type { Role } from "../keyring.js";

export interface UseCase {
  readonly name: string;
  /** The message code: the first two bytes of the grouping header's other information. */
  readonly code: number;
  readonly title: string;
  readonly roles: readonly Role[];
  /** The command is signed besides its MAC; its response is signed and carries no MAC (message type SME.C.C). */
  readonly critical: boolean;
  /** The command's counter must be above the last one of its originator. */
  readonly replayProtected: boolean;
  /** The response's header carries the meter's date-time. Where `sure` is "table" this is inferred from the family. */
  readonly time: boolean;
  readonly reads: readonly ItemKey[];
  /** Readable only through the class-30 method among `acts`, which encrypts the answer. */
  readonly protectedReads: readonly ItemKey[];
  readonly sets: readonly ItemKey[];
  readonly acts: readonly ItemKey[];
  /** What tells us: reference messages and the table of use cases; that table alone; or reference messages alone, with the roles and
   * the protection of the use cases of its family. */
  readonly sure: "reference messages" | "table" | "family";
}

/** "3/1-0:2.8.0.255": class and OBIS; then the attributes, or the methods. */
export type Objects = { readonly [object: `${number}/${string}`]: readonly number[] };

type Mark = "critical" | "replay" | "time" | "table" | "family";
interface Touches {
  readonly reads?: Objects;
  readonly protectedReads?: Objects;
  readonly sets?: Objects;
  readonly acts?: Objects;
}

export const S: Role = "supplier";
export const N: Role = "networkOperator";
export const B: Role = "accessControlBroker";
export const L: Role = "loadController";

export function useCase(
  name: string,
  code: number,
  roles: readonly Role[],
  marks: readonly Mark[],
  title: string,
  { reads = {}, protectedReads = {}, sets = {}, acts = {} }: Touches,
): UseCase {
  assert(roles.length > 0, "a use case has someone who may send it");
  assert(
    !marks.includes("critical") || Object.keys(protectedReads).length === 0,
    "an answer that is signed encrypts nothing",
  );
  return {
    name,
    code,
    title,
    roles,
    critical: marks.includes("critical"),
    replayProtected: marks.includes("replay"),
    time: marks.includes("time"),
    reads: keys(reads, "A"),
    protectedReads: keys(protectedReads, "A"),
    sets: keys(sets, "A"),
    acts: keys(acts, "M"),
    sure: marks.includes("table") ? "table" : marks.includes("family") ? "family" : "reference messages",
  };
}

function keys(objects: Objects, kind: "A" | "M"): readonly ItemKey[] {
  return Object.entries(objects).flatMap(([object, numbers]) =>
    numbers.map((number) => `${object}/${kind}${number}` as ItemKey),
  );
}
