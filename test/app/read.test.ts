// `esme read`: each store of a replayed meter, as a table for a person and as JSON whose sums an auditor can check.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openStore } from "../../host/adapters/store/house-store.js";
import { readEvents, readRegisters } from "../../host/app/commands/read.js";
import { readBoundaries } from "../../host/app/commands/read-boundaries.js";
import { readNetting } from "../../host/app/commands/read-netting.js";
import { readProfile } from "../../host/app/commands/read-profile.js";
import {
  readBilling,
  readConsumption,
  readDaily,
  readHistory,
  readMaxDemand,
} from "../../host/app/commands/read-records.js";
import { readClock, readPowerEvents, readSecurity, readVoltage } from "../../host/app/commands/read-supply.js";
import { readBlocks, readTariff, readTou } from "../../host/app/commands/read-tariff.js";
import type { Options } from "../../host/app/commands/reading.js";
import { money, pence } from "../../host/app/money.js";
import { replay } from "../../host/app/replay/file.js";
import { newEsme } from "../../host/ledger/esme.js";
import { newLedger } from "../../host/ledger/ledger.js";
import { utc } from "../ledger/helpers.js";

const data = mkdtempSync(join(tmpdir(), "esme-read-"));
afterAll(() => rmSync(data, { recursive: true, force: true }));

const planned = (value: unknown) => ({ valueCurrent: value, valueNext: null, activateNextDateTime: null });
const rate = (kind: string, tou: number) => ({ kind, tou });
const TABLE = {
  seasons: [{ name: "year", startDate: { year: null, month: 1, dayOfMonth: 1 }, weekIdentifier: "w" }],
  weeks: [{ weekIdentifier: "w", days: [1, 1, 1, 1, 1, 1, 1] }],
  dayIdentifiers: [
    {
      dayIdentifier: 1,
      times: [
        { startTime: "00:00:00", tariffRateIdentifier: rate("tou", 1) },
        { startTime: "02:30:00", tariffRateIdentifier: rate("tou", 2) },
        { startTime: "05:30:00", tariffRateIdentifier: rate("tou", 1) },
      ],
    },
  ],
};
const PRICES = { tou: [25_000, 10_000, ...Array(46).fill(0)], block: Array(8).fill([0, 0, 0, 0]) };
const SECTIONS = {
  tariffSwitchingTable: planned(TABLE),
  tariffBlockPriceMatrixTOU: planned(PRICES),
  standingCharge: planned(50_000),
  randomisedOffsetLimit: { value: 1_200 },
};

/** Two days from 1 June 2026, a line a minute: 1,200 W by phase 1, 600 W exported by phase 2; an outage of 3 minutes on the first noon. */
function* lines(): Generator<object> {
  for (let minute = 0; minute <= 2 * 1_440; minute++) {
    const at = new Date(Date.UTC(2026, 5, 1, 0, minute)).toISOString();
    if (minute === 720) yield { at, supply: "interrupted" };
    if (minute === 723) yield { at, supply: "restored" };
    if (minute >= 720 && minute <= 723) continue;
    const phases = [
      { import_wh: 20 * minute, export_wh: 0 },
      { import_wh: 0, export_wh: 10 * minute },
    ];
    yield { at, phases: [...phases, { import_wh: 0, export_wh: 0 }], voltages: [240, 230.5, 230], import_w: 600 };
    if (minute === 0) yield { at, by: "operator", command: { kind: "set", sections: SECTIONS } };
  }
}

beforeAll(async () => {
  const opened = openStore(join(data, "meter.sqlite"));
  if (!opened.ok) throw new Error(opened.reason);
  const file = join(data, "days.jsonl");
  writeFileSync(file, [...lines()].map((line) => JSON.stringify(line)).join("\n"));
  const esme = newEsme(5_000);
  await replay(file, { esme, ledger: esme.ledger }, ({ ledger, esme: now }, notices) => {
    if (now === null) throw new Error("the grid is a meter");
    const grid = { name: "grid", role: "grid" as const, ledger, esme: now, notices };
    const solar = { name: "generation", role: "generation" as const, ledger: newLedger(), notices: [] };
    expect(opened.store.commit({ ledgers: [grid, solar], outbox: [] }).ok).toBe(true);
  });
  opened.store.close();
});

