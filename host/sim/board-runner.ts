// A simulated board paced to the wall clock on a line: what lives in the board process, or in-process where there is no
// pty. A slice every 10 ms: bytes in, the board lives up to now, bytes out, truth and EEPROM to their files.
import { renameSync, writeFileSync } from "node:fs";
import type { SimulatedBoard } from "./board.js";
import { type BoardOptions, buildBoard } from "./board-options.js";
import type { Eeprom } from "./eeprom.js";
import { ExecutedBoard } from "./executed-board.js";
import type { DeviceLine } from "./line.js";
import { Noise } from "./noise.js";
import type { SimFault } from "./scenario.js";
import type { TrueEnergies, Truth } from "./truth.js";
import { TruthFile } from "./truth-file.js";

/** utc = anchorUtc + (wall - anchorWall) * speed, milliseconds since 1970. */
export interface SimClock {
  readonly anchorWall_ms: number;
  readonly anchorUtc_ms: number;
  readonly speed: number;
}

export interface TruthAt {
  /** True seconds since the start, and the simulated UTC of that moment. */
  readonly at_s: number;
  readonly utc_ms: number;
  /** Clamps 1, 2, 3 and the sum. */
  readonly energies: TrueEnergies;
}

export interface BoardStatus {
  /** True seconds the board has lived. */
  readonly time_s: number;
  readonly utc_ms: number;
  /** True seconds the board is behind its clock; large only where the machine is too slow for the speed. */
  readonly lag_s: number;
  readonly cycles: number;
  /** Flashes of the metrology LED; 0 in the fast fidelity. */
  readonly pulses: number;
  readonly powered: boolean;
  readonly paused: boolean;
  readonly corrupted: number;
}

const SLICE_ms = 10;
/** Work in a slice before the line gets its turn. */
const BUSY_ms = 9;
/** True seconds between looks at the wall clock while working: executed, fast. */
const STEP_s = { executed: 0.01, fast: 1 };
/** Above this speed a host cannot be late for bytes: they wait for it, up to BACKLOG; below, they are lost as on a wire. */
const WAITS_ABOVE_speed = 20;
const BACKLOG = 32_768;
/** A host that takes nothing for this long is not there. */
const ABSENT_ms = 1000;

export class BoardRunner {
  readonly clock: SimClock;
  readonly #truth: Truth;
  readonly #truthFile: TruthFile | null;
  readonly #noise: Noise;
  readonly #startUtc_ms: number;
  #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  #lastTaken_ms = 0;
  #paused = false;
  #savedWrites = 0;
  #savedImage = "";
  #timer: NodeJS.Timeout | null = null;

