// The story of summer time: a tariff that lives in UTC, seen by the clock in the kitchen; days of 46 and 50 half hours; and one evening's
// dishwasher that belongs to two days.

import { markOf } from "../../ledger/boundaries.js";
import { entriesOf } from "../../ledger/log.js";
import { kept } from "../../ledger/profile.js";
import { historyNow } from "../../ledger/records/history.js";
import type { HistoryEntry } from "../../ledger/state/records.js";
import type { SwitchingTable } from "../../ledger/state/tariff.js";
import { settled } from "../../ledger/state/words.js";
import { Life, moment } from "./life.js";
import { claims, type Part, type Story } from "./story.js";

const LOAD_w = 1_000;
/** A dishwasher takes 2 kW for half an hour: 1 kWh. */
const DISHWASHER = { from: moment("2026-06-15T23:15:00Z"), to: moment("2026-06-15T23:45:00Z"), w: 2_000 };
const NIGHT = 1;
const NIGHT_TO_DAY: SwitchingTable = {
  seasons: [{ name: "all year", startDate: { year: null, month: 1, dayOfMonth: 1 }, weekIdentifier: "week" }],
  weeks: [{ weekIdentifier: "week", days: [1, 1, 1, 1, 1, 1, 1] }],
  dayIdentifiers: [
    {
      dayIdentifier: 1,
      times: [
        { startTime: "00:00:00", tariffRateIdentifier: { kind: "tou", tou: 2 } },
        { startTime: "00:30:00", tariffRateIdentifier: { kind: "tou", tou: NIGHT } },
        { startTime: "07:30:00", tariffRateIdentifier: { kind: "tou", tou: 2 } },
      ],
    },
  ],
};
/** Millipence a kWh: 10 p by night, 30 p by day. */
const PRICES = { tou: [10_000, 30_000, ...Array<number>(46).fill(0)], block: Array<number[]>(8).fill([0, 0, 0, 0]) };
const PARTS = {
  spring: "Sunday 29 March 2026, 23 hours",
  summer: "Monday 15 June 2026",
  autumn: "Sunday 25 October 2026, 25 hours",
  dishwasher: "the dishwasher, 15 June 23:15 UTC",
} as const;

const dayOf = (part: string, halfHours: number, kwh: number, cost_p: number, begins: string, ends: string) =>
  claims(part, [
    ["half hours", halfHours, ""],
    ["its kWh", kwh, "kWh"],
    ["its cost", cost_p, "p"],
    ["night rate begins, kitchen clock", begins],
    ["night rate ends, kitchen clock", ends],
  ]);

export const bst: Story = {
  name: "bst",
  title: "Whose midnight?",
  words: [
    "A meter keeps UTC all year. The clock in the kitchen goes by London: in summer it is an hour ahead.",
    "A house draws 1 kW all the time. Economy 7: 00:30 to 07:30 UTC at 10 p, else 30 p.",
    "    in winter the kitchen clock shows 00:30 and 07:30, in summer 01:30 and 08:30;",
    "    29 March   begins before the change, ends after it:  00:30 and 08:30, and it is 7 hours all the same",
    "    25 October likewise:                                 01:30 and 07:30",
    "A day of the kitchen clock has 24 hours, but 23 when the clock goes forward, and 25 when it goes back:",
    "    29 March    46 half hours, 23 kWh: 7 x 10 p + 16 x 30 p = 550 p",
    "    15 June     48 half hours, 24 kWh: 7 x 10 p + 17 x 30 p = 580 p",
    "    25 October  50 half hours, 25 kWh: 7 x 10 p + 18 x 30 p = 610 p",
    "Then a dishwasher takes 1 kWh more on 15 June from 23:15 to 23:45 UTC. The kitchen clock says 00:15: it is",
    "Tuesday 16 June. So the Daily Read Log, whose days are UTC's, has the 25 kWh on the 15th, and the store of",
    "days that a display shows, which is London's, has them on the 16th. Both have 24 kWh on the other day.",
  ],
  prediction: [
    ...dayOf(PARTS.spring, 46, 23, 550, "00:30", "08:30"),
    ...dayOf(PARTS.summer, 48, 24, 580, "01:30", "08:30"),
    ...dayOf(PARTS.autumn, 50, 25, 610, "01:30", "07:30"),
    ...claims(PARTS.dishwasher, [
      ["Daily Read Log, 15 June", 25, "kWh"],
      ["Daily Read Log, 16 June", 24, "kWh"],
      ["London's store, 15 June", 24, "kWh"],
      ["London's store, 16 June", 25, "kWh"],
    ]),
  ],
  live: () => {
    const june = lived("2026-06-14T23:00:00Z", "2026-06-17T00:00:00Z");
    return new Map<string, Part>([
      [PARTS.spring, dayIn(lived("2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z"))],
      [PARTS.summer, dayIn(june)],
      [PARTS.autumn, dayIn(lived("2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"))],
      [PARTS.dishwasher, dishwasherIn(june)],
    ]);
  },
  notice: [
    "Nothing was counted twice and nothing was lost: 46 + 50 = 2 x 48. Half hours know no summer.",
    "A real meter's switches come later still, by up to half an hour: its randomised offset, 0 here.",
    "UTC for the Daily Read Log and the tariff is the specification's, as are the London days of the store.",
  ],
};

