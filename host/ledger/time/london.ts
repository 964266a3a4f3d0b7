// London's time: GMT, and BST (an hour ahead) from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October.
// A pure rule, in force since 1996.

import { DAY_ms, Utc_ms } from "../units.js";

const HOUR_ms = 3_600_000;

/** How far London is ahead of UTC: 0 or one hour, ms. */
export function londonOffset_ms(at: Utc_ms): number {
  const year = new Date(at).getUTCFullYear();
  const summer = at >= lastSunday(year, 2) + HOUR_ms && at < lastSunday(year, 9) + HOUR_ms;
  return summer ? HOUR_ms : 0;
}

export function isLondonMidnight(at: Utc_ms): boolean {
  return (at + londonOffset_ms(at)) % DAY_ms === 0;
}

/** The first moment of the London day that holds `at`. Its offset at midnight may be another: clocks change at one or two o'clock. */
export function londonDayStart(at: Utc_ms): Utc_ms {
  const day = Math.floor((at + londonOffset_ms(at)) / DAY_ms) * DAY_ms;
  return Utc_ms(day - londonOffset_ms(Utc_ms(day - londonOffset_ms(at))));
}

/** Midnight UTC of the last Sunday of a month, 0..11. */
function lastSunday(year: number, month: number): number {
  const last = Date.UTC(year, month + 1, 0);
  return last - new Date(last).getUTCDay() * DAY_ms;
}
