// Between the mains and the ADC pins: voltage adapter, clamps, burden resistors, bias, the converter itself.
// Everything is expressed in ADC steps (5 V / 1024). The front end knows its own exact calibration constants, as the
// `K` command of docs/spec/link.md wants them, so that a test can calibrate a board without a laboratory.
import type { ChannelCalibration } from "../wire/board/messages.js";
import { HALF_RANGE, STEPS_PER_A, STEPS_PER_V } from "./front-end-constants.js";
import type { World } from "./mains.js";
import { COEFFICIENTS, instant, type MainsCycle } from "./mains-cycle.js";
import { gaussTable, Random } from "./random.js";

export interface FrontEndOptions {
  /** Ratio error of each clamp at 5 A, share; positive = the clamp gives too much. */
  readonly ratioError: readonly [number, number, number];
  /** How much more a clamp gives at large currents than at none, share. */
  readonly ratioRise: number;
  /** How far each clamp leads at 5 A, degrees. */
  readonly clampLead_deg: readonly [number, number, number];
  /** How much further a clamp leads at no current than at large ones, degrees: the real clamp's bend. */
  readonly clampLeadFall_deg: number;
  /** How much further each clamp leads for every octave of its current over 5 A, degrees; held below 0.25 A and above 100 A. */
  readonly clampLeadSlope_deg_per_octave: readonly [number, number, number];
  /** How far the voltage adapter leads at 230 V, degrees, and by how much more for each volt above. */
  readonly adapterLead_deg: number;
  readonly adapterLead_deg_per_v: number;
  /** Which sensors are the wrong way round: the adapter, then the clamps. */
  readonly turned: readonly [boolean, boolean, boolean, boolean];
  /** Share of the voltage's signal that leaks into each clamp's. */
  readonly crosstalk: number;
  /** Deviation of the converter's noise, steps. */
  readonly noise_lsb: number;
  /** Low bits of the converter that are stuck at 0, 0..4. */
  readonly lostBits: number;
  /** Distance of the bias from half of the range, steps. */
  readonly biasError_lsb: number;
}

export const ORDINARY_FRONT_END: FrontEndOptions = {
  ratioError: [0.012, -0.008, 0.004],
  ratioRise: 0.003,
  clampLead_deg: [1.4, 1.9, 1.1],
  clampLeadFall_deg: 0.12,
  clampLeadSlope_deg_per_octave: [0, 0, 0],
  adapterLead_deg: 4.2,
  adapterLead_deg_per_v: 0.01,
  turned: [false, false, false, false],
  crosstalk: 0.0003,
  noise_lsb: 0.5,
  lostBits: 0,
  biasError_lsb: 2.3,
};

export const IDEAL_FRONT_END: FrontEndOptions = {
  ratioError: [0, 0, 0],
  ratioRise: 0,
  clampLead_deg: [0, 0, 0],
  clampLeadFall_deg: 0,
  clampLeadSlope_deg_per_octave: [0, 0, 0],
  adapterLead_deg: 0,
  adapterLead_deg_per_v: 0,
  turned: [false, false, false, false],
  crosstalk: 0,
  noise_lsb: 0.5,
  lostBits: 0,
  biasError_lsb: 0,
};

const REFERENCE_A = 5;
const REFERENCE_V = 230;
/** The currents between which the lead follows its slope, A. */
const SLOPE_FROM_A = 0.25;
const SLOPE_TO_A = 100;
/** The current at which half of a clamp's change over current is passed, A. */
const KNEE_A = 10;
const DEGREE = Math.PI / 180;
const NOISE_SIZE = 8192;

export class FrontEnd {
  readonly #waves = Array.from({ length: 4 }, () => new Float64Array(COEFFICIENTS));
  readonly #noise: Float64Array;
  readonly #random: Random;
  #start_s = 0;
  #end_s = -1;
  #angular = 0;

  constructor(
    private readonly world: World,
    private readonly options: FrontEndOptions,
    seed: number,
  ) {
    this.#random = new Random(seed ^ 0x71);
    this.#noise = gaussTable(this.#random, NOISE_SIZE);
  }

  /** What the ADC makes of channel 0..3 (voltage, clamps) sampled at a true time that never goes back: 0..1023. */
  convert(channel: number, time_s: number): number {
    const noise = this.options.noise_lsb * this.#noise[this.#random.bits() & (NOISE_SIZE - 1)]!;
    const level = HALF_RANGE + this.options.biasError_lsb + this.#signal(channel, time_s) + noise;
    const code = Math.min(Math.max(Math.floor(level), 0), 1023);
    return (code >> this.options.lostBits) << this.options.lostBits;
  }

  /** The exact constants for the `K` commands of the four channels, at 5 A and 230 V. */
  calibration(): readonly ChannelCalibration[] {
    const { options } = this;
    const voltGain = (sign(options.turned[0]) * 1e6) / STEPS_PER_V;
    const adapter = {
      channel: 0 as const,
      gain: Math.round(voltGain),
      phase_mdeg: Math.round(this.adapterLead_deg(REFERENCE_V) * 1000),
    };
    const clamps = ([1, 2, 3] as const).map((channel) => {
      const steps = STEPS_PER_A * this.clampRatio(channel, REFERENCE_A);
      const lead_deg = this.clampLead_deg(channel, REFERENCE_A);
      const leaked = this.leak(channel, REFERENCE_V, REFERENCE_A);
      return {
        channel,
        gain: Math.round((sign(options.turned[channel]) * 1e6) / steps),
        phase_mdeg: Math.round(lead_deg * 1000),
        offset_mw: Math.round(leaked.power_w * 1000),
        offset_mvar: Math.round(leaked.reactive_var * 1000),
        slope_mdeg: Math.round(options.clampLeadSlope_deg_per_octave[channel - 1]! * 1000),
      };
    });
    return [{ ...adapter, offset_mw: 0, offset_mvar: 0, slope_mdeg: 0 }, ...clamps];
  }

