// The fast board's EEPROM, byte for byte as the firmware lays it out (docs/spec/link.md, "Power cuts"): an image of it
// may be carried from one fidelity to the other. Written at once; torn writes are the executed board's business.
import { crc16 } from "../wire/board/crc16.js";
import type { ChannelCalibration } from "../wire/board/messages.js";
import { COUNTERS, U32 } from "./fast-counters.js";

export interface Settings {
  readonly channels: readonly ChannelCalibration[];
  /** Mains cycles of a window, 1..50. */
  readonly cycles: number;
  /** Clamp set of the sum, 1..7. */
  readonly mask: number;
}

const SLOTS = [16, 80] as const;
const PAGES = [144, 584] as const;
const SETTINGS_BYTES = 45;
const SNAPSHOT_BYTES = 68;
const MARK_AT = 70;
const DELTAS_AT = 72;
const DELTAS = 184;
const MARK = 0x5a;
const VERSION = 1;
/** A delta says that a counter has passed the next multiple of this. */
const DELTA_mwh = 16_384;

export const DEFAULT_SETTINGS: Settings = {
  channels: ([0, 1, 2, 3] as const).map((channel) => ({
    channel,
    gain: channel === 0 ? 800_000 : 295_928,
    phase_mdeg: 0,
    offset_mw: 0,
    offset_mvar: 0,
  })),
  cycles: 10,
  mask: 7,
};

export class FastStore {
  readonly base_mwh: Float64Array;
  readonly settings: Settings;
  /** The slot of the settings in force, 2 = none, the defaults. */
  slot: 0 | 1 | 2;
  /** Snapshots and deltas written since boot. */
  records = 0;
  /** The sequence of this boot's first page: the boot's number. */
  readonly boot: number;
  readonly id: number;
  #sequence: number;
  #page: number;
  #index = 0;
  readonly #told = new Float64Array(COUNTERS);
  readonly #view: DataView;

