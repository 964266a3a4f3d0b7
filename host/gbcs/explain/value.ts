// Notes one DLMS value: a line where it holds no others or is a small record; else a line for what holds, and its parts one level deeper.

import type { Data } from "../../wire/dlms/data.js";
import { decodeData } from "../../wire/dlms/decode.js";
import type { Walk } from "./walk.js";
import { dataWords } from "./words.js";

/** The specification's names of a value's parts: of a structure's, in order, or of each of an array's. */
export interface Named {
  readonly name: string;
  readonly parts?: readonly Named[];
  readonly each?: Named;
}

const ARRAY = 1;
const STRUCTURE = 2;
const COMPACT = 19;
/** As DLMS's own decoder has it: beyond this, nothing is looked at. */
const DEPTH_MAX = 16;

/** Gives the value where it could be read whole. */
export function explainValue(walk: Walk, named: Named, depth = 0): Data | null {
  if (walk.stopped) return null;
  const got = decodeData(walk.bytes.subarray(0, walk.end), walk.at);
  const data = got.ok ? got.value.data : null;
  const tag = walk.peek();
  if (got.ok && tag === COMPACT && data?.type === "compact-array") compactArray(walk, named, data, got.value.next);
  else if (got.ok && data !== null && onOneLine(data, named))
    walk.note(named.name, got.value.next - walk.at, dataWords(data));
  else if ((tag === ARRAY || tag === STRUCTURE) && depth < DEPTH_MAX) parts(walk, named, tag, depth);
  else if (!got.ok) walk.stop(`${named.name}: ${got.fault} at ${got.at}`);
  return data;
}

/** A record of plain values, unless its parts have names to be told. */
function onOneLine(data: Data, named: Named): boolean {
  if (data.type !== "structure" && data.type !== "array") return true;
  if (named.parts !== undefined || named.each !== undefined) return data.items.length === 0;
  const plain = data.items.every((one) => !("items" in one) && one.type !== "compact-array");
  return plain && (data.type === "structure" ? data.items.length <= 12 : data.items.length <= 4);
}

function parts(walk: Walk, named: Named, tag: number, depth: number): void {
  const type = tag === ARRAY ? "array" : "structure";
  const size = 1 + ((walk.bytes[walk.at + 1] ?? 0) < 0x80 ? 1 : 1 + ((walk.bytes[walk.at + 1] ?? 0) & 0x7f));
  if (size > 6) return walk.stop(`${named.name}: its count has no form that GBCS uses`);
  let count = 0;
  const head = walk.field(named.name, size, (octets) => {
    count = size === 2 ? (octets[1] ?? 0) : octets.subarray(2).reduce((sum, octet) => sum * 256 + octet, 0);
    return `${type} of ${count}`;
  });
  if (head === null) return;
  walk.deeper(() => {
    for (let index = 0; index < count && !walk.stopped; index++)
      explainValue(walk, named.parts?.[index] ?? named.each ?? { name: `${index + 1}` }, depth + 1);
  });
}

/** 13, what a row is, the length of all rows; then the rows, each on a line. */
function compactArray(walk: Walk, named: Named, data: Extract<Data, { type: "compact-array" }>, next: number): void {
  const rowsLength = rowLengths(data);
  const total = rowsLength.reduce((sum, length) => sum + length, 0);
  walk.note(
    named.name,
    next - total - walk.at,
    `compact-array of ${data.rows.length} rows of ${descriptionWords(data.of)}`,
  );
  walk.deeper(() => {
    for (const [index, row] of data.rows.entries())
      walk.note(`row ${index + 1}`, rowsLength[index] ?? 0, rowWords(row));
  });
}

type Description = Extract<Data, { type: "compact-array" }>["of"];

function descriptionWords(of: Description): string {
  if (of.kind === "simple") return of.type;
  if (of.kind === "array") return `${of.length} x ${descriptionWords(of.of)}`;
  return `{${of.of.map(descriptionWords).join(", ")}}`;
}

/** The values alone: their types were told before. */
function rowWords(row: Data): string {
  if ("items" in row) return `{${row.items.map(rowWords).join(", ")}}`;
  return "value" in row ? String(row.value) : dataWords(row);
}

/** How many octets each row has: its values without tags. */
function rowLengths({ rows }: Extract<Data, { type: "compact-array" }>): readonly number[] {
  return rows.map(untaggedLength);
}

const OCTETS: { readonly [type: string]: number } = {
  "null-data": 0,
  boolean: 1,
  integer: 1,
  unsigned: 1,
  enum: 1,
  long: 2,
  "long-unsigned": 2,
  "double-long": 4,
  "double-long-unsigned": 4,
  long64: 8,
  "long64-unsigned": 8,
};

function untaggedLength(data: Data): number {
  if ("items" in data) return data.items.reduce((sum, one) => sum + untaggedLength(one), 0);
  if (!("bytes" in data)) return OCTETS[data.type] ?? 0;
  const length = data.type === "bit-string" ? data.bits : data.bytes.length;
  return data.bytes.length + (length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 4);
}
