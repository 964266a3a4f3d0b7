// The fast board's EEPROM, byte for byte as the firmware lays it out (docs/spec/link.md, "Power cuts"): an image of it
// may be carried from one fidelity to the other. Written at once; torn writes are the executed board's business.
import { COUNTERS, U32 } from "./fast-counters.js";
import {
  crcHolds,
  keepSettings,
  readSettings,
  type Settings,
  type Slot,
  seal,
  slotInForce,
  viewOf,
} from "./settings-slot.js";

const PAGES = [144, 584] as const;
const SNAPSHOT_BYTES = 68;
const MARK_AT = 70;
const DELTAS_AT = 72;
const DELTAS = 184;
const MARK = 0x5a;
/** A delta says that a counter has passed the next multiple of this. */
const DELTA_mwh = 16_384;

export class FastStore {
  readonly base_mwh: Float64Array;
  readonly settings: Settings;
  slot: Slot;
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
    this.#view = viewOf(bytes);
    if (!crcHolds(bytes, 0, 4)) {
      this.#view.setUint32(0, newId || 1, true);
      seal(bytes, 0, 4);
    }
    this.id = this.#view.getUint32(0, true);
    const sequences = PAGES.map((at) => this.#pageSequence(at));
    const [first = -1, second = -1] = sequences;
    this.#page = second > first ? 1 : 0;
    this.#sequence = Math.max(first, second, 0);
    this.base_mwh = first < 0 && second < 0 ? new Float64Array(COUNTERS) : this.#restored();
    this.slot = slotInForce(bytes);
    this.settings = readSettings(bytes, this.slot);
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
    const slot = keepSettings(this.bytes, settings);
    this.slot = slot;
    return slot;
  }

  #snapshot(mwh: Float64Array): void {
    this.#sequence++;
    this.#page ^= 1;
    this.#index = 0;
    const at = PAGES[this.#page]!;
    this.bytes.fill(0xff, at + DELTAS_AT, at + 440);
    this.#view.setUint32(at, this.#sequence, true);
    for (let k = 0; k < COUNTERS; k++) this.#view.setUint32(at + 4 + 4 * k, mwh[k]! % U32, true);
    seal(this.bytes, at, SNAPSHOT_BYTES);
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
    return marked && crcHolds(this.bytes, at, SNAPSHOT_BYTES) ? sequence : -1;
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
