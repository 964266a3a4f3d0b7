// The tariff of esme.yaml: what a person writes becomes the sections of the meter, and a mistake is told with its place.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isNode, parseDocument } from "yaml";
import { sectionsOf, type TariffSections, tariffSchema } from "../../../host/app/config/tariff.js";
import { esmeState, newState } from "../../../host/ledger/state/state.js";
import type { Rate, SwitchingTable } from "../../../host/ledger/state/tariff.js";
import { currentTariffFault } from "../../../host/ledger/tariff/fault.js";
import { rateAt } from "../../../host/ledger/tariff/table.js";

function parsed(
  text: string,
): { readonly sections: TariffSections } | { readonly place: readonly string[]; readonly rule: string } {
  const checked = tariffSchema.safeParse(parseDocument(text).toJS());
  if (checked.success) return sectionsOf(checked.data);
  const issue = checked.error.issues[0];
  return { place: (issue?.path ?? []).map(String), rule: issue?.message ?? "" };
}

function meant(text: string): TariffSections {
  const result = parsed(text);
  if (!("sections" in result)) throw new Error(`${result.place.join(".")}: ${result.rule}`);
  return result.sections;
}

/** "days.all.1: the rule", with the text at that place. */
function mistake(text: string): string {
  const result = parsed(text);
  if ("sections" in result) return "no mistake";
  const found = isNode(parseDocument(text).getIn([...result.place], true));
  return `${result.place.join(".")}: ${result.rule}${found ? "" : " (nowhere in the file)"}`;
}

function rateOn(sections: TariffSections, at: string): Rate {
  const table = sections.tariffSwitchingTable?.valueCurrent as SwitchingTable;
  return rateAt(table, sections.tariffSwitchingTableSpecialDays?.valueCurrent ?? [], Date.parse(at));
}

const ECONOMY_7 = `
name: Economy 7
currency: GBP
standing_charge: 53.35p
rates: { day: 28.62p, night: 13.1p }
days: { all: ["00:00 night", "07:00 day"] }
randomised_offset_limit: 1200s
billing: { from: 2026-01-01, every: month }
`;

const EVERYTHING = `
rates:
  day: { blocks: [28p, 24.5p, 20p], above: [10 kWh, 25.5 kWh] }
  peak: 40p
  night: 9.123p
days:
  weekday: ["00:00 night", "07:00 day", "16:00 peak", "19:00 day"]
  weekend: ["00:00 night", "07:00 day"]
  holiday: ["00:00 night"]
seasons:
  winter: { from: 10-01 }
  summer: { from: 04-01, days: { all: ["00:00 night", "05:30 day"] } }
special_days: { 12-25: holiday, 2027-12-25: weekend }
blocks_begin_again: daily
secondary:
  rates: { off: 0p, heat: 12p }
  days: { all: ["00:00 heat", "07:00:30 off"] }
`;

