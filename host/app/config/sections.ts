// From the words of esme.yaml to the sections of the meter's state: volts to tenths of a volt, durations to seconds. What is not written
// keeps the meter's own default.

import type { Settings } from "../../ledger/commands.js";
import { newState } from "../../ledger/state/state.js";
import { settled } from "../../ledger/state/words.js";
import type { Model } from "../../models/model.js";
import { duration_ms } from "../words.js";
import { nettingOf } from "./modbus.js";
import type { HouseConfig, MeterConfig } from "./schema.js";

/** The sections that `meter:` sets; the grid source decides the variant. */
export function meterSections(config: HouseConfig, models: ReadonlyMap<string, Model>): Settings {
  const meter = config.meter ?? {};
  const grid = config.sources.find((source) => source.role === "grid");
  const board = grid?.kind === "clamp-board" || grid?.kind === "ic-board" ? grid : null;
  const model = grid?.kind === "modbus" ? models.get(grid.model) : undefined;
  const polyphase = (model?.phases ?? 1) > 1;
  const variant =
    polyphase || (board?.phases ?? board?.boards) !== undefined ? "C" : board?.secondary !== undefined ? "B" : "A";
  return {
    meterVariant: { value: variant },
    meterPointAdministrationNumber: {
      importMPAN: meter.mpan?.import ?? null,
      secondaryImportMPAN: meter.mpan?.secondary ?? null,
      exportMPAN: meter.mpan?.export ?? null,
    },
    netting: {
      rule: nettingOf(model) ?? meter.netting ?? "net",
      window: polyphase ? "meter" : board?.boards === undefined ? "board" : "report-interval",
    },
    ...demandSections(meter),
    ...voltageSections(meter),
    ...limitSections(meter),
  };
}

/** The keys under `meter:` that become a section which a rule between sections may refuse. */
const KEYS: { readonly [section: string]: readonly string[] } = {
  maximumDemandConfigurableTimePeriod: ["demand_window"],
  lowMediumPowerThreshold: ["power_levels", "medium_from"],
  mediumHighPowerThreshold: ["power_levels", "high_from"],
  averageRMSVoltageMeasurementPeriod: ["voltage", "average_over"],
  averageRMSOverVoltageThreshold: ["voltage", "over"],
  averageRMSUnderVoltageThreshold: ["voltage", "under"],
  rmsExtremeOverVoltageThreshold: ["voltage", "extreme_over", "volts"],
  rmsExtremeOverVoltageMeasurementPeriod: ["voltage", "extreme_over", "for"],
  rmsExtremeUnderVoltageThreshold: ["voltage", "extreme_under", "volts"],
  rmsExtremeUnderVoltageMeasurementPeriod: ["voltage", "extreme_under", "for"],
  rmsVoltageSagThreshold: ["voltage", "sag", "volts"],
  rmsVoltageSagMeasurementPeriod: ["voltage", "sag", "for"],
  rmsVoltageSwellThreshold: ["voltage", "swell", "volts"],
  rmsVoltageSwellMeasurementPeriod: ["voltage", "swell", "for"],
  loadLimitPowerThreshold: ["load_limit", "watts"],
  loadLimitPeriod: ["load_limit", "for"],
  loadLimitRestorationPeriod: ["load_limit", "restore_after"],
};

/** Where esme.yaml says what a meter refused as "section.field: rule". */
export function writtenAt(reason: string): { readonly place: readonly string[]; readonly rule: string } {
  const [, section = "", rule = reason] = /^(\w+)[^:]*: (.*)$/.exec(reason) ?? [];
  const keys = KEYS[section];
  return keys === undefined ? { place: ["meter"], rule: reason } : { place: ["meter", ...keys], rule };
}

function demandSections({ demand_window, power_levels }: MeterConfig): Settings {
  return {
    ...(demand_window === undefined
      ? {}
      : {
          maximumDemandConfigurableTimePeriod: {
            startTime: `${demand_window.from}:00`,
            endTime: `${demand_window.to}:00`,
          },
        }),
    ...(power_levels === undefined
      ? {}
      : {
          lowMediumPowerThreshold: { threshold: power_levels.medium_from },
          mediumHighPowerThreshold: { threshold: power_levels.high_from },
        }),
  };
}

function voltageSections({ voltage = {} }: MeterConfig): Settings {
  const own = newState(1);
  const each = (volts: number | undefined, before: readonly [number, number, number]) =>
    volts === undefined ? before : ([decivolts(volts), decivolts(volts), decivolts(volts)] as const);
  const threshold = (lasting: { volts: number } | undefined, before: { readonly threshold: number }) =>
    lasting === undefined ? before : { threshold: decivolts(lasting.volts) };
  const period = (lasting: { for: string } | undefined, before: { readonly period: number }) =>
    lasting === undefined ? before : { period: seconds(lasting.for) };
  const { extreme_over, extreme_under, sag, swell } = voltage;
  return {
    averageRMSVoltageMeasurementPeriod:
      voltage.average_over === undefined
        ? own.averageRMSVoltageMeasurementPeriod
        : { value: seconds(voltage.average_over) },
    averageRMSOverVoltageThreshold: { value: each(voltage.over, own.averageRMSOverVoltageThreshold.value) },
    averageRMSUnderVoltageThreshold: { value: each(voltage.under, own.averageRMSUnderVoltageThreshold.value) },
    rmsExtremeOverVoltageThreshold: threshold(extreme_over, own.rmsExtremeOverVoltageThreshold),
    rmsExtremeOverVoltageMeasurementPeriod: period(extreme_over, own.rmsExtremeOverVoltageMeasurementPeriod),
    rmsExtremeUnderVoltageThreshold: threshold(extreme_under, own.rmsExtremeUnderVoltageThreshold),
    rmsExtremeUnderVoltageMeasurementPeriod: period(extreme_under, own.rmsExtremeUnderVoltageMeasurementPeriod),
    rmsVoltageSagThreshold: threshold(sag, own.rmsVoltageSagThreshold),
    rmsVoltageSagMeasurementPeriod: period(sag, own.rmsVoltageSagMeasurementPeriod),
    rmsVoltageSwellThreshold: threshold(swell, own.rmsVoltageSwellThreshold),
    rmsVoltageSwellMeasurementPeriod: period(swell, own.rmsVoltageSwellMeasurementPeriod),
  };
}

function limitSections({ load_limit }: MeterConfig): Settings {
  if (load_limit === undefined) return {};
  return {
    loadLimitPowerThreshold: settled(load_limit.watts),
    loadLimitPeriod: settled(seconds(load_limit.for ?? "60s")),
    loadLimitRestorationPeriod: settled(seconds(load_limit.restore_after ?? "10m")),
    loadLimitSupplyState: settled(load_limit.disconnect ?? false),
  };
}

function decivolts(volts: number): number {
  return Math.round(volts * 10);
}

function seconds(duration: string): number {
  return Math.round(duration_ms(duration) / 1_000);
}
