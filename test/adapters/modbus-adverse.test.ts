// Meters that say too little or the same for ever: nothing they counted is lost, and none of it is made up.

import { describe, expect, test } from "vitest";
import { registers_wh } from "../../host/ledger/ledger.js";
import dds238 from "../../host/models/meters/dds238-2.js";
import inverter from "../../host/models/meters/sunspec-101.js";
import type { Model } from "../../host/models/model.js";
import { rowsOf } from "../../host/models/rows.js";
import { TEST_METER } from "../models/table.js";
import { Bench, settled } from "./modbus-bench.js";

const wh = (uwh: number) => uwh / 1e6;

describe("an inverter that says 0 of what it has counted while it is asleep", () => {
  test("is not reset every night: nothing is known meanwhile, and what it made before and after is one count", async () => {
    const start = { import_uwh: 5_000e6, export_uwh: 5_000e6 };
    const bench = await new Bench({
      meters: [{ model: inverter, load: () => ({ active_w: 3_600 }), meter: { start } }],
      booked: true,
    }).start();
    await bench.run(60);
    const { simulated, events } = bench.of();
    const awake = simulated.truth(bench.clock.mono());
    // What flows in the sleep of this one is what it makes before its counter comes back.
    simulated.showsAt(bench.clock.mono(), { import_uwh: -1e12, export_uwh: -1e12 });
    await bench.run(120);
    expect(bench.ledger().last?.counters[0]).toBeGreaterThan(5_000e6);
    expect(events.filter((event) => event.kind === "fault").map(({ fault }) => fault)).toContain("no-energy");
    simulated.showsAt(bench.clock.mono(), awake);
    await bench.run(60);
    expect(bench.logged()).toEqual(["baseline"]);
    const truth = simulated.truth(bench.clock.mono());
    expect(Math.abs((registers_wh(bench.ledger())[0] ?? 0) - wh(truth.import_uwh - start.import_uwh))).toBeLessThan(3);
  });

  test("and one that never counted anything is met at 0", async () => {
    const bench = await new Bench({ meters: [{ model: inverter, load: () => ({ active_w: 0 }) }] }).start();
    await bench.run(10);
    expect(bench.of().source.refusal).toBeNull();
    expect(bench.counters().at(-1)?.import_mwh).toBe(0);
  });
});

test("a new DDS238 of the first edition, whose counters stand elsewhere, is found out when it has counted something", async () => {
  const { u32 } = rowsOf({ function: 3, order: "high-first" });
  const first: Model = {
    ...dds238,
    points: {
      ...dds238.points,
      exportActiveEnergy: u32(0x0004, "kWh", { scale: 0.01 }),
      importActiveEnergy: u32(0x0006, "kWh", { scale: 0.01 }),
      // Where the second edition has its counters this one has zeros.
      exportReactiveEnergy: u32(0x0008, "kvarh", { scale: 0.01 }),
      importReactiveEnergy: u32(0x000a, "kvarh", { scale: 0.01 }),
    },
  };
  const load = () => ({ active_w: 3_600 });
  const bench = await new Bench({ meters: [{ model: first, readAs: dds238, load }], booked: true }).start();
  await bench.run(600);
  expect(bench.logged()).toEqual(["baseline"]);
  const truth_wh = wh(bench.of().simulated.truth(bench.clock.mono()).import_uwh);
  expect(Math.abs((registers_wh(bench.ledger())[0] ?? 0) - truth_wh)).toBeLessThan(11);
});

