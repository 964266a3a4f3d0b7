// Counters that fall, from the simulated meter's words to the registers of a real Meter: a glitch, an exchange, a reset, a wrap.

import { describe, expect, test } from "vitest";
import { registers_wh } from "../../host/ledger/ledger.js";
import sdm120 from "../../host/models/meters/sdm120.js";
import type { Model } from "../../host/models/model.js";
import { rowsOf } from "../../host/models/rows.js";
import type { Slave } from "../../host/sim/modbus/slave.js";
import { TEST_METER } from "../models/table.js";
import { Bench, type BenchMeter } from "./modbus-bench.js";

const BEFORE_WH = 25_567_548;
const AFTER_WH = 25_567_561;
const uwh = (wh: number) => wh * 1e6;

async function booked(meter: Partial<BenchMeter> & { readonly model: Model }): Promise<Bench> {
  const start = { import_uwh: uwh(BEFORE_WH) };
  const quiet = { load: () => ({ active_w: 0 }), meter: { start }, ...meter };
  return (await new Bench({ meters: [quiet], booked: true }).start()).run(10);
}

/** Every word reads 0 for a while. */
async function zeroes(bench: Bench, slave: Slave, for_s: number): Promise<void> {
  slave.faults = { zeroes: 1 };
  await bench.run(for_s);
  slave.faults = {};
}

function lasting(bench: Bench): readonly string[] {
  return bench.logged().filter((code) => code !== "baseline");
}

describe("25,567.548 kWh, then 0, then 25,567.561", () => {
  test.each([1, 5])("of a meter of whole Wh, 0 for %i s: 13 Wh flowed, one event", async (for_s) => {
    const bench = await booked({ model: TEST_METER });
    const { simulated, slave } = bench.of();
    simulated.showsAt(bench.clock.mono(), { import_uwh: uwh(AFTER_WH) });
    await zeroes(bench, slave, for_s);
    expect(bench.ledger().last?.counters[0]).toBe(uwh(BEFORE_WH));
    await bench.run(60);
    expect(lasting(bench)).toEqual(["glitch"]);
    expect(bench.ledger().cumulative[0]).toBe(uwh(13));
    expect(registers_wh(bench.ledger())).toEqual([13, 0, 0, 0]);
  });

  test("of a float32 meter of kWh: its steps are 1.95 Wh there, and 11.719 Wh of the 13 are to be seen", async () => {
    const bench = await booked({ model: sdm120 });
    const { simulated, slave } = bench.of();
    const told_mwh = bench.counters().at(-1)?.import_mwh ?? 0;
    expect(Math.abs(told_mwh - BEFORE_WH * 1_000)).toBeLessThan(1_954);
    simulated.showsAt(bench.clock.mono(), { import_uwh: uwh(AFTER_WH) });
    await zeroes(bench, slave, 1);
    await bench.run(60);
    expect(lasting(bench)).toEqual(["glitch"]);
    expect([11_718, 11_719, 13_672]).toContain((bench.ledger().cumulative[0] ?? 0) / 1_000);
  });

  test("with power flowing all the while: what flowed by the counter, and no more than a step beside it", async () => {
    const bench = await booked({ model: TEST_METER, load: () => ({ active_w: 3_600 }) });
    const { slave } = bench.of();
    await zeroes(bench, slave, 3);
    await bench.run(60);
    expect(lasting(bench)).toEqual(["glitch"]);
    // 73 s at 1 Wh a second, less the time to the first reading.
    expect(registers_wh(bench.ledger())[0]).toBeGreaterThanOrEqual(70);
    expect(registers_wh(bench.ledger())[0]).toBeLessThanOrEqual(73);
  });
});

describe("a meter exchanged for one that starts at 3 kWh", () => {
  test("is an exchange where the meters can say who they are, however long it took; nothing is lost and nothing made up", async () => {
    const other = { ...TEST_METER };
    const load = () => ({ active_w: 3_600 });
    const bench = await new Bench({
      meters: [
        { model: TEST_METER, load, meter: { start: { import_uwh: uwh(BEFORE_WH) } } },
        { model: other, load, meter: { start: { import_uwh: uwh(3_000) } } },
      ],
      booked: true,
    }).start();
    const [old, spare] = [bench.of(0).slave, bench.of(1).slave];
    await bench.of(1).source.stop();
    await bench.run(60);
    const before_wh = registers_wh(bench.ledger())[0];
    old.faults = { silent: 1 };
    await bench.run(3_600);
    // The spare one is screwed in where the old one was.
    Object.assign(spare, { address: old.address });
    Object.assign(old, { address: 99 });
    await bench.run(90);
    expect(lasting(bench).filter((code) => code !== "gap")).toEqual(["exchange"]);
    const after_wh = registers_wh(bench.ledger())[0] ?? 0;
    expect(after_wh - (before_wh ?? 0)).toBeGreaterThan(30);
    expect(after_wh - (before_wh ?? 0)).toBeLessThanOrEqual(90);
    expect(bench.ledger().last?.device).toBe("test-meter-30000002");
  });

  test("is an exchange where they cannot, as long as 3 kWh cannot have flowed since; later it is a reset, and books the same", async () => {
    for (const [away_s, code] of [
      [0, "exchange"],
      [3_600, "reset"],
    ] as const) {
      const bench = await booked({ model: { ...TEST_METER, serial: null } });
      const { simulated, slave } = bench.of();
      expect(bench.ledger().last?.device).toBe("test-meter@bench#1");
      if (away_s > 0) slave.faults = { silent: 1 };
      await bench.run(away_s);
      slave.faults = {};
      simulated.showsAt(bench.clock.mono(), { import_uwh: uwh(3_000) });
      await bench.run(60);
      expect(lasting(bench).filter((one) => one !== "gap")).toEqual([code]);
      expect(registers_wh(bench.ledger())).toEqual([0, 0, 0, 0]);
      expect(bench.ledger().last?.counters[0]).toBe(uwh(3_000));
    }
  });
});

test("a 24-bit counter wraps: what flowed goes on, one event", async () => {
  const { u32 } = rowsOf({ function: 3, order: "high-first" });
  const points = { ...TEST_METER.points, importActiveEnergy: u32(0x20, "Wh"), exportActiveEnergy: u32(0x24, "Wh") };
  const wrapping: Model = { ...TEST_METER, wraps_kwh: 16_777.216, points };
  const start = { import_uwh: uwh(2 ** 24 - 20) };
  const bench = await booked({ model: wrapping, load: () => ({ active_w: 3_600 }), meter: { start } });
  await bench.run(60);
  expect(lasting(bench)).toEqual(["wrap"]);
  expect(bench.counters().at(-1)?.import_mwh).toBeLessThan(60_000);
  const truth_wh = bench.of().simulated.truth(bench.clock.mono()).import_uwh / 1e6 - (2 ** 24 - 20);
  expect(Math.abs((registers_wh(bench.ledger())[0] ?? 0) - truth_wh)).toBeLessThan(2.1);
});