  private constructor(
    readonly board: SimulatedBoard,
    private readonly eeprom: Eeprom,
    private readonly options: BoardOptions,
    private readonly line: DeviceLine,
    now_ms: number,
  ) {
    this.clock = options.clock ?? {
      anchorWall_ms: now_ms,
      anchorUtc_ms: options.startUtc_ms ?? now_ms,
      speed: options.speed,
    };
    this.#startUtc_ms = startUtc_ms(options, now_ms);
    this.#truth = board.truth;
    this.#truthFile =
      options.truth === undefined ? null : new TruthFile(options.truth, this.#truth, this.#startUtc_ms / 1000);
    this.#noise = new Noise(options.corruption, options.seed);
    board.onBytes = (bytes) => {
      this.#unsent.push(bytes);
      this.#unsentBytes += bytes.length;
    };
  }

  /** A board on a line, at rest; `start` sets it going. */
  static build(options: BoardOptions, line: DeviceLine, now_ms = Date.now()): BoardRunner | SimFault {
    const built = buildBoard(options, startUtc_ms(options, now_ms) / 1000);
    if ("kind" in built) return built;
    return new BoardRunner(built.board, built.eeprom, options, line, now_ms);
  }

  start(): void {
    this.#timer = setInterval(() => this.slice(Date.now()), SLICE_ms);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#truthFile?.close();
    this.#saveEeprom();
    this.line.close();
  }

  pause(): void {
    this.#paused = true;
  }

  /** Goes on; the board then hurries through the time it has missed. */
  resume(): void {
    this.#paused = false;
  }

  set corruption(rate: number) {
    this.#noise.rate = rate;
  }

  /** Simulated UTC by the wall clock, ms since 1970. */
  utc_ms(now_ms = Date.now()): number {
    return this.clock.anchorUtc_ms + (now_ms - this.clock.anchorWall_ms) * this.clock.speed;
  }

  status(now_ms = Date.now()): BoardStatus {
    const { board } = this;
    const utc_ms = this.utc_ms(now_ms);
    return {
      time_s: board.time_s,
      utc_ms,
      lag_s: (utc_ms - this.#startUtc_ms) / 1000 - board.time_s,
      cycles: board.cycles,
      pulses: board instanceof ExecutedBoard ? board.pulses : 0,
      powered: board.powered,
      paused: this.#paused,
      corrupted: this.#noise.corrupted,
    };
  }

  /** What had really flowed at a board time of one of its boots. */
  truthAtBoard(boot: number, t_ms: number): TruthAt | null {
    const at_s = this.board.boardTimeToTrue(boot, t_ms);
    return at_s === null ? null : this.truthAt(at_s);
  }

  /** What had really flowed at a true time, seconds since the start. */
  truthAt(at_s: number): TruthAt | null {
    const energies = this.#truth.at(at_s);
    return energies === null ? null : { at_s, utc_ms: this.#startUtc_ms + at_s * 1000, energies };
  }

  truthAtUtc(utc_ms: number): TruthAt | null {
    return this.truthAt((utc_ms - this.#startUtc_ms) / 1000);
  }

  /** One turn of the loop: the board lives up to `now_ms` of the wall clock, or as far as the slice allows. */
  slice(now_ms: number): void {
    const arrived = this.line.read();
    if (this.#paused) return;
    if (arrived.length > 0) this.board.send(this.#noise.pass(arrived));
    const until_s = (this.utc_ms(now_ms) - this.#startUtc_ms) / 1000;
    const step_s = STEP_s[this.options.fidelity];
    const began_ms = performance.now();
    this.#send(now_ms);
    while (this.board.time_s < until_s && this.#unsentBytes < BACKLOG && performance.now() - began_ms < BUSY_ms) {
      this.board.runUntil(Math.min(until_s, this.board.time_s + step_s));
      this.#send(now_ms);
    }
    this.#truthFile?.follow();
    this.#saveEeprom();
  }

  #send(now_ms: number): void {
    if (this.#unsentBytes === 0) return;
    const bytes = Buffer.concat(this.#unsent);
    const taken = this.line.write(this.#noise.pass(bytes));
    if (taken > 0) this.#lastTaken_ms = now_ms;
    const waits = this.clock.speed > WAITS_ABOVE_speed && now_ms - this.#lastTaken_ms < ABSENT_ms;
    this.#unsent = waits && taken < bytes.length ? [bytes.subarray(taken)] : [];
    this.#unsentBytes = this.#unsent[0]?.length ?? 0;
  }

  /** Whenever it has changed: a board that is killed must find it as it was. */
  #saveEeprom(): void {
    const { eeprom } = this.options;
    if (eeprom === undefined) return;
    if (this.options.fidelity === "executed") {
      if (this.eeprom.writes === this.#savedWrites && this.#savedImage !== "") return;
      this.#savedWrites = this.eeprom.writes;
    }
    const image = Buffer.from(this.board.eeprom).toString("latin1");
    if (image === this.#savedImage) return;
    this.#savedImage = image;
    writeFileSync(`${eeprom}.new`, image, "latin1");
    renameSync(`${eeprom}.new`, eeprom);
  }
}

function startUtc_ms(options: BoardOptions, now_ms: number): number {
  const { clock, startUtc_ms } = options;
  if (startUtc_ms !== undefined) return startUtc_ms;
  return clock === undefined ? now_ms : clock.anchorUtc_ms + (now_ms - clock.anchorWall_ms) * clock.speed;
}
