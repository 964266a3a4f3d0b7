// London's time: GMT, and BST (an hour ahead) from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October.
// A pure rule, in force since 1996.

import { DAY_ms, Utc_ms } from "../units.js";

const HOUR_ms = 3_600_000;
/** 1 January 1970 was a Thursday: the fourth day of a week that begins on Monday. */
const THURSDAY = 3;

/** How far London is ahead of UTC: 0 or one hour, ms. */
export function londonOffset_ms(at: Utc_ms): number {
  const year = new Date(at).getUTCFullYear();
  const summer = at >= lastSunday(year, 2) + HOUR_ms && at < lastSunday(year, 9) + HOUR_ms;
  return summer ? HOUR_ms : 0;
}

export function isLondonMidnight(at: Utc_ms): boolean {
  return (at + londonOffset_ms(at)) % DAY_ms === 0;
}

/** The first moment of the London day that holds `at`; the day has 23, 24 or 25 hours. */
export function londonDayStart(at: Utc_ms): Utc_ms {
  return midnightOf(londonDay(at));
}

/** The first moment of the London week, from Monday, that holds `at`. */
export function londonWeekStart(at: Utc_ms): Utc_ms {
  const day = londonDay(at);
  return midnightOf(day - ((((day + THURSDAY) % 7) + 7) % 7));
}

/** The first moment of the London month that holds `at`. */
export function londonMonthStart(at: Utc_ms): Utc_ms {
  const day = londonDay(at);
  return midnightOf(day + 1 - new Date(day * DAY_ms).getUTCDate());
}

/** The date in London, as days since 1 January 1970. */
function londonDay(at: Utc_ms): number {
  return Math.floor((at + londonOffset_ms(at)) / DAY_ms);
}

/** The moment of 00:00 in London on that date. Clocks change at 01:00 UTC: no midnight is doubtful. */
function midnightOf(day: number): Utc_ms {
  return Utc_ms(day * DAY_ms - londonOffset_ms(Utc_ms(day * DAY_ms)));
}

/** Midnight UTC of the last Sunday of a month, 0..11. */
function lastSunday(year: number, month: number): number {
  const last = Date.UTC(year, month + 1, 0);
  return last - new Date(last).getUTCDay() * DAY_ms;
}
