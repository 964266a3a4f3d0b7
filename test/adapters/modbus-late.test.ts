// A late answer is never believed: a power that comes while the import energy is asked would be a perfect answer to that. Seeded, and
// shown to go wrong on the same wire without the silence.

import { describe, expect, test } from "vitest";
import type { Model } from "../../host/models/model.js";
import { rowsOf } from "../../host/models/rows.js";
import { TEST_METER } from "../models/table.js";
import { Bench } from "./modbus-bench.js";

const { u32, i32 } = rowsOf({ function: 4, order: "high-first" });
/** Power and energy far apart: two questions of the same form in each round. */
const APART: Model = {
  ...TEST_METER,
  model: "apart",
  direction: "none",
  serial: null,
  points: { importActiveEnergy: u32(0x0000, "Wh"), activePower: i32(0x1000, "W") },
};
const START_WH = 25_567_548;
const POWER_W = 2_000;

/** Ten minutes with a meter that is late with a tenth of its answers: which of its energies told are off, and what was late. */
async function late(seed: number, options: { silence: boolean; tcp?: boolean }) {
  const bench = new Bench({
    meters: [
      {
        model: APART,
        load: () => ({ active_w: POWER_W }),
        latency_ms: 100,
        jitter_ms: 60,
        faults: { late: 0.1 },
        late_ms: [200, 1_500],
        every_ms: 350,
        meter: { start: { import_uwh: START_WH * 1e6 } },
        seed,
      },
    ],
    ...options,
  });
  await (await bench.start()).run(600);
  const { slave, source } = bench.of();
  const wrong = bench.reports().filter(({ counters }, k) => {
    const truth_mwh = bench.truthOf(k).import_uwh / 1_000;
    return Math.abs(counters.import_mwh - truth_mwh) > 1_100;
  });
  return { wrong, reports: bench.reports().length, sent: slave.counts.late, discarded: source.statistics?.late ?? 0 };
}

describe("a meter that is late with a tenth of its answers", () => {
  test.each([1, 2, 3, 4, 5])("seed %i: none is believed; they are seen, discarded and counted", async (seed) => {
    const { wrong, reports, sent, discarded } = await late(seed, { silence: true });
    expect(wrong).toEqual([]);
    expect(sent).toBeGreaterThan(20);
    expect(discarded).toBeGreaterThan(0.8 * sent);
    expect(reports).toBeGreaterThan(100);
  });

  test("without the silence a power is told as an energy", async () => {
    const all = await Promise.all([1, 2, 3, 4, 5].map((seed) => late(seed, { silence: false })));
    const wrong = all.flatMap((one) => one.wrong);
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong.some(({ counters }) => counters.import_mwh === POWER_W * 1_000)).toBe(true);
  });

  test("over Modbus TCP the id tells: none is believed without any silence, and less is lost", async () => {
    const { wrong, reports, sent, discarded } = await late(1, { silence: true, tcp: true });
    expect(wrong).toEqual([]);
    expect(reports).toBeGreaterThan(600);
    expect(discarded).toBeGreaterThan(0.5 * sent);
  });
});
