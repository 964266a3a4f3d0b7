// The fast board: speaks the same lines from the same house as the executed one, thousands of times faster than real
// time, because it reckons each netting window instead of sampling it. Semantics: docs/spec/link.md.
import type { ChannelCalibration } from "../wire/board/messages.js";
import type { SimulatedBoard } from "./board.js";
import { BoardClock, type ClockError } from "./board-clock.js";
import { U32 } from "./fast-counters.js";
import { FastSession } from "./fast-session.js";
import { FastStore } from "./fast-store.js";
import { FastWindows } from "./fast-windows.js";
import { FrontEnd, type FrontEndOptions } from "./front-end.js";
import type { World } from "./mains.js";
import { hashUnit } from "./random.js";
import type { Truth } from "./truth.js";

const CYCLES_PER_MS = 16_000;

export interface FastParts {
  readonly world: World;
  readonly frontEnd: FrontEndOptions;
  readonly clock: ClockError;
  readonly seed: number;
  /** Kept and written in place. */
  readonly eeprom: Uint8Array;
  /** Reports are sent only every so many board seconds, 1 or more; the counters do not mind. */
  readonly reportEvery_s: number;
}

interface Life {
  readonly boot: number;
  readonly start_cycles: number;
}

export class FastBoard implements SimulatedBoard {
  readonly cycles = 0;
  onBytes: (bytes: Uint8Array) => void = () => {};
  readonly #parts: FastParts;
  readonly #clock: BoardClock;
  readonly #frontEnd: FrontEnd;
  readonly #lives: Life[] = [];
  #session: FastSession | null = null;
  #powerOn_s = 0;
  #time_s = 0;

  constructor(parts: FastParts) {
    this.#parts = parts;
    this.#clock = new BoardClock(parts.clock);
    this.#frontEnd = new FrontEnd(parts.world, parts.frontEnd, parts.seed);
    this.#boot(1);
  }

  get truth(): Truth {
    return this.#parts.world.truth;
  }

  get time_s(): number {
    return this.#time_s;
  }

  get powered(): boolean {
    return this.#session !== null;
  }

  get eeprom(): Uint8Array {
    return this.#parts.eeprom;
  }

  send(bytes: Uint8Array): void {
    this.#session?.receive(bytes);
  }

  runUntil(time_s: number): void {
    const { world } = this.#parts;
    while (world.cycle.end_s <= time_s) {
      const end_s = world.cycle.end_s;
      if (this.#session === null && end_s > this.#powerOn_s) this.#boot(1);
      else if (this.#session !== null) {
        this.#session.live(world.cycle, this.#clock.cyclesAt(end_s));
        world.grain_cycles = this.#session.grain_cycles;
      }
      this.#time_s = end_s;
      world.next();
    }
    this.#time_s = Math.max(this.#time_s, time_s);
  }

  boardTimeToTrue(boot: number, t_ms: number): number | null {
    const life = this.#lives.findLast((one) => one.boot === boot);
    return life === undefined ? null : this.#clock.timeAt(life.start_cycles + t_ms * CYCLES_PER_MS);
  }

  powerCut(off_s: number): void {
    this.#session = null;
    this.#powerOn_s = this.#time_s + off_s;
  }

  reset(): void {
    if (this.#session !== null) this.#boot(2);
  }

  calibration(): readonly ChannelCalibration[] {
    return this.#frontEnd.calibration();
  }

  #boot(cause: number): void {
    const { eeprom, seed, frontEnd, world, reportEvery_s } = this.#parts;
    const store = new FastStore(eeprom, Math.floor(hashUnit(seed, 0xb0a2d) * U32));
    const start_cycles = this.#clock.cyclesAt(this.#time_s);
    this.#lives.push({ boot: store.boot, start_cycles });
    const windows = new FastWindows(this.#frontEnd, frontEnd, seed + store.boot);
    this.#session = new FastSession(store, windows, start_cycles, cause, reportEvery_s, (text) =>
      this.onBytes(Buffer.from(text, "latin1")),
    );
    world.grain_cycles = this.#session.grain_cycles;
  }
}
