// The tags that are not in the tables of data.ts, and what a tag of a whole number or of a text means. docs/spec/gbcs.md, "Values".
// GBCS uses these and no other: a tag beyond them is a fault.

import { TEXT, type TextType, type TypeDescription, WHOLE, type WholeType } from "./data.js";

export const TAG = {
  null: 0,
  array: 1,
  structure: 2,
  boolean: 3,
  bitString: 4,
  compactArray: 19,
  long64: 20,
  long64Unsigned: 21,
} as const;

/** What holds no other values. */
export type SimpleType = Extract<TypeDescription, { kind: "simple" }>["type"];

const SIMPLE: readonly (readonly [number, SimpleType])[] = [
  [TAG.null, "null-data"],
  [TAG.boolean, "boolean"],
  [TAG.bitString, "bit-string"],
  [TAG.long64, "long64"],
  [TAG.long64Unsigned, "long64-unsigned"],
  ...Object.entries(WHOLE).map(([type, { tag }]) => [tag, type as WholeType] as const),
  ...Object.entries(TEXT).map(([type, tag]) => [tag, type as TextType] as const),
];
export const SIMPLE_OF_TAG: ReadonlyMap<number, SimpleType> = new Map(SIMPLE);
export const TAG_OF_SIMPLE = Object.fromEntries(SIMPLE.map(([tag, type]) => [type, tag])) as Record<SimpleType, number>;
