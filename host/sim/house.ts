// The house: turns a scenario into the mains voltage and the currents of three clamps at any moment.
// Clamp 1 is the grid (loads - generation, positive = import), clamp 2 the generation (positive = generated),
// clamp 3 the kitchen circuit, a part of the loads. `Mains` lays the moments end to end, cycle by cycle.
import {
  addResistor,
  addScaled,
  base_w,
  ELECTRONICS,
  fridge_w,
  HEAT_PUMP,
  INVERTER,
  INVERTER_ASLEEP,
  kitchen_w,
  LED_LIGHTS,
  lights_w,
  MOTOR,
  shapeOf,
} from "./loads.js";
import { type MainsCycle, measure } from "./mains-cycle.js";
import { wander } from "./random.js";
import type { Scenario } from "./scenario.js";
import { solar_w } from "./solar.js";

/** A moment: UTC for the sun and the people, true seconds since start for the bench. */
export interface Moment {
  readonly utc_s: number;
  readonly elapsed_s: number;
}

/** The usual third, fifth, seventh, ninth harmonic of a low-voltage network, shares of the fundamental. */
const NETWORK_HARMONICS = [0.006, -0.018, 0.01, 0.002];

type Currents = (
  moment: Moment,
  volts: Float64Array,
  clamps: readonly [Float64Array, Float64Array, Float64Array],
) => void;

export class House {
  readonly #currents: Currents;

  constructor(
    private readonly scenario: Scenario,
    private readonly seed: number,
  ) {
    this.#currents = currentsOf(scenario, seed);
  }

  /** Mains frequency, Hz. */
  frequency_hz(moment: Moment): number {
    const { frequency_hz, frequencyWander_hz } = this.scenario.mains;
    if (frequencyWander_hz === 0) return frequency_hz;
    return frequency_hz + frequencyWander_hz * wander(this.seed ^ 0x61, moment.utc_s / 17);
  }

  /** Fills a cycle's waveforms and what is measured of them, as they stand at `moment`. */
  fill(cycle: MainsCycle, moment: Moment): void {
    const { voltage_v, voltageWander_v, distortion } = this.scenario.mains;
    const [volts, ...clamps] = cycle.waves;
    const first_v =
      voltage_v + (voltageWander_v === 0 ? 0 : voltageWander_v * wander(this.seed ^ 0x62, moment.utc_s / 40));
    volts.fill(0);
    volts[0] = first_v;
    for (const [at, share] of NETWORK_HARMONICS.entries()) volts[2 + 2 * at] = first_v * share * distortion;
    for (const amps of clamps) amps.fill(0);
    if (voltage_v > 0) this.#currents(moment, volts, clamps);
    measure(cycle);
  }
}

function currentsOf(scenario: Scenario, seed: number): Currents {
  switch (scenario.kind) {
    case "home":
      return (moment, volts, [grid, generation, kitchen]) => {
        const { utc_s } = moment;
        addResistor(kitchen, volts, kitchen_w(seed, utc_s, scenario.kitchen_w));
        addScaled(grid, kitchen, 1);
        addScaled(grid, ELECTRONICS, base_w(seed, utc_s, scenario.base_w));
        addScaled(grid, MOTOR, fridge_w(seed, utc_s, scenario.fridge_w));
        addScaled(grid, LED_LIGHTS, lights_w(seed, utc_s, scenario.lights_w));
        const sun_w = scenario.solar_w === 0 ? 0 : solar_w(seed, utc_s, scenario.solar_w, scenario.clouds);
        if (scenario.solar_w > 0) addInverter(generation, sun_w);
        addScaled(grid, generation, -1);
      };
    case "demo":
      return (moment, volts, [grid, generation, kitchen]) => {
        const net_w = trapezoid(moment.elapsed_s, scenario.swing_w, scenario.hold_s, scenario.ramp_s);
        const base = base_w(seed, moment.utc_s, 350);
        addResistor(kitchen, volts, 2400 * (230 / volts[0]!) ** 2);
        addScaled(grid, kitchen, 1);
        addScaled(grid, ELECTRONICS, base);
        addScaled(grid, HEAT_PUMP, scenario.swing_w * 0.6);
        // The sun gives whatever makes the net of grid the swing: loads - net.
        const loads_w = 2400 + base + scenario.swing_w * 0.6;
        addScaled(generation, INVERTER, loads_w - net_w);
        addScaled(grid, generation, -1);
      };
    case "steady": {
      const shapes = scenario.clamps.map((clamp) => steadyCurrent(clamp));
      return (_, __, clamps) => {
        for (const [at, amps] of clamps.entries()) addScaled(amps, shapes[at]!, 1);
      };
    }
    case "bench": {
      const { each_s } = scenario;
      const shapes = scenario.loads.map((load) => steadyCurrent(load));
      return ({ utc_s }, _, [grid]) => addScaled(grid, shapes[Math.floor(utc_s / each_s) % shapes.length]!, 1);
    }
    case "reversing":
      return (moment, volts, [grid]) => {
        const odd = Math.floor(moment.elapsed_s / scenario.period_s) % 2 === 1;
        grid[0] = ((odd ? -1 : 1) * scenario.power_w) / volts[0]!;
      };
    case "pulses":
      return (moment, volts, [grid, generation, kitchen]) => {
        const way = pulse(moment, scenario);
        grid[0] = (way * scenario.power_w) / volts[0]!;
        generation[0] = (Math.max(0, -way) * scenario.power_w) / volts[0]!;
        kitchen[0] = (Math.max(0, way) * scenario.power_w) / volts[0]! / 2;
      };
  }
}

/** What an inverter feeds in: below 15 W it sleeps and takes 6 W, hence negative on its own clamp. */
function addInverter(generation: Float64Array, sun_w: number): void {
  if (sun_w >= 15) addScaled(generation, INVERTER, sun_w);
  else addScaled(generation, INVERTER_ASLEEP, -6);
}

/** +swing for hold, down in ramp, -swing for hold, up in ramp, and again. */
function trapezoid(at_s: number, swing_w: number, hold_s: number, ramp_s: number): number {
  const half_s = hold_s + ramp_s;
  const in_s = at_s % (2 * half_s);
  const [from_s, sign] = in_s < half_s ? [in_s, 1] : [in_s - half_s, -1];
  return sign * swing_w * (from_s < hold_s ? 1 : 1 - (2 * (from_s - hold_s)) / ramp_s);
}

function steadyCurrent(clamp: { amps: number; pf: number; lead: boolean; export: boolean }): Float64Array {
  const wave = shapeOf(1, []);
  const amps = clamp.export ? -clamp.amps : clamp.amps;
  wave[0] = amps * clamp.pf;
  wave[1] = amps * Math.sqrt(1 - clamp.pf * clamp.pf) * (clamp.lead ? 1 : -1);
  return wave;
}

/** 1 import, -1 export, 0 nothing flows. */
function pulse(moment: Moment, spec: Extract<Scenario, { kind: "pulses" }>): number {
  if (spec.from_s !== undefined || spec.to_s !== undefined) {
    const { from_s = 0, to_s = Number.POSITIVE_INFINITY } = spec;
    return moment.elapsed_s >= from_s && moment.elapsed_s < to_s ? 1 : 0;
  }
  const in_s = moment.utc_s % 1800;
  if (in_s < spec.edge_s || in_s >= 1800 - spec.edge_s) return 0;
  return in_s < 900 ? 1 : -1;
}
