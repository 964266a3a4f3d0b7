// The values of DLMS/COSEM: a closed union, each with the tag it has on the wire (Blue Book 4.1.5). docs/spec/gbcs.md, "Values".

export type Data =
  | { readonly type: "null-data" }
  | { readonly type: "array" | "structure"; readonly items: readonly Data[] }
  | { readonly type: "boolean"; readonly value: boolean }
  /** `bytes` hold the bits from the most significant on; the rest of the last one is 0. */
  | { readonly type: "bit-string"; readonly bits: number; readonly bytes: Uint8Array }
  | { readonly type: WholeType; readonly value: number }
  | { readonly type: "long64" | "long64-unsigned"; readonly value: bigint }
  | { readonly type: TextType; readonly bytes: Uint8Array }
  | { readonly type: "compact-array"; readonly of: TypeDescription; readonly rows: readonly Data[] };

export type WholeType = keyof typeof WHOLE;
export type TextType = keyof typeof TEXT;

/** Whole numbers: tag, width in octets, whether negative ones exist. */
export const WHOLE = {
  "double-long": { tag: 5, octets: 4, signed: true },
  "double-long-unsigned": { tag: 6, octets: 4, signed: false },
  integer: { tag: 15, octets: 1, signed: true },
  long: { tag: 16, octets: 2, signed: true },
  unsigned: { tag: 17, octets: 1, signed: false },
  "long-unsigned": { tag: 18, octets: 2, signed: false },
  enum: { tag: 22, octets: 1, signed: false },
} as const;

/** Octets with a length before them. */
export const TEXT = { "octet-string": 9, "visible-string": 10, "utf8-string": 12 } as const;

/** What the rows of a compact array are, told once before them. */
export type TypeDescription =
  | { readonly kind: "structure"; readonly of: readonly TypeDescription[] }
  | { readonly kind: "array"; readonly length: number; readonly of: TypeDescription }
  | { readonly kind: "simple"; readonly type: Exclude<Data["type"], "array" | "structure" | "compact-array"> };

export const NULL: Data = { type: "null-data" };
export const bool = (value: boolean): Data => ({ type: "boolean", value });
export const whole = (type: WholeType, value: number): Data => ({ type, value });
export const u8 = (value: number): Data => whole("unsigned", value);
export const u16 = (value: number): Data => whole("long-unsigned", value);
export const u32 = (value: number): Data => whole("double-long-unsigned", value);
export const i8 = (value: number): Data => whole("integer", value);
export const enumeration = (value: number): Data => whole("enum", value);
export const octets = (bytes: Uint8Array): Data => ({ type: "octet-string", bytes });
export const array = (...items: readonly Data[]): Data => ({ type: "array", items });
export const structure = (...items: readonly Data[]): Data => ({ type: "structure", items });
