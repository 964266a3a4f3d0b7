// Every fourth model that there is a table of: its simulated meter read while power flows both ways, its registers against the truth.
// All of them for an hour: test/proof/meters-hour.ts.

import { expect, test } from "vitest";
import { MODELS } from "../../host/adapters/modbus/catalogue.js";
import { registers_wh } from "../../host/ledger/ledger.js";
import type { Model } from "../../host/models/model.js";
import type { Load } from "../../host/sim/modbus/conductor.js";
import { Bench } from "./modbus-bench.js";

const EVERY_ms = 5_000;
/** Counters that have stood for years: floats are coarse there. What has no direction counts no export. */
const startOf = ({ direction }: Model) => ({
  import_uwh: 8_123_456e6,
  export_uwh: direction === "both" ? 2_345_678e6 : 0,
});

function loadOf({ phases }: Model): (time_s: number) => Load | readonly [Load, Load, Load] {
  const one = (time_s: number): Load => ({ active_w: 2_000 * Math.sin(time_s / 120) + 500, reactive_var: 300 });
  if (phases === 1) return one;
  return (time_s) => [one(time_s), one(time_s + 250), one(time_s + 500)];
}

const SOME = [...MODELS.values()].filter((_, k) => k % 4 === 0);

test.each(SOME.map((model) => [model.model, model] as const))("%s", async (_, model) => {
  const load = loadOf(model);
  const bench = new Bench({
    meters: [{ model, load, every_ms: EVERY_ms, meter: { start: startOf(model) } }],
    booked: true,
  });
  await (await bench.start()).run(900);
  const { source, truths } = bench.of();
  expect(source.refusal).toBeNull();
  expect(bench.reports().length).toBeGreaterThan(175);
  expect(bench.logged()).toEqual(["baseline"]);
  // A float32 of a value like this one is rounded to the nearest 0.5 Wh; a moment is known to half the answer time.
  const step_mwh = 1_000 * Math.max(model.resolution_wh, 1) + 250 + 200;
  for (const [k, { counters }] of bench.reports().entries()) {
    const truth = bench.truthOf(k);
    expect(Math.abs(counters.import_mwh - truth.import_uwh / 1_000)).toBeLessThan(step_mwh);
    expect(Math.abs(counters.export_mwh - truth.export_uwh / 1_000)).toBeLessThan(step_mwh);
  }
  const [first, last] = [truths[0], truths.at(-1)];
  if (first === undefined || last === undefined) throw new Error("nothing was read");
  const [imported, exported] = registers_wh(bench.ledger());
  const flowed_wh = (name: "import_uwh" | "export_uwh") => (last[name] - first[name]) / 1e6;
  expect(Math.abs((imported ?? 0) - flowed_wh("import_uwh"))).toBeLessThan(step_mwh / 1_000 + 1);
  expect(Math.abs((exported ?? 0) - flowed_wh("export_uwh"))).toBeLessThan(step_mwh / 1_000 + 1);
  expect(flowed_wh("import_uwh")).toBeGreaterThan(model.netting === "algebraic" ? 30 : 100);
});
