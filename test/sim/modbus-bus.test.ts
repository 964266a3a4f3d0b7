// The simulated bus: what a host hears of meters on a paced wire, when, and what of it faults make.

import { describe, expect, test } from "vitest";
import sdm120 from "../../host/models/meters/sdm120.js";
import { plan } from "../../host/models/plan.js";
import { valuesOf } from "../../host/models/reading.js";
import { BUS_FAULTS, type BusFault, type BusOptions, SimulatedBus } from "../../host/sim/modbus/bus.js";
import { DrivenConductor } from "../../host/sim/modbus/conductor.js";
import { Damage } from "../../host/sim/modbus/damage.js";
import { SimulatedLine } from "../../host/sim/modbus/line.js";
import { SimulatedMeter } from "../../host/sim/modbus/meter.js";
import { METER_FAULTS, type MeterFault, Slave, type SlaveOptions } from "../../host/sim/modbus/slave.js";
import { TcpEnd } from "../../host/sim/modbus/tcp-end.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import { crcHolds } from "../../host/wire/modbus/crc.js";
import {
  answerBytes,
  decodeAnswer,
  decodeTcp,
  encodeQuestion,
  encodeTcp,
  frameGap_ms,
  type Question,
  questionBody,
  wireTime_ms,
} from "../../host/wire/modbus/frames.js";

const meter = () => new SimulatedMeter(sdm120, new DrivenConductor(() => ({ active_w: 2000 })));
const slave = (options: Partial<SlaveOptions> = {}): SlaveOptions => ({ meter: meter(), address: 1, ...options });
/** Import and export. */
const ASK: Question = { unit: 1, function: 4, address: 0x48, count: 4 };
const REST = { unit: 1, function: 4, address: 0x0c, count: 4 } as const;

interface Heard {
  readonly at_ms: number;
  readonly bytes: Uint8Array;
}

/** A bus and what its host hears, all pieces, each with its moment. */
class Bench {
  readonly bus: SimulatedBus;
  readonly heard: Heard[] = [];

  constructor(options: Partial<BusOptions> = {}) {
    this.bus = new SimulatedBus({ meters: [slave()], ...options });
  }

  /** Asks at a moment and waits. */
  ask(at_ms: number, until_ms: number, question: Question = ASK): Uint8Array {
    const from = this.heard.length;
    this.#follow(at_ms);
    this.bus.receive(encodeQuestion(question), at_ms);
    this.#follow(until_ms);
    return Uint8Array.from(this.heard.slice(from).flatMap(({ bytes }) => [...bytes]));
  }

  /** Event by event, so that each piece has its moment. */
  #follow(until_ms: number): void {
    for (let due_ms = this.bus.due(); due_ms !== null && due_ms <= until_ms; due_ms = this.bus.due()) {
      this.bus.hear = (bytes) => this.heard.push({ at_ms: due_ms ?? 0, bytes: Uint8Array.from(bytes) });
      this.bus.run(due_ms);
    }
  }
}

