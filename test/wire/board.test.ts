// The board link's laws: any text decodes to a value or a named fault, every message survives its line, and the
// golden lines of docs/spec/link-golden.txt are read as the firmware reads them.
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc16, crcDigits } from "../../host/wire/board/crc16.js";
import { decodeLine, encodeMessage } from "../../host/wire/board/from-board.js";
import type { BoardMessage, Command, Counters } from "../../host/wire/board/messages.js";
import { decodeCommand, encodeCommand } from "../../host/wire/board/to-board.js";

const framed = (body: string) => `${body}*${crcDigits(body)}`;
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const channel = fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const);
const counters: fc.Arbitrary<Counters> = fc.record({
  importActive_mwh: u32,
  exportActive_mwh: u32,
  importReactive_mvarh: u32,
  exportReactive_mvarh: u32,
});
// What keeps the longest P line within 160 bytes: seven digits of volts and amperes, 134 kW.
const seven = fc.integer({ min: 0, max: 9_999_999 });
const power = fc.integer({ min: -134_217_727, max: 134_217_727 });
const clamp = fc.record({ current_ma: seven, power_mw: power, reactive_mvar: power });
const hex8 = fc.integer({ min: 0, max: 0xffff_ffff }).map((n) => n.toString(16).padStart(8, "0"));
const byte = fc.integer({ min: 0, max: 255 });
const calibration = {
  gain: fc.integer({ min: -2_000_000, max: 2_000_000 }).filter((gain) => gain !== 0),
  phase_mdeg: fc.integer({ min: -30_000, max: 30_000 }),
  offset_mw: fc.integer({ min: -30_000, max: 30_000 }),
  offset_mvar: fc.integer({ min: -30_000, max: 30_000 }),
  slope_mdeg: fc.integer({ min: -3_000, max: 3_000 }),
};

const message: fc.Arbitrary<BoardMessage> = fc.oneof(
  fc.record({ kind: fc.constant("report"), seq: u32, t_ms: u32, boot: u32, channel, counters, base: counters }),
  fc.record({
    kind: fc.constant("power"),
    seq: u32,
    t_ms: u32,
    frequency_mhz: fc.integer({ min: 0, max: 99_999 }),
    voltage_mv: seven,
    clamps: fc.tuple(clamp, clamp, clamp),
    sum: fc.record({ power_mw: power, reactive_mvar: power }),
  }),
  fc.record({
    kind: fc.constant("diagnosis"),
    seq: u32,
    t_ms: u32,
    rxBad: u32,
    rxUnknown: u32,
    lost: u32,
    creep: u32,
    eeprom: u32,
    resetCause: u32,
    stackFree: u32,
    utcKnown: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("identity"),
    major: byte,
    minor: byte,
    firmware: fc.constant("0.2.0"),
    build: hex8,
    id: hex8,
    boot: u32,
    kinds: fc.constant(["v", "ct", "ct", "ct", "sum"]),
    caps: fc.constant(["ring25", "sum", "led", "wd", "slope"]),
  }),
  fc.record({
    kind: fc.constant("calibration"),
    slot: fc.constantFrom(0 as const, 1 as const, 2 as const),
    channel: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    ...calibration,
  }),
  fc.record({ kind: fc.constant("remembered"), end_s: u32, boot: u32, channel, counters }),
  fc.record({
    kind: fc.constant("accepted"),
    letter: fc.constantFrom("W" as const, "S" as const, "K" as const, "Y" as const, "H" as const),
    values: fc.tuple(u32),
  }),
  fc.record({
    kind: fc.constant("refused"),
    letter: fc.constantFrom("?", "K", "I"),
    reason: fc.constantFrom("crc", "version"),
    detail: fc.constantFrom("", "1.1"),
  }),
) as fc.Arbitrary<BoardMessage>;

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant("identify" as const), major: byte, minor: byte }),
  fc.record({
    kind: fc.constant("utc" as const),
    utc_s: fc.integer({ min: 1801, max: 0xffff_ffff }),
    ms: fc.integer({ min: 0, max: 999 }),
    t_ms: u32,
    rate_ppb: fc.integer({ min: -10_000_000, max: 10_000_000 }),
  }),
  fc.record({ kind: fc.constant("window" as const), cycles: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constant("clampSet" as const), mask: fc.integer({ min: 1, max: 7 }) }),
  fc.record({
    kind: fc.constant("calibrate" as const),
    channel: fc.constantFrom(1 as const, 2 as const, 3 as const),
    ...calibration,
  }),
  fc.constant({ kind: "keep" as const }),
  fc.constant({ kind: "readCalibration" as const }),
  fc.record({ kind: fc.constant("readHalfHours" as const), from_s: u32 }),
);

