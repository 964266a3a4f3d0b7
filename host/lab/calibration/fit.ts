// The constants that make a board tell what the reference tells: the equations of docs/spec/calibration.md.

import {
  type BoardConstants,
  type ChannelConstants,
  CLAMPS,
  type Clamp,
  octaves,
  outside,
  REFERENCE_V,
  type Reach,
  told,
  undone,
} from "./constants.js";
import { angle_deg, minus, over, type Phasor, size, times, turned } from "./phasor.js";
import type { Load } from "./reference.js";

/** A step as it was seen, and what the reference says of it. */
export interface Compared {
  readonly load: Load;
  /** As the board told, under the constants in force. */
  readonly volts: number;
  readonly clamps: readonly [Phasor, Phasor, Phasor];
  readonly reference: { readonly volts: number; readonly power: Phasor };
}

export interface Residual {
  readonly load: Load;
  readonly percent: number;
  readonly degrees: number;
}

export type Verdict =
  | { readonly kind: "good"; readonly within_percent: number }
  /** One step is not like the others. */
  | { readonly kind: "repeat"; readonly load: Load; readonly within_percent: number }
  | { readonly kind: "limited"; readonly within_percent: number }
  | { readonly kind: "impossible"; readonly reason: string };

export interface FittedClamp {
  readonly clamp: Clamp;
  readonly residuals: readonly Residual[];
  readonly verdict: Verdict;
}

export interface Fitted {
  readonly constants: BoardConstants;
  readonly clamps: readonly FittedClamp[];
}

export interface FitOptions {
  readonly clamps: readonly Clamp[];
  /** Clamps that the person says are the other way round than in force. */
  readonly turnRound: readonly Clamp[];
  /** Whether the board knows slopes. */
  readonly slopes: boolean;
  readonly reach: Reach;
  readonly within_percent: number;
}

/** What a degree does to the power, in per cent; at power factor 0.5 it is sqrt(3) pi / 180 = 3.02 %. */
const PERCENT_PER_DEGREE = 3;
/** Loads nearer to each other than this say nothing of a slope. */
const LEAST_OCTAVES = 1;

export function fitTo(before: BoardConstants, steps: readonly Compared[], options: FitOptions): Fitted {
  const louder = mean(steps.map((step) => step.reference.volts / step.volts));
  const volts: ChannelConstants = { ...before[0], gain: Math.round(before[0].gain * louder) };
  // From here on by the gain as it is written, so that its rounding is made good by the clamps'.
  const byVolts = volts.gain / before[0].gain;
  const clamps = CLAMPS.map((clamp) =>
    options.clamps.includes(clamp)
      ? fitClamp(before, clamp, steps, byVolts, options)
      : { ...before[clamp], ...asItWas(before[clamp], byVolts) },
  );
  const constants = [volts, ...clamps] as unknown as BoardConstants;
  return {
    constants,
    clamps: options.clamps.map((clamp) => {
      const residuals = residualsOf(before, constants, clamp, steps);
      const impossible = outside(constants[clamp], volts, options.reach) ?? outside(volts, volts, options.reach);
      const verdict: Verdict =
        impossible === null ? verdictOf(residuals, options.within_percent) : { kind: "impossible", reason: impossible };
      return { clamp, residuals, verdict };
    }),
  };
}

/** A clamp that is not being calibrated tells the power that it told. */
function asItWas(one: ChannelConstants, byVolts: number): Pick<ChannelConstants, "gain" | "offset_mw" | "offset_mvar"> {
  const square = byVolts * byVolts;
  return {
    gain: Math.round(one.gain / byVolts),
    offset_mw: Math.round(one.offset_mw / square),
    offset_mvar: Math.round(one.offset_mvar / square),
  };
}

function fitClamp(
  before: BoardConstants,
  clamp: Clamp,
  steps: readonly Compared[],
  byVolts: number,
  { turnRound, slopes }: FitOptions,
): ChannelConstants {
  const way = turnRound.includes(clamp) ? -1 : 1;
  const raw = (step: Compared) => undone(before, clamp, step.clamps[clamp - 1] as Phasor, step.volts);
  const nothing = steps.find(({ load }) => load === "nothing");
  const leak = nothing === undefined ? { re: 0, im: 0 } : times(raw(nothing), 1 / nothing.volts ** 2);
  const points = steps
    .filter(({ load }) => load !== "nothing")
    .map((step) => {
      const seen = times(minus(raw(step), times(leak, step.volts ** 2)), way);
      const ratio = over(step.reference.power, seen);
      return {
        x: octaves(step.reference.power, step.reference.volts),
        log: Math.log(size(ratio)),
        angle: angle_deg(ratio),
      };
    });
  const gain = Math.exp(mean(points.map(({ log }) => log)));
  const [x, angle] = [mean(points.map((one) => one.x)), mean(points.map((one) => one.angle))];
  const spread = points.reduce((sum, one) => sum + (one.x - x) ** 2, 0);
  const apart = Math.max(...points.map((one) => one.x)) - Math.min(...points.map((one) => one.x));
  const fitted = points.reduce((sum, one) => sum + (one.x - x) * (one.angle - angle), 0) / spread;
  const kept = slopes ? before[clamp].slope_mdeg / 1_000 : 0;
  const slope_mdeg = Math.round(1_000 * (slopes && apart >= LEAST_OCTAVES ? fitted : kept));
  const lead_deg = angle - (slope_mdeg / 1_000) * x;
  const offset = times(turned(leak, lead_deg), way * gain * (REFERENCE_V / byVolts) ** 2);
  return {
    channel: clamp,
    gain: Math.round((way * before[clamp].gain * gain) / byVolts),
    phase_mdeg: Math.round(1_000 * lead_deg) + before[0].phase_mdeg,
    offset_mw: Math.round(1_000 * offset.re),
    offset_mvar: Math.round(1_000 * offset.im),
    slope_mdeg,
  };
}

/** Each load with the new constants, as the board will use them, against the reference. */
function residualsOf(
  before: BoardConstants,
  after: BoardConstants,
  clamp: Clamp,
  steps: readonly Compared[],
): readonly Residual[] {
  return steps
    .filter(({ load }) => load !== "nothing")
    .map((step) => {
      const raw = undone(before, clamp, step.clamps[clamp - 1] as Phasor, step.volts);
      const ratio = over(told(after, before, clamp, raw, step.volts).power, step.reference.power);
      return { load: step.load, percent: 100 * (size(ratio) - 1), degrees: angle_deg(ratio) };
    });
}

/** What a residual does to the power at power factor 0.5, per cent. */
export function worth(residual: Residual): number {
  return Math.max(Math.abs(residual.percent), PERCENT_PER_DEGREE * Math.abs(residual.degrees));
}

function verdictOf(residuals: readonly Residual[], within_percent: number): Verdict {
  const worst = residuals.reduce((one, other) => (worth(other) > worth(one) ? other : one));
  if (worth(worst) <= within_percent) return { kind: "good", within_percent: worth(worst) };
  const others = residuals.filter((one) => one !== worst).map(({ percent }) => percent);
  const agree = others.length >= 2 && Math.max(...others) - Math.min(...others) <= within_percent / 2;
  const odd = agree && Math.abs(worst.percent - mean(others)) > within_percent;
  return odd
    ? { kind: "repeat", load: worst.load, within_percent: worth(worst) }
    : { kind: "limited", within_percent: worth(worst) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
