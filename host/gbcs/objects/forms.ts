// Forms of values that several objects share: dates, times of day, special days, schedules; and what only a twin-element meter has.
// docs/spec/gbcs.md, "Values".

import type { ScheduleDay, ScheduleEntry } from "../../ledger/state/prepayment.js";
import type { PlannedSection } from "../../ledger/state/state.js";
import type { CalendarDate } from "../../ledger/state/tariff.js";
import { bool, type Data, octets, u16 } from "../../wire/dlms/data.js";
import { BITS, bytesOfHex, fields, fixed, list, mapped, TIME_OF_DAY, U8, U16 } from "../codecs.js";
import type { Codec, Item } from "../item.js";
import type { Draft } from "../meter-view.js";
import { activation, attribute, next, value } from "../rows.js";

/** Values of `of` that the state holds as well. */
export function only<T>(of: Codec<T>, holds: (value: T) => boolean): Codec<T> {
  return mapped(
    of,
    (value: T) => value,
    (value) => (holds(value) ? value : undefined),
  );
}

/** Whether two values are the same octets. */
export function same(one: Data, other: Data): boolean {
  return fixed(one).from(other) === null;
}

const ANY = 0xff;
const ANY_YEAR = 0xffff;
const DATE_OCTETS = 5;

/** Year, month, day and day of the week; what comes every year, month or day, or on any day of the week, is all FF. */
export const DATE: Codec<CalendarDate> = {
  to: ({ year, month, dayOfMonth, dayOfWeek }) => {
    const told = year ?? ANY_YEAR;
    return octets(Uint8Array.of(told >> 8, told & 0xff, month ?? ANY, dayOfMonth ?? ANY, dayOfWeek ?? ANY));
  },
  from: (data) => {
    if (data.type !== "octet-string" || data.bytes.length !== DATE_OCTETS) return undefined;
    const [high = 0, low = 0, month = ANY, day = ANY, weekday = ANY] = data.bytes;
    const year = high * 256 + low;
    return {
      year: year === ANY_YEAR ? null : year,
      month: month === ANY ? null : month,
      dayOfMonth: day === ANY ? null : day,
      ...(weekday === ANY ? {} : { dayOfWeek: weekday }),
    };
  },
};

const NO_DATE = fixed(octets(new Uint8Array(DATE_OCTETS).fill(ANY)));
const DATE_OR_NONE: Codec<CalendarDate | null> = {
  to: (date) => (date === null ? NO_DATE.to(null) : DATE.to(date)),
  from: (data) => (NO_DATE.from(data) === null ? null : DATE.from(data)),
};

/** The special days of a schedule, whose entries tell them apart by their order. */
export const SCHEDULE_DAYS: Codec<readonly ScheduleDay[]> = list(
  fields<ScheduleDay>({ index: U16, date: DATE, dayIdentifier: U8 }),
  20,
);

const WEEKDAYS = only(BITS, (days) => days.length === 7);
const SPECDAYS = only(BITS, (days) => days.length <= 50);
const ANY_WINDOW = fixed(u16(0xffff));
const ENABLED = fixed(bool(true));

/** The entries of a schedule (class 10), all of one script table. */
export function schedule(scriptTable: string, most: number): Codec<readonly ScheduleEntry[]> {
  return list(
    mapped(
      fields({
        index: U16,
        enable: ENABLED,
        script: fixed(octets(bytesOfHex(scriptTable))),
        scriptSelector: U16,
        switchTime: TIME_OF_DAY,
        validityWindow: ANY_WINDOW,
        execWeekdays: WEEKDAYS,
        execSpecdays: SPECDAYS,
        beginDate: DATE_OR_NONE,
        endDate: DATE_OR_NONE,
      }),
      (entry: ScheduleEntry) => ({ ...entry, enable: null, script: null, validityWindow: null }),
      ({ enable, script, validityWindow, ...entry }) => entry,
    ),
    most,
  );
}

/** A row of the secondary element: only a twin-element meter has it. */
export function twin(item: Item): Item {
  const { get, put } = item;
  const learn = (draft: Draft) => draft.put("meterVariant", { value: "B" });
  return {
    ...item,
    ...(get && { get: (view, range) => (view.state.meterVariant.value === "B" ? get(view, range) : null) }),
    ...(put && {
      put: (draft, data) => {
        if (draft.learning) learn(draft);
        return draft.section("meterVariant").value === "B" && put(draft, data);
      },
    }),
    learn,
  };
}

/** A list that is replaced as a whole at a moment: as it is, as it will be, and when. `names` are the fields of the first two. */
export function replacedWhole<T>(
  object: string,
  names: readonly [current: string, next: string],
  cosemClass: number,
  [current, waiting, moment]: readonly [current: string, waiting: string, moment: string],
  section: PlannedSection,
  codec: Codec<T>,
): readonly Item[] {
  return [
    value(attribute(`${object}.${names[0]}`, cosemClass, current, 2), [section, "valueCurrent"], codec),
    next(attribute(`${object}.${names[1]}`, cosemClass, waiting, 2), [section], codec),
    activation(attribute(`${object}.activateNextDateTime`, 9000, moment, 6), section),
  ];
}
