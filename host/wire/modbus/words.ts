// Numbers as Modbus carries them: one to four words of 16 bits. Total both ways: what no number can be told from is null.

export type WordType = "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32";
export type WordOrder = "high-first" | "low-first";

/** Words of each type. */
export const WORDS_OF: { readonly [type in WordType]: 1 | 2 | 4 } = {
  u16: 1,
  i16: 1,
  u32: 2,
  i32: 2,
  u64: 4,
  i64: 4,
  f32: 2,
};

/** The number in `words` (each 0..65535); null where there are too few, where it is NaN or infinite, or beyond 2^53. */
export function numberOf(words: readonly number[], type: WordType, order: WordOrder): number | null {
  const count = WORDS_OF[type];
  if (words.length < count) return null;
  const high = order === "high-first" ? words.slice(0, count) : words.slice(0, count).reverse();
  const view = new DataView(new ArrayBuffer(8));
  high.forEach((word, k) => {
    view.setUint16(2 * k, word);
  });
  const number = read(view, type);
  return Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : null;
}

/** The words that say `number`, which is rounded to what the type can hold; beyond its range they say its end. */
export function wordsOf(number: number, type: WordType, order: WordOrder): number[] {
  const view = new DataView(new ArrayBuffer(8));
  write(view, type, number);
  const words = Array.from({ length: WORDS_OF[type] }, (_, k) => view.getUint16(2 * k));
  return order === "high-first" ? words : words.reverse();
}

function read(view: DataView, type: WordType): number {
  switch (type) {
    case "u16":
      return view.getUint16(0);
    case "i16":
      return view.getInt16(0);
    case "u32":
      return view.getUint32(0);
    case "i32":
      return view.getInt32(0);
    case "u64":
      return Number(view.getBigUint64(0));
    case "i64":
      return Number(view.getBigInt64(0));
    case "f32":
      return view.getFloat32(0);
  }
}

const RANGE: { readonly [type in Exclude<WordType, "f32">]: readonly [number, number] } = {
  u16: [0, 0xffff],
  i16: [-0x8000, 0x7fff],
  u32: [0, 0xffff_ffff],
  i32: [-0x8000_0000, 0x7fff_ffff],
  u64: [0, Number.MAX_SAFE_INTEGER],
  i64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

function write(view: DataView, type: WordType, number: number): void {
  if (type === "f32") return view.setFloat32(0, number);
  const [least, most] = RANGE[type];
  const whole = Math.min(Math.max(Math.sign(number) * Math.round(Math.abs(number)), least), most);
  if (type === "u16" || type === "i16") view.setInt16(0, whole);
  else if (type === "u32" || type === "i32") view.setInt32(0, whole);
  else view.setBigInt64(0, BigInt(whole));
}
