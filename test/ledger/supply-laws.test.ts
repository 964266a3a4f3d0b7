// The supply's laws, for any sequence of measurements, gaps, unknown voltages, repeats, resets and outages known afterwards. The auditor
// keeps the measurements and adds them up plainly.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Notice, Supply } from "../../host/ledger/events.js";
import { entriesOf } from "../../host/ledger/log.js";
import { type EsmeLive, type EsmeState, esmeLive, esmeState } from "../../host/ledger/state/state.js";
import { settled } from "../../host/ledger/state/words.js";
import { resetVoltageCounter } from "../../host/ledger/supply/average.js";
import { resetLoadLimitCounter, setSupply } from "../../host/ledger/supply/limit.js";
import { outage } from "../../host/ledger/supply/outage.js";
import { turnSupply } from "../../host/ledger/supply/supply.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { utc } from "./helpers.js";
import { meter } from "./supply-helpers.js";

const START = utc("2026-06-01T00:00:00Z");
const DAY_ms = 86_400_000;

type Step =
  | { kind: "measure"; after_ms: number; times: number; volts: Supply["voltages_dv"]; import_w: number | null }
  | { kind: "repeat"; volts: Supply["voltages_dv"] }
  | { kind: "earlier"; by_ms: number }
  | { kind: "dark"; after_ms: number; lasting_ms: number }
  | { kind: "command"; to: "enable" | "disable" | "arm" };

const voltage = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 2_000, max: 2_800 }) },
  { weight: 2, arbitrary: fc.constantFrom(2_300, 2_600, 2_150, 2_700, 2_800, 1_800, 229, 230, 0) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const volts = fc.tuple(voltage, voltage, voltage);
const after_ms = fc.oneof(
  { weight: 4, arbitrary: fc.constant(1_000) },
  { weight: 2, arbitrary: fc.constantFrom(59_000, 60_000, 61_000, 179_999, 180_000) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000_000 }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("measure" as const),
      after_ms,
      times: fc.integer({ min: 1, max: 100 }),
      volts,
      import_w: fc.oneof(fc.nat(9_000), fc.constant(null)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("repeat" as const), volts }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("earlier" as const), by_ms: fc.nat(4_000_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("dark" as const), after_ms, lasting_ms: after_ms }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("command" as const),
      to: fc.constantFrom("enable" as const, "disable" as const, "arm" as const),
    }),
  },
);
const steps = fc.array(step, { minLength: 1, maxLength: 60 });
const period_s = fc.constantFrom(60, 600, 1_800, 7_000);

interface Lived {
  readonly state: EsmeState;
  readonly live: EsmeLive;
  readonly notices: readonly Notice[];
  /** What was measured at a later moment than all before it. */
  readonly measurements: readonly Supply[];
}

/** Plays the steps; `between` sees the meter after each and may put another in its place. */
function play(
  all: readonly Step[],
  period: number,
  between: (state: EsmeState, live: EsmeLive) => { state: EsmeState; live: EsmeLive } = (state, live) => ({
    state,
    live,
  }),
): Lived {
  let { state, live } = meter({
    meterVariant: { value: "C" },
    averageRMSVoltageMeasurementPeriod: { value: period },
    loadLimitPowerThreshold: settled(4_000),
    loadLimitPeriod: settled(20),
    loadLimitRestorationPeriod: settled(90),
    loadLimitSupplyState: settled(true),
  });
  const notices: Notice[] = [];
  const measurements: Supply[] = [];
  let now: number = START;
  for (const one of all) {
    switch (one.kind) {
      case "measure":
        now += one.after_ms;
        for (let i = 0; i < one.times; i++) {
          const { import_w } = one;
          const at = Utc_ms(now + i * 1_000);
          const supply = { kind: "supply", at, voltages_dv: one.volts, import_w, primary_w: import_w } as const;
          measurements.push(supply);
          ({ state, live } = turnSupply(state, live, supply, notices));
        }
        now += (one.times - 1) * 1_000;
        break;
      case "repeat":
      case "earlier": {
        const { at } = live.powerImportCollection;
        if (at === null) break;
        const then = Utc_ms(one.kind === "repeat" ? at : at - one.by_ms);
        const voltages_dv = one.kind === "repeat" ? one.volts : ([0, 2_900, null] as const);
        const supply = { kind: "supply", at: then, voltages_dv, import_w: 9_000, primary_w: null } as const;
        const turned = turnSupply(state, live, supply, notices);
        expect(turned.state).toBe(state);
        expect(turned.live).toBe(live);
        break;
      }
      case "dark": {
        const from = Utc_ms(now + one.after_ms);
        now += one.after_ms + one.lasting_ms;
        ({ state, live } = outage(state, live, from, Utc_ms(now), notices));
        break;
      }
      case "command":
        state = setSupply(state, Utc_ms(now), one.to, notices);
        break;
    }
    ({ state, live } = between(state, live));
  }
  return { state, live, notices, measurements };
}

