// A counter that moves in coarse steps, made finer by the power measured between them: never below the counter, never as much as a step
// above it, set right at every step. The rule is docs/spec/modbus.md, "Between two steps of a counter".

import type { Model } from "./model.js";
import { UNITS } from "./quantities.js";
import type { Row } from "./rows.js";

/** Half microjoules of one mWh, which is 3.6 J. Energy is gathered as two powers (mW) times a time (ms): twice the energy in µJ. */
export const HALF_UJ_PER_MWH = 7_200_000;
/** Values told before the counter moved: one that was misread, high or low, comes back to them. */
const REMEMBERED = 4;

/** One counter of one meter. */
export interface Count {
  /** As the meter told it last, mWh. */
  readonly counter_mwh: number;
  /** What was told last: the counter and the whole mWh above it. */
  readonly told_mwh: number;
  /** What is gathered above the counter, half µJ. */
  readonly above: number;
  /** What was told before the counter moved, or before this process: the newest first. */
  readonly before_mwh: readonly number[];
}

/** A count before its first value; `booked_mwh`: what was booked of it before, null where nothing was. */
export function newCount(booked_mwh: number | null): Count {
  const before_mwh = booked_mwh === null ? [] : [booked_mwh];
  return { counter_mwh: Number.NaN, told_mwh: Number.NaN, above: 0, before_mwh };
}

/** The counter was read. `step_mwh`: how far it moves at a time; `flowed`: what flowed since it was read before, by the power, half µJ. */
export function counted(count: Count, counter_mwh: number, step_mwh: number, flowed: number): Count {
  const most = Math.max(0, step_mwh - 1) * HALF_UJ_PER_MWH;
  if (counter_mwh === count.counter_mwh) {
    const above = Math.min(count.above + flowed, Math.max(most, count.above));
    return { ...count, above, told_mwh: counter_mwh + Math.floor(above / HALF_UJ_PER_MWH) };
  }
  const before_mwh = [count.told_mwh, ...count.before_mwh].slice(0, REMEMBERED);
  // What was told of this very step already stands: a count never falls by being told more finely.
  const stands = before_mwh.find((told) => told >= counter_mwh && told < counter_mwh + step_mwh);
  const told_mwh = stands ?? counter_mwh;
  return { counter_mwh, told_mwh, above: (told_mwh - counter_mwh) * HALF_UJ_PER_MWH, before_mwh };
}

/** What flowed each way in an interval, half µJ, by the powers at its two ends: each end counts half of it. */
export function flowedBetween(
  one_mw: number,
  other_mw: number,
  interval_ms: number,
): { readonly import: number; readonly export: number } {
  const positive = Math.max(one_mw, 0) + Math.max(other_mw, 0);
  const negative = Math.max(-one_mw, 0) + Math.max(-other_mw, 0);
  return { import: positive * interval_ms, export: negative * interval_ms };
}

/** How far a counter moves at a time where it stands, mWh: the meter's resolution, or what its number can tell apart if that is coarser.
 * `scale`: one step of its number in its unit. */
export function stepOf_mwh(
  model: Pick<Model, "resolution_wh">,
  row: Pick<Row, "type" | "unit">,
  scale: number,
  counter_mwh: number,
): number {
  const stated = Math.round(model.resolution_wh * 1_000);
  const unit_mwh = scale * UNITS[row.unit].milli;
  const own = row.type === "f32" ? floatStep(counter_mwh / unit_mwh) * unit_mwh : unit_mwh;
  return Math.max(stated, Math.round(own));
}

/** The distance to the next float32 above a value that is not negative: what a float cannot tell apart. */
export function floatStep(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const own = view.getFloat32(0);
  view.setUint32(0, view.getUint32(0) + 1);
  return view.getFloat32(0) - own;
}
