// The doctor at real pseudo-terminals, once for each kind of device; beside a house that is metering; and used wrongly.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "../../host/app/clocks.js";
import { type Finding, lookAt, type Sort } from "../../host/app/finding/place.js";
import { isHealthy, yamlOf } from "../../host/app/finding/telling.js";
import { startMeterProcess } from "../../host/sim/modbus/meter-process.js";
import { openPty } from "../../host/sim/pty.js";
import { SIMULATED_ICS } from "../../host/sim/serial-ic/chips.js";
import { SerialIcRunner } from "../../host/sim/serial-ic/runner.js";
import { plugged } from "../panel/bench.js";
import { board, esme, freshDir, noPty, Program } from "../proof/crash-bench.js";
import { tcpMeters } from "./finding/tcp-meters.js";

const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

async function looked(path: string, sort: Sort): Promise<{ finding: Finding; yaml: readonly string[] }> {
  const place = { kind: "serial", path } as const;
  const expected = { setting: null, units: [] };
  const finding = await lookAt(place, {
    clock: systemClock,
    sort,
    depth: "quick",
    expected,
    fuse_w: 75_900,
    tell: () => {},
  });
  return { finding, yaml: yamlOf({ place, finding }) };
}

const withPty = describe.skipIf(noPty() !== null);

withPty.concurrent("at a serial port", () => {
  test("a board that speaks the link, with a line for each clamp", async () => {
    const one = await board({ fidelity: "fast" });
    stops.push(() => one.unplug());
    const { finding, yaml } = await looked(one.port, "any");
    expect(finding.kind).toBe("board");
    expect(yaml[0]).toBe(`- { name: grid, role: grid, kind: clamp-board, port: ${one.port}, channel: 1 }`);
    expect(yaml).toHaveLength(3);
  });

  test.each(["cse7766", "bl0942", "mcp39f511a"] as const)("a %s, which is only read", async (ic) => {
    const line = openPty();
    if ("kind" in line) throw new Error(line.reason);
    const runner = new SerialIcRunner(
      SIMULATED_ICS[ic](() => ({ power_mw: 1_000_000 })),
      line,
      systemClock,
      1,
    );
    stops.push(() => runner.stop());
    const { finding, yaml } = await looked(line.path, "ic");
    expect(finding).toEqual({ kind: "serial-ic", ic });
    expect(yaml[0]).toContain(`kind: serial-ic, ic: ${ic}, port: ${line.path}`);
    expect(yaml[0]).toContain(ic === "cse7766" ? "role: load" : "role: grid");
  });

  test("a second board with StandardFirmata", async () => {
    const one = await plugged({ image: null, speed: 1 });
    stops.push(() => one.unplug());
    const { finding, yaml } = await looked(one.port, "firmata");
    expect(finding).toMatchObject({ kind: "firmata", firmware: "StandardFirmata.ino", protocol: "firmata 2.4" });
    expect(yaml[0]).toContain("kind: pulses");
  });

  test("meters on a Modbus bus, at the speed of the wire", async () => {
    const model = { model: "em112", address: 1 };
    const meters = await startMeterProcess({ meters: [model, { model: "ddsu666", address: 2 }], speed: 19_200 });
    if ("kind" in meters) throw new Error(meters.reason);
    stops.push(() => meters.stop());
    const { finding, yaml } = await looked(meters.port, "modbus");
    expect(finding).toMatchObject({ kind: "modbus", setting: { baud: 19_200 }, causes: [] });
    expect(isHealthy(finding)).toBe(true);
    expect(yaml[0]).toMatch(/model: em112, address: 1, port: .*, speed: 19200, parity: /);
    expect(yaml).toHaveLength(2);
  });

  test("nobody: by the program, with the cause that a silent line points to", async () => {
    const line = openPty();
    if ("kind" in line) throw new Error(line.reason);
    stops.push(() => line.close());
    const { code, stdout } = await esme(
      "doctor",
      "--port",
      line.path,
      "--as",
      "modbus",
      "--data",
      freshDir("house"),
      "--json",
    );
    expect(code).toBe(1);
    const { probed, healthy } = JSON.parse(stdout);
    expect(healthy).toBe(false);
    expect(probed[0]).toMatchObject({
      diagnosis: { kind: "refused", code: "board-silent" },
      causes: [{ code: "silence" }, { code: "polarity" }, {}, {}],
    });
  });
});

