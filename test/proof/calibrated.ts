// Twenty front ends drawn from a seed, three to an executed image, calibrated as a hobbyist does it and then held against the physics.
// `real-clamps` does the same with what no constants can describe, and reports it.

import { answering } from "../../host/lab/calibration/answers.js";
import type { Clamp } from "../../host/lab/calibration/constants.js";
import { calibrate } from "../../host/lab/calibration/procedure.js";
import { LOADS } from "../../host/lab/calibration/reference.js";
import type { FrontEndOptions } from "../../host/sim/front-end.js";
import { Random } from "../../host/sim/random.js";
import { CalibrationRoom, type Load, STEP_LOADS } from "../lab/calibration-room.js";
import { casesAt, type Proof, percent, type Verdict } from "./proof.js";

const FRONT_ENDS = 20;
const BOARDS = Math.ceil(FRONT_ENDS / 3);
const CLAMPS: readonly Clamp[] = [1, 2, 3];
/** A clamp's lead changes by up to a degree over these octaves: 0.5 to 60 A. */
const OCTAVES = Math.log2(60 / 0.5);

interface Drawn {
  readonly frontEnd: Partial<FrontEndOptions>;
  readonly voltageGain: number;
  readonly reference: { readonly share: number; readonly degrees: number };
}

/** Board `number` of a seed, from 1: what its adapter, its clamps and the reference beside them are like. */
function drawn(seed: number, number: number, real = false): Drawn {
  const random = new Random(seed * 1_000 + number);
  const between = (from: number, to: number) => from + (to - from) * random.unit();
  const three = (from: number, to: number): [number, number, number] => [
    between(from, to),
    between(from, to),
    between(from, to),
  ];
  const frontEnd: Partial<FrontEndOptions> = {
    ratioError: three(-0.05, 0.05),
    clampLead_deg: three(0, 8),
    clampLeadSlope_deg_per_octave: three(-1 / OCTAVES, 1 / OCTAVES),
    adapterLead_deg: between(0, 8),
    // Up to some 3 W.
    crosstalk: between(0, 0.00015),
    noise_lsb: between(0.3, 1),
    biasError_lsb: between(-10, 10),
  };
  const curve = real ? { ratioRise: 0.02, clampLeadFall_deg: 1, adapterLead_deg_per_v: 0.05 } : {};
  const reference = { share: between(-0.002, 0.002), degrees: between(-0.05, 0.05) };
  return { frontEnd: { ...frontEnd, ...curve }, voltageGain: between(0.95, 1.05), reference };
}

/** A board of the seed, calibrated: its three clamps around the reference's conductor. */
async function calibrated(seed: number, number: number, real: boolean): Promise<CalibrationRoom> {
  const room = new CalibrationRoom({ ...drawn(seed, number, real), seed: seed * 100 + number });
  const steps = LOADS.map((load) => ({
    load,
    current: load.startsWith("reactive") ? ("lags" as const) : null,
    turns: 1,
    told: null,
  }));
  const answers = { clamps: CLAMPS, turnRound: [], within_percent: real ? 5 : 0.5, wait_s: 60, steps };
  const person = answering(answers, () => {});
  const done = await calibrate(room, {
    ...person,
    ready: (step) => {
      const load = STEP_LOADS[step.load];
      room.room.loads = [load, load, load];
      return person.ready(step);
    },
  });
  if (!done.ok) throw new Error(`board ${number}: ${done.code}: ${done.reason}`);
  return room;
}

interface Point extends Load {
  readonly limit_percent: number;
  readonly lasts_s: number;
}

/** Long enough that the noise, 3.2 W in a window for each LSB, is a sixth of the limit or less. */
function point(amps: number, pf: number, lead: boolean, out: boolean, noise_lsb: number): Point {
  const limit_percent = amps < 0.5 ? 1.5 : 1;
  const windows = ((6 * 3.2 * noise_lsb * 100) / (limit_percent * 230 * amps * pf)) ** 2;
  return { amps, pf, lead, export: out, limit_percent, lasts_s: Math.max(10, Math.ceil(windows / 5)) };
}

const FACTORS = [
  [1, false],
  [0.5, true],
  [0.5, false],
  [0.8, true],
  [0.8, false],
] as const;

function points(currents: readonly number[], quick: boolean, noise_lsb: number): readonly Point[] {
  return currents.flatMap((amps) =>
    FACTORS.flatMap(([pf, lead], k) =>
      [false, true]
        .filter((out) => !quick || out === ((k + Math.round(amps)) % 2 === 1))
        .map((out) => point(amps, pf, lead, out, noise_lsb)),
    ),
  );
}

