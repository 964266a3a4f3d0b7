// The quality of the supply and what the meter may do to it, under SMETS names: voltage log and counters, sag and swell, load limit,
// supply state, outages.

import { z } from "zod";
import { emptyLog } from "../log.js";
import type { Utc_ms } from "../units.js";
import { count, decivolts, log, moment, type Phases, phases, planned, seconds, settled, watts } from "./words.js";

export const VOLTAGE_DEPTH = 4_320;

const voltageEntry = z.strictObject({ timestamp: moment, value: decivolts }).readonly();
export type VoltageEntry = z.output<typeof voltageEntry>;

const threshold = z.strictObject({ threshold: decivolts }).readonly();
const period = z.strictObject({ period: seconds }).readonly();
const eachPhase = z.strictObject({ value: phases(decivolts) }).readonly();
const counters = z.strictObject({ value: phases(count) }).readonly();

/** A condition that must last: since when it has been so, whether it was told, and since when a told one has been over. */
const lasting = z
  .strictObject({ since: moment, told: z.boolean(), overSince: moment.nullable() })
  .readonly()
  .nullable();
export type Lasting = z.output<typeof lasting>;

/** How the last average of a phase stood to its thresholds. */
const AVERAGES = ["within", "over", "under"] as const;
export type Average = (typeof AVERAGES)[number];

export const supplyState = {
  /** Seconds; a period begins at a whole multiple of it in the UTC day. */
  averageRMSVoltageMeasurementPeriod: z
    .strictObject({
      value: z
        .int()
        .min(1)
        .max(2 ** 32 - 1)
        .meta({ unit: "s" }),
    })
    .readonly(),
  averageRMSOverVoltageThreshold: eachPhase,
  averageRMSUnderVoltageThreshold: eachPhase,
  averageRMSOverVoltageCounter: counters,
  averageRMSUnderVoltageCounter: counters,
  averageRMSVoltageProfileDataLog: z
    .tuple([log(VOLTAGE_DEPTH, voltageEntry), log(VOLTAGE_DEPTH, voltageEntry), log(VOLTAGE_DEPTH, voltageEntry)])
    .readonly(),
  rmsExtremeOverVoltageThreshold: threshold,
  rmsExtremeOverVoltageMeasurementPeriod: period,
  rmsExtremeUnderVoltageThreshold: threshold,
  rmsExtremeUnderVoltageMeasurementPeriod: period,
  rmsVoltageSagThreshold: threshold,
  rmsVoltageSagMeasurementPeriod: period,
  rmsVoltageSwellThreshold: threshold,
  rmsVoltageSwellMeasurementPeriod: period,
  loadLimitPowerThreshold: planned(watts),
  loadLimitPeriod: planned(seconds),
  loadLimitRestorationPeriod: planned(seconds),
  /** Whether a load beyond the limit disables the supply. */
  loadLimitSupplyState: planned(z.boolean()),
  loadLimitCounter: z.strictObject({ value: count }).readonly(),
  /** When the supply that the load limit armed is enabled again. */
  loadLimitAccount: z.strictObject({ restoreAt: moment.nullable() }).readonly(),
  supplyState: z.strictObject({ value: z.enum(["enabled", "disabled", "armed"]) }).readonly(),
  supplyTamperState: z.strictObject({ value: z.boolean() }).readonly(),
  lowMediumPowerThreshold: z.strictObject({ threshold: watts }).readonly(),
  mediumHighPowerThreshold: z.strictObject({ threshold: watts }).readonly(),
};

/** What changes with each measurement of the supply, once a second. */
export const liveState = {
  /** The last measurement of the supply. */
  powerImportCollection: z
    .strictObject({
      at: moment.nullable(),
      activePowerImport: watts.nullable(),
      primaryActivePowerImport: watts.nullable(),
      voltages: phases(decivolts.nullable()),
    })
    .readonly(),
  /** What is being measured and has not ended. */
  supplyAccount: z
    .strictObject({
      /** Sum and number of the voltages of the averaging period that ends then. */
      periodEnd: moment.nullable(),
      sums: phases(z.int().min(0)),
      samples: phases(z.int().min(0)),
      averages: phases(z.enum(AVERAGES)),
      extremeOver: phases(lasting),
      extremeUnder: phases(lasting),
      sag: phases(lasting),
      swell: phases(lasting),
      overLimit: lasting,
      /** Whether a phase has ever had voltage: one that has not is none of this meter's. */
      present: phases(z.boolean()),
      /** Since when a phase has been without voltage; the same moment as `out` where it went with the whole supply. */
      phaseOut: phases(moment.nullable()),
      /** Since when all phases have been without voltage. */
      out: moment.nullable(),
    })
    .readonly(),
};

const each = <T>(value: T): Phases<T> => [value, value, value];

/** 230 V +10 % and -6 % (the statutory limits); the other thresholds are ours. */
export function newSupplyState() {
  return {
    averageRMSVoltageMeasurementPeriod: { value: 1_800 },
    averageRMSOverVoltageThreshold: { value: each(2_530) },
    averageRMSUnderVoltageThreshold: { value: each(2_162) },
    averageRMSOverVoltageCounter: { value: each(0) },
    averageRMSUnderVoltageCounter: { value: each(0) },
    averageRMSVoltageProfileDataLog: each(emptyLog<VoltageEntry>()),
    rmsExtremeOverVoltageThreshold: { threshold: 2_760 },
    rmsExtremeOverVoltageMeasurementPeriod: { period: 60 },
    rmsExtremeUnderVoltageThreshold: { threshold: 1_840 },
    rmsExtremeUnderVoltageMeasurementPeriod: { period: 60 },
    rmsVoltageSagThreshold: { threshold: 2_070 },
    rmsVoltageSagMeasurementPeriod: { period: 2 },
    rmsVoltageSwellThreshold: { threshold: 2_640 },
    rmsVoltageSwellMeasurementPeriod: { period: 2 },
    loadLimitPowerThreshold: settled(0),
    loadLimitPeriod: settled(60),
    loadLimitRestorationPeriod: settled(600),
    loadLimitSupplyState: settled(false),
    loadLimitCounter: { value: 0 },
    loadLimitAccount: { restoreAt: null },
    supplyState: { value: "enabled" as const },
    supplyTamperState: { value: false },
    lowMediumPowerThreshold: { threshold: 500 },
    mediumHighPowerThreshold: { threshold: 2_500 },
  };
}

export function newLiveState() {
  return {
    powerImportCollection: {
      at: null,
      activePowerImport: null,
      primaryActivePowerImport: null,
      voltages: each(null),
    },
    supplyAccount: {
      periodEnd: null,
      sums: each(0),
      samples: each(0),
      averages: each<Average>("within"),
      extremeOver: each<Lasting>(null),
      extremeUnder: each<Lasting>(null),
      sag: each<Lasting>(null),
      swell: each<Lasting>(null),
      overLimit: null,
      present: each(false),
      phaseOut: each<Utc_ms | null>(null),
      out: null,
    },
  };
}
