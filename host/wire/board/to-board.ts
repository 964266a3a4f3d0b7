// Host to board: `encodeCommand` writes the line a host sends; `decodeCommand` is what a board makes of any line,
// with the refusals of docs/spec/link.md (the fast fidelity of the simulator answers by it).
import { type Fields, fault, HOST_LINE_MAX, readLine, U32_MAX, writeLine } from "./line.js";
import type { Command, Fault } from "./messages.js";

const DECODERS: { readonly [letter: string]: (f: Fields) => Command | Fault } = {
  I: (f) => f.close<Command>("I", { kind: "identify", ...f.version() }),
  U: (f) =>
    f.close<Command>("U", {
      kind: "utc",
      utc_s: f.int(1801, U32_MAX),
      ms: f.int(0, 999),
      t_ms: f.u32(),
      rate_ppb: f.int(-10_000_000, 10_000_000),
    }),
  W: (f) => f.close<Command>("W", { kind: "window", cycles: f.int(1, 50) }),
  S: (f) => f.close<Command>("S", { kind: "clampSet", mask: f.int(1, 7) }),
  K: calibrate,
  Y: () => ({ kind: "keep" }),
  C: () => ({ kind: "readCalibration" }),
  H: (f) => f.close<Command>("H", { kind: "readHalfHours", from_s: f.u32() }),
};

/** The line of a command, with CRC and LF. */
export function encodeCommand(command: Command): string {
  switch (command.kind) {
    case "identify":
      return writeLine("I", `${command.major}.${command.minor}`);
    case "utc":
      return writeLine("U", command.utc_s, command.ms, command.t_ms, command.rate_ppb);
    case "window":
      return writeLine("W", command.cycles);
    case "clampSet":
      return writeLine("S", command.mask);
    case "calibrate": {
      const { channel, gain, phase_mdeg, offset_mw, offset_mvar, slope_mdeg } = command;
      const slope = slope_mdeg === 0 ? [] : [slope_mdeg]; // left out it is 0, as a 1.0 board takes it anyway
      return writeLine("K", channel, gain, phase_mdeg, offset_mw, offset_mvar, ...slope);
    }
    case "keep":
      return writeLine("Y");
    case "readCalibration":
      return writeLine("C");
    case "readHalfHours":
      return writeLine("H", command.from_s);
  }
}

/** One line of a host, with or without its line end. Never throws. */
export function decodeCommand(text: string): Command | Fault {
  const frame = readLine(text, HOST_LINE_MAX);
  if (frame.kind === "fault") return frame;
  const decode = DECODERS[frame.letter];
  return decode ? decode(frame.fields) : fault("unknown", frame.letter);
}

function calibrate(f: Fields): Command | Fault {
  const channel = f.int(0, 3) as 0 | 1 | 2 | 3;
  const gain = f.int(-2_000_000, 2_000_000);
  const phase_mdeg = f.int(-30_000, 30_000);
  const offset_mw = f.int(-30_000, 30_000);
  const offset_mvar = f.int(-30_000, 30_000);
  const slope_mdeg = f.more ? f.int(-3_000, 3_000) : 0;
  const allowed = gain !== 0 && (channel !== 0 || (offset_mw === 0 && offset_mvar === 0 && slope_mdeg === 0));
  if (f.reason === null && !allowed) return fault("range", "K");
  return f.close<Command>("K", { kind: "calibrate", channel, gain, phase_mdeg, offset_mw, offset_mvar, slope_mdeg });
}
