// The scalars of the meter's state, declared once: each gives a TypeScript type, a check, a JSON Schema and a line of
// docs/spec/snapshot.md. In memory a moment is milliseconds of UTC; in a document it is RFC 3339.

import { z } from "zod";
import { entriesOf, type Log, logOf } from "../log.js";
import { MicroWattHours, rfc3339, Utc_ms } from "../units.js";

const U32 = 2 ** 32 - 1;
const FIRST_ms = Date.parse("0000-01-01T00:00:00Z");
const LAST_ms = Date.parse("9999-12-31T23:59:59.999Z");

/** The years 0 to 9999: what RFC 3339 can write. */
export function isMoment(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= FIRST_ms && (value as number) <= LAST_ms;
}

export const moment = z
  .codec(z.iso.datetime(), z.custom<Utc_ms>(isMoment, "a moment is of the years 0 to 9999"), {
    decode: (text) => Utc_ms(Date.parse(text)),
    encode: (at) => rfc3339(at),
  })
  .meta({ unit: "RFC 3339, UTC" });

/** A register of unsigned 32-bit Wh (facts 2). */
export const wh = z.int().min(0).max(U32).meta({ unit: "Wh" });
export const watts = z.int().min(0).max(U32).meta({ unit: "W" });
export const seconds = z.int().min(0).max(U32).meta({ unit: "s" });
/** Whole tenths of a volt; what a message of whole volts in 32 bits tells can be held. */
export const decivolts = z
  .int()
  .min(0)
  .max(10 * U32)
  .meta({ unit: "0.1 V" });
export const count = z.int().min(0).max(U32).meta({ unit: "times" });
/** Prices in thousandths of a penny for a kWh, or for a day (facts 9). */
export const millipence = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .meta({ unit: "0.001 penny" });
/** Wh times millipence for a kWh: 10^-6 penny, an integer always. */
export const micropence = z.int().min(0).meta({ unit: "0.000001 penny" });
export const microWattHours = z
  .codec(z.int().min(0), z.custom<MicroWattHours>(), { decode: MicroWattHours, encode: (energy) => energy as number })
  .meta({ unit: "0.000001 Wh" });
/** A time of the UTC day. */
export const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, "a time of day reads 02:30:00")
  .meta({ unit: "hh:mm:ss UTC" });

/** Octets as lower-case hexadecimal digits. */
export function octets(longest: number) {
  return z
    .string()
    .regex(new RegExp(`^([0-9a-f]{2}){0,${longest}}$`), `at most ${longest} octets, in hexadecimal`)
    .meta({ unit: "hexadecimal" });
}
/** A counter of 64 bits: decimal digits in a document, as JSON numbers are not exact that far. */
export const counter64 = z
  .codec(
    z.string().regex(/^(0|[1-9]\d{0,19})$/, "a counter is written in decimal digits, without zeros before them"),
    z
      .bigint()
      .min(0n)
      .max(2n ** 64n - 1n),
    { decode: (digits) => BigInt(digits), encode: (counter) => counter.toString() },
  )
  .meta({ unit: "decimal" });

/** n values of one kind, by their number from 1. */
export function row<T extends z.ZodType>(length: number, of: T) {
  return z.array(of).length(length).readonly();
}

/** One for each phase. */
export function phases<T extends z.ZodType>(of: T) {
  return z.tuple([of, of, of]).readonly();
}
export type Phases<T> = readonly [T, T, T];

/** A log in a document is its entries, oldest first, and how many were ever written. */
export function log<T extends z.ZodType>(depth: number, entry: T) {
  type Entry = z.output<T>;
  const document = z.strictObject({
    logEntries: z
      .array(entry)
      .max(depth)
      .meta({ description: `at most ${depth}, oldest first` }),
    written: z.int().min(0).meta({ description: "entries ever written, those that have gone included" }),
  });
  return z
    .codec(document, z.custom<Log<Entry>>(), {
      decode: (value) => logOf(value.logEntries as Entry[], value.written),
      encode: (value) => ({ logEntries: entriesOf(value), written: value.written }),
    })
    .meta({ depth });
}

/** A value that may be replaced at a moment to come (GBCS class 9000; null: nothing is planned). */
export function planned<T extends z.ZodType>(of: T) {
  return z
    .strictObject({ valueCurrent: of, valueNext: of.nullable(), activateNextDateTime: moment.nullable() })
    .readonly();
}
export interface Planned<T> {
  readonly valueCurrent: T;
  readonly valueNext: T | null;
  readonly activateNextDateTime: Utc_ms | null;
}
export function settled<T>(valueCurrent: T): Planned<T> {
  return { valueCurrent, valueNext: null, activateNextDateTime: null };
}
