// A line to simulated meters within this process, on whatever clock it is given: what an adapter opens in place of a port.

import type { Clock } from "../../ports/clock.js";
import type { OpenLine, WireEars } from "../../ports/wire-line.js";
import type { WireEnd } from "./wire-end.js";

export class SimulatedLine {
  /** Whether it can be opened. */
  plugged = true;
  #ears: WireEars | null = null;
  #wake: (() => void) | null = null;
  #wakes_ms = 0;

  /** `origin_ms`: what the clock shows at the meters' time 0. */
  constructor(
    private readonly clock: Clock,
    private readonly end: WireEnd,
    private readonly origin_ms = 0,
  ) {
    end.hear = (bytes) => this.#ears?.bytes(bytes);
  }

  readonly open: OpenLine = async (ears) => {
    const missing = { code: "port-missing", reason: "the simulated line is unplugged", next: "plug it in again" };
    if (!this.plugged) return { ok: false, ...missing };
    if (this.#ears !== null)
      return { ok: false, code: "port-busy", reason: "the simulated line is open already", next: "close it first" };
    this.#ears = ears;
    return {
      ok: true,
      write: (bytes) => {
        if (this.#ears !== ears) return;
        this.end.receive(bytes, this.#now_ms());
        this.#arm();
      },
      close: async () => {
        if (this.#ears === ears) this.#ears = null;
      },
    };
  };

  /** The port is gone, as when a USB plug is pulled; set `plugged` to plug it in again. */
  unplug(): void {
    const ears = this.#ears;
    this.plugged = false;
    this.#ears = null;
    ears?.gone("the simulated line was unplugged");
  }

  #now_ms(): number {
    return this.clock.mono() - this.origin_ms;
  }

  #arm(): void {
    const due_ms = this.end.due();
    if (this.#wake !== null && due_ms === this.#wakes_ms) return;
    this.#wake?.();
    this.#wake = null;
    if (due_ms === null) return;
    this.#wakes_ms = due_ms;
    const wake = this.clock.every(Math.max(0, due_ms - this.#now_ms()), () => {
      wake();
      this.#wake = null;
      // Rounded sums: the clock may stand a hair before what it was asked for.
      this.end.run(Math.max(due_ms, this.#now_ms()));
      this.#arm();
    });
    this.#wake = wake;
  }
}
