// Three phases on three boards of their own: no common window, netted from report to report, and what that costs when the load is quick.

import { expect, test } from "vitest";
import type { Counted } from "../../host/ledger/netting.js";
import type { Counters } from "../../host/ledger/quantities.js";
import { cumulativeFromWh, type Utc_ms } from "../../host/ledger/units.js";
import { type Booked, type Joining, joined, NOTHING_JOINED } from "../../host/meter/joining.js";
import { june } from "../ledger/helpers.js";

const counted = (import_wh: number, export_wh: number): Counted => ({
  counters: [cumulativeFromWh(import_wh), cumulativeFromWh(export_wh), null, null],
  base: null,
});

/** Each board's report in turn; the readings that come of them. */
function told(
  reports: readonly (readonly [phase: number, at: string, import_wh: number, export_wh: number, boot?: number])[],
) {
  let joining: Joining = NOTHING_JOINED;
  let booked: Booked | null = null;
  const readings = [];
  for (const [phase, time, import_wh, export_wh, boot = 1] of reports) {
    const at: Utc_ms = june(time);
    const one = { at, device: `b${phase}/${boot}`, counted: counted(import_wh, export_wh) };
    const next = joined(joining, phase, 3, one, booked, "net");
    joining = next.joining;
    if (next.reading === null) continue;
    const { counters, device, beside = [] } = next.reading;
    const perPhase = beside.find(({ name }) => name === "per-phase")?.counters as Counters;
    booked = { device, perPhase, net: counters };
    readings.push([
      new Date(next.reading.at).toISOString().slice(11, 19),
      device,
      `${counters[0] / 1e6} / ${counters[1] / 1e6}`,
      `${perPhase[0] / 1e6} / ${perPhase[1] / 1e6}`,
    ]);
  }
  return readings;
}

test("a reading comes when all phases have told, and nets what flowed since the one before", () => {
  expect(
    told([
      [0, "12:00:00", 100, 0],
      [1, "12:00:00", 50, 50],
      [0, "12:00:01", 105, 0],
      [2, "12:00:01", 10, 0],
      [0, "12:00:02", 110, 0],
      [2, "12:00:02", 20, 0],
      [1, "12:00:02", 50, 53],
    ]),
  ).toEqual([
    ["12:00:01", "b0/1+b1/1+b2/1", "0 / 0", "165 / 50"],
    ["12:00:02", "b0/1+b1/1+b2/1", "12 / 0", "180 / 53"],
  ]);
});

test("a board that boots again begins a new count: what it did not tell is not made up", () => {
  const [, before, after, on] = told([
    [0, "12:00:00", 0, 0],
    [1, "12:00:00", 0, 0],
    [2, "12:00:00", 0, 0],
    [0, "12:00:01", 5, 0],
    [1, "12:00:01", 0, 0],
    [2, "12:00:01", 0, 0],
    [0, "12:00:09", 3, 0, 2],
    [1, "12:00:09", 7, 0],
    [2, "12:00:09", 0, 0],
    [0, "12:00:10", 4, 0, 2],
    [1, "12:00:10", 7, 2],
    [2, "12:00:10", 0, 0],
  ]);
  expect(before?.[2]).toBe("5 / 0");
  expect(after?.slice(1, 3)).toEqual(["b0/2+b1/1+b2/1", "0 / 0"]);
  expect(on?.[2]).toBe("0 / 1");
});
