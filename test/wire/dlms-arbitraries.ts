// Any DLMS value: every type, compact arrays with rows of the type that they describe.
// For the laws of the coding; not more than a few levels deep, so that a run takes a moment.

import fc from "fast-check";
import type { Data, TypeDescription } from "../../host/wire/dlms/data.js";

type Simple = Extract<TypeDescription, { kind: "simple" }>["type"];
const NUMBERS = {
  "double-long": [-(2 ** 31), 2 ** 31 - 1],
  "double-long-unsigned": [0, 2 ** 32 - 1],
  integer: [-128, 127],
  long: [-32768, 32767],
  unsigned: [0, 255],
  "long-unsigned": [0, 65535],
  enum: [0, 255],
} as const;

const bytes = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 120, maxLength: 300, size: "max" }) },
);
const bitString = fc.array(fc.boolean(), { maxLength: 20 }).map((bits): Data => {
  const packed = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [i, bit] of bits.entries()) if (bit) packed[i >> 3] = (packed[i >> 3] ?? 0) + (0x80 >> (i % 8));
  return { type: "bit-string", bits: bits.length, bytes: packed };
});

const simple: { readonly [type in Simple]: fc.Arbitrary<Data> } = {
  "null-data": fc.constant({ type: "null-data" }),
  boolean: fc.boolean().map((value) => ({ type: "boolean", value })),
  "bit-string": bitString,
  long64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ type: "long64", value })),
  "long64-unsigned": fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => ({ type: "long64-unsigned", value })),
  "octet-string": bytes.map((bytes) => ({ type: "octet-string", bytes })),
  "visible-string": bytes.map((bytes) => ({ type: "visible-string", bytes })),
  "utf8-string": bytes.map((bytes) => ({ type: "utf8-string", bytes })),
  ...(Object.fromEntries(
    Object.entries(NUMBERS).map(([type, [min, max]]) => [
      type,
      fc.integer({ min, max }).map((value) => ({ type, value })),
    ]),
  ) as unknown as { readonly [type in keyof typeof NUMBERS]: fc.Arbitrary<Data> }),
};
const types = Object.keys(simple) as Simple[];

const { description } = fc.letrec<{ description: TypeDescription }>((tie) => ({
  description: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(...types).map((type) => ({ kind: "simple" as const, type })),
    fc.record({ kind: fc.constant("structure" as const), of: fc.array(tie("description"), { maxLength: 4 }) }),
    fc.record({ kind: fc.constant("array" as const), length: fc.nat({ max: 3 }), of: tie("description") }),
  ),
}));

function rowOf(of: TypeDescription): fc.Arbitrary<Data> {
  if (of.kind === "simple") return simple[of.type];
  const parts = of.kind === "array" ? Array.from({ length: of.length }, () => of.of) : of.of;
  return fc.tuple(...parts.map(rowOf)).map((items) => ({ type: of.kind, items }));
}

/** Whether a row takes octets: null-data takes none there. */
function takes(of: TypeDescription): boolean {
  if (of.kind === "simple") return of.type !== "null-data";
  return of.kind === "array" ? of.length > 0 && takes(of.of) : of.of.some(takes);
}

const compactArray = description.chain((of) =>
  fc.array(rowOf(of), { maxLength: takes(of) ? 6 : 0 }).map((rows): Data => ({ type: "compact-array", of, rows })),
);

export const anyData: fc.Arbitrary<Data> = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.oneof(...Object.values(simple)),
    compactArray,
    fc.record({
      type: fc.constantFrom("array" as const, "structure" as const),
      items: fc.array(tie("data"), { maxLength: 5 }),
    }),
  ),
})).data;

/** Whole octets without what is between them, as hexadecimal text. */
export const octetsOf = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replace(/[^0-9a-f]/gi, ""), "hex"));
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").toUpperCase();
