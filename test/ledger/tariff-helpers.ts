// Small words for the tests of the tariff: switching tables, days and marks from text, and an auditor who looks rates up in his own way.

import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { Notice } from "../../host/ledger/events.js";
import { registers_wh } from "../../host/ledger/ledger.js";
import type { Mark } from "../../host/ledger/mark.js";
import { type EsmeState, newState } from "../../host/ledger/state/state.js";
import type { CalendarDate, Rate, SpecialDays, SwitchingTable } from "../../host/ledger/state/tariff.js";
import { settled } from "../../host/ledger/state/words.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { cumulativeFromWh, MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
import { reading, utc } from "./helpers.js";

/** "TOU 2" or "blocks of TOU 1". */
function rateOf(text: string): Rate {
  const tou = Number(text.split(" ").at(-1));
  return text.startsWith("blocks") ? { kind: "block", tou } : { kind: "tou", tou };
}

/** "00:00 TOU 1, 07:00 TOU 2" */
export function dayOf(dayIdentifier: number, text: string): SwitchingTable["dayIdentifiers"][number] {
  const times = text.split(", ").map((one) => ({
    startTime: `${one.slice(0, 5)}:00`,
    tariffRateIdentifier: rateOf(one.slice(6)),
  }));
  return { dayIdentifier, times };
}

/** "12-25" comes every year, "2026-12-25" once. */
function dateOf(text: string): CalendarDate {
  const [dayOfMonth, month, year] = text.split("-").map(Number).reverse();
  return { year: year ?? null, month: month ?? 0, dayOfMonth: dayOfMonth ?? 0 };
}

/** One day for all days of all weeks. */
export function everyDay(text: string): SwitchingTable {
  return tableOf({ all: "01-01 1 1 1 1 1 1 1" }, [text]);
}

/** Seasons as "start, then its days from Monday to Sunday"; days 1, 2, ... as text. */
export function tableOf(seasons: Readonly<Record<string, string>>, days: readonly string[]): SwitchingTable {
  const each = Object.entries(seasons).map(([name, text]) => ({ name, parts: text.split(" ") }));
  return {
    seasons: each.map(({ name, parts }, index) => ({
      name,
      startDate: dateOf(parts[0] ?? ""),
      weekIdentifier: `w${index}`,
    })),
    weeks: each.map(({ parts }, index) => ({ weekIdentifier: `w${index}`, days: parts.slice(1).map(Number) })),
    dayIdentifiers: days.map((text, index) => dayOf(index + 1, text)),
  };
}

export function specialOf(days: Readonly<Record<string, number>>): SpecialDays {
  return Object.entries(days).map(([text, dayIdentifier]) => ({ date: dateOf(text), dayIdentifier }));
}

export function stateWith(sections: Partial<EsmeState>): EsmeState {
  return { ...newState(1), ...sections };
}

/** Prices in millipence: of TOU 1, 2, ..., and of the blocks of TOU 1, 2, ... */
export function prices(tou: readonly number[], blocks: readonly (readonly number[])[] = []) {
  return settled({
    tou: Array.from({ length: 48 }, (_, index) => tou[index] ?? 0),
    block: Array.from({ length: 8 }, (_, index) => [0, 1, 2, 3].map((block) => blocks[index]?.[block] ?? 0)),
  });
}

/** Thresholds in Wh of TOU 1, 2, ... */
export function thresholds(...rows: readonly (readonly number[])[]) {
  return settled(Array.from({ length: 8 }, (_, tou) => [0, 1, 2].map((index) => rows[tou]?.[index] ?? null)));
}

export function markOf(at: Utc_ms, wh: number, secondary_wh: number | null = null): Mark {
  const zero = MicroWattHours(0);
  const secondary = secondary_wh === null ? null : cumulativeFromWh(secondary_wh);
  return { at, cumulative: [cumulativeFromWh(wh), zero, zero, zero], secondary, estimated: false, known: true };
}

