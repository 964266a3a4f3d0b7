// Which rate holds at a moment, and when the next one begins: a pure look-up in a switching table.
//
//   special day (exact date, else every year) --\
//   season -> week -> day of the week ------------> a day's switches -> the last one at or before the time of day
//
// All of it is UTC, and all of it is displaced by the randomised offset: who looks at 02:45 with an offset of 20 minutes looks up 02:25.
// So a day of the table begins at 00:20 then, and a season and a special day too; half hours stay where they are (facts 9).

import type { CalendarDate, Rate, SpecialDays, SwitchingTable } from "../state/tariff.js";
import { DAY_ms } from "../units.js";
import { isPlain } from "./date.js";

type Switch = SwitchingTable["dayIdentifiers"][number]["times"][number];

const TOU_1: Rate = { kind: "tou", tou: 1 };
/** After so many days the calendar repeats: 28 years, up to 2099. */
const CALENDAR_days = 10_227;

/** How long after its time a switch takes effect, ms: a whole number of seconds, 0..1,799 (SMETS 5.7.5.28). */
export function randomisedOffset_ms(number: number, limit_s: number): number {
  return Math.round((number * limit_s) / 10_000) * 1_000;
}

/** The rate that the table gives for a moment of its own time, which is `at - offset`. Table and days have no fault (fault.ts). */
export function rateAt(table: SwitchingTable, special: SpecialDays, at_ms: number): Rate {
  const day = Math.floor(at_ms / DAY_ms);
  const time_ms = at_ms - day * DAY_ms;
  let rate: Rate | undefined;
  for (const { startTime, tariffRateIdentifier } of switchesOn(table, special, day)) {
    if (timeOfDay_ms(startTime) > time_ms) break;
    rate = tariffRateIdentifier;
  }
  // A day may begin without a switch: what held the day before goes on (the reference messages have days that begin at 06:00).
  return rate ?? switchesOn(table, special, day - 1).at(-1)?.tariffRateIdentifier ?? TOU_1;
}

/** The first moment after `after_ms`, and before `before_ms`, at which the table gives another rate; Infinity where there is none. */
export function nextSwitchAt(
  table: SwitchingTable,
  special: SpecialDays,
  after_ms: number,
  before_ms = Number.POSITIVE_INFINITY,
): number {
  if (hasOneRate(table)) return Number.POSITIVE_INFINITY;
  const now = rateAt(table, special, after_ms);
  const first = Math.floor(after_ms / DAY_ms);
  const last = Math.min(before_ms / DAY_ms, Math.max(first, lastDatedDay(table, special)) + CALENDAR_days);
  for (let day = first; day < last; day++) {
    for (const { startTime, tariffRateIdentifier } of switchesOn(table, special, day)) {
      const at_ms = day * DAY_ms + timeOfDay_ms(startTime);
      if (at_ms <= after_ms || sameRate(tariffRateIdentifier, now)) continue;
      return at_ms < before_ms ? at_ms : Number.POSITIVE_INFINITY;
    }
  }
  return Number.POSITIVE_INFINITY;
}

export function sameRate(one: Rate, other: Rate): boolean {
  return one.kind === other.kind && one.tou === other.tou;
}

/** "02:30:00" as ms from midnight. */
function timeOfDay_ms(text: string): number {
  return (Number(text.slice(0, 2)) * 3_600 + Number(text.slice(3, 5)) * 60 + Number(text.slice(6, 8))) * 1_000;
}

/** The order of plain days in one calendar: a date every year is compared by month and day. Another than a plain one is no day. */
export function dateKey(date: CalendarDate): number {
  if (!isPlain(date)) return Number.NaN;
  return ((date.year ?? 0) * 100 + date.month) * 100 + date.dayOfMonth;
}

function switchesOn(table: SwitchingTable, special: SpecialDays, day: number): readonly Switch[] {
  const date = new Date(day * DAY_ms);
  const yearly = (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  const dated = date.getUTCFullYear() * 10_000 + yearly;
  const identifier = specialDay(special, dated, yearly) ?? weekday(table, day, dated, yearly);
  return table.dayIdentifiers.find((one) => one.dayIdentifier === identifier)?.times ?? [];
}

/** A day named with its year goes before the same day of every year. */
function specialDay(special: SpecialDays, dated: number, yearly: number): number | undefined {
  let found: number | undefined;
  for (const { date, dayIdentifier } of special) {
    if (dateKey(date) === dated) return dayIdentifier;
    if (dateKey(date) === yearly) found = dayIdentifier;
  }
  return found;
}

function weekday(table: SwitchingTable, day: number, dated: number, yearly: number): number | undefined {
  const { weekIdentifier } = seasonOn(table, dated, yearly) ?? {};
  // 1 January 1970 was a Thursday: Monday is 0.
  return table.weeks.find((week) => week.weekIdentifier === weekIdentifier)?.days[(((day + 3) % 7) + 7) % 7];
}

/** The season that began last. Before the first of a year the last of the year before goes on; dated seasons have nothing before their
 * first, which therefore holds there too. */
function seasonOn({ seasons }: SwitchingTable, dated: number, yearly: number) {
  const everyYear = seasons[0]?.startDate.year === null;
  const today = everyYear ? yearly : dated;
  let found = everyYear ? seasons.at(-1) : seasons[0];
  for (const season of seasons) if (dateKey(season.startDate) <= today) found = season;
  return found;
}

function hasOneRate({ dayIdentifiers }: SwitchingTable): boolean {
  const first = dayIdentifiers[0]?.times[0]?.tariffRateIdentifier;
  return (
    first === undefined ||
    dayIdentifiers.every(({ times }) => times.every((one) => sameRate(one.tariffRateIdentifier, first)))
  );
}

/** The last day with a year that the table or its special days name, in days since 1970; 0 where there is none. */
function lastDatedDay(table: SwitchingTable, special: SpecialDays): number {
  const dates = [...table.seasons.map((season) => season.startDate), ...special.map((one) => one.date)];
  return Math.max(
    0,
    ...dates.map((date) =>
      !isPlain(date) || date.year === null
        ? 0
        : Math.floor(Date.UTC(date.year, date.month - 1, date.dayOfMonth) / DAY_ms) + 1,
    ),
  );
}
