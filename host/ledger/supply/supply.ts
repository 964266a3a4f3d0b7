// To be written.

import type { Notice, Supply } from "../events.js";
import type { EsmeLive, EsmeState } from "../state/state.js";

export function turnSupply(
  state: EsmeState,
  live: EsmeLive,
  _supply: Supply,
  _notices: Notice[],
): { readonly state: EsmeState; readonly live: EsmeLive } {
  return { state, live };
}
