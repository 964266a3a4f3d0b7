// The tariff as a person writes it in esme.yaml, and the sections of the meter that it means. docs/spec/tariff.md explains every key.

import { z } from "zod";
import type { Settable } from "../../ledger/commands.js";
import { PERIODICITIES } from "../../ledger/state/records.js";
import type { EsmeState } from "../../ledger/state/state.js";
import type { CalendarDate, Rate, SpecialDays, SwitchingTable } from "../../ledger/state/tariff.js";
import { settled } from "../../ledger/state/words.js";
import { isPlain } from "../../ledger/tariff/date.js";
import { faultOf, faultOfThresholds, gapOf } from "../../ledger/tariff/fault.js";
import { dateKey } from "../../ledger/tariff/table.js";
import { Utc_ms } from "../../ledger/units.js";

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const EVERY = ["day", "week", "month", "quarter", "half-year", "year"] as const;

const price = z.string().regex(/^\d{1,6}(\.\d{1,3})?[pc]$/, "write a price such as 28.62p (28.62c in euro cents)");
const energy = z
  .string()
  .regex(/^(\d{1,6}(\.\d{1,3})? ?kWh|\d{1,9} ?Wh)$/, "write an energy such as 10 kWh or 1500 Wh");
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,30}$/, "a name is letters, digits and hyphens");
/** A key that is no name or no date is told by its own rule. */
const sayKey = {
  error: (issue: z.core.$ZodRawIssue) => (issue.code === "invalid_key" ? issue.issues[0]?.message : undefined),
};
const date = z.string().regex(/^(20\d\d-)?\d\d-\d\d$/, "write a date such as 12-25 (every year) or 2026-12-25");
const clock = "([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?";
const switches = z
  .array(z.string().regex(new RegExp(`^${clock} \\S+$`), 'write a time and the rate that begins then: "07:00 day"'))
  .min(1);
const withBlocks = z.strictObject({ blocks: z.array(price).min(1).max(4), above: z.array(energy).max(3) });
const rates = z.record(
  name,
  z.union([price, withBlocks], {
    error: "write a price such as 28.62p, or one to four of them: { blocks: [28p, 24p], above: [10 kWh] }",
  }),
  sayKey,
);
const days = z.record(name, switches, sayKey);

const element = {
  rates,
  days: days.optional(),
  seasons: z.record(name.max(8), z.strictObject({ from: date, days: days.optional() }), sayKey).optional(),
  special_days: z.record(date, name, sayKey).optional(),
};

/** The keys of `tariff:` in esme.yaml. */
export const tariffSchema = z.strictObject({
  name: z.string().min(1).max(64).optional(),
  currency: z.enum(["GBP", "EUR"]).optional(),
  /** A day. */
  standing_charge: price.optional(),
  timezone: z.enum(["utc", "london"]).optional(),
  ...element,
  /** The second element of a twin-element meter (variant B): TOU 1..4, no blocks. */
  secondary: z.strictObject(element).optional(),
  randomised_offset_limit: z
    .string()
    .regex(/^\d{1,4}s$/, "write whole seconds: 1200s")
    .optional(),
  blocks_begin_again: z.enum(["with-billing", "daily"]).optional(),
  billing: z.strictObject({ from: date, every: z.enum(EVERY) }).optional(),
});
export type Tariff = z.output<typeof tariffSchema>;
type Element = Pick<Tariff, "rates" | "days" | "seasons" | "special_days">;

export type TariffSections = { readonly [S in Settable]?: EsmeState[S] };
/** A mistake: the keys that lead to it within `tariff:`, and the rule it breaks. */
export interface Mistake {
  readonly place: readonly string[];
  readonly rule: string;
}

/** The sections of the meter that a tariff means; what it leaves out is set to nothing. A mistake is told with its place. */
export function sectionsOf(tariff: Tariff): { readonly sections: TariffSections } | Mistake {
  try {
    return { sections: allSections(tariff) };
  } catch (mistake) {
    if (mistake instanceof Broken) return { place: mistake.place, rule: mistake.message };
    throw mistake;
  }
}

class Broken extends Error {
  constructor(
    readonly place: readonly string[],
    rule: string,
  ) {
    super(rule);
  }
}

