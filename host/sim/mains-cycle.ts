// One mains cycle of the simulated house, the grain of its physics: within a cycle the harmonics of the voltage and of
// each clamp's current stand still, so power and energy follow from them exactly.
//
// A waveform is  x(a) = sqrt(2) * sum over h of (s_h sin(h a) + c_h cos(h a)),  a = 0..2 pi through the cycle,
// stored as [s_1, c_1, s_3, c_3, s_5, c_5, s_7, c_7, s_9, c_9] in rms units. The cycle begins where the fundamental of
// the voltage crosses zero upwards, so the voltage's c_1 is 0; a current with c_1 < 0 lags.

/** Sine and cosine of the harmonics 1, 3, 5, 7, 9. */
export const COEFFICIENTS = 10;

/** What the world does during one mains cycle (or a few, where the grain is coarser), in true time since start. */
export interface MainsCycle {
  start_s: number;
  end_s: number;
  /** How many mains cycles lie between start and end. */
  cycles: number;
  /** Rms of the voltage. */
  voltage_v: number;
  /** Per clamp: rms current, mean power (positive = import, or generated on clamp 2), fundamental reactive power. */
  readonly current_a: Float64Array;
  readonly power_w: Float64Array;
  readonly reactive_var: Float64Array;
  /** The waveforms of the volts and of the three clamps' amps. */
  readonly waves: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
}

export function emptyCycle(): MainsCycle {
  const wave = () => new Float64Array(COEFFICIENTS);
  return {
    start_s: 0,
    end_s: 0,
    cycles: 0,
    voltage_v: 0,
    current_a: new Float64Array(3),
    power_w: new Float64Array(3),
    reactive_var: new Float64Array(3),
    waves: [wave(), wave(), wave(), wave()],
  };
}

/** Rms, power and reactive power of a cycle from its waveforms: the physics that truth is made of. */
export function measure(cycle: MainsCycle): void {
  const volts = cycle.waves[0];
  cycle.voltage_v = rms(volts);
  for (let clamp = 0; clamp < 3; clamp++) {
    const amps = cycle.waves[clamp + 1]!;
    let power_w = 0;
    for (let k = 0; k < COEFFICIENTS; k++) power_w += volts[k]! * amps[k]!;
    cycle.power_w[clamp] = power_w;
    cycle.reactive_var[clamp] = volts[1]! * amps[0]! - volts[0]! * amps[1]!;
    cycle.current_a[clamp] = rms(amps);
  }
}

function rms(wave: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < COEFFICIENTS; k++) sum += wave[k]! * wave[k]!;
  return Math.sqrt(sum);
}

/** The instantaneous value of a waveform from the sine and cosine of its angle. */
export function instant(wave: Float64Array, sin: number, cos: number): number {
  // Twice the angle turns each odd harmonic into the next.
  const sin2 = 2 * sin * cos;
  const cos2 = 1 - 2 * sin * sin;
  let s = sin;
  let c = cos;
  let sum = wave[0]! * s + wave[1]! * c;
  for (let k = 2; k < COEFFICIENTS; k += 2) {
    const turned = s * cos2 + c * sin2;
    c = c * cos2 - s * sin2;
    s = turned;
    sum += wave[k]! * s + wave[k + 1]! * c;
  }
  return Math.SQRT2 * sum;
}
