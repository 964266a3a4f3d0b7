// A board in its house, a meter and simulated time in one process: nothing waits for a wall clock, the same seed gives the same day.

import { LineSource } from "../../host/adapters/board/line-source.js";
import type { Esme } from "../../host/ledger/esme.js";
import type { Notice } from "../../host/ledger/events.js";
import type { Ledger } from "../../host/ledger/ledger.js";
import type { Feed } from "../../host/meter/gathering.js";
import { Meter } from "../../host/meter/meter.js";
import type { MeterOptions } from "../../host/meter/options.js";
import type { OutMessage, Store, StoredLedger } from "../../host/ports/store.js";
import type { SimulatedBoard } from "../../host/sim/board.js";
import { type BoardOptionsInput, buildBoard, readBoardOptions } from "../../host/sim/board-options.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import type { TrueEnergies } from "../../host/sim/truth.js";

export const START_utc_ms = Date.UTC(2026, 5, 1, 10, 0, 0);
export const HOUSE: readonly Feed[] = [
  { name: "grid", role: "grid", channel: 1 },
  { name: "generation", role: "generation", channel: 2 },
  { name: "load", role: "load", channel: 3 },
];

/** A store that keeps the last commit in memory, as a disk would. */
export class MemoryStore implements Store {
  #ledgers: readonly StoredLedger[] = [];
  #rates: ReadonlyMap<string, number> = new Map();
  #outbox: OutMessage[] = [];
  readonly name = "workbench";
  commits = 0;
  /** A crashed host commits nothing any more. */
  crashed = false;

  load() {
    return this.#ledgers;
  }
  rates() {
    return this.#rates;
  }
  commit: Store["commit"] = (commit) => {
    if (this.crashed) return { ok: false, fault: "store-unwritable", reason: "crashed" };
    this.commits++;
    this.#ledgers = commit.ledgers.map(({ notices: _, ...one }) => one);
    this.#rates = commit.rates ?? this.#rates;
    this.#outbox.push(...commit.outbox);
    return { ok: true };
  };
  outbox(after: number, limit: number) {
    return this.#outbox.filter((message) => message.id > after).slice(0, limit);
  }
  nextOutId() {
    return (this.#outbox.at(-1)?.id ?? 0) + 1;
  }
  progress: Store["progress"] = () => null;
  acknowledge: Store["acknowledge"] = () => ({ ok: true });
  standing: Store["standing"] = () => ({ known: false, taken: 0, first: 1, next: this.nextOutId() });
  close() {}
}

export interface WorkbenchOptions {
  readonly board: BoardOptionsInput;
  readonly startUtc_ms?: number;
  readonly feeds?: readonly Feed[];
  /** What else the meter is made with. */
  readonly meter?: Partial<MeterOptions>;
  /** How finely bytes arrive, s. */
  readonly step_s?: number;
}

export class Workbench {
  readonly board: SimulatedBoard;
  readonly clock: SimulatedClock;
  readonly store = new MemoryStore();
  readonly notices: { readonly name: string; readonly notice: Notice }[] = [];
  readonly startUtc_ms: number;
  meter: Meter | null = null;
  /** What had really flowed at the first reading of the grid: registers count from there. */
  truthAtBaseline: TrueEnergies | null = null;
  /** Every byte from the board passes here before it arrives. */
  line: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  #source: LineSource | null = null;
  readonly #options: WorkbenchOptions;
  #time_s = 0;

  constructor(options: WorkbenchOptions) {
    this.#options = options;
    this.startUtc_ms = options.startUtc_ms ?? START_utc_ms;
    const complete = readBoardOptions(options.board);
    const built = "kind" in complete ? complete : buildBoard(complete, this.startUtc_ms / 1_000);
    if ("kind" in built) throw new Error(built.reason);
    this.board = built.board;
    this.clock = new SimulatedClock(this.startUtc_ms);
    this.board.onBytes = (bytes) => this.#source?.arrive(this.line(bytes));
  }

  /** Starts a meter on what the store holds: the host comes to life. */
  arrive(): this {
    const source = new LineSource((bytes) => this.board.send(bytes), this.clock);
    this.#source = source;
    const feeds = this.#options.feeds ?? HOUSE;
    this.meter = new Meter({
      clock: this.clock,
      store: this.store,
      inputs: [{ source, feeds, patience_ms: 12 * 3_600_000 }],
      hub: null,
      fuse_w: 75_900,
      commitEvery_ms: 10_000,
      ...this.#options.meter,
    });
    this.meter.watch((notice, name) => {
      this.notices.push({ name, notice });
      if (name === feeds[0]?.name && notice.kind === "event" && notice.code === "baseline")
        this.truthAtBaseline = this.truthAtLastReport();
    });
    this.meter.start();
    return this;
  }

  /** The host is switched off cleanly, or, with `crash`, loses what it had not committed. */
  async leave(crash = false): Promise<void> {
    this.store.crashed = crash;
    await this.meter?.stop();
    this.store.crashed = false;
    this.meter = null;
    this.#source = null;
  }

  /** Time goes on by so many true seconds. */
  run(for_s: number): this {
    const step_s = this.#options.step_s ?? (this.#options.board.fidelity === "fast" ? 0.25 : 0.02);
    const until_s = this.#time_s + for_s;
    while (this.#time_s < until_s - 1e-9) {
      this.#time_s = Math.min(until_s, this.#time_s + step_s);
      this.board.runUntil(this.#time_s);
      this.clock.runTo(this.#time_s * 1_000);
    }
    return this;
  }

  get time_s(): number {
    return this.#time_s;
  }

  ledger(name = "grid"): Ledger {
    const live =
      this.meter?.view().ledgers.get(name)?.ledger ?? this.store.load().find((one) => one.name === name)?.ledger;
    if (live === undefined) throw new Error(`no ledger ${name}`);
    return live;
  }

  /** The grid's meter. */
  esme(): Esme {
    const found = this.meter?.view().ledgers.get("grid")?.esme;
    if (found == null) throw new Error("the grid has no ESME");
    return found;
  }

  /** What had really flowed at the newest report booked. */
  truthAtLastReport(): TrueEnergies {
    const device = this.meter?.view().inputs[0]?.device;
    if (device?.kind !== "metering") throw new Error("no board is being metered");
    const at_s = this.board.boardTimeToTrue(device.identity.boot, device.board);
    // Board time is told in whole milliseconds: it may round to just after the last cycle that was lived.
    return this.truthAt(Math.min(at_s ?? Number.NaN, this.board.truth.end_s));
  }

  truthAt(time_s: number): TrueEnergies {
    const truth = this.board.truth.at(time_s);
    if (truth === null) throw new Error(`the truth at ${time_s} s is not known`);
    return truth;
  }
}
