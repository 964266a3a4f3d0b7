// Sums and differences of registers of unsigned 32-bit Wh, over their wrap.

import { REGISTER_SPAN_wh } from "../units.js";

/** What flowed from one register value to a later one, Wh. */
export function since_wh(mark_wh: number, now_wh: number): number {
  return now_wh >= mark_wh ? now_wh - mark_wh : now_wh - mark_wh + REGISTER_SPAN_wh;
}

/** The sum of two values below 2^32 Wh, as a register shows it. */
export function sum_wh(a_wh: number, b_wh: number): number {
  return (a_wh + b_wh) % REGISTER_SPAN_wh;
}
