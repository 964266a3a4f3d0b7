// Low, medium or high: the ambient light of an in-home display (SMETS 5.7.4.24, 5.7.4.29).

import type { EsmeLive, EsmeState } from "../state/state.js";

/** Of the last measurement; a power at a threshold belongs to the lower of the two. Null where the power is not known. */
export function powerThresholdStatus(state: EsmeState, live: EsmeLive): "low" | "medium" | "high" | null {
  const { activePowerImport } = live.powerImportCollection;
  if (activePowerImport === null) return null;
  if (activePowerImport <= state.lowMediumPowerThreshold.threshold) return "low";
  return activePowerImport <= state.mediumHighPowerThreshold.threshold ? "medium" : "high";
}
