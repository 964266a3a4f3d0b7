// Three phases on three boards of their own, at work in a meter: what a clock that is set does to what some of them have told already.

import { describe, expect, test } from "vitest";
import { registers_wh } from "../../host/ledger/ledger.js";
import { Board_ms, Utc_ms } from "../../host/ledger/units.js";
import { Meter } from "../../host/meter/meter.js";
import type { Source, SourceEvent } from "../../host/ports/source.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import { MemoryStore } from "../proof/workbench.js";

const HOUR_ms = 3_600_000;
const PHASES = [0, 1, 2] as const;

/** A board that says what it is told to say. */
class Told implements Source {
  tell: (event: SourceEvent) => void = () => {};
  start(tell: (event: SourceEvent) => void) {
    this.tell = tell;
  }
  async stop() {}
  remember() {}
  setUtc() {}
}

/** Each phase imports 3,600 W: 1 Wh a second, 3 Wh together. */
class House {
  readonly clock = new SimulatedClock(Date.UTC(2026, 5, 1, 10));
  readonly store = new MemoryStore();
  boards: readonly Told[] = [];
  meter: Meter | null = null;
  second = 0;

  arrive(): this {
    this.boards = PHASES.map(() => new Told());
    this.meter = new Meter({
      clock: this.clock,
      store: this.store,
      inputs: this.boards.map((source, number) => ({
        source,
        feeds: [{ name: "grid", role: "grid" as const, channel: 1, phase: { number, of: 3 } }],
        patience_ms: 1_800_000,
      })),
      hub: null,
      fuse_w: 75_900,
      commitEvery_ms: 10_000,
    });
    this.meter.start();
    const what = { protocol: "1", firmware: "f", build: "b", kinds: ["v", "ct"], capabilities: [] };
    for (const [number, board] of this.boards.entries())
      board.tell({ kind: "found", arrived: this.clock.mono(), identity: { device: `b${number}`, boot: 1, ...what } });
    return this;
  }

  /** Every board tells once a second; at last `between` happens after the first of them has told, and the others tell a second later. */
  run(seconds: number, between?: () => void): this {
    for (const end = this.second + seconds; this.second < end; ) {
      this.second++;
      this.clock.runTo(this.second * 1_000);
      for (const phase of PHASES) {
        this.report(phase);
        if (between === undefined || phase !== 0 || this.second !== end) continue;
        between();
        this.second++;
        this.clock.runTo(this.second * 1_000);
      }
    }
    return this;
  }

  report(phase: 0 | 1 | 2): void {
    const nothing = { import_mwh: 0, export_mwh: 0, import_mvarh: 0, export_mvarh: 0 };
    const arrived = this.clock.mono();
    const counters = { ...nothing, import_mwh: this.second * 1_000 };
    const board = Board_ms(this.second * 1_000);
    this.boards[phase]?.tell({ kind: "report", arrived, board, boot: 1, channel: 1, counters, base: nothing });
  }

  async leave(): Promise<void> {
    await this.meter?.stop();
    this.second += 60;
    this.clock.runTo(this.second * 1_000);
  }

  get ledger() {
    const ledger = this.meter?.view().ledgers.get("grid")?.ledger;
    if (ledger === undefined) throw new Error("there is no grid");
    return ledger;
  }
}

describe("a clock set back by an hour", () => {
  test("while the meter was off does not silence the boards for that hour: every Wh is kept", async () => {
    const house = new House().arrive().run(120);
    const before_wh = registers_wh(house.ledger)[0];
    await house.leave();
    house.clock.setUtcBy(-HOUR_ms);
    house.arrive().run(120);
    expect(registers_wh(house.ledger)[0] - before_wh).toBe((60 + 120) * 3);
    expect(house.ledger.ignored.earlier).toBe(0);
  });

  test("between the report of one board and those of the others makes no reading of the old hour", () => {
    const house = new House().arrive();
    house.run(120, () => house.clock.setUtcBy(-HOUR_ms)).run(60);
    expect(house.ledger.last?.at).toBeLessThanOrEqual(house.clock.utc());
    expect(house.ledger.ignored.earlier).toBe(0);
    expect(registers_wh(house.ledger)[0]).toBeGreaterThanOrEqual(178 * 3);
    expect(Utc_ms(house.clock.utc() - (house.ledger.last?.at ?? 0))).toBeLessThan(3_000);
  });
});
