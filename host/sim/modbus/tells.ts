// What a meter of a model makes of what flows: each of its quantities, in base units (W, V, A), its counters in whole µWh as it holds them.

import type { Model } from "../../models/model.js";
import { QUANTITIES, type Quantity } from "../../models/quantities.js";
import type { TrueEnergy } from "../truth.js";
import type { Flowing, Phase } from "./conductor.js";

/** A meter's counters, unrounded; of a meter without direction everything is import. */
export interface Counters {
  readonly sum: TrueEnergy;
  readonly each: readonly TrueEnergy[];
}

export const NOTHING: TrueEnergy = { import_uwh: 0, export_uwh: 0, import_uvarh: 0, export_uvarh: 0 };

/** What of this a meter of the model counts, since it was made with `start` on its counters. */
export function countersOf(model: Model, flowing: Flowing, start: TrueEnergy): Counters {
  const direction = directed(model.direction);
  const each = flowing.each.map(direction);
  const apart = model.netting === "per-phase" || model.netting === "absolute";
  const sum = apart ? each.reduce(add, NOTHING) : direction(flowing.sum);
  return { sum: add(sum, start), each };
}

function directed(direction: Model["direction"]): (energy: TrueEnergy) => TrueEnergy {
  switch (direction) {
    case "both":
      return (energy) => energy;
    case "none":
      return ({ import_uwh, export_uwh, import_uvarh, export_uvarh }) => ({
        import_uwh: import_uwh + export_uwh,
        export_uwh: 0,
        import_uvarh: import_uvarh + export_uvarh,
        export_uvarh: 0,
      });
    case "generation":
      // What an inverter takes at night it does not count.
      return ({ import_uwh, import_uvarh }) => ({ ...NOTHING, import_uwh, import_uvarh });
  }
}

function add(a: TrueEnergy, b: TrueEnergy): TrueEnergy {
  return {
    import_uwh: a.import_uwh + b.import_uwh,
    export_uwh: a.export_uwh + b.export_uwh,
    import_uvarh: a.import_uvarh + b.import_uvarh,
    export_uvarh: a.export_uvarh + b.export_uvarh,
  };
}

/** How a counter is told, in whole µWh, µvarh or µVAh; null of what is no counter. */
export function counterOf(quantity: Quantity): ((counters: Counters) => number) | null {
  const [, way, kind, phase] = /^(import|export|total|net)(Active|Reactive)Energy(?:L([123]))?$/.exec(quantity) ?? [];
  if (way !== undefined) {
    const [inward, outward] =
      kind === "Active" ? (["import_uwh", "export_uwh"] as const) : (["import_uvarh", "export_uvarh"] as const);
    const of = ({ sum, each }: Counters) => (phase === undefined ? sum : (each[Number(phase) - 1] ?? NOTHING));
    if (way === "import") return (counters) => of(counters)[inward];
    if (way === "export") return (counters) => of(counters)[outward];
    const sign = way === "total" ? 1 : -1;
    return (counters) => of(counters)[inward] + sign * of(counters)[outward];
  }
  switch (quantity) {
    // The house's reactive energy is all of it that of the quadrants beside import.
    case "reactiveEnergyQ1":
      return ({ sum }) => sum.import_uvarh;
    case "reactiveEnergyQ4":
      return ({ sum }) => sum.export_uvarh;
    case "reactiveEnergyQ2":
    case "reactiveEnergyQ3":
      return () => 0;
    // Of the energies and not of each moment: near enough for what nobody books.
    case "apparentEnergy":
      return ({ sum }) => arrow(sum.import_uwh + sum.export_uwh, sum.import_uvarh + sum.export_uvarh);
    case "importApparentEnergy":
      return ({ sum }) => arrow(sum.import_uwh, sum.import_uvarh);
    case "exportApparentEnergy":
      return ({ sum }) => arrow(sum.export_uwh, sum.export_uvarh);
    default:
      return null;
  }
}

function arrow(active: number, reactive: number): number {
  return Math.floor(Math.hypot(active, reactive));
}

/** How anything else is told, in W, var, VA, V, A, Hz, degrees; 0 of a phase that is not wired. */
export function tellerOf(quantity: Quantity, direction: Model["direction"]): (flowing: Flowing) => number {
  const phase = /[^\d]L([123])$/.exec(quantity)?.[1];
  const from = phase === undefined ? 0 : Number(phase) - 1;
  const to = phase === undefined ? 3 : from + 1;
  const magnitude = direction === "none" && QUANTITIES[quantity] === "power";
  return (flowing) => {
    const value = ofPhases(quantity, flowing, flowing.phases.slice(from, to));
    return magnitude ? Math.abs(value) : value;
  };
}

function ofPhases(quantity: Quantity, flowing: Flowing, phases: readonly Phase[]): number {
  const active_w = total(phases, (phase) => phase.active_w);
  const reactive_var = total(phases, (phase) => phase.reactive_var);
  const apparent_va = total(phases, apparentOf);
  switch (QUANTITIES[quantity]) {
    case "power":
      if (quantity === "importActivePower") return total(phases, (phase) => Math.max(0, phase.active_w));
      if (quantity === "exportActivePower") return total(phases, (phase) => Math.max(0, -phase.active_w));
      return active_w;
    case "reactivePower":
      return reactive_var;
    case "apparentPower":
      return apparent_va;
    case "ratio":
      // The simulated mains is a pure sine.
      if (quantity.startsWith("distortion")) return 0;
      return apparent_va === 0 ? 1 : active_w / apparent_va;
    case "angle":
      return (Math.atan2(reactive_var, active_w) * 180) / Math.PI;
    case "frequency":
      return flowing.frequency_hz;
    case "current":
      return quantity === "currentN" ? neutral_a(phases) : total(phases, currentOf);
    case "voltage":
      return voltageOf(quantity, flowing.phases, phases);
    default:
      throw new Error(`${quantity} has no value at a moment`);
  }
}

function total(phases: readonly Phase[], of: (phase: Phase) => number): number {
  let sum = 0;
  for (const phase of phases) sum += of(phase);
  return sum;
}

function apparentOf({ active_w, reactive_var }: Phase): number {
  return Math.hypot(active_w, reactive_var);
}

function currentOf(phase: Phase): number {
  return phase.voltage_v === 0 ? 0 : apparentOf(phase) / phase.voltage_v;
}

/** The three phase currents added as arrows a third of a turn apart. */
function neutral_a(phases: readonly Phase[]): number {
  if (phases.length < 3) return total(phases, currentOf);
  let x = 0;
  let y = 0;
  for (const [at, phase] of phases.entries()) {
    const angle = Math.atan2(-phase.reactive_var, phase.active_w) - (at * 2 * Math.PI) / 3;
    x += currentOf(phase) * Math.cos(angle);
    y += currentOf(phase) * Math.sin(angle);
  }
  return Math.hypot(x, y);
}

const BETWEEN: { readonly [Q in Quantity]?: readonly [number, number] } = {
  voltageL1L2: [0, 1],
  voltageL2L3: [1, 2],
  voltageL3L1: [2, 0],
};

function voltageOf(quantity: Quantity, all: readonly Phase[], phases: readonly Phase[]): number {
  const between = BETWEEN[quantity];
  if (between === undefined) return phases.length === 0 ? 0 : total(phases, (phase) => phase.voltage_v) / phases.length;
  const [a = 0, b = 0] = between.map((at) => all[at]?.voltage_v ?? 0);
  return Math.sqrt(a * a + b * b + a * b);
}
