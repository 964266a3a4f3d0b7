// One attribute or method of a COSEM object, as a row: what it is in the meter, both ways.
//
//   get   section --codec--> data           a read
//   put   data --codec--> section           a set, or learning the meter from an answer
//   act   data --> deeds, or a draft        a method
//
// Codecs are in codecs.ts; the rows are in objects/.

import type { Deed } from "../ledger/commands.js";
import type { PlannedSection } from "../ledger/state/state.js";
import type { Utc_ms } from "../ledger/units.js";
import type { Data } from "../wire/dlms/data.js";
import type { Draft, MeterView } from "./meter-view.js";

/** What selective access asks of a log: both ends included (the reference messages do so). */
export interface Range {
  readonly from: Utc_ms;
  readonly to: Utc_ms;
}

export interface Item {
  /** The SMETS object and field: "ActiveExportRegister.value". */
  readonly name: string;
  readonly class: number;
  /** "1-0:2.8.0.255" */
  readonly obis: string;
  readonly attribute?: number;
  readonly method?: number;
  /** A log: what is asked of it needs a range, and only it may have one. */
  readonly log?: true;
  /** Absent: it cannot be read. Null: this meter has none. */
  readonly get?: (view: MeterView, range: Range) => Data | null;
  /** Takes data that a command sets or that an answer told; false: it is of no form that this holds. Rules are the ledger's. */
  readonly put?: (draft: Draft, data: Data) => boolean;
  /** Whether a command may set it; else `put` only learns. */
  readonly settable?: true;
  /** The planned sections whose activation moment this is: their next values take effect then (GBCS classes 20, 111, 113, 9000). The alert
   * of it names the first. */
  readonly activates?: readonly PlannedSection[];
  /** A method: what it does beside what it puts into the draft; null: its data is of no form that it knows. */
  readonly act?: (draft: Draft, data: Data) => readonly Deed[] | null;
  /** Learns of a method or a set that succeeded what the meter must have been like for it. */
  readonly learn?: (draft: Draft, data: Data) => void;
}

/** What a value is on the wire. Total both ways: `to` asserts what its type cannot say; `from` gives undefined for any other form. */
export interface Codec<T> {
  readonly to: (value: T) => Data;
  readonly from: (data: Data) => T | undefined;
}

/** "3/1-0:2.8.0.255/A2" */
export type ItemKey = `${number}/${string}/${"A" | "M"}${number}`;
export function keyOf(item: Pick<Item, "class" | "obis" | "attribute" | "method">): ItemKey {
  return `${item.class}/${item.obis}/${item.attribute === undefined ? `M${item.method}` : `A${item.attribute}`}` as ItemKey;
}

/** The key of the attribute or method that an item of a command asks for. */
export function itemKey(item: {
  readonly kind: "get" | "set" | "action";
  readonly class: number;
  readonly obis: string;
  readonly index: number;
}): ItemKey {
  return `${item.class}/${item.obis}/${item.kind === "action" ? "M" : "A"}${item.index}` as ItemKey;
}
