// Makers of the rows of the COSEM table (item.ts): a row says which section at which path, and what that is on the wire; both ways of it
// come of that.

import type { Deed } from "../ledger/commands.js";
import { entriesOf, type Log, logOf } from "../ledger/log.js";
import type { EsmeState, PlannedSection, Section } from "../ledger/state/state.js";
import type { Planned } from "../ledger/state/words.js";
import { Utc_ms } from "../ledger/units.js";
import type { Data, TypeDescription } from "../wire/dlms/data.js";
import { decodeDateTime } from "../wire/dlms/date-time.js";
import { fixed, momentOf2000 } from "./codecs.js";
import type { Codec, Item, Range } from "./item.js";
import type { Draft, MeterView } from "./meter-view.js";

/** "1-0:2.8.0.255" */
type Obis = string;
type Path = readonly (string | number)[];
type Head = Pick<Item, "name" | "class" | "obis" | "attribute">;

export function attribute(name: string, cosemClass: number, obis: Obis, number: number): Head {
  return { name, class: cosemClass, obis, attribute: number };
}

/** A value of the state at `path`: ["activeExportRegister", "value"]. */
export function value<T>(head: Head, path: readonly [Section, ...(string | number)[]], codec: Codec<T>): Item {
  const [section, ...within] = path;
  return {
    ...head,
    get: ({ state }) => codec.to(at(state[section], within) as T),
    put: (draft, data) => {
      const decoded = codec.from(data);
      if (decoded === undefined) return false;
      put(draft, section, within, decoded);
      return true;
    },
  };
}

/** A value that a command may set as well. */
export function setting<T>(head: Head, path: readonly [Section, ...(string | number)[]], codec: Codec<T>): Item {
  return { ...value(head, path, codec), settable: true };
}

/** The value that is waiting: set by a command, read by none. Where nothing waits yet, a part of it starts from what holds now. */
export function next<T>(head: Head, path: readonly [Section, ...(string | number)[]], codec: Codec<T>): Item {
  const [section, ...within] = path;
  return {
    ...head,
    settable: true,
    put: (draft, data) => {
      const decoded = codec.from(data);
      if (decoded === undefined) return false;
      const planned = draft.section(section) as Planned<unknown>;
      const valueNext = replaced(planned.valueNext ?? planned.valueCurrent, within, decoded);
      draft.put(section, { ...planned, valueNext } as never);
      return true;
    },
  };
}

/** When what waits takes effect: a moment, now, or never, which drops it (GBCS class 9000). */
export function activation(head: Head, ...sections: readonly [PlannedSection, ...PlannedSection[]]): Item {
  return {
    ...head,
    settable: true,
    activates: sections,
    put: (draft, data) => {
      const time = data.type === "octet-string" ? decodeDateTime(data.bytes) : undefined;
      if (time === undefined) return false;
      for (const section of sections) {
        const { valueCurrent, valueNext } = draft.section(section) as Planned<unknown>;
        const planned: Planned<unknown> =
          time.kind === "never"
            ? { valueCurrent, valueNext: null, activateNextDateTime: null }
            : {
                valueCurrent,
                valueNext: valueNext ?? valueCurrent,
                activateNextDateTime: time.kind === "now" ? draft.base.at : Utc_ms(time.utc_ms),
              };
        draft.put(section, planned as never);
      }
      return true;
    },
  };
}

/** Unit and scale, and whatever else never changes. */
export function constant(head: Head, codec: Codec<null>): Item {
  return { ...head, get: () => codec.to(null), put: (_draft, data) => codec.from(data) === null };
}

/** A method whose data is always the same. */
export function method(name: string, cosemClass: number, obis: Obis, number: number, data: Data, deed: Deed): Item {
  const known = fixed(data);
  return {
    name,
    class: cosemClass,
    obis,
    method: number,
    act: (_draft, given) => (known.from(given) === null ? [deed] : null),
  };
}

/** The columns of a log: a codec for each, and what type of the wire it is. */
export interface Columns<E> {
  readonly of: TypeDescription;
  readonly row: Codec<E>;
  /** What the range of selective access is held against. */
  readonly stamp: (entry: E) => Utc_ms;
  /** The most entries that the state keeps. */
  readonly depth: number;
}