/** Each point on each of these clamps, as the mean of `P` against the truth. */
function measure(room: CalibrationRoom, all: readonly Point[], clamps: readonly Clamp[]) {
  let worst = { percent: 0, share: 0, where: "" };
  for (const at of all) {
    room.room.loads = [at, at, at];
    room.run(2.5);
    const from = room.powers.length - 1;
    room.run(at.lasts_s);
    const seen = room.powers.slice(from);
    const [first, last] = [seen[0], seen.at(-1)];
    if (first === undefined || last === undefined) throw new Error("the board tells nothing");
    for (const clamp of clamps) {
      const measured_ws = seen
        .slice(1)
        .reduce(
          (sum, one, k) => sum + ((one.clamps[clamp - 1]?.re ?? 0) * (one.at_ms - (seen[k]?.at_ms ?? 0))) / 1_000,
          0,
        );
      const truth = room.truth(clamp, first.at_ms / 1_000, last.at_ms / 1_000).re;
      const off = percent((measured_ws * 1_000) / (last.at_ms - first.at_ms), truth);
      const share = Math.abs(off) / at.limit_percent;
      const way = `${at.amps} A PF ${at.pf}${at.pf === 1 ? "" : at.lead ? " lead" : " lag"} ${at.export ? "export" : "import"}`;
      if (share > worst.share) worst = { percent: off, share, where: `clamp ${clamp}, ${way}` };
    }
  }
  return worst;
}

const PARTS: { readonly [name: string]: readonly number[] } = {
  "0.25 A": [0.25],
  "0.5 A": [0.5],
  "1 to 60 A": [1, 2, 5, 20, 60],
  "1 and 60 A": [1, 60],
};

/** The front ends of board `number` that belong to the twenty. */
function clampsOf(number: number): readonly Clamp[] {
  return CLAMPS.filter((clamp) => 3 * (number - 1) + clamp <= FRONT_ENDS);
}

async function held(case_: string, seed: number, real: boolean): Promise<Verdict> {
  const [, number = "1", part = ""] = /^board (\d), (.*)$/.exec(case_) ?? [];
  const room = await calibrated(seed, Number(number), real);
  const { reference, frontEnd } = drawn(seed, Number(number), real);
  const noise_lsb = frontEnd.noise_lsb ?? 1;
  const took_s = room.time_s;
  const few = [
    point(1, 1, false, true, noise_lsb),
    point(5, 0.5, false, false, noise_lsb),
    point(60, 0.8, true, true, noise_lsb),
  ];
  const all = part === "few" ? few : null;
  const quick = part.endsWith(" briefly");
  const currents = PARTS[part.replace(" briefly", "")] ?? [];
  const clamps = part === "few" ? ([1] as const) : clampsOf(Number(number));
  const worst = measure(room, all ?? points(currents, quick, noise_lsb), clamps);
  const said =
    `${case_}, seed ${seed}: worst ${worst.percent.toFixed(2)} % (${worst.where}); calibrated in ${took_s.toFixed(0)} s by a reference ` +
    `${(100 * reference.share).toFixed(2)} % and ${reference.degrees.toFixed(3)} degree off`;
  return { ok: real || worst.share <= 1, said, figures: { worst_percent: worst.percent, share_of_limit: worst.share } };
}

const boards = (parts: readonly string[]) =>
  Array.from({ length: BOARDS }, (_, k) => parts.map((part) => `board ${k + 1}, ${part}`)).flat();

export const proof: Proof = {
  name: "calibrated",
  claim:
    "Twenty front ends from a seed, three to an executed image, calibrated by a 0.2 % reference: within 1.5 % at 0.25 A and 1 % from " +
    "0.5 to 60 A at PF 1, 0.5 and 0.8 either way, both directions",
  cases: (effort) =>
    casesAt(
      effort,
      ["board 1, few"],
      ["board 2, 0.5 A briefly", "board 3, 1 to 60 A briefly"],
      boards(Object.keys(PARTS)),
    ),
  run: (case_, seed) => held(case_, seed, false),
};

export const realClamps: Proof = {
  name: "calibrated-real-clamps",
  claim:
    "The same with a real clamp's ratio over current and an adapter whose phase moves with the mains: reported, not required",
  cases: (effort) => casesAt(effort, [], [], boards(["0.5 A", "1 to 60 A"]).slice(0, 4)),
  run: (case_, seed) => held(case_, seed, true),
};
