// A Modbus meter as a source, over simulated meters on a wire that is paced as a wire is: met, read, lost, refused, counted.

import { describe, expect, test } from "vitest";
import { registers_wh } from "../../host/ledger/ledger.js";
import { kept } from "../../host/ledger/profile.js";
import em340 from "../../host/models/meters/em340.js";
import sdm120 from "../../host/models/meters/sdm120.js";
import sdm630 from "../../host/models/meters/sdm630.js";
import type { Model } from "../../host/models/model.js";
import { rowsOf } from "../../host/models/rows.js";
import { COARSE_METER, TEST_METER } from "../models/table.js";
import { Bench, type BenchOptions, settled } from "./modbus-bench.js";

const started = async (options: BenchOptions, for_s: number) => (await new Bench(options).start()).run(for_s);

describe("a meter that answers", () => {
  test("is found by its serial number and read once a second, at the moment between question and answer", async () => {
    const bench = await started({ meters: [{ model: sdm120, latency_ms: 40 }] }, 60);
    const found = bench.of().events.find((event) => event.kind === "found");
    expect(found?.kind === "found" && found.identity).toMatchObject({
      device: "sdm120-30000001",
      boot: 7,
      protocol: "modbus-rtu",
      firmware: "SDM120-Modbus",
      span_mwh: null,
    });
    expect(bench.reports().length).toBeGreaterThan(57);
    const moments = bench.reports().map(({ board }) => board);
    // The first is later by the pause after what was asked to meet it.
    for (let k = 2; k < moments.length; k++)
      expect(Math.abs((moments[k] ?? 0) - (moments[k - 1] ?? 0) - 1_000)).toBeLessThan(3);
    expect(bench.of().source.refusal).toBeNull();
    const { answers, questions, silences, crcErrors, otherFaults, late, latency } = bench.of().source.statistics ?? {};
    expect({ silences, crcErrors, otherFaults, late }).toEqual({ silences: 0, crcErrors: 0, otherFaults: 0, late: 0 });
    expect(answers).toBe(questions);
    expect(latency?.[3]).toBe(answers);
  });

  test("tells what it measures now; a polyphase meter the voltage of each phase", async () => {
    const load = () => ({ active_w: -1_500, reactive_var: 200 });
    const one = await started({ meters: [{ model: sdm120, load }] }, 5);
    const power = one.of().events.findLast((event) => event.kind === "power");
    expect(power?.kind === "power" && power.power).toMatchObject({
      frequency_mhz: 50_000,
      voltage_mv: 230_000,
      channels: [{ active_mw: -1_500_000, reactive_mvar: 200_000 }],
    });
    const three = await started({ meters: [{ model: sdm630, load: () => [load(), load(), load()] }] }, 5);
    const phases = three.of().events.findLast((event) => event.kind === "power");
    expect(phases?.kind === "power" && phases.power).toMatchObject({
      phases_mv: [230_000, 230_000, 230_000],
      channels: [{ active_mw: -4_500_000 }],
    });
  });

  test("a real meter books what flowed, both ways", async () => {
    const load = (time_s: number) => ({ active_w: time_s % 600 < 300 ? 3_600 : -1_800 });
    const bench = await started({ meters: [{ model: TEST_METER, load }], booked: true }, 3_600);
    const { import_uwh, export_uwh } = bench.of().simulated.truth(bench.clock.mono());
    const [imported, exported] = registers_wh(bench.ledger());
    expect(Math.abs((imported ?? 0) - import_uwh / 1e6)).toBeLessThan(2.5);
    expect(Math.abs((exported ?? 0) - export_uwh / 1e6)).toBeLessThan(2.5);
    expect(bench.logged()).toEqual(["baseline"]);
  });
});

test("a current is that of the meter: of three phases their sum, or not known", async () => {
  const load = () => [{ active_w: 2_300 }, { active_w: 4_600 }, { active_w: 0 }] as const;
  const bench = await started({ meters: [{ model: sdm630, load }, { model: em340, load }, { model: sdm120 }] }, 10);
  const amps = [0, 1, 2].map((k) => {
    const told = bench.of(k).events.findLast((event) => event.kind === "power");
    const { current_ma = Number.NaN } = told?.power.channels[0] ?? {};
    return current_ma === null ? null : Math.round(current_ma / 1_000);
  });
  expect(amps).toEqual([30, null, 4]);
});

