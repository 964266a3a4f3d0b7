// The billing calendar and the daily resetting of the block counters, as patterns of dates (class 22): each entry a time and a date, in
// which what is FF or FFFF comes every year, month or day. Months 1, 4, 7 and 10 are a quarter's four entries.

import { PERIODICITIES } from "../../ledger/state/records.js";
import type { EsmeState } from "../../ledger/state/state.js";
import { DAY_ms, Utc_ms } from "../../ledger/units.js";
import { array, type Data, octets, structure } from "../../wire/dlms/data.js";
import { fixed, TIME_OF_DAY } from "../codecs.js";
import type { Item } from "../item.js";
import { attribute } from "../rows.js";
import { same } from "./forms.js";

type BillingCalendar = EsmeState["billingCalendar"];

const ANY = 0xff;
/** After how many months it comes again; a pattern names each of them. */
const MONTHS = { quarterly: 3, "six-monthly": 6, yearly: 12 } as const;

function patternOf({ startDateTime, periodicity }: BillingCalendar): Data {
  if (startDateTime === null) return array();
  const start = new Date(startDateTime);
  const time = start.toISOString().slice(11, 19);
  const [month, day] = [start.getUTCMonth() + 1, start.getUTCDate()];
  switch (periodicity) {
    case "daily":
      return array(entry(time, ANY, ANY, ANY));
    case "weekly":
      // The day of the week, Monday 1 to Sunday 7 (Blue Book 4.1.6.1): inferred, no reference message has it.
      return array(entry(time, ANY, ANY, start.getUTCDay() || 7));
    case "monthly":
      return array(entry(time, ANY, day, ANY));
    default: {
      const every = MONTHS[periodicity];
      const nth = (number: number) => ((month - 1 + number * every) % 12) + 1;
      return array(...Array.from({ length: 12 / every }, (_, number) => entry(time, nth(number), day, ANY)));
    }
  }
}

function entry(time: string, month: number, day: number, weekday: number): Data {
  return structure(TIME_OF_DAY.to(time), octets(Uint8Array.of(ANY, ANY, month, day, weekday)));
}

/** The calendar of a pattern, begun at the last moment before `at` that its first entry names: so the months stay in their order, and what
 * is to come is the same whenever it began. */
function calendarOf(pattern: Data, at: Utc_ms): BillingCalendar | undefined {
  if (pattern.type !== "array") return undefined;
  const [first] = pattern.items;
  if (first === undefined) return { startDateTime: null, periodicity: "monthly" };
  const startDateTime = lastBefore(first, at);
  if (startDateTime === undefined) return undefined;
  const calendars = PERIODICITIES.map((periodicity) => ({ startDateTime, periodicity }));
  return calendars.find((calendar) => same(patternOf(calendar), pattern));
}

/** 29 February may be eight years apart. */
const FARTHEST_days = 8 * 366 + 1;

function lastBefore(first: Data, at: Utc_ms): Utc_ms | undefined {
  if (first.type !== "structure") return undefined;
  const time = first.items[0] && TIME_OF_DAY.from(first.items[0]);
  const date = first.items[1];
  if (time === undefined || date?.type !== "octet-string") return undefined;
  const [, , month, dayOfMonth, weekday] = date.bytes;
  const [hour = 0, minute = 0, second = 0] = time.split(":").map(Number);
  const named = (day: Date) =>
    (month === ANY || month === day.getUTCMonth() + 1) &&
    (dayOfMonth === ANY || dayOfMonth === day.getUTCDate()) &&
    (weekday === ANY || weekday === (day.getUTCDay() || 7));
  const time_ms = ((hour * 60 + minute) * 60 + second) * 1_000;
  const latest = Math.floor((at - time_ms) / DAY_ms);
  for (let day = latest; day > latest - FARTHEST_days; day--)
    if (named(new Date(day * DAY_ms))) return Utc_ms(day * DAY_ms + time_ms);
  return undefined;
}

const EACH_MIDNIGHT = fixed(array(entry("00:00:00", ANY, ANY, ANY)));
/** Inferred: no reference message ends the daily resetting. */
const NO_MIDNIGHT = fixed(array());

export const BILLING: readonly Item[] = [
  {
    ...attribute("BillingCalendar.startDateTimeAndLongerPeriodicity", 22, "0-0:15.0.0.255", 4),
    get: ({ state }) => patternOf(state.billingCalendar),
    settable: true,
    put: (draft, data) => {
      const calendar = calendarOf(data, draft.base.at);
      if (calendar !== undefined) draft.put("billingCalendar", calendar);
      return calendar !== undefined;
    },
  },
  {
    ...attribute("TariffBlockCounterMatrix.dailyResetting", 22, "0-0:15.1.0.255", 4),
    get: ({ state }) => (state.tariffBlockCounterMatrix.dailyResetting ? EACH_MIDNIGHT : NO_MIDNIGHT).to(null),
    settable: true,
    put: (draft, data) => {
      const dailyResetting = EACH_MIDNIGHT.from(data) === null;
      if (!dailyResetting && NO_MIDNIGHT.from(data) === undefined) return false;
      draft.put("tariffBlockCounterMatrix", { dailyResetting });
      return true;
    },
  },
];
