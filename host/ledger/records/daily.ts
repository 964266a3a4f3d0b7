// To be written.

import type { Mark } from "../boundaries.js";
import type { EsmeState } from "../state/state.js";

export function atMidnight(state: EsmeState, _mark: Mark): EsmeState {
  return state;
}
