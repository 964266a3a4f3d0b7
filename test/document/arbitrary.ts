// Random documents out of a declaration: whatever the declaration allows may come, so that no section is forgotten.
import fc from "fast-check";
import { z } from "zod";

const MOST = 4;

/** A random document of a declaration: what it reads, not what it gives. */
export function documents(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodReadonly || schema instanceof z.ZodOptional) return documents(schema.unwrap());
  if (schema instanceof z.ZodNullable) return fc.option(documents(schema.unwrap()), { freq: 3 });
  if (schema instanceof z.ZodPipe && schema.def.out instanceof z.ZodBigInt) return counters(schema.def.out);
  if (schema instanceof z.ZodPipe)
    return schema.meta()?.depth === undefined ? documents(schema.def.in) : logs(schema.def.in as z.ZodObject);
  if (schema instanceof z.ZodObject)
    return fc.record(Object.fromEntries(Object.entries(schema.shape).map(([key, one]) => [key, documents(one)])));
  if (schema instanceof z.ZodTuple) return fc.tuple(...schema.def.items.map(documents));
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(documents));
  if (schema instanceof z.ZodArray) return arrays(schema);
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumber) return numbers(schema);
  if (schema instanceof z.ZodISODateTime) return moments();
  if (schema instanceof z.ZodString) return texts(schema);
  throw new Error(`a random ${schema._zod.def.type} has not been thought of`);
}

/** Decimal digits. */
function counters({ minValue, maxValue }: z.ZodBigInt): fc.Arbitrary<string> {
  const [min, max] = [minValue ?? 0n, maxValue ?? 2n ** 64n - 1n];
  return fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max)).map(String);
}

function logs(document: z.ZodObject): fc.Arbitrary<unknown> {
  const { logEntries } = document.shape as { logEntries: z.ZodArray };
  return fc
    .tuple(fc.array(documents(logEntries.element), { maxLength: MOST }), fc.nat(1_000_000))
    .map(([entries, gone]) => ({ logEntries: entries, written: entries.length + gone }));
}

function arrays(schema: z.ZodArray): fc.Arbitrary<unknown> {
  const { length, minimum = 0, maximum = MOST } = checksOf(schema);
  const minLength = length ?? minimum;
  return fc.array(documents(schema.element), { minLength, maxLength: length ?? Math.min(maximum, minLength + MOST) });
}

interface Checks {
  readonly length?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: RegExp;
}

function checksOf(schema: z.ZodArray | z.ZodString): Checks {
  return Object.assign({}, ...(schema.def.checks ?? []).map((check) => check._zod.def));
}

function numbers(schema: z.ZodNumber): fc.Arbitrary<number> {
  const min = Math.max(schema.minValue ?? -Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER);
  const max = Math.min(schema.maxValue ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max));
}

function moments(): fc.Arbitrary<string> {
  const from = Date.parse("2000-01-01T00:00:00Z");
  const to = Date.parse("2099-12-31T23:59:59Z");
  return fc
    .oneof(
      fc.integer({ min: from, max: to }),
      fc.integer({ min: from / 1000, max: to / 1000 }).map((s) => s * 1000),
    )
    .map((at) => new Date(at).toISOString().replace(".000Z", "Z"));
}

function texts(schema: z.ZodString): fc.Arbitrary<string> {
  const { length, minimum = 0, maximum = 12, pattern } = checksOf(schema);
  if (pattern !== undefined) return fc.stringMatching(pattern);
  return fc.string({ minLength: length ?? minimum, maxLength: length ?? maximum });
}
