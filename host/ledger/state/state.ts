// All that the ESME keeps besides its registers and half hours: one declaration, from which come the TypeScript type, the check of what
// is read, the JSON Schema and docs/spec/snapshot.md. The names are SMETS's, in lowerCamelCase; what ends in Account is ours.

import { z } from "zod";
import { AUXILIARY_PLANNED, auxiliaryState, newAuxiliaryState } from "./auxiliary.js";
import { housekeepingState, newHousekeepingState } from "./housekeeping.js";
import { identityState, newIdentityState } from "./identity.js";
import { newPrepaymentState, PREPAYMENT_PLANNED, prepaymentState } from "./prepayment.js";
import { newRecordsState, recordsState } from "./records.js";
import { liveState, newLiveState, newSupplyState, supplyState } from "./supply.js";
import { newTariffState, TARIFF_SECTIONS, tariffState } from "./tariff.js";

export const esmeState = z
  .strictObject({
    ...housekeepingState,
    ...identityState,
    ...tariffState,
    ...recordsState,
    ...supplyState,
    ...prepaymentState,
    ...auxiliaryState,
  })
  .readonly();
export type EsmeState = z.output<typeof esmeState>;
export type Section = keyof EsmeState;
export const SECTIONS = Object.keys(esmeState.unwrap().shape) as readonly Section[];

/** What may be planned for a moment to come. */
export const PLANNED_SECTIONS = [
  ...TARIFF_SECTIONS,
  "loadLimitPowerThreshold",
  "loadLimitPeriod",
  "loadLimitRestorationPeriod",
  "loadLimitSupplyState",
  ...PREPAYMENT_PLANNED,
  ...AUXILIARY_PLANNED,
] as const satisfies readonly Section[];
export type PlannedSection = (typeof PLANNED_SECTIONS)[number];

/** Apart from the rest, which a measurement leaves as it is. */
export const esmeLive = z.strictObject(liveState).readonly();
export type EsmeLive = z.output<typeof esmeLive>;

/** The state of a meter that has just been made; its randomised offset number is fixed then (1..10,000, facts 9). */
export function newState(randomisedOffsetNumber: number): EsmeState {
  return {
    ...newHousekeepingState(),
    ...newIdentityState(),
    ...newTariffState(randomisedOffsetNumber),
    ...newRecordsState(),
    ...newSupplyState(),
    ...newPrepaymentState(),
    ...newAuxiliaryState(),
  };
}

export function newLive(): EsmeLive {
  return newLiveState();
}
