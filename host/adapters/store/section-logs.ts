// Where in the sections of the meter's state logs stand, found in the declaration: their entries are rows of their own, so that a new
// entry writes one row.

import { z } from "zod";
import { emptyLog, type Log, logOf } from "../../ledger/log.js";
import { esmeLive, esmeState } from "../../ledger/state/state.js";

/** A log within a section, or the section itself. */
export interface SectionLog {
  /** `eventLog`, `averageRMSVoltageProfileDataLog[1]`, `cumulativeAndHistoricalValueStore.days`. */
  readonly name: string;
  readonly path: readonly (string | number)[];
  readonly depth: number;
  readonly entry: z.ZodType;
}

export interface DeclaredSection {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly logs: readonly SectionLog[];
}

export const STATE_SECTIONS = declared(esmeState.unwrap().shape);
export const LIVE_SECTIONS = declared(esmeLive.unwrap().shape);

function declared(shape: Readonly<Record<string, z.ZodType>>): readonly DeclaredSection[] {
  return Object.entries(shape).map(([name, schema]) => ({ name, schema, logs: logsIn(schema, name, []) }));
}

export function logAt(section: unknown, { path }: SectionLog): Log<object> {
  let at = section;
  for (const step of path) at = (at as Readonly<Record<string | number, unknown>>)[step];
  return at as Log<object>;
}

/** The section without the entries of its logs; how many were ever written stays. */
export function withoutEntries(section: unknown, { logs }: DeclaredSection): unknown {
  return logs.reduce(
    (now, log) => replaced(now, log.path, { ...emptyLog(), written: logAt(now, log).written }),
    section,
  );
}

export function withEntries(section: unknown, log: SectionLog, entries: readonly object[]): unknown {
  return replaced(section, log.path, logOf(entries, logAt(section, log).written));
}

function replaced(value: unknown, [step, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((one, at) => (at === step ? replaced(one, rest, by) : one));
  const record = value as Readonly<Record<string | number, unknown>>;
  return { ...record, [step]: replaced(record[step], rest, by) };
}

function logsIn(schema: z.ZodType, name: string, path: readonly (string | number)[]): readonly SectionLog[] {
  if (schema instanceof z.ZodReadonly) return logsIn(schema.unwrap() as z.ZodType, name, path);
  if (schema instanceof z.ZodTuple)
    return schema.def.items.flatMap((one, at) => logsIn(one as z.ZodType, `${name}[${at + 1}]`, [...path, at]));
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([key, one]) => logsIn(one, `${name}.${key}`, [...path, key]));
  const depth = schema.meta()?.depth;
  if (!(schema instanceof z.ZodPipe) || typeof depth !== "number") return [];
  const document = schema.def.in as z.ZodObject<{ logEntries: z.ZodArray<z.ZodType> }>;
  return [{ name, path, depth, entry: document.shape.logEntries.element }];
}
