// The quantities of the ledger as types: energy, the three kinds of time, and the arithmetic that keeps them exact.
// Energy is an integer number of micro-watt-hours; a u32 of Wh times 10^6 still fits a safe integer.

import { assert } from "./assert.js";

declare const unit: unique symbol;

/** Energy in 10^-6 Wh (active) or 10^-6 varh (reactive): a safe integer, 0 .. 2^32 * 10^6 - 1 where it is a register. */
export type MicroWattHours = number & { readonly [unit]: "µWh" };
/** Milliseconds of UTC since 1970, no leap seconds. */
export type Utc_ms = number & { readonly [unit]: "UTC ms" };
/** Milliseconds of this process's monotonic clock. */
export type Mono_ms = number & { readonly [unit]: "monotonic ms" };
/** Milliseconds since a board's boot, by that board's own clock. */
export type Board_ms = number & { readonly [unit]: "board ms" };

export const MICRO = 1_000_000;
export const HALF_HOUR_ms = 1_800_000;
export const DAY_ms = 86_400_000;
/** Where a register of unsigned 32-bit Wh wraps (SMETS2 registers are u32, facts 8b). */
export const REGISTER_SPAN_wh = 2 ** 32;
export const REGISTER_SPAN_uwh = REGISTER_SPAN_wh * MICRO;

// Both makers are called for every reading: the sentence of a claim that holds is never put together.
export function MicroWattHours(value: number): MicroWattHours {
  if (!Number.isSafeInteger(value)) assert(false, `energy is a safe integer of micro-watt-hours, not ${value}`);
  return value as MicroWattHours;
}

export function Utc_ms(value: number): Utc_ms {
  if (!Number.isSafeInteger(value)) assert(false, `a UTC time is a safe integer of milliseconds, not ${value}`);
  return value as Utc_ms;
}

export function Mono_ms(value: number): Mono_ms {
  return value as Mono_ms;
}

export function Board_ms(value: number): Board_ms {
  return value as Board_ms;
}

/** Whole Wh of a cumulative energy. */
export function wholeWh(energy: MicroWattHours): number {
  return Math.floor(energy / MICRO);
}

/** Modulo that is never negative. */
export function modulo(value: number, span: number): number {
  return ((value % span) + span) % span;
}

/** floor(a * b / c) exactly, for non-negative safe integers; c > 0. */
export function mulDiv(a: number, b: number, c: number): number {
  const product = a * b;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / c);
  return Number((BigInt(a) * BigInt(b)) / BigInt(c));
}

/** A cumulative value of a source, in Wh (or varh) with a fraction, as integer micro-units: rounded once, half away from zero. */
export function cumulativeFromWh(wh: number): MicroWattHours {
  const scaled = wh * MICRO;
  return MicroWattHours(Math.sign(scaled) * Math.round(Math.abs(scaled)));
}

/** RFC 3339 in UTC, without a fraction where it is a whole second. */
export function rfc3339(at_ms: number): string {
  return new Date(at_ms).toISOString().replace(".000Z", "Z");
}
