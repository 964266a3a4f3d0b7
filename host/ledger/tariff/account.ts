// Which register takes the energy, and how much of it: TOU registers, blocks, money.

import type { Mark } from "../boundaries.js";
import type { EsmeState } from "../state/state.js";
import type { Utc_ms } from "../units.js";

export function beginTariff(state: EsmeState, _mark: Mark): EsmeState {
  return state;
}
export function settleTariff(state: EsmeState, _mark: Mark): EsmeState {
  return state;
}
export function switchTariff(state: EsmeState, _at: Utc_ms): EsmeState {
  return state;
}
export function nextSwitch(_state: EsmeState, _after: Utc_ms): number {
  return Number.POSITIVE_INFINITY;
}
