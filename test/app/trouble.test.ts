// A source that stops answering: no data, with an age, in all that a house at work says and shows.

import { expect, test } from "vitest";
import { oldAfter_ms, panelView } from "../../host/app/panel-view.js";
import { Saying, silencesOf, troublesOf } from "../../host/app/trouble.js";
import { duration } from "../../host/app/words.js";
import { newEsme } from "../../host/ledger/esme.js";
import { newLedger } from "../../host/ledger/ledger.js";
import { turn } from "../../host/ledger/turn.js";
import { Mono_ms, Utc_ms } from "../../host/ledger/units.js";
import type { MeterView } from "../../host/meter/options.js";
import { june, reading } from "../ledger/helpers.js";

const LAST = june("12:00:00");
const grid = turn(newLedger(), reading(LAST, 5)).ledger;
const looking = { kind: "looking", rates: new Map(), lost: null } as const;
const metering = { ...looking, kind: "metering" } as unknown as MeterView["inputs"][number]["device"];
const feeds = (name: string) => [{ name, role: name === "grid" ? "grid" : "load", channel: 1 } as const];
const POWER = {
  at: Mono_ms(0),
  power: {
    frequency_mhz: null,
    voltage_mv: null,
    channels: [{ current_ma: null, active_mw: 700_000, reactive_mvar: null }],
  },
};

function view(gridAnswers: boolean): MeterView {
  const esme = { ...newEsme(1), ledger: grid };
  return {
    ledgers: new Map([
      ["grid", { role: "grid", ledger: grid, esme }],
      ["kitchen", { role: "load", ledger: newLedger(), esme: null }],
    ]),
    inputs: [
      { feeds: feeds("grid"), device: gridAnswers ? metering : looking, power: POWER },
      { feeds: feeds("kitchen"), device: looking, power: null },
    ],
    faults: new Map(),
    store: { ok: true },
    reports: 0,
  };
}

const after = (ms: number) => Utc_ms(LAST + ms);

test("a ledger whose source is silent has an age; one that never told has none yet; one that answers is not among them", () => {
  expect([...silencesOf(view(false), after(3 * 3_600_000))]).toEqual([
    ["grid", "no data for 3 h"],
    ["kitchen", "no data yet"],
  ]);
  expect([...silencesOf(view(true), after(3 * 3_600_000)).keys()]).toEqual(["kitchen"]);
});

test("a trouble is said when it begins and when it ends; how long there has been no data is said again once an hour", () => {
  const said: string[] = [];
  const saying = new Saying((text) => said.push(text));
  const devices = ["port 0", "port 1"].map((name) => ({ name, trouble: () => null }));
  const look = (answers: boolean, s: number) => {
    const now = view(answers);
    saying.look(troublesOf(now, devices, null), silencesOf(now, after(1_000 * s)), after(1_000 * s));
  };
  for (let s = 0; s <= 7_200; s += 2) look(false, s);
  for (let s = 7_202; s <= 7_210; s += 2) look(true, s);
  expect(said).toEqual([
    "port 0 does not answer; trying again, no data meanwhile",
    "port 1 does not answer; trying again, no data meanwhile",
    "grid: no data for 60 min",
    "kitchen: no data yet",
    "grid: no data for 2 h",
    "kitchen: no data yet",
    "port 0 is well again",
  ]);
});

test("the meter's face shows no power of long ago, also of a meter that is asked once a minute", () => {
  const minutely = oldAfter_ms([
    { name: "grid", role: "grid", channel: 1, device: { kind: "modbus", every_ms: 60_000 } as never },
  ]);
  const board = oldAfter_ms([
    { name: "grid", role: "grid", channel: 1, device: { kind: "board", port: "p", windowCycles: null } },
  ]);
  const shown = (mono: number, old_ms: number) => panelView(view(true), LAST, mono, "m", old_ms)?.power_w;
  expect([shown(4_000, board), shown(6_000, board)]).toEqual([700, null]);
  expect([shown(61_000, minutely), shown(151_000, minutely)]).toEqual([700, null]);
});

test.each([
  [0, "0 s"],
  [119_999, "119 s"],
  [120_000, "2 min"],
  [7_199_999, "119 min"],
  [7_200_000, "2 h"],
  [172_800_000, "2 days"],
])("%d ms are %s", (ms, said) => {
  expect(duration(ms)).toBe(said);
});

test("the meters of a bus that is unplugged have one sentence; what is peculiar about one at work is said too", () => {
  const said: string[] = [];
  const both = ["grid", "kitchen"].map((name) => ({ name, trouble: () => "there is no port 0" }));
  new Saying((text) => said.push(text)).look(troublesOf(view(false), both, null), new Map(), after(0));
  expect(said.splice(0)).toEqual([expect.stringMatching(/^there is no port 0; .*trying again/)]);
  const devices = [{ name: "grid", trouble: () => null, remark: () => "all it counts is import" }];
  new Saying((text) => said.push(text)).look(troublesOf(view(true), devices, null), new Map(), after(0));
  expect(said).toEqual(["all it counts is import"]);
});
