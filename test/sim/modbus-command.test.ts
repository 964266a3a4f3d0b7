// `esme sim meter` as a person types it: what it prints, what it refuses, and that it ends.

import { describe, expect, test } from "vitest";
import { esme, Program } from "../proof/crash-bench.js";

const JSON_LINE = /^\{.*\}$/m;

interface Told {
  readonly schema: string;
  readonly port: string;
  readonly speed: number | null;
  readonly meters: readonly { readonly model: string; readonly address: number }[];
}

async function told(...words: string[]): Promise<Told> {
  const { code, stdout, stderr } = await esme("sim", "meter", ...words, "--for", "50ms", "--json");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Told;
}

describe("esme sim meter", () => {
  test("says where it answers and how it is metered, until Ctrl-C", async () => {
    const program = new Program(["sim", "meter", "--model", "sdm120", "--speed", "2400"]);
    const [, port] = await program.says(/answer at (\S+), 2400 baud/);
    await program.says(/kind: modbus, model: sdm120, address: 1, port: \S+, speed: 2400, parity: none/);
    expect(port).toMatch(/^\/dev\//);
    expect((await program.stop()).code).toBe(0);
  });

  test("has several meters on one bus, each with its address and its place in the house", async () => {
    const meters = ["--model", "sdm630@3", "--model", "sdm120@7:generation"];
    const { schema, meters: made, speed } = await told(...meters, "--fault", "late:0.1@7", "--fault", "echo");
    expect(schema).toBe("esme/sim-meter/1");
    expect(speed).toBe(9600);
    expect(made).toEqual([
      { model: "sdm630", address: 3, clamp: "grid" },
      { model: "sdm120", address: 7, clamp: "generation" },
    ]);
  });

  test("listens at a TCP port that it names", async () => {
    const { port, speed } = await told(
      "--model",
      "sdm120",
      "--address",
      "9",
      "--bus",
      "tcp",
      "--start",
      "12345.678,90.1",
    );
    expect(port).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(speed).toBeNull();
  });

  test.each<[string, number, RegExp]>([
    ["", 2, /required option '--model <model>'/],
    ["--model sdm999", 2, /no model sdm999/],
    ["--model sdm120@", 2, /"sdm120@" is no meter/],
    ["--model sdm120@1:cellar", 2, /"cellar" is no conductor/],
    ["--model sdm120@1 --address 2", 2, /address is there twice/],
    ["--model sdm120@1 --model sdm120@1", 2, /two meters have the address 1/],
    ["--model sdm120 --model sdm630 --address 2", 2, /--address is for one meter/],
    ["--model sdm120 --bus rs232", 2, /Allowed choices are pty, tcp, rtu-tcp/],
    ["--model sdm120 --fault broken", 2, /"broken" is no fault/],
    ["--model sdm120 --fault late:2", 2, /"2" is no share/],
    ["--model sdm120 --fault late@9", 2, /where no meter is/],
    ["--model sdm120 --fault reversed@1", 2, /"reversed@1" is no fault/],
    ["--model sdm120 --fault echo:0.1", 2, /"echo:0.1" is no fault/],
    ["--model sdm120@0", 2, /0 is no address/],
    ["--model sdm120 --address 300", 2, /300 is no address/],
    ["--model sdm120 --listen 15021", 2, /a serial port has no --listen/],
    ["--model sdm120 --truth /nowhere/truth.jsonl", 1, /no such file.*\/nowhere\/truth\.jsonl/],
    ["--model sdm120 --bus tcp --noise 1e-4", 2, /no wire for --noise/],
    ["--model sdm120 --bus tcp --fault echo", 2, /no wire for the fault echo/],
    ["--model sdm120 --noise 0.7", 2, /is no share/],
    ["--model sdm120 --latency 20", 2, /"20" is not a duration/],
    ["--model sdm120 --start much", 2, /"much" is no state of the counters/],
    ["--model sdm120 --scenario moon", 2, /no scenario "moon"/],
    ["--model sdm120 --scenario /dev/null", 1, /\/dev\/null is not a scenario/],
    ["--model sdm120 --speed 1", 2, /speed/],
    ["--model sdm120 --bus tcp --speed 19200", 2, /no wire for --speed/],
    ["--model sdm120 --start ,", 2, /"," is no state of the counters/],
  ])("refuses %s", async (words, code, reason) => {
    const ended = await esme("sim", "meter", ...words.split(" ").filter((word) => word !== ""), "--json");
    expect(ended.stdout).toBe("");
    const refusal = JSON.parse(JSON_LINE.exec(ended.stderr)?.[0] ?? "{}") as {
      code: string;
      reason: string;
      next: string;
    };
    expect(refusal.reason).toMatch(reason);
    expect(refusal.next).not.toBe("");
    expect(ended.code).toBe(code);
    expect(refusal.code === "usage", "used wrongly is usage, 2, and nothing else is").toBe(code === 2);
  });
});
