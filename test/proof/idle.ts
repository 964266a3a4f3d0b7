// Nothing flows, or almost nothing: creep and the starting current.

import { casesAt, type Proof, percent } from "./proof.js";
import { Workbench } from "./workbench.js";

const NO_LOAD = { kind: "steady" as const, clamps: [{}, {}, {}] as [object, object, object] };

export const noLoad: Proof = {
  name: "no-load",
  claim: "No load for 46 executed minutes (and a day of the fast fidelity): internal counters unmoved",
  cases: (effort) => casesAt(effort, ["executed 1 min", "fast 1440 min"], ["executed 6 min"], ["executed 46 min"]),
  run: async (case_, seed) => {
    const [fidelity, minutes] = case_.split(" ") as ["executed" | "fast", string];
    const bench = new Workbench({ board: { fidelity, scenario: NO_LOAD, seed } }).arrive().run(Number(minutes) * 60);
    const moved = ["grid", "generation", "load"].flatMap((name) => [...(bench.ledger(name).last?.counters ?? [])]);
    const counted_uwh = moved.reduce<number>((sum, value) => sum + (value ?? 0), 0);
    return {
      ok: counted_uwh === 0 && bench.ledger().last !== null,
      said: `${minutes} min without load (${fidelity}): the board's counters moved by ${counted_uwh} uWh`,
      figures: { minutes: Number(minutes), counted_uwh },
    };
  },
};

export const start: Proof = {
  name: "starting-current",
  claim: "20 mA: counts, and the opposite register does not",
  cases: (effort) => casesAt(effort, ["executed 1.7 min"], ["executed 6 min"], ["executed 20 min"]),
  run: async (case_, seed) => {
    const minutes = Number(case_.split(" ")[1]);
    const scenario = {
      kind: "steady" as const,
      clamps: [{ amps: 0.02 }, { amps: 0.02, export: true }, { amps: 0.02 }] as [object, object, object],
    };
    const bench = new Workbench({ board: { fidelity: "executed", scenario, seed } }).arrive().run(minutes * 60);
    const [importing, wrongExport] = bench.ledger().last?.counters ?? [0, 0];
    const [wrongImport, exporting] = bench.ledger("generation").last?.counters ?? [0, 0];
    const truth = bench.truthAtLastReport();
    return {
      ok: importing > 0 && exporting > 0 && wrongExport === 0 && wrongImport === 0,
      said:
        `20 mA for ${minutes} min: ${importing} uWh import (${percent(importing, truth[0].import_uwh).toFixed(0)} %), ` +
        `${exporting} uWh export turned round, opposite registers ${wrongExport} and ${wrongImport}`,
      figures: { importing_uwh: importing, exporting_uwh: exporting, opposite_uwh: wrongExport + wrongImport },
    };
  },
};
