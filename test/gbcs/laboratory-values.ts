// Values of DLMS as a tree of tags, numbers and hexadecimal text, for tests: no code of host/ is in it. docs/spec/gbcs.md, "Values".

/** `of`: a number, octets or text in hexadecimal, what an array or a structure holds, or null. A compact array is its rows, tag 13h. */
export interface Value {
  readonly tag: number;
  readonly of: number | bigint | boolean | string | null | readonly Value[];
}

interface Cursor {
  readonly left: number;
  take(count: number): string;
  number(count: number): number;
  length(): number;
}

/** Octets of a whole number, and whether it may be negative. */
const WHOLE: { readonly [tag: number]: readonly [octets: number, signed: boolean] } = {
  5: [4, true],
  6: [4, false],
  15: [1, true],
  16: [2, true],
  17: [1, false],
  18: [2, false],
  22: [1, false],
};

/** Throws where it is no value. */
export function decoded(cursor: Cursor): Value {
  const tag = cursor.number(1);
  if (tag === 1 || tag === 2) {
    const of: Value[] = [];
    for (let count = cursor.length(); count > 0; count--) of.push(decoded(cursor));
    return { tag, of };
  }
  if (tag !== 0x13) return simple(cursor, tag);
  const row = description(cursor);
  const of: Value[] = [];
  for (const end = -cursor.length() + cursor.left; cursor.left > end; ) of.push(row());
  return { tag, of };
}

function simple(cursor: Cursor, tag: number): Value {
  if (tag === 0) return { tag, of: null };
  if (tag === 3) return { tag, of: cursor.number(1) !== 0 };
  if (tag === 4) return { tag, of: cursor.take(Math.ceil(cursor.length() / 8)) };
  if (tag === 9 || tag === 10 || tag === 12) return { tag, of: cursor.take(cursor.length()) };
  if (tag === 20) return { tag, of: BigInt.asIntN(64, BigInt(`0x${cursor.take(8)}`)) };
  if (tag === 21) return { tag, of: BigInt(`0x${cursor.take(8)}`) };
  const [count, signed] = WHOLE[tag] ?? [0, false];
  if (count === 0) throw new Error(`there is no value with the tag ${tag}`);
  const value = cursor.number(count);
  return { tag, of: signed && value >= 2 ** (8 * count - 1) ? value - 2 ** (8 * count) : value };
}

/** Reads what a row is, and gives what reads one. */
function description(cursor: Cursor): () => Value {
  const tag = cursor.number(1);
  if (tag === 2) {
    const fields: (() => Value)[] = [];
    for (let count = cursor.length(); count > 0; count--) fields.push(description(cursor));
    return () => ({ tag, of: fields.map((one) => one()) });
  }
  if (tag !== 1) return () => simple(cursor, tag);
  const count = cursor.number(2);
  const one = description(cursor);
  return () => ({ tag, of: Array.from({ length: count }, one) });
}

/** What is written of each place: "2.0.1" to the value there. */
export function leavesOf(values: readonly Value[]): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const walk = (value: Value, place: string): void => {
    if (!Array.isArray(value.of)) leaves.set(place, `${value.tag}:${value.of}`);
    else {
      leaves.set(`${place}#`, `${value.tag}`);
      for (const [at, one] of value.of.entries()) walk(one, `${place}.${at}`);
    }
  };
  for (const [at, value] of values.entries()) walk(value, `${at}`);
  return leaves;
}

// Values to send, with their tags.
const hex = (value: number, octets: number) =>
  (value < 0 ? value + 2 ** (8 * octets) : value).toString(16).padStart(2 * octets, "0");
export const NOTHING = "00";
export const bool = (value: boolean) => (value ? "03ff" : "0300");
export const u8 = (value: number) => `11${hex(value, 1)}`;
export const i8 = (value: number) => `0f${hex(value, 1)}`;
export const u16 = (value: number) => `12${hex(value, 2)}`;
export const i16 = (value: number) => `10${hex(value, 2)}`;
export const u32 = (value: number) => `06${hex(value, 4)}`;
export const text = (octets: string) => `09${hex(octets.length / 2, 1)}${octets}`;
export const list = (...items: readonly string[]) => `01${hex(items.length, 1)}${items.join("")}`;
export const struct = (...items: readonly string[]) => `02${hex(items.length, 1)}${items.join("")}`;
