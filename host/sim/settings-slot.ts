// The two calibration slots of a board's EEPROM, byte for byte as the firmware lays them out (docs/spec/link.md).
import { crc16 } from "../wire/board/crc16.js";
import type { ChannelCalibration } from "../wire/board/messages.js";

export interface Settings {
  readonly channels: readonly ChannelCalibration[];
  /** Mains cycles of a window, 1..50. */
  readonly cycles: number;
  /** Clamp set of the sum, 1..7. */
  readonly mask: number;
}

/** A slot of the EEPROM, or 2: neither is valid, the defaults are in force. */
export type Slot = 0 | 1 | 2;

const SLOTS = [16, 80] as const;
const CYCLES_AT = 43;
const MASK_AT = 44;
const SLOPES_AT = 45;
/** Bytes before the CRC by version; what firmware 0.1.0 wrote has no slopes. */
const BODY_BYTES: { readonly [version: number]: number } = { 1: 45, 2: 51 };
const VERSION = 2;

export const DEFAULT_SETTINGS: Settings = {
  channels: ([0, 1, 2, 3] as const).map((channel) => ({
    channel,
    gain: channel === 0 ? 800_000 : 295_928,
    phase_mdeg: 0,
    offset_mw: 0,
    offset_mvar: 0,
    slope_mdeg: 0,
  })),
  cycles: 10,
  mask: 7,
};

/** The slot in force: the valid one with the later sequence. */
export function slotInForce(bytes: Uint8Array): Slot {
  const valid = SLOTS.map((at) => {
    const body = BODY_BYTES[bytes[at]!];
    return body !== undefined && crcHolds(bytes, at, body);
  });
  if (!valid[0] && !valid[1]) return 2;
  if (!valid[0] || !valid[1]) return valid[0] ? 0 : 1;
  const view = viewOf(bytes);
  const ahead = view.getUint16(SLOTS[0] + 1, true) - view.getUint16(SLOTS[1] + 1, true);
  return (ahead << 16) >> 16 > 0 ? 0 : 1;
}

export function readSettings(bytes: Uint8Array, slot: Slot): Settings {
  if (slot === 2) return DEFAULT_SETTINGS;
  const view = viewOf(bytes);
  const at = SLOTS[slot];
  const sloped = bytes[at] === VERSION;
  const channels = ([0, 1, 2, 3] as const).map((channel) => ({
    channel,
    gain: view.getInt32(at + 3 + 10 * channel, true),
    phase_mdeg: view.getInt16(at + 7 + 10 * channel, true),
    offset_mw: view.getInt16(at + 9 + 10 * channel, true),
    offset_mvar: view.getInt16(at + 11 + 10 * channel, true),
    slope_mdeg: sloped && channel > 0 ? view.getInt16(at + SLOPES_AT + 2 * (channel - 1), true) : 0,
  }));
  return { channels, cycles: bytes[at + CYCLES_AT]!, mask: bytes[at + MASK_AT]! };
}

/** Writes settings into the spare slot, which is the one in force from then on. */
export function keepSettings(bytes: Uint8Array, settings: Settings): 0 | 1 {
  const view = viewOf(bytes);
  const old = slotInForce(bytes);
  const slot = old === 0 ? 1 : 0;
  const sequence = old === 2 ? 1 : view.getUint16(SLOTS[old] + 1, true) + 1;
  const at = SLOTS[slot];
  bytes[at] = VERSION;
  view.setUint16(at + 1, sequence & 0xffff, true);
  for (const [n, channel] of settings.channels.entries()) {
    view.setInt32(at + 3 + 10 * n, channel.gain, true);
    view.setInt16(at + 7 + 10 * n, channel.phase_mdeg, true);
    view.setInt16(at + 9 + 10 * n, channel.offset_mw, true);
    view.setInt16(at + 11 + 10 * n, channel.offset_mvar, true);
    if (n > 0) view.setInt16(at + SLOPES_AT + 2 * (n - 1), channel.slope_mdeg, true);
  }
  bytes[at + CYCLES_AT] = settings.cycles;
  bytes[at + MASK_AT] = settings.mask;
  seal(bytes, at, BODY_BYTES[VERSION]!);
  return slot;
}

/** Writes the CRC-16 of a record behind it, least significant byte first. */
export function seal(bytes: Uint8Array, at: number, size: number): void {
  viewOf(bytes).setUint16(at + size, crcOf(bytes, at, size), true);
}

export function crcHolds(bytes: Uint8Array, at: number, size: number): boolean {
  return viewOf(bytes).getUint16(at + size, true) === crcOf(bytes, at, size);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function crcOf(bytes: Uint8Array, at: number, size: number): number {
  return crc16(String.fromCharCode(...bytes.subarray(at, at + size)));
}