function saidBy(read: (options: Options) => void, options: Partial<Options> = {}): string {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    read({ data, ...options });
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the tests look at what a machine would parse
const json = (read: (options: Options) => void, options: Partial<Options> = {}): any =>
  JSON.parse(saidBy(read, { ...options, json: true }));

const OBJECTS = {
  registers: readRegisters,
  tou: readTou,
  blocks: readBlocks,
  tariff: readTariff,
  "max-demand": readMaxDemand,
  consumption: readConsumption,
  history: readHistory,
  voltage: readVoltage,
  clock: readClock,
  netting: readNetting,
};
const ARRAYS = {
  profile: readProfile,
  daily: readDaily,
  billing: readBilling,
  "power-events": readPowerEvents,
  events: readEvents,
  security: readSecurity,
};

describe("every store", () => {
  test.each(Object.entries(OBJECTS))(
    "that is an object has its schema, its source and the time it is of: %s",
    (name, read) => {
      const told = json(read);
      expect(told).toMatchObject({ schema: `esme/${name}/1`, source: "grid", at: "2026-06-03T00:00:00Z" });
    },
  );

  test.each(Object.entries(ARRAYS))("that is an array has its moments in order, and no schema: %s", (_, read) => {
    const told = json(read) as { at?: string; end?: string }[];
    const moments = told.map(({ at, end }) => at ?? end ?? "");
    expect(moments).toEqual([...moments].sort());
    expect(moments.every((at) => /^2026-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(at))).toBe(true);
    expect(JSON.stringify(told)).not.toContain("schema");
  });

  test.each([...Object.entries(OBJECTS), ...Object.entries(ARRAYS)])("has a table for a person: %s", (_, read) => {
    const told = saidBy(read);
    expect(told.endsWith("\n")).toBe(true);
    expect(told).not.toMatch(/undefined|NaN|null|\[object/);
  });
});

test.each([
  ["2026-06-03T00:00:12Z", 12, "grid at 2026-06-03T00:00:00Z, 12 s ago\n"],
  ["2026-06-03T03:10:00Z", 11_400, "grid at 2026-06-03T00:00:00Z: no data for 3 h\n"],
  // A simulated house may be ahead of this machine.
  ["2026-06-02T00:00:00Z", null, "grid at 2026-06-03T00:00:00Z\n"],
])("at %s the registers are so old: %s s", (now, age_s, heading) => {
  vi.useFakeTimers({ now: Date.parse(now) });
  try {
    expect(json(readRegisters)).toMatchObject({ at: "2026-06-03T00:00:00Z", age_s });
    expect(saidBy(readRegisters).startsWith(heading)).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test("a source that the configuration has no more leaves the sums of what it never told known", () => {
  writeFileSync(
    join(data, "esme.yaml"),
    "version: 1\nsources: [{ name: grid, role: grid, kind: clamp-board, port: p, channel: 1 }]\n",
  );
  try {
    const [first] = json(readBoundaries);
    expect(first.sources.map(({ name }: { name: string }) => name)).toEqual(["grid"]);
    expect(first.consumption_wh).toBe(first.sources[0].export_wh === 0 ? first.sources[0].import_wh : null);
    expect(saidBy(readBoundaries)).toContain("generation");
  } finally {
    rmSync(join(data, "esme.yaml"));
  }
});

test("the boundaries of a house whose generation has told nothing: its own sums are unknown, not zero", () => {
  const [first] = json(readBoundaries);
  expect(first).toMatchObject({
    generation_wh: null,
    self_consumption_wh: null,
    consumption_wh: null,
    closure_wh: null,
  });
  expect(saidBy(readBoundaries)).not.toMatch(/undefined|NaN|null|\[object/);
});

test("the time-of-use registers, with what is not settled yet, sum to the import register", () => {
  const { tou_wh, blocks_wh, set_wh, register_wh, rate: now } = json(readTou);
  const sum = tou_wh.reduce((total: number, wh: number) => total + wh, 0);
  expect(sum + blocks_wh + set_wh).toBe(register_wh);
  expect(register_wh).toBe(28_800);
  expect(tou_wh.slice(0, 3)).toEqual([28_800 - 2 * 1_800, 2 * 1_800, 0]);
  expect(now).toEqual({ kind: "tou", tou: 1 });
});

test("the tariff is told with its seasons, days, switches and prices, and with the displacement of this meter", () => {
  expect(json(readTariff)).toMatchObject({
    offset_s: 600,
    price_millipence: 25_000,
    next_switch: "2026-06-03T02:40:00Z",
    tariffSwitchingTable: { valueCurrent: TABLE },
  });
  const words = saidBy(readTariff);
  expect(words).toContain("TOU 1, 25.000 p/kWh; the next switch 2026-06-03T02:40:00Z");
  expect(words).toContain("displaced by 600 s (number 5000 of 10000, limit 1200 s)");
  expect(words).toMatch(/year +1 Jan +day 1/);
  expect(words).toMatch(/02:30:00 +TOU 2/);
});

test("days of consumption, the one in progress and those without an entry make the register", () => {
  const { days, open, unallocated_wh, dropped_wh } = json(readConsumption);
  expect(days).toEqual([
    { end: "2026-06-02T00:00:00Z", import_wh: 14_400 },
    { end: "2026-06-03T00:00:00Z", import_wh: 14_400 },
  ]);
  expect(open).toEqual({ from: "2026-06-03T00:00:00Z", import_wh: 0 });
  expect([unallocated_wh, dropped_wh]).toEqual([0, 0]);
});

test("the value store gives energy and money of London days, each with its standing charge", () => {
  const { days, currency } = json(readHistory);
  expect(currency).toBe("GBP");
  // 1 June began at 00:00 UTC for this meter, an hour into London's day; its midnight is at 23:00 UTC.
  expect(days.map(({ from }: { from: string }) => from)).toEqual([
    "2026-06-01T00:00:00Z",
    "2026-06-01T23:00:00Z",
    "2026-06-02T23:00:00Z",
  ]);
  expect(days[1]).toMatchObject({ import_wh: 14_400, open: false });
  const dearWh = 21 * 600;
  expect(days[1].cost_micropence).toBe(dearWh * 25_000 + 3 * 600 * 10_000 + 50_000_000);
  expect(days[2].open).toBe(true);
});

test("each netting rule shows what it counted and what its half hours would have cost", () => {
  const { window, rules } = json(readNetting);
  expect(window).toBe("report-interval");
  const shown = rules.map((one: { rule: string; import_wh: number; export_wh: number }) => [
    one.rule,
    one.import_wh,
    one.export_wh,
  ]);
  expect(shown).toEqual([
    ["net", 28_800, 0],
    ["per-phase", 57_600, 28_800],
    ["absolute", 86_400, 0],
  ]);
  // Half hours are not displaced: the six from 02:30 to 05:30 are cheap, each day, at 300 Wh by net.
  expect(rules[0].half_hours).toEqual({
    count: 96,
    import_wh: 28_800,
    export_wh: 0,
    cost_micropence: 2 * 300 * (42 * 25_000 + 6 * 10_000),
  });
  expect(saidBy(readNetting)).toContain("from report to report: boards of their own have no window in common");
});

test("a range gives the half hours and averages that lie within it, and the events from its beginning up to its end", () => {
  const range = { from: utc("2026-06-01T12:00:00Z"), to: utc("2026-06-01T12:03:00Z") };
  expect(json(readPowerEvents, range).map(({ code }: { code: string }) => code)).toEqual(["0x8F57"]);
  expect(json(readPowerEvents, { from: range.to }).map(({ code }: { code: string }) => code)).toEqual(["0x8F36"]);
  const hour = { from: utc("2026-06-01T10:00:00Z"), to: utc("2026-06-01T11:00:00Z") };
  expect(json(readVoltage, hour).phases[0].entries).toEqual([
    { end: "2026-06-01T10:30:00Z", v: 240 },
    { end: "2026-06-01T11:00:00Z", v: 240 },
  ]);
  expect(json(readDaily, { from: utc("2026-06-02T00:00:00Z") })).toMatchObject([
    { at: "2026-06-03T00:00:00Z", import_wh: 28_800, export_wh: 0 },
  ]);
});

test("events are those of the ledger and of the meter's event log, each said to be which", () => {
  const events = json(readEvents) as { log: string; code: string }[];
  expect(events[0]).toMatchObject({ log: "ledger", code: "baseline" });
  expect(json(readSecurity).some(({ text }: { text: string }) => text.includes("operator"))).toBe(true);
});

test("a ledger that is no meter says so and names the next step", () => {
  expect(() => saidBy(readTou, { source: "generation" })).toThrow(
    /generation has registers and half hours, and nothing else/,
  );
});

test("money is rounded once, half up to the penny, and prices are told to a thousandth", () => {
  expect([money(0, "GBP"), money(499_999, "GBP"), money(500_000, "GBP"), money(123_456_500_000, "EUR")]).toEqual([
    "£0.00",
    "£0.00",
    "£0.01",
    "€1,234.57",
  ]);
  expect([pence(0), pence(5), pence(24_500)]).toEqual(["0.000", "0.005", "24.500"]);
});
