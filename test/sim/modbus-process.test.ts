// Simulated meters in a process of their own, read by the real adapter through a real pseudo-terminal and real TCP. The seconds here are
// real ones.

import { afterEach, describe, expect, test } from "vitest";
import { Bus } from "../../host/adapters/modbus/bus.js";
import { MODELS } from "../../host/adapters/modbus/catalogue.js";
import { RtuFraming, TcpFraming } from "../../host/adapters/modbus/framing.js";
import { serialLine } from "../../host/adapters/modbus/serial-line.js";
import { ModbusSource } from "../../host/adapters/modbus/source.js";
import { tcpLine } from "../../host/adapters/modbus/tcp-line.js";
import { systemClock } from "../../host/app/clocks.js";
import type { SourceEvent } from "../../host/ports/source.js";
import { buildMeters, readMeterOptions, type SimulatedMetersInput } from "../../host/sim/modbus/meter-options.js";
import { type MeterProcess, startMeterProcess } from "../../host/sim/modbus/meter-process.js";
import { heldName, when } from "../proof/crash-bench.js";

type Report = Extract<SourceEvent, { kind: "report" }>;
const IMPORT_WH = 4_321_000;

/** A meter's source on its bus, and everything it told. */
class Listening {
  readonly events: SourceEvent[] = [];
  readonly source: ModbusSource;

  constructor(bus: Bus, model: string, unit: number) {
    const table = MODELS.get(model);
    if (table === undefined) throw new Error(`no model ${model}`);
    const how = { bus, model: table, unit, every_ms: 250, boot: unit, clock: systemClock, fuse_w: 69_000 };
    this.source = new ModbusSource(how);
    this.source.start((event) => this.events.push(event));
    open.push(this.source);
  }

  async report(more = 1): Promise<Report> {
    const before = this.reports.length;
    await when("a report", () => this.reports.length >= before + more);
    return this.reports.at(-1) as Report;
  }

  get reports(): Report[] {
    return this.events.filter((event) => event.kind === "report");
  }
}

const open: ModbusSource[] = [];
const running: MeterProcess[] = [];

async function meters(options: Partial<SimulatedMetersInput>): Promise<MeterProcess> {
  const start = { import_wh: IMPORT_WH, export_wh: 0 };
  const started = await startMeterProcess({ meters: [{ model: "sdm120" }], scenario: "steady", start, ...options });
  if ("kind" in started) throw new Error(started.reason);
  running.push(started);
  return started;
}

const rtu = (path: string, baud = 9600) =>
  new Bus({
    name: path,
    open: serialLine({ path, baud, parity: "none", stopBits: 1 }),
    framing: new RtuFraming(baud),
    clock: systemClock,
  });

const tcp = (place: string, framing: RtuFraming | TcpFraming) => {
  const [host = "", port = ""] = place.split(":");
  return new Bus({ name: place, open: tcpLine(host, Number(port)), framing, clock: systemClock });
};

/** The counter is the truth, as far as the meter counts: of some moment between two looks, however long the read took. */
async function isTrue(listening: Listening, process: MeterProcess, unit = 1): Promise<void> {
  const truth_wh = async () => {
    const { meters = [] } = (await process.truth()) ?? {};
    return (meters.find(({ address }) => address === unit)?.energy.import_uwh ?? Number.NaN) / 1e6;
  };
  const before_wh = await truth_wh();
  // The first may have been read before that look.
  const { counters } = await listening.report(2);
  // A float of 4,321 kWh steps by half a watt-hour, the meter by one, and it may be a second old: 0.6 Wh.
  expect(counters.import_mwh / 1e3).toBeGreaterThan(before_wh - 2.2);
  expect(counters.import_mwh / 1e3).toBeLessThan((await truth_wh()) + 0.6);
  expect(counters.import_mwh).toBeGreaterThanOrEqual(IMPORT_WH * 1e3 - 500);
}

afterEach(async () => {
  for (const source of open.splice(0)) await source.stop();
  for (const process of running.splice(0)) await process.unplug();
});

