// A host that was away: the board remembered the half hours, and the ledger books them as if it had listened.

import { kept } from "../../host/ledger/profile.js";
import { HALF_HOUR_ms } from "../../host/ledger/units.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";
import { START_utc_ms, Workbench } from "./workbench.js";

/** The board's memory counts in 0.5 Wh and entries are whole Wh: an entry may be off by as much without being wrong. */
const STEP_wh = 1;

export const proof: Proof = {
  name: "host-away",
  claim: "A host away for 12 h gets every half hour back, to 0.2 %",
  cases: (effort) => casesAt(effort, ["executed over one edge", "fast 12 h"], ["fast 12 h, crashed"], ["executed 1 h"]),
  run: async (case_, seed) => {
    if (case_ === "executed over one edge")
      return away({ fidelity: "executed", before_s: 70, away_s: 100, after_s: 12, seed });
    if (case_ === "executed 1 h")
      return away({ fidelity: "executed", before_s: 120, away_s: 3_600, after_s: 20, seed });
    const crash = case_ === "fast 12 h, crashed";
    return away({ fidelity: "fast", before_s: 300, away_s: 43_200, after_s: 60, seed, crash });
  },
};

interface Absence {
  readonly fidelity: "executed" | "fast";
  readonly before_s: number;
  readonly away_s: number;
  readonly after_s: number;
  readonly seed: number;
  readonly crash?: boolean;
}

/** The board's clock is 3,000 ppm off: in 12 h that would be 130 s, were its rate not known. */
async function away({ fidelity, before_s, away_s, after_s, seed, crash = false }: Absence): Promise<Verdict> {
  const scenario = {
    kind: "steady" as const,
    mains: { voltageWander_v: 3 },
    clamps: [{ amps: 12 }, { amps: 9, export: true }, { amps: 4, pf: 0.6 }] as [object, object, object],
  };
  const startUtc_ms = START_utc_ms + HALF_HOUR_ms - (before_s + 20) * 1_000;
  const bench = new Workbench({
    board: { fidelity, ppm: 3_000, driftPpm: 20, seed, scenario },
    startUtc_ms,
    step_s: 0.05,
  });
  bench.arrive().run(before_s);
  const atFirst = bench.truthAtBaseline ?? bench.truthAt(0);
  const truths = new Map<number, { import_uwh: number; export_uwh: number }>();
  await bench.leave(crash);
  const total_s = before_s + away_s + after_s;
  for (let edge_s = before_s + 20; edge_s < total_s; edge_s += HALF_HOUR_ms / 1_000) {
    if (edge_s > before_s + away_s) break;
    bench.run(edge_s + 1 - bench.time_s);
    const truth = bench.truthAt(edge_s);
    truths.set(startUtc_ms + edge_s * 1_000, { import_uwh: truth[0].import_uwh, export_uwh: truth[1].export_uwh });
  }
  bench.run(before_s + away_s - bench.time_s);
  bench.arrive().run(after_s);
  const grid = [...kept(bench.ledger().profile)];
  const generation = [...kept(bench.ledger("generation").profile)];
  let worst_percent = 0;
  let flagged = 0;
  const ends = [...truths.keys()];
  ends.forEach((end, k) => {
    const before = truths.get(ends[k - 1] ?? 0) ?? {
      import_uwh: atFirst[0].import_uwh,
      export_uwh: atFirst[1].export_uwh,
    };
    const truth = truths.get(end);
    if (truth === undefined) return;
    const import_wh = (truth.import_uwh - before.import_uwh) / 1e6;
    const export_wh = (truth.export_uwh - before.export_uwh) / 1e6;
    const entry = grid.find((one) => one.end === end);
    const made = generation.find((one) => one.end === end);
    // The very first half hour began before anybody listened: it is rightly partial.
    const flags = [...(entry?.flags ?? []), ...(made?.flags ?? [])].filter((flag) => k > 0 || flag !== "partial");
    flagged += flags.length;
    const beyond = (booked: number | null | undefined, flowed: number) =>
      booked == null ? 100 : (100 * Math.max(0, Math.abs(booked - flowed) - STEP_wh)) / flowed;
    worst_percent = Math.max(worst_percent, beyond(entry?.wh[0], import_wh), beyond(made?.wh[1], export_wh));
  });
  const missing = ends.filter((end) => !grid.some((entry) => entry.end === end)).length;
  const unallocated_wh = bench.ledger().unallocated_wh[0];
  const truth = bench.truthAtLastReport();
  const register_percent =
    (100 * (bench.ledger().cumulative[0] - (truth[0].import_uwh - atFirst[0].import_uwh))) / truth[0].import_uwh;
  return {
    ok: missing === 0 && flagged === 0 && unallocated_wh === 0 && worst_percent < 0.2,
    said:
      `${ends.length} half-hour ends while away ${away_s} s (${fidelity}): ${missing} missing, ${flagged} flags, ` +
      `worst ${worst_percent.toFixed(3)} % beyond a whole Wh, register ${register_percent.toFixed(3)} %`,
    figures: { half_hours: ends.length, missing, flagged, worst_percent, register_percent, unallocated_wh },
  };
}