describe("a counter of 0.1 kWh", () => {
  test("is told within its step always, and within what flows in a round and a half once it has stepped", async () => {
    const load = (time_s: number) => ({
      active_w: 2_000 + 1_500 * Math.sin(time_s / 400) - (time_s > 3_000 ? 5_000 : 0),
    });
    const meter = { start: { import_uwh: 1_000_040e6, export_uwh: 50_070e6 } };
    const bench = await started({ meters: [{ model: COARSE_METER, load, meter }] }, 6_000);
    const stepped = { import: false, export: false };
    let [first, last] = [bench.counters()[0], bench.counters()[0]];
    let worst = 0;
    for (const [k, { counters }] of bench.reports().entries()) {
      const truth = bench.truthOf(k);
      for (const way of ["import", "export"] as const) {
        const told_mwh = counters[`${way}_mwh`];
        expect(told_mwh).toBeGreaterThanOrEqual(last?.[`${way}_mwh`] ?? 0);
        const off_mwh = told_mwh - truth[`${way}_uwh`] / 1_000;
        expect(Math.abs(off_mwh)).toBeLessThan(100_000);
        stepped[way] ||= Math.floor(told_mwh / 1e5) > Math.floor((first?.[`${way}_mwh`] ?? 0) / 1e5);
        if (stepped[way]) worst = Math.max(worst, Math.abs(off_mwh));
      }
      last = counters;
      first ??= counters;
    }
    expect(stepped).toEqual({ import: true, export: true });
    // 3.5 kW is 1 Wh a second.
    expect(worst).toBeLessThan(1_500);
  });

  test.each([1_000, 10_000])("makes half hours that are finer than it, read every %i ms", async (every_ms) => {
    const load = (time_s: number) => ({ active_w: 900 + 700 * Math.sin(time_s / 700) });
    const bench = await new Bench({ meters: [{ model: COARSE_METER, load, every_ms }], booked: true }).start();
    const ends_wh: number[] = [];
    for (let half = 0; half < 6; half++) {
      await bench.run(1_800);
      ends_wh.push(bench.of().simulated.truth(bench.clock.mono()).import_uwh / 1e6);
    }
    await bench.run(20);
    const entries = [...kept(bench.ledger().profile)];
    expect(entries).toHaveLength(6);
    // The first begins within it, where nobody knew how far the counter was into its step.
    for (const [k, { wh, flags }] of entries.entries()) {
      expect(flags).toEqual(k === 0 ? ["partial"] : []);
      if (k > 0)
        expect(Math.abs((wh[0] ?? 0) - ((ends_wh[k] ?? 0) - (ends_wh[k - 1] ?? 0)))).toBeLessThan(
          1.5 + every_ms / 2_000,
        );
    }
  });

  test("goes on from what was booked after a restart, and not below it", async () => {
    const meter = { start: { import_uwh: 1_000_040e6 } };
    const device = "coarse-meter-30000001";
    const counters = { import_mwh: 1_000_061_234, export_mwh: 0, import_mvarh: null, export_mvarh: null };
    const bench = new Bench({ meters: [{ model: COARSE_METER, meter }] });
    await (await bench.start([{ channel: 1, device, counters }])).run(3);
    expect(bench.counters()[0]?.import_mwh).toBe(1_000_061_234);
    const other = new Bench({ meters: [{ model: COARSE_METER, meter }] });
    await (await other.start([{ channel: 1, device: "coarse-meter-5", counters }])).run(3);
    expect(other.counters()[0]?.import_mwh).toBe(1_000_000_000);
  });
});

test("a restart of the program costs nothing: a counter of 0.1 kWh goes on within its step, and no event is told", async () => {
  const load = () => ({ active_w: 1_800 });
  const bench = await started({ meters: [{ model: COARSE_METER, load }], booked: true }, 1_000);
  const before_mwh = bench.counters().at(-1)?.import_mwh ?? 0;
  await bench.restart(20);
  await bench.run(3);
  const after = bench.counters().at(-1)?.import_mwh ?? 0;
  // 500 Wh had flowed, 10 Wh flowed while it was away: told with the counter's next step.
  expect(before_mwh % 100_000).toBeGreaterThan(0);
  expect(after).toBeGreaterThanOrEqual(before_mwh);
  expect(after - before_mwh).toBeLessThan(2_000);
  await bench.run(1_000);
  const truth_wh = bench.of().simulated.truth(bench.clock.mono()).import_uwh / 1e6;
  expect(Math.abs((registers_wh(bench.ledger())[0] ?? 0) - truth_wh)).toBeLessThan(2);
  expect(bench.logged()).toEqual(["baseline"]);
});

