// What a reference tells of a load, typed from a display or read from a source, as the power that the clamp should have seen.

import type { Phasor } from "./phasor.js";
import { times } from "./phasor.js";

export const LOADS = ["nothing", "resistive", "reactive-low", "reactive-high"] as const;
export type Load = (typeof LOADS)[number];

export interface Step {
  readonly load: Load;
  /** Which way the current of a reactive load lies; null where the load has none. */
  readonly current: "lags" | "leads" | null;
  /** How often the wire passes through the clamp. */
  readonly turns: number;
}

/** What it tells; what it does not is null. */
export interface Told {
  readonly volts: number | null;
  readonly amps: number | null;
  readonly watts: number | null;
  readonly vars: number | null;
  readonly pf: number | null;
}

export type Powered =
  | { readonly ok: true; readonly volts: number; readonly power: Phasor }
  | { readonly ok: false; readonly reason: string };

/** Less than this is nothing, W. */
const NOTHING_w = 25;

/** The power of a load through the clamp; of nothing it is 0. */
export function powerOf(step: Step, told: Told): Powered {
  const { volts, watts } = told;
  if (volts === null || !(volts > 20)) return refused("the reference tells no volts");
  if (step.load === "nothing") {
    if (watts !== null && Math.abs(watts) > NOTHING_w)
      return refused(`the reference tells ${watts.toFixed(1)} W where nothing should flow`);
    return { ok: true, volts, power: { re: 0, im: 0 } };
  }
  if (watts === null) return refused("the reference tells no watts");
  if (Math.abs(watts) < NOTHING_w / 5) return refused(`the reference tells only ${watts.toFixed(1)} W`);
  const vars = varsOf(step, told, volts, watts);
  if (typeof vars === "string") return refused(vars);
  return { ok: true, volts, power: times({ re: watts, im: vars }, step.turns) };
}

/** The reactive power, or why it cannot be had. */
function varsOf({ load, current }: Step, told: Told, volts: number, watts: number): number | string {
  const sign = current === "leads" ? -1 : 1;
  if (load === "resistive") return told.vars ?? 0;
  if (told.vars !== null) {
    if (Math.sign(told.vars) === sign) return told.vars;
    return `the reference tells ${told.vars.toFixed(0)} var: that current ${told.vars < 0 ? "leads" : "lags"}`;
  }
  const apparent = told.amps !== null ? volts * told.amps : told.pf !== null ? Math.abs(watts / told.pf) : null;
  if (apparent === null) return "the reference tells neither vars nor amps nor a power factor";
  if (!Number.isFinite(apparent)) return "a power factor of 0 says nothing of a load that takes watts";
  const share = Math.abs(watts) / apparent;
  // Nearer to 1 the angle cannot be had from watts and amps: at 0.8 one per mille of either is 0.08 degree of it.
  if (!(share <= 0.8)) return `its power factor is ${share.toFixed(2)}: without vars a reactive load has at most 0.8`;
  return sign * Math.sqrt(apparent * apparent - watts * watts);
}

function refused(reason: string): Powered {
  return { ok: false, reason };
}
