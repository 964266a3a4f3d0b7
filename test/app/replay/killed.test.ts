// `esme replay` of a day with phases, voltages, an outage and a clock set, killed again and again: the last run ends in the meter of an
// undisturbed one, compared as snapshots. Runs the built program (dist/), as `npm test` builds it first.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { aMoment, esme, lookInto, Program, when } from "../../proof/crash-bench.js";
import { random } from "../../store/houses.js";

const dir = mkdtempSync(join(tmpdir(), "esme-killed-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const DAY_s = 86_400;
const KILLS = 4;

function* day(): Generator<object> {
  const totals = [0, 1, 2].map(() => [0, 0] as [number, number]);
  for (let s = 0; s < DAY_s; s += 2) {
    const at = new Date(Date.UTC(2026, 5, 1) + s * 1_000).toISOString();
    totals.forEach((total, phase) => {
      const w = 900 * Math.sin(s / 3_000 + phase) + 300;
      total[w < 0 ? 1 : 0] += Math.abs(w) / 1_800;
    });
    if (s === 30_000) yield { at, clock: new Date(Date.UTC(2026, 5, 1) + (s + 11) * 1_000).toISOString() };
    if (s === 50_000) yield { at, supply: "interrupted" };
    if (s === 50_180) yield { at, supply: "restored" };
    if (s >= 50_000 && s <= 50_180) continue;
    const phases = totals.map(([import_wh, export_wh]) => ({ import_wh, export_wh }));
    yield { at, phases, voltages: [231, 229 + (s % 30) / 10, 230] };
  }
}

async function snapshotOf(data: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await esme("snapshot", "--data", data);
  expect(code, stderr).toBe(0);
  // Each new meter has a name and a randomised offset number drawn by chance; the snapshots are taken at different moments.
  const told = JSON.parse(stdout) as Record<string, unknown>;
  return { ...told, meter: null, randomisedOffsetNumber: null, at: null };
}

test(`a replay killed ${KILLS} times goes on each time, and ends in the meter of an undisturbed one`, async () => {
  const file = join(dir, "day.jsonl");
  writeFileSync(file, [...day()].map((line) => `${JSON.stringify(line)}\n`).join(""));
  const [calm, killed] = [join(dir, "calm"), join(dir, "killed")];
  const began_ms = performance.now();
  expect((await esme("replay", file, "--data", calm)).code).toBe(0);
  const calm_ms = performance.now() - began_ms;

  const chance = random(3);
  const booked = () => lookInto(killed, (reader) => reader.registers("grid")?.at ?? null);
  for (let kill = 0; kill < KILLS; kill++) {
    const before = booked();
    const program = new Program(["replay", file, "--data", killed]);
    // At any moment, but not before it has gone on: else a slow machine might never get beyond the beginning.
    await aMoment(chance, 0.9 * calm_ms);
    await when("it to go on", () => !program.running || booked() !== before);
    await program.kill();
  }
  const last = await esme("replay", file, "--data", killed, "--json");
  expect(last.code, last.stderr).toBe(0);
  expect(JSON.parse(last.stdout).resumed_at_byte).toBeGreaterThan(0);
  expect(await snapshotOf(killed)).toEqual(await snapshotOf(calm));
});