interface Lived {
  readonly life: Life;
  /** What the kitchen clock showed when the night rate first began, and when it first ended. */
  readonly night: { begins: string; ends: string };
}

/** A meter read every minute, that begins and ends at a midnight of either kind. */
function lived(from: string, to: string): Lived {
  const life = new Life(from);
  const sections = {
    tariffSwitchingTable: settled(NIGHT_TO_DAY),
    tariffBlockPriceMatrixTOU: settled(PRICES),
  };
  life.command({ kind: "set", sections });
  const night = { begins: "", ends: "" };
  let before: number | null = null;
  const load_w = (at: number) => LOAD_w + (at >= DISHWASHER.from && at < DISHWASHER.to ? DISHWASHER.w : 0);
  life.live(to, 60, load_w, () => {
    const now = life.esme.state.tariffAccount.rate?.tou ?? null;
    if (before !== NIGHT && now === NIGHT) night.begins ||= kitchenClock(life.now);
    if (before === NIGHT && now !== NIGHT) night.ends ||= kitchenClock(life.now);
    before = now;
  });
  return { life, night };
}

/** The first London day that the meter has closed. */
function dayIn({ life, night }: Lived): Part {
  const [day, next] = londonDays(life);
  if (day === undefined || next === undefined) return {};
  const within = [...kept(life.esme.ledger.profile)].filter(({ end }) => end > day.from && end <= next.from);
  return {
    "half hours": within.length,
    "its kWh": day.importWh / 1_000,
    "its cost": day.costMicropence / 1e6,
    "night rate begins, kitchen clock": night.begins,
    "night rate ends, kitchen clock": night.ends,
  };
}

function dishwasherIn({ life }: Lived): Part {
  const reads = entriesOf(life.esme.state.dailyReadLogExcExport).map((one) => one.activeImportRegisterValue);
  const ofUtcDay = (index: number) => ((reads[index + 1] ?? Number.NaN) - (reads[index] ?? Number.NaN)) / 1_000;
  const ofLondonDay = (index: number) => (londonDays(life)[index]?.importWh ?? Number.NaN) / 1_000;
  return {
    "Daily Read Log, 15 June": ofUtcDay(0),
    "Daily Read Log, 16 June": ofUtcDay(1),
    "London's store, 15 June": ofLondonDay(0),
    "London's store, 16 June": ofLondonDay(1),
  };
}

function londonDays({ esme, now }: Life): readonly HistoryEntry[] {
  return historyNow(esme.state, markOf(esme, now)).days;
}

/** By the machine's own time zone data, not by the meter's rule. */
function kitchenClock(at: number): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit" }).format(at);
}
