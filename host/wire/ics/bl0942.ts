// The BL0942 on a UART (docs/spec/serial-ics.md): questions, writes, the packet of all values, and single registers, low byte first.
// Shanghai Belling, BL0942 datasheet V1.06: UART communication, register list.

import { CHECKSUM, MORE, NOISE, type Split, scan, sum8 } from "./scan.js";

const READ = 0x58;
const WRITE = 0xa8;
const ALL = 0xaa;
const PACKET_HEADER = 0x55;
const PACKET_LENGTH = 23;

export const BL0942_CF_CNT = 0x07;
export const BL0942_MODE = 0x19;
export const BL0942_WRITE_PROTECTION = 0x1d;
export const BL0942_UNPROTECTED = 0x55;
/** MODE after a reset: energy counted, by its magnitude. */
export const BL0942_MODE_RESET = 0x87;
const CF_EN = 1 << 2;
const CLEAR_WHEN_READ = 1 << 6;
const ABSOLUTE = 1 << 7;

export type Bl0942Question = { readonly kind: "packet" } | { readonly kind: "register"; readonly register: number };
export type Bl0942Request =
  | Bl0942Question
  | { readonly kind: "write"; readonly register: number; readonly value: number };

/** As the chip gives them; the scale is its board's. */
export interface Bl0942Packet {
  readonly kind: "packet";
  readonly current: number;
  readonly voltage: number;
  readonly fastCurrent: number;
  /** Signed, 24 bit. */
  readonly watt: number;
  /** CF_CNT, 24 bit. */
  readonly count: number;
  readonly period: number;
  readonly status: number;
}

export type Bl0942Answer = Bl0942Packet | { readonly kind: "register"; readonly value: number };

/** The MODE that counts both directions and keeps its count, from the one that is found. */
export function algebraicMode(mode: number): number {
  return (mode & ~(ABSOLUTE | CLEAR_WHEN_READ)) | CF_EN;
}

export function isAbsolute(mode: number): boolean {
  return (mode & ABSOLUTE) !== 0;
}

/** `address` is that of the chip's two pins, 0..3. */
export function encodeBl0942Request(request: Bl0942Request, address: number): Uint8Array {
  if (request.kind === "packet") return Uint8Array.of(READ | address, ALL);
  if (request.kind === "register") return Uint8Array.of(READ | address, request.register);
  const frame = Uint8Array.of(WRITE | address, request.register, ...low24(request.value), 0);
  frame[5] = ~sum8(frame, 0, 5) & 0xff;
  return frame;
}

/** The answers in a stream to one question after another of this kind. */
export function splitBl0942Answers(question: Bl0942Question, address: number, bytes: Uint8Array): Split<Bl0942Answer> {
  return scan<Bl0942Answer>(bytes, (at) => {
    if (question.kind === "register") {
      if (at.length < 4) return MORE;
      if (checkOf(address, question.register + sum8(at, 0, 3)) !== at[3]) return CHECKSUM;
      return { kind: "frame", frame: { kind: "register", value: unsigned24(at, 0) }, length: 4 };
    }
    if (at[0] !== PACKET_HEADER) return NOISE;
    if (at.length < PACKET_LENGTH) return MORE;
    if (checkOf(address, sum8(at, 0, PACKET_LENGTH - 1)) !== at[PACKET_LENGTH - 1]) return CHECKSUM;
    return { kind: "frame", frame: packetOf(at), length: PACKET_LENGTH };
  });
}

export function encodeBl0942Answer(question: Bl0942Question, address: number, answer: Bl0942Answer): Uint8Array {
  if (answer.kind === "register") {
    const frame = Uint8Array.of(...low24(answer.value), 0);
    frame[3] = checkOf(address, (question.kind === "register" ? question.register : 0) + sum8(frame, 0, 3));
    return frame;
  }
  const { current, voltage, fastCurrent, watt, count, period, status } = answer;
  const numbers = [current, voltage, fastCurrent, watt, count].flatMap(low24);
  const frame = Uint8Array.of(PACKET_HEADER, ...numbers, period & 0xff, (period >> 8) & 0xff, 0, status, 0, 0, 0);
  frame[PACKET_LENGTH - 1] = checkOf(address, sum8(frame, 0, PACKET_LENGTH - 1));
  return frame;
}

/** What the chip hears. */
export function splitBl0942Requests(address: number, bytes: Uint8Array): Split<Bl0942Request> {
  return scan<Bl0942Request>(bytes, (at) => {
    const register = at[1];
    if (at[0] === (READ | address)) {
      if (register === undefined) return MORE;
      const frame: Bl0942Question = register === ALL ? { kind: "packet" } : { kind: "register", register };
      return { kind: "frame", frame, length: 2 };
    }
    if (at[0] !== (WRITE | address)) return NOISE;
    if (register === undefined || at.length < 6) return MORE;
    if ((~sum8(at, 0, 5) & 0xff) !== at[5]) return CHECKSUM;
    return { kind: "frame", frame: { kind: "write", register, value: unsigned24(at, 2) }, length: 6 };
  });
}

function packetOf(at: Uint8Array): Bl0942Packet {
  const watt = unsigned24(at, 10);
  return {
    kind: "packet",
    current: unsigned24(at, 1),
    voltage: unsigned24(at, 4),
    fastCurrent: unsigned24(at, 7),
    watt: watt >= 0x80_0000 ? watt - 0x100_0000 : watt,
    count: unsigned24(at, 13),
    period: (at[16] ?? 0) | ((at[17] ?? 0) << 8),
    status: at[19] ?? 0,
  };
}

/** The question's first byte is part of the answer's sum. */
function checkOf(address: number, sum: number): number {
  return ~((READ | address) + sum) & 0xff;
}

function unsigned24(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
}

function low24(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff];
}
