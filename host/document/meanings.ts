// What each section of a snapshot means, in a line, and where SMETS says so (clause numbers of SMETS2; "ours" where it is this project's
// own). A section without a line here does not compile.

import type { EsmeLive, Section } from "../ledger/state/state.js";
import type { HEADING, OURS } from "./declaration.js";

type Named = keyof typeof HEADING | keyof typeof OURS | keyof EsmeLive | Section;

/** The clause, what the section means, and where needed what its fields mean, by their path. */
export type Meaning = readonly [clause: string, meaning: string, fields?: { readonly [path: string]: string }];

const PLANNED = {
  valueCurrent: "what holds now",
  valueNext: "what will hold; null: nothing is planned",
  activateNextDateTime: "when it begins to hold",
};
const TABLE = {
  "valueCurrent.seasons[].startDate": "a year of null comes every year",
  "valueCurrent.weeks[].days": "the day identifiers of Monday to Sunday",
  "valueCurrent.dayIdentifiers[].times": "in order, the first at 00:00:00",
  "valueCurrent.dayIdentifiers[].times[].tariffRateIdentifier": "a TOU register 1..48, or the blocks of TOU 1..8",
};
const DEMAND = {
  value: "the highest since the last reset",
  dateTimeStamp: "the end of that half hour",
  dateTimeOfLastReset: "null: never reset",
};
const LASTING = {
  since: "when it began",
  told: "whether its alert has been sent",
};
const BOOK = {
  fusePower: "a counter that says more than this could pass is doubted; a restore keeps the house's own",
  patience: "how long a silent source keeps its half hour open; a restore keeps the house's own",
  remainder: "what the registers hold below a whole Wh",
  lastReading: "the last one booked; null before the first",
  "lastReading.boot": "a counter may only be compared within one boot of one device",
  "lastReading.base": "the counters that this boot began with; null: not known",
  "lastReading.span": "where the device's counters wrap; null: nowhere",
  doubtedReading: "one that contradicts the last: held until another agrees with either",
  "openHalfHour.from": "energy up to here is accounted for",
  "openHalfHour.seen": "whether some of it was metered",
  "openHalfHour.soFar": "what it holds",
  unallocated: "flowed in no known half hour, or the registers were set by it; modulo 2^32",
  dropped: "of half hours that have left the logs",
  flags: "of the half hours that have any: partial, estimated, clock, counter",
  ignored: "readings that changed nothing, by what was the matter with them",
};
const EVENT = {
  "logEntries[].otherInformation": "what GBCS puts there, in octets",
  "logEntries[].text": "what happened, in our words",
};
const LOG = { "logEntries[].timestamp": "the UTC end of the half hour" };
const BALANCES = { "logEntries[].timestamp": "when the balances were so" };
const CALENDAR = {
  ...PLANNED,
  "valueCurrent[].scriptSelector": "what to do: a number that GBCS explains",
  "valueCurrent[].execWeekdays": "Monday to Sunday, 1: it holds then",
  "valueCurrent[].execSpecdays": "the special days in their order, 1: it holds then",
  "valueCurrent[].beginDate": "null: it has no beginning",
  "valueCurrent[].endDate": "null: it has no end",
};
const DAYS = { ...PLANNED, "valueCurrent[].date": "a year of null comes every year" };

