// A recorded day of a polyphase meter in which everything happens, as lines for `esme replay`: a reading, three voltages and the power in
// each second; a tariff that switches each half hour; what is listed in EVENTS.

import type { SwitchingTable } from "../../host/ledger/state/tariff.js";
import { rfc3339 } from "../../host/ledger/units.js";

/** The day begins, ms of UTC. */
export const MIDNIGHT = Date.UTC(2026, 5, 1);
const DAY_s = 86_400;

/** "03:20:00" as seconds of the day. */
const clock = (time: string) => (Date.parse(`1970-01-01T${time}Z`) / 1_000) | 0;
const settled = (valueCurrent: unknown) => ({ valueCurrent, valueNext: null, activateNextDateTime: null });

/** Each half hour another TOU, and three hours of the evening in the blocks of TOU 1. */
export const HALF_HOURLY: SwitchingTable = {
  seasons: [{ name: "always", startDate: { year: null, month: 1, dayOfMonth: 1 }, weekIdentifier: "w" }],
  weeks: [{ weekIdentifier: "w", days: [1, 1, 1, 1, 1, 1, 1] }],
  dayIdentifiers: [
    {
      dayIdentifier: 1,
      times: Array.from({ length: 48 }, (_, k) => ({
        startTime: new Date(k * 1_800_000).toISOString().slice(11, 19),
        tariffRateIdentifier: k >= 36 && k < 42 ? { kind: "block", tou: 1 } : { kind: "tou", tou: 1 + k },
      })),
    },
  ],
};
const prices = (millipence: number) => ({
  tou: Array.from({ length: 48 }, (_, tou) => millipence + tou),
  block: Array.from({ length: 8 }, (_, tou) => [4, 3, 2, 1].map((block) => block * millipence + tou)),
});
const set = (sections: object) => ({ by: "supplier", command: { kind: "set", sections } });

/** What the meter is before the day: settled by the first lines, which every run shares. */
export const BEFORE: readonly object[] = [
  { ...measured(MIDNIGHT - 60_000, [0, 0, 0, 0, 0, 0], [2_300, 2_300, 2_300], 0) },
  {
    at: rfc3339(MIDNIGHT - 50_000),
    ...set({
      tariffSwitchingTable: settled(HALF_HOURLY),
      tariffBlockPriceMatrixTOU: settled(prices(20_000)),
      tariffThresholdMatrix: settled(Array.from({ length: 8 }, () => [500, 1_000, 1_500])),
      standingCharge: settled(45_000),
      randomisedOffsetLimit: { value: 1_200 },
      averageRMSVoltageMeasurementPeriod: { value: 2_400 },
      loadLimitPowerThreshold: settled(15_000),
      loadLimitPeriod: settled(30),
      loadLimitSupplyState: settled(true),
      billingCalendar: { startDateTime: "2026-06-01T10:10:10Z", periodicity: "daily" },
    }),
  },
];

interface Event {
  readonly from: string;
  /** Seconds; absent of what happens at once. */
  readonly for_s?: number;
  readonly what: string;
  readonly voltage_dv?: (phase: number) => number | null;
  readonly power_w?: number;
  readonly outage?: true;
  readonly step_s?: number;
  readonly line?: object;
}

const phase2 = (value_dv: number) => (phase: number) => (phase === 1 ? value_dv : null);

/** The story. Much of it is going on when an hour begins, because a replay commits then; `null` leaves a phase's voltage as it is. */
const EVENTS: readonly Event[] = [
  { from: "01:20:00", for_s: 2_400, what: "all phases above 253 V for a measurement period", voltage_dv: () => 2_570 },
  { from: "02:59:55", for_s: 10, what: "a swell of phase 2", voltage_dv: phase2(2_660) },
  { from: "03:59:59", for_s: 10, what: "a sag of phase 2", voltage_dv: phase2(2_000) },
  { from: "05:00:00", for_s: 179, what: "an outage of 2 min 59 s", outage: true },
  { from: "06:00:00", for_s: 180, what: "an outage of 3 min", outage: true },
  { from: "06:59:40", for_s: 40, what: "phase 2 without voltage", voltage_dv: phase2(0) },
  {
    from: "09:00:00",
    what: "other prices planned for 11:11:11",
    line: set({
      tariffBlockPriceMatrixTOU: {
        valueCurrent: prices(20_000),
        valueNext: prices(30_000),
        activateNextDateTime: "2026-06-01T11:11:11Z",
      },
    }),
  },
  { from: "12:59:45", for_s: 120, what: "power beyond the load limit, for longer than its period", power_w: 18_000 },
  { from: "14:15:00", what: "the clock is set back 11 s", step_s: -11 },
  { from: "15:45:00", what: "the clock is set forward 9 s", step_s: 9 },
  {
    from: "20:20:20",
    what: "the registers are set",
    line: { by: "operator", command: { kind: "set-registers", import_wh: 25_567_548, export_wh: 1_234 } },
  },
  {
    from: "21:00:00",
    what: "the maximum demand is reset",
    line: { by: "supplier", command: { kind: "reset", what: "maximumDemandActivePowerImportValue" } },
  },
  { from: "21:40:00", for_s: 2_400, what: "nothing is recorded for 40 minutes", line: {} },
];

