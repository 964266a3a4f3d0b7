// A Modbus bus and its meters against whatever may come over a line: nothing throws, nothing grows, nobody's words become a reading,
// and when the line is honest again the meter is read again. Simulated time.

import { expect, test } from "vitest";
import { Bus } from "../../host/adapters/modbus/bus.js";
import { RtuFraming, TcpFraming } from "../../host/adapters/modbus/framing.js";
import { ModbusSource } from "../../host/adapters/modbus/source.js";
import em24 from "../../host/models/meters/em24.js";
import em340 from "../../host/models/meters/em340.js";
import sdm120 from "../../host/models/meters/sdm120.js";
import sunspec203 from "../../host/models/meters/sunspec-203.js";
import type { Model } from "../../host/models/model.js";
import type { SourceEvent } from "../../host/ports/source.js";
import type { OpenLine, WireEars } from "../../host/ports/wire-line.js";
import { DrivenConductor, type LoadAt } from "../../host/sim/modbus/conductor.js";
import { type MeterOptions, SimulatedMeter } from "../../host/sim/modbus/meter.js";
import { Random } from "../../host/sim/random.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import { withCrc } from "../../host/wire/modbus/crc.js";
import { TEST_METER } from "../models/table.js";
import { START_utc_ms } from "../proof/workbench.js";
import { FUSE_w, settled } from "./modbus-bench.js";

/** The answer (unit first, without CRC or header) to a question: null for silence. */
type Device = (question: Uint8Array, at_ms: number) => Uint8Array | null;

interface WildOptions {
  readonly tcp?: boolean;
  readonly every_ms?: number;
  readonly needsDirection?: boolean;
}

/** One source on a line whose other end a test is. */
class Wild {
  readonly clock = new SimulatedClock(START_utc_ms);
  readonly events: SourceEvent[] = [];
  readonly source: ModbusSource;
  readonly bus: Bus;
  opened = 0;
  closed = 0;
  questions = 0;
  /** Put on the wire in place of the answer; null: the answer. */
  garble: ((answer: Uint8Array, question: Uint8Array) => readonly Uint8Array[]) | null = null;
  #ears: WireEars | null = null;

