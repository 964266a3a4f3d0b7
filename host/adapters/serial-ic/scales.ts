// What a metering IC's numbers are worth, as exact fractions of whole numbers (docs/spec/serial-ics.md), and the two ways of using
// one: rounded down where it is summed, to the nearest where it is shown.

import { assert } from "../../ledger/assert.js";
import type { Ratio, SerialIcOptions } from "./options.js";

/** Scales as exact fractions: millis of a unit = number from the chip * num / den. */
export interface Scale {
  readonly num: bigint;
  readonly den: bigint;
}

export interface Bl0942Scales {
  readonly energy_mwh: Scale;
  readonly power_mw: Scale;
  readonly voltage_mv: Scale;
  readonly current_ma: Scale;
}

/** BL0942 datasheet V1.06: formulas of the electric parameters, Vref 1.218 V. */
export function bl0942Scales(options: SerialIcOptions & { readonly ic: "bl0942" }): Bl0942Scales {
  const shunt = whole(options.shunt_uohm ?? 1_000);
  const lower = whole(options.lower_ohm ?? 510);
  const upper = whole(options.upper_ohm ?? 1_950_000);
  const vref_mv = 1_218n;
  /** LSB of WATT per watt. */
  const k = { num: 3_537n * shunt * lower * 1_000_000n, den: (lower + upper) * vref_mv * vref_mv };
  return {
    energy_mwh: { num: 4_194_304n * 1_000n * k.den, den: 36_000n * k.num },
    power_mw: { num: 1_000n * k.den, den: k.num },
    voltage_mv: { num: vref_mv * (lower + upper), den: 73_989_000n * lower },
    current_ma: { num: vref_mv * 1_000n, den: 305_978n * shunt },
  };
}

export function scaleOf({ num, den }: Ratio): Scale {
  return { num: whole(num), den: whole(den) };
}

function whole(value: number): bigint {
  assert(Number.isSafeInteger(value) && value > 0, `a board's constant is a whole number above 0, not ${value}`);
  return BigInt(value);
}

/** The most counts that can tell of `most_w` over a time, one more for the one begun before. */
export function mostCounts(most_w: number, elapsed_ms: number, energy_mwh: Scale): number {
  const mwh = BigInt(Math.ceil((most_w * Math.max(0, elapsed_ms)) / 3_600));
  return Number((mwh * energy_mwh.den) / energy_mwh.num) + 2;
}

/** floor(counts * scale), counts not below 0. */
export function floored(counts: number, { num, den }: Scale): number {
  return Number((BigInt(counts) * num) / den);
}

/** The nearest whole number, half away from zero: of a value that is shown, never of one that is summed. */
export function nearest(value: number, { num, den }: Scale): number {
  const doubled = (BigInt(Math.abs(value)) * num * 2n + den) / (2n * den);
  return value < 0 ? -Number(doubled) : Number(doubled);
}
