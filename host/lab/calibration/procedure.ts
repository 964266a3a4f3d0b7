// A calibration from the first step to the board's confirmation: what is asked of the person (or of an answers file), what is looked at,
// when a step is done, what is written. Board and reference are behind `Bench`, time too: it is what the samples say.

import { type BoardConstants, type ChannelConstants, CLAMPS, type Clamp, reachOf } from "./constants.js";
import { type Compared, type Fitted, fitTo } from "./fit.js";
import {
  differs,
  NOTHING_w,
  Observation,
  type ReferenceSample,
  RULE,
  type Rule,
  referenceOf,
  type Sample,
  SEES_w,
  type Seen,
} from "./observation.js";
import { type Phasor, size } from "./phasor.js";
import { misplaced, type Place, placesOf } from "./placing.js";
import type { Powered, Step, Told } from "./reference.js";

export interface Refusal {
  readonly ok: false;
  readonly code: string;
  readonly reason: string;
  readonly next: string;
}

/** Board and reference now. */
export interface Observed {
  readonly ok: true;
  readonly now_ms: number;
  readonly board: (Sample & { readonly device: string; readonly boot: number }) | null;
  /** null where it is typed, or has told nothing yet. */
  readonly reference: ReferenceSample | null;
}

export interface InForce {
  readonly ok: true;
  readonly device: string;
  readonly firmware: string;
  readonly build: string;
  readonly slopes: boolean;
  /** As the board says them: `ct`, `phase`, `none` ... */
  readonly kinds: readonly string[];
  /** 2: the firmware's defaults. */
  readonly slot: 0 | 1 | 2;
  readonly channels: readonly ChannelConstants[];
}

/** What is to be written, and what the history says of it. */
export interface Writing {
  readonly what: "calibrate" | "undo" | "restore";
  readonly device: string;
  /** What must be in force still. */
  readonly before: readonly ChannelConstants[];
  readonly after: readonly ChannelConstants[];
  readonly clamps: readonly Clamp[];
  readonly reference: string;
  readonly results: Fitted["clamps"];
}

export type Written = { readonly ok: true; readonly slot: 0 | 1; readonly number: number } | Refusal;

export interface Bench {
  /** Whether the reference is a source. */
  readonly hasReference: boolean;
  readonly reference: string;
  observe(): Promise<Observed | Refusal>;
  /** Until there may be something new to observe. */
  wait(): Promise<void>;
  inForce(): Promise<InForce | Refusal>;
  write(writing: Writing): Promise<Written>;
}

/** The person at the bench, or the file that answers for them. */
export interface Person {
  readonly clamps: readonly Clamp[];
  readonly steps: readonly Step[];
  readonly within_percent: number;
  readonly wait_s: number;
  say(text: string): void;
  /** Asked to bring the step about: `done` when they say that they have, `watch` where the board is to see it, `stop`. */
  ready(step: Step): Promise<"done" | "watch" | "stop">;
  /** What the display shows, where the reference is typed. */
  typed(step: Step): Promise<Told | null>;
  /** Which clamps' signs are to be changed, now that it is known how they sit. */
  turnRound(places: readonly Place[]): Promise<readonly Clamp[]>;
  /** Whether an invalid step is to be tried again. */
  again(step: Step, reason: string, tries: number): Promise<boolean>;
  /** Whether this is to be written, residuals and verdicts known. */
  agreed(fitted: Fitted): Promise<boolean>;
}

export interface Calibrated {
  readonly ok: true;
  readonly inForce: InForce;
  readonly places: readonly Place[];
  readonly fitted: Fitted;
  readonly slot: 0 | 1;
  readonly number: number;
}

/** What the voltages of board and reference may part by from the first step to another: what a long lead loses, but not a wrong digit. */
const VOLTS_AGREE = 0.03;

export async function calibrate(bench: Bench, person: Person, rule: Rule = RULE): Promise<Calibrated | Refusal> {
  const inForce = await bench.inForce();
  if (!inForce.ok) return inForce;
  const before = inForce.channels as unknown as BoardConstants;
  const compared: Compared[] = [];
  let places: readonly Place[] = [];
  let turnRound: readonly Clamp[] = [];
  for (const step of person.steps) {
    const one = await stepOf(bench, person, step, compared, rule);
    if ("ok" in one) return one;
    compared.push(one);
    // Of the first load it is told below which clamp saw it instead.
    const blind = person.clamps.find((clamp) => size(one.clamps[clamp - 1] as Phasor) < SEES_w);
    if (compared.length > 2 && blind !== undefined) return invalid(step, `clamp ${blind} sees nothing of it`);
    const [nothing] = compared;
    if (compared.length !== 2 || nothing === undefined) continue;
    places = placesOf(nothing, one);
    turnRound = await person.turnRound(places);
    const wrong = misplaced(places, person.clamps, turnRound);
    if (wrong !== null) return { ok: false, ...wrong };
  }
  const { clamps, within_percent } = person;
  const { slopes, kinds } = inForce;
  const fitted = fitTo(before, compared, { clamps, turnRound, slopes, reach: reachOf(kinds), within_percent });
  const bad = fitted.clamps.find(({ verdict }) => verdict.kind === "impossible");
  if (bad?.verdict.kind === "impossible")
    return refused(
      "calibration-impossible",
      `clamp ${bad.clamp}: ${bad.verdict.reason}`,
      "check the clamp, its burden and the numbers",
    );
  if (!(await person.agreed(fitted)))
    return refused(
      "calibration-not-good",
      worst(fitted),
      "nothing was written: repeat the step that is named, or say --within",
    );
  const written = await bench.write({
    what: "calibrate",
    device: inForce.device,
    before,
    after: fitted.constants,
    clamps,
    reference: bench.reference,
    results: fitted.clamps,
  });
  return written.ok ? { ok: true, inForce, places, fitted, slot: written.slot, number: written.number } : written;
}

