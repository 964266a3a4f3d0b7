// The constants of a board's four channels, as its link says them (docs/spec/link.md, `K`), and what a board makes of them.

import { minus, type Phasor, plus, size, times, turned } from "./phasor.js";

export interface ChannelConstants {
  /** 0 the voltage, 1..3 the clamps. */
  readonly channel: 0 | 1 | 2 | 3;
  /** uV or uA per ADC step, never 0; negative = turned round. */
  readonly gain: number;
  readonly phase_mdeg: number;
  /** At 230 V. */
  readonly offset_mw: number;
  readonly offset_mvar: number;
  /** For each octave of current over 5 A. */
  readonly slope_mdeg: number;
}

/** Channels 0..3 in order. */
export type BoardConstants = readonly [ChannelConstants, ChannelConstants, ChannelConstants, ChannelConstants];
export type Clamp = 1 | 2 | 3;
export const CLAMPS: readonly Clamp[] = [1, 2, 3];

const LIMITS = { gain: 2_000_000, phase_mdeg: 30_000, offset_mw: 30_000, offset_mvar: 30_000, slope_mdeg: 3_000 };
const FIELDS = ["gain", "phase_mdeg", "offset_mw", "offset_mvar", "slope_mdeg"] as const;
export const REFERENCE_V = 230;
/** Of a board's constants: what its registers can hold. */
export interface Reach {
  readonly gain: readonly [least: number, most: number];
  /** Of a clamp's phase less the voltage's, either way. */
  readonly lead_mdeg: number;
  /** mW or mvar, either way. */
  readonly offset: number;
}

const BY_ADC: Reach = { gain: [1, LIMITS.gain], lead_mdeg: 2 * LIMITS.phase_mdeg, offset: LIMITS.offset_mw };
/** docs/spec/metering-ics.md, "Calibration". Beyond them the firmware keeps what it was told, and the IC does what it can. */
const BY_ATM90E32AS: Reach = { gain: [16, 1_999_969], lead_mdeg: 8_991, offset: 10_485 };
const BY_ADE7953: Reach = { gain: [500_000, 1_500_000], lead_mdeg: 7_702, offset: LIMITS.offset_mw };
const REFERENCE_A = 5;
const SLOPE_FROM_A = 0.25;
const SLOPE_TO_A = 100;

export function same(a: readonly ChannelConstants[], b: readonly ChannelConstants[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, k) => one.channel === b[k]?.channel && FIELDS.every((field) => one[field] === b[k]?.[field]))
  );
}

/** Of a board that says these kinds of channels of itself. */
export function reachOf(kinds: readonly string[]): Reach {
  return kinds.includes("phase") ? BY_ATM90E32AS : kinds.includes("none") ? BY_ADE7953 : BY_ADC;
}

/** The first constant that the link cannot say or the board cannot do; null where there is none. */
export function outside(one: ChannelConstants, volts: ChannelConstants, reach: Reach): string | null {
  const field = FIELDS.find((name) => !Number.isInteger(one[name]) || Math.abs(one[name]) > LIMITS[name]);
  if (field !== undefined) return `${field} of channel ${one.channel} would be ${one[field]}, beyond ${LIMITS[field]}`;
  if (one.gain === 0) return `the gain of channel ${one.channel} would be 0`;
  const beyond = (name: string, value: number, least: number, most: number) =>
    value < least || value > most
      ? `the ${name} of channel ${one.channel} would be ${value}, and this board's lies between ${least} and ${most}`
      : null;
  const lead_mdeg = one.channel === 0 ? 0 : one.phase_mdeg - volts.phase_mdeg;
  const far =
    beyond("gain", Math.abs(one.gain), ...reach.gain) ??
    beyond("lead in 0.001 degree", lead_mdeg, -reach.lead_mdeg, reach.lead_mdeg) ??
    beyond("offset in mW", one.offset_mw, -reach.offset, reach.offset) ??
    beyond("offset in mvar", one.offset_mvar, -reach.offset, reach.offset);
  if (far !== null) return far;
  const odd = one.channel === 0 && (one.offset_mw !== 0 || one.offset_mvar !== 0 || one.slope_mdeg !== 0);
  return odd ? "channel 0 has no offsets and no slope" : null;
}

/** Octaves of a power's current over 5 A, held where a board holds them. */
export function octaves(power: Phasor, volts: number): number {
  const amps = size(power) / volts;
  return Math.log2(Math.min(Math.max(amps, SLOPE_FROM_A), SLOPE_TO_A) / REFERENCE_A);
}

function offset(one: ChannelConstants, volts: number): Phasor {
  return times({ re: one.offset_mw / 1_000, im: one.offset_mvar / 1_000 }, (volts / REFERENCE_V) ** 2);
}

function lead_deg(constants: BoardConstants, clamp: Clamp): number {
  return (constants[clamp].phase_mdeg - constants[0].phase_mdeg) / 1_000;
}

/** What a clamp gave, in units of its gains, from what the board told of it under these constants. */
export function undone(constants: BoardConstants, clamp: Clamp, told: Phasor, volts: number): Phasor {
  const one = constants[clamp];
  const back = turned(told, (-one.slope_mdeg / 1_000) * octaves(told, volts));
  return turned(plus(back, offset(one, volts)), -lead_deg(constants, clamp));
}

/** What a board tells under `constants` of a clamp that gave `raw` in units of `units`' gains, and the volts it then tells. */
export function told(
  constants: BoardConstants,
  units: BoardConstants,
  clamp: Clamp,
  raw: Phasor,
  volts: number,
): { readonly power: Phasor; readonly volts: number } {
  const one = constants[clamp];
  const voltsNow = volts * Math.abs(constants[0].gain / units[0].gain);
  const scale = (constants[0].gain / units[0].gain) * (one.gain / units[clamp].gain);
  const settled = minus(turned(times(raw, scale), lead_deg(constants, clamp)), offset(one, voltsNow));
  return { power: turned(settled, (one.slope_mdeg / 1_000) * octaves(settled, voltsNow)), volts: voltsNow };
}