describe("a meter that falls silent", () => {
  test("is lost after three questions: no reading, no last value; it is found again and nothing is missing", async () => {
    const bench = await started(
      { meters: [{ model: TEST_METER, load: () => ({ active_w: 3_600 }) }], booked: true },
      60,
    );
    const { slave, source, events } = bench.of();
    slave.faults = { silent: 1 };
    await bench.run(2);
    expect(bench.kinds()).not.toContain("lost");
    await bench.run(20);
    expect(events.at(-1)).toMatchObject({
      kind: "lost",
      reason: expect.stringContaining("did not answer 3 questions"),
    });
    expect(bench.meter?.view().inputs[0]?.power).toBeNull();
    expect(source.refusal).toMatchObject({
      code: "no-answer",
      reason: expect.stringContaining("test-meter at 1 of bench"),
    });
    const told = bench.reports().length;
    await bench.run(600);
    expect(bench.reports().length).toBe(told);
    const { silences } = source.statistics ?? {};
    // Asked every 30 s at last, three questions each: a dead meter takes little of the bus.
    expect(silences).toBeLessThan(100);
    slave.faults = {};
    await bench.run(60);
    expect(source.refusal).toBeNull();
    const truth_wh = bench.of().simulated.truth(bench.clock.mono()).import_uwh / 1e6;
    expect(Math.abs((registers_wh(bench.ledger())[0] ?? 0) - truth_wh)).toBeLessThan(3);
    expect(bench.logged()).toEqual(["baseline"]);
  });

  test("so is one that answers with nothing but exceptions: what it said last is not shown as live", async () => {
    const bench = await started({ meters: [{ model: TEST_METER }], booked: true }, 30);
    bench.of().slave.faults = { exception: 1 };
    await bench.run(10);
    expect(bench.of().events.findLast(({ kind }) => kind === "lost")).toMatchObject({
      reason: "test-meter at 1 of bench answers with nothing but exceptions",
    });
    expect(bench.meter?.view().inputs[0]?.power).toBeNull();
    bench.of().slave.faults = {};
    await bench.run(30);
    expect(bench.of().events.at(-1)?.kind).toBe("power");
    expect(bench.of().source.statistics?.exceptions).toBeGreaterThan(2);
  });

  test("does not stop its neighbours on the bus", async () => {
    const bench = await started({ meters: [{ model: sdm120 }, { model: sdm120, faults: { silent: 1 } }] }, 300);
    expect(bench.reports(0).length).toBeGreaterThan(200);
    expect(bench.reports(1)).toEqual([]);
  });

  test("with its line unplugged is lost at once, and found when that is plugged in again", async () => {
    const bench = await started({ meters: [{ model: sdm120 }, { model: sdm120 }] }, 10);
    bench.pullPlug();
    for (const k of [0, 1])
      expect(bench.of(k).events.at(-1)).toMatchObject({ kind: "lost", reason: "the simulated line was unplugged" });
    await bench.run(30);
    expect(bench.of().source.refusal).toMatchObject({ code: "line", reason: "the simulated line is unplugged" });
    bench.line.plugged = true;
    await bench.run(20);
    for (const k of [0, 1]) expect(bench.of(k).events.at(-1)?.kind).toBe("power");
    expect(bench.kinds().filter((kind) => kind === "found")).toHaveLength(2);
  });
});

