// The board process on its pseudo-terminal, opened by the real serialport package as a host opens it; and what may be
// done to it. The few seconds here are real ones.
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReadlineParser } from "@serialport/parser-readline";
import { SerialPort } from "serialport";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { BoardOptionsInput } from "../../host/sim/board-options.js";
import { readBoardOptions } from "../../host/sim/board-options.js";
import { BoardProcess, startBoardProcess } from "../../host/sim/board-process.js";
import { BoardRunner } from "../../host/sim/board-runner.js";
import { inProcessLine } from "../../host/sim/line.js";
import { Noise } from "../../host/sim/noise.js";
import { openPty } from "../../host/sim/pty.js";
import { decodeLine } from "../../host/wire/board/from-board.js";
import type { BoardMessage } from "../../host/wire/board/messages.js";
import { encodeCommand } from "../../host/wire/board/to-board.js";
import { heldName } from "../proof/crash-bench.js";

const folder = mkdtempSync(join(tmpdir(), "esme-board-"));
const started: BoardProcess[] = [];
afterEach(async () => {
  for (const board of started.splice(0)) await board.unplug();
});
afterAll(() => rmSync(folder, { recursive: true }));

const pty = openPty();
const noPty = "kind" in pty;
if ("kind" in pty) console.log(`skipped, the board process: ${pty.reason}`);
else pty.close();

async function start(options: BoardOptionsInput): Promise<BoardProcess> {
  const board = await startBoardProcess(options);
  if (!(board instanceof BoardProcess)) throw new Error(board.reason);
  started.push(board);
  return board;
}

/** A host's side of a port: every line decoded; resolves questions as lines come. */
class Host {
  readonly messages: BoardMessage[] = [];
  faults = 0;
  readonly port: SerialPort;
  readonly closed: Promise<void>;
  #wake = () => {};

  constructor(path: string) {
    this.port = new SerialPort({ path, baudRate: 38_400 });
    this.closed = new Promise((resolve) => this.port.once("close", () => resolve()));
    this.port.pipe(new ReadlineParser({ delimiter: "\n", encoding: "latin1" })).on("data", (line: string) => {
      const message = decodeLine(line);
      if (message.kind === "fault") this.faults++;
      else this.messages.push(message);
      this.#wake();
    });
  }

