// The story of a hot-water diverter that switches faster than a meter decides on direction: the same currents, three netting windows.

import type { Four } from "../../ledger/quantities.js";
import { boardBench, CALM_MAINS } from "./board-bench.js";
import { claims, type Outcome, type Part, type Story } from "./story.js";

const START_ms = Date.UTC(2026, 5, 1, 12, 5, 0);
/** What the sun gives beyond what the house needs; the heater takes twice as much. */
const SURPLUS_w = 1_500;
const LASTS_s = 360;
/** The board has been found, identified and is being metered. */
const SETTLED_s = 10;
const BURSTS_s = [0.1, 0.5, 2.5] as const;
const WINDOWS = [
  { cycles: 1, text: "1 cycle (20 ms)" },
  { cycles: 10, text: "10 cycles (0.2 s)" },
  { cycles: 50, text: "50 cycles (1 s)" },
] as const;

/** Wh each way in six minutes: a line for each burst, a number for each window. */
const PREDICTED_wh = [
  [75, 0, 0],
  [75, 60, 0],
  [75, 72, 60],
] as const;
/** Pence an hour, of the bursts of 0.5 s. */
const PREDICTED_COST = [9.75, 7.8, 0] as const;
const PRICE = { import_p: 28, export_p: 15 };

const partOf = (burst_s: number, window: string) => `bursts of ${burst_s} s, windows of ${window}`;

export const diverter: Story = {
  name: "diverter",
  title: "The water heater that is faster than the meter",
  words: [
    "The sun gives 1.5 kW more than the house needs. A diverter switches a 3 kW water heater on and off in",
    "bursts, on as long as off, so that on average all of the surplus goes into the water. At the meter:",
    "    on   3.0 - 1.5 = +1.5 kW import        off   0 - 1.5 = -1.5 kW, that is 1.5 kW export",
    "A meter decides import or export by the sign of what flowed within a window. This one's window can be set.",
    "",
    "What is really so, mains cycle by mains cycle, in six minutes: half of the time it imports, half it exports,",
    "    1.5 kW x 0.1 h x 1/2 = 75 Wh each way.",
    "A window within a burst counts whole; one that holds an end of a burst is part import, part export, and",
    "books the difference only. With these bursts and windows it comes to this, wherever the windows fall: of each",
    "burst only the windows that fit into it are counted, each way. (The heater switches as the voltage passes",
    "zero: a burst is whole mains cycles.)",
    "             windows of 20 ms    windows of 0.2 s             windows of 1 s",
    "    0.1 s      5 fit: 75 Wh      none fits:       0 Wh        none fits:        0 Wh",
    "    0.5 s     25 fit: 75 Wh       2 fit, 0.4 of 0.5 s: 60 Wh  none fits:        0 Wh",
    "    2.5 s    125 fit: 75 Wh      12 fit, 2.4 of 2.5 s: 72 Wh   2 fit, 2 of 2.5 s: 60 Wh",
    "Import less export is nothing in every line: netted over a half hour this house would pay nothing.",
    "At 28 p for import and 15 p for export each kWh that goes out and comes back costs 28 - 15 = 13 p;",
    "bursts of 0.5 s cost in an hour  0.75 kWh x 13 p = 9.75 p,  0.60 kWh x 13 p = 7.80 p,  and nothing.",
  ],
  prediction: BURSTS_s.flatMap((burst_s, b) =>
    WINDOWS.flatMap(({ text }, w) => {
      const wh = PREDICTED_wh[b]?.[w] ?? 0;
      const cost = PREDICTED_COST[w] ?? 0;
      return claims(partOf(burst_s, text), [
        ["import", wh, "Wh", 0.1],
        ["export", wh, "Wh", 0.1],
        ...(burst_s === 0.5 ? [["an hour of it costs", cost, "p", 0.02] as const] : []),
      ]);
    }),
  ),
  live: async () => {
    const outcome = new Map<string, Part>();
    for (const burst_s of BURSTS_s)
      for (const { cycles, text } of WINDOWS) outcome.set(partOf(burst_s, text), await metered(burst_s, cycles));
    return outcome satisfies Outcome;
  },
  notice: [
    "The same water was heated by the same sun in all nine. What differs is how long the meter looks before it",
    "decides. The window is the board's: `window_cycles` in `esme.yaml` sets it; 10 unless told.",
    "What a SMETS2 meter does below a second is in no source that we know: this window is our own choice.",
  ],
};

/** What the grid's registers gained in six minutes, by a board that sees the bursts and is set to that window. */
async function metered(burst_s: number, windowCycles: number): Promise<Part> {
  const scenario = { kind: "reversing", power_w: SURPLUS_w, period_s: burst_s, mains: CALM_MAINS } as const;
  const bench = boardBench(scenario, { name: "grid", role: "grid", channel: 1 }, START_ms, windowCycles);
  bench.run(SETTLED_s);
  const before = bench.esme().ledger.cumulative;
  bench.run(LASTS_s);
  const after = bench.esme().ledger.cumulative;
  await bench.stop();
  const [import_wh, export_wh] = [gained_wh(before, after, 0), gained_wh(before, after, 1)];
  const hours = LASTS_s / 3_600;
  const cost_p = (import_wh * PRICE.import_p - export_wh * PRICE.export_p) / 1_000 / hours;
  return { import: import_wh, export: export_wh, "an hour of it costs": cost_p };
}

function gained_wh(before: Four<number>, after: Four<number>, q: 0 | 1): number {
  return (after[q] - before[q]) / 1e6;
}