describe("the wire", () => {
  test.each([1200, 2400, 9600, 38_400])("at %d baud takes 11 bits a character both ways and a silence", (speed) => {
    const bench = new Bench({ speed, meters: [slave({ latency_ms: 0 })] });
    bench.ask(100, 10_000);
    const last_ms = bench.heard.at(-1)?.at_ms ?? 0;
    expect(last_ms).toBeCloseTo(100 + wireTime_ms(8 + answerBytes(4), speed) + frameGap_ms(speed), 6);
  });

  test("a meter takes its time from the end of the question to the beginning of the answer", () => {
    const bench = new Bench({ meters: [slave({ latency_ms: 50 })], piece: 1 });
    bench.ask(0, 1000);
    expect(bench.heard[0]?.at_ms).toBeCloseTo(wireTime_ms(8 + 1, 9600) + 50, 6);
  });

  test("whatever the pieces in which the host hears it, the bytes are the same", () => {
    const all = [1, 3, 8, Number.POSITIVE_INFINITY].map((piece) => new Bench({ piece }).ask(0, 1000).join(" "));
    expect(new Set(all).size).toBe(1);
  });

  test("a question in pieces is one question while no silence parts them", () => {
    const { bus } = new Bench();
    const bytes = encodeQuestion(ASK);
    bus.receive(bytes.subarray(0, 3), 0);
    bus.receive(bytes.subarray(3), 4);
    bus.run(1000);
    expect(bus.slaves[0]?.counts.good).toBe(1);
    bus.receive(bytes.subarray(0, 3), 2000);
    bus.receive(bytes.subarray(3), 2012);
    bus.run(3000);
    expect(bus.slaves[0]?.counts.heard).toBe(1);
  });

  test("a meter is deaf for its pause after an answer", () => {
    const bench = new Bench({ meters: [slave({ latency_ms: 0 })] });
    bench.ask(0, 1000);
    const answered_ms = bench.heard.at(-1)?.at_ms ?? 0;
    expect(bench.ask(answered_ms + 1000, answered_ms + 2000)).toHaveLength(answerBytes(4));
    const again_ms = bench.heard.at(-1)?.at_ms ?? 0;
    const { pause_ms } = sdm120.pace;
    expect(bench.ask(again_ms + pause_ms - 5, 10_000)).toHaveLength(0);
    expect(bench.bus.slaves[0]?.counts.tooSoon).toBe(1);
  });

  test("two meters at one address answer into each other", () => {
    const bench = new Bench({ meters: [slave({ jitter_ms: 3 }), slave({ jitter_ms: 3 })] });
    expect(crcHolds(bench.ask(0, 1000).subarray(0, answerBytes(4)))).toBe(false);
    expect(bench.bus.collisions).toBeGreaterThan(0);
  });

  test("who asks while a meter still answers spoils both", () => {
    const bench = new Bench({ meters: [slave({ latency_ms: 20 }), slave({ address: 2, latency_ms: 20 })] });
    bench.ask(0, 35);
    const heard = bench.ask(35, 1000, { ...ASK, unit: 2 });
    expect(decodeAnswer(heard, ASK)).toBe("crc");
    expect(bench.bus.slaves[1]?.counts.heard).toBe(0);
  });
});

describe("a faulty meter", () => {
  const seen: { readonly [fault in MeterFault]: (heard: Uint8Array) => boolean } = {
    silent: (heard) => heard.length === 0,
    late: (heard) => heard.length === 0,
    crc: (heard) => heard.length === answerBytes(4) && decodeAnswer(heard, ASK) === "crc",
    exception: (heard) => JSON.stringify(decodeAnswer(heard, ASK)) === '{"kind":"exception","code":4}',
    zeroes: (heard) => JSON.stringify(decodeAnswer(heard, ASK)) === '{"kind":"words","words":[0,0,0,0]}',
  };
  test.each(METER_FAULTS)("%s", (fault) => {
    const bench = new Bench({ meters: [slave({ faults: { [fault]: 1 } })] });
    expect(seen[fault](bench.ask(0, 500))).toBe(true);
    expect(bench.bus.slaves[0]?.counts.good).toBe(0);
  });

  test("a late answer does come, whole and with its check", () => {
    const bench = new Bench({ meters: [slave({ faults: { late: 1 }, late_ms: [700, 900] })] });
    expect(decodeAnswer(bench.ask(0, 2000), ASK)).toMatchObject({ kind: "words" });
    expect(bench.heard[0]?.at_ms).toBeGreaterThan(700);
    expect(bench.bus.slaves[0]?.counts).toMatchObject({ late: 1, good: 0 });
  });

  test("fails at its share, the same from the same seed", () => {
    const good = (seed: number) => {
      const bench = new Bench({ seed, meters: [slave({ faults: { silent: 0.2 } })] });
      return Array.from({ length: 500 }, (_, k) => (bench.ask(k * 1000, k * 1000 + 999).length > 0 ? 1 : 0));
    };
    const answered = good(3).reduce<number>((sum, one) => sum + one, 0);
    expect(answered).toBeGreaterThan(360);
    expect(answered).toBeLessThan(440);
    expect(good(3)).toEqual(good(3));
    expect(good(3)).not.toEqual(good(4));
  });
});

describe("a faulty bus", () => {
  const seen: { readonly [fault in BusFault]: (heard: Uint8Array) => boolean } = {
    reversed: (heard) => heard.length === 1 && heard[0] === 0,
    "wrong-speed": (heard) => heard.length === 0,
    echo: (heard) => heard.length === 8 + answerBytes(4),
  };
  test.each(BUS_FAULTS)("%s", (fault) => {
    expect(seen[fault](new Bench({ faults: [fault] }).ask(0, 1000))).toBe(true);
  });

  test("a host at another speed is not understood, and is again when it has found the right one", () => {
    const bench = new Bench();
    bench.bus.hostSpeed = 2400;
    expect(bench.ask(0, 1000)).toHaveLength(0);
    bench.bus.hostSpeed = 9600;
    expect(bench.ask(1000, 2000)).toHaveLength(answerBytes(4));
  });
});

