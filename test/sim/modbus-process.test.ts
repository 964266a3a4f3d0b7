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

  async until(what: string, done: () => boolean, within_ms = 8_000): Promise<void> {
    for (const end = performance.now() + within_ms; !done(); await new Promise((resolve) => setTimeout(resolve, 20)))
      if (performance.now() > end) throw new Error(`no ${what} in ${within_ms} ms: ${JSON.stringify(this.events)}`);
  }

  async report(more = 1): Promise<Report> {
    const before = this.reports.length;
    await this.until("report", () => this.reports.length >= before + more);
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

/** The counter is the truth, as far as the meter counts and the read took its time. */
async function isTrue(listening: Listening, process: MeterProcess, unit = 1): Promise<void> {
  const { counters } = await listening.report(2);
  const truth = await process.truth();
  const meter = truth?.meters.find(({ address }) => address === unit);
  const off_wh = counters.import_mwh / 1e3 - (meter?.energy.import_uwh ?? 0) / 1e6;
  // A float of 4,321 kWh steps by half a watt-hour, the meter by one; 2.3 kW make 0.6 Wh in a second.
  expect(Math.abs(off_wh)).toBeLessThan(2.2);
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
    const { latency = [] } = one.source.statistics ?? {};
    // Answers after 20 ms: none sooner, and nearly all before 50 ms.
    expect(latency.slice(0, 2)).toEqual([0, 0]);
    expect((latency[2] ?? 0) + (latency[3] ?? 0)).toBeGreaterThan(0);
    expect(one.source.statistics?.share).toBeGreaterThan(0.05);
  });

  test("a host at another speed hears nothing, one at the right speed all", async () => {
    const process = await meters({ speed: 4800 });
    const wrong = new Listening(rtu(process.port, 9600), "sdm120", 1);
    await wrong.until("refusal", () => wrong.source.refusal?.code === "no-answer", 15_000);
    expect(wrong.reports).toEqual([]);
    await wrong.source.stop();
    await isTrue(new Listening(rtu(process.port, 4800), "sdm120", 1), process);
  });

  test("killing the process is pulling the plug", async () => {
    const process = await meters({});
    const listening = new Listening(rtu(process.port), "sdm120", 1);
    await listening.report();
    await process.unplug();
    await listening.until("loss", () => listening.events.some((event) => event.kind === "lost"), 3_000);
  });

  test("faults come and go as they are told", async () => {
    const process = await meters({ faults: [{ kind: "crc" }] });
    const listening = new Listening(rtu(process.port), "sdm120", 1);
    await listening.until("crc error", () => (listening.source.statistics?.crcErrors ?? 0) > 0);
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
