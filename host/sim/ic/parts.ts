// The parts around a metering IC: dividers, clamps, burdens, each a little off. They know their own exact calibration, as the
// `K` command of docs/spec/metering-ics.md wants it.
import type { ChannelCalibration } from "../../wire/board/messages.js";
import { Random } from "../random.js";

export interface Parts {
  /** What a true volt, and a true ampere of each channel, shows as with neutral gain. */
  readonly volts: number;
  readonly amps: readonly [number, number, number];
  /** How far the voltage and each current lead, degrees. */
  readonly voltsLead_deg: number;
  readonly ampsLead_deg: readonly [number, number, number];
}

export const EXACT_PARTS: Parts = { volts: 1, amps: [1, 1, 1], voltsLead_deg: 0, ampsLead_deg: [0, 0, 0] };

/** Parts as they come out of a drawer: ratios to 2 %, clamps that lead by 0.5 to 2 degrees. */
export function ordinaryParts(seed: number): Parts {
  const random = new Random(seed ^ 0x1c);
  const between = (from: number, to: number) => from + (to - from) * random.unit();
  const ratio = () => between(0.98, 1.02);
  const lead = () => between(0.5, 2);
  return {
    volts: ratio(),
    amps: [ratio(), ratio(), ratio()],
    voltsLead_deg: 0.05,
    ampsLead_deg: [lead(), lead(), lead()],
  };
}

/** The constants for the `K` commands of the four channels. */
export function calibrationOf(parts: Parts): readonly ChannelCalibration[] {
  const channel = (number: 0 | 1 | 2 | 3, ratio: number, lead_deg: number) => ({
    channel: number,
    gain: Math.round(1e6 / ratio),
    phase_mdeg: Math.round(lead_deg * 1000),
    offset_mw: 0,
    offset_mvar: 0,
    slope_mdeg: 0,
  });
  return [
    channel(0, parts.volts, parts.voltsLead_deg),
    ...([1, 2, 3] as const).map((n) => channel(n, parts.amps[n - 1]!, parts.ampsLead_deg[n - 1]!)),
  ];
}
