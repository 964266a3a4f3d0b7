// What is known of a meter as a document, and a meter of it: `esmeOfPartial(document)` completes a snapshot in which sections are missing,
// `partialOf(learnt)` writes the smallest one that says what somebody has learnt of a meter.

import { z } from "zod";
import type { Esme } from "../ledger/esme.js";
import type { EsmeLive, EsmeState } from "../ledger/state/state.js";
import type { Utc_ms } from "../ledger/units.js";
import { completed } from "./complete.js";
import { type PartialSnapshot, type PartialValue, partialSnapshot, SCHEMA, snapshot } from "./declaration.js";
import { type Fault, faultOfIssue } from "./faults.js";
import { brokenAccount } from "./laws.js";
import { type RestoreRefused, refusalOfFault } from "./restore.js";
import { esmeFrom, esmeOf } from "./snapshot.js";

export type PartialRead =
  | { readonly ok: true; readonly esme: Esme; readonly at: Utc_ms }
  | ({ readonly ok: false } & Pick<RestoreRefused, "code" | "reason">);

/** The meter of a snapshot in which anything but its schema and its moment may be missing. A whole one keeps all laws, as in a restore. Of
 * a partial one the rules between settings are not asked: a real meter may have told what we would not let anybody set. */
export function esmeOfPartial(document: unknown): PartialRead {
  const refused = (fault: Fault) => ({ ok: false, ...refusalOfFault(document, fault) }) as const;
  const found = (document as { readonly schema?: unknown } | null)?.schema;
  if (found !== SCHEMA) return refused({ place: "schema", rule: `a snapshot that this program reads is of ${SCHEMA}` });
  const result = z.safeDecode(partialSnapshot, document as PartialSnapshot);
  if (!result.success) return refused(faultOfIssue(result.error.issues[0]));
  const { data: given } = result;
  const esme = isWhole(given) ? esmeOf({ meter: "", source: "", ...(document as object) }) : esmeOfKnown(given);
  return "rule" in esme ? refused(esme) : { ok: true, esme, at: given.at };
}

function isWhole(given: PartialValue): boolean {
  return Object.keys(snapshot.shape).every((key) => key === "meter" || key === "source" || key in given);
}

function esmeOfKnown(given: PartialValue): Esme | Fault {
  const value = completed(given);
  if ("rule" in value) return value;
  const esme = esmeFrom(value);
  return brokenAccount(value, esme) ?? esme;
}

type Quantity = 0 | 1 | 2 | 3 | "secondary";

/** What somebody has learnt of a meter: whole sections, registers in Wh and varh, and half hours by their end, null where not known. */
export interface Learnt {
  readonly at: Utc_ms;
  readonly state: { readonly [S in keyof EsmeState]?: EsmeState[S] | undefined };
  readonly live: { readonly [S in keyof EsmeLive]?: EsmeLive[S] | undefined };
  readonly registers: ReadonlyMap<Quantity, number>;
  readonly halfHours: ReadonlyMap<Utc_ms, { readonly [Q in Quantity]?: number | null }>;
}

const REGISTERS = [
  ["activeImportRegister", 0],
  ["activeExportRegister", 1],
  ["reactiveImportRegister", 2],
  ["reactiveExportRegister", 3],
] as const;

/** The sections that were learnt and no others, in the declaration's order. */
export function partialOf({ at, state, live, registers, halfHours }: Learnt): PartialSnapshot {
  const secondary = registers.get("secondary");
  const value = {
    schema: SCHEMA,
    at,
    ...state,
    ...live,
    ...Object.fromEntries(
      REGISTERS.flatMap(([name, q]) => (registers.has(q) ? [[name, { value: registers.get(q) }]] : [])),
    ),
    ...(secondary === undefined
      ? {}
      : { besideAccount: { secondary: { activeImportRegister: { value: secondary } } } }),
    ...logsOf(halfHours),
  };
  return encoded(value as PartialValue);
}

function encoded(value: PartialValue): PartialSnapshot {
  const sections = Object.entries(partialSnapshot.shape).flatMap(([name, declared]) => {
    const section = value[name as keyof PartialValue];
    return section === undefined ? [] : [[name, z.encode(declared as z.ZodType, section)] as const];
  });
  return Object.fromEntries(sections) as unknown as PartialSnapshot;
}

/** Each log has the half hours of which one of its own quantities was learnt. */
function logsOf(halfHours: Learnt["halfHours"]): Partial<PartialValue> {
  const ascending = [...halfHours].sort(([one], [other]) => one - other);
  const imports = ascending.flatMap(([timestamp, { 0: primaryValue, secondary: secondaryValue }]) => {
    if (primaryValue === undefined && secondaryValue === undefined) return [];
    const second = secondaryValue === undefined ? {} : { secondaryValue };
    return [{ timestamp, primaryValue: primaryValue ?? null, ...second }];
  });
  const exports = ascending.flatMap(([timestamp, { 1: active, 3: reactive }]) =>
    active === undefined && reactive === undefined
      ? []
      : [
          {
            timestamp,
            activeEnergyExportedValue: active ?? null,
            reactiveEnergyExportedValue: reactive ?? null,
          },
        ],
  );
  const reactive = ascending.flatMap(([timestamp, { 2: reactiveEnergyImportedValue }]) =>
    reactiveEnergyImportedValue === undefined ? [] : [{ timestamp, reactiveEnergyImportedValue }],
  );
  return {
    ...(imports.length === 0 ? {} : { profileDataLogActiveEnergyImportedInPeriod: { logEntries: imports } }),
    ...(exports.length === 0 ? {} : { profileDataLogExport: { logEntries: exports } }),
    ...(reactive.length === 0 ? {} : { profileDataLogReactiveImport: { logEntries: reactive } }),
  };
}
