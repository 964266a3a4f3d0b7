// What a kWh costs: the price of a rate, and the money of energy. Wh times millipence for a kWh are micropence, an integer always.

import type { EsmeState } from "../state/state.js";
import type { Rate } from "../state/tariff.js";

/** The price of a rate of the primary element, millipence for a kWh; of a rate with blocks, that of block 0..3. */
export function priceOf(state: EsmeState, rate: Rate, block: number): number {
  const { tou, block: blocks } = state.tariffBlockPriceMatrixTOU.valueCurrent;
  return (rate.kind === "tou" ? tou[rate.tou - 1] : blocks[rate.tou - 1]?.[block]) ?? 0;
}

/** The price of a TOU of the secondary element, millipence for a kWh. */
export function secondaryPriceOf(state: EsmeState, rate: Rate): number {
  return state.secondaryTariffTOUPriceMatrix.valueCurrent[rate.tou - 1] ?? 0;
}

/** The money spent once `energy_wh` more were used, micropence. It stops at 2^53 - 1, ninety million pounds, and is exact below. */
export function spent(before_micropence: number, energy_wh: number, price_millipence: number): number {
  return together(before_micropence, energy_wh * price_millipence);
}

/** Two sums of money in one, which stops there too. */
export function together(one_micropence: number, other_micropence: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, one_micropence + other_micropence);
}
