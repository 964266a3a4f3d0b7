// A board whose resonator is half a percent off: once its rate is known, energy and half-hour edges are right.

import { kept } from "../../host/ledger/profile.js";
import { HALF_HOUR_ms } from "../../host/ledger/units.js";
import type { BoardOptionsInput } from "../../host/sim/board-options.js";
import { casesAt, type Proof, percent } from "./proof.js";
import { START_utc_ms, Workbench } from "./workbench.js";

/** Long enough for the rate to be known: five buckets of the clock rule and the board's own answer. */
const LEARN_s = 80;
const MEASURE_s = 40;
const EDGE_s = LEARN_s + 20;

const steady = (ppm: number): BoardOptionsInput => ({
  fidelity: "executed",
  ppm,
  driftPpm: 20,
  // The clock is on trial here, not the clamps: an ordinary clamp's ratio alone moves by 0.1 % over its current.
  frontEnd: { like: "ideal" },
  scenario: {
    kind: "steady",
    mains: { voltageWander_v: 0, frequencyWander_hz: 0 },
    clamps: [{ amps: 20 }, { amps: 15, export: true }, { amps: 20, pf: 0.8 }],
  },
});

export const proof: Proof = {
  name: "clock-rate",
  claim: "With a board clock 5,000 ppm off: energy within 0.1 % and half-hour edges within 1 s once the rate is known",
  cases: (effort) => casesAt(effort, ["5000"], ["-5000", "2500"], ["0", "-1200"]),
  run: async (ppm, seed) => {
    const startUtc_ms = START_utc_ms + HALF_HOUR_ms - EDGE_s * 1_000;
    const bench = new Workbench({ board: { ...steady(Number(ppm)), seed }, startUtc_ms }).arrive().run(LEARN_s);
    const from = bench.ledger().cumulative[0];
    const fromOut = bench.ledger("generation").cumulative[1];
    const truthFrom = bench.truthAtLastReport();
    bench.run(MEASURE_s);
    const truth = bench.truthAtLastReport();
    const energy_percent = percent(bench.ledger().cumulative[0] - from, truth[0].import_uwh - truthFrom[0].import_uwh);
    const export_percent = percent(
      bench.ledger("generation").cumulative[1] - fromOut,
      truth[1].export_uwh - truthFrom[1].export_uwh,
    );
    const power_w = (3.6e-3 * (truth[0].import_uwh - truthFrom[0].import_uwh)) / (MEASURE_s - 0.1);
    const [entry] = [...kept(bench.ledger().profile)];
    // The half hour's whole Wh and what had flowed before the first reading limit how finely an edge can be read from its energy.
    const open_wh = bench.ledger().cumulative[0] / 1e6 - (entry?.wh[0] ?? 0);
    const trueSinceEdge_wh = (truth[0].import_uwh - bench.truthAt(EDGE_s)[0].import_uwh) / 1e6;
    const edge_s = ((open_wh - trueSinceEdge_wh) * 3_600) / power_w;
    const ok = Math.abs(energy_percent) < 0.1 && Math.abs(export_percent) < 0.1 && Math.abs(edge_s) < 1;
    return {
      ok,
      said:
        `clock ${ppm} ppm off: import ${energy_percent.toFixed(4)} %, ` +
        `export ${export_percent.toFixed(4)} %, edge ${edge_s.toFixed(2)} s`,
      figures: { energy_percent, export_percent, edge_s },
    };
  },
};
