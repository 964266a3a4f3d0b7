// The story of three phases that do not agree: one hour, one board, three rules that say how phases become one bill.

import type { Ledger } from "../../ledger/ledger.js";
import { kept } from "../../ledger/profile.js";
import { boardBench, CALM_MAINS } from "./board-bench.js";
import { claims, type Part, type Story } from "./story.js";

/** A little before the hour, so that its two half hours are whole. */
const START_ms = Date.UTC(2026, 5, 1, 11, 59, 50);
const HOUR = { from_ms: Date.UTC(2026, 5, 1, 12), to_ms: Date.UTC(2026, 5, 1, 13) };
const LASTS_s = 3_615;
const PRICE = { import_p: 28, export_p: 15 };
const amps = (power_w: number) => power_w / CALM_MAINS.voltage_v;

const billed = (rule: string, import_kwh: number, export_kwh: number, bill_p: number) =>
  claims(rule, [
    ["import", import_kwh, "kWh", 0.002],
    ["export", export_kwh, "kWh", 0.002],
    ["the bill", bill_p, "p", 0.1],
  ]);

export const imbalance: Story = {
  name: "imbalance",
  title: "Three phases, three bills",
  words: [
    "For an hour a house draws 5 kW on phase 1 and 5 kW on phase 3, while its panels send 3 kW out on phase 2.",
    "    phase 1  +5 kWh     phase 2  -3 kWh     phase 3  +5 kWh     28 p for import, 15 p for export",
    "Nobody doubts these three numbers. How they become one bill is a rule:",
    "    net        the direction of the sum     5 - 3 + 5 = 7 in            7 x 28 p          = 196 p",
    "    per-phase  the direction of each phase  5 + 5 = 10 in, 3 out       10 x 28 p - 3 x 15 p = 235 p",
    "    absolute   no direction at all          5 + 3 + 5 = 13 in          13 x 28 p          = 364 p",
    "One board with three clamps meters it; all three rules are counted at once, `net` feeds the registers.",
  ],
  prediction: [
    ...billed("net (feeds the registers)", 7, 0, 196),
    ...billed("per-phase", 10, 3, 235),
    ...billed("absolute", 13, 0, 364),
  ],
  live: async () => {
    const clamps = [{ amps: amps(5_000) }, { amps: amps(3_000), export: true }, { amps: amps(5_000) }] as const;
    const feed = { name: "grid", role: "grid", channel: 4, phases: [1, 2, 3], rule: "net" } as const;
    const bench = boardBench({ kind: "steady", clamps: [...clamps], mains: CALM_MAINS }, feed, START_ms);
    bench.run(LASTS_s);
    const { ledger, beside } = bench.esme();
    await bench.stop();
    const others = beside.map(({ name, ledger }) => [name, bill(ledger)] as const);
    return new Map([["net (feeds the registers)", bill(ledger)], ...others]);
  },
  notice: [
    'SMETS says that a polyphase meter\'s values are "cumulative across the phases" and leaves the rest open.',
    "Makers' manuals know all three, and which one a meter follows may be set at the works: ask for its papers.",
    "`esme read netting` shows the three counts of a house of your own, and what each would have cost.",
  ],
};

/** The two half hours of the hour, and their money. */
function bill(ledger: Ledger): Part {
  let [import_kwh, export_kwh] = [0, 0];
  for (const { end, wh } of kept(ledger.profile)) {
    if (end <= HOUR.from_ms || end > HOUR.to_ms) continue;
    import_kwh += (wh[0] ?? 0) / 1_000;
    export_kwh += (wh[1] ?? 0) / 1_000;
  }
  return {
    import: import_kwh,
    export: export_kwh,
    "the bill": import_kwh * PRICE.import_p - export_kwh * PRICE.export_p,
  };
}
