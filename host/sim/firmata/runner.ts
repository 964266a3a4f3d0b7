// The second board on a line, paced to the wall clock or as fast as it goes: what lives in its own process, or in-process.

import type { DeviceLine } from "../line.js";
import type { WiredBoard } from "./wired-board.js";

const SLICE_ms = 10;
/** Work in a slice before the line gets its turn. */
const BUSY_ms = 9;
/** Bytes that wait for a line without room: beyond this its time stands still, as no wire's would. */
const BACKLOG = 16_384;

export class FirmataRunner {
  #running = false;
  #paused = false;
  #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  #began_ms = 0;
  #from_ms = 0;

  /** `speed` 0: as fast as it goes. */
  constructor(
    readonly board: WiredBoard,
    private readonly line: DeviceLine,
    private readonly speed: number,
    /** Simulated time between looks at the line. */
    private readonly step_ms: number,
  ) {
    board.device.onBytes = (bytes) => {
      this.#unsent.push(bytes);
      this.#unsentBytes += bytes.length;
    };
  }

  start(): void {
    this.#running = true;
    this.#anchor();
    this.#next();
  }

  stop(): void {
    this.#running = false;
    this.line.close();
  }

  /** Its time stands still, and so does its line. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#anchor();
  }

  #anchor(): void {
    this.#began_ms = performance.now();
    this.#from_ms = this.board.device.time_ms;
  }

  #next(): void {
    if (!this.#running) return;
    const again = () => {
      if (!this.#paused && this.#running) this.#slice();
      this.#next();
    };
    if (this.speed === 0 && !this.#paused) setImmediate(again);
    else setTimeout(again, SLICE_ms);
  }

  #slice(): void {
    const { device } = this.board;
    const began_ms = performance.now();
    const until_ms =
      this.speed === 0 ? Number.POSITIVE_INFINITY : this.#from_ms + (began_ms - this.#began_ms) * this.speed;
    this.#transfer();
    while (device.time_ms < until_ms && this.#unsentBytes < BACKLOG && performance.now() - began_ms < BUSY_ms) {
      this.board.runUntil(Math.min(until_ms, device.time_ms + this.step_ms));
      this.#transfer();
    }
  }

  #transfer(): void {
    const arrived = this.line.read();
    if (arrived.length > 0) this.board.device.send(arrived);
    if (this.#unsentBytes === 0) return;
    const bytes = Buffer.concat(this.#unsent);
    const rest = bytes.subarray(this.line.write(bytes));
    this.#unsent = rest.length > 0 ? [rest] : [];
    this.#unsentBytes = rest.length;
  }
}