describe("the board link", () => {
  it("has the published CRC", () => {
    expect(crc16("123456789")).toBe(0x29b1);
  });

  it("reads back every message it writes, within 160 bytes", () => {
    fc.assert(
      fc.property(message, (m) => {
        const line = encodeMessage(m);
        expect(decodeLine(line)).toEqual(m);
        expect(decodeLine(line.replace("\n", "\r\n"))).toEqual(m);
        expect(line.length).toBeLessThanOrEqual(160);
      }),
    );
  });

  it("reads back every command it writes, within 64 bytes", () => {
    fc.assert(
      fc.property(command, (c) => {
        const line = encodeCommand(c);
        expect(decodeCommand(line)).toEqual(c);
        expect(line.length).toBeLessThanOrEqual(64);
      }),
    );
  });

  it("gives any text a value or a named fault", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "grapheme-ascii" }).map(framed)), (text) => {
        expect(decodeLine(text).kind).toBeTypeOf("string");
        expect(decodeCommand(text).kind).toBeTypeOf("string");
      }),
    );
  });

  it("never takes a line with one changed character for another message", () => {
    fc.assert(
      fc.property(message, fc.nat(), byte, (m, place, code) => {
        const line = encodeMessage(m).trimEnd();
        const at = place % line.length;
        const changed = line.slice(0, at) + String.fromCharCode(code) + line.slice(at + 1);
        fc.pre(changed !== line && code !== 10 && code !== 13);
        expect(decodeLine(changed)).toMatchObject({ kind: "fault" });
      }),
    );
  });

  it("takes a slope that a 1.0 board or host leaves out for 0, and leaves it out to say 0", () => {
    const constants = { channel: 2, gain: -295_928, phase_mdeg: 1900, offset_mw: -5, offset_mvar: 6 } as const;
    expect(decodeLine(framed("C 1 2 -295928 1900 -5 6"))).toEqual({
      kind: "calibration",
      slot: 1,
      ...constants,
      slope_mdeg: 0,
    });
    const told = { kind: "calibrate", ...constants, slope_mdeg: 0 } as const;
    expect(encodeCommand(told)).toBe(`${framed("K 2 -295928 1900 -5 6")}\n`);
    expect(decodeCommand(framed("K 2 -295928 1900 -5 6 0"))).toEqual(told);
    expect(decodeCommand(framed("K 2 -295928 1900 -5 6 145 newer"))).toEqual({ ...told, slope_mdeg: 145 });
  });

  it("names what is wrong", () => {
    expect(decodeLine("R 1 2 3")).toEqual({ kind: "fault", reason: "crc", letter: "?" });
    expect(decodeLine(framed("R 1 2 3"))).toEqual({ kind: "fault", reason: "form", letter: "R" });
    expect(decodeLine(framed("Q 1"))).toEqual({ kind: "fault", reason: "unknown", letter: "Q" });
    expect(decodeLine("x".repeat(160))).toEqual({ kind: "fault", reason: "long", letter: "?" });
    expect(decodeCommand(framed("W 51"))).toEqual({ kind: "fault", reason: "range", letter: "W" });
    expect(decodeCommand(framed("W ten"))).toEqual({ kind: "fault", reason: "form", letter: "W" });
    expect(decodeCommand(framed("K 0 1000 0 1 0"))).toEqual({ kind: "fault", reason: "range", letter: "K" });
    expect(decodeLine(framed("C 1 2 295928 0 0 0 3001"))).toEqual({ kind: "fault", reason: "range", letter: "C" });
    expect(decodeCommand(framed("K 0 1000 0 0 0 1"))).toEqual({ kind: "fault", reason: "range", letter: "K" });
    expect(decodeCommand(framed("W 5 newer fields"))).toEqual({ kind: "window", cycles: 5 });
  });
});

const GOLDEN = new URL("../../docs/spec/link-golden.txt", import.meta.url);

describe.skipIf(!existsSync(GOLDEN))("the golden lines of docs/spec/link-golden.txt", () => {
  const lines = existsSync(GOLDEN) ? readFileSync(GOLDEN, "utf8").split("\n") : [];

  it.each(lines.filter((line) => line.startsWith("< ")))("%s", (line) => {
    const text = line.slice(2);
    const read = decodeLine(text);
    expect(read).not.toMatchObject({ kind: "fault" });
    if (read.kind !== "fault") expect(encodeMessage(read)).toBe(`${text}\n`);
  });

  it.each(lines.filter((line) => line.startsWith("> ")))("%s", (line) => {
    const text = line.slice(2);
    const read = decodeCommand(text);
    expect(read).not.toMatchObject({ kind: "fault" });
    if (read.kind !== "fault") expect(encodeCommand(read)).toBe(`${text}\n`);
  });

  it.each(lines.filter((line) => line.startsWith("! ")))("%s", (line) => {
    const [text, reason] = line.slice(2).split("\t");
    expect(decodeCommand(text ?? "")).toMatchObject({ kind: "fault", reason });
  });
});
