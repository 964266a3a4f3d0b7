// `esme read max-demand | daily | consumption | billing | history`: what the meter wrote down at the ends of half hours, days and periods.

import { entriesOf } from "../../ledger/log.js";
import { consumptionNow } from "../../ledger/records/daily.js";
import { historyNow } from "../../ledger/records/history.js";
import type { Demand, HistoryEntry, ReadEntry } from "../../ledger/state/records.js";
import { rfc3339 } from "../../ledger/units.js";
import { money } from "../money.js";
import { table } from "../table.js";
import { kwh } from "../words.js";
import { ended, type Options, say, sayJson, timeOr, withMeter } from "./reading.js";

export function readMaxDemand(options: Options): void {
  withMeter(options, ({ name, state, at }) => {
    const { startTime, endTime } = state.maximumDemandConfigurableTimePeriod;
    const demands = {
      import: state.maximumDemandActivePowerImportValue,
      window: state.maximumDemandConfigurableTimeActivePowerImportValue,
      export: state.maximumDemandActivePowerExportValue,
    };
    const fields = ({ value, dateTimeStamp, dateTimeOfLastReset }: Demand) => ({
      w: value,
      at: dateTimeStamp === null ? null : rfc3339(dateTimeStamp),
      reset_at: dateTimeOfLastReset === null ? null : rfc3339(dateTimeOfLastReset),
    });
    if (options.json === true)
      return sayJson("max-demand", {
        at,
        source: name,
        import: fields(demands.import),
        window: { from: startTime, to: endTime, ...fields(demands.window) },
        export: fields(demands.export),
      });
    const row = (title: string, { value, dateTimeStamp, dateTimeOfLastReset }: Demand) => [
      title,
      `${value} W`,
      timeOr(dateTimeStamp),
      timeOr(dateTimeOfLastReset),
    ];
    const rows = [
      row("import", demands.import),
      row(`import, ${startTime} to ${endTime} UTC`, demands.window),
      row("export", demands.export),
    ];
    say(table(["greatest average of a half hour", "power", "half hour ending", "last reset"], rows));
  });
}

export function readDaily(options: Options): void {
  withMeter(options, ({ state }) => {
    const exported = new Map(entriesOf(state.dailyReadLogExport).map((one) => [one.timestamp, one]));
    const entries = entriesOf(state.dailyReadLogExcExport)
      .filter(({ timestamp }) => ended(options, timestamp))
      .map((entry) => ({ entry, export_wh: exported.get(entry.timestamp)?.activeExportRegisterValue ?? null }));
    if (options.json === true)
      return say(JSON.stringify(entries.map(({ entry, export_wh }) => ({ ...readJson(entry), export_wh }))));
    const rows = entries.map(({ entry, export_wh }) => [
      rfc3339(entry.timestamp),
      kwh(entry.activeImportRegisterValue),
      export_wh === null ? "-" : kwh(export_wh),
      usedText(entry),
      entry.estimated ? "estimated" : "",
    ]);
    say(table(["midnight UTC", "import", "export", "tariff registers", ""], rows));
  });
}

export function readConsumption(options: Options): void {
  withMeter(options, ({ name, state, mark, at }) => {
    const days = entriesOf(state.dailyConsumptionLog).filter(({ timestamp }) => ended(options, timestamp));
    const open = mark === null ? null : consumptionNow(state, mark);
    const { daysUnallocatedWh: unallocated_wh, daysDroppedWh: dropped_wh } = state.recordsAccount;
    if (options.json === true)
      return sayJson("consumption", {
        at,
        source: name,
        days: days.map(({ timestamp, value }) => ({ end: rfc3339(timestamp), import_wh: value })),
        open: open === null ? null : { from: rfc3339(open.from), import_wh: open.import_wh },
        unallocated_wh,
        dropped_wh,
      });
    const rows = days.map(({ timestamp, value }) => [rfc3339(timestamp), kwh(value)]);
    if (open !== null) rows.push([`since ${rfc3339(open.from)}`, kwh(open.import_wh)]);
    rows.push(["in days not seen whole", kwh(unallocated_wh)], ["in days that have gone", kwh(dropped_wh)]);
    say(table(["UTC day ending", "import"], rows));
  });
}

export function readBilling(options: Options): void {
  withMeter(options, ({ state }) => {
    const logs = [
      ["calendar", state.billingDataLogBillingCalendarTriggeredExcExport],
      ["change of tariff", state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport],
    ] as const;
    const entries = logs
      .flatMap(([why, log]) => entriesOf(log).map((entry) => ({ why, entry })))
      .filter(({ entry }) => ended(options, entry.timestamp))
      .sort((one, other) => one.entry.timestamp - other.entry.timestamp);
    if (options.json === true)
      return say(JSON.stringify(entries.map(({ why, entry }) => ({ why, ...readJson(entry) }))));
    const rows = entries.map(({ why, entry }) => [
      rfc3339(entry.timestamp),
      why,
      kwh(entry.activeImportRegisterValue),
      usedText(entry),
      entry.estimated ? "estimated" : "",
    ]);
    say(table(["at", "because of", "import", "tariff registers", ""], rows));
  });
}

export function readHistory(options: Options): void {
  withMeter(options, ({ name, state, mark, at }) => {
    const now = mark === null ? { days: [], weeks: [], months: [] } : historyNow(state, mark);
    const currency = state.currencyUnit.valueCurrent;
    const json = (entries: readonly HistoryEntry[]) =>
      entries.map(({ from, importWh, costMicropence, estimated }, index) => ({
        from: rfc3339(from),
        import_wh: importWh,
        cost_micropence: costMicropence,
        estimated,
        open: index === entries.length - 1,
      }));
    if (options.json === true)
      return sayJson("history", {
        at,
        source: name,
        currency,
        days: json(now.days),
        weeks: json(now.weeks),
        months: json(now.months),
      });
    say(`${name} at ${at ?? "(no reading yet)"}; days, weeks and months of London; the last of each is in progress\n`);
    for (const [title, entries] of Object.entries(now) as [string, readonly HistoryEntry[]][]) {
      const rows = entries.map(({ from, importWh, costMicropence, estimated }) => [
        rfc3339(from),
        kwh(importWh),
        money(costMicropence, currency),
        estimated ? "estimated" : "",
      ]);
      say(`${table([title, "import", "cost", ""], rows)}\n`);
    }
  });
}

function readJson(entry: ReadEntry) {
  return {
    at: rfc3339(entry.timestamp),
    import_wh: entry.activeImportRegisterValue,
    secondary_import_wh: entry.secondaryActiveImportRegisterValue,
    tou_wh: entry.tariffTOURegisterMatrixValue,
    secondary_tou_wh: entry.secondaryTariffTOURegisterMatrixValue,
    block_wh: entry.tariffBlockRegisterMatrixValue,
    estimated: entry.estimated,
  };
}

/** The tariff's registers that hold anything: "TOU 1 1,234.567, TOU 2 12.000". */
function usedText({ tariffTOURegisterMatrixValue: tou, tariffBlockRegisterMatrixValue: blocks }: ReadEntry): string {
  const used = tou.flatMap((wh, t) => (wh === 0 ? [] : [`TOU ${t + 1} ${kwh(wh)}`]));
  const filled = blocks.flatMap((row, b) =>
    row.flatMap((wh, t) => (wh === 0 ? [] : [`TOU ${t + 1} block ${b + 1} ${kwh(wh)}`])),
  );
  return [...used, ...filled].join(", ");
}
