// London's time against the time zone data of the runtime, for the years in which the rule holds.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isLondonMidnight,
  londonDayStart,
  londonMonthStart,
  londonOffset_ms,
  londonWeekStart,
} from "../../host/ledger/time/london.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { utc } from "./helpers.js";

const HOUR = 3_600_000;
const FIRST = Date.UTC(1996, 0, 1);
const LAST = Date.UTC(2038, 0, 1) - 1;
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London",
  hourCycle: "h23",
  weekday: "short",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
});

/** What a clock on a wall in London shows. */
function shown(at: number) {
  const part = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  const [year, month, day] = [Number(part.year), Number(part.month), Number(part.day)];
  const time_ms = ((Number(part.hour) * 60 + Number(part.minute)) * 60 + Number(part.second)) * 1000;
  return { weekday: part.weekday, month, day, time_ms, offset_ms: Date.UTC(year, month - 1, day) + time_ms - at };
}

const wholeSecond = fc.integer({ min: FIRST / 1000, max: Math.floor(LAST / 1000) }).map((s) => Utc_ms(s * 1000));

describe("London", () => {
  test("is as far ahead of UTC as the time zone data say, in every hour around every change of clocks from 1996 to 2037", () => {
    for (let year = 1996; year <= 2037; year++) {
      for (const month of [2, 9]) {
        const from = Date.UTC(year, month, 24);
        for (let at = from; at < from + 8 * 24 * HOUR; at += HOUR)
          for (const moment of [at - 1000, at]) expect(londonOffset_ms(Utc_ms(moment))).toBe(shown(moment).offset_ms);
      }
    }
  });

  test("is as far ahead of UTC as the time zone data say, at any second", () => {
    fc.assert(
      fc.property(wholeSecond, (at) => {
        expect(londonOffset_ms(at)).toBe(shown(at).offset_ms);
        expect(isLondonMidnight(at)).toBe(shown(at).time_ms === 0);
      }),
      { numRuns: 2_000 },
    );
  });

  test("begins its days at 00:00, its weeks on a Monday, its months on a first, none later than the moment nor too early", () => {
    fc.assert(
      fc.property(wholeSecond, (at) => {
        const [day, week, month] = [londonDayStart(at), londonWeekStart(at), londonMonthStart(at)];
        for (const start of [day, week, month]) {
          expect(shown(start).time_ms).toBe(0);
          expect(isLondonMidnight(start)).toBe(true);
          expect(start).toBeLessThanOrEqual(at);
        }
        expect([shown(day).day, shown(day).month]).toEqual([shown(at).day, shown(at).month]);
        expect(shown(week).weekday).toBe("Mon");
        expect(at - week).toBeLessThan((7 * 24 + 1) * HOUR);
        expect([shown(month).day, shown(month).month]).toEqual([1, shown(at).month]);
        expect(at - month).toBeLessThan((31 * 24 + 1) * HOUR);
      }),
      { numRuns: 1_000 },
    );
  });

  test("has one day of 46 half hours and one of 50 in 2026", () => {
    const halfHours = (noon: string) => {
      const start = londonDayStart(utc(noon));
      return (londonDayStart(Utc_ms(start + 36 * HOUR)) - start) / (HOUR / 2);
    };
    expect(halfHours("2026-03-28T12:00:00Z")).toBe(48);
    expect(halfHours("2026-03-29T12:00:00Z")).toBe(46);
    expect(halfHours("2026-10-25T12:00:00Z")).toBe(50);
  });
});
