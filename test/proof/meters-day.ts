// 32 meters of 8 models on four buses with 1 % of frames damaged; every fourth meter is late with some of its answers.

import { MODELS } from "../../host/adapters/modbus/catalogue.js";
import { Street, type StreetBus, within } from "./meters-street.js";
import { casesAt, type Proof } from "./proof.js";

const MODELS_OF_A_BUS = ["sdm630", "sdm120", "sdm72d-m-2", "em340", "b23", "iem3155", "pzem-016", "sunspec-203"];
const SPEEDS = [9600, 19_200, 9600, 38_400];
const EVERY_ms = 5_000;
const DAMAGED = 0.01;
const LATE = 0.01;

function busesOf(): readonly StreetBus[] {
  const models = MODELS_OF_A_BUS.map((name) => {
    const model = MODELS.get(name);
    if (model === undefined) throw new Error(`there is no table of ${name}`);
    return model;
  });
  return SPEEDS.map((speed) => ({
    // Each bus begins with another model: what is first at its wire is another one.
    models: models.map((_, at) => models[(at + SPEEDS.indexOf(speed)) % models.length] ?? models[0]!),
    speed,
    damage: { frames: DAMAGED },
    slave: (at) => ({ latency_ms: 15 + 5 * at, jitter_ms: 30, faults: at % 4 === 3 ? { late: LATE } : {} }),
  }));
}

async function lived(for_s: number, seed: number) {
  const street = new Street({ seed, buses: busesOf(), every_ms: EVERY_ms });
  const began = process.cpuUsage();
  await street.live(for_s);
  const { user, system } = process.cpuUsage(began);
  const [judged, totals] = [street.judged(), street.totals()];
  await street.end();
  return { judged, totals, wires: street.wires, cpu_s: (user + system) / 1e6 };
}

export const proof: Proof = {
  name: "meters-day",
  claim:
    "32 meters of 8 models on four buses, 1 % of frames damaged: every register is the truth within its resolution",
  cases: (effort) => casesAt(effort, ["3600"], ["86400"]),
  run: async (case_, seed) => {
    const { judged, totals, wires, cpu_s } = await lived(Number(case_), seed);
    const wrong = judged.filter((one) => !within(one));
    const believed = judged.reduce((sum, one) => sum + one.lateBelieved, 0);
    const late = wires.reduce((sum, wire) => sum + wire.slaves.reduce((all, { counts }) => all + counts.late, 0), 0);
    const damaged = wires.reduce((sum, wire) => sum + wire.damage.damaged, 0);
    const worst_steps = Math.max(
      ...judged.flatMap(({ off_wh, step_wh }) => off_wh.map((off) => Math.abs(off) / step_wh)),
    );
    const readings = judged.reduce((sum, { reports }) => sum + reports, 0);
    return {
      ok: judged.length === 32 && wrong.length === 0 && believed === 0 && late > 0 && damaged > 0,
      said:
        `${case_} s of 32 meters: ${totals.questions} questions, ${damaged} frames damaged, ${late} answers late and ${believed} ` +
        `of them believed, ${readings} readings, worst register off by ${worst_steps.toFixed(2)} of its steps; ` +
        `${cpu_s.toFixed(0)} s of CPU` +
        wrong
          .map(({ name, off_wh }) => `; ${name} off by ${off_wh.map((off) => off.toFixed(2)).join(" and ")} Wh`)
          .join(""),
      figures: { questions: totals.questions, damaged, late, believed, readings, worst_steps, cpu_s },
    };
  },
};

/** Meters alone on their buses, late with a twentieth of their answers, and read as fast as they can be: how many of these are believed. */
export async function lateBelieved(for_s: number, seed: number, silence: boolean): Promise<number> {
  const buses = busesOf().flatMap(({ models }) =>
    models.slice(0, 2).map((model) => ({
      models: [model],
      slave: () => ({ latency_ms: 40, jitter_ms: 60, faults: { late: 0.05 } }),
    })),
  );
  const street = await new Street({ seed, buses, every_ms: 400, silence }).live(for_s);
  const believed = street.judged().reduce((sum, one) => sum + one.lateBelieved, 0);
  await street.end();
  return believed;
}