function allSections(tariff: Tariff): TariffSections {
  if (tariff.timezone === "london") {
    const why =
      "a switching table is in UTC, and its four seasons cannot follow the days on which London's clocks change";
    throw new Broken(["timezone"], `${why}: write the switches in UTC, an hour earlier for British Summer Time`);
  }
  const unit = (tariff.currency ?? "GBP") === "GBP" ? "p" : "c";
  const primary = elementOf(tariff, [], unit, "primary");
  const secondary =
    tariff.secondary === undefined ? null : elementOf(tariff.secondary, ["secondary"], unit, "secondary");
  const limit_s = Number((tariff.randomised_offset_limit ?? "0s").slice(0, -1));
  if (limit_s > 1_799) throw new Broken(["randomised_offset_limit"], "the limit lies between 0s and 1799s");
  return {
    tariffSwitchingTable: settled(primary.table),
    tariffSwitchingTableSpecialDays: settled(primary.special),
    tariffSwitchingTableSecondaryElement: settled(secondary?.table ?? { seasons: [], weeks: [], dayIdentifiers: [] }),
    tariffSwitchingTableSecondaryElementSpecialDays: settled(secondary?.special ?? []),
    tariffThresholdMatrix: settled(primary.thresholds),
    tariffBlockPriceMatrixTOU: settled({ tou: primary.tou, block: primary.block }),
    secondaryTariffTOUPriceMatrix: settled((secondary?.tou ?? Array<number>(4).fill(0)).slice(0, 4)),
    standingCharge: settled(
      tariff.standing_charge === undefined ? 0 : millipence(tariff.standing_charge, unit, ["standing_charge"]),
    ),
    currencyUnit: settled(tariff.currency ?? "GBP"),
    tariffBlockCounterMatrix: { dailyResetting: tariff.blocks_begin_again === "daily" },
    randomisedOffsetLimit: { value: limit_s },
    billingCalendar: billingOf(tariff.billing),
  };
}

function elementOf(written: Element, at: readonly string[], unit: string, which: "primary" | "secondary") {
  const matrix = ratesOf(written.rates, at, unit, which);
  return { ...matrix, ...calendarOf(written, at, matrix.named, which) };
}

/** Rates are TOU 1, 2, ... in the order in which they are written; one with blocks is that TOU of the block registers. */
function ratesOf(written: Element["rates"], at: readonly string[], unit: string, which: "primary" | "secondary") {
  const named = new Map<string, Rate>();
  const tou = Array<number>(48).fill(0);
  const block = Array.from({ length: 8 }, () => [0, 0, 0, 0]);
  const thresholds = Array.from({ length: 8 }, (): (number | null)[] => [null, null, null]);
  const most = which === "primary" ? 48 : 4;
  const all = Object.entries(written);
  if (all.length === 0) throw new Broken([...at, "rates"], "a tariff has at least one rate");
  for (const [index, [rate, terms]] of all.entries()) {
    const place = [...at, "rates", rate];
    if (index >= most) throw new Broken(place, `there are ${all.length} rates; ${most} is the most`);
    if (typeof terms === "string") {
      named.set(rate, { kind: "tou", tou: index + 1 });
      tou[index] = millipence(terms, unit, place);
      continue;
    }
    if (which === "secondary") throw new Broken(place, "the secondary element has no blocks");
    if (index >= 8) throw new Broken(place, "only the first 8 rates may have blocks");
    if (terms.above.length !== terms.blocks.length - 1)
      throw new Broken(
        [...place, "above"],
        `${terms.blocks.length} blocks have ${terms.blocks.length - 1} energies between them`,
      );
    named.set(rate, { kind: "block", tou: index + 1 });
    block[index] = [0, 1, 2, 3].map((one) => {
      const text = terms.blocks[one];
      return text === undefined ? 0 : millipence(text, unit, [...place, "blocks", String(one)]);
    });
    thresholds[index] = [0, 1, 2].map((one) => (terms.above[one] === undefined ? null : wattHours(terms.above[one])));
    const fault = faultOfThresholds([thresholds[index]]);
    if (fault !== null) throw new Broken([...place, "above"], "each energy is at least the one before it");
  }
  return { named, tou, block, thresholds };
}