describe("a meter that does not know its reactive energy any more", () => {
  test("goes on being metered; what it counted meanwhile comes when it knows it again", async () => {
    const { i64 } = rowsOf({ function: 3, order: "high-first" });
    const reactive: Model = {
      ...TEST_METER,
      points: {
        ...TEST_METER.points,
        importReactiveEnergy: i64(0x60, "varh", { absent: "zero" }),
        exportReactiveEnergy: i64(0x64, "varh", { absent: "zero" }),
      },
    };
    const start = { import_uwh: 5_000e6, import_uvarh: 700e6, export_uvarh: 300e6 };
    const load = () => ({ active_w: 3_600, reactive_var: 3_600 });
    const bench = await new Bench({ meters: [{ model: reactive, load, meter: { start } }], booked: true }).start();
    await bench.run(60);
    const { simulated } = bench.of();
    const known = simulated.truth(bench.clock.mono());
    simulated.showsAt(bench.clock.mono(), { import_uvarh: -1e12 });
    await bench.run(60);
    expect(registers_wh(bench.ledger())[0]).toBeGreaterThanOrEqual(117);
    simulated.showsAt(bench.clock.mono(), { import_uvarh: known.import_uvarh + 60e6 });
    await bench.run(60);
    expect(bench.logged()).toEqual(["baseline"]);
    const [imported = 0, , importedReactive = 0] = registers_wh(bench.ledger());
    expect(Math.abs(imported - 179)).toBeLessThan(3);
    expect(Math.abs(importedReactive - 179)).toBeLessThan(3);
  });
});

test("one that is met and then refuses every round is asked ever more seldom, not for ever at once", async () => {
  const { i64 } = rowsOf({ function: 3, order: "high-first" });
  // First contact asks for the total too: its question is another than a round's.
  const model: Model = { ...TEST_METER, points: { ...TEST_METER.points, totalActiveEnergy: i64(0x30, "Wh") } };
  const bench = await new Bench({ meters: [{ model, load: () => ({ active_w: 1_000 }) }] }).start();
  const { slave, events } = bench.of();
  const honest = slave.meter.answer.bind(slave.meter);
  slave.meter.answer = (question, at_ms) =>
    question[4] === 14 ? Uint8Array.of((question[0] ?? 0) | 0x80, 2) : honest(question, at_ms);
  await bench.run(600);
  expect(bench.reports()).toEqual([]);
  const lost = events.filter(({ kind }) => kind === "lost").length;
  expect(lost).toBeGreaterThan(10);
  expect(lost).toBeLessThan(30);
});

describe("on a bus with dead meters", () => {
  /** The line opens anew by promises. */
  const passing = async (bench: Bench, seconds: number) => {
    for (let s = 0; s < seconds; s++) {
      await bench.run(1);
      await settled();
    }
  };
  const living = (every_ms: number) => ({ model: TEST_METER, every_ms });
  const dead = { model: TEST_METER, faults: { silent: 1 } };

  test("twelve of them cost the living two seconds and a half now and then, and are found when they live again", async () => {
    const bench = new Bench({ meters: [...Array.from({ length: 12 }, () => dead), living(1_000), living(1_000)] });
    await passing(await bench.start(), 300);
    for (const k of [12, 13]) {
      const times = bench.reports(k).map(({ arrived }) => arrived);
      expect(times.length).toBeGreaterThan(80);
      expect(Math.max(...times.slice(1).map((at, n) => at - (times[n] ?? 0)))).toBeLessThan(5_000);
      expect(bench.kinds(k)).not.toContain("lost");
    }
    for (let k = 0; k < 12; k++) bench.of(k).slave.faults = {};
    await passing(bench, 60);
    for (let k = 0; k < 12; k++) expect(bench.of(k).source.refusal).toBeNull();
  });

  test("one is asked again even where the others are always due", async () => {
    const bench = new Bench({ meters: [...Array.from({ length: 8 }, () => living(100)), dead] });
    await passing(await bench.start(), 120);
    bench.of(8).slave.faults = {};
    await passing(bench, 60);
    expect(bench.reports(8).length).toBeGreaterThan(20);
  });
});

test("of meters that are read once a minute, one answer each that does not come is no deaf line", async () => {
  const meters = [0, 1].map(() => ({ model: TEST_METER, every_ms: 60_000 }));
  const bench = await new Bench({ meters }).start();
  await bench.run(200);
  for (const k of [0, 1]) bench.of(k).slave.faults = { silent: 1 };
  await bench.run(60);
  for (const k of [0, 1]) bench.of(k).slave.faults = {};
  await bench.run(200);
  for (const k of [0, 1]) expect(bench.kinds(k)).not.toContain("lost");
});