  /** What crosstalk adds to the power a calibrated clamp shows. */
  leak(channel: 1 | 2 | 3, voltage_v: number, current_a: number): { power_w: number; reactive_var: number } {
    const { crosstalk, turned } = this.options;
    const steps = crosstalk * voltage_v * STEPS_PER_V * sign(turned[0]);
    const amps = (steps * sign(turned[channel])) / (STEPS_PER_A * this.clampRatio(channel, current_a));
    // The leak is in phase with the adapter's output: after the clamp's own lead is taken away, it leads by the rest.
    const lead = (this.adapterLead_deg(voltage_v) - this.clampLead_deg(channel, current_a)) * DEGREE;
    return { power_w: voltage_v * amps * Math.cos(lead), reactive_var: -voltage_v * amps * Math.sin(lead) };
  }

  adapterLead_deg(voltage_v: number): number {
    return this.options.adapterLead_deg + this.options.adapterLead_deg_per_v * (voltage_v - REFERENCE_V);
  }

  /** How far a clamp leads at a current, degrees. */
  clampLead_deg(channel: 1 | 2 | 3, current_a: number): number {
    const fall = this.options.clampLeadFall_deg * (bend(current_a) - bend(REFERENCE_A));
    const slope = this.options.clampLeadSlope_deg_per_octave[channel - 1]! * octavesOver5A(current_a);
    return this.options.clampLead_deg[channel - 1]! - fall + slope;
  }

  /** What a clamp gives at a current, as a share of the ideal. */
  clampRatio(channel: 1 | 2 | 3, current_a: number): number {
    const rise = this.options.ratioRise * (bend(current_a) - bend(REFERENCE_A));
    return 1 + this.options.ratioError[channel - 1]! + rise;
  }

  /** Steps of one ideal ampere and one volt. */
  static readonly stepsPer_a = STEPS_PER_A;
  static readonly stepsPer_v = STEPS_PER_V;

  /** The signal without noise, steps about the bias. */
  #signal(channel: number, time_s: number): number {
    while (time_s >= this.#end_s) this.#load();
    const { recorded } = this.world;
    if (recorded !== null) return this.#recordedSignal(channel, time_s, recorded);
    const angle = (time_s - this.#start_s) * this.#angular;
    return instant(this.#waves[channel]!, Math.sin(angle), Math.cos(angle));
  }

  /** Goes on to the cycle under way, or to the next where that one was loaded already. */
  #load(): void {
    const { world } = this;
    if (this.#end_s >= world.cycle.end_s) world.next();
    const { cycle } = world;
    this.#start_s = cycle.start_s;
    this.#end_s = cycle.end_s;
    this.#angular = (2 * Math.PI * cycle.cycles) / (cycle.end_s - cycle.start_s);
    if (world.recorded === null) this.#bendWaves(cycle);
  }

  #bendWaves(cycle: MainsCycle): void {
    const { crosstalk, turned } = this.options;
    const volts = this.#waves[0]!;
    turn(cycle.waves[0], volts, this.adapterLead_deg(cycle.voltage_v), STEPS_PER_V * sign(turned[0]));
    for (const channel of [1, 2, 3] as const) {
      const amps = this.#waves[channel]!;
      const current_a = cycle.current_a[channel - 1]!;
      const scale = STEPS_PER_A * this.clampRatio(channel, current_a) * sign(turned[channel]);
      turn(cycle.waves[channel], amps, this.clampLead_deg(channel, current_a), scale);
      for (let k = 0; k < COEFFICIENTS; k++) amps[k]! += crosstalk * volts[k]!;
    }
  }

  /** A recording has no harmonics to turn: a sensor that leads shows it a little later in the recording. */
  #recordedSignal(channel: number, time_s: number, recorded: (channel: number, time_s: number) => number): number {
    const { cycle } = this.world;
    const { crosstalk, turned } = this.options;
    const lead = (deg: number) => time_s + (deg * DEGREE) / this.#angular;
    const volts = recorded(0, lead(this.adapterLead_deg(cycle.voltage_v))) * STEPS_PER_V * sign(turned[0]);
    if (channel === 0) return volts;
    const clamp = channel as 1 | 2 | 3;
    const current_a = cycle.current_a[clamp - 1]!;
    const amps = recorded(clamp, lead(this.clampLead_deg(clamp, current_a))) * this.clampRatio(clamp, current_a);
    return amps * STEPS_PER_A * sign(turned[clamp]) + crosstalk * volts;
  }
}

function sign(turned: boolean | undefined): number {
  return turned ? -1 : 1;
}

/** Octaves of a current over 5 A, held where the slope of a lead is. */
export function octavesOver5A(current_a: number): number {
  return Math.log2(Math.min(Math.max(current_a, SLOPE_FROM_A), SLOPE_TO_A) / REFERENCE_A);
}

/** 0 at no current, 1 at large ones. */
function bend(current_a: number): number {
  return current_a / (current_a + KNEE_A);
}

/** A waveform scaled and led; a sensor's lead is a high-pass filter's, so it falls with the harmonic's number. */
function turn(from: Float64Array, to: Float64Array, lead_deg: number, scale: number): void {
  for (let k = 0; k < COEFFICIENTS; k += 2) {
    const angle = (lead_deg * DEGREE) / (k + 1);
    const cos = scale * Math.cos(angle);
    const sin = scale * Math.sin(angle);
    // sin(a + x) = sin a cos x + cos a sin x
    to[k] = from[k]! * cos - from[k + 1]! * sin;
    to[k + 1] = from[k]! * sin + from[k + 1]! * cos;
  }
}