function calendarOf(
  written: Element,
  at: readonly string[],
  rates: ReadonlyMap<string, Rate>,
  which: "primary" | "secondary",
) {
  const identifiers = new Map<string, { readonly id: number; readonly place: readonly string[] }>();
  const dayIdentifiers: SwitchingTable["dayIdentifiers"][number][] = [];
  /** Days with the same switches are one day of the table. */
  const identify = (list: readonly string[], place: readonly string[]): number => {
    const times = list.map((text, index) => switchOf(text, rates, [...place, String(index)]));
    const key = JSON.stringify(times);
    const known = identifiers.get(key);
    if (known !== undefined) return known.id;
    const id = dayIdentifiers.length + 1;
    identifiers.set(key, { id, place });
    dayIdentifiers.push({ dayIdentifier: id, times });
    return id;
  };
  const weekOf = (from: NonNullable<Element["days"]>, place: readonly string[]): number[] =>
    WEEKDAYS.map((weekday, index) => {
      const part = index < 5 ? "weekday" : "weekend";
      const day = [weekday, part, "all"].find((one) => from[one] !== undefined);
      if (day === undefined) throw new Broken(place, `${weekday} has no switches: write ${weekday}, ${part} or all`);
      return identify(from[day] ?? [], [...place, day]);
    });

  const needed = Object.values(written.seasons ?? {}).some((season) => season.days === undefined);
  const ownDays = written.days ?? (written.seasons === undefined || needed ? onlyDay(written.rates, at) : {});
  const seasonsWritten = Object.entries(written.seasons ?? { all: { from: "01-01" } }).sort(
    ([, one], [, other]) => dateKey(calendarDate(one.from)) - dateKey(calendarDate(other.from)),
  );
  const weeks: { weekIdentifier: string; days: number[] }[] = [];
  const seasons = seasonsWritten.map(([season, { from, days: own }]) => {
    const week = own === undefined ? weekOf(ownDays, [...at, "days"]) : weekOf(own, [...at, "seasons", season, "days"]);
    let found = weeks.find((one) => one.days.join() === week.join());
    if (found === undefined) {
      found = { weekIdentifier: String(weeks.length + 1), days: week };
      weeks.push(found);
    }
    return { name: season, startDate: calendarDate(from), weekIdentifier: found.weekIdentifier };
  });
  const specialWritten = Object.entries(written.special_days ?? {});
  const special = specialWritten.map(([text, day]) => {
    const list = Object.hasOwn(ownDays, day) ? ownDays[day] : undefined;
    if (list === undefined)
      throw new Broken([...at, "special_days", text], `there is no day called ${day} among the days`);
    return { date: calendarDate(text), dayIdentifier: identify(list, [...at, "days", day]) };
  });
  onlyKnownDays(written, at);

  const table: SwitchingTable = { seasons, weeks, dayIdentifiers };
  const fault = gapOf(table) ?? faultOf(table, special satisfies SpecialDays, which);
  if (fault === null) return { table, special };
  const [, list, index, time] = /^(\w+)(?:\[(\d+)\])?(?:\.times(?:\[(\d+)\])?)?/.exec(fault.place) ?? [];
  const places: Readonly<Record<string, readonly string[]>> = {
    seasons: ["seasons", ...(index === undefined ? [] : [seasonsWritten[Number(index)]?.[0] ?? "", "from"])],
    specialDays: ["special_days", ...(index === undefined ? [] : [specialWritten[Number(index)]?.[0] ?? ""])],
  };
  const day = [...identifiers.values()].find((one) => one.id === Number(index) + 1)?.place;
  if (list === "dayIdentifiers" && day !== undefined)
    throw new Broken(
      [...day, ...(time === undefined ? [] : [time])],
      fault.rule.replace(/^day \d+/, `day ${day.at(-1)}`),
    );
  throw new Broken([...at, ...(places[list ?? ""] ?? ["days"])], fault.rule);
}

/** Without days there is nothing to switch between. */
function onlyDay(rates: Element["rates"], at: readonly string[]): NonNullable<Element["days"]> {
  const [first, second] = Object.keys(rates);
  if (second !== undefined) throw new Broken([...at, "rates"], "with more than one rate, days say when each begins");
  return { all: [`00:00 ${first}`] };
}

/** A day that no week and no special day uses is a slip of the pen. */
function onlyKnownDays(written: Element, at: readonly string[]): void {
  const week: readonly string[] = [...WEEKDAYS, "weekday", "weekend", "all"];
  const special = Object.values(written.special_days ?? {});
  const stray = Object.keys(written.days ?? {}).find((day) => !week.includes(day) && !special.includes(day));
  if (stray !== undefined)
    throw new Broken([...at, "days", stray], `${stray} is no day of the week, and no special day names it`);
  for (const [season, { days: own }] of Object.entries(written.seasons ?? {})) {
    const odd = Object.keys(own ?? {}).find((day) => !week.includes(day));
    if (odd !== undefined) throw new Broken([...at, "seasons", season, "days", odd], `${odd} is no day of the week`);
  }
}

function switchOf(text: string, rates: ReadonlyMap<string, Rate>, place: readonly string[]) {
  const [time = "", rate = ""] = text.split(" ");
  const tariffRateIdentifier = rates.get(rate);
  if (tariffRateIdentifier === undefined)
    throw new Broken(place, `${rate} is none of the rates: ${[...rates.keys()].join(", ")}`);
  return { startTime: time.length === 5 ? `${time}:00` : time, tariffRateIdentifier };
}

function billingOf(billing: Tariff["billing"]): EsmeState["billingCalendar"] {
  if (billing === undefined) return { startDateTime: null, periodicity: "monthly" };
  const from = calendarDate(billing.from);
  if (from.year === null || !isPlain(from))
    throw new Broken(["billing", "from"], `${billing.from} is no date with a year, such as 2026-01-01`);
  const startDateTime = Utc_ms(Date.UTC(from.year, from.month - 1, from.dayOfMonth));
  return { startDateTime, periodicity: PERIODICITIES[EVERY.indexOf(billing.every)] ?? "monthly" };
}

function calendarDate(text: string): CalendarDate {
  const [dayOfMonth = 0, month = 0, year = null] = text.split("-").map(Number).reverse();
  return { year, month, dayOfMonth };
}

function millipence(text: string, unit: string, place: readonly string[]): number {
  if (!text.endsWith(unit)) throw new Broken(place, `prices of this currency end in ${unit}, not "${text}"`);
  return thousandths(text.slice(0, -1));
}

function wattHours(text: string): number {
  return text.endsWith("kWh") ? thousandths(text.slice(0, -3).trim()) : Number(text.slice(0, -2).trim());
}

/** "28.62" as 28,620, digit by digit. */
function thousandths(text: string): number {
  const [whole = "", fraction = ""] = text.split(".");
  return Number(whole) * 1_000 + Number(fraction.padEnd(3, "0"));
}