describe("damage", () => {
  const frame = encodeQuestion(ASK);

  test("flips bits at its rate", () => {
    const damage = new Damage({ bits: 1e-3, seed: 5 });
    let flipped = 0;
    for (let k = 0; k < 20_000; k++) {
      const arrived = damage.pass(frame);
      for (let at = 0; at < frame.length; at++)
        flipped += ((arrived[at]! ^ frame[at]!) >>> 0).toString(2).replaceAll("0", "").length;
    }
    // 1.28 million bits: 1280 flipped, give or take three deviations.
    expect(Math.abs(flipped - 1280)).toBeLessThan(110);
  });

  test("befalls its share of frames, and no damaged one passes for whole", () => {
    const damage = new Damage({ frames: 0.1, seed: 5 });
    let passed = 0;
    for (let k = 0; k < 20_000; k++) {
      const arrived = damage.pass(frame);
      if (arrived !== frame && arrived.length === frame.length && crcHolds(arrived) && arrived.join() !== frame.join())
        passed++;
    }
    expect(Math.abs(damage.damaged - 2000)).toBeLessThan(130);
    expect(passed).toBe(0);
  });
});

describe("in this process", () => {
  /** One answer over a line on a simulated clock. */
  async function read(line: SimulatedLine, clock: SimulatedClock, question: Uint8Array): Promise<number[]> {
    const heard: number[] = [];
    const gone: string[] = [];
    const opened = await line.open({ bytes: (bytes) => heard.push(...bytes), gone: (reason) => gone.push(reason) });
    if (!opened.ok) throw new Error(opened.reason);
    opened.write(question);
    clock.runTo(clock.mono() + 1000);
    await opened.close();
    return heard;
  }

  test("an adapter's line on a simulated clock reads what the table says", async () => {
    const clock = new SimulatedClock(0);
    clock.runTo(3_600_000);
    const [first] = plan(sdm120, ["importActiveEnergy", "exportActiveEnergy"]);
    if (first === undefined) throw new Error("nothing is planned");
    const question = { ...first, unit: 1 };
    const heard = await read(
      new SimulatedLine(clock, new SimulatedBus({ meters: [slave()] })),
      clock,
      encodeQuestion(question),
    );
    const answer = decodeAnswer(Uint8Array.from(heard), question);
    if (typeof answer === "string" || answer.kind !== "words") throw new Error("no answer");
    expect(valuesOf(first, answer.words).get("importActiveEnergy")).toBe(2_000_000);
  });

  test("it is busy while it is open, and gone when it is unplugged", async () => {
    const clock = new SimulatedClock(0);
    const line = new SimulatedLine(clock, new SimulatedBus({ meters: [slave()] }));
    const gone: string[] = [];
    const ears = { bytes: () => {}, gone: (reason: string) => gone.push(reason) };
    const opened = await line.open(ears);
    expect(await line.open(ears)).toMatchObject({ ok: false, code: "port-busy" });
    line.unplug();
    expect(gone).toHaveLength(1);
    if (opened.ok) opened.write(encodeQuestion(ASK));
    expect(await line.open(ears)).toMatchObject({ ok: false, code: "port-missing" });
    line.plugged = true;
    expect((await line.open(ears)).ok).toBe(true);
  });

  test("Modbus TCP answers carry the transaction of their question, two at once too", async () => {
    const clock = new SimulatedClock(0);
    const end = new TcpEnd([new Slave(slave())]);
    const two = [encodeTcp(7, questionBody(ASK)), encodeTcp(8, questionBody(REST))];
    const heard = await read(new SimulatedLine(clock, end), clock, Buffer.concat(two));
    const first = decodeTcp(Uint8Array.from(heard));
    if (first.kind !== "frame") throw new Error("no frame");
    const second = decodeTcp(Uint8Array.from(heard.slice(first.bytes)));
    expect([first.transaction, second.kind === "frame" && second.transaction]).toEqual([7, 8]);
    expect(
      await read(new SimulatedLine(clock, end), clock, Uint8Array.from(Buffer.from("GET / HTTP/1.0\r\n"))),
    ).toEqual([]);
    expect(end.strange).toBe(16);
  });
});