export const MEANINGS: { readonly [name in Named]: Meaning } = {
  schema: ["ours", "the form of this document, and its version"],
  at: ["ours", "when the snapshot was taken"],
  meter: ["ours", "the name that the meter goes by at a hub"],
  source: ["ours", "the name of its ledger in the house"],

  activeImportRegister: ["facts 8", "energy imported since counting began; wraps at 2^32"],
  activeExportRegister: ["5.7.5.2", "energy exported since counting began; wraps at 2^32"],
  reactiveImportRegister: ["facts 8", "reactive energy imported"],
  reactiveExportRegister: ["5.7.5.29", "reactive energy exported"],
  profileDataLogActiveEnergyImportedInPeriod: [
    "5.7.5.27",
    "half hours of import, 13 months, oldest first",
    {
      ...LOG,
      "logEntries[].primaryValue": "null: not known",
      "logEntries[].secondaryValue": "of a twin-element meter",
    },
  ],
  profileDataLogExport: ["5.7.5.27", "half hours of export, 3 months: the newest of those of import", LOG],
  profileDataLogReactiveImport: ["5.7.5.27", "half hours of reactive import, 3 months", LOG],
  ledgerAccount: ["ours", "how the registers are counted: with the half hours, all of the ledger", BOOK],
  besideAccount: [
    "ours",
    "the same flow by the other netting rules, and of the secondary element: each with registers, half hours and account of its own",
  ],
  esmeAccount: [
    "ours",
    "what is due next",
    { nextBoundaryAt: "before this moment nothing but the ledger looks at the registers" },
  ],

  powerImportCollection: [
    "5.7.5.4",
    "the last measurement of the supply; null: not known",
    { voltages: "of phases 1, 2, 3" },
  ],
  supplyAccount: [
    "ours",
    "what is being measured of the supply and has not ended; three values are those of phases 1, 2, 3",
    {
      periodEnd: "the end of the averaging period in progress",
      sums: "of its voltages, 0.1 V",
      samples: "how many they were",
      averages: "how the last average stood to its thresholds",
      ...Object.fromEntries(
        ["extremeOver", "extremeUnder", "sag", "swell"].flatMap((one) =>
          Object.entries(LASTING).map(([field, meaning]) => [`${one}[].${field}`, meaning]),
        ),
      ),
      overLimit: "load beyond the limit",
      present: "whether the phase has ever had voltage",
      phaseOut: "since when it has had none",
      out: "since when no phase has had any",
    },
  ],

  meterVariant: ["5.7.1.4", "A single element, B twin element, C polyphase"],
  meterPointAdministrationNumber: [
    "5.7.4.28",
    "the MPANs of import, of the secondary element's import and of export, 13 digits each",
  ],
  netting: [
    "ours",
    "how phases become one flow",
    { rule: "which rule feeds the registers", window: "over which time the direction is decided" },
  ],
  time: [
    "5.5.1",
    "the clock",
    {
      master: "whose time it follows",
      validTimeRange: "of the last set-clock command that has not been used or passed (5.6.3.32)",
      masterAwaySince: "since when the master's time has been too far away to be followed",
    },
  ],
  unplacedReadings: [
    "ours",
    "what was read while the clock was Invalid, to be booked when it is known when that was",
    {
      spacing: "readings nearer together than this are thinned first",
      refused: "readings that came with a time of the Invalid clock",
      "boots[].rows": "ms since the boot, then four counters in 10^-6 Wh, and four of each other count",
    },
  ],
  powerEventLog: ["5.7.5.25", "outages and disturbances of the supply, oldest first"],
  eventLog: ["5.7.5.16", "what happened to the meter, oldest first", EVENT],
  securityLog: ["5.7.5.31", "what concerns its security, oldest first", EVENT],

  manufacturerIdentifier: ["5.7.1.2", "who made the meter"],
  modelType: ["5.7.1.3", "which model it is"],
  firmwareVersion: ["5.7.5.17", "of the firmware that runs now, in octets"],
  supplierMessage: ["5.7.4.43", "what the supplier has to say on the display"],
  contactDetails: ["5.7.4.8", "whom to call"],
  customerIdentificationNumber: ["5.7.4.10", "shown for the customer to read out"],
  restrictDataDateTime: ["5.6.3.31", "what is older is not for the customer's devices; null: all is"],
  disablePrivacyPinProtection: ["5.6.3.10", "whether the supplier ended the protection by a PIN; this meter has none"],
  alertsConfigurationSettingsSupplier: [
    "5.7.4.1, 5.7.4.51",
    "which events are told and logged for the supplier: 256 bits each, as GBCS numbers the events",
  ],
  alertsConfigurationSettingsNetworkOperator: ["5.7.4.1, 5.7.4.51", "the same for the network operator"],
  communicationsAccount: [
    "ours",
    "with whom the meter has spoken",
    {
      originatorCounter: "of the last message that the meter began itself",
      "received[].counter": "the highest that a command of the party had: none up to it is obeyed again",
      "planned[].section": "a section in which something is planned",
      "planned[].origin": "the command that planned it",
    },
  ],

  tariffSwitchingTable: ["5.7.4.48", "which rate holds when: seasons, weeks, days; all UTC", { ...PLANNED, ...TABLE }],
  tariffSwitchingTableSpecialDays: ["5.7.4.48", "dates with a day profile of their own", PLANNED],
  tariffSwitchingTableSecondaryElement: ["5.13.1.2", "the same for the secondary element", { ...PLANNED, ...TABLE }],
  tariffSwitchingTableSecondaryElementSpecialDays: ["5.13.1.2", "dates with a day profile of their own", PLANNED],
  tariffThresholdMatrix: ["5.7.4.49", "of TOU 1..8: where blocks 2, 3 and 4 begin; null: no such block", PLANNED],
  tariffBlockPriceMatrixTOU: [
    "5.7.4.47",
    "the prices of a kWh",
    { ...PLANNED, "valueCurrent.tou": "of TOU 1..48", "valueCurrent.block": "of TOU 1..8, blocks 1..4" },
  ],
  secondaryTariffTOUPriceMatrix: ["5.13.1.1", "the prices of a kWh of the secondary element, TOU 1..4", PLANNED],
  standingCharge: ["5.7.4.42", "the price of a day", PLANNED],
  currencyUnit: ["5.7.4.9", "what prices are in", PLANNED],
  tariffTOURegisterCollection: [
    "5.7.5.34",
    "energy imported at each rate",
    { touPrimaryRegister: "TOU 1..48", touSecondRegister: "of the secondary element, TOU 1..4 (5.13.2.10)" },
  ],
  tariffBlockTOURegisterCollection: [
    "5.7.5.35",
    "energy imported in blocks 1..4 (outer) of TOU 1..8 (inner)",
    { tariffBlockRegisterMatrix: "since counting began", tariffBlockCounterMatrix: "since the last reset" },
  ],
  tariffBlockCounterMatrix: ["5.7.4.7", "whether the block counters begin again each UTC day"],
  randomisedOffsetNumber: ["5.7.1.5", "1..10,000, drawn when the meter is made"],
  randomisedOffsetLimit: ["5.7.4.33", "switching is displaced by number x limit / 10,000 seconds"],
  randomisedOffset: ["5.7.5.28", "by how much the tariff's switches are displaced"],
  primaryActiveTariffPrice: ["5.7.5.5", "what a kWh costs now, of the primary element"],
  secondaryActiveTariffPrice: ["5.13.2.9", "what a kWh costs now, of the secondary element"],
  tariffAccount: [
    "ours",
    "which rate takes energy now, and from where",
    {
      markWh: "the register up to here has been shared out",
      setWh: "by how much the register was set, or had counted before the tariff began; modulo 2^32",
      spentMicropence: "the money of all energy shared out, at the price of its time",
      blockCountersResetAt: "when they began again last",
    },
  ],

  maximumDemandActivePowerImportValue: ["5.7.5.19", "the half hour of most import, as a power", DEMAND],
  maximumDemandConfigurableTimeActivePowerImportValue: ["5.7.5.20", "the same within the time of day below", DEMAND],
  maximumDemandActivePowerExportValue: ["5.7.5.21", "the half hour of most export, as a power", DEMAND],
  maximumDemandConfigurableTimePeriod: ["5.7.4.26", "a time of day, over midnight where its end is not later"],
  dailyReadLogExcExport: ["5.7.5.13", "the import registers at midnights UTC, oldest first"],
  dailyReadLogExport: ["5.7.5.13", "the export register at midnights UTC, oldest first"],
  dailyConsumptionLog: ["5.7.5.14", "import of whole UTC days, stamped at their end"],
  billingCalendar: ["5.7.4.7", "when billing snapshots are taken; null: never"],
  billingDataLogBillingCalendarTriggeredExcExport: ["5.7.5.10", "the import registers when the billing calendar asked"],
  billingDataLogSetPaymentModeOrTariffTriggeredExcExport: [
    "5.7.5.10",
    "the import registers and balances when the tariff or the payment mode changed",
  ],
  cumulativeAndHistoricalValueStore: [
    "facts, stores",
    "London days, weeks from Monday, and months, in energy and money; one of each in progress",
    {
      "days.logEntries[].from": "the first moment of it",
      "dayToDate.markWh": "the register when it began",
      "dayToDate.markMicropence": "the money when it began",
    },
  ],
  recordsAccount: [
    "ours",
    "what the records compare with",
    {
      demand: "the half hour in progress, where its start was seen",
      day: "the last known midnight UTC, or the beginning, and the register then",
      daysUnallocatedWh: "import of days without an entry",
      daysDroppedWh: "import of days whose entry has gone",
      standingMicropence: "the standing charges of all days that have begun",
    },
  ],

  averageRMSVoltageMeasurementPeriod: [
    "5.7.4.6",
    "over which voltages are averaged; from a whole multiple of it in the UTC day",
  ],
  averageRMSOverVoltageThreshold: ["5.7.4.4", "an average above it is counted and told; phases 1, 2, 3"],
  averageRMSUnderVoltageThreshold: ["5.7.4.5", "an average below it is counted and told; phases 1, 2, 3"],
  averageRMSOverVoltageCounter: ["5.7.5.7", "how often an average was above; phases 1, 2, 3"],
  averageRMSUnderVoltageCounter: ["5.7.5.8", "how often an average was below; phases 1, 2, 3"],
  averageRMSVoltageProfileDataLog: ["5.7.5.9", "the averages, oldest first; one log for each of the phases 1, 2, 3"],
  rmsExtremeOverVoltageThreshold: ["5.7.4.35", "voltage above it for the period below is told"],
  rmsExtremeOverVoltageMeasurementPeriod: ["5.7.4.34", "how long it must last"],
  rmsExtremeUnderVoltageThreshold: ["5.7.4.37", "voltage below it for the period below is told"],
  rmsExtremeUnderVoltageMeasurementPeriod: ["5.7.4.36", "how long it must last"],
  rmsVoltageSagThreshold: ["5.7.4.40", "voltage below it for the period below is a sag"],
  rmsVoltageSagMeasurementPeriod: ["5.7.4.38", "how long it must last"],
  rmsVoltageSwellThreshold: ["5.7.4.41", "voltage above it for the period below is a swell"],
  rmsVoltageSwellMeasurementPeriod: ["5.7.4.39", "how long it must last"],
  loadLimitPowerThreshold: ["5.7.4.20", "import beyond it is a load limit event", PLANNED],
  loadLimitPeriod: ["5.7.4.19", "how long it must last", PLANNED],
  loadLimitRestorationPeriod: ["5.7.4.21", "how long the supply stays off then", PLANNED],
  loadLimitSupplyState: ["5.7.4.22", "whether the event disables the supply", PLANNED],
  loadLimitCounter: ["5.7.5.18", "load limit events since the last reset"],
  loadLimitAccount: ["ours", "when a supply that the load limit switched off comes back"],
  supplyState: ["5.7.5.32", "whether the supply is on, off, or may be switched on by hand"],
  supplyTamperState: ["5.7.4.44", "whether tampering switches the supply off"],
  lowMediumPowerThreshold: ["5.7.4.24", "from low to medium power, for a display"],
  mediumHighPowerThreshold: ["5.7.4.29", "from medium to high power, for a display"],

  paymentMode: ["5.7.4.31", "credit or prepayment; this meter collects nothing and sells nothing", PLANNED],
  suspendDebtDisabled: ["5.7.4.45", "whether no debt is collected while the supply is disabled", PLANNED],
  suspendDebtEmergency: ["5.7.4.46", "whether no debt is collected while emergency credit is in use", PLANNED],
  meterBalance: ["5.7.5.22", "credit left, or owed"],
  emergencyCreditBalance: ["5.7.5.15", "emergency credit left"],
  emergencyCredit: ["5.6.3.1", "whether emergency credit was selected and is in use"],
  accumulatedDebtRegister: ["5.7.5.1", "debt that grew while credit was short"],
  timeDebtRegisters: ["5.7.5.36", "debts 1 and 2 that are paid off by time"],
  paymentDebtRegister: ["5.7.5.23", "debt that is paid off with each payment"],
  debtRecoveryRates: ["5.7.4.12", "of debts 1 and 2: amount times 10^scaler pounds in each period"],
  debtRecoveryPerPayment: ["5.7.4.11", "hundredths of a percent of a payment that go to the debt"],
  debtRecoveryRateCapAmount: ["5.7.4.13", "the most that is collected in the period below", PLANNED],
  debtRecoveryRateCapPeriod: ["5.7.4.13", "over which the most is counted", PLANNED],
  lowCreditThreshold: ["5.7.4.23", "a balance below it is told", PLANNED],
  emergencyCreditLimit: ["5.7.4.16", "how much emergency credit there is", PLANNED],
  emergencyCreditThreshold: ["5.7.4.17", "from which balance on it may be selected", PLANNED],
  disablementThresholdMeterBalance: ["5.7.4.15", "at which balance the supply goes off", PLANNED],
  prepaymentCreditMaximumCreditThreshold: ["5.7.4.25", "the most that one payment may bring", PLANNED],
  prepaymentCreditMaxMeterBalance: ["5.7.4.27", "the most that a payment may make of the balance", PLANNED],
  nonDisablementCalendar: ["5.7.4.30", "when the supply stays on whatever the balance", CALENDAR],
  nonDisablementCalendarSpecialDays: ["5.7.4.30", "its special days", DAYS],
  prepaymentDailyReadLog: ["5.7.5.26", "the balances at midnights UTC, oldest first", BALANCES],
  billingDataLogBillingCalendarTriggeredPrepayment: ["5.7.5.10", "the balances when the calendar asked", BALANCES],
  billingDataLogMostRecentPaymentBasedDebtRepayment: ["5.7.5.10", "what payments gave to the debt, oldest first"],
  billingDataLogMostRecentPrepaymentCredits: ["5.7.5.10", "the last payments, oldest first"],

  auxiliaryController: [
    "5.7.4.3, 5.7.5.37, 5.7.5.38",
    "the five controllers of other loads; no relay follows them yet",
    {
      "[].settingPeriodStartDateTime": "of the last command that switched it; null: none",
      "[].limitPeriodStartDateTime": "of the last command that limited it; null: none",
      "[].commandedState": "a number that GBCS explains; null: none yet",
      "[].commandedLimit": "a number that GBCS explains; null: none yet",
      "[].boostFunctionControl": "whether the boost button works on it (5.26.2.1)",
    },
  ],
  auxiliaryControllerCalendar: ["5.7.4.2", "when which controller is switched", CALENDAR],
  auxiliaryControllerCalendarSpecialDays: ["5.7.4.2", "its special days", DAYS],
  auxiliaryControllerEventLog: ["5.7.5.6", "what was asked of the controllers, and how it went, oldest first"],
  boostFunctionAvailability: ["5.26.1.1", "whether there is a boost button"],
  boostFunctionEventLog: ["5.26.3.1", "when it was used, oldest first"],
};
