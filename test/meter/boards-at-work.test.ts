// Three phases on three boards of their own, at work in a meter: what a clock that is set does to what some of them have told already.

import { describe, expect, test } from "vitest";
import { registers_wh } from "../../host/ledger/ledger.js";
import { Board_ms, cumulativeFromWh, Utc_ms } from "../../host/ledger/units.js";
import { Meter } from "../../host/meter/meter.js";
import { notBelow } from "../../host/meter/placing.js";
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
    const what = { protocol: "1", firmware: "f", build: "b", kinds: ["v", "ct"], capabilities: [], span_mwh: 2 ** 32 };
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

  /** Each board measures its own voltage, V. */
  power(phase: 0 | 1 | 2, voltage: number): void {
    const power = { frequency_mhz: 50_000, voltage_mv: voltage * 1_000, channels: [] };
    this.boards[phase]?.tell({ kind: "power", arrived: this.clock.mono(), power });
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

test("a sag of one phase is told although the other boards tell of theirs in between; a board that falls silent is unknown", () => {
  const house = new House().arrive();
  const alerts: string[] = [];
  house.meter?.watch((notice) => void (notice.kind === "alert" && alerts.push(notice.text)));
  const volts = () => house.meter?.view().ledgers.get("grid")?.esme?.live.powerImportCollection.voltages;
  for (let second = 1; second <= 10; second++) {
    house.clock.runTo(second * 1_000);
    for (const phase of PHASES) {
      house.clock.runTo(second * 1_000 + phase * 100);
      if (phase !== 2 || second < 5) house.power(phase, phase === 1 && second > 3 ? 200 : 230);
    }
  }
  expect(alerts.filter((text) => text.includes("phase 2") && text.includes("200.0 V"))).toHaveLength(1);
  expect(volts()).toEqual([2_300, 2_000, null]);
});

test("a voltage that cannot be is a fault of the board, and no voltage", () => {
  const house = new House().arrive();
  house.power(0, 4_000_000);
  expect(house.meter?.view().ledgers.get("grid")?.esme?.live.powerImportCollection.voltages).toEqual([
    null,
    null,
    null,
  ]);
});

test("a remembered sum of phases far above where their boot began stays what it is", () => {
  const span_wh = 2 ** 32 / 1_000;
  const zero = cumulativeFromWh(0);
  const counters = [cumulativeFromWh(2.5 * span_wh), zero, null, null] as const;
  const base = [cumulativeFromWh(0.5 * span_wh + 900_000), zero, null, null] as const;
  expect(notBelow({ counters, base }, null, 3).counters).toEqual(counters);
});
