// `esme calibrate` as programs: beside a running `esme run`, through its door, and alone; with a simulated board on a real port. Runs the
// built program (dist/).

import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { knock } from "../../host/adapters/door.js";
import type { DoorRequest } from "../../host/ports/door.js";
import type { BoardProcess } from "../../host/sim/board-process.js";
import type { ScenarioInput } from "../../host/sim/scenario.js";
import { board, type Ended, heldName, MAIN, noPty, Program, esme as run, SharedClock } from "../proof/crash-bench.js";
import { EFFORT } from "../proof/proof.js";

const folder = mkdtempSync(join(tmpdir(), "esme-calibrate-"));
let dirs = 0;
const freshDir = () => join(folder, `house-${++dirs}`);
const why = noPty();

async function refusedWith(words: readonly string[], exit: number, code: string, reason: RegExp): Promise<void> {
  const ended = await run(...words, "--json");
  expect(ended.code, ended.stderr).toBe(exit);
  const told = JSON.parse(ended.stderr) as Record<string, unknown>;
  expect(told.code).toBe(code);
  expect(told.reason).toMatch(reason);
  expect(told.next).toMatch(/\S/);
}

interface Channel {
  readonly channel: number;
  readonly gain: number;
  readonly phase_mdeg: number;
}

async function good<T>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...words, "--json");
  expect(code, `esme ${words.join(" ")}: ${stderr}`).toBe(0);
  return JSON.parse(stdout) as T;
}

/** What a person types, a line at a time, and what they read. */
function typed(words: readonly string[], lines: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...words]);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.end(lines.map((line) => `${line}\n`).join(""));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

describe("used wrongly", () => {
  const answers = join(folder, "answers.yaml");
  beforeAll(() => writeFileSync(answers, "version: 1\nsteps: []\nloads: []\n"));

  it.each<[string, string[], number, string, RegExp]>([
    ["a subcommand that there is not", ["shwo"], 2, "usage", /too many arguments/],
    ["--json with nobody to ask", [], 2, "usage", /nobody to ask/],
    ["no such clamp", ["--clamp", "4", "--answers", answers], 1, "answers-invalid", /answers\.yaml:3:\d+: loads/],
    ["no answers file", ["--answers", join(folder, "none.yaml")], 1, "enoent", /none\.yaml/],
    ["answers without an end", ["--answers", "/dev/zero"], 1, "file-too-large", /longer than/],
    ["a backup without an end", ["restore", "/dev/zero"], 1, "file-too-large", /longer than/],
    ["no backup", ["restore", answers], 1, "backup-invalid", /answers\.yaml/],
    ["no configuration", ["show"], 1, "config-missing", /no configuration/],
  ])("%s", async (_, words, exit, code, reason) => {
    await refusedWith(["calibrate", ...words, "--data", freshDir()], exit, code, reason);
  });

  it("a house that was never calibrated has no history", async () => {
    expect(await good("calibrate", "history", "--data", freshDir())).toEqual([]);
  });
});

