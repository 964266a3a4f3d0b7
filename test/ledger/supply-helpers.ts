// Small words for the supply's tests: a story of volts and watts as rows of text, and what the meter told as lines of text.

import type { Notice, Supply } from "../../host/ledger/events.js";
import { entriesOf } from "../../host/ledger/log.js";
import { type EsmeLive, type EsmeState, newLive, newState } from "../../host/ledger/state/state.js";
import { turnSupply } from "../../host/ledger/supply/supply.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { june } from "./helpers.js";

export interface Supplied {
  readonly state: EsmeState;
  readonly live: EsmeLive;
  readonly notices: readonly Notice[];
}

export function meter(sections: Partial<EsmeState> = {}): Supplied {
  return { state: { ...newState(1), ...sections }, live: newLive(), notices: [] };
}

export const polyphase = { meterVariant: { value: "C" } } as const;

export function measured(at: Utc_ms, volts: readonly (number | null)[], import_w: number | null = 0): Supply {
  const dv = (phase: number) => {
    const value = volts[phase] ?? null;
    return value === null ? null : Math.round(value * 10);
  };
  return { kind: "supply", at, voltages_dv: [dv(0), dv(1), dv(2)], import_w, primary_w: import_w };
}

export function fed(before: Supplied, events: Iterable<Supply>): Supplied {
  let { state, live } = before;
  const notices = [...before.notices];
  for (const event of events) ({ state, live } = turnSupply(state, live, event, notices));
  return { state, live, notices };
}

/** Rows of a time of 1 June 2026, volts of each phase ("230", "230/0/231", "?" unknown) and perhaps watts ("4000W"): they hold, measured
 * every second, until the time of the next row; the last row holds for one measurement. "nothing": not measured at all. */
export function lived(before: Supplied, story: string): Supplied {
  const rows = story
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  return fed(
    before,
    rows.flatMap(([time, volts, watts], index) => {
      const from = june(time as string);
      const to = index + 1 < rows.length ? june(rows[index + 1]?.[0] as string) : from + 1;
      if (volts === "nothing") return [];
      const each = (volts as string).split("/").map((text) => (text === "?" ? null : Number(text)));
      const events: Supply[] = [];
      for (let at: number = from; at < to; at += 1_000)
        events.push(measured(Utc_ms(at), each, Number.parseInt(watts ?? "0", 10)));
      return events;
    }),
  );
}

const time = (at: number) =>
  new Date(at)
    .toISOString()
    .slice(11)
    .replace(/(\.000)?Z/, "");
const hex = (code: number) => code.toString(16).toUpperCase();

/** "12:13:00 8F36 12:10:00 12:13:00" for an alert with its times, "12:13:00 armed" for a supply state. */
export function tellings({ notices }: Supplied): string[] {
  return notices.flatMap((notice) => {
    if (notice.kind === "supply-state") return [`${time(notice.at)} ${notice.state}`];
    if (notice.kind !== "alert") return [];
    return [[time(notice.at), hex(notice.code), ...(notice.times ?? []).map(time)].join(" ")];
  });
}

/** "12:10:00 8F57 0": moment, code, other information. */
export function powerLog({ state }: Supplied): string[] {
  return entriesOf(state.powerEventLog).map((one) =>
    [time(one.timestamp), hex(one.logCode), one.otherInformation].join(" "),
  );
}

export function eventLog({ state }: Supplied): string[] {
  return entriesOf(state.eventLog).map((one) => [time(one.timestamp), hex(one.logCode)].join(" "));
}

/** "12:30:00 230.1" for each entry of a phase. */
export function averages({ state }: Supplied, phase: 0 | 1 | 2 = 0): string[] {
  return entriesOf(state.averageRMSVoltageProfileDataLog[phase]).map((one) =>
    [time(one.timestamp), (one.value / 10).toFixed(1)].join(" "),
  );
}
