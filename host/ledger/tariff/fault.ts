// What is wrong with a tariff: the place and the rule it breaks, in words. A tariff with a fault never becomes current.

import type { EsmeState } from "../state/state.js";
import type { CalendarDate, SpecialDays, SwitchingTable, ThresholdMatrix } from "../state/tariff.js";
import { isPlain } from "./date.js";
import { dateKey } from "./table.js";

export interface Fault {
  /** Where, as in a snapshot: "tariffSwitchingTable.dayIdentifiers[2].times[0]". */
  readonly place: string;
  /** What is so there and what ought to be, a sentence. */
  readonly rule: string;
}

/** How many there may be (facts 9), and the highest TOU that a table of the element can name. */
const MOST = { seasons: 4, weeks: 4, days: 16, switches: 48, specialDays: 50 } as const;
const PRIMARY_TOU = 48;
const SECONDARY_TOU = 4;

/** The first fault of the tariff that is current; null: none. */
export function currentTariffFault(state: EsmeState): Fault | null {
  const within = (section: string, found: Fault | null): Fault | null =>
    found === null ? null : { place: joined(section, found.place), rule: found.rule };
  const table = state.tariffSwitchingTable.valueCurrent;
  const secondary = state.tariffSwitchingTableSecondaryElement.valueCurrent;
  return (
    within("tariffSwitchingTable", faultOfTable(table, PRIMARY_TOU)) ??
    within(
      "tariffSwitchingTableSpecialDays",
      faultOfSpecialDays(table, state.tariffSwitchingTableSpecialDays.valueCurrent),
    ) ??
    within("tariffSwitchingTableSecondaryElement", faultOfTable(secondary, SECONDARY_TOU)) ??
    within(
      "tariffSwitchingTableSecondaryElementSpecialDays",
      faultOfSpecialDays(secondary, state.tariffSwitchingTableSecondaryElementSpecialDays.valueCurrent),
    ) ??
    within("tariffThresholdMatrix", faultOfThresholds(state.tariffThresholdMatrix.valueCurrent))
  );
}

/** The first fault of a table with its special days; null: none. `element`: the secondary has TOU 1..4 and no blocks. */
export function faultOf(
  table: SwitchingTable,
  special: SpecialDays,
  element: "primary" | "secondary" = "primary",
): Fault | null {
  const inTable = faultOfTable(table, element === "primary" ? PRIMARY_TOU : SECONDARY_TOU);
  if (inTable !== null) return inTable;
  const inDays = faultOfSpecialDays(table, special);
  return inDays === null ? null : { place: joined("specialDays", inDays.place), rule: inDays.rule };
}

/** The first day that does not begin with a switch: what held the day before goes on there. A meter takes it (the reference messages have
 * such days); whoever writes a tariff by hand more likely forgot something. */
export function gapOf({ dayIdentifiers }: SwitchingTable): Fault | null {
  const index = dayIdentifiers.findIndex(
    ({ times: [first_] }) => first_ !== undefined && first_.startTime !== "00:00:00",
  );
  const day = dayIdentifiers[index];
  if (day === undefined) return null;
  const rule = `day ${day.dayIdentifier} has no rate before ${day.times[0]?.startTime}; its first switch is at 00:00:00`;
  return { place: `dayIdentifiers[${index}].times[0].startTime`, rule };
}

/** Within one TOU a threshold is not below the one before it, and none follows where one is missing. */
export function faultOfThresholds(matrix: ThresholdMatrix): Fault | null {
  for (const [tou, thresholds] of matrix.entries()) {
    for (const [index, threshold] of thresholds.entries()) {
      const before = index === 0 ? 0 : (thresholds[index - 1] ?? null);
      if (threshold === null || (before !== null && threshold >= before)) continue;
      const rule =
        before === null
          ? `block ${index + 2} of TOU ${tou + 1} begins at ${threshold} Wh, but block ${index + 1} begins nowhere`
          : `block ${index + 2} of TOU ${tou + 1} begins at ${threshold} Wh, before block ${index + 1} at ${before} Wh`;
      return { place: `[${tou}][${index}]`, rule };
    }
  }
  return null;
}

function faultOfTable(table: SwitchingTable, mostTou: number): Fault | null {
  const { seasons, weeks, dayIdentifiers } = table;
  if (seasons.length + weeks.length + dayIdentifiers.length === 0) return null;
  return (
    tooMany("seasons", seasons.length, MOST.seasons) ??
    tooMany("weeks", weeks.length, MOST.weeks) ??
    tooMany("dayIdentifiers", dayIdentifiers.length, MOST.days, "days") ??
    faultOfSeasons(table) ??
    faultOfWeeks(table) ??
    twice(
      "dayIdentifiers",
      dayIdentifiers.map((day) => `day ${day.dayIdentifier}`),
    ) ??
    first(dayIdentifiers, (day, index) => faultOfDay(day, `dayIdentifiers[${index}].times`, mostTou))
  );
}

