// The MCP39F511A on a UART (docs/spec/serial-ics.md): questions and answers, and the registers that are read, little-endian.
// Microchip, MCP39F511A data sheet, DS20006044A: serial protocol, register map.

import { CHECKSUM, type Match, MORE, NOISE, type Split, scan, sum8 } from "./scan.js";

const HEADER = 0xa5;
const ACK = 0x06;
const NAK = 0x15;
const CSFAIL = 0x51;
const SET_ADDRESS = 0x41;
const READ = 0x4e;
const WRITE = 0x4d;

/** The most that one read gives: the chip's frame buffer holds 35 bytes. */
export const MCP39_READ_MAX = 32;

export type Mcp39Question =
  | { readonly kind: "read"; readonly address: number; readonly length: number }
  | { readonly kind: "write"; readonly address: number; readonly data: Uint8Array };

export type Mcp39Answer =
  | { readonly kind: "data"; readonly data: Uint8Array }
  | { readonly kind: "ack" }
  | { readonly kind: "nak" }
  | { readonly kind: "csfail" };

export const MCP39_POWER: Mcp39Question = { kind: "read", address: 0x02, length: 28 };
export const MCP39_ENERGY: Mcp39Question = { kind: "read", address: 0x1e, length: 32 };
/** Two bytes are the interval; with the two behind it the answer has a length of its own. */
export const MCP39_INTERVAL: Mcp39Question = { kind: "read", address: 0x9e, length: 4 };
export const MCP39_CONTROL: Mcp39Question = { kind: "read", address: 0xdc, length: 2 };
export const MCP39_COUNT: Mcp39Question = { kind: "write", address: 0xdc, data: Uint8Array.of(1, 0) };

export interface Mcp39Power {
  readonly version: number;
  readonly voltage_dv: number;
  readonly frequency_mhz: number;
  /** 0.1 mA. */
  readonly current_dma: number;
  /** 10 mW and 10 mvar, positive = import. */
  readonly active_cw: number;
  readonly reactive_cvar: number;
}

/** 64 bits each. */
export interface Mcp39Energies {
  readonly import_mwh: bigint;
  readonly export_mwh: bigint;
  readonly import_mvarh: bigint;
  readonly export_mvarh: bigint;
}

export function encodeMcp39Question(question: Mcp39Question): Uint8Array {
  const address = [SET_ADDRESS, (question.address >> 8) & 0xff, question.address & 0xff];
  const command = question.kind === "read" ? [READ, question.length] : [WRITE, question.data.length, ...question.data];
  return framed(HEADER, [...address, ...command]);
}

/** The answers in a stream to one question after another of this kind. */
export function splitMcp39Answers(question: Mcp39Question, bytes: Uint8Array): Split<Mcp39Answer> {
  return scan<Mcp39Answer>(bytes, (at) => {
    if (at[0] === NAK) return { kind: "frame", frame: { kind: "nak" }, length: 1 };
    if (at[0] === CSFAIL) return { kind: "frame", frame: { kind: "csfail" }, length: 1 };
    if (at[0] !== ACK) return NOISE;
    if (question.kind === "write") return { kind: "frame", frame: { kind: "ack" }, length: 1 };
    const length = question.length + 3;
    if (at.length < 2) return MORE;
    if (at[1] !== length) return NOISE;
    if (at.length < length) return MORE;
    if (sum8(at, 0, length - 1) !== at[length - 1]) return CHECKSUM;
    return { kind: "frame", frame: { kind: "data", data: at.slice(2, length - 1) }, length };
  });
}

export function encodeMcp39Answer(answer: Mcp39Answer): Uint8Array {
  if (answer.kind === "data") return framed(ACK, answer.data);
  return Uint8Array.of(answer.kind === "ack" ? ACK : answer.kind === "nak" ? NAK : CSFAIL);
}

/** What the chip hears. */
export function splitMcp39Questions(bytes: Uint8Array): Split<Mcp39Question> {
  return scan(bytes, questionAt);
}

function questionAt(at: Uint8Array): Match<Mcp39Question> {
  if (at[0] !== HEADER) return NOISE;
  const length = at[1];
  if (length === undefined) return MORE;
  if (length < 8 || length > 43) return NOISE;
  if (at.length < length) return MORE;
  if (sum8(at, 0, length - 1) !== at[length - 1]) return CHECKSUM;
  const address = ((at[3] ?? 0) << 8) | (at[4] ?? 0);
  const count = at[6] ?? 0;
  if (at[2] !== SET_ADDRESS || count === 0 || count > MCP39_READ_MAX) return NOISE;
  if (at[5] === READ && length === 8) return { kind: "frame", frame: { kind: "read", address, length: count }, length };
  if (at[5] === WRITE && length === 8 + count)
    return { kind: "frame", frame: { kind: "write", address, data: at.slice(7, 7 + count) }, length };
  return NOISE;
}

const SIGN_ACTIVE = 1 << 4;
const SIGN_REACTIVE = 1 << 5;

/** The 28 bytes from 0x02; null where there are not so many. */
export function decodeMcp39Power(data: Uint8Array): Mcp39Power | null {
  if (data.length !== 28) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const status = view.getUint16(0, true);
  const signed = (magnitude: number, bit: number) => ((status & bit) !== 0 || magnitude === 0 ? magnitude : -magnitude);
  return {
    version: view.getUint16(2, true),
    voltage_dv: view.getUint16(4, true),
    frequency_mhz: view.getUint16(6, true),
    current_dma: view.getUint32(12, true),
    active_cw: signed(view.getUint32(16, true), SIGN_ACTIVE),
    reactive_cvar: signed(view.getUint32(20, true), SIGN_REACTIVE),
  };
}

/** Registers that no Mcp39Power names (thermistor, power factor, apparent power) are 0. */
export function encodeMcp39Power(power: Mcp39Power): Uint8Array {
  const data = new Uint8Array(28);
  const view = new DataView(data.buffer);
  const signs = (power.active_cw >= 0 ? SIGN_ACTIVE : 0) | (power.reactive_cvar >= 0 ? SIGN_REACTIVE : 0);
  view.setUint16(0, signs, true);
  view.setUint16(2, power.version, true);
  view.setUint16(4, power.voltage_dv, true);
  view.setUint16(6, power.frequency_mhz, true);
  view.setUint32(12, power.current_dma, true);
  view.setUint32(16, Math.abs(power.active_cw), true);
  view.setUint32(20, Math.abs(power.reactive_cvar), true);
  return data;
}

/** The 32 bytes from 0x1E; null where there are not so many. */
export function decodeMcp39Energies(data: Uint8Array): Mcp39Energies | null {
  if (data.length !== 32) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return {
    import_mwh: view.getBigUint64(0, true),
    export_mwh: view.getBigUint64(8, true),
    import_mvarh: view.getBigUint64(16, true),
    export_mvarh: view.getBigUint64(24, true),
  };
}

export function encodeMcp39Energies(energies: Mcp39Energies): Uint8Array {
  const data = new Uint8Array(32);
  const view = new DataView(data.buffer);
  view.setBigUint64(0, energies.import_mwh, true);
  view.setBigUint64(8, energies.export_mwh, true);
  view.setBigUint64(16, energies.import_mvarh, true);
  view.setBigUint64(24, energies.export_mvarh, true);
  return data;
}

/** A frame: first byte, length of all, body, sum of all before it. */
function framed(first: number, body: Iterable<number>): Uint8Array {
  const frame = Uint8Array.of(first, 0, ...body, 0);
  frame[1] = frame.length;
  frame[frame.length - 1] = sum8(frame, 0, frame.length - 1);
  return frame;
}