/** The lines of the day; `next` gives numbers from 0 to 1. */
export function dayOf(next: () => number): string {
  const lines: string[] = [];
  const counters_uwh: Six = [0, 0, 0, 0, 0, 0];
  let watts: readonly number[] = [];
  let stepped_ms = 0;
  for (let second = 0; second <= DAY_s; second++) {
    const now = EVENTS.filter(({ from, for_s }) => second >= clock(from) && second <= clock(from) + (for_s ?? 0));
    const at_ms = MIDNIGHT + second * 1_000 + stepped_ms;
    if (second % 60 === 0) watts = [4_000 * next(), 3_000 * next() - 2_500 * next(), -2_500 * next()];
    const beyond_w = now.find(({ power_w }) => power_w !== undefined)?.power_w;
    const isOut = now.some(({ outage }) => outage);
    if (!isOut)
      (beyond_w === undefined ? watts : [beyond_w, 0, 0]).forEach((power_w, phase) => {
        const way = 2 * phase + (power_w < 0 ? 1 : 0);
        counters_uwh[way] = (counters_uwh[way] ?? 0) + Math.round((Math.abs(power_w) * 1e6) / 3_600);
      });
    // It rises through each measurement period: the mean of a part of one is another.
    const usual_dv = 2_260 + Math.floor((second % 2_400) / 40);
    const voltages_dv = [0, 1, 2].map((phase) => voltageOf(now, phase, usual_dv + Math.floor(20 * next())));
    const power_w = (beyond_w === undefined ? watts : [beyond_w]).reduce((sum, one) => sum + one, 0);
    const wasSilent = now.some(({ line, for_s }) => line !== undefined && for_s !== undefined);
    if (!isOut && !wasSilent) lines.push(JSON.stringify(measured(at_ms, counters_uwh, voltages_dv, power_w)));
    for (const { from, for_s = 0, outage, step_s, line } of now) {
      const begins = second === clock(from);
      const at = rfc3339(at_ms);
      if (outage && begins) lines.push(JSON.stringify({ at, supply: "interrupted" }));
      if (outage && second === clock(from) + for_s)
        lines.push(JSON.stringify({ at, supply: "restored", voltages: [230, 231, 229] }));
      if (line !== undefined && for_s === 0) lines.push(JSON.stringify({ at, ...line }));
      if (step_s === undefined) continue;
      stepped_ms += step_s * 1_000;
      lines.push(JSON.stringify({ at, clock: rfc3339(at_ms + step_s * 1_000) }));
    }
  }
  return `${lines.join("\n")}\n`;
}

type Six = [number, number, number, number, number, number];

function voltageOf(now: readonly Event[], phase: number, otherwise_dv: number): number {
  for (const { voltage_dv } of now) {
    const said = voltage_dv?.(phase) ?? null;
    if (said !== null) return said;
  }
  return otherwise_dv;
}

function measured(at_ms: number, uwh: Readonly<Six>, voltages_dv: readonly number[], power_w: number): object {
  const phase = (n: 0 | 2 | 4) => ({ import_wh: uwh[n] / 1e6, export_wh: uwh[(n + 1) as 1 | 3 | 5] / 1e6 });
  return {
    at: rfc3339(at_ms),
    phases: [phase(0), phase(2), phase(4)],
    voltages: voltages_dv.map((value) => value / 10),
    import_w: Math.max(0, Math.round(power_w)),
  };
}
