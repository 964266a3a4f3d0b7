// To be written.

import type { Mark } from "../boundaries.js";
import type { Notice } from "../events.js";
import type { EsmeState } from "../state/state.js";
import type { Utc_ms } from "../units.js";

export function atBilling(state: EsmeState, _mark: Mark, _notices: Notice[]): EsmeState {
  return state;
}
export function nextBilling(_state: EsmeState, _after: Utc_ms): number {
  return Number.POSITIVE_INFINITY;
}