describe("what is written", () => {
  test("Economy 7 becomes a table of one season, one week and one day", () => {
    const sections = meant(ECONOMY_7);
    expect(sections.tariffSwitchingTable?.valueCurrent).toEqual({
      seasons: [{ name: "all", startDate: { year: null, month: 1, dayOfMonth: 1 }, weekIdentifier: "1" }],
      weeks: [{ weekIdentifier: "1", days: [1, 1, 1, 1, 1, 1, 1] }],
      dayIdentifiers: [
        {
          dayIdentifier: 1,
          times: [
            { startTime: "00:00:00", tariffRateIdentifier: { kind: "tou", tou: 2 } },
            { startTime: "07:00:00", tariffRateIdentifier: { kind: "tou", tou: 1 } },
          ],
        },
      ],
    });
    expect(sections.tariffBlockPriceMatrixTOU?.valueCurrent.tou.slice(0, 3)).toEqual([28_620, 13_100, 0]);
    expect(sections.standingCharge?.valueCurrent).toBe(53_350);
    expect(sections.randomisedOffsetLimit).toEqual({ value: 1_200 });
    const startDateTime = Date.parse("2026-01-01T00:00:00Z");
    expect(sections.billingCalendar).toEqual({ startDateTime, periodicity: "monthly" });
  });

  test("seasons, weekdays, special days, blocks and a secondary element mean what they say", () => {
    const sections = meant(EVERYTHING);
    const rows = [
      ["a winter Monday at five", "2026-11-23T17:00:00Z", "tou 2"],
      ["a winter Sunday at five", "2026-11-22T17:00:00Z", "block 1"],
      ["a summer Monday at five", "2026-06-01T17:00:00Z", "block 1"],
      ["a summer morning at 05:29:59", "2026-06-01T05:29:59Z", "tou 3"],
      ["a summer morning at 05:30", "2026-06-01T05:30:00Z", "block 1"],
      ["Christmas 2026 at noon", "2026-12-25T12:00:00Z", "tou 3"],
      ["Christmas 2027 at noon", "2027-12-25T12:00:00Z", "block 1"],
    ] as const;
    for (const [when, at, expected] of rows) {
      const { kind, tou } = rateOn(sections, at);
      expect(`${when}: ${kind} ${tou}`).toBe(`${when}: ${expected}`);
    }
    expect(sections.tariffThresholdMatrix?.valueCurrent[0]).toEqual([10_000, 25_500, null]);
    expect(sections.tariffBlockPriceMatrixTOU?.valueCurrent.block[0]).toEqual([28_000, 24_500, 20_000, 0]);
    expect(sections.tariffBlockPriceMatrixTOU?.valueCurrent.tou.slice(0, 3)).toEqual([0, 40_000, 9_123]);
    expect(sections.secondaryTariffTOUPriceMatrix?.valueCurrent).toEqual([0, 12_000, 0, 0]);
    expect(sections.tariffBlockCounterMatrix).toEqual({ dailyResetting: true });
    const secondary = sections.tariffSwitchingTableSecondaryElement?.valueCurrent.dayIdentifiers[0]?.times;
    expect(secondary?.map((one) => one.startTime)).toEqual(["00:00:00", "07:00:30"]);
  });

  test("one rate needs no days", () => {
    expect(rateOn(meant("rates: { all-day: 25p }"), "2026-06-01T12:00:00Z")).toEqual({ kind: "tou", tou: 1 });
  });

  test("days with the same switches are one day of the table, and weeks likewise", () => {
    const text = `
rates: { a: 1p, b: 2p }
days: { weekday: ["00:00 a"], saturday: ["00:00 b"], sunday: ["00:00 a"] }
seasons: { one: { from: 01-01 }, two: { from: 06-01 } }`;
    const table = meant(text).tariffSwitchingTable?.valueCurrent;
    expect(table?.dayIdentifiers.length).toBe(2);
    expect(table?.weeks.map((week) => week.days)).toEqual([[1, 1, 1, 1, 1, 2, 1]]);
    expect(table?.seasons.map((season) => season.weekIdentifier)).toEqual(["1", "1"]);
  });

  test("prices become millipence digit by digit", () => {
    fc.assert(
      fc.property(fc.nat(999_999), fc.nat(999), (pence, thousandths) => {
        const text = `rates: { all: ${pence}.${String(thousandths).padStart(3, "0")}p }`;
        return meant(text).tariffBlockPriceMatrixTOU?.valueCurrent.tou[0] === pence * 1_000 + thousandths;
      }),
    );
  });

  test("the sections are a state of the meter, whole and without fault", () => {
    for (const text of [ECONOMY_7, EVERYTHING]) {
      const state = { ...newState(1), ...meant(text) };
      expect(esmeState.decode(esmeState.encode(state))).toEqual(state);
      expect(currentTariffFault(state)).toBeNull();
    }
  });

  test("every example of docs/spec/tariff.md is a tariff", () => {
    const page = readFileSync("docs/spec/tariff.md", "utf8");
    const examples = [...page.matchAll(/```yaml\n(tariff:\n[\s\S]*?)```/g)].map((match) => match[1] ?? "");
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const example of examples) {
      const checked = tariffSchema.parse(parseDocument(example).toJS().tariff);
      expect(sectionsOf(checked)).toHaveProperty("sections");
    }
  });
});

