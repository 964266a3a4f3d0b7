// 7.2 kW on clamp 1, turned round every second: each register against the truth netted over the very window boundaries that the board
// used (pin D4 tells), and what netting over windows loses against the truth of each mains cycle.

import { Bench } from "../sim/bench.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";

const LIMIT_wh = 0.5;

export const proof: Proof = {
  name: "reversing",
  claim:
    "The clamp reversed every second at 7.2 kW for two minutes: each register within 0.5 Wh of the truth netted " +
    "over the same window boundaries",
  cases: (effort) =>
    casesAt(
      effort,
      ["10 cycles 40 s"],
      ["10 cycles 120 s", "5 cycles 120 s", "1 cycles 120 s"],
      ["2 cycles 120 s", "50 cycles 120 s"],
    ),
  run: (case_, seed) => {
    const [cycles, , lasts_s] = case_.split(" ").map(Number);
    return Promise.resolve(reverse(cycles ?? 10, lasts_s ?? 120, seed));
  },
};

function reverse(cycles: number, lasts_s: number, seed: number): Verdict {
  const bench = new Bench({ scenario: "reversing", seed });
  bench.board.runUntil(1.5);
  bench.say({ kind: "window", cycles });
  bench.board.runUntil(lasts_s + 4.5);
  const reports = bench.reports(1).filter((report) => report.seq >= 3);
  const first = reports[0];
  const last = first && reports.find((report) => report.t_ms >= first.t_ms + lasts_s * 1_000 - 500);
  if (first === undefined || last === undefined) throw new Error("the board did not report");
  const [from_s, to_s] = [first, last].map(
    (report) => bench.board.boardTimeToTrue(report.boot, report.t_ms) ?? Number.NaN,
  );
  const boundaries_s = bench.executed.windowEnds_s((from_s ?? 0) - 1e-6, (to_s ?? 0) + 1e-6);
  const netted = bench.board.truth.nettedOver(boundaries_s)?.[0];
  if (netted === undefined) throw new Error("the truth of those boundaries is not known");
  const gross = bench.truthBetween(1, first, last);
  const import_wh = (last.counters.importActive_mwh - first.counters.importActive_mwh) / 1e3;
  const export_wh = (last.counters.exportActive_mwh - first.counters.exportActive_mwh) / 1e3;
  const off_import_wh = import_wh - netted.import_uwh / 1e6;
  const off_export_wh = export_wh - netted.export_uwh / 1e6;
  const lost_wh = gross.import_wh + gross.export_wh - import_wh - export_wh;
  return {
    ok:
      Math.abs(off_import_wh) < LIMIT_wh &&
      Math.abs(off_export_wh) < LIMIT_wh &&
      boundaries_s.length > (lasts_s * 49) / cycles,
    said:
      `windows of ${cycles} cycles, ${lasts_s} s: import ${import_wh.toFixed(2)} Wh, export ${export_wh.toFixed(2)} Wh, ` +
      `${off_import_wh.toFixed(3)} and ${off_export_wh.toFixed(3)} Wh off the netted truth; ` +
      `netting loses ${lost_wh.toFixed(2)} Wh of ${(gross.import_wh + gross.export_wh).toFixed(2)} ungated`,
    figures: { cycles, import_wh, export_wh, off_import_wh, off_export_wh, lost_wh },
  };
}
