// Real time for the far end of a line: gives it what arrives, and wakes it when something is due, never early.

import type { WireEnd } from "./wire-end.js";

/** A wake-up before this is as good as in time. */
const EARLY_ms = 0.05;

export class Pacer {
  #timer: NodeJS.Timeout | null = null;

  /** `now_ms`: the time since the start; `speed`: how much faster it runs than the wall clock. */
  constructor(
    private readonly end: WireEnd,
    private readonly now_ms: () => number,
    private readonly speed = 1,
  ) {}

  /** Bytes that arrived just now, or a moment ago. */
  arrived(bytes: Uint8Array, at_ms = this.now_ms()): void {
    this.end.receive(bytes, at_ms);
    this.#work();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #work(): void {
    this.stop();
    this.end.run(this.now_ms() + EARLY_ms);
    const due_ms = this.end.due();
    if (due_ms === null) return;
    this.#timer = setTimeout(() => this.#work(), Math.max(0, (due_ms - this.now_ms()) / this.speed));
  }
}
