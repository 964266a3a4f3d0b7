// What somebody may ask of the meter: a closed list. A command is an event; one that breaks a rule is refused whole, with the place and
// the rule, and changes nothing.

import type { CLOCK_MASTERS } from "./names.js";
import { AUXILIARY_PLANNED } from "./state/auxiliary.js";
import type { Origin } from "./state/identity.js";
import { PREPAYMENT_SETTABLE } from "./state/prepayment.js";
import type { EsmeState, Section } from "./state/state.js";
import { TARIFF_SECTIONS } from "./state/tariff.js";
import type { Utc_ms } from "./units.js";

/** The sections that somebody may set; the others are the meter's own. */
export const SETTABLE = [
  "meterVariant",
  "meterPointAdministrationNumber",
  "netting",
  ...TARIFF_SECTIONS,
  "tariffBlockCounterMatrix",
  "randomisedOffsetLimit",
  "maximumDemandConfigurableTimePeriod",
  "billingCalendar",
  "averageRMSVoltageMeasurementPeriod",
  "averageRMSOverVoltageThreshold",
  "averageRMSUnderVoltageThreshold",
  "rmsExtremeOverVoltageThreshold",
  "rmsExtremeOverVoltageMeasurementPeriod",
  "rmsExtremeUnderVoltageThreshold",
  "rmsExtremeUnderVoltageMeasurementPeriod",
  "rmsVoltageSagThreshold",
  "rmsVoltageSagMeasurementPeriod",
  "rmsVoltageSwellThreshold",
  "rmsVoltageSwellMeasurementPeriod",
  "loadLimitPowerThreshold",
  "loadLimitPeriod",
  "loadLimitRestorationPeriod",
  "loadLimitSupplyState",
  "supplyTamperState",
  "lowMediumPowerThreshold",
  "mediumHighPowerThreshold",
  "manufacturerIdentifier",
  "modelType",
  "firmwareVersion",
  "supplierMessage",
  "contactDetails",
  "customerIdentificationNumber",
  "restrictDataDateTime",
  "disablePrivacyPinProtection",
  "alertsConfigurationSettingsSupplier",
  "alertsConfigurationSettingsNetworkOperator",
  ...PREPAYMENT_SETTABLE,
  ...AUXILIARY_PLANNED,
  "auxiliaryController",
] as const satisfies readonly Section[];
export type Settable = (typeof SETTABLE)[number];
export type Settings = { readonly [S in Settable]?: EsmeState[S] };

export const RESETS = [
  "maximumDemandActivePowerImportValue",
  "maximumDemandConfigurableTimeActivePowerImportValue",
  "maximumDemandActivePowerExportValue",
  "tariffBlockCounterMatrix",
  "averageRMSOverVoltageCounter",
  "averageRMSUnderVoltageCounter",
  "loadLimitCounter",
] as const;

export type Deed =
  /** The registers shall read so, to match another display. The difference is no energy that flowed. */
  | { readonly kind: "set-registers"; readonly import_wh: number; readonly export_wh: number }
  /** Sections replaced whole; a planned one carries its next value and its moment, or has none. */
  | { readonly kind: "set"; readonly sections: Settings }
  /** The clock shall take its master's time where that lies in the window, both ends included (GBCS ECS70; presetTime is kept, not
   * used). `masterTime`: what the master says now; absent, the system's clock is asked, which is the command's own moment, and a hub
   * is waited for. A master outside the window is a refusal that is logged: the log is then all that changes. */
  | {
      readonly kind: "set-clock";
      readonly presetTime: Utc_ms;
      readonly timeRangeStart: Utc_ms;
      readonly timeRangeEnd: Utc_ms;
      readonly masterTime?: Utc_ms;
    }
  /** Whose time the clock follows from now on; it is Unreliable until it has been judged by it. */
  | { readonly kind: "clock-master"; readonly master: (typeof CLOCK_MASTERS)[number] }
  | { readonly kind: "supply"; readonly to: "enable" | "disable" | "arm" }
  | { readonly kind: "reset"; readonly what: (typeof RESETS)[number]; readonly phase?: 1 | 2 | 3 }
  | { readonly kind: "clear-event-log" }
  | { readonly kind: "clear-auxiliary-controller-event-log" }
  /** A message of a party was accepted: its counter will not be accepted again, nor a lower one. */
  | { readonly kind: "accepted"; readonly party: string; readonly counter: bigint }
  /** The meter began a message of its own, under the next of its counters. */
  | { readonly kind: "originated" }
  /** A message was refused: nothing of it happened but a line in the security log. */
  | { readonly kind: "message-refused"; readonly code: number; readonly text: string };

export interface Command {
  readonly kind: "command";
  readonly at: Utc_ms;
  /** Who asks, for the security log: "operator", "configuration", or a role of the DCC. */
  readonly by: string;
  /** The message that brought it: for the logs, and for the alert when what it planned takes effect. */
  readonly message?: Origin;
  readonly deed: Deed;
}

/** Why a command was not obeyed: where it breaks which rule. */
export interface Disobeyed {
  readonly code: string;
  readonly reason: string;
}
