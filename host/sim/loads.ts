// The appliances of the simulated house: what current each draws at a moment, with its harmonics.
// All are pure functions of the time and the seed, so any moment of a day can be asked for, in any order.
import { COEFFICIENTS } from "./mains-cycle.js";
import { hashUnit, wander } from "./random.js";

/** Adds a resistor's current to `amps`: it follows every harmonic of the voltage. `rated_w` is its power at 230 V. */
export function addResistor(amps: Float64Array, volts: Float64Array, rated_w: number): void {
  const siemens = rated_w / (230 * 230);
  for (let k = 0; k < COEFFICIENTS; k++) amps[k]! += siemens * volts[k]!;
}

/** Adds `factor` of one waveform to another. */
export function addScaled(target: Float64Array, wave: Float64Array, factor: number): void {
  for (let k = 0; k < COEFFICIENTS; k++) target[k]! += factor * wave[k]!;
}

/** The current of 1 W at `powerFactor` (negative = leading), with third, fifth, seventh, ninth harmonic as shares of the first. */
export function shapeOf(powerFactor: number, thirds: readonly number[]): Float64Array {
  const cos = Math.abs(powerFactor);
  const sin = Math.sqrt(1 - cos * cos) * Math.sign(powerFactor);
  const first_a = 1 / (230 * cos);
  const wave = new Float64Array(COEFFICIENTS);
  wave[0] = first_a * cos;
  wave[1] = -first_a * sin;
  // A rectifier's harmonics alternate in sign: the current is a spike at the crest of the voltage.
  for (const [at, share] of thirds.entries()) wave[2 + 2 * at] = first_a * share * (at % 2 === 0 ? -1 : 1);
  return wave;
}

export const MOTOR = shapeOf(0.65, [0.08, 0.03]);
export const HEAT_PUMP = shapeOf(0.94, [0.05, 0.04]);
export const LED_LIGHTS = shapeOf(-0.92, [0.7, 0.45, 0.3, 0.2]);
export const ELECTRONICS = shapeOf(0.97, [0.25, 0.1, 0.05]);
export const INVERTER = shapeOf(0.9998, [0.02, 0.015, 0.01]);
/** An inverter asleep: mostly its capacitor. */
export const INVERTER_ASLEEP = shapeOf(-0.12, []);

/** Routers, clocks, things on standby: always something. W. */
export function base_w(seed: number, utc_s: number, mean_w: number): number {
  return mean_w * (1 + 0.25 * wander(seed ^ 0x11, utc_s / 240) + 0.05 * wander(seed ^ 0x12, utc_s / 7));
}

/** A compressor that runs about a third of each 25 minutes, and draws more as it starts. W. */
export function fridge_w(seed: number, utc_s: number, rated_w: number): number {
  const round_s = 1500;
  const at_s = utc_s - Math.floor(utc_s / round_s) * round_s;
  const on_s = round_s * (0.28 + 0.1 * hashUnit(seed ^ 0x21, Math.floor(utc_s / round_s)));
  if (at_s >= on_s) return 0;
  return rated_w * (1 + 0.4 * Math.exp(-at_s / 8));
}

/** Kettles, toast and dinner on one circuit: spells of a few minutes, mostly at mealtimes. W. */
export function kitchen_w(seed: number, utc_s: number, rated_w: number): number {
  const slot_s = 600;
  const slot = Math.floor(utc_s / slot_s);
  const hour = hourOf(slot * slot_s);
  const meal = Math.max(near(hour, 7.5, 1), near(hour, 12.5, 0.8), near(hour, 18, 1.5));
  if (hashUnit(seed ^ 0x31, slot) > 0.04 + 0.7 * meal) return 0;
  const from_s = 300 * hashUnit(seed ^ 0x32, slot);
  const lasts_s = 120 + 170 * hashUnit(seed ^ 0x33, slot);
  const at_s = utc_s - slot * slot_s - from_s;
  return at_s >= 0 && at_s < lasts_s ? rated_w : 0;
}

/** Lights in the morning and from dusk on, room by room. W. */
export function lights_w(seed: number, utc_s: number, all_w: number): number {
  const hour = hourOf(utc_s);
  const dark = Math.max(near(hour, 6.5, 1), near(hour, 20.5, 2.5));
  const rooms = 6;
  let lit = 0;
  for (let room = 0; room < rooms; room++) {
    const turn = Math.floor(utc_s / 900 + hashUnit(seed ^ 0x41, room));
    if (hashUnit(seed ^ (0x42 + room), turn) < dark) lit++;
  }
  return (all_w * lit) / rooms;
}

/** Hours since midnight UTC, 0 <= h < 24. */
export function hourOf(utc_s: number): number {
  return (utc_s / 3600) % 24;
}

/** A bell of height 1 at `centre`, about `width` hours wide each way. */
function near(hour: number, centre: number, width: number): number {
  const away = Math.abs(((hour - centre + 36) % 24) - 12) / width;
  return Math.exp(-away * away);
}