describe.skipIf(why !== null)(`with a board on a port${why === null ? "" : `: ${why}`}`, () => {
  const boards: BoardProcess[] = [];
  const programs: Program[] = [];
  const begun = (words: string[]) => {
    const program = new Program(words);
    programs.push(program);
    return program;
  };
  afterAll(async () => {
    // First the programs: one that lives on would look for its board under a name that the next test's board may have.
    for (const program of programs) await program.kill();
    for (const board of boards) await board.unplug();
  });
  const MAINS = { voltageWander_v: 0, frequencyWander_hz: 0, distortion: 0 };

  /** A board, and the words that name it, its house and a clock five times as fast. */
  async function placed(scenario: ScenarioInput): Promise<{ port: string[]; house: string[]; data: string }> {
    const clock = new SharedClock(Date.UTC(2026, 5, 1, 10), 5);
    const one = await board({ scenario, fidelity: "fast", clock: clock.forBoard });
    boards.push(one);
    const data = freshDir();
    return { port: ["--port", one.port], house: ["--data", data, "--clock", clock.spec], data };
  }

  it("shows, backs up, writes, and undoes while `esme run` meters on; two at once do not mix", {
    timeout: 120_000,
  }, async () => {
    const { port, house, data } = await placed({ kind: "steady", mains: MAINS, clamps: [{}, {}, {}] });
    const metering = begun(["run", ...port, ...house]);
    await metering.says(/metering/);
    const file = join(folder, "backup.json");
    const before = await good<{ channels: Channel[]; slot: number; board: string }>(
      "calibrate",
      "backup",
      file,
      ...house,
    );
    const at = (request: DoorRequest) => knock(data, { board: port[1], ...request }, 60_000);
    expect(await at({ do: "calibration", board: "/dev/none" })).toMatchObject({ ok: false, code: "no-board" });
    expect(await at({ do: "calibrate", after: [] })).toMatchObject({ ok: false, code: "calibrate" });
    await refusedWith(["calibrate", "backup", file, ...house], 1, "file-exists", /there already/);
    const itself = join(folder, "itself.yaml");
    const loads = "[{ load: nothing }, { load: resistive }]";
    writeFileSync(itself, `version: 1\nreference: load\nwithout: [reactive-low, reactive-high]\nsteps: ${loads}\n`);
    await refusedWith(["calibrate", "--answers", itself, ...house], 1, "no-reference", /by the very board/);
    const changed = before.channels.map((one) => ({ ...one, gain: one.gain + 100 }));
    const other = join(folder, "changed.json");
    writeFileSync(other, JSON.stringify({ ...before, channels: changed }));
    const both = await Promise.all([1, 2].map(() => run("calibrate", "restore", other, ...house, "--json")));
    // One of them wrote it; the other was refused, or came late enough to write the same again.
    expect(both.some(({ code }) => code === 0)).toBe(true);
    for (const { code, stderr } of both)
      if (code !== 0) expect(["calibration-busy", "calibration-changed"]).toContain(JSON.parse(stderr).code);
    const now = await good<{ channels: Channel[]; entry: number }>("calibrate", "show", ...house);
    expect(now.channels.map(({ gain }) => gain)).toEqual(changed.map(({ gain }) => gain));
    expect(now.entry).toBeGreaterThanOrEqual(1);
    writeFileSync(other, JSON.stringify({ ...before, board: "00000000" }));
    await refusedWith(["calibrate", "restore", other, ...house], 2, "usage", /of board 00000000/);
    await good("calibrate", "restore", other, "--other-board", ...house);
    const history = await good<{ what: string; state: string }[]>("calibrate", "history", "--data", data);
    expect(history.at(-1)).toMatchObject({ what: "restore", state: "kept" });
    const undone = await good<{ after: Channel[] }>("calibrate", "undo", ...house);
    expect(undone.after.map(({ gain }) => gain)).toEqual(changed.map(({ gain }) => gain));
    expect(metering.running).toBe(true);
    const { code, stdout } = await metering.stop();
    expect(code).toBe(0);
    expect(stdout).toMatch(/grid: import/);
  });

  const inCi = EFFORT === "ci" ? it : () => {};
  inCi("calibrates by an answers file with nobody metering, and meters meanwhile", { timeout: 240_000 }, async () => {
    const scenario = { kind: "pulses", mains: MAINS, power_w: 2300, from_s: 110, to_s: 100_000 } as const;
    const answers = join(folder, "kettle.yaml");
    const steps = "steps:\n  - { load: nothing, volts: 230 }\n  - { load: resistive, volts: 230, watts: 2300 }\n";
    writeFileSync(answers, `version: 1\nwait: 9m\nwithout: [reactive-low, reactive-high]\n${steps}`);
    const { port, house, data } = await placed(scenario);
    const ended = await run("calibrate", "--answers", answers, "--json", ...port, ...house);
    expect(ended.code, ended.stderr).toBe(0);
    const told = JSON.parse(ended.stdout) as {
      before: Channel[];
      after: Channel[];
      clamps: { verdict: { kind: string } }[];
      slot: number;
    };
    expect(told.slot).toBe(1);
    expect(told.clamps[0]?.verdict.kind).toBe("good");
    // The board left the works with what is right: within its noise the same is found again.
    const product = ([volts, one]: readonly Channel[]) => (volts?.gain ?? 0) * (one?.gain ?? 0);
    expect(Math.abs(product(told.after) / product(told.before) - 1)).toBeLessThan(0.002);
    const [entry] = await good<{ state: string; reference: string }[]>("calibrate", "history", "--data", data);
    expect(entry).toMatchObject({ state: "kept", reference: "typed" });
    const { import_wh } = await good<{ import_wh: number }>("read", "registers", "--data", data);
    expect(import_wh).toBeGreaterThan(0);
  });

  it("asks a person, step by step, and writes nothing where they leave", { timeout: 120_000 }, async () => {
    const { port, house, data } = await placed({ kind: "steady", mains: MAINS, clamps: [{}, {}, {}] });
    const left = await typed(["calibrate", ...port, ...house], ["", "two hundred", "230"]);
    expect(left.code).toBe(1);
    expect(left.stdout).toMatch(/Step 1 of 4, nothing.*a number without its unit.*Step 2 of 4, resistive/s);
    expect(left.stderr).toContain("[calibration-stopped]");
    expect(await good("calibrate", "history", "--data", data)).toEqual([]);
  });

  it("says that a board is lost which is unplugged meanwhile", { timeout: 120_000 }, async () => {
    const { port, house } = await placed({ kind: "steady", mains: MAINS, clamps: [{ amps: 10 }, {}, {}] });
    const answers = join(folder, "all.yaml");
    const steps = "steps: [{ load: nothing, volts: 230 }, { load: resistive, volts: 230, watts: 2300 }]\n";
    writeFileSync(answers, `version: 1\nwait: 9m\nwithout: [reactive-low, reactive-high]\n${steps}`);
    const calibrating = begun(["calibrate", "--answers", answers, ...port, ...house]);
    await calibrating.says(/nothing: waiting/);
    const letGo = heldName(port[1] ?? "");
    await boards.at(-1)?.unplug();
    const { code, stderr } = await calibrating.ended();
    letGo();
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/the board has told nothing for 10 s \[step-invalid\]/);
  });
});
