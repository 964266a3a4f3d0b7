// The CSE7766's frame (docs/spec/serial-ics.md): constants, cycle times, and the count of CF, high byte first. It speaks unasked.
// Chipsea, CSE7766 user manual: UART frame.

import { CHECKSUM, MORE, NOISE, type Split, scan, sum8 } from "./scan.js";

const LENGTH = 24;
const SECOND = 0x5a;
const SOUND = 0x55;
const UNCALIBRATED = 0xaa;

/** As the chip gives them. */
export interface Cse7766Frame {
  /** 0x55, 0xAA, or 0xF0..0xFF with what is beyond range. */
  readonly state: number;
  readonly voltageConstant: number;
  readonly voltageCycle: number;
  readonly currentConstant: number;
  readonly currentCycle: number;
  readonly powerConstant: number;
  readonly powerCycle: number;
  /** Bit 6 voltage, 5 current, 4 power measured. */
  readonly adjust: number;
  /** CF, 16 bit. */
  readonly count: number;
}

export function splitCse7766(bytes: Uint8Array): Split<Cse7766Frame> {
  return scan(bytes, (at) => {
    const state = at[0] ?? 0;
    if (state !== SOUND && state !== UNCALIBRATED && state < 0xf0) return NOISE;
    if (at.length >= 2 && at[1] !== SECOND) return NOISE;
    if (at.length < LENGTH) return MORE;
    if (sum8(at, 2, LENGTH - 1) !== at[LENGTH - 1]) return CHECKSUM;
    return { kind: "frame", frame: frameOf(at), length: LENGTH };
  });
}

export function encodeCse7766(frame: Cse7766Frame): Uint8Array {
  const numbers = [
    frame.voltageConstant,
    frame.voltageCycle,
    frame.currentConstant,
    frame.currentCycle,
    frame.powerConstant,
    frame.powerCycle,
  ].flatMap((value) => [(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]);
  const bytes = Uint8Array.of(frame.state, SECOND, ...numbers, frame.adjust, frame.count >> 8, frame.count & 0xff, 0);
  bytes[LENGTH - 1] = sum8(bytes, 2, LENGTH - 1);
  return bytes;
}

/** Whether the frame's constants, and with them its count, are worth anything; if not, why not. */
export function soundness(frame: Cse7766Frame): "sound" | "uncalibrated" | "damaged" | "abnormal" {
  if (frame.state === UNCALIBRATED) return "uncalibrated";
  if (frame.state === SOUND) return "sound";
  if ((frame.state & 0x1) !== 0) return "damaged";
  return (frame.state & 0xc) === 0xc ? "abnormal" : "sound";
}

/** Whether a quantity is measured in this frame; power beyond range is measured, as none. */
export function measuredIn({ state, adjust }: Cse7766Frame): {
  readonly voltage: boolean;
  readonly current: boolean;
  readonly power: "measured" | "none" | "unknown";
} {
  const beyond = state >= 0xf0 ? state : 0;
  return {
    voltage: (adjust & 0x40) !== 0 && (beyond & 0x8) === 0,
    current: (adjust & 0x20) !== 0 && (beyond & 0x4) === 0,
    power: (beyond & 0x2) !== 0 ? "none" : (adjust & 0x10) !== 0 ? "measured" : "unknown",
  };
}

function frameOf(at: Uint8Array): Cse7766Frame {
  const number = (k: number) => ((at[k] ?? 0) << 16) | ((at[k + 1] ?? 0) << 8) | (at[k + 2] ?? 0);
  return {
    state: at[0] ?? 0,
    voltageConstant: number(2),
    voltageCycle: number(5),
    currentConstant: number(8),
    currentCycle: number(11),
    powerConstant: number(14),
    powerCycle: number(17),
    adjust: at[20] ?? 0,
    count: ((at[21] ?? 0) << 8) | (at[22] ?? 0),
  };
}