  async until(enough: () => boolean): Promise<void> {
    while (!enough()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  count(kind: BoardMessage["kind"]): number {
    return this.messages.filter((message) => message.kind === kind).length;
  }
}

describe.skipIf(noPty)("a board process", () => {
  it("is a serial port at 38400 baud with an executed board behind it, whose truth can be asked", async () => {
    const truth = join(folder, "truth.jsonl");
    const board = await start({ scenario: "steady", truth, startUtc_ms: Date.UTC(2026, 5, 1) });
    const host = new Host(board.port);
    await host.until(() => host.count("report") >= 4);
    host.port.write(encodeCommand({ kind: "identify", major: 1, minor: 0 }));
    await host.until(() => host.count("report") >= 8 && host.count("identity") === 1);
    expect(host.faults).toBe(0);
    const report = host.messages.findLast((message) => message.kind === "report" && message.channel === 1)!;
    if (report.kind !== "report") throw new Error("not a report");
    const then = (await board.truthAtBoard(report.boot, report.t_ms))!;
    const [grid] = then.energies;
    expect(report.counters.importActive_mwh / 1000 / (grid.import_uwh / 1e6)).toBeGreaterThan(0.8);
    expect(then.utc_ms).toBeCloseTo(Date.UTC(2026, 5, 1) + then.at_s * 1000, 0);
    const status = (await board.status())!;
    expect(status.cycles).toBeGreaterThan(16_000_000);
    expect(status.time_s + status.lag_s).toBeCloseTo((status.utc_ms - Date.UTC(2026, 5, 1)) / 1000, 6);
    await board.stop();
    const lines = readFileSync(truth, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[1]).toMatchObject({ at_s: 1, utc: "2026-06-01T00:00:01.000Z" });
    expect(lines[1].clamps).toHaveLength(3);
  });

  it("unplugged, its port is gone; plugged in again with its EEPROM, it goes on", async () => {
    const eeprom = join(folder, "eeprom.bin");
    const options = { scenario: "steady", fidelity: "fast", speed: 50, eeprom } as const;
    const first = await start(options);
    const host = new Host(first.port);
    await host.until(() => host.count("report") >= 400);
    const letGo = heldName(first.port);
    await first.unplug();
    expect(existsSync(first.port)).toBe(false);
    letGo();
    if (host.port.isOpen) host.port.close();
    await host.closed;
    const second = await start(options);
    const again = new Host(second.port);
    await again.until(() => again.count("report") >= 4);
    const [before, after] = [host.messages, again.messages].map((all) => all.find((one) => one.kind === "report")!);
    if (before?.kind !== "report" || after?.kind !== "report") throw new Error("no reports");
    expect(after.boot).toBe(before.boot + 1);
    expect(after.base.importActive_mwh).toBeGreaterThan(0);
    again.port.close();
  });

  it("paused it is silent and then catches up; corrupted its lines are counted; reset it boots anew", async () => {
    const board = await start({ scenario: "steady", fidelity: "fast", speed: 20 });
    const host = new Host(board.port);
    await host.until(() => host.count("report") >= 8);
    await board.pause();
    const silent = (await board.status())!;
    expect(silent.paused).toBe(true);
    await board.resume();
    await board.corrupt(1 / 200);
    await host.until(() => host.faults > 5 && host.count("report") > 100);
    await board.corrupt(0);
    await board.reset();
    await host.until(() => host.messages.some((message) => message.kind === "report" && message.boot === 2));
    host.port.close();
  });

  it("ends where its starter has gone before it could look", async () => {
    const child = fork(join(process.cwd(), "dist", "host", "sim", "board-main.js"), { silent: true, execArgv: [] });
    child.disconnect();
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(0);
  });

  it("says in a sentence why there is no board", async () => {
    expect(await startBoardProcess({ scenario: "atlantis" })).toMatchObject({
      kind: "fault",
      reason: expect.stringContaining("there is no scenario atlantis"),
    });
    expect(await startBoardProcess({ waveform: "/nonexistent.csv" })).toMatchObject({
      reason: expect.stringContaining("ENOENT"),
    });
  });
});

describe("a board in this process", () => {
  it("speaks on an in-process line, paced by the clock it is given", () => {
    const { device, host } = inProcessLine();
    const options = readBoardOptions({ scenario: "demo", fidelity: "fast", speed: 10 });
    if ("kind" in options) throw new Error(options.reason);
    const runner = BoardRunner.build(options, device, 1_000_000);
    if ("kind" in runner) throw new Error(runner.reason);
    let heard = "";
    host.onBytes = (bytes) => {
      heard += Buffer.from(bytes).toString("latin1");
    };
    host.write(Buffer.from(encodeCommand({ kind: "readHalfHours", from_s: 0 })));
    // A slice ends after 9 ms of work, on a busy machine before the board has come up to the clock.
    while (runner.status(1_000_000 + 1050).lag_s > 1e-9) runner.slice(1_000_000 + 1050);
    expect(heard.match(/^R 10 /gm)).toHaveLength(4);
    expect(heard).toMatch(/^N H utc/m);
    expect(runner.board.time_s).toBeCloseTo(10.5, 3);
    runner.stop();
  });
});

describe("noise", () => {
  it("corrupts about as many bytes as told, none at rate 0, the same for the same seed", () => {
    const bytes = new Uint8Array(100_000).fill(0x55);
    const noise = new Noise(0.005, 1);
    const arrived = noise.pass(bytes);
    const changed = arrived.filter((byte) => byte !== 0x55).length;
    expect(changed).toBe(noise.corrupted);
    expect(Math.abs(changed - 500)).toBeLessThan(100);
    expect(new Noise(0.005, 1).pass(bytes)).toEqual(arrived);
    expect(new Noise(0, 1).pass(bytes)).toEqual(bytes);
  });
});
