// What the meter writes down at midnights and at the ends of half hours, days, weeks, months and billing periods, under SMETS names.

import { z } from "zod";
import { emptyLog } from "../log.js";
import { balances } from "./prepayment.js";
import { blockMatrix } from "./tariff.js";
import { log, micropence, microWattHours, moment, row, timeOfDay, watts, wh } from "./words.js";

export const DAILY_READ_DEPTH = 31;
export const DAILY_CONSUMPTION_DEPTH = 731;
export const BILLING_DEPTH = 12;
/** With the one in progress: 9 days, 6 weeks, 14 months (facts, stores). */
export const HISTORY_DEPTHS = { days: 8, weeks: 5, months: 13 } as const;

/** The import registers at a moment: what the daily read log and the billing data logs hold. */
const readEntry = z
  .strictObject({
    timestamp: moment,
    activeImportRegisterValue: wh,
    secondaryActiveImportRegisterValue: wh.nullable(),
    tariffTOURegisterMatrixValue: row(48, wh),
    secondaryTariffTOURegisterMatrixValue: row(4, wh).nullable(),
    tariffBlockRegisterMatrixValue: blockMatrix,
    /** The registers of this moment lie between two readings more than 60 s apart. */
    estimated: z.boolean(),
  })
  .readonly();
export type ReadEntry = z.output<typeof readEntry>;

/** With the balances of the same moment. */
const modeOrTariffEntry = readEntry.unwrap().extend(balances).readonly();
export type ModeOrTariffEntry = z.output<typeof modeOrTariffEntry>;

const exportEntry = z
  .strictObject({ timestamp: moment, activeExportRegisterValue: wh, estimated: z.boolean() })
  .readonly();
export type ExportEntry = z.output<typeof exportEntry>;

/** Stamped at the end of its UTC day: a whole one, both its midnights known. */
const consumptionEntry = z.strictObject({ timestamp: moment, value: wh }).readonly();
export type ConsumptionEntry = z.output<typeof consumptionEntry>;

/** A London day, week (from Monday) or month, named by its first moment: a later one where counting began within it. Its cost is that
 * of the energy and of the standing charge of each of its days. `estimated`: it begins or ends between readings more than 60 s apart. */
const historyEntry = z
  .strictObject({ from: moment, importWh: wh, costMicropence: micropence, estimated: z.boolean() })
  .readonly();
export type HistoryEntry = z.output<typeof historyEntry>;
/** The one in progress: what the registers and the account showed when it began. */
const historyOpen = z
  .strictObject({ from: moment, markWh: wh, markMicropence: micropence, estimated: z.boolean() })
  .readonly();
export type HistoryOpen = z.output<typeof historyOpen>;

const demand = z
  .strictObject({ value: watts, dateTimeStamp: moment.nullable(), dateTimeOfLastReset: moment.nullable() })
  .readonly();
export type Demand = z.output<typeof demand>;

export const PERIODICITIES = ["daily", "weekly", "monthly", "quarterly", "six-monthly", "yearly"] as const;

export const recordsState = {
  maximumDemandActivePowerImportValue: demand,
  maximumDemandConfigurableTimeActivePowerImportValue: demand,
  maximumDemandActivePowerExportValue: demand,
  /** Half hours that end after `startTime` and not after `endTime` of a UTC day, over midnight where it is not later. */
  maximumDemandConfigurableTimePeriod: z.strictObject({ startTime: timeOfDay, endTime: timeOfDay }).readonly(),
  dailyReadLogExcExport: log(DAILY_READ_DEPTH, readEntry),
  dailyReadLogExport: log(DAILY_READ_DEPTH, exportEntry),
  dailyConsumptionLog: log(DAILY_CONSUMPTION_DEPTH, consumptionEntry),
  billingCalendar: z.strictObject({ startDateTime: moment.nullable(), periodicity: z.enum(PERIODICITIES) }).readonly(),
  billingDataLogBillingCalendarTriggeredExcExport: log(BILLING_DEPTH, readEntry),
  billingDataLogSetPaymentModeOrTariffTriggeredExcExport: log(BILLING_DEPTH, modeOrTariffEntry),
  cumulativeAndHistoricalValueStore: z
    .strictObject({
      days: log(HISTORY_DEPTHS.days, historyEntry),
      weeks: log(HISTORY_DEPTHS.weeks, historyEntry),
      months: log(HISTORY_DEPTHS.months, historyEntry),
      dayToDate: historyOpen.nullable(),
      weekToDate: historyOpen.nullable(),
      monthToDate: historyOpen.nullable(),
    })
    .readonly(),
  /** What the records compare with: the half hour and the UTC day in progress. */
  recordsAccount: z
    .strictObject({
      /** Since when the demand is being measured, and the registers then; null where that was not known. */
      demand: z
        .strictObject({ from: moment, importMicroWh: microWattHours, exportMicroWh: microWattHours })
        .readonly()
        .nullable(),
      /** The last known midnight UTC, or the baseline, and the register then. */
      day: z.strictObject({ from: moment, markWh: wh }).readonly().nullable(),
      /** Import of days that have no entry, and of days whose entry has gone: with the entries and `day` they make the register, modulo
       * 2^32 Wh. */
      daysUnallocatedWh: wh,
      daysDroppedWh: wh,
      /** The standing charges of all London days that have begun. */
      standingMicropence: micropence,
    })
    .readonly(),
};

const NO_DEMAND: Demand = { value: 0, dateTimeStamp: null, dateTimeOfLastReset: null };

export function newRecordsState() {
  return {
    maximumDemandActivePowerImportValue: NO_DEMAND,
    maximumDemandConfigurableTimeActivePowerImportValue: NO_DEMAND,
    maximumDemandActivePowerExportValue: NO_DEMAND,
    maximumDemandConfigurableTimePeriod: { startTime: "16:00:00", endTime: "19:00:00" },
    dailyReadLogExcExport: emptyLog<ReadEntry>(),
    dailyReadLogExport: emptyLog<ExportEntry>(),
    dailyConsumptionLog: emptyLog<ConsumptionEntry>(),
    billingCalendar: { startDateTime: null, periodicity: "monthly" as const },
    billingDataLogBillingCalendarTriggeredExcExport: emptyLog<ReadEntry>(),
    billingDataLogSetPaymentModeOrTariffTriggeredExcExport: emptyLog<ModeOrTariffEntry>(),
    cumulativeAndHistoricalValueStore: {
      days: emptyLog<HistoryEntry>(),
      weeks: emptyLog<HistoryEntry>(),
      months: emptyLog<HistoryEntry>(),
      dayToDate: null,
      weekToDate: null,
      monthToDate: null,
    },
    recordsAccount: { demand: null, day: null, daysUnallocatedWh: 0, daysDroppedWh: 0, standingMicropence: 0 },
  };
}
