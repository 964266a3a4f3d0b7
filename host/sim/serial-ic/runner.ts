// A simulated metering IC on a line: time, bytes both ways, and the line's faults, from a seed. The line is a pseudo-terminal or one within
// the process.

import type { Clock } from "../../ports/clock.js";
import type { DeviceLine } from "../line.js";
import { Random } from "../random.js";
import type { SimulatedIc } from "./chip.js";

const STEP_ms = 20;

export class SerialIcRunner {
  /** The share of bytes of which bits are turned, each way. */
  damage = 0;
  /** A broken wire: nothing arrives either way. */
  silent = false;
  damaged = 0;
  readonly #random: Random;
  readonly #began_ms: number;
  readonly #stop: () => void;

  constructor(
    private readonly chip: SimulatedIc,
    private readonly line: DeviceLine,
    private readonly clock: Clock,
    seed: number,
  ) {
    this.#random = new Random(seed);
    this.#began_ms = clock.mono();
    this.#stop = clock.every(STEP_ms, () => this.#step());
  }

  stop(): void {
    this.#stop();
    this.line.close();
  }

  #step(): void {
    const heard = this.line.read();
    const unasked = this.chip.advance(this.clock.mono() - this.#began_ms);
    if (unasked.length > 0) this.#send(unasked);
    if (heard.length === 0 || this.silent) return;
    const answer = this.chip.hear(this.#through(heard));
    if (answer.length > 0) this.#send(answer);
  }

  #send(bytes: Uint8Array): void {
    if (!this.silent) this.line.write(this.#through(bytes));
  }

  #through(bytes: Uint8Array): Uint8Array {
    if (this.damage === 0) return bytes;
    return bytes.map((byte) => {
      if (this.#random.unit() >= this.damage) return byte;
      this.damaged++;
      return byte ^ (1 << (this.#random.bits() & 7));
    });
  }
}
