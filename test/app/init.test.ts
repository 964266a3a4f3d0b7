// `esme init` as a person and as a script meets it: what it writes, what it refuses, and that it leaves nothing half-written.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asked, esme, MAIN } from "../proof/crash-bench.js";
import { EFFORT } from "../proof/proof.js";
import { type TcpMeters, tcpMeters } from "./finding/tcp-meters.js";

const folder = mkdtempSync(join(tmpdir(), "esme-init-"));
let houses = 0;
const house = () => join(folder, `house-${++houses}`);
const fileWith = (text: string) => {
  const path = join(folder, `answers-${++houses}.yaml`);
  writeFileSync(path, text);
  return path;
};
const files = (data: string) => (existsSync(data) ? readdirSync(data) : []);

let meters: TcpMeters;
beforeAll(async () => {
  meters = await tcpMeters({ 1: "sdm120", 2: "pzem-016" });
});
afterAll(() => meters.close());

/** A person at a terminal that is a pipe: types all at once, or nothing. */
async function typed(words: readonly string[], lines: readonly string[] | null) {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...words], { stdio: ["pipe", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    stdout += text;
    if (lines === null && stdout.includes("what does it measure")) child.kill("SIGINT");
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  if (lines !== null) child.stdin?.end(lines.map((line) => `${line}\n`).join(""));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  expect(stdout + stderr).not.toMatch(/^ {4}at /m);
  return { code, stdout, stderr };
}

describe.concurrent("what it finds", () => {
  test("is taken as it is with --yes: sound, private, commented, and not overwritten", async () => {
    const data = house();
    const { code, stdout, stderr } = await esme("init", "--tcp", meters.at, "--data", data, "--yes");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/is written, and sound/);
    const path = join(data, "esme.yaml");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(files(data)).toEqual(["esme.yaml"]);
    const text = readFileSync(path, "utf8");
    expect(text).toContain(
      `- { name: grid, role: grid, kind: modbus, model: sdm120, address: 1, tcp: "${meters.at}" }`,
    );
    expect(text).toMatch(/# looks like Peacefair/);
    expect((await asked<{ sources: object[] }>("config", "check", "--data", data)).sources).toMatchObject([
      { name: "grid", role: "grid" },
      { name: "load", role: "load" },
    ]);
    const again = await esme("init", "--tcp", meters.at, "--data", data, "--yes");
    expect(again.stderr).toMatch(/\[config-exists\]/);
    expect(readFileSync(path, "utf8")).toBe(text);
    const forced = await asked<{ sources: object[] }>("init", "--tcp", meters.at, "--data", data, "--yes", "--force");
    expect(forced.sources).toHaveLength(2);
  });

  test("gets the roles and names of an answers file", async () => {
    const data = house();
    const answers = fileWith(`tcp: ["${meters.at}"]
sources:
  - { at: "${meters.at} address 1", role: grid, name: tails, reversed: true }
  - { at: "${meters.at} address 2", role: load, name: heater, model: pzem-016 }
`);
    const told = await asked<{ schema: string }>("init", "--answers", answers, "--data", data);
    expect(told.schema).toBe("esme/init/1");
    const text = readFileSync(join(data, "esme.yaml"), "utf8");
    expect(text).toMatch(/name: tails, role: grid.*reversed: true/);
    expect(text).toMatch(/name: heater, role: load.*model: pzem-016/);
  });

  test("is asked about: a PZEM at the grid is refused where it is said, and asked again", async () => {
    const data = house();
    const lines = ["load", "oven", "grid", "battery", "", "pzem-016", "y"];
    const first = await typed(["init", "--tcp", meters.at, "--data", data], lines);
    expect(first.stdout).toMatch(/cannot tell import from export: it cannot stand at the grid/);
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(/exactly one source has the role grid/);
    expect(files(data)).toEqual([]);
    const { code, stderr } = await typed(["init", "--tcp", meters.at, "--data", data], ["", "", "", "", "", ""]);
    expect(code, stderr).toBe(0);
    expect(readFileSync(join(data, "esme.yaml"), "utf8")).toMatch(/name: load, role: load/);
  });
});

describe.concurrent("what is refused leaves nothing behind", () => {
  const refused = async (words: readonly string[], exit: 1 | 2, code: string) => {
    const data = house();
    const ended = await esme("init", "--data", data, ...words);
    expect(ended.stderr, words.join(" ")).toContain(`[${code}]`);
    expect(ended.stderr).toMatch(/\n {2}\S/);
    expect(ended.code).toBe(exit);
    expect(files(data)).toEqual([]);
    return ended.stderr;
  };
  const source = (fields: string) => fileWith(`tcp: ["${meters.at}"]\nsources:\n  - { ${fields} }\n`);

  test("used wrongly", async () => {
    await refused(["--json"], 2, "usage").catch(() => {});
    expect(JSON.parse((await esme("init", "--json", "--data", house())).stderr)).toMatchObject({ code: "usage" });
    await refused(["--tcp", "nonsense", "--yes"], 2, "usage");
    await refused(["--yes", "--answers", "x"], 2, "usage");
    await refused(["--scan", "deep"], 2, "usage");
    await refused(["somewhere"], 2, "usage");
  });

  test("answers that are none: with line and column", async () => {
    expect(await refused(["--answers", source("at: x, role: grd")], 1, "answers-invalid")).toMatch(
      /:3:20: sources.0.role/,
    );
    expect(await refused(["--answers", source("at: x, role: grid, colour: 1")], 1, "answers-invalid")).toMatch(
      /colour/,
    );
    await refused(["--answers", fileWith("{")], 1, "answers-invalid");
    await refused(["--answers", join(folder, "nowhere")], 1, "enoent");
    await refused(["--answers", "/dev/zero"], 1, "file-too-large");
  });

  // Each finds the meters anew: some seconds of waiting.
  const inCi = EFFORT === "ci" ? test : () => {};
  inCi("a PZEM at the grid, a place where nothing is, a name twice, no grid, nothing found", async () => {
    const at = (unit: number) => `at: "${meters.at} address ${unit}"`;
    await refused(["--answers", source(`${at(2)}, role: grid`)], 1, "role-refused");
    await refused(["--answers", source(`${at(9)}, role: grid`)], 1, "not-found");
    await refused(["--answers", source(`${at(2)}, role: load`)], 1, "config-invalid");
    const twice = `${at(1)}, role: grid, name: a } \n  - { ${at(2)}, role: load, name: a`;
    await refused(["--answers", source(twice)], 1, "config-invalid");
    await refused(["--port", join(folder, "ttyUSB0"), "--yes"], 1, "nothing-found");
  });

  test("the end of input, and Ctrl-C, in the middle of the questions", async () => {
    const data = house();
    mkdirSync(data);
    const ended = await typed(["init", "--tcp", meters.at, "--data", data], ["grid"]);
    expect(ended.stderr).toMatch(/\[interrupted\]/);
    expect(ended.code).toBe(1);
    const stopped = await typed(["init", "--tcp", meters.at, "--data", data], null);
    expect(stopped.code === null || stopped.code > 0).toBe(true);
    expect(files(data)).toEqual([]);
  });
});