describe("on a pseudo-terminal", () => {
  test("two meters on one bus are read as a wire is: in its time, and right", async () => {
    const process = await meters({ meters: [{ model: "sdm120" }, { model: "sdm120", address: 2, clamp: "load" }] });
    const bus = rtu(process.port);
    const [one, two] = [new Listening(bus, "sdm120", 1), new Listening(bus, "sdm120", 2)];
    await isTrue(one, process);
    await isTrue(two, process, 2);
    const { latency = [], answers, share } = one.source.statistics ?? {};
    // Answers after 20 ms: none sooner; how much later is the machine's.
    expect(latency.slice(0, 2)).toEqual([0, 0]);
    expect(latency.reduce((sum, count) => sum + count)).toBe(answers);
    expect(share ?? 0).toBeGreaterThan(0);
  });

  test("a host at another speed hears nothing, one at the right speed all", async () => {
    const process = await meters({ speed: 4800 });
    const wrong = new Listening(rtu(process.port, 9600), "sdm120", 1);
    await when("a refusal", () => wrong.source.refusal?.code === "no-answer");
    expect(wrong.reports).toEqual([]);
    await wrong.source.stop();
    await isTrue(new Listening(rtu(process.port, 4800), "sdm120", 1), process);
  });

  test("killing the process is pulling the plug", async () => {
    const process = await meters({});
    const listening = new Listening(rtu(process.port), "sdm120", 1);
    await listening.report();
    const letGo = heldName(process.port);
    await process.unplug();
    const lost = await when("its loss", () => listening.events.find((event) => event.kind === "lost") ?? null);
    // Told by the port itself, not found out by a silence.
    expect(lost.reason).not.toMatch(/answer|heard/);
    await listening.source.stop();
    letGo();
  });

  test("faults come and go as they are told", async () => {
    const process = await meters({ faults: [{ kind: "crc" }] });
    const listening = new Listening(rtu(process.port), "sdm120", 1);
    await when("a CRC error", () => (listening.source.statistics?.crcErrors ?? 0) > 0);
    expect(listening.reports).toEqual([]);
    await process.fail({});
    await isTrue(listening, process);
  });
});

describe("on TCP", () => {
  test("Modbus TCP", async () => {
    const process = await meters({ bus: "tcp" });
    await isTrue(new Listening(tcp(process.port, new TcpFraming()), "sdm120", 1), process);
  });

  test("RTU over TCP", async () => {
    const process = await meters({ bus: "rtu-tcp" });
    await isTrue(new Listening(tcp(process.port, new RtuFraming(9600)), "sdm120", 1), process);
  });
});

describe("options that cannot be", () => {
  const refused = async (given: Partial<SimulatedMetersInput>) => {
    const options = readMeterOptions({ meters: [{ model: "sdm120" }], ...given });
    const built = "kind" in options ? options : await buildMeters(options, 0);
    return "kind" in built ? built.reason : "it was built";
  };

  test.each([
    ["an unknown model", { meters: [{ model: "sdm999" }] }, /no model sdm999/],
    ["two meters at one address", { meters: [{ model: "sdm120" }, { model: "sdm120" }] }, /address 1/],
    ["a fault where no meter is", { faults: [{ kind: "late", address: 9 }] }, /address 9/],
    ["an unknown scenario", { scenario: "moon" }, /no scenario moon/],
    ["an address beyond 247", { meters: [{ model: "sdm120", address: 250 }] }, /address/],
  ] as const)("%s is refused with the reason", async (_, options, reason) => {
    expect(await refused(options as Partial<SimulatedMetersInput>)).toMatch(reason);
  });

  test("a TCP port that is taken is", async () => {
    const process = await meters({ bus: "tcp" });
    const second = await startMeterProcess({
      meters: [{ model: "sdm120" }],
      bus: "tcp",
      listen: Number(process.port.split(":")[1]),
    });
    expect("kind" in second && second.reason).toMatch(/EADDRINUSE/);
  });
});