  /** Boots from `bytes`, which are kept and written in place; `newId` becomes the id of a blank one. */
  constructor(
    private readonly bytes: Uint8Array,
    newId: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!this.#crcHolds(0, 4)) this.#seal(0, 4, () => this.#view.setUint32(0, newId || 1, true));
    this.id = this.#view.getUint32(0, true);
    const sequences = PAGES.map((at) => this.#pageSequence(at));
    const [first = -1, second = -1] = sequences;
    this.#page = second > first ? 1 : 0;
    this.#sequence = Math.max(first, second, 0);
    this.base_mwh = first < 0 && second < 0 ? new Float64Array(COUNTERS) : this.#restored();
    this.slot = this.#newestSlot();
    this.settings = this.slot === 2 ? DEFAULT_SETTINGS : this.#readSettings(SLOTS[this.slot]);
    this.#snapshot(this.base_mwh);
    this.boot = this.#sequence;
  }

  /** Writes what of the counters has gone on; once a second is often enough. */
  follow(mwh: Float64Array): void {
    for (let k = 0; k < COUNTERS; k++) {
      for (let steps = Math.floor(mwh[k]! / DELTA_mwh); this.#told[k]! < steps; ) {
        if (this.#index === DELTAS) {
          this.#snapshot(mwh);
          return;
        }
        this.#delta(k);
      }
    }
  }

  /** Keeps settings in the spare slot, which becomes the one in force. */
  keep(settings: Settings): 0 | 1 {
    const spare = this.slot === 0 ? 1 : 0;
    const sequence = this.slot === 2 ? 1 : this.#view.getUint16(SLOTS[this.slot] + 1, true) + 1;
    const at = SLOTS[spare];
    this.#seal(at, SETTINGS_BYTES, () => {
      this.bytes[at] = VERSION;
      this.#view.setUint16(at + 1, sequence & 0xffff, true);
      for (const [n, channel] of settings.channels.entries()) {
        this.#view.setInt32(at + 3 + 10 * n, channel.gain, true);
        this.#view.setInt16(at + 7 + 10 * n, channel.phase_mdeg, true);
        this.#view.setInt16(at + 9 + 10 * n, channel.offset_mw, true);
        this.#view.setInt16(at + 11 + 10 * n, channel.offset_mvar, true);
      }
      this.bytes[at + 43] = settings.cycles;
      this.bytes[at + 44] = settings.mask;
    });
    this.slot = spare;
    return spare;
  }

  #snapshot(mwh: Float64Array): void {
    this.#sequence++;
    this.#page ^= 1;
    this.#index = 0;
    const at = PAGES[this.#page]!;
    this.bytes.fill(0xff, at + DELTAS_AT, at + 440);
    this.#seal(at, SNAPSHOT_BYTES, () => {
      this.#view.setUint32(at, this.#sequence, true);
      for (let k = 0; k < COUNTERS; k++) this.#view.setUint32(at + 4 + 4 * k, mwh[k]! % U32, true);
    });
    this.bytes[at + MARK_AT] = (this.#sequence & 0xff) ^ MARK;
    for (let k = 0; k < COUNTERS; k++) this.#told[k] = Math.floor(mwh[k]! / DELTA_mwh);
    this.records++;
  }

  #delta(k: number): void {
    const at = PAGES[this.#page]! + DELTAS_AT + 2 * this.#index;
    const head = deltaHead(this.#sequence, k);
    this.bytes[at] = head;
    this.bytes[at + 1] = deltaCheck(this.#sequence, this.#index, head);
    this.#index++;
    this.#told[k]!++;
    this.records++;
  }

  /** The sequence of a page that is whole, else -1. */
  #pageSequence(at: number): number {
    const sequence = this.#view.getUint32(at, true);
    const marked = this.bytes[at + MARK_AT] === ((sequence & 0xff) ^ MARK);
    return marked && this.#crcHolds(at, SNAPSHOT_BYTES) ? sequence : -1;
  }

  #restored(): Float64Array {
    const at = PAGES[this.#page]!;
    const mwh = Float64Array.from({ length: COUNTERS }, (_, k) => this.#view.getUint32(at + 4 + 4 * k, true));
    for (let index = 0; index < DELTAS; index++) {
      const head = this.bytes[at + DELTAS_AT + 2 * index]!;
      const check = this.bytes[at + DELTAS_AT + 2 * index + 1];
      const k = head >> 4;
      if (head !== deltaHead(this.#sequence, k) || check !== deltaCheck(this.#sequence, index, head)) break;
      mwh[k] = (Math.floor(mwh[k]! / DELTA_mwh) + 1) * DELTA_mwh;
    }
    return mwh;
  }

  #newestSlot(): 0 | 1 | 2 {
    const valid = SLOTS.map((at) => this.bytes[at] === VERSION && this.#crcHolds(at, SETTINGS_BYTES));
    if (!valid[0] && !valid[1]) return 2;
    if (!valid[0] || !valid[1]) return valid[0] ? 0 : 1;
    const ahead = this.#view.getUint16(SLOTS[0] + 1, true) - this.#view.getUint16(SLOTS[1] + 1, true);
    return (ahead << 16) >> 16 > 0 ? 0 : 1;
  }

  #readSettings(at: number): Settings {
    const channels = ([0, 1, 2, 3] as const).map((channel) => ({
      channel,
      gain: this.#view.getInt32(at + 3 + 10 * channel, true),
      phase_mdeg: this.#view.getInt16(at + 7 + 10 * channel, true),
      offset_mw: this.#view.getInt16(at + 9 + 10 * channel, true),
      offset_mvar: this.#view.getInt16(at + 11 + 10 * channel, true),
    }));
    return { channels, cycles: this.bytes[at + 43]!, mask: this.bytes[at + 44]! };
  }

  /** Writes a record and the CRC-16 behind it. */
  #seal(at: number, size: number, write: () => void): void {
    write();
    this.#view.setUint16(at + size, this.#crc(at, size), true);
  }

  #crcHolds(at: number, size: number): boolean {
    return this.#view.getUint16(at + size, true) === this.#crc(at, size);
  }

  #crc(at: number, size: number): number {
    return crc16(String.fromCharCode(...this.bytes.subarray(at, at + size)));
  }
}

function deltaHead(sequence: number, k: number): number {
  return (k << 4) | ((Math.floor(sequence / 2) & 7) << 1);
}

function deltaCheck(sequence: number, index: number, head: number): number {
  return [head, index, sequence & 0xff].reduce((crc, byte) => crc8(crc ^ byte), 0);
}

/** One byte through CRC-8, polynomial 0x07. */
function crc8(value: number): number {
  let crc = value;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  return crc;
}
