// From the words of an answer to quantities, in integer milli-units (mWh, mW, mV, mA, mHz ...), rounded once. What the meter does not
// know, or what no number can be, is left out: unknown is not zero.

import { numberOf } from "../wire/modbus/words.js";
import type { Model } from "./model.js";
import type { Read } from "./plan.js";
import { type Quantity, UNITS } from "./quantities.js";
import { type Row, wordsOfRow } from "./rows.js";

export type Values = ReadonlyMap<Quantity, number>;

/** `words` as they were asked for by `read`, 0..65535 each. */
export function valuesOf(read: Read, words: readonly number[]): Values {
  const values = new Map<Quantity, number>();
  for (const { quantity, row } of read.rows) {
    const value = milliOf(row, words, read.address);
    if (value !== null) values.set(quantity, value);
  }
  return values;
}

/** A row of an answer that begins at `from`. */
export function milliOf(row: Row, words: readonly number[], from: number): number | null {
  const own = words.slice(row.address - from, row.address - from + wordsOfRow(row));
  if (isAbsent(row, own)) return null;
  const number = numberOf(own, row.type, row.wordOrder);
  const milli = UNITS[row.unit].milli * (row.sign ?? 1);
  if (number === null) return null;
  if (typeof row.scale === "number") return rounded(number * row.scale * milli);
  const exponent = exponentOf(row.scale.exponentAt, words, from);
  if (exponent === null) return null;
  // A power of ten below one is divided by: 10^-1 is no number of a computer, 10 is.
  return rounded(exponent < 0 ? (number * milli) / 10 ** -exponent : number * milli * 10 ** exponent);
}

/** One step of a row's number in its unit: by its table, or by the power of ten in an answer that begins at `from`, if that says one. */
export function scaleOf(row: Row, words: readonly number[], from: number): number | null {
  if (typeof row.scale === "number") return row.scale;
  const exponent = exponentOf(row.scale.exponentAt, words, from);
  return exponent === null ? null : 10 ** exponent;
}

function exponentOf(at: number, words: readonly number[], from: number): number | null {
  const exponent = numberOf(words.slice(at - from), "i16", "high-first");
  return exponent === null || Math.abs(exponent) > 10 ? null : exponent;
}

/** Half away from zero; null beyond what an integer can hold. */
function rounded(value: number): number | null {
  const whole = Math.sign(value) * Math.round(Math.abs(value));
  return Number.isSafeInteger(whole) ? whole + 0 : null;
}

function isAbsent({ absent, type, wordOrder }: Row, words: readonly number[]): boolean {
  if (absent === undefined) return false;
  if (absent === "all-ones") return words.every((word) => word === 0xffff);
  if (absent === "zero") return words.every((word) => word === 0);
  const [high, ...low] = wordOrder === "high-first" ? words : words.toReversed();
  if (absent === "most-positive") return high === 0x7fff && low.every((word) => word === 0xffff);
  return high === (type === "f32" ? 0xff80 : 0x8000) && low.every((word) => word === 0);
}

/** Active power of all phases: the meter's own sum, or the phases' where it gives none, or what they import less what they export. */
export function powerOf(values: Values): number | null {
  const imported = values.get("importActivePower");
  const exported = values.get("exportActivePower");
  const apart = imported === undefined || exported === undefined ? null : imported - exported;
  return values.get("activePower") ?? sum(values, ["activePowerL1", "activePowerL2", "activePowerL3"]) ?? apart;
}

export function reactivePowerOf(values: Values): number | null {
  return values.get("reactivePower") ?? sum(values, ["reactivePowerL1", "reactivePowerL2", "reactivePowerL3"]);
}

/** Reactive import (quadrants I, II) and export (III, IV): as the meter counts them, or by its quadrants. Null where it has not both. */
export function reactiveEnergiesOf(values: Values): readonly [number, number] | null {
  const inward = values.get("importReactiveEnergy") ?? sum(values, ["reactiveEnergyQ1", "reactiveEnergyQ2"]);
  const outward = values.get("exportReactiveEnergy") ?? sum(values, ["reactiveEnergyQ3", "reactiveEnergyQ4"]);
  return inward === null || outward === null ? null : [inward, outward];
}

function sum(values: Values, names: readonly Quantity[]): number | null {
  const parts = names.map((name) => values.get(name));
  return parts.reduce<number | null>((all, part) => (all === null || part === undefined ? null : all + part), 0);
}

/** What of a meter's counters is booked: import and export of one that tells them apart; all it counts as import of one that does not,
 * and of an inverter. */
export function bookedRows(model: Model): { readonly import: Quantity | null; readonly export: Quantity | null } {
  const has = (quantity: Quantity) => (model.points[quantity] === undefined ? null : quantity);
  if (model.direction === "both") return { import: has("importActiveEnergy"), export: has("exportActiveEnergy") };
  const all = has("importActiveEnergy") ?? has("totalActiveEnergy") ?? has("exportActiveEnergy");
  return { import: all, export: null };
}
