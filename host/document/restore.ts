// Whether a meter may be put back to what a snapshot says: never onto one that has metered since, for registers never fall.

import type { Esme } from "../ledger/esme.js";
import { registers_wh } from "../ledger/ledger.js";
import { REGISTER_SPAN_wh, rfc3339 } from "../ledger/units.js";
import { SCHEMA } from "./declaration.js";
import type { Fault } from "./faults.js";
import { esmeOf } from "./snapshot.js";

export interface RestoreRefused {
  readonly code: "snapshot-version" | "snapshot-broken" | "snapshot-older";
  readonly reason: string;
}

const NAMES = ["active import", "active export", "reactive import", "reactive export"] as const;

/** Why a snapshot may not be restored onto the meter as it is now, null where that is none or new; null: it may. */
export function refusalOf(snapshot: unknown, current: Esme | null): RestoreRefused | null {
  const restored = esmeOf(snapshot);
  if ("rule" in restored) return refusalOfFault(snapshot, restored);
  return current === null ? null : olderThan(current, restored);
}

/** A document of another version is refused by its name, any other fault by its place and rule. */
export function refusalOfFault(snapshot: unknown, { place, rule }: Fault): RestoreRefused {
  const found = (snapshot as { readonly schema?: unknown } | null)?.schema;
  if (typeof found === "string" && found !== SCHEMA)
    return { code: "snapshot-version", reason: `the snapshot is of ${found}; this program reads ${SCHEMA}` };
  return { code: "snapshot-broken", reason: `${place === "" ? "the snapshot" : place}: ${rule}` };
}

/** A restore onto a newer meter. */
function olderThan(current: Esme, restored: Esme): RestoreRefused | null {
  const now = current.ledger.last;
  if (now === null) return null;
  const then = restored.ledger.last;
  if (then === null || then.at < now.at) {
    const of = then === null ? "before any reading" : `of a reading at ${rfc3339(then.at)}`;
    return {
      code: "snapshot-older",
      reason: `the snapshot is ${of}, the meter has read at ${rfc3339(now.at)}: a restore onto a newer meter`,
    };
  }
  const [before, after] = [registers_wh(current.ledger), registers_wh(restored.ledger)];
  for (const q of [0, 1, 2, 3] as const) {
    const falls_wh = before[q] - after[q];
    // A register that is less by more than half its span has wrapped.
    if (falls_wh > 0 && falls_wh < REGISTER_SPAN_wh / 2)
      return {
        code: "snapshot-older",
        reason: `the ${NAMES[q]} register reads ${before[q]} and would fall to ${after[q]}: a restore onto a newer meter`,
      };
  }
  return null;
}