describe("a mistake is told with its place and its rule", () => {
  const forty_nine = Array.from({ length: 49 }, (_, index) => {
    const at = new Date(index * 29 * 60_000).toISOString().slice(11, 16);
    return `"${at} ${index % 2 === 0 ? "a" : "b"}"`;
  });
  const days = (text: string) => `rates: { a: 1p, b: 2p }\ndays: ${text}`;
  const ROWS: readonly (readonly [string, string, string])[] = [
    [
      "a gap",
      days('{ all: ["01:00 a"] }'),
      "days.all.0: day all has no rate before 01:00:00; its first switch is at 00:00:00",
    ],
    ["49 switches", days(`{ all: [${forty_nine.join(", ")}] }`), "days.all: day all has 49 switches; 48 is the most"],
    [
      "switches out of order",
      days('{ all: ["00:00 a", "07:00 b", "06:00 a"] }'),
      "days.all.2: day all switches at 06:00:00 after 07:00:00; a later switch has a later time",
    ],
    ["a rate misspelt", days('{ all: ["00:00 a", "07:00 c"] }'), "days.all.1: c is none of the rates: a, b"],
    [
      "a day of the week left out",
      days('{ weekday: ["00:00 a"] }'),
      "days: saturday has no switches: write saturday, weekend or all",
    ],
    [
      "a day misspelt",
      days('{ all: ["00:00 a"], wekend: ["00:00 b"] }'),
      "days.wekend: wekend is no day of the week, and no special day names it",
    ],
    [
      "a special day without its day",
      `${days('{ all: ["00:00 a"] }')}\nspecial_days: { 12-25: holiday }`,
      "special_days.12-25: there is no day called holiday among the days",
    ],
    [
      "a special day that is no date",
      `${days('{ all: ["00:00 a"] }')}\nspecial_days: { 04-31: all }`,
      "special_days.04-31: 04-31 is no date",
    ],
    [
      "a season that is no date",
      `${days('{ all: ["00:00 a"] }')}\nseasons: { x: { from: 02-30 } }`,
      "seasons.x.from: 02-30 is no date",
    ],
    [
      "two seasons on one day",
      `${days('{ all: ["00:00 a"] }')}\nseasons: { x: { from: 02-01 }, y: { from: 02-01 } }`,
      "seasons.y.from: season y does not begin after the one before it",
    ],
    [
      "five seasons",
      `${days('{ all: ["00:00 a"] }')}\nseasons: {${["a", "b", "c", "d", "e"].map((name, at) => ` ${name}: { from: 0${at + 1}-01 }`)} }`,
      "seasons: there are 5 seasons; 4 is the most",
    ],
    [
      "a season's day misspelt",
      `${days('{ all: ["00:00 a"] }')}\nseasons: { x: { from: 01-01, days: { all: ["00:00 a"], holiday: ["00:00 b"] } } }`,
      "seasons.x.days.holiday: holiday is no day of the week",
    ],
    ["two rates and no days", "rates: { a: 1p, b: 2p }", "rates: with more than one rate, days say when each begins"],
    ["no rates", "rates: {}", "rates: a tariff has at least one rate"],
    [
      "blocks without their energies",
      "rates: { a: { blocks: [2p, 1p], above: [] } }",
      "rates.a.above: 2 blocks have 1 energies between them",
    ],
    [
      "energies that fall",
      "rates: { a: { blocks: [3p, 2p, 1p], above: [10 kWh, 9000 Wh] } }",
      "rates.a.above: each energy is at least the one before it",
    ],
    [
      "a price without its unit",
      "rates: { a: 28.62 }",
      "rates.a: write a price such as 28.62p, or one to four of them: { blocks: [28p, 24p], above: [10 kWh] }",
    ],
    ["a price below zero", 'rates: { a: "-3p" }', "rates.a: write a price such as 28.62p (28.62c in euro cents)"],
    ["pence in euro", "currency: EUR\nrates: { a: 28p }", 'rates.a: prices of this currency end in c, not "28p"'],
    [
      "London time",
      "timezone: london\nrates: { a: 28p }",
      "timezone: a switching table is in UTC, and its four seasons cannot follow the days on which London's clocks change: " +
        "write the switches in UTC, an hour earlier for British Summer Time",
    ],
    [
      "an offset too long",
      "rates: { a: 28p }\nrandomised_offset_limit: 1800s",
      "randomised_offset_limit: the limit lies between 0s and 1799s",
    ],
    [
      "billing from no date",
      "rates: { a: 28p }\nbilling: { from: 2026-02-30, every: month }",
      "billing.from: 2026-02-30 is no date with a year, such as 2026-01-01",
    ],
    [
      "blocks on the secondary element",
      "rates: { a: 28p }\nsecondary: { rates: { h: { blocks: [1p], above: [] } } }",
      "secondary.rates.h: the secondary element has no blocks",
    ],
    [
      "five rates on the secondary element",
      'rates: { a: 28p }\nsecondary: { rates: { h: 1p, i: 1p, j: 1p, k: 1p, l: 1p }, days: { all: ["00:00 h"] } }',
      "secondary.rates.l: there are 5 rates; 4 is the most",
    ],
    [
      "a gap on the secondary element",
      'rates: { a: 28p }\nsecondary: { rates: { h: 1p }, days: { all: ["02:00 h"] } }',
      "secondary.days.all.0: day all has no rate before 02:00:00; its first switch is at 00:00:00",
    ],
    [
      "a time that is none",
      days('{ all: ["24:00 a"] }'),
      'days.all.0: write a time and the rate that begins then: "07:00 day"',
    ],
    ["a rate's name with a space", 'rates: { "my rate": 1p }', "rates.my rate: a name is letters, digits and hyphens"],
    [
      "a special day written as a word",
      `${days('{ all: ["00:00 a"] }')}\nspecial_days: { christmas: all }`,
      "special_days.christmas: write a date such as 12-25 (every year) or 2026-12-25",
    ],
  ];
  test.each(ROWS)("%s", (_, text, expected) => {
    expect(mistake(text)).toBe(expected);
  });

  test("an unknown key is refused", () => {
    const checked = tariffSchema.safeParse(parseDocument("rates: { a: 1p }\nprices: { a: 2p }").toJS());
    expect(checked.error?.issues[0]?.message).toBe('Unrecognized key: "prices"');
  });
});
