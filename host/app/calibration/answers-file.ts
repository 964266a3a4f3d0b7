// The answers file of `esme calibrate`: YAML or JSON, checked whole; a mistake is told with its line and column (docs/spec/calibration.md).

import { z } from "zod";
import type { Answers } from "../../lab/calibration/answers.js";
import { CLAMPS, type Clamp } from "../../lab/calibration/constants.js";
import { LOADS, type Load, type Told } from "../../lab/calibration/reference.js";
import { type Mistake, yamlFile } from "../yaml-file.js";

/** What a display may show; whatever is beyond is mistyped. */
export const SHOWN = {
  volts: ["V", 20, 300],
  amps: ["A", 0, 120],
  watts: ["W", -30_000, 30_000],
  vars: ["var", -30_000, 30_000],
  pf: ["a power factor", -1, 1],
  turns: ["passes", 1, 100],
} as const;

const Quantity = (what: string, from: number, to: number) => {
  const error = inRange(what, from, to);
  return z.number({ error }).min(from, { error }).max(to, { error });
};
export function inRange(what: string, from: number, to: number): string {
  return `${what} from ${from} to ${to}, a number without its unit`;
}

const StepSchema = z.strictObject({
  load: z.enum(LOADS, { error: `one of ${LOADS.join(", ")}` }),
  /** Of a reactive load: a motor's lags, a capacitor's leads. */
  current: z.enum(["lags", "leads"], { error: "lags or leads" }).optional(),
  turns: z
    .int({ error: "how often the wire passes through the clamp" })
    .min(SHOWN.turns[1])
    .max(SHOWN.turns[2])
    .optional(),
  volts: Quantity(...SHOWN.volts).optional(),
  amps: Quantity(...SHOWN.amps).optional(),
  watts: Quantity(...SHOWN.watts).optional(),
  vars: Quantity(...SHOWN.vars).optional(),
  pf: Quantity(...SHOWN.pf).optional(),
});
const ClampSchema = z.union([z.literal(1), z.literal(2), z.literal(3)], { error: "a clamp is 1, 2 or 3" });
const AnswersSchema = z.strictObject({
  version: z.literal(1, { error: "the version is 1" }),
  clamps: z.array(ClampSchema).min(1).max(3).optional(),
  reference: z.string({ error: "typed, or the name of a source" }).optional(),
  turn_round: z.array(ClampSchema).optional(),
  within: Quantity("per cent", 0.05, 20).optional(),
  wait: z
    .string()
    .regex(/^\d+(s|m)$/, { error: "such as 90s or 2m" })
    .optional(),
  without: z.array(z.enum(["reactive-low", "reactive-high"], { error: "reactive-low or reactive-high" })).optional(),
  steps: z.array(StepSchema, { error: "the list of steps" }),
});

/** What the file says; what it leaves out is null and said on the command line, or as usual. */
export interface AnswersFile extends Omit<Answers, "clamps"> {
  readonly clamps: readonly Clamp[] | null;
  readonly reference: string | null;
}

export const USUAL = { within_percent: 0.5, wait_s: 120 };

export function answersIn(path: string): AnswersFile {
  const file = yamlFile(path, "answers-invalid", "mend that line; docs/spec/calibration.md shows every key");
  return answersOf(file.as(AnswersSchema), file.mistake);
}

function answersOf(file: z.output<typeof AnswersSchema>, mistake: Mistake): AnswersFile {
  const without: readonly Load[] = file.without ?? [];
  const wanted = LOADS.filter((load) => !without.includes(load));
  const typed = (file.reference ?? "typed") === "typed";
  file.steps.forEach((step, k) => {
    const place = ["steps", k];
    if (without.includes(step.load)) mistake(place, `${step.load} stands in without`);
    if (file.steps.findIndex(({ load }) => load === step.load) < k) mistake(place, `${step.load} stands there twice`);
    const reactive = step.load.startsWith("reactive");
    if (reactive !== (step.current !== undefined))
      mistake(place, reactive ? "say whether its current lags or leads" : "only a reactive load lags or leads");
    const numbers = [step.volts, step.amps, step.watts, step.vars, step.pf];
    if (!typed && numbers.some((one) => one !== undefined))
      mistake(place, `${file.reference} tells the numbers: leave them out`);
    if (!typed) return;
    if (step.volts === undefined) mistake(place, "volts are missing");
    if (step.load === "nothing") return;
    if (step.watts === undefined) mistake(place, "watts are missing");
    if (reactive && (step.vars ?? step.amps ?? step.pf) === undefined) mistake(place, "vars, amps or pf are missing");
  });
  const missing = wanted.find((load) => !file.steps.some((step) => step.load === load));
  if (missing !== undefined) mistake(["steps"], `the step ${missing} is missing`);
  const astray = file.steps.findIndex(({ load }, k) => load !== wanted[k]);
  if (astray >= 0) mistake(["steps", astray], `the steps come in the order ${wanted.join(", ")}`);
  const turnRound = file.turn_round ?? [];
  const clamps = file.clamps ?? null;
  const other = turnRound.findIndex((clamp) => clamps !== null && !clamps.includes(clamp));
  if (other >= 0) mistake(["turn_round", other], "that clamp is not being calibrated");
  return {
    clamps: clamps === null ? null : CLAMPS.filter((clamp) => clamps.includes(clamp)),
    reference: file.reference ?? null,
    turnRound,
    within_percent: file.within ?? USUAL.within_percent,
    wait_s: seconds(file.wait) ?? USUAL.wait_s,
    steps: file.steps.map(({ load, current, turns, ...told }) => ({
      load,
      current: current ?? null,
      turns: turns ?? 1,
      told: typed ? toldOf(told) : null,
    })),
  };
}

function toldOf({ volts, amps, watts, vars, pf }: { [key in keyof Told]?: number | undefined }): Told {
  return { volts: volts ?? null, amps: amps ?? null, watts: watts ?? null, vars: vars ?? null, pf: pf ?? null };
}

function seconds(text: string | undefined): number | null {
  return text === undefined ? null : Number.parseInt(text, 10) * (text.endsWith("m") ? 60 : 1);
}
