// The executed image with the simulated front end's own calibration constants, against the truth of the physics. Three clamps at once:
// one case covers three points, each on every clamp at full effort.

import type { ScenarioInput } from "../../host/sim/scenario.js";
import type { Channel } from "../../host/wire/board/messages.js";
import { Bench } from "../sim/bench.js";
import { casesAt, type Proof, percent, type Verdict } from "./proof.js";

/** "0.25A pf1 import", "5A pf0.5lead export": a point, and three of them joined by commas a case. */
const POINT = /^([\d.]+)A pf([\d.]+)(lead|lag|) (import|export)$/;
const LIMIT_percent = 1;
/** A report tells whole mWh, at either end. */
const RESOLUTION_wh = 0.002;
/** Small currents take averaging of their noise. */
const LASTS_s = 60;
const LASTS_QUICK_s = 30;

function grid(): string[] {
  const points: string[] = [];
  for (const way of ["import", "export"]) {
    for (const amps of [0.25, 0.5, 1, 2, 5, 10, 20, 40, 60]) points.push(`${amps}A pf1 ${way}`);
    for (const amps of [0.5, 1, 5, 20, 60])
      for (const lead of ["lead", "lag"]) points.push(`${amps}A pf0.5${lead} ${way}`);
  }
  while (points.length % 3 !== 0) points.push("3A pf1 import");
  return [0, 1, 2].flatMap((turned) =>
    Array.from({ length: points.length / 3 }, (_, at) =>
      [0, 1, 2].map((n) => points[3 * at + ((n + turned) % 3)]).join(", "),
    ),
  );
}

const QUICK = "0.25A pf1 import, 5A pf0.5lag export, 60A pf1 export";

export const proof: Proof = {
  name: "accuracy",
  claim:
    "Within 1 % of truth from 0.25 A to 60 A at PF 1, and from 0.5 A at PF 0.5 either way, import and export, " +
    "with the front end's own constants",
  cases: (effort) =>
    casesAt(
      effort,
      [QUICK],
      [
        "0.5A pf0.5lead import, 0.5A pf0.5lag export, 0.25A pf1 export",
        "60A pf0.5lag import, 60A pf0.5lead export, 60A pf1 import",
        "1A pf1 export, 20A pf0.5lead import, 5A pf1 import",
      ],
      grid(),
    ),
  run: (case_, seed) => Promise.resolve(measure(case_, seed, case_ === QUICK ? LASTS_QUICK_s : LASTS_s)),
};

function measure(case_: string, seed: number, lasts_s: number): Verdict {
  const points = case_.split(", ").map((text) => {
    const [, amps, pf, lead, way] = POINT.exec(text) ?? [];
    return { amps: Number(amps), pf: Number(pf), lead: lead === "lead", export: way === "export" };
  });
  const scenario = { kind: "steady", clamps: points } as unknown as ScenarioInput;
  const bench = new Bench({ scenario, seed });
  bench.board.runUntil(lasts_s + 1.5);
  const errors = points.map((point, at) => {
    const { measured, truth } = bench.compare((at + 1) as Channel);
    const [own, other] = point.export ? (["export_wh", "import_wh"] as const) : (["import_wh", "export_wh"] as const);
    const off_wh = Math.abs(measured[own] - truth[own]);
    const within = off_wh <= (LIMIT_percent / 100) * truth[own] + RESOLUTION_wh && measured[other] === 0;
    return { error_percent: percent(measured[own], truth[own]), within };
  });
  const worst_percent = Math.max(...errors.map(({ error_percent }) => Math.abs(error_percent)));
  return {
    ok: errors.every(({ within }) => within) && bench.faults === 0,
    said: `${case_}: ${errors.map(({ error_percent }) => `${error_percent.toFixed(3)} %`).join(", ")}`,
    figures: { worst_percent },
  };
}

/** A clamp turned round, all else equal: what was import is export, to the resolution of a report. */
export const turned: Proof = {
  name: "turned-clamp",
  claim: "Equal and opposite under a turned clamp",
  cases: (effort) => casesAt(effort, ["10A pf1, 8 s"], ["0.5A pf0.5, 60 s", "60A pf0.8, 8 s"]),
  run: (case_, seed) => {
    const [, amps, pf, lasts_s] = /^([\d.]+)A pf([\d.]+), (\d+) s$/.exec(case_) ?? [];
    const scenario = { kind: "steady", clamps: [{ amps: Number(amps), pf: Number(pf) }, {}, {}] } as ScenarioInput;
    const measure = (turnedRound: boolean) => {
      // The same constants both times, so that the turning shows; no noise, so that nothing else does.
      const frontEnd = {
        like: "ideal" as const,
        noise_lsb: 0,
        turned: [false, turnedRound, false, false] as [boolean, boolean, boolean, boolean],
      };
      const bench = new Bench({ scenario, seed, calibrated: false, frontEnd });
      bench.board.runUntil(Number(lasts_s) + 0.5);
      return bench.compare(1).measured;
    };
    const straight = measure(false);
    const swapped = measure(true);
    const off_wh = Math.abs(swapped.export_wh - straight.import_wh);
    const ok = straight.export_wh === 0 && swapped.import_wh === 0 && off_wh <= 0.001 * straight.import_wh + 0.002;
    return Promise.resolve({
      ok,
      said: `${case_}: import ${straight.import_wh.toFixed(3)} Wh one way, export ${swapped.export_wh.toFixed(3)} Wh the other way round`,
      figures: { import_wh: straight.import_wh, export_wh: swapped.export_wh },
    });
  },
};