describe.concurrent("beside a house", () => {
  const configured = (at: string) => {
    const data = freshDir("house");
    const source = (name: string, role: string, unit: number, model: string) =>
      `  - { name: ${name}, role: ${role}, kind: modbus, model: ${model}, address: ${unit}, tcp: "${at}", every: 500ms }`;
    const sources = [
      source("grid", "grid", 1, "sdm120"),
      source("pv", "generation", 2, "em112"),
      source("oven", "load", 3, "sdm230"),
    ];
    writeFileSync(join(data, "esme.yaml"), ["version: 1", "sources:", ...sources, ""].join("\n"));
    return data;
  };
  const MODELS = { 1: "sdm120", 2: "em112", 3: "sdm230" };
  const STEPS =
    "steps:\n  - { step: kettle, before: 4s, wait: 3s, after: 4s }\n  - { step: sun, before: 4s, wait: 3s, after: 4s }\n";
  /** Switches the kettle, then covers the sun, when it is told to; the grid's meter sits the wrong way round. */
  const played = async (doctor: Program, power_w: Map<number, number>) => {
    await doctor.says(/kettle: now/);
    power_w.set(1, -3_300).set(3, 2_850);
    await doctor.says(/sun: watching before/);
    await doctor.says(/sun: now/);
    power_w.set(1, -5_300).set(2, 5);
    return doctor.ended();
  };

  test("that is metering: its statistics through its door, and its directions, while it goes on", async () => {
    const meters = await tcpMeters(MODELS);
    stops.push(() => meters.close());
    meters.power_w.set(1, -500).set(2, 2_000).set(3, 50);
    const data = configured(meters.at);
    const run = new Program(["run", "--data", data]);
    stops.push(() => run.stop());
    await run.says(/grid: baseline/);
    const plain = await esme("doctor", "--tcp", meters.at, "--data", data);
    expect(plain.stdout).toMatch(
      /metered by this house's esme run\n {2}sdm120-900\n {2}grid \(grid\) -500 W\n {2}of \d+ questions/,
    );
    const json = JSON.parse((await esme("doctor", "--tcp", meters.at, "--data", data, "--json")).stdout);
    const { statistics } = json.probed[0].diagnosis.devices[0];
    expect(statistics).toMatchObject({ crcErrors: 0, latency_bounds_ms: expect.any(Array) });
    expect(statistics.answers).toBeGreaterThan(0);
    const steps = join(data, "steps.yaml");
    writeFileSync(steps, STEPS);
    const { code, stdout } = await played(
      new Program(["doctor", "--direction", "--answers", steps, "--data", data]),
      meters.power_w,
    );
    expect(stdout).toMatch(/^grid +grid .*turned$/m);
    expect(stdout).toMatch(/^pv +generation .*right$/m);
    expect(stdout).toMatch(/^oven +load .*right$/m);
    expect(stdout).toMatch(/write `reversed: true` for grid/);
    expect(code).toBe(1);
    expect((await run.stop()).code).toBe(0);
  });

  test("that nobody meters: it is metered meanwhile, and told without a door", async () => {
    const meters = await tcpMeters(MODELS);
    stops.push(() => meters.close());
    meters.power_w.set(1, -500).set(2, 2_000).set(3, 50);
    const data = configured(meters.at);
    const steps = join(data, "steps.yaml");
    writeFileSync(steps, STEPS);
    const { stdout } = await played(
      new Program(["doctor", "--direction", "--answers", steps, "--data", data]),
      meters.power_w,
    );
    expect(stdout).toMatch(/^grid +grid .*turned$/m);
    expect((await esme("read", "registers", "--data", data)).stdout).toMatch(/import/);
  });
});

describe.concurrent("used wrongly", () => {
  test.each([
    ["two places", ["--port", "x", "--tcp", "h:1"], "usage"],
    ["no host:port", ["--tcp", "host"], "usage"],
    ["a port beyond all", ["--tcp", "h:70000"], "usage"],
    ["an unknown depth", ["--scan", "deep"], "usage"],
    ["an unknown kind", ["--as", "toaster"], "usage"],
    ["answers without steps", ["--answers", "x"], "usage"],
    ["a kettle of nothing", ["--direction", "--kettle", "0"], "usage"],
    ["a stray word", ["everything"], "usage"],
    ["a place to watch from", ["--direction", "--port", "/dev/ttyUSB0"], "usage"],
    ["JSON that asks", ["--direction", "--json"], "usage"],
  ])("%s", async (_, words, code) => {
    const ended = await esme("doctor", "--data", freshDir("house"), ...words);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      words.includes("--json") ? new RegExp(`"code":"${code}"`) : new RegExp(`\\[${code}\\]\n {2}\\S`),
    );
  });

  test("directions of a house that is none, and steps that are none", async () => {
    const data = freshDir("house");
    const steps = join(data, "steps.yaml");
    writeFileSync(steps, "steps: [{ step: toaster }]\n");
    expect((await esme("doctor", "--direction", "--data", data, "--answers", steps)).stderr).toMatch(
      /:1:17: steps.0.step/,
    );
    writeFileSync(steps, "steps: [{ step: kettle }]\n");
    expect((await esme("doctor", "--direction", "--data", data, "--answers", steps)).stderr).toMatch(
      /\[config-missing\]/,
    );
  });

  test("a host where nobody listens, and one that is no meter's port", async () => {
    const { code, stdout } = await esme("doctor", "--tcp", "127.0.0.1:1", "--data", freshDir("house"));
    expect(code).toBe(1);
    expect(stdout).toMatch(/\[tcp-refused\]\n {2}\S/);
  });

  test("a script is told on stderr what the matter is; what esme.yaml names is looked at without being asked for", async () => {
    const data = freshDir("house");
    writeFileSync(
      join(data, "esme.yaml"),
      'version: 1\nsources: [{ name: grid, role: grid, kind: modbus, model: sdm120, address: 1, tcp: "127.0.0.1:1" }]\n',
    );
    const { code, stdout, stderr } = await esme("doctor", "--json", "--data", data);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ healthy: false, probed: [{ path: "127.0.0.1:1" }] });
    expect(JSON.parse(stderr)).toMatchObject({ code: "tcp-refused", reason: expect.stringMatching(/127\.0\.0\.1:1/) });
  });
});
