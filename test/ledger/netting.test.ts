// Three phases under three rules at once: what each would have billed, and the laws that hold between the rules.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import { registers_wh } from "../../host/ledger/ledger.js";
import { type Counted, chosen, countsOf, type NettingRule, netOver, twin } from "../../host/ledger/netting.js";
import type { Counters } from "../../host/ledger/quantities.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { cumulativeFromWh, MicroWattHours, Utc_ms } from "../../host/ledger/units.js";
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

/** A meter on three phases whose counters advance by these energies, mWh and negative for export, one reading a minute. The net count
 * goes from report to report, from what the two ledgers last booked. */
function netted(minutes: readonly (readonly number[])[], rule: NettingRule): Esme {
  let esme = newEsme(1);
  const totals = [0, 1, 2].map(() => [0, 0] as [number, number]);
  const last = (name: NettingRule) =>
    (name === rule ? esme.ledger : esme.beside.find((one) => one.name === name)?.ledger)?.last?.counters ?? null;
  for (const [minute, flows] of [[0, 0, 0], ...minutes].entries()) {
    for (const [phase, mwh] of flows.entries()) {
      const total = totals[phase];
      if (total !== undefined) total[mwh < 0 ? 1 : 0] += Math.abs(mwh) / 1_000;
    }
    const phases = totals.map(([i, e]) => counted(i, e));
    const [net, perPhase] = [last("net"), last("per-phase")];
    const now = countsOf(phases, counted(0, 0))["per-phase"].counters;
    const summed = netOver(net === null || perPhase === null ? null : { net, perPhase }, now, null);
    const counts = chosen(countsOf(phases, { counters: summed, base: null }), rule);
    const at = Utc_ms(utc("2026-06-01T12:00:00Z") + minute * 60_000);
    esme = turnEsme(esme, { kind: "reading", at, device: "d", boot: 1, span: null, ...counts }).esme;
  }
  return esme;
}

const cumulativeOf = (esme: Esme, fed: NettingRule, name: NettingRule) =>
  (name === fed ? esme.ledger : esme.beside.find((one) => one.name === name)?.ledger)?.cumulative ?? [-1, -1];

const mwh = fc.integer({ min: -100_000, max: 100_000 });
const minutes = fc.array(fc.tuple(mwh, mwh, mwh), { minLength: 1, maxLength: 60 });
const someRule = fc.constantFrom<NettingRule>("net", "per-phase", "absolute");

test("import less export is the same netted as per phase, netted import is never more, and absolute is all that flowed", () => {
  fc.assert(
    fc.property(minutes, someRule, (flows, rule) => {
      const esme = netted(flows, rule);
      const [net, each, all] = (["net", "per-phase", "absolute"] as const).map((one) => cumulativeOf(esme, rule, one));
      const sums = flows.map((of) => of.reduce((sum, one) => sum + one, 0));
      const gained = (of: readonly number[], sign: 1 | -1) => of.reduce((sum, one) => sum + Math.max(0, sign * one), 0);
      expect(net?.slice(0, 2)).toEqual([gained(sums, 1) * 1_000, gained(sums, -1) * 1_000]);
      expect(each?.slice(0, 2)).toEqual([gained(flows.flat(), 1) * 1_000, gained(flows.flat(), -1) * 1_000]);
      expect(all?.slice(0, 2)).toEqual([(each?.[0] ?? 0) + (each?.[1] ?? 0), 0]);
      expect((net?.[0] ?? 0) - (net?.[1] ?? 0)).toBe((each?.[0] ?? 0) - (each?.[1] ?? 0));
      expect(net?.[0]).toBeLessThanOrEqual(each?.[0] ?? 0);
    }),
  );
});

test("turning every clamp round swaps import and export netted and per phase, and changes nothing without direction", () => {
  fc.assert(
    fc.property(minutes, (flows) => {
      const there = netted(flows, "net");
      const back = netted(
        flows.map((of) => of.map((one) => -one)),
        "net",
      );
      for (const rule of ["net", "per-phase"] as const) {
        const [i, e] = cumulativeOf(there, "net", rule);
        expect(cumulativeOf(back, "net", rule).slice(0, 2)).toEqual([e, i]);
      }
      expect(cumulativeOf(back, "net", "absolute")).toEqual(cumulativeOf(there, "net", "absolute"));
    }),
  );
});

test("a phase's counter that falls to zero is no export of the sum: it is doubted, then counting goes on from there", () => {
  const at = (value: number, exported = 0): Counters => [MicroWattHours(value), MicroWattHours(exported), null, null];
  const before = { perPhase: at(900, 50), net: at(700, 40) };
  expect(netOver(before, at(300, 60), null).slice(0, 2)).toEqual([100, 50]);
  expect(netOver(before, at(910, 50), null).slice(0, 2)).toEqual([710, 40]);
});

test("a count that a reading does not name stays as it was", () => {
  const at = (time: string, beside: readonly { name: "secondary"; counters: Counters; base: null }[]) => ({
    ...({ kind: "reading", at: utc(`2026-06-01T${time}Z`), device: "d", boot: 1, base: null, span: null } as const),
    counters: counted(100, 0).counters,
    beside,
  });
  const secondary = (wh: number) => [{ name: "secondary" as const, ...counted(wh, 0), base: null }];
  let esme = newEsme(1);
  for (const reading of [at("12:00:00", secondary(10)), at("12:00:01", secondary(15)), at("12:00:02", [])])
    esme = turnEsme(esme, reading).esme;
  expect(esme.beside.map(({ name, ledger }) => [name, registers_wh(ledger)[0]])).toEqual([["secondary", 5]]);
});

test("another rule feeds the registers from where they stand, and the old count goes on beside them", () => {
  const rules = ["net", "per-phase", "absolute"] as const;
  let rule: NettingRule = "net";
  let esme = newEsme(1);
  const read = (minute: number, by: readonly [net: number, perPhase: number, absolute: number]) => {
    const counts = Object.fromEntries(rules.map((name, k) => [name, counted(by[k] ?? 0, 0)])) as Record<
      NettingRule,
      Counted
    >;
    const at = utc(`2026-06-01T12:0${minute}:00Z`);
    esme = turnEsme(esme, { kind: "reading", at, device: "d", boot: 1, span: null, ...chosen(counts, rule) }).esme;
  };
  const shown = () =>
    Object.fromEntries(
      [[`${rule} *`, esme.ledger] as const, ...esme.beside.map((one) => [one.name, one.ledger] as const)].map(
        ([name, ledger]) => [name, registers_wh(ledger)[0]],
      ),
    );
  read(0, [1_000, 2_000, 3_000]);
  read(1, [1_010, 2_020, 3_030]);
  const at = utc("2026-06-01T12:01:30Z");
  rule = "per-phase";
  const sections = { netting: { ...esme.state.netting, rule } };
  esme = turnEsme(esme, { kind: "command", at, by: "operator", deed: { kind: "set", sections } }).esme;
  read(2, [1_011, 2_022, 3_033]);
  expect(shown()).toEqual({ "per-phase *": 12, net: 11, absolute: 33 });
});