const alerts = (notices: readonly Notice[]) => notices.filter((notice) => notice.kind === "alert");
/** The start of the measurement period that holds a moment: whole multiples of it since midnight. */
const periodOf = (at: number, period: number) => {
  const midnight = at - (at % DAY_ms);
  return midnight + Math.floor((at - midnight) / (period * 1_000)) * period * 1_000;
};

describe("for any measurements of the supply", () => {
  test("each entry of the voltage log is the plain mean of its period's samples with voltage, and no period lacks one", () => {
    fc.assert(
      fc.property(steps, period_s, (all, period) => {
        const { state, measurements } = play(all, period);
        const last = measurements.at(-1)?.at ?? 0;
        for (const phase of [0, 1, 2] as const) {
          const samples = new Map<number, number[]>();
          for (const { at, voltages_dv } of measurements) {
            const value = voltages_dv[phase];
            if (value === null || value < 230) continue;
            const start = periodOf(at, period);
            samples.set(start, [...(samples.get(start) ?? []), value]);
          }
          const expected = [...samples].flatMap(([start, values]) => {
            if (start === periodOf(last, period)) return [];
            const end = Math.min(start + period * 1_000, start - (start % DAY_ms) + DAY_ms);
            const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
            return [{ timestamp: end, value: Math.floor(mean + 0.5) }];
          });
          expect(entriesOf(state.averageRMSVoltageProfileDataLog[phase])).toEqual(expected);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("the stamps of the voltage log strictly ascend and stand at the ends of measurement periods", () => {
    fc.assert(
      fc.property(steps, period_s, (all, period) => {
        const { state } = play(all, period);
        for (const log of state.averageRMSVoltageProfileDataLog) {
          const stamps = entriesOf(log).map((entry) => entry.timestamp as number);
          for (let i = 1; i < stamps.length; i++) expect(stamps[i]).toBeGreaterThan(stamps[i - 1] as number);
          for (const stamp of stamps) expect(((stamp % DAY_ms) / 1_000) % period).toBe(0);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("counters never fall except by a reset, and count what the alerts tell", () => {
    const of = (state: EsmeState) => [
      ...state.averageRMSOverVoltageCounter.value,
      ...state.averageRMSUnderVoltageCounter.value,
      state.loadLimitCounter.value,
    ];
    fc.assert(
      fc.property(steps, period_s, (all, period) => {
        let before = new Array<number>(7).fill(0);
        const { state, notices } = play(all, period, (now, live) => {
          of(now).forEach((value, i) => {
            expect(value).toBeGreaterThanOrEqual(before[i] as number);
          });
          before = of(now);
          return { state: now, live };
        });
        const told = (code: number) => alerts(notices).filter((alert) => alert.code === code).length;
        expect(of(state)).toEqual([0x8003, 0x8004, 0x8005, 0x8007, 0x8008, 0x8009, 0x8f01].map(told));
        const over = resetVoltageCounter(state, "averageRMSOverVoltageCounter", null);
        const under = resetVoltageCounter(over, "averageRMSUnderVoltageCounter", null);
        expect(of(resetLoadLimitCounter(under))).toEqual([0, 0, 0, 0, 0, 0, 0]);
      }),
      { numRuns: 100 },
    );
  });

  test("what begins ends before it begins again: each passing of an average, and each condition of a phase", () => {
    const pairs: [begin: number, end: number][] = [
      ...[1, 2, 3].flatMap((phase): [number, number][] => [
        [0x8002 + phase, 0x8085 + phase],
        [0x8006 + phase, 0x8089 + phase],
        [0x8020 + phase, 0x808d + phase],
        [0x8024 + phase, 0x8091 + phase],
        [0x8028 + phase, 0x8095 + phase],
        [0x802c + phase, 0x8099 + phase],
      ]),
    ];
    fc.assert(
      fc.property(steps, period_s, (all, period) => {
        const told = alerts(play(all, period).notices).map((alert) => alert.code);
        for (const [begin, end] of pairs) {
          const mine = told.filter((code) => code === begin || code === end);
          expect(mine).toEqual(mine.map((_, i) => (i % 2 === 0 ? begin : end)));
        }
      }),
      { numRuns: 100 },
    );
  });

  test("a restoration carries both times, in order, and is long exactly from 180,000 ms on", () => {
    fc.assert(
      fc.property(steps, (all) => {
        for (const { code, at, times } of alerts(play(all, 1_800).notices)) {
          if (code < 0x8f35 || code > 0x8f3c) continue;
          const [from, to] = [times?.[0] ?? Number.NaN, times?.[1] ?? Number.NaN];
          expect(times).toHaveLength(2);
          expect(to).toBe(at);
          expect(to - from).toBeGreaterThan(0);
          const long = code === 0x8f36 || code === 0x8f38 || code === 0x8f3a || code === 0x8f3c;
          expect(long).toBe(to - from >= 180_000);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("the power event log holds the alerts of the voltage and of outages, and each beginning of an outage", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { state, notices } = play(all, 1_800);
        const supplyCodes = [0x8f01, 0x8f32, 0x8f33, 0x8f34];
        const told = alerts(notices).filter(({ code }) => !supplyCodes.includes(code));
        const restored = told.filter(({ code }) => code === 0x8f35 || code === 0x8f36).length;
        const stillOut = state.powerEventLog.written - told.length - restored;
        expect([0, 1]).toContain(stillOut);
        const logged = entriesOf(state.powerEventLog).filter((entry) => entry.logCode !== 0x8f57);
        const newest = told.slice(told.length - logged.length);
        expect(logged.map((entry) => [entry.timestamp, entry.logCode])).toEqual(
          newest.map((one) => [one.at, one.code]),
        );
      }),
      { numRuns: 100 },
    );
  });

  test("each supply-state notice is a change, and the last one says what the supply state is", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { state, notices } = play(all, 1_800);
        const states = notices.filter((notice) => notice.kind === "supply-state");
        expect(states.at(-1)?.state ?? "enabled").toBe(state.supplyState.value);
        for (const [i, notice] of states.entries()) expect(notice.state).not.toBe(states[i - 1]?.state ?? "enabled");
      }),
      { numRuns: 100 },
    );
  });

  test("a meter written down and read back in between goes on to the same state and the same notices", () => {
    const reread = (state: EsmeState, live: EsmeLive) => ({
      state: z.decode(esmeState, JSON.parse(JSON.stringify(z.encode(esmeState, state)))),
      live: z.decode(esmeLive, JSON.parse(JSON.stringify(z.encode(esmeLive, live)))),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (all) => {
        const whole = play(all, 60);
        const broken = play(all, 60, reread);
        expect(broken.notices).toEqual(whole.notices);
        expect(z.encode(esmeLive, broken.live)).toEqual(z.encode(esmeLive, whole.live));
        expect(z.encode(esmeState, broken.state)).toEqual(z.encode(esmeState, whole.state));
      }),
      { numRuns: 30 },
    );
  });
});
