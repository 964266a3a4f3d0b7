// Values to octets. What a value's type cannot say (ranges, rows as they are described, depth) is checked: see writer.ts.
// Boolean true is FF, as every reference message has it.

import { type Data, type TypeDescription, WHOLE } from "./data.js";
import { TAG, TAG_OF_SIMPLE } from "./tags.js";
import { check, Writer } from "./writer.js";

type Simple = Exclude<Data, { readonly type: "compact-array" } | { readonly items: readonly Data[] }>;

export function encodeData(data: Data): Uint8Array {
  const writer = new Writer();
  writeData(writer, data);
  return writer.bytes();
}

export function writeData(writer: Writer, data: Data, depth = 0): void {
  writer.element(depth);
  if (data.type === "array" || data.type === "structure") {
    writer.u8(TAG[data.type]);
    writer.length(data.items.length);
    for (const item of data.items) writeData(writer, item, depth + 1);
  } else if (data.type === "compact-array") {
    writer.u8(TAG.compactArray);
    writeDescription(writer, data.of, depth + 1);
    writer.within(() => {
      for (const row of data.rows) {
        const before = writer.size;
        writeRow(writer, data.of, row, depth + 1);
        check(writer.size > before, "a row of a compact array takes an octet at least");
      }
    });
  } else {
    writer.u8(TAG_OF_SIMPLE[data.type]);
    writeSimple(writer, data as Simple);
  }
}

function writeSimple(writer: Writer, data: Simple): void {
  switch (data.type) {
    case "null-data":
      return;
    case "boolean":
      return writer.u8(data.value ? 0xff : 0);
    case "bit-string": {
      const { bits, bytes } = data;
      check(
        Number.isInteger(bits) && bytes.length === Math.ceil(bits / 8),
        `${bits} bits are not ${bytes.length} octets`,
      );
      const unused = bits % 8 === 0 ? 0 : 0xff >> (bits % 8);
      check(((bytes.at(-1) ?? 0) & unused) === 0, "the bits after the last one are 0");
      writer.length(bits);
      return writer.raw(bytes);
    }
    case "long64":
    case "long64-unsigned":
      return writer.whole64(data.type === "long64", data.value);
    case "octet-string":
    case "visible-string":
    case "utf8-string":
      return writer.counted(data.bytes);
    default: {
      const { octets, signed } = WHOLE[data.type];
      return writer.whole(octets, signed, data.value);
    }
  }
}

function writeDescription(writer: Writer, of: TypeDescription, depth: number): void {
  writer.element(depth);
  if (of.kind === "simple") return writer.u8(TAG_OF_SIMPLE[of.type]);
  if (of.kind === "structure") {
    writer.u8(TAG.structure);
    writer.length(of.of.length);
    for (const one of of.of) writeDescription(writer, one, depth + 1);
  } else {
    writer.u8(TAG.array);
    writer.whole(2, false, of.length);
    writeDescription(writer, of.of, depth + 1);
  }
}

function writeRow(writer: Writer, of: TypeDescription, row: Data, depth: number): void {
  writer.element(depth);
  if (of.kind === "simple") {
    check(row.type === of.type, "a row's values are of the types described");
    return writeSimple(writer, row as Simple);
  }
  check(row.type === of.kind, "a row's values are of the types described");
  const length = of.kind === "array" ? of.length : of.of.length;
  check(row.items.length === length, "a row has as many values as described");
  for (let i = 0; i < length; i++)
    writeRow(writer, of.kind === "array" ? of.of : (of.of[i] as TypeDescription), row.items[i] as Data, depth + 1);
}