/** In the words of the verdict, the clamps that are not good. */
function worst(fitted: Fitted): string {
  const bad = fitted.clamps.flatMap(({ clamp, verdict }) =>
    verdict.kind === "repeat"
      ? [`clamp ${clamp}: repeat ${verdict.load}, it is not like the others (${verdict.within_percent.toFixed(2)} %)`]
      : verdict.kind === "limited"
        ? [`clamp ${clamp} cannot be had to within less than ${verdict.within_percent.toFixed(2)} %`]
        : [],
  );
  return bad.length === 0 ? "it was not agreed to" : bad.join("; ");
}

/** One step, again and again until it is good or given up. */
async function stepOf(
  bench: Bench,
  person: Person,
  step: Step,
  before: readonly Compared[],
  rule: Rule,
): Promise<Compared | Refusal> {
  const last = before.at(-1) ?? null;
  for (let tries = 1; ; tries++) {
    const ready = await person.ready(step);
    if (ready === "stop") return refused("calibration-stopped", `stopped before ${step.load}`, "nothing was written");
    const looked = ready === "watch" ? await appears(bench, person, step, last, rule) : ({ ok: true } as const);
    const seen = looked.ok ? await look(bench, person, step, rule) : looked;
    if ("ok" in seen) {
      if (seen.code !== "step-invalid") return seen;
      if (!(await person.again(step, seen.reason, tries))) return seen;
      continue;
    }
    const typed = bench.hasReference ? null : await person.typed(step);
    const reference = agreeing(referenceOf(seen, typed), seen.volts, before[0] ?? null);
    if (reference.ok) return { load: step.load, volts: seen.volts, clamps: seen.clamps, reference };
    if (!(await person.again(step, reference.reason, tries))) return invalid(step, reference.reason);
  }
}

/** What the reference tells, where its volts can be right by the board's and the first step. */
function agreeing(reference: Powered, board: number, first: Compared | null): Powered {
  if (!reference.ok || first === null) return reference;
  const expected = (board * first.reference.volts) / first.volts;
  if (Math.abs(reference.volts / expected - 1) <= VOLTS_AGREE) return reference;
  const told = reference.volts.toFixed(1);
  return {
    ok: false,
    reason: `the reference tells ${told} V where board and first step have ${expected.toFixed(1)} V`,
  };
}

/** Until a clamp sees the step's load come. */
async function appears(
  bench: Bench,
  person: Person,
  step: Step,
  last: Compared | null,
  { silent_s }: Rule,
): Promise<{ ok: true } | Refusal> {
  const began = await bench.observe();
  if (!began.ok) return began;
  let now_ms = began.now_ms;
  let heard_ms = now_ms;
  while (now_ms - began.now_ms <= person.wait_s * 1_000) {
    const observed = await bench.observe();
    if (!observed.ok) return observed;
    now_ms = observed.now_ms;
    const { board } = observed;
    heard_ms = Math.max(heard_ms, board?.at_ms ?? 0);
    if (now_ms - heard_ms > silent_s * 1_000) return invalid(step, `the board has told nothing for ${silent_s} s`);
    // A clamp that is not where it was said to be sees nothing: another may see the load, which is then told.
    if (
      board !== null &&
      board.at_ms >= began.now_ms &&
      CLAMPS.some((clamp) => isOn(step, board, last, clamp, person.clamps))
    )
      return { ok: true };
    await bench.wait();
  }
  return invalid(step, `${step.load} did not appear within ${person.wait_s} s`);
}

function isOn(step: Step, { clamps }: Sample, last: Compared | null, clamp: Clamp, chosen: readonly Clamp[]): boolean {
  const power = clamps[clamp - 1] as Phasor;
  if (step.load === "nothing") return chosen.every((one) => size(clamps[one - 1] as Phasor) < NOTHING_w);
  return size(power) > NOTHING_w && (last === null || differs(power, last.clamps[clamp - 1] as Phasor));
}

async function look(bench: Bench, person: Person, step: Step, rule: Rule): Promise<Seen | Refusal> {
  const first = await bench.observe();
  if (!first.ok) return first;
  const who = first.board;
  const observation = new Observation(step, person.clamps, bench.hasReference, first.now_ms, rule);
  let said = "";
  for (;;) {
    await bench.wait();
    const observed = await bench.observe();
    if (!observed.ok) return observed;
    const { board, reference, now_ms } = observed;
    if (board !== null && who !== null && (board.device !== who.device || board.boot !== who.boot))
      return invalid(step, "the board booted");
    if (board !== null) observation.board(board);
    if (reference !== null) observation.reference(reference);
    const judged = observation.judge(now_ms);
    if (judged.kind === "good") return judged.seen;
    if (judged.kind === "invalid") return invalid(step, judged.reason);
    if (judged.why !== said && judged.why === "the load moves") person.say(`${step.load}: the load moves; begun again`);
    said = judged.why;
  }
}

function invalid(step: Step, reason: string): Refusal {
  return refused("step-invalid", `${step.load}: ${reason}`, "nothing was written: mend that and calibrate again");
}

function refused(code: string, reason: string, next: string): Refusal {
  return { ok: false, code, reason, next };
}
