// Values that were planned take effect at their moment.

import type { Mark } from "./boundaries.js";
import type { Notice } from "./events.js";
import type { EsmeState } from "./state/state.js";
import type { Utc_ms } from "./units.js";

export function activatePlanned(state: EsmeState, _mark: Mark, _notices: Notice[]): EsmeState {
  return state;
}
export function nextActivation(_state: EsmeState, _after: Utc_ms): number {
  return Number.POSITIVE_INFINITY;
}
