// 7.2 kW on clamp 1, reversed every second, for two minutes with ESME_PROOF=ci and for 40 s always: each register within
// 0.5 Wh of the truth netted over the same window boundaries, which pin D4 tells. Prints what netting over windows
// loses against the truth of each cycle.
import { describe, expect, it } from "vitest";
import { Bench, PROOF } from "./bench.js";

const LASTS_s = PROOF ? 120 : 40;

describe("7.2 kW reversed every second", () => {
  it.each([10, 5, 1])("windows of %i cycles", (cycles) => {
    const bench = new Bench({ scenario: "reversing", seed: cycles });
    bench.board.runUntil(1.5);
    bench.say({ kind: "window", cycles });
    bench.board.runUntil(LASTS_s + 4.5);
    const reports = bench.reports(1).filter((report) => report.seq >= 3);
    const first = reports[0]!;
    const last = reports.find((report) => report.t_ms >= first.t_ms + LASTS_s * 1000)!;
    const [from_s, to_s] = [first, last].map((report) => bench.board.boardTimeToTrue(report.boot, report.t_ms)!);
    const boundaries_s = bench.executed.windowEnds_s(from_s! - 1e-6, to_s! + 1e-6);
    expect(boundaries_s.length).toBeGreaterThan((LASTS_s * 49) / cycles);

    const netted = bench.board.truth.nettedOver(boundaries_s)![0];
    const gross = bench.truthBetween(1, first, last);
    const measured = {
      import_wh: (last.counters.importActive_mwh - first.counters.importActive_mwh) / 1000,
      export_wh: (last.counters.exportActive_mwh - first.counters.exportActive_mwh) / 1000,
    };
    const lost_wh = gross.import_wh + gross.export_wh - measured.import_wh - measured.export_wh;
    console.log(
      `windows of ${cycles}: import ${measured.import_wh.toFixed(2)} Wh, export ${measured.export_wh.toFixed(2)} Wh of ` +
        `${gross.import_wh.toFixed(2)} and ${gross.export_wh.toFixed(2)} ungated; netting over windows loses ` +
        `${lost_wh.toFixed(2)} Wh of ${(gross.import_wh + gross.export_wh).toFixed(2)}`,
    );
    expect(Math.abs(measured.import_wh - netted.import_uwh / 1e6)).toBeLessThan(0.5);
    expect(Math.abs(measured.export_wh - netted.export_uwh / 1e6)).toBeLessThan(0.5);
  });
});