function faultOfSeasons({ seasons, weeks }: SwitchingTable): Fault | null {
  if (seasons.length === 0) return { place: "seasons", rule: "a table with days has at least one season" };
  const unknown = first(seasons, ({ name, startDate, weekIdentifier }, index) => {
    const place = `seasons[${index}]`;
    if (!isPlain(startDate)) return { place: `${place}.startDate`, rule: `${inWords(startDate)} is no date` };
    if (!weeks.some((week) => week.weekIdentifier === weekIdentifier))
      return {
        place: `${place}.weekIdentifier`,
        rule: `season ${name} names week ${weekIdentifier}, which is unknown`,
      };
    const before = seasons[index - 1]?.startDate;
    if (before === undefined) return null;
    if ((before.year === null) !== (startDate.year === null))
      return { place: `${place}.startDate`, rule: "either every season begins in a certain year or every year" };
    if (dateKey(before) >= dateKey(startDate))
      return { place: `${place}.startDate`, rule: `season ${name} does not begin after the one before it` };
    return null;
  });
  return (
    unknown ??
    twice(
      "seasons",
      seasons.map((season) => `season ${season.name}`),
    )
  );
}

function faultOfWeeks({ weeks, dayIdentifiers }: SwitchingTable): Fault | null {
  const known = new Set(dayIdentifiers.map((day) => day.dayIdentifier));
  return (
    twice(
      "weeks",
      weeks.map((week) => `week ${week.weekIdentifier}`),
    ) ??
    first(weeks, ({ weekIdentifier, days }, index) => {
      const unknown = days.findIndex((day) => !known.has(day));
      if (unknown < 0) return null;
      const rule = `week ${weekIdentifier} names day ${days[unknown]}, which is unknown`;
      return { place: `weeks[${index}].days[${unknown}]`, rule };
    })
  );
}

function faultOfDay(
  { dayIdentifier, times }: SwitchingTable["dayIdentifiers"][number],
  place: string,
  mostTou: number,
): Fault | null {
  if (times.length > MOST.switches)
    return { place, rule: `day ${dayIdentifier} has ${times.length} switches; ${MOST.switches} is the most` };
  if (times.length === 0) return { place, rule: `day ${dayIdentifier} has no switch; it needs at least one` };
  return first(times, ({ startTime, tariffRateIdentifier: rate }, index) => {
    const before = times[index - 1]?.startTime;
    if (before !== undefined && before >= startTime)
      return {
        place: `${place}[${index}].startTime`,
        rule: `day ${dayIdentifier} switches at ${startTime} after ${before}; a later switch has a later time`,
      };
    const most = rate.kind === "tou" ? mostTou : 8;
    const blocks = rate.kind === "block" && mostTou === SECONDARY_TOU;
    if (blocks || rate.tou > most)
      return {
        place: `${place}[${index}].tariffRateIdentifier`,
        rule: blocks ? "the secondary element has no blocks" : `TOU ${rate.tou} is beyond the last, ${most}`,
      };
    return null;
  });
}

function faultOfSpecialDays(table: SwitchingTable, special: SpecialDays): Fault | null {
  const known = new Set(table.dayIdentifiers.map((day) => day.dayIdentifier));
  return (
    tooMany("", special.length, MOST.specialDays, "special days") ??
    first(special, ({ date, dayIdentifier }, index) => {
      if (!isPlain(date)) return { place: `[${index}].date`, rule: `${inWords(date)} is no date` };
      if (known.has(dayIdentifier)) return null;
      const rule = `special day ${inWords(date)} names day ${dayIdentifier}, which is unknown`;
      return { place: `[${index}].dayIdentifier`, rule };
    }) ??
    twice(
      "",
      special.map(({ date }) => `special day ${inWords(date)}`),
    )
  );
}

function inWords({ year, month, dayOfMonth }: CalendarDate): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${year === null ? "" : `${year}-`}${month === null ? "any" : two(month)}-${dayOfMonth === null ? "any" : two(dayOfMonth)}`;
}

function joined(section: string, place: string): string {
  return place === "" || place.startsWith("[") ? `${section}${place}` : `${section}.${place}`;
}

function tooMany(place: string, number: number, most: number, what = place): Fault | null {
  return number <= most ? null : { place, rule: `there are ${number} ${what}; ${most} is the most` };
}

function twice(place: string, names: readonly string[]): Fault | null {
  const index = names.findIndex((name, at) => names.indexOf(name) !== at);
  return index < 0 ? null : { place: `${place}[${index}]`, rule: `${names[index]} is there twice` };
}

function first<T>(list: readonly T[], faultAt: (one: T, index: number) => Fault | null): Fault | null {
  for (const [index, one] of list.entries()) {
    const fault = faultAt(one, index);
    if (fault !== null) return fault;
  }
  return null;
}
