// One of the simulated house's conductors: what a board's clamp sees there, a Modbus meter sees too. As many meters as one likes may be
// wired into one house.

import type { World } from "../mains.js";
import type { TrueEnergy } from "../truth.js";
import type { Conductor, Flowing } from "./conductor.js";

export const CLAMPS = ["grid", "generation", "load"] as const;
export type Clamp = (typeof CLAMPS)[number];

export class HouseConductor implements Conductor {
  readonly #world: World;
  readonly #clamp: number;
  readonly #phases: 1 | 3;

  /** `phases` 3: the house's loads are spread evenly over three phases. */
  constructor(world: World, clamp: Clamp, phases: 1 | 3) {
    this.#world = world;
    this.#clamp = CLAMPS.indexOf(clamp);
    this.#phases = phases;
  }

  at(time_ms: number): Flowing {
    const world = this.#world;
    const phases = this.#phases;
    const time_s = time_ms / 1000;
    while (world.truth.end_s <= time_s) world.next();
    const energies = world.truth.at(time_s);
    if (energies === null) throw new Error(`the house no longer knows ${time_ms} ms`);
    const sum = part(energies[this.#clamp]!, 1);
    const { cycle } = world;
    const phase = {
      voltage_v: cycle.voltage_v,
      active_w: cycle.power_w[this.#clamp]! / phases,
      reactive_var: cycle.reactive_var[this.#clamp]! / phases,
    };
    return {
      frequency_hz: cycle.cycles / (cycle.end_s - cycle.start_s),
      phases: new Array(phases).fill(phase),
      sum,
      each: new Array(phases).fill(phases === 1 ? sum : part(sum, 3)),
    };
  }
}

/** Whole µWh, as a meter counts them. */
function part(energy: TrueEnergy, of: number): TrueEnergy {
  return {
    import_uwh: Math.floor(energy.import_uwh / of),
    export_uwh: Math.floor(energy.export_uwh / of),
    import_uvarh: Math.floor(energy.import_uvarh / of),
    export_uvarh: Math.floor(energy.export_uvarh / of),
  };
}