/** A meter with these sections lives from one time to another with a load of so many W, read every `step_s`. */
export function lives(
  sections: Partial<EsmeState>,
  from: string,
  to: string,
  load_w: number,
  step_s = 60,
): { readonly esme: Esme; readonly notices: readonly Notice[]; readonly at: (text: string) => EsmeState } {
  const blank = newEsme(1);
  const [start, end] = [utc(from), utc(to)];
  let esme: Esme = { ...blank, state: { ...blank.state, ...sections } };
  const notices: Notice[] = [];
  const seen = new Map<number, EsmeState>();
  for (let at = start; at <= end; at = Utc_ms(at + step_s * 1_000)) {
    const turned = turnEsme(esme, reading(at, (load_w * (at - start)) / 3_600_000));
    esme = turned.esme;
    notices.push(...turned.notices);
    seen.set(at, esme.state);
  }
  return { esme, notices, at: (text) => seen.get(utc(text)) ?? esme.state };
}

/** What the TOU registers hold with what flowed since the mark: "TOU 1 3000, TOU 2 400". */
export function tou(state: EsmeState): string {
  return listed(state.tariffTOURegisterCollection.touPrimaryRegister, "TOU");
}

export function blocks(state: EsmeState, of = 1): string {
  const matrix = state.tariffBlockTOURegisterCollection.tariffBlockRegisterMatrix;
  return listed(
    matrix.map((block) => block[of - 1] ?? 0),
    "block",
  );
}

export function listed(values: readonly number[], word: string): string {
  return values.flatMap((wh, index) => (wh === 0 ? [] : [`${word} ${index + 1} ${wh}`])).join(", ");
}

/** Register minus everything that explains it, modulo 2^32 Wh: 0 always. */
export function unexplained_wh({ ledger, state }: Pick<Esme, "ledger" | "state">): number {
  const { markWh, setWh } = state.tariffAccount;
  let sum = setWh;
  for (const wh of state.tariffTOURegisterCollection.touPrimaryRegister) sum += wh;
  for (const block of state.tariffBlockTOURegisterCollection.tariffBlockRegisterMatrix)
    for (const wh of block) sum += wh;
  const register = registers_wh(ledger)[0];
  const pending = (register - markWh + 2 ** 32) % 2 ** 32;
  return (((register - sum - pending) % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

/** The auditor's own look-up, by the texts of dates and times. */
export function plainRate(table: SwitchingTable, special: SpecialDays, at_ms: number): string {
  const now = new Date(at_ms).toISOString();
  const [date, month_day, time] = [now.slice(0, 10), now.slice(5, 10), now.slice(11, 19)];
  const texts = special.map((one) => ({ text: textOf(one.date), day: one.dayIdentifier }));
  const named = texts.find((one) => one.text === date) ?? texts.find((one) => one.text === month_day);
  let day = named?.day;
  if (day === undefined) {
    const begun = table.seasons.filter(
      ({ startDate }) => textOf(startDate) <= (startDate.year === null ? month_day : date),
    );
    const season =
      begun.at(-1) ?? (table.seasons[0]?.startDate.year === null ? table.seasons.at(-1) : table.seasons[0]);
    const week = table.weeks.find((one) => one.weekIdentifier === season?.weekIdentifier);
    const monday_first = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    day = week?.days[monday_first.indexOf(new Date(at_ms).toUTCString().slice(0, 3))];
  }
  const switches = table.dayIdentifiers.filter((one) => one.dayIdentifier === day).flatMap((one) => one.times);
  const last = switches.filter((one) => one.startTime <= time).at(-1)?.tariffRateIdentifier;
  return last === undefined ? "tou 1" : `${last.kind} ${last.tou}`;
}

function textOf({ year, month, dayOfMonth }: CalendarDate): string {
  const month_day = `${String(month).padStart(2, "0")}-${String(dayOfMonth).padStart(2, "0")}`;
  return year === null ? month_day : `${year}-${month_day}`;
}
