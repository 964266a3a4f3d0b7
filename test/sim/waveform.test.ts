// A recorded waveform played to both fidelities: both measure what it holds.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, within } from "./bench.js";

const folder = mkdtempSync(join(tmpdir(), "esme-wave-"));
afterAll(() => rmSync(folder, { recursive: true }));

const RATE_HZ = 6400;

/** A second of 50.2 Hz: clamp 1 imports a distorted current, clamp 2 exports, clamp 3 carries a lagging one. */
function record(): string {
  const rows = ["# rate_hz=6400", "volts,ct1_amps,ct2_amps,ct3_amps"];
  for (let at = 0; at < RATE_HZ; at++) {
    const angle = (2 * Math.PI * 50.2 * at) / RATE_HZ - 1;
    const volts = 325 * Math.sin(angle) + 6 * Math.sin(5 * angle);
    const amps = [20 * Math.sin(angle) - 5 * Math.sin(3 * angle), -12 * Math.sin(angle), 8 * Math.sin(angle - 1)];
    rows.push([volts, ...amps].map((value) => value.toFixed(4)).join(","));
  }
  const path = join(folder, "wave.csv");
  writeFileSync(path, rows.join("\n"));
  return path;
}

describe("a recorded waveform", () => {
  const waveform = record();

  it.each(["executed", "fast"] as const)("%s: its energies are measured to 1 in 100", (fidelity) => {
    const bench = new Bench({ waveform, fidelity });
    bench.board.runUntil(8.5);
    const expected_w = [(325 * 20) / 2, (-325 * 12) / 2, ((325 * 8) / 2) * Math.cos(1)];
    for (const channel of [1, 2, 3] as const) {
      const { measured, truth } = bench.compare(channel);
      const net_wh = truth.import_wh - truth.export_wh;
      expect(Math.abs(measured.import_wh - measured.export_wh - net_wh)).toBeLessThan(within(0.01, net_wh, 0.005));
      const reports = bench.reports(channel);
      const lasts_s = (reports.at(-1)!.t_ms - reports[0]!.t_ms) / 1000;
      expect(Math.abs(net_wh * 3600 - expected_w[channel - 1]! * lasts_s)).toBeLessThan(
        0.002 * Math.abs(net_wh) * 3600,
      );
    }
    expect(bench.of("power").at(-1)!.frequency_mhz).toBeGreaterThan(50_150);
    expect(bench.of("power").at(-1)!.frequency_mhz).toBeLessThan(50_250);
  });
});
