// The second board on a desk in this process and in simulated time: the peer, a line with a plug, and what the host has at its end.

import { type Loaded, loadFive } from "../../host/adapters/panel/johnny-five.js";
import { PanelBoard } from "../../host/adapters/panel/panel-board.js";
import type { Line } from "../../host/adapters/panel/serial-line.js";
import { Mono_ms, Utc_ms } from "../../host/ledger/units.js";
import type { Clock } from "../../host/ports/clock.js";
import { FirmataPeer } from "../../host/sim/firmata/peer.js";
import { WiredBoard } from "../../host/sim/firmata/wired-board.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";

/** Inputs whose pull-ups hold them high. */
const INPUTS = [2, 3, 4, 5, 6, 7];
const STEP_ms = 50;
/** The longest that an alarm of the host waits. */
const ALARM_ms = 500;
/** Loaded before time begins: here it takes no time. */
const LOADED = await loadFive();

export class Desk {
  readonly #time = new SimulatedClock(Date.UTC(2026, 5, 1, 10));
  /** How long the host stood still in all: no alarm rang meanwhile. */
  #stalled_ms = 0;
  readonly clock: Clock = {
    utc: () => Utc_ms(this.#time.utc() + this.#stalled_ms),
    mono: () => Mono_ms(this.#time.mono() + this.#stalled_ms),
    every: (period_ms, call) => this.#time.every(period_ms, call),
  };
  readonly peer: FirmataPeer;
  readonly wired: WiredBoard;
  plugged = true;
  loaded: Loaded = LOADED;
  /** What the line does to the bytes that the board sends. */
  onLine: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  /** Bytes wait here while the host does not listen. */
  #held: Uint8Array[] | null = null;
  /** Bytes of the host, on their way. */
  readonly #sent: Uint8Array[] = [];
  #listener: ((bytes: Uint8Array) => void) | null = null;
  #over: (reason: string) => void = () => {};

  constructor(minor = 4) {
    this.peer = new FirmataPeer({ major: 2, minor });
    const lamps = { led: 17, arrowImport: 14, arrowExport: 15, relay: 16 };
    this.wired = new WiredBoard(this.peer, { lcd: null, columns: 16, rows: 2, lamps }, INPUTS);
    this.peer.onBytes = (bytes) => {
      if (!this.plugged) return;
      if (this.#held === null) this.#listener?.(this.onLine(bytes));
      else this.#held.push(bytes);
    };
  }

  /** A program that opens this board's port. */
  host(): PanelBoard {
    const missing = { code: "port-missing", reason: "there is no port", next: "plug it in" } as const;
    const open = async () => (this.plugged ? this.#line() : missing);
    return new PanelBoard("desk", this.clock, { open, load: async () => this.loaded });
  }

  /** Time goes on for all, and what was begun is done. */
  async run(ms: number): Promise<void> {
    for (const end = this.clock.mono() + ms; this.clock.mono() < end; ) {
      const now = Math.min(end, this.clock.mono() + STEP_ms);
      for (const bytes of this.#sent.splice(0)) this.peer.send(bytes);
      this.wired.runUntil(now);
      this.#time.runTo(now - this.#stalled_ms);
      // Opening a port and johnny-five's readiness are promises.
      if (now % 500 < STEP_ms) for (let k = 0; k < 5; k++) await new Promise(setImmediate);
    }
  }

  /** The host does something else for so long: the bytes wait, its alarms ring late and first, then all bytes come at once. */
  stall(ms: number): void {
    this.#held = [];
    this.wired.runUntil(this.clock.mono() + ms);
    const held = Buffer.concat(this.#held);
    this.#held = null;
    this.#stalled_ms += ms;
    this.#time.runTo(this.#time.mono() + ALARM_ms);
    this.#listener?.(held);
  }

  unplug(): void {
    this.plugged = false;
    this.#over("unplugged");
  }

  #line(): Line {
    return {
      listen: (bytes, over) => {
        this.#listener = bytes;
        this.#over = over;
      },
      send: (bytes, done) => {
        this.#sent.push(bytes);
        setImmediate(done);
      },
      vanished: () => null,
      close: async () => {
        this.#listener = null;
      },
    };
  }
}
