// When a step has been looked at for long enough: samples of board and reference, their means, and the rule of docs/spec/calibration.md.

import { CLAMPS, type Clamp } from "./constants.js";
import { meanOf, minus, type Phasor, size } from "./phasor.js";
import { type Load, type Powered, powerOf, type Step, type Told } from "./reference.js";

/** A second of the board: clamps 1..3 as it tells them. */
export interface Sample {
  readonly at_ms: number;
  readonly volts: number;
  readonly clamps: readonly [Phasor, Phasor, Phasor];
}

export interface ReferenceSample extends Told {
  readonly at_ms: number;
}

/** What board and reference said of a step at the same time. */
export interface Seen {
  readonly step: Step;
  readonly volts: number;
  readonly clamps: readonly [Phasor, Phasor, Phasor];
  readonly seconds: number;
  /** Standard error of the worst clamp's mean, share of its power; of `nothing` in W. */
  readonly error: number;
  /** Of the reference, the same while the board was looked at; null where it is typed, which comes later. */
  readonly reference: Told | null;
}

export interface Rule {
  readonly least_s: number;
  readonly longest_s: number;
  /** Share of |S|; of `nothing` W. */
  readonly standardError: number;
  readonly standardError_w: number;
  readonly wander: number;
  readonly wander_w: number;
  /** Silent for so long, board or reference has stopped. */
  readonly silent_s: number;
}

export const RULE: Rule = {
  least_s: 10,
  longest_s: 300,
  standardError: 0.0005,
  standardError_w: 0.12,
  wander: 0.02,
  wander_w: 5,
  silent_s: 10,
};

export const NOTHING_w = 25;
/** A clamp that sees less of a load is not on its conductor. */
export const SEES_w = 10;
const LEAST_SAMPLES = 10;
const LEAST_OF_REFERENCE = 5;
/** Means of so many neighbours show a load that moves through the noise of one. */
const NEIGHBOURS = 3;
const TOO_SHORT = "too short";

export type Judged =
  | { readonly kind: "wait"; readonly why: string }
  | { readonly kind: "good"; readonly seen: Seen }
  | { readonly kind: "invalid"; readonly reason: string };

/** A step while it is looked at. */
export class Observation {
  #samples: Sample[] = [];
  #reference: ReferenceSample[] = [];
  #why = TOO_SHORT;

  constructor(
    private readonly step: Step,
    private readonly clamps: readonly Clamp[],
    private readonly hasReference: boolean,
    private readonly began_ms: number,
    private readonly rule: Rule = RULE,
  ) {}

