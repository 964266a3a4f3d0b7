// The image's accuracy with the front end's own constants: within 1 % of the truth of the physics. Three clamps at once,
// so one run covers three points. The whole grid runs with ESME_PROOF=ci, a few points of it always.
import { describe, expect, it } from "vitest";
import type { ScenarioInput } from "../../host/sim/scenario.js";
import type { Channel } from "../../host/wire/board/messages.js";
import { Bench, NOON_s, PROOF, within } from "./bench.js";

interface Point {
  readonly amps: number;
  readonly pf?: number;
  readonly lead?: boolean;
  readonly export?: boolean;
}
type Three = [Point, Point, Point];

const FEW: readonly Three[] = [
  [{ amps: 0.25 }, { amps: 5, pf: 0.5 }, { amps: 60, export: true }],
  [{ amps: 0.5, pf: 0.5, lead: true }, { amps: 0.5, pf: 0.5, export: true }, { amps: 1 }],
];

function grid(): Three[] {
  const points: Point[] = [];
  for (const exporting of [false, true]) {
    for (const amps of [0.25, 0.5, 1, 2, 5, 10, 20, 40, 60]) points.push({ amps, export: exporting });
    for (const amps of [0.5, 1, 5, 20, 60]) {
      for (const lead of [false, true]) points.push({ amps, pf: 0.5, lead, export: exporting });
    }
  }
  while (points.length % 3 !== 0) points.push({ amps: 3 });
  // Each point on each clamp: thrice, turned by one.
  return [0, 1, 2].flatMap((turn) =>
    Array.from({ length: points.length / 3 }, (_, at): Three => {
      const three = [0, 1, 2].map((n) => points[3 * at + ((n + turn) % 3)]!);
      return [three[0]!, three[1]!, three[2]!];
    }),
  );
}

const RUNS = PROOF ? grid() : FEW;
/** Longer for small currents, whose noise takes averaging. */
const LASTS_s = PROOF ? 40 : 25;

describe("executed, calibrated with the front end's own constants", () => {
  it.each(RUNS)("%j %j %j: within 1 %", (...clamps) => {
    const scenario: ScenarioInput = { kind: "steady", clamps: clamps as unknown as Three };
    const bench = new Bench({ scenario });
    bench.board.runUntil(LASTS_s + 1.5);
    expect(bench.faults).toBe(0);
    for (const [at, point] of clamps.entries()) {
      const { measured, truth } = bench.compare((at + 1) as Channel);
      const [own, other] = point.export ? (["export_wh", "import_wh"] as const) : (["import_wh", "export_wh"] as const);
      // 1 mWh of reading at either end.
      const allowed = within(0.01, truth[own], 0.001) + 0.002;
      const error = `${((measured[own] / truth[own] - 1) * 100).toFixed(3)} %`;
      expect(Math.abs(measured[own] - truth[own]), `${JSON.stringify(point)}: ${error}`).toBeLessThan(allowed);
      expect(measured[other]).toBe(0);
    }
  });

  it("a clamp turned round swaps import and export", () => {
    const scenario: ScenarioInput = { kind: "steady", clamps: [{ amps: 10 }, { amps: 3, pf: 0.7 }, { amps: 1 }] };
    const run = (turned: [boolean, boolean, boolean, boolean]) => {
      // The same constants both times: turning must show.
      const bench = new Bench({ scenario, calibrated: false, frontEnd: { like: "ideal", turned } });
      bench.board.runUntil(8.5);
      return bench.compare(1).measured;
    };
    const straight = run([false, false, false, false]);
    const swapped = run([false, true, false, false]);
    expect(straight.export_wh).toBe(0);
    expect(swapped.import_wh).toBe(0);
    expect(Math.abs(swapped.export_wh - straight.import_wh)).toBeLessThan(within(0.001, straight.import_wh, 0.002));
  });

  it.each([5000, -5000])("with a resonator %i ppm off whose rate is known: energy within 0.1 %", (ppm) => {
    const clamps: Three = [{ amps: 30 }, { amps: 20, export: true }, { amps: 10 }];
    const right = new Bench({ scenario: { kind: "steady", clamps } });
    const wrong = new Bench({ scenario: { kind: "steady", clamps }, ppm });
    for (const bench of [right, wrong]) {
      bench.board.runUntil(1.2);
      const rate_ppb = bench === wrong ? Math.round((1 / (1 + ppm * 1e-6) - 1) * 1e9) : 0;
      bench.say({ kind: "utc", utc_s: NOON_s, ms: 0, t_ms: 0, rate_ppb });
      bench.board.runUntil(13.5);
    }
    // The front end's own error is the same for both: what is left is the clock's.
    const error = (bench: Bench) => {
      const { measured, truth } = bench.compare(1, 2);
      return measured.import_wh / truth.import_wh;
    };
    expect(Math.abs(error(wrong) / error(right) - 1)).toBeLessThan(0.001);
  });

  it("20 mA counts, and the opposite register does not", () => {
    const bench = new Bench({
      scenario: { kind: "steady", clamps: [{ amps: 0.02 }, { amps: 0.02, export: true }, {}] },
    });
    bench.board.runUntil(PROOF ? 600 : 95);
    const [one, two, three] = [1, 2, 3].map((channel) => bench.reports(channel as Channel).at(-1)!.counters);
    expect(one!.importActive_mwh).toBeGreaterThan(99);
    expect(one!.exportActive_mwh).toBe(0);
    expect(two!.exportActive_mwh).toBeGreaterThan(99);
    expect(two!.importActive_mwh).toBe(0);
    expect(three!.importActive_mwh + three!.exportActive_mwh).toBe(0);
  }, 600_000);

  it.runIf(PROOF)(
    "no load for 46 minutes: no counter moves",
    () => {
      const bench = new Bench({ scenario: "no-load" });
      bench.board.runUntil(46 * 60);
      for (const channel of [1, 2, 3, 4] as const) {
        const { counters, base } = bench.reports(channel).at(-1)!;
        expect(counters).toEqual(base);
      }
    },
    900_000,
  );
});
