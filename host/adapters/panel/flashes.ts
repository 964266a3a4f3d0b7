// The metrology LED: a flash for each whole Wh that a register passes, 40 ms on and at least 40 ms off, spread over the second.

import type { Clock } from "../../ports/clock.js";

const STEP_ms = 40;
/** Steps of a second, an on and an off for each flash. */
const STEPS = 25;
const MOST_A_SECOND = Math.floor(STEPS / 2);
const REGISTER_SPAN_wh = 2 ** 32;

export class Flashes {
  #registers: readonly number[] | null = null;
  #due = 0;
  /** Steps until the next flash, and between flashes. */
  #wait = 0;
  #every = 0;
  #on = false;
  #stop: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly light: (on: boolean) => void,
  ) {}

  /** The registers now, whole Wh; once a second. */
  registers(...now_wh: readonly number[]): void {
    const before = this.#registers;
    this.#registers = now_wh;
    if (before === null) return;
    const passed = now_wh.map((wh, k) => (wh - (before[k] ?? wh) + REGISTER_SPAN_wh) % REGISTER_SPAN_wh);
    const flashes = passed.reduce((sum, wh) => sum + wh, 0);
    // What one second cannot show is no light of this second's energy: a register was set, or the board was away.
    if (flashes === 0 || flashes > MOST_A_SECOND) return;
    this.#due = Math.min(this.#due + flashes, MOST_A_SECOND);
    this.#every = Math.max(2, Math.floor(STEPS / this.#due));
    this.#stop ??= this.clock.every(STEP_ms, () => this.#step());
  }

  /** Dark, and nothing due. */
  end(): void {
    this.#stop?.();
    this.#stop = null;
    this.#registers = null;
    this.#due = 0;
    this.#wait = 0;
    if (this.#on) this.light(false);
    this.#on = false;
  }

  #step(): void {
    if (this.#on) {
      this.#on = false;
      this.light(false);
    } else if (this.#due > 0 && this.#wait <= 0) {
      this.#due--;
      this.#wait = this.#every;
      this.#on = true;
      this.light(true);
    }
    this.#wait--;
    if (this.#on || this.#due > 0 || this.#wait > 0) return;
    this.#stop?.();
    this.#stop = null;
  }
}