describe("what is not what it ought to be", () => {
  test("another model is refused, with what was read; nothing is booked of it", async () => {
    const bench = await started(
      { meters: [{ model: sdm630, readAs: sdm120, load: () => [{ active_w: 1 }, { active_w: 1 }, { active_w: 1 }] }] },
      30,
    );
    expect(bench.of().source.refusal).toMatchObject({
      code: "other-model",
      next: expect.stringContaining("esme meters"),
    });
    expect(bench.of().source.refusal?.reason).toMatch(/the word at 0xFC02 is 0x0070, not 0x/);
    expect(bench.kinds().filter((kind) => kind !== "fault")).toEqual([]);
  });

  test("a table of another variant is refused by what cannot be true", async () => {
    const { f32, i64 } = rowsOf({ function: 3, order: "low-first" });
    const points = { ...TEST_METER.points, voltage: f32(0x2a, "V"), importActiveEnergy: i64(0x20, "Wh") };
    const readAs: Model = { ...TEST_METER, points };
    const bench = await started(
      { meters: [{ model: TEST_METER, readAs, meter: { start: { import_uwh: 5e12 } } }] },
      10,
    );
    expect(bench.of().source.refusal).toMatchObject({ code: "implausible" });
    expect(bench.reports()).toEqual([]);
  });

  test("a disputed address is settled by the reading that can be true", async () => {
    const { i64 } = rowsOf({ function: 3, order: "high-first" });
    const disputed = (address: number) => ({ disputed: { addresses: [address], note: "two editions" } });
    const points = {
      ...TEST_METER.points,
      importActiveEnergy: i64(0x20, "Wh", disputed(0x40)),
      exportActiveEnergy: i64(0x24, "Wh", disputed(0x44)),
      totalActiveEnergy: i64(0x50, "Wh"),
    };
    const model: Model = { ...TEST_METER, points };
    for (const edition of [0, 1]) {
      const meter = { start: { import_uwh: 5e12, export_uwh: 3e12 }, disputed: edition };
      const bench = await started({ meters: [{ model, meter }] }, 10);
      expect(bench.of().source.refusal).toBeNull();
      expect(bench.counters().at(-1)).toMatchObject({ export_mwh: 3e9 });
    }
  });

  test("an energy below nothing books nothing and is counted", async () => {
    const { f32 } = rowsOf({ function: 3, order: "high-first" });
    const negative: Model = { ...TEST_METER, points: { ...TEST_METER.points, importActiveEnergy: f32(0x28, "kWh") } };
    const load = (time_s: number) => ({ active_w: time_s < 20 ? 1_000 : -1_000 });
    const bench = await started({ meters: [{ model: TEST_METER, readAs: negative, load }] }, 40);
    const faults = bench
      .of()
      .events.filter((event) => event.kind === "fault")
      .map(({ fault }) => fault);
    expect(new Set(faults)).toEqual(new Set(["energy-out-of-range"]));
    expect(bench.reports().length).toBeLessThan(22);
  });
});

describe("a bus in trouble", () => {
  test("an adapter that hears itself is listened past, and counted", async () => {
    const bench = await started({ meters: [{ model: sdm120 }], bus: { faults: ["echo"] } }, 30);
    expect(bench.reports().length).toBeGreaterThan(26);
    const { echoes, answers, otherFaults, crcErrors } = bench.of().source.statistics ?? {};
    expect([echoes, otherFaults, crcErrors]).toEqual([answers, 0, 0]);
  });

  test.each(["reversed", "wrong-speed"] as const)("%s: nothing is found, and nothing breaks", async (fault) => {
    const bench = await started({ meters: [{ model: sdm120 }], bus: { faults: [fault] } }, 120);
    await settled();
    expect(bench.reports()).toEqual([]);
    expect(bench.of().source.refusal).toMatchObject({ code: "no-answer" });
  });

  test("eight meters, each at its own pace, 2 % of frames damaged: an hour, and every counter within its step", async () => {
    const tables = [sdm120, TEST_METER, COARSE_METER, { ...TEST_METER, model: "other" }];
    const meters = Array.from({ length: 8 }, (_, k) => ({
      model: tables[k % 4] ?? TEST_METER,
      load: (time_s: number) => ({ active_w: 500 * (k + 1) * Math.sin(time_s / (300 + 50 * k)) }),
      every_ms: 3_000 + 1_000 * k,
      jitter_ms: 100,
    }));
    const bench = await started({ meters, bus: { damage: { frames: 0.02 }, seed: 3 } }, 3_600);
    let damaged = 0;
    for (const [k, { simulated, source }] of bench.meters.entries()) {
      const { crcErrors = 0, otherFaults = 0, silences = 0 } = source.statistics ?? {};
      damaged += crcErrors + otherFaults + silences;
      expect(bench.reports(k).length).toBeGreaterThan((0.85 * 3_600) / (3 + k));
      const { resolution_wh } = simulated.model;
      for (const [n, { counters }] of bench.reports(k).entries()) {
        const truth = bench.truthOf(n, k);
        // A reading's moment is known to within half the answer time: 4 kW flow 0.1 Wh in it.
        expect(Math.abs(counters.import_mwh - truth.import_uwh / 1_000)).toBeLessThan(1_000 * resolution_wh + 200);
        expect(Math.abs(counters.export_mwh - truth.export_uwh / 1_000)).toBeLessThan(1_000 * resolution_wh + 200);
      }
    }
    expect(damaged).toBeGreaterThan(100);
  });

  test("the share of the wire is what the bytes take", async () => {
    const bench = await started({ meters: [{ model: sdm120 }] }, 100);
    const { bytes = 0, share = 0, since = 0 } = bench.of().source.statistics ?? {};
    expect(share).toBeCloseTo((bytes * 11) / 9_600 / ((bench.clock.mono() - since) / 1_000), 9);
    // 80 words in one read: 8 + 165 bytes a second.
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.25);
  });
});
