// `esme read voltage | power-events | security | clock`: the quality of the supply, and what happened to the meter.

import { sentenceOf } from "../../ledger/codes.js";
import { entriesOf } from "../../ledger/log.js";
import type { EventEntry } from "../../ledger/state/housekeeping.js";
import { rfc3339 } from "../../ledger/units.js";
import { table } from "../table.js";
import { ended, type Options, say, sayJson, timeOr, within, withMeter } from "./reading.js";

export function readVoltage(options: Options): void {
  withMeter(options, ({ name, state, live, at }) => {
    const over = state.averageRMSOverVoltageThreshold.value;
    const under = state.averageRMSUnderVoltageThreshold.value;
    const phases = ([0, 1, 2] as const).map((p) => ({
      phase: p + 1,
      now_v: volts(live.powerImportCollection.voltages[p]),
      over_v: volts(over[p]),
      under_v: volts(under[p]),
      over_count: state.averageRMSOverVoltageCounter.value[p],
      under_count: state.averageRMSUnderVoltageCounter.value[p],
      entries: entriesOf(state.averageRMSVoltageProfileDataLog[p])
        .filter(({ timestamp }) => ended(options, timestamp))
        .map(({ timestamp, value }) => ({ end: rfc3339(timestamp), v: volts(value) })),
    }));
    const period_s = state.averageRMSVoltageMeasurementPeriod.value;
    if (options.json === true) return sayJson("voltage", { at, source: name, period_s, phases });
    say(`${name}: averages over ${period_s} s\n`);
    const cell = (value: number | null) => (value === null ? "-" : `${value.toFixed(1)} V`);
    say(
      table(
        ["phase", "now", "over", "times", "under", "times"],
        phases.map((one) => [
          `phase ${one.phase}`,
          cell(one.now_v),
          cell(one.over_v),
          String(one.over_count),
          cell(one.under_v),
          String(one.under_count),
        ]),
      ),
    );
    const ends = [...new Set(phases.flatMap(({ entries }) => entries.map(({ end }) => end)))].sort();
    const byEnd = phases.map(({ entries }) => new Map(entries.map(({ end, v }) => [end, v])));
    const rows = ends.map((end) => [end, ...byEnd.map((of) => cell(of.get(end) ?? null))]);
    say(`\n${table(["period ending", "phase 1", "phase 2", "phase 3"], rows)}`);
  });
}

export function readPowerEvents(options: Options): void {
  withMeter(options, ({ state }) => {
    const entries = entriesOf(state.powerEventLog).filter(({ timestamp }) => within(options, timestamp));
    if (options.json === true)
      return say(
        JSON.stringify(
          entries.map(({ timestamp, logCode, otherInformation }) => ({
            at: rfc3339(timestamp),
            code: codeText(logCode),
            text: sentenceOf(logCode),
            other: otherInformation,
          })),
        ),
      );
    const rows = entries.map(({ timestamp, logCode, otherInformation }) => [
      rfc3339(timestamp),
      codeText(logCode),
      sentenceOf(logCode) ?? "",
      String(otherInformation),
    ]);
    say(table(["at", "code", "", "other"], rows));
  });
}

export function readSecurity(options: Options): void {
  withMeter(options, ({ state }) => {
    const entries = entriesOf(state.securityLog)
      .filter(({ timestamp }) => within(options, timestamp))
      .map((entry) => ({ at: rfc3339(entry.timestamp), code: codeText(entry.logCode), text: textOf(entry) }));
    if (options.json === true) return say(JSON.stringify(entries));
    say(
      table(
        ["at", "code", ""],
        entries.map(({ at, code, text }) => [at, code, text]),
      ),
    );
  });
}

export function readClock(options: Options): void {
  withMeter(options, ({ name, state, at }) => {
    const { status, master, validTimeRange, masterAwaySince } = state.time;
    const { boots, refused } = state.unplacedReadings;
    const held = boots.reduce((sum, { rows }) => sum + rows.length, 0);
    if (options.json === true)
      return sayJson("clock", {
        at,
        source: name,
        status,
        master,
        window:
          validTimeRange === null
            ? null
            : { from: rfc3339(validTimeRange.timeRangeStart), to: rfc3339(validTimeRange.timeRangeEnd) },
        master_away_since: masterAwaySince === null ? null : rfc3339(masterAwaySince),
        unplaced_readings: held,
        refused_readings: refused,
      });
    const window =
      validTimeRange === null
        ? "none open"
        : `${rfc3339(validTimeRange.timeRangeStart)} to ${rfc3339(validTimeRange.timeRangeEnd)}`;
    const rows = [
      ["last reading booked", at ?? "-"],
      ["status", status],
      ["master", master],
      ["window of set-clock", window],
      ["master too far away since", timeOr(masterAwaySince)],
      ["readings waiting for a time", `${held}`],
      ["readings refused meanwhile", `${refused}`],
    ];
    say(table(["clock", name], rows));
  });
}

/** 36661 as "0x8F35". */
export function codeText(code: number): string {
  return `0x${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** What a code means, what else the entry says, and in brackets the octets that GBCS puts there, if any. */
export function textOf({ logCode, text, otherInformation }: EventEntry): string {
  const said = [sentenceOf(logCode), text].filter((part) => part !== null && part !== "").join(": ");
  return otherInformation === "" ? said : `${said} [${otherInformation}]`;
}

/** Whole tenths of a volt as volts: exact to the one decimal. */
function volts(decivolts: number | null): number | null {
  return decivolts === null ? null : decivolts / 10;
}
