// Which dates of a calendar there are: those that a tariff's seasons and special days name, and the patterns of dates of the other
// calendars, which this meter keeps and tells and does not follow.

import type { CalendarDate } from "../state/tariff.js";

export interface PlainDate {
  readonly year: number | null;
  readonly month: number;
  readonly dayOfMonth: number;
}

/** A certain day, or the same day of every year, which may be 29 February. */
export function isPlain(date: CalendarDate): date is CalendarDate & PlainDate {
  const { year, month, dayOfMonth, dayOfWeek } = date;
  if (month === null || dayOfMonth === null || dayOfWeek !== undefined) return false;
  if (year !== null && (year < 2000 || year > 2099)) return false;
  const day = new Date(Date.UTC(year ?? 2000, month - 1, dayOfMonth));
  return day.getUTCMonth() === month - 1 && day.getUTCDate() === dayOfMonth;
}

/** 253 and 254 are a month in which summer time ends and begins, the last but one and the last day of a month (Blue Book 4.1.6.1). */
const SPECIAL = [253, 254];
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** A plain date of any year, or one in which month and day are any or special, or a day of the week is named. */
export function isPattern({ month, dayOfMonth, dayOfWeek = 1 }: CalendarDate): boolean {
  const days = month === null || SPECIAL.includes(month) ? 31 : (LONGEST[month - 1] ?? 0);
  const isDay = dayOfMonth === null || SPECIAL.includes(dayOfMonth) || (dayOfMonth >= 1 && dayOfMonth <= days);
  return days > 0 && isDay && dayOfWeek >= 1 && dayOfWeek <= 7;
}
