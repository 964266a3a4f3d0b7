// Octets to values: every tag of data.ts and compact arrays, for any octets. docs/spec/gbcs.md, "Values".
// Bits after the last of a bit string are read as 0, a boolean that is not 0 as true: they say nothing.

import { type Data, NULL, type TypeDescription, WHOLE } from "./data.js";
import { type Decoded, Reader } from "./reader.js";
import { SIMPLE_OF_TAG, type SimpleType, TAG } from "./tags.js";

/** The value that begins at `at`, and where the next one does. */
export function decodeData(bytes: Uint8Array, at = 0): Decoded<{ readonly data: Data; readonly next: number }> {
  const reader = new Reader(bytes, at);
  const data = readData(reader);
  return reader.decoded({ data, next: reader.at });
}

/** The next value; none of it may be used where the reader is not ok. */
export function readData(reader: Reader, depth = 0): Data {
  reader.element(depth);
  const at = reader.at;
  const tag = reader.u8();
  if (!reader.ok) return NULL;
  if (tag === TAG.array || tag === TAG.structure) {
    const type = tag === TAG.array ? "array" : "structure";
    const count = reader.count();
    const items: Data[] = [];
    while (reader.ok && items.length < count) items.push(readData(reader, depth + 1));
    return { type, items };
  }
  if (tag === TAG.compactArray) return readCompactArray(reader, depth);
  const simple = SIMPLE_OF_TAG.get(tag);
  if (simple !== undefined) return readSimple(reader, simple);
  reader.fail("unknown-tag", at);
  return NULL;
}

function readSimple(reader: Reader, type: SimpleType): Data {
  switch (type) {
    case "null-data":
      return NULL;
    case "boolean":
      return { type, value: reader.u8() !== 0 };
    case "bit-string": {
      const bits = reader.length();
      const bytes = reader.take(Math.ceil(bits / 8));
      const last = bytes.at(-1);
      if (last !== undefined && bits % 8 > 0) bytes[bytes.length - 1] = last & (0xff00 >> (bits % 8));
      return { type, bits, bytes };
    }
    case "octet-string":
    case "visible-string":
    case "utf8-string":
      return { type, bytes: reader.take(reader.length()) };
    case "long64":
    case "long64-unsigned":
      return { type, value: reader.whole64(type === "long64") };
    default:
      return { type, value: reader.whole(WHOLE[type].octets, WHOLE[type].signed) };
  }
}

// 13 | what a row is | length of all rows | rows back to back, without tags
function readCompactArray(reader: Reader, depth: number): Data {
  const of = readDescription(reader, depth + 1);
  const rows: Data[] = [];
  reader.within(reader.length(), () => rows.push(readRow(reader, of, depth + 1)));
  return { type: "compact-array", of, rows };
}

// 02 n types | 01 hi lo type | the tag of a simple type
function readDescription(reader: Reader, depth: number): TypeDescription {
  reader.element(depth);
  const at = reader.at;
  const tag = reader.u8();
  if (reader.ok && tag === TAG.structure) {
    const count = reader.count();
    const of: TypeDescription[] = [];
    while (reader.ok && of.length < count) of.push(readDescription(reader, depth + 1));
    return { kind: "structure", of };
  }
  if (reader.ok && tag === TAG.array) {
    const length = reader.u16();
    return { kind: "array", length, of: readDescription(reader, depth + 1) };
  }
  const type = SIMPLE_OF_TAG.get(tag);
  if (type === undefined) reader.fail("unknown-tag", at);
  return { kind: "simple", type: type ?? "null-data" };
}

function readRow(reader: Reader, of: TypeDescription, depth: number): Data {
  reader.element(depth);
  if (!reader.ok) return NULL;
  if (of.kind === "simple") return readSimple(reader, of.type);
  const items: Data[] = [];
  if (of.kind === "structure") {
    for (const one of of.of) if (reader.ok) items.push(readRow(reader, one, depth + 1));
    return { type: "structure", items };
  }
  while (reader.ok && items.length < of.length) items.push(readRow(reader, of.of, depth + 1));
  return { type: "array", items };
}