  board(sample: Sample): void {
    if (sample.at_ms > (this.#samples.at(-1)?.at_ms ?? this.began_ms)) this.#samples.push(sample);
  }

  reference(sample: ReferenceSample): void {
    if (sample.at_ms > (this.#reference.at(-1)?.at_ms ?? this.began_ms)) this.#reference.push(sample);
  }

  judge(now_ms: number): Judged {
    const rule = this.rule;
    const began_ms = this.began_ms;
    const silent_ms = rule.silent_s * 1_000;
    if (now_ms - (this.#samples.at(-1)?.at_ms ?? began_ms) > silent_ms)
      return { kind: "invalid", reason: `the board has told nothing for ${rule.silent_s} s` };
    if (this.hasReference && now_ms - (this.#reference.at(-1)?.at_ms ?? began_ms) > silent_ms)
      return { kind: "invalid", reason: `the reference has told nothing for ${rule.silent_s} s` };
    const verdict = this.#look();
    if (verdict.kind === "wait") {
      // What began it again is the reason, not that it is short since.
      if (verdict.why !== TOO_SHORT) this.#why = verdict.why;
      if (now_ms - began_ms > rule.longest_s * 1_000)
        return { kind: "invalid", reason: `not done within ${rule.longest_s} s: ${this.#why}` };
    }
    return verdict;
  }

  #look(): Judged {
    const step = this.step;
    const rule = this.rule;
    const nothing = step.load === "nothing";
    const watts = this.#reference.flatMap(({ watts, vars }) => (watts === null ? [] : [{ re: watts, im: vars ?? 0 }]));
    const series = this.clamps.map((clamp) => this.#samples.map((one) => one.clamps[clamp - 1] as Phasor));
    if ([...series, ...(nothing ? [] : [watts])].some((one) => wanders(one, step.load, rule))) {
      this.#samples = this.#samples.slice(-NEIGHBOURS);
      this.#reference = this.#reference.slice(-NEIGHBOURS);
      return wait("the load moves");
    }
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    const seconds = first === undefined || last === undefined ? 0 : (last.at_ms - first.at_ms) / 1_000 + 1;
    if (this.#samples.length < LEAST_SAMPLES || seconds < rule.least_s - 0.5) return wait(TOO_SHORT);
    const something = series.findIndex((one) => nothing && size(meanOf(one)) > NOTHING_w);
    if (something >= 0)
      return { kind: "invalid", reason: `clamp ${this.clamps[something]} sees something where nothing should flow` };
    const error = Math.max(...series.map((one) => (nothing ? errorOf(one) : shareOf(one))));
    if (nothing && error > rule.standardError_w) return wait(`the noise is still ${error.toFixed(2)} W`);
    if (!nothing && error > rule.standardError) return wait(`the noise is still ${(100 * error).toFixed(2)} %`);
    const reference = this.hasReference ? this.#meanReference() : null;
    if (typeof reference === "string") return wait(reference);
    if (reference !== null && !nothing && shareOf(watts) > rule.standardError)
      return wait("the reference is not steady");
    const clamps = CLAMPS.map((clamp) => meanOf(this.#samples.map((one) => one.clamps[clamp - 1] as Phasor)));
    const volts = mean(this.#samples.map((one) => one.volts));
    return {
      kind: "good",
      seen: { step, volts, clamps: clamps as unknown as Seen["clamps"], seconds, error, reference },
    };
  }

  /** Of the reference's samples that fell in the board's time. */
  #meanReference(): Told | string {
    const from_ms = (this.#samples[0]?.at_ms ?? 0) - 1_000;
    const all = this.#reference.filter(({ at_ms }) => at_ms >= from_ms);
    if (all.length < LEAST_OF_REFERENCE) return "too little of the reference";
    const of = (pick: (one: ReferenceSample) => number | null): number | null => {
      const values = all.flatMap((one) => pick(one) ?? []);
      return values.length < all.length ? null : mean(values);
    };
    return {
      volts: of((one) => one.volts),
      amps: of((one) => one.amps),
      watts: of((one) => one.watts),
      vars: of((one) => one.vars),
      pf: of((one) => one.pf),
    };
  }
}

/** What the reference makes of a step that was seen, or of what was typed for it. */
export function referenceOf(seen: Seen, typed: Told | null): Powered {
  const told = typed ?? seen.reference;
  return told === null ? { ok: false, reason: "no reference" } : powerOf(seen.step, told);
}

function wait(why: string): Judged {
  return { kind: "wait", why };
}

function wanders(series: readonly Phasor[], load: Load, rule: Rule): boolean {
  if (series.length < 2 * NEIGHBOURS) return false;
  const middle = meanOf(series);
  const limit = load === "nothing" ? rule.wander_w : Math.max(rule.wander * size(middle), rule.wander_w);
  for (let k = 0; k + NEIGHBOURS <= series.length; k++)
    if (size(minus(meanOf(series.slice(k, k + NEIGHBOURS)), middle)) > limit) return true;
  return false;
}

/** The standard error of the mean, of the worse of P and Q, from the differences of neighbours (von Neumann): a slow drift is no noise. */
function errorOf(series: readonly Phasor[]): number {
  if (series.length < 2) return Number.POSITIVE_INFINITY;
  let [re, im] = [0, 0];
  for (let k = 1; k < series.length; k++) {
    const step = minus(series[k] as Phasor, series[k - 1] as Phasor);
    re += step.re ** 2;
    im += step.im ** 2;
  }
  const each = 1 / (2 * (series.length - 1));
  return Math.sqrt((Math.max(re, im) * each) / series.length);
}

/** As a share of the mean; a clamp that sees nothing has none: that is told elsewhere. */
function shareOf(series: readonly Phasor[]): number {
  const power_w = series.length === 0 ? 0 : size(meanOf(series));
  return power_w < SEES_w ? 0 : errorOf(series) / power_w;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

/** Whether a load came or went: 15 % or 8 degrees. */
export function differs(now: Phasor, before: Phasor): boolean {
  const larger = Math.max(size(now), size(before));
  return larger >= NOTHING_w && size(minus(now, before)) > 0.14 * larger;
}