/** A log of the state, read by range as a compact array. */
export function log<E>(
  head: Head,
  columns: Columns<E> | ((view: Pick<MeterView, "state">) => Columns<E>),
  logIn: (state: EsmeState) => Log<E>,
  learn: (draft: Draft, log: Log<E>) => void,
): Item {
  const columnsFor = (view: Pick<MeterView, "state">) => (typeof columns === "function" ? columns(view) : columns);
  return {
    ...head,
    log: true,
    get: (view, range) => {
      const { of, row, stamp } = columnsFor(view);
      const entries = entriesOf(logIn(view.state)).filter((entry) => within(range, stamp(entry)));
      return { type: "compact-array", of, rows: entries.map((entry) => row.to(entry)) };
    },
    put: (draft, data) => {
      const { of, row, depth } = columnsFor({ state: stateOf(draft) });
      const entries = rowsOf(data, of, row);
      if (entries === undefined || entries.length > depth) return false;
      learn(draft, logOf(entries));
      return true;
    },
  };
}

/** A log that is a section of the state. */
export function logSection<S extends Section, E>(head: Head, section: S, columns: Columns<E>): Item {
  const pick = (state: EsmeState) => state[section] as unknown as Log<E>;
  return log<E>(head, columns, pick, (draft, learnt) => draft.put(section, learnt as never));
}

/** The rows of a compact array of this type; undefined where it is none, or holds other rows. */
export function rowsOf<E>(data: Data, of: TypeDescription, row: Codec<E>): readonly E[] | undefined {
  if (data.type !== "compact-array" || !sameType(data.of, of)) return undefined;
  const entries: E[] = [];
  for (const one of data.rows) {
    const entry = row.from(one);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return entries;
}

const FIRST = momentOf2000(0);
const LAST = momentOf2000(2 ** 32 - 1);
/** A log tells whole seconds since 2000: it is these that lie within the range, and what it cannot tell does not. */
export function within({ from, to }: Range, at: Utc_ms): boolean {
  const told = Math.floor(at / 1_000) * 1_000;
  return told >= Math.max(from, FIRST) && told <= Math.min(to, LAST);
}

function sameType(one: TypeDescription, other: TypeDescription): boolean {
  switch (one.kind) {
    case "simple":
      return other.kind === "simple" && one.type === other.type;
    case "array":
      return other.kind === "array" && one.length === other.length && sameType(one.of, other.of);
    case "structure":
      return (
        other.kind === "structure" &&
        one.of.length === other.of.length &&
        one.of.every((part, at) => sameType(part, other.of[at] as TypeDescription))
      );
  }
}

/** Type descriptions. */
const simple = (type: Extract<TypeDescription, { kind: "simple" }>["type"]): TypeDescription => ({
  kind: "simple",
  type,
});
export const T_U32 = simple("double-long-unsigned");
export const T_I32 = simple("double-long");
export const T_U16 = simple("long-unsigned");
export const T_OCTETS = simple("octet-string");
export const T_ENUM = simple("enum");
export const tuple = (...of: readonly TypeDescription[]): TypeDescription => ({ kind: "structure", of });
export const many = (length: number, of: TypeDescription): TypeDescription => ({ kind: "array", length, of });

/** Puts a value at a path of a section of the draft. */
export function put(draft: Draft, section: Section, path: Path, put_: unknown): void {
  draft.put(section, replaced(draft.section(section), path, put_) as never);
}

/** What a draft holds now, as a state. */
function stateOf(draft: Draft): EsmeState {
  return { ...draft.base.state, ...draft.touched() };
}

function at(value_: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, step) => (part as { readonly [key: string | number]: unknown })[step], value_);
}

/** `whole` with another value at the path; all beside it is shared. */
function replaced(whole: unknown, path: Path, value_: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value_;
  if (Array.isArray(whole)) return whole.map((one, index) => (index === step ? replaced(one, rest, value_) : one));
  const parts = whole as { readonly [key: string]: unknown };
  return { ...parts, [step]: replaced(parts[step as string], rest, value_) };
}
