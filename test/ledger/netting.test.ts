// Three phases under three rules at once: what each would have billed.

import { describe, expect, test } from "vitest";
import { newEsme, turnEsme } from "../../host/ledger/esme.js";
import { registers_wh } from "../../host/ledger/ledger.js";
import { type Counted, chosen, countsOf, type NettingRule, netOver, twin } from "../../host/ledger/netting.js";
import type { Counters } from "../../host/ledger/quantities.js";
import { cumulativeFromWh, MicroWattHours } from "../../host/ledger/units.js";
import { utc } from "./helpers.js";

const counted = (import_wh: number, export_wh: number): Counted => ({
  counters: [cumulativeFromWh(import_wh), cumulativeFromWh(export_wh), null, null],
  base: null,
});

/** Each second of an hour on three phases, kW, by report-interval netting. */
function anHour(kw: readonly [number, number, number], rule: NettingRule) {
  let esme = newEsme(1);
  let before: { perPhase: Counters; net: Counters } | null = null;
  for (let s = 0; s <= 3_600; s++) {
    const phases = kw.map((p) => counted((Math.max(0, p) * s) / 3.6, (Math.max(0, -p) * s) / 3.6));
    const perPhase = countsOf(phases, counted(0, 0))["per-phase"].counters;
    const net: Counters = netOver(before, perPhase, null);
    before = { perPhase, net };
    const counts = countsOf(phases, { counters: net, base: null });
    const at = utc(`2026-06-01T12:00:00Z`) + s * 1_000;
    esme = turnEsme(esme, {
      kind: "reading",
      at: at as never,
      device: "d",
      boot: 1,
      span: null,
      ...chosen(counts, rule),
    }).esme;
  }
  const kwh = (wh: readonly number[]) => `${Math.round((wh[0] ?? 0) / 1_000)} / ${Math.round((wh[1] ?? 0) / 1_000)}`;
  const all = new Map([[rule as string, esme.ledger], ...esme.beside.map((one) => [one.name, one.ledger] as const)]);
  return Object.fromEntries([...all].map(([name, ledger]) => [name, kwh(registers_wh(ledger))]));
}

describe("phases", () => {
  test("+5, -3, +5 kW for an hour are 7 / 0, 10 / 3 and 13 / 0 kWh at once, whichever rule feeds the registers", () => {
    const expected = { net: "7 / 0", "per-phase": "10 / 3", absolute: "13 / 0" };
    for (const rule of ["net", "per-phase", "absolute"] as const) expect(anHour([5, -3, 5], rule)).toEqual(expected);
  });

  test("in balance bill nothing when netted, and everything without direction", () => {
    expect(anHour([6, -3, -3], "net")).toEqual({ net: "0 / 0", "per-phase": "6 / 6", absolute: "12 / 0" });
  });

  test("netted from report to report go on over a counter that wraps", () => {
    const span = MicroWattHours(1_000);
    const at = (value: number): Counters => [MicroWattHours(value), MicroWattHours(0), null, null];
    expect(netOver({ perPhase: at(990), net: at(995) }, at(10), span)[0]).toBe(15);
  });
});

test("a twin-element meter exports by its primary element, and counts reactive energy across both", () => {
  const one = (values: number[]): Counted => ({
    counters: values.map(MicroWattHours) as unknown as Counters,
    base: null,
  });
  const { counters, beside } = twin(one([10, 1, 2, 3]), one([20, 5, 4, 6]));
  expect(counters).toEqual([10, 1, 6, 9]);
  expect(beside).toEqual([{ name: "secondary", counters: [20, 5, 4, 6], base: null }]);
});