  constructor(
    model: Model,
    private readonly device: Device,
    private readonly options: WildOptions = {},
  ) {
    const { clock } = this;
    const framing = options.tcp ? new TcpFraming() : new RtuFraming(9600);
    this.bus = new Bus({ name: "wild", open: this.#open, framing, clock });
    const { every_ms = 1_000, needsDirection = false } = options;
    this.source = new ModbusSource({
      bus: this.bus,
      model,
      unit: 1,
      every_ms,
      boot: 1,
      clock,
      fuse_w: FUSE_w,
      needsDirection,
    });
  }

  readonly #open: OpenLine = async (ears) => {
    this.opened++;
    this.#ears = ears;
    return {
      ok: true,
      write: (bytes) => this.#asked(bytes.slice()),
      close: async () => {
        this.closed++;
        if (this.#ears === ears) this.#ears = null;
      },
    };
  };

  #asked(bytes: Uint8Array): void {
    this.questions++;
    const { tcp } = this.options;
    const question = tcp ? bytes.subarray(6) : bytes.subarray(0, -2);
    const body = this.device(question, this.clock.mono());
    const answer = body === null ? null : tcp ? framed(bytes, body) : withCrc(body);
    const pieces = answer === null ? [] : (this.garble?.(answer, bytes) ?? [answer]);
    pieces.forEach((piece, k) => {
      const stop = this.clock.every(30 + 5 * k, () => {
        stop();
        this.say(piece);
      });
    });
  }

  say(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#ears?.bytes(bytes);
  }

  hangUp(): void {
    const ears = this.#ears;
    this.#ears = null;
    ears?.gone("reset by peer");
  }

  async run(for_s: number): Promise<this> {
    const until_ms = this.clock.mono() + 1_000 * for_s;
    while (this.clock.mono() < until_ms) {
      this.clock.runTo(Math.min(until_ms, this.clock.mono() + 500));
      await settled();
    }
    return this;
  }

  async start(for_s: number): Promise<this> {
    this.source.start((event) => void this.events.push(event));
    await settled();
    return this.run(for_s);
  }

  count(kind: SourceEvent["kind"]): number {
    return this.events.filter((event) => event.kind === kind).length;
  }

  faults(): ReadonlySet<string> {
    return new Set(this.events.flatMap((event) => (event.kind === "fault" ? [event.fault] : [])));
  }
}

function framed(question: Uint8Array, body: Uint8Array): Uint8Array {
  return Uint8Array.of(question[0] ?? 0, question[1] ?? 0, 0, 0, body.length >> 8, body.length & 0xff, ...body);
}

function meterOf(model: Model, options: MeterOptions = {}, load_w = 1_000): SimulatedMeter {
  const phase = { active_w: load_w / model.phases };
  const load: LoadAt = model.phases === 1 ? () => phase : () => [phase, phase, phase];
  return new SimulatedMeter(model, new DrivenConductor(load), options);
}

function honest(meter: SimulatedMeter): Device {
  return (question, at_ms) => Uint8Array.of(1, ...meter.answer(question.subarray(1), at_ms));
}

/** Answers so, but for questions of certain addresses: an exception. */
function refusing(meter: SimulatedMeter, code: number, addresses: (address: number) => boolean): Device {
  const device = honest(meter);
  return (question, at_ms) => {
    const address = ((question[2] ?? 0) << 8) | (question[3] ?? 0);
    return addresses(address) ? Uint8Array.of(1, (question[1] ?? 0) | 0x80, code) : device(question, at_ms);
  };
}

const GARBLERS: { readonly [name: string]: (random: Random) => NonNullable<Wild["garble"]> } = {
  "random bytes": (random) => () => [Uint8Array.from({ length: 1 + (random.bits() % 400) }, () => random.bits())],
  "cut short": (random) => (answer) => [answer.subarray(0, random.bits() % answer.length)],
  "another frame behind it": (random) => (answer) => [
    Uint8Array.from([...answer, ...Uint8Array.from({ length: 20 }, () => random.bits())]),
  ],
  "twice, in pieces": () => (answer) => [answer.subarray(0, 3), answer.subarray(3), answer],
  "another master's traffic": () => (answer) => [
    withCrc(Uint8Array.of(9, 4, 0, 0, 0, 2)),
    withCrc(Uint8Array.of(9, 4, 4, 1, 2, 3, 4)),
    answer,
  ],
  "of another unit": () => (answer) => [Uint8Array.from(answer, (byte, k) => (k === 0 || k === 6 ? 77 : byte))],
  "single bits flipped": (random) => (answer) => [
    Uint8Array.from(answer, (byte) => (random.bits() % 40 === 0 ? byte ^ (1 << (random.bits() % 8)) : byte)),
  ],
  "a flood": (random) => (answer) => [
    ...Array.from({ length: 40 }, () => Uint8Array.from({ length: 4_096 }, () => random.bits() & 5)),
    answer,
  ],
};

test.each(
  Object.keys(GARBLERS).flatMap((name) => [
    { name, tcp: false },
    // TCP has checksums of its own: no bit of it flips.
    ...(name === "single bits flipped" ? [] : [{ name, tcp: true }]),
  ]),
)("$name (tcp: $tcp): no throw, no reading that is not the meter's, and read again after it", async ({ name, tcp }) => {
  const meter = meterOf(TEST_METER, { start: { import_uwh: 5_000e6, export_uwh: 70e6 } });
  const wild = new Wild(TEST_METER, honest(meter), { tcp });
  const random = new Random(11);
  await wild.start(5);
  expect(wild.count("report")).toBeGreaterThan(2);
  wild.garble = GARBLERS[name]?.(random) ?? null;
  await wild.run(300);
  wild.garble = null;
  const before = wild.count("report");
  await wild.run(60);
  expect(wild.count("report")).toBeGreaterThan(before + 20);
  for (const event of wild.events)
    if (event.kind === "report") {
      const { import_uwh, export_uwh } = meter.truth(event.board);
      expect(Math.abs(event.counters.import_mwh - import_uwh / 1e3)).toBeLessThan(1_001);
      expect(event.counters.export_mwh).toBe(export_uwh / 1e3);
    }
  expect(wild.events.length).toBeLessThan(2_000);
  await wild.source.stop();
  // Every connection that was given up for what came over it was closed.
  expect(wild.closed).toBe(wild.opened);
  const { questions } = wild;
  await wild.run(100);
  expect(wild.questions).toBe(questions);
});

test("a device with SunSpec's chain at the end of the addresses is refused, and throws nothing", async () => {
  for (const [id, length] of [
    [1, 15_450],
    [1, 15_500],
    [203, 15_520],
    [77, 65_535],
  ] as const) {
    const chain = new Map([
      [50_000, 0x5375],
      [50_001, 0x6e53],
      [50_002, 77],
      [50_003, length],
      [50_004 + length, id],
      [50_005 + length, 66],
    ]);
    const wild = new Wild(sunspec203, (question) => {
      const [from, count] = [
        ((question[2] ?? 0) << 8) | (question[3] ?? 0),
        ((question[4] ?? 0) << 8) | (question[5] ?? 0),
      ];
      const words = Array.from({ length: count }, (_, k) => chain.get(from + k) ?? 0);
      return Uint8Array.of(1, 3, 2 * count, ...words.flatMap((word) => [word >> 8, word & 0xff]));
    });
    await wild.start(20);
    expect(wild.source.refusal).toMatchObject({ code: "other-model" });
    expect(wild.count("report")).toBe(0);
    await wild.source.stop();
  }
});

test("one who never stops talking is asked over and told, and the meter is found when he stops", async () => {
  const wild = new Wild(TEST_METER, honest(meterOf(TEST_METER)));
  await wild.start(5);
  wild.garble = () => [];
  const stop = wild.clock.every(3, () => wild.say(Uint8Array.of(0x55)));
  await wild.run(90);
  expect(wild.events.findLast(({ kind }) => kind === "lost")).toBeDefined();
  expect(wild.source.refusal).toMatchObject({ code: "no-answer" });
  stop();
  wild.garble = null;
  await wild.run(60);
  expect(wild.events.at(-1)?.kind).toBe("power");
});

test("what speaks no Modbus TCP is told so, closed each time, and tried ever more seldom", async () => {
  const wild = new Wild(TEST_METER, honest(meterOf(TEST_METER)), { tcp: true });
  wild.garble = () => [new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n")];
  await wild.start(120);
  expect(wild.source.refusal).toMatchObject({ code: "line", next: expect.stringContaining("rtu_tcp") });
  expect(wild.opened).toBeLessThan(20);
  expect(wild.opened - wild.closed).toBeLessThanOrEqual(1);
  wild.garble = null;
  await wild.run(20);
  expect(wild.source.refusal).toBeNull();
  expect(wild.events.at(-1)?.kind).toBe("power");
});

test("a Modbus TCP answer that comes in two halves, one of them late, spoils nothing; nor does one cut by a reset", async () => {
  const wild = new Wild(TEST_METER, honest(meterOf(TEST_METER)), { tcp: true });
  await wild.start(5);
  let cut = 0;
  // The question is given up after 700 ms, the next one asked after 1,000.
  wild.garble = (answer) => {
    if (cut++ > 0) return [answer];
    return [answer.subarray(0, 11), ...Array.from({ length: 165 }, () => new Uint8Array(0)), answer.subarray(11)];
  };
  await wild.run(10);
  expect(wild.opened).toBe(1);
  expect(cut).toBeGreaterThan(5);
  wild.garble = (answer) => [answer.subarray(0, 11)];
  await wild.run(0.5);
  wild.garble = null;
  wild.hangUp();
  await wild.run(10);
  expect(wild.opened).toBe(2);
  expect(wild.events.at(-1)?.kind).toBe("power");
});

test("an adapter that hears itself does not hide when the answer began", async () => {
  const wild = new Wild(TEST_METER, honest(meterOf(TEST_METER)));
  wild.garble = (answer, question) => [question, ...Array.from({ length: 30 }, () => new Uint8Array(0)), answer];
  await wild.start(30);
  const { latency = [], answers } = wild.source.statistics ?? {};
  // 30 ms to the echo, 155 ms more to the answer.
  expect(latency[5]).toBe(answers);
});

test("a gateway that does not hear its meter (exception 11) says that it is silent, not that it is another", async () => {
  let silent = true;
  const device = honest(meterOf(sdm120));
  const wild = new Wild(sdm120, (q, at) => (silent ? Uint8Array.of(1, (q[1] ?? 0) | 0x80, 11) : device(q, at)), {
    tcp: true,
  });
  await wild.start(20);
  expect(wild.source.refusal).toMatchObject({ code: "no-answer" });
  silent = false;
  await wild.run(40);
  silent = true;
  await wild.run(10);
  expect(wild.events.findLast(({ kind }) => kind === "lost")).toMatchObject({
    reason: expect.stringContaining("did not answer"),
  });
});

test("one that is busy when its serial number is asked keeps its name", async () => {
  const meter = meterOf(sdm120);
  let busy = 2;
  const wild = new Wild(sdm120, (question, at_ms) =>
    refusing(meter, 6, (address) => address === 0xfc00 && busy-- > 0)(question, at_ms),
  );
  await wild.start(5);
  const found = wild.events.find((event) => event.kind === "found");
  expect(found?.kind === "found" && found.identity.device).toBe(`sdm120-${meter.serial}`);
});

test("an earlier edition that does not know the word that says its model is read, and told", async () => {
  const wild = new Wild(
    sdm120,
    refusing(meterOf(sdm120), 2, (address) => address >= 0xfc00),
  );
  await wild.start(5);
  expect(wild.count("report")).toBeGreaterThan(2);
  expect(wild.faults()).toContain("model-not-proved");
  expect(wild.source.remark).toContain("does not say whether it is a SDM120");
});

test("an EM24 that refuses its export is refused where direction is needed, and elsewhere read as one that has none", async () => {
  const device = refusing(meterOf(em24, { start: { import_uwh: 9_000e6 } }, -2_000), 2, (address) => address === 0x5c);
  const grid = await new Wild(em24, device, { needsDirection: true }).start(10);
  expect(grid.source.refusal).toMatchObject({
    code: "no-direction",
    reason: expect.stringContaining("it says no export (0x005C)"),
  });
  expect(grid.count("report")).toBe(0);
  const load = await new Wild(em24, device).start(10);
  expect(load.source.refusal).toBeNull();
  expect(load.source.remark).toContain("all it counts is import");
  expect(load.faults()).toContain("no-direction");
  const told = load.events.findLast((event) => event.kind === "report");
  expect(told?.kind === "report" && told.counters).toMatchObject({ export_mwh: 0 });
});

test("a meter set to count both ways as one is refused where direction is needed, told elsewhere, and read once it is set", async () => {
  const easy = honest(meterOf(em340, { setting: 0 }));
  const both = honest(meterOf(em340));
  let set = false;
  const grid = new Wild(em340, (question, at_ms) => (set ? both : easy)(question, at_ms), { needsDirection: true });
  await grid.start(10);
  expect(grid.source.refusal).toMatchObject({
    code: "no-direction",
    reason: expect.stringContaining("its word at 0x1103 is 0"),
  });
  set = true;
  await grid.run(30);
  expect(grid.source.refusal).toBeNull();
  expect(grid.source.remark).toBeNull();
  expect(grid.count("report")).toBeGreaterThan(3);
  const counted = honest(meterOf(em340, { setting: 0, start: { export_uwh: 700e6 } }));
  const load = await new Wild(em340, counted).start(10);
  const told = load.events.findLast((event) => event.kind === "report");
  expect(told?.kind === "report" && told.counters.export_mwh).toBe(700_000);
  expect(load.source.remark).toContain("easy connection");
  expect(load.count("report")).toBeGreaterThan(3);
});
