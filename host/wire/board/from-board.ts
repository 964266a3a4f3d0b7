// Board to host: `decodeLine` is total (any text gives a message or a named fault), `encodeMessage` is its inverse.
// One function a letter, its fields in the order of docs/spec/link.md.
import { BOARD_LINE_MAX, type Fields, fault, readLine, writeLine } from "./line.js";
import type {
  Accepted,
  BoardMessage,
  Channel,
  ChannelCalibration,
  ClampPower,
  Counters,
  Diagnosis,
  Fault,
  Identity,
  Power,
  Refused,
  Report,
} from "./messages.js";

/** How many values follow `A <letter>`. */
const ACCEPTED_VALUES: { readonly [letter in Accepted["letter"]]: number } = {
  U: 0,
  W: 1,
  S: 1,
  K: 1,
  Y: 1,
  C: 3,
  H: 1,
};

const HEX8 = /^[0-9a-fA-F]{8}$/;

const DECODERS: { readonly [letter: string]: (f: Fields) => BoardMessage | Fault } = {
  R: (f) => f.close<Report>("R", { kind: "report", ...moment(f), boot: f.u32(), channel: channel(f), ...both(f) }),
  P: (f) => f.close<Power>("P", power(f)),
  D: (f) => f.close<Diagnosis>("D", diagnosis(f)),
  I: (f) => f.close<Identity>("I", identity(f)),
  C: (f) => f.close("C", { kind: "calibration", slot: f.int(0, 2) as 0 | 1 | 2, ...channelCalibration(f) }),
  H: (f) =>
    f.close("H", { kind: "remembered", end_s: f.u32(), boot: f.u32(), channel: channel(f), counters: counters(f) }),
  A: accepted,
  N: (f) => f.close<Refused>("N", { kind: "refused", letter: f.word(/^[A-Z?]$/), reason: f.word(), detail: f.rest() }),
};

/** One line of a board, with or without its line end. Never throws. */
export function decodeLine(text: string): BoardMessage | Fault {
  const frame = readLine(text, BOARD_LINE_MAX);
  if (frame.kind === "fault") return frame;
  const decode = DECODERS[frame.letter];
  return decode ? decode(frame.fields) : fault("unknown", frame.letter);
}

/** The line of a message, with CRC and LF. */
export function encodeMessage(message: BoardMessage): string {
  switch (message.kind) {
    case "report": {
      const { seq, t_ms, boot, channel } = message;
      return writeLine("R", seq, t_ms, boot, channel, ...four(message.counters), ...four(message.base));
    }
    case "power": {
      const { seq, t_ms, frequency_mhz, voltage_mv, clamps, sum } = message;
      const threes = clamps.flatMap((c) => [c.current_ma, c.power_mw, c.reactive_mvar]);
      return writeLine("P", seq, t_ms, frequency_mhz, voltage_mv, ...threes, sum.power_mw, sum.reactive_mvar);
    }
    case "diagnosis": {
      const { seq, t_ms, rxBad, rxUnknown, lost, creep, eeprom, resetCause, stackFree, utcKnown } = message;
      const own = [rxBad, rxUnknown, lost, creep, eeprom, resetCause, stackFree];
      return writeLine("D", seq, t_ms, ...own, utcKnown ? 1 : 0);
    }
    case "identity": {
      const { major, minor, firmware, build, id, boot, kinds, caps } = message;
      return writeLine("I", `${major}.${minor}`, firmware, build, id, boot, kinds.join(","), caps.join(","));
    }
    case "calibration": {
      const { slot, channel, gain, phase_mdeg, offset_mw, offset_mvar, slope_mdeg } = message;
      return writeLine("C", slot, channel, gain, phase_mdeg, offset_mw, offset_mvar, slope_mdeg);
    }
    case "remembered":
      return writeLine("H", message.end_s, message.boot, message.channel, ...four(message.counters));
    case "accepted":
      return writeLine("A", message.letter, ...message.values);
    case "refused":
      return writeLine("N", message.letter, message.reason, ...(message.detail === "" ? [] : [message.detail]));
  }
}

function moment(f: Fields): { seq: number; t_ms: number } {
  return { seq: f.u32(), t_ms: f.u32() };
}

function channel(f: Fields): Channel {
  return f.int(1, 4) as Channel;
}

function counters(f: Fields): Counters {
  return {
    importActive_mwh: f.u32(),
    exportActive_mwh: f.u32(),
    importReactive_mvarh: f.u32(),
    exportReactive_mvarh: f.u32(),
  };
}

function both(f: Fields): { counters: Counters; base: Counters } {
  return { counters: counters(f), base: counters(f) };
}

function four(c: Counters): number[] {
  return [c.importActive_mwh, c.exportActive_mwh, c.importReactive_mvarh, c.exportReactive_mvarh];
}

function power(f: Fields): Power {
  const clamp = (): ClampPower => ({ current_ma: f.u32(), power_mw: f.i32(), reactive_mvar: f.i32() });
  return {
    kind: "power",
    ...moment(f),
    frequency_mhz: f.u32(),
    voltage_mv: f.u32(),
    clamps: [clamp(), clamp(), clamp()],
    sum: { power_mw: f.i32(), reactive_mvar: f.i32() },
  };
}

function diagnosis(f: Fields): Diagnosis {
  return {
    kind: "diagnosis",
    ...moment(f),
    rxBad: f.u32(),
    rxUnknown: f.u32(),
    lost: f.u32(),
    creep: f.u32(),
    eeprom: f.u32(),
    resetCause: f.u32(),
    stackFree: f.u32(),
    utcKnown: f.int(0, 1) === 1,
  };
}

function identity(f: Fields): Identity {
  return {
    kind: "identity",
    ...f.version(),
    firmware: f.word(),
    build: f.word(HEX8),
    id: f.word(HEX8),
    boot: f.u32(),
    kinds: f.word().split(","),
    caps: f.word().split(","),
  };
}

function channelCalibration(f: Fields): ChannelCalibration {
  return {
    channel: f.int(0, 3) as 0 | 1 | 2 | 3,
    gain: f.int(-2_000_000, 2_000_000),
    phase_mdeg: f.int(-30_000, 30_000),
    offset_mw: f.int(-30_000, 30_000),
    offset_mvar: f.int(-30_000, 30_000),
    slope_mdeg: f.more ? f.int(-3_000, 3_000) : 0, // link 1.0 knows none
  };
}

function accepted(f: Fields): Accepted | Fault {
  const letter = f.word(/^[A-Z]$/);
  if (letter === "") return fault("form", "A");
  if (!Object.hasOwn(ACCEPTED_VALUES, letter)) return fault("unknown", "A");
  const known = letter as Accepted["letter"];
  const values = Array.from({ length: ACCEPTED_VALUES[known] }, () => f.u32());
  return f.close("A", { kind: "accepted", letter: known, values });
}
