// What a metering board and its host say to each other: the messages of docs/spec/link.md as plain values.
// Every number is an integer; its unit is the last syllable of its name, its range stands beside it.
// `line.ts` frames and checks a line, `from-board.ts` and `to-board.ts` turn the fields into these values and back.

/** One of the clamps 1..3, or 4: the sum over the clamp set. */
export type Channel = 1 | 2 | 3 | 4;

/** Four cumulative counters, u32, wrapping at 2^32. Import is drawn from the grid; reactive import is Q > 0. */
export interface Counters {
  readonly importActive_mwh: number;
  readonly exportActive_mwh: number;
  readonly importReactive_mvarh: number;
  readonly exportReactive_mvarh: number;
}

/** `R`: one channel's counters at board time `t_ms`, and the base they were restored to at this boot. */
export interface Report {
  readonly kind: "report";
  /** Board seconds since boot, u32; the four reports of a second share it. */
  readonly seq: number;
  /** Board time since boot at the end of the last closed window, u32, wraps. */
  readonly t_ms: number;
  /** Grows with every boot of this board, u32. */
  readonly boot: number;
  readonly channel: Channel;
  readonly counters: Counters;
  readonly base: Counters;
}

/** The means of one clamp since the last `P`. Current is rms, to 9,999,999; powers +-134,217,727, positive = import. */
export interface ClampPower {
  readonly current_ma: number;
  readonly power_mw: number;
  readonly reactive_mvar: number;
}

/** `P`: means over the windows since the last `P`. */
export interface Power {
  readonly kind: "power";
  readonly seq: number;
  readonly t_ms: number;
  /** 0 without mains. */
  readonly frequency_mhz: number;
  readonly voltage_mv: number;
  readonly clamps: readonly [ClampPower, ClampPower, ClampPower];
  /** Channel 4: the sum over the clamp set. */
  readonly sum: { readonly power_mw: number; readonly reactive_mvar: number };
}

/** `D`: the board on itself; all u32 but the last. */
export interface Diagnosis {
  readonly kind: "diagnosis";
  readonly seq: number;
  readonly t_ms: number;
  /** Lines refused. */
  readonly rxBad: number;
  /** Unknown letters received. */
  readonly rxUnknown: number;
  /** ADC conversions found missing. */
  readonly lost: number;
  /** Creep pots emptied. */
  readonly creep: number;
  /** EEPROM records written since boot. */
  readonly eeprom: number;
  /** MCUSR at boot: bit 0 power-on, 1 external, 2 brown-out, 3 watchdog. */
  readonly resetCause: number;
  /** Least free stack seen, bytes. */
  readonly stackFree: number;
  readonly utcKnown: boolean;
}

/** `I`: who the board is. */
export interface Identity {
  readonly kind: "identity";
  readonly major: number;
  readonly minor: number;
  /** Such as `0.2.0`. */
  readonly firmware: string;
  /** CRC-32 of the firmware's sources, 8 hex digits. */
  readonly build: string;
  /** The board's own id, 8 hex digits. */
  readonly id: string;
  readonly boot: number;
  /** What each channel measures, such as v, ct, ct, ct, sum. */
  readonly kinds: readonly string[];
  /** Capabilities, such as ring25, sum, led, wd, slope. */
  readonly caps: readonly string[];
}

/** The constants of one channel, as commanded by `K` and told by `C`. */
export interface ChannelCalibration {
  /** 0 the voltage, 1..3 the clamps. */
  readonly channel: 0 | 1 | 2 | 3;
  /** uV (channel 0) or uA per ADC step, +-2,000,000, never 0; negative = turned round. */
  readonly gain: number;
  /** How far the sensor leads the mains, a clamp at 5 A, 0.001 degree, +-30,000. */
  readonly phase_mdeg: number;
  /** At 230 V; subtracted from the window's P as the square of its voltage, +-30,000; 0 on channel 0. */
  readonly offset_mw: number;
  /** Likewise from the window's Q. */
  readonly offset_mvar: number;
  /** How much further a clamp leads for each octave of its current over 5 A, 0.001 degree, +-3,000; 0 on channel 0. */
  readonly slope_mdeg: number;
}

/** `C`: one channel's calibration in force. */
export interface Calibration extends ChannelCalibration {
  readonly kind: "calibration";
  /** EEPROM slot 0 or 1; 2 = the firmware's defaults. */
  readonly slot: 0 | 1 | 2;
}

/** `H`: cumulative counters at a UTC half-hour end that the board remembers. */
export interface Remembered {
  readonly kind: "remembered";
  /** UTC seconds since 1970. */
  readonly end_s: number;
  readonly boot: number;
  readonly channel: Channel;
  readonly counters: Counters;
}

/** `A`: a command done; `values` as its row in link.md says (`A C`: slot, cycles, mask; `A H`: number of lines). */
export interface Accepted {
  readonly kind: "accepted";
  readonly letter: "U" | "W" | "S" | "K" | "Y" | "C" | "H";
  readonly values: readonly number[];
}

/** `N`: a command refused, and why: crc, long, form, range, version, utc or busy. The letter is `?` when unreadable. */
export interface Refused {
  readonly kind: "refused";
  readonly letter: string;
  readonly reason: string;
  /** What follows the reason, such as the version that would do; else empty. */
  readonly detail: string;
}

export type BoardMessage = Report | Power | Diagnosis | Identity | Calibration | Remembered | Accepted | Refused;

export type Command =
  | { readonly kind: "identify"; readonly major: number; readonly minor: number }
  | {
      readonly kind: "utc";
      /** At board time t_ms it was utc_s + ms / 1000; utc_s over 1800, ms 0..999. */
      readonly utc_s: number;
      readonly ms: number;
      readonly t_ms: number;
      /** One board second lasts 1 + rate * 10^-9 true seconds, +-10,000,000. */
      readonly rate_ppb: number;
    }
  /** Mains cycles of a netting window, 1..50. */
  | { readonly kind: "window"; readonly cycles: number }
  /** Clamps of channel 4: bit 0 clamp 1 .. bit 2 clamp 3; 1..7. */
  | { readonly kind: "clampSet"; readonly mask: number }
  | ({ readonly kind: "calibrate" } & ChannelCalibration)
  | { readonly kind: "keep" }
  | { readonly kind: "readCalibration" }
  /** The half hours that ended after from_s, UTC seconds since 1970. */
  | { readonly kind: "readHalfHours"; readonly from_s: number };

/** Why a line is no message. `unknown` is an upper-case letter of a newer minor version: count it, go on. */
export type FaultReason = "crc" | "long" | "form" | "range" | "unknown";

export interface Fault {
  readonly kind: "fault";
  readonly reason: FaultReason;
  /** The letter, where the line was sound enough to have one; else `?`. */
  readonly letter: string;
}
