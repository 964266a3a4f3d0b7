// What a board would make of each netting window, without sampling it: the cycle's own power and current, bent by the
// front end, corrected by the calibration in force, with the noise that so many samples leave.
import type { ChannelCalibration } from "../wire/board/messages.js";
import { FrontEnd, type FrontEndOptions, octavesOver5A } from "./front-end.js";
import type { MainsCycle } from "./mains-cycle.js";
import { gaussTable, Random } from "./random.js";

/** Sets of four conversions in a second of the firmware. */
const SETS_HZ = 4464;
const NOISE_SIZE = 8192;
const DEGREE = Math.PI / 180;
/** At which voltage the offsets of a calibration are told, V. */
const OFFSETS_AT_V = 230;
/** Below this the firmware finds no mains, V. */
const NO_MAINS_V = 20;

/** The reading of one window: powers of clamps 1..3 and then the sum. */
class WindowReading {
  frequency_hz = 0;
  voltage_v = 0;
  readonly current_a = new Float64Array(3);
  readonly power_mw = new Float64Array(4);
  readonly reactive_mvar = new Float64Array(4);
}

export class FastWindows {
  readonly reading = new WindowReading();
  /** True length of the window under way so far, s, and the mains cycles in it. */
  length_s = 0;
  cycles = 0;
  readonly #noise: Float64Array;
  readonly #random: Random;
  /** Sums over the window, weighted by length: voltage squared, then currents squared, powers, reactive powers. */
  readonly #sums = new Float64Array(10);

  constructor(
    private readonly frontEnd: FrontEnd,
    private readonly options: FrontEndOptions,
    seed: number,
  ) {
    this.#random = new Random(seed ^ 0x91);
    this.#noise = gaussTable(this.#random, NOISE_SIZE);
  }

  /** Takes a cycle into the window under way. */
  add(cycle: MainsCycle): void {
    const length_s = cycle.end_s - cycle.start_s;
    this.length_s += length_s;
    this.cycles += cycle.cycles;
    const sums = this.#sums;
    sums[0]! += length_s * cycle.voltage_v * cycle.voltage_v;
    for (let clamp = 0; clamp < 3; clamp++) {
      sums[1 + clamp]! += length_s * cycle.current_a[clamp]! * cycle.current_a[clamp]!;
      sums[4 + clamp]! += length_s * cycle.power_w[clamp]!;
      sums[7 + clamp]! += length_s * cycle.reactive_var[clamp]!;
    }
  }

  /** Ends the window: its reading, by these calibrations and for this clamp set. */
  close(channels: readonly ChannelCalibration[], mask: number): void {
    const { reading, length_s } = this;
    const sums = this.#sums;
    const volts = Math.sqrt(sums[0]! / length_s);
    const volt = channels[0]!;
    const side = this.options.turned[0] ? -1 : 1;
    const voltGain = volt.gain * 1e-6 * FrontEnd.stepsPer_v * side;
    const adapterLead_deg = this.frontEnd.adapterLead_deg(volts);
    reading.voltage_v = volts * Math.abs(voltGain);
    reading.frequency_hz = volts < NO_MAINS_V ? 0 : this.cycles / length_s;
    const leakShare = (reading.voltage_v / OFFSETS_AT_V) ** 2;
    reading.power_mw[3] = 0;
    reading.reactive_mvar[3] = 0;
    for (const channel of [1, 2, 3] as const) {
      const calibration = channels[channel]!;
      const at = channel - 1;
      const amps = Math.sqrt(sums[1 + at]! / length_s);
      const turned = this.options.turned[channel] ? -1 : 1;
      const ampGain = calibration.gain * 1e-6 * FrontEnd.stepsPer_a * this.frontEnd.clampRatio(channel, amps) * turned;
      const told_deg = (calibration.phase_mdeg - volt.phase_mdeg) / 1000;
      const lead = (this.frontEnd.clampLead_deg(channel, amps) - adapterLead_deg - told_deg) * DEGREE;
      const scale = (voltGain * ampGain) / length_s;
      const power_w = scale * (sums[4 + at]! * Math.cos(lead) + sums[7 + at]! * Math.sin(lead));
      const reactive_var = scale * (sums[7 + at]! * Math.cos(lead) - sums[4 + at]! * Math.sin(lead));
      // Crosstalk arrives in phase with the adapter's output and is turned like a current.
      const leaked_va =
        this.options.crosstalk * volts * FrontEnd.stepsPer_v * side * volts * voltGain * calibration.gain * 1e-6;
      const noise_va = this.#noise_va(volts * Math.abs(voltGain), amps, volt.gain, calibration.gain);
      const p = power_w + leaked_va * Math.cos(told_deg * DEGREE) + noise_va * this.#gauss();
      const q = reactive_var + leaked_va * Math.sin(told_deg * DEGREE) + noise_va * this.#gauss();
      reading.current_a[at] = amps * Math.abs(ampGain);
      const power_mw = 1000 * p - calibration.offset_mw * leakShare;
      const reactive_mvar = 1000 * q - calibration.offset_mvar * leakShare;
      const slope = this.#slope(calibration, power_mw, reactive_mvar);
      reading.power_mw[at] = rounded(power_mw * Math.cos(slope) - reactive_mvar * Math.sin(slope));
      reading.reactive_mvar[at] = rounded(reactive_mvar * Math.cos(slope) + power_mw * Math.sin(slope));
      if ((mask >> at) & 1) {
        reading.power_mw[3]! += reading.power_mw[at]!;
        reading.reactive_mvar[3]! += reading.reactive_mvar[at]!;
      }
    }
    sums.fill(0);
    this.length_s = 0;
    this.cycles = 0;
  }

  /** How much further a clamp leads at this apparent power than at 5 A, as it was told, radians. */
  #slope({ slope_mdeg }: ChannelCalibration, power_mw: number, reactive_mvar: number): number {
    const { voltage_v, frequency_hz } = this.reading;
    if (slope_mdeg === 0 || frequency_hz === 0) return 0;
    const current_a = Math.hypot(power_mw, reactive_mvar) / 1000 / voltage_v;
    return (slope_mdeg / 1000) * octavesOver5A(current_a) * DEGREE;
  }

  /** The deviation of a window's power: the noise of each channel and of rounding to whole steps, over the samples. */
  #noise_va(volts: number, amps: number, voltGain: number, ampGain: number): number {
    const { noise_lsb, lostBits } = this.options;
    const steps = Math.sqrt(noise_lsb * noise_lsb + 4 ** lostBits / 12);
    const ofCurrent = volts * steps * ampGain * 1e-6;
    const ofVoltage = amps * steps * voltGain * 1e-6;
    return Math.sqrt((ofCurrent * ofCurrent + ofVoltage * ofVoltage) / (SETS_HZ * this.length_s));
  }

  #gauss(): number {
    return this.#noise[this.#random.bits() & (NOISE_SIZE - 1)]!;
  }
}

/** To a whole number, symmetric about zero. */
function rounded(value: number): number {
  return value < 0 ? -Math.floor(0.5 - value) : Math.floor(0.5 + value);
}
