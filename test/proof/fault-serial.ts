// The serial port and everything that may be at the other end of it, through the real serialport package and, where a person would
// see it, through `esme doctor` and `esme run`. What is no fault of a board has a code, a reason and a next step; what is noise is
// counted; nothing ends the metering.

import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { SerialPort } from "serialport";
import { SerialSource } from "../../host/adapters/board/serial-source.js";
import { systemClock } from "../../host/app/clocks.js";
import { probe } from "../../host/app/probe.js";
import type { SourceEvent } from "../../host/ports/source.js";
import type { BoardOptionsInput } from "../../host/sim/board-options.js";
import type { BoardProcess } from "../../host/sim/board-process.js";
import type { DeviceLine } from "../../host/sim/line.js";
import { openPty } from "../../host/sim/pty.js";
import { encodeMessage } from "../../host/wire/board/from-board.js";
import type { BoardMessage } from "../../host/wire/board/messages.js";
import { board, type Ended, esme, freshDir, heldName, noPty, Program, skipped, when } from "./crash-bench.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";

const FAST: BoardOptionsInput = { fidelity: "fast", scenario: "steady" };
const GPS = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n$GPRMC,123519,A,4807.038,N*6A\r\n";
/** Without an end of line, more than any buffer should hold. */
const FLOOD_bytes = 8 * 1_024 * 1_024;

const CASES: { readonly [name: string]: () => Promise<readonly string[]> } = {
  "unplugged and plugged in elsewhere": unplugged,
  "a port that does not exist": missing,
  "a port that another program has": busy,
  "something that is no board": notABoard,
  "what doctor makes of what is no board": notABoardToDoctor,
  "a board of another major version": otherMajor,
  "a flood without an end": flood,
};

export const proof: Proof = {
  name: "fault-serial",
  claim:
    "A port that does not exist, is busy, is not a board, is some other board, or floods: a clear error or a counted fault",
  // Together they wait less than one by one; doctor's scan of a silent line alone takes most of a minute.
  cases: (effort) => casesAt(effort, ["all at once"], Object.keys(CASES)),
  run: async (case_): Promise<Verdict> => {
    const why = noPty();
    if (why !== null) return skipped(why);
    const quick = Object.keys(CASES).filter((name) => !name.includes("doctor"));
    const chosen = case_ === "all at once" ? quick : [case_];
    const wrong = await Promise.all(
      chosen.map(async (name) => {
        const found = (await CASES[name]?.().catch((error: Error) => [error.message])) ?? ["there is no such case"];
        return found.map((text) => `${name}: ${text}`);
      }),
    );
    const all = wrong.flat();
    return {
      ok: all.length === 0,
      said: all.length > 0 ? all.join("; ") : `${chosen.join(", ")}: told or counted as it should be`,
      figures: { cases: chosen.length, wrong: all.length },
    };
  },
};

/** Takes notes of what is not as it should be. */
class Notes {
  readonly wrong: string[] = [];

  expect(holds: boolean, otherwise: string): void {
    if (!holds) this.wrong.push(otherwise);
  }

  /** An end that a person can use: exit code, the refusal's code and next step, no stack trace. */
  refused(what: string, { code, stdout, stderr }: Ended, wanted: string): void {
    const text = stdout + stderr;
    this.expect(code === 1, `${what} ended with ${code} instead of 1`);
    this.expect(text.includes(`[${wanted}]`), `${what} does not say ${wanted} but ${text}`);
    this.expect(/\n {2}\S/.test(text), `${what} names no next step: ${text}`);
    this.expect(!/^ {4}at /m.test(text), `${what} shows a stack trace: ${text}`);
  }
}

/** A source on a path, and everything it told. */
class Listening {
  readonly events: SourceEvent[] = [];
  readonly source: SerialSource;

  constructor(path: string) {
    this.source = new SerialSource(path, systemClock);
    this.source.start((event) => this.events.push(event));
  }

  count(kind: SourceEvent["kind"]): number {
    return this.events.filter((event) => event.kind === kind).length;
  }

  has(kind: SourceEvent["kind"], more: number): Promise<true> {
    const before = this.count(kind);
    return when(`${more} more "${kind}"`, () => this.count(kind) >= before + more);
  }

  fault_bytes(name: string): number {
    return this.events.reduce((sum, one) => sum + (one.kind === "fault" && one.fault === name ? one.bytes : 0), 0);
  }
}

/** The plug is pulled (the process killed); a new board appears under another name, where a stable link points by then. */
async function unplugged(): Promise<readonly string[]> {
  const notes = new Notes();
  const link = join(freshDir("link"), "board");
  const eeprom = join(freshDir("eeprom"), "eeprom.bin");
  const first = await board({ ...FAST, eeprom });
  const letGo = heldName(first.port);
  symlinkSync(first.port, link);
  const listening = new Listening(link);
  let second: BoardProcess | null = null;
  try {
    await listening.has("report", 4);
    const lost = listening.has("lost", 1);
    await first.unplug();
    await lost;
    const told = listening.events.find((event) => event.kind === "lost");
    notes.expect(
      told?.kind === "lost" && told.reason.startsWith("unplugged"),
      `it was lost as ${JSON.stringify(told)}`,
    );
    notes.expect(
      listening.source.refusal === null || listening.source.refusal.code !== "port-busy",
      "it calls a lost port busy",
    );
    rmSync(link);
    second = await board({ ...FAST, eeprom });
    const found = listening.has("found", 1);
    symlinkSync(second.port, link);
    await found;
    await listening.has("report", 4);
    const finds = listening.events.filter((event) => event.kind === "found");
    const [before, after] = [finds[0], finds.at(-1)];
    if (before?.kind === "found" && after?.kind === "found") {
      notes.expect(after.identity.device === before.identity.device, "it came back as another board");
      notes.expect(after.identity.boot > before.identity.boot, "it came back in the same boot");
    }
    notes.expect(second.port !== first.port, "the second board took the name of the first");
  } finally {
    await listening.source.stop();
    letGo();
    await first.unplug();
    await second?.unplug();
  }
  return notes.wrong;
}

async function missing(): Promise<readonly string[]> {
  const notes = new Notes();
  const path = join(freshDir("nothing"), "ttyUSB0");
  notes.refused("doctor", await esme("doctor", "--port", path), "port-missing");
  notes.refused("run", await esme("run", "--port", path, "--data", freshDir("house")), "port-missing");
  const file = join(freshDir("file"), "is-a-folder");
  notes.refused(
    "run on a folder",
    await esme("run", "--port", join(file, ".."), "--data", freshDir("house")),
    "port-unusable",
  );
  const json = await esme("run", "--port", path, "--data", freshDir("house"), "--json");
  const told = JSON.parse(json.stderr) as { code: string; reason: string; next: string };
  notes.expect(
    told.code === "port-missing" && told.reason.includes(path) && told.next !== "",
    `--json says ${json.stderr}`,
  );
  return notes.wrong;
}

/** Two programs, one port: the second is told, and the first does not notice. */
async function busy(): Promise<readonly string[]> {
  const notes = new Notes();
  const metered = await board(FAST);
  const house = freshDir("house");
  const words = ["run", "--port", metered.port, "--data", house];
  const first = new Program(words);
  let waiting: Program | null = null;
  try {
    await first.says(/grid: baseline/);
    notes.refused("doctor", await esme("doctor", "--port", metered.port), "port-busy");
    notes.refused("a second run", await esme("run", "--port", metered.port, "--data", freshDir("house")), "port-busy");
    const { code, stderr } = await first.stop();
    notes.expect(code === 0 && stderr === "", `the first run ended with ${code}: ${stderr}`);
    // A house that has metered waits for its port, and says so; it takes it as soon as it is free.
    const serialMonitor = new SerialPort({ path: metered.port, baudRate: 38_400, lock: true, autoOpen: false });
    await new Promise<void>((resolve, reject) => serialMonitor.open((error) => (error ? reject(error) : resolve())));
    waiting = new Program(words);
    await waiting.says(/another program has .* open; trying again/);
    await new Promise<void>((resolve) => serialMonitor.close(() => resolve()));
    await waiting.says(/is well again/);
    const ended = await waiting.stop();
    notes.expect(ended.code === 0, `the waiting run ended with ${ended.code}: ${ended.stderr}`);
  } finally {
    for (const program of [first, waiting]) if (program?.running) await program.kill();
    await metered.unplug();
  }
  return notes.wrong;
}

/** A terminal of our own: `answer` gets what arrived every few milliseconds, and says something. */
async function atATerminal<T>(
  answer: (heard: string, line: DeviceLine) => void,
  look: (path: string) => Promise<T>,
): Promise<T> {
  const line = openPty();
  if ("kind" in line) throw new Error(line.reason);
  const timer = setInterval(() => answer(Buffer.from(line.read()).toString("latin1"), line), 10);
  try {
    return await look(line.path);
  } finally {
    clearInterval(timer);
    line.close();
  }
}

const spews = (_: string, line: DeviceLine) => void line.write(Buffer.from(GPS));

/** A probe waits for seconds, so they all wait at once, each at a terminal of its own. */
async function notABoard(): Promise<readonly string[]> {
  const notes = new Notes();
  await Promise.all([
    atATerminal(spews, async (path) => {
      notes.refused(
        "run on a GPS receiver",
        await esme("run", "--port", path, "--data", freshDir("house")),
        "not-a-board",
      );
    }),
    atATerminal(spews, async (path) => {
      const found = await probe(path, systemClock);
      notes.expect(
        found.kind === "refused" && /\([1-9]\d* bytes/.test(found.reason),
        "the bytes not understood are not counted",
      );
    }),
  ]);
  return notes.wrong;
}

async function notABoardToDoctor(): Promise<readonly string[]> {
  const notes = new Notes();
  const doctor = async (who: string, answer: (heard: string, line: DeviceLine) => void, wanted: string) =>
    atATerminal(answer, async (path) =>
      notes.refused(`doctor on ${who}`, await esme("doctor", "--port", path), wanted),
    );
  await Promise.all([
    doctor("a GPS receiver", spews, "not-a-board"),
    doctor("a line where nobody is", () => {}, "board-silent"),
    doctor("a board with a broken wire", deafBoard(), "board-deaf"),
  ]);
  return notes.wrong;
}

/** It talks as a board does, but hears nothing: the wire from the host's TX is off. */
function deafBoard(): (heard: string, line: DeviceLine) => void {
  const nothing = { current_ma: 0, power_mw: 0, reactive_mvar: 0 };
  const sum = { power_mw: 0, reactive_mvar: 0 };
  const clamps = [nothing, nothing, nothing] as const;
  let seq = 0;
  return (_, line) => {
    seq++;
    const power = {
      kind: "power",
      seq,
      t_ms: seq * 1_000,
      frequency_mhz: 50_000,
      voltage_mv: 230_000,
      clamps,
      sum,
    } as const;
    line.write(Buffer.from(encodeMessage(power)));
  };
}

async function otherMajor(): Promise<readonly string[]> {
  const notes = new Notes();
  const says = (message: BoardMessage) => (heard: string, line: DeviceLine) => {
    if (heard.includes("I ")) line.write(Buffer.from(encodeMessage(message)));
  };
  const refuses = says({ kind: "refused", letter: "I", reason: "version", detail: "2.0" });
  const is = says({
    kind: "identity",
    major: 2,
    minor: 0,
    firmware: "2.0.0",
    build: "00000000",
    id: "12345678",
    boot: 1,
    kinds: ["v", "ct"],
    caps: ["ring25"],
  });
  const looks = [["refuses this version", refuses] as const, ["is of another", is] as const].flatMap(
    ([how, answer]) => [
      atATerminal(answer, async (path) => {
        const said = await esme("doctor", "--port", path);
        notes.refused(`doctor on a board that ${how}`, said, "board-version");
        notes.expect(/version 2/.test(said.stdout), `doctor does not name the version: ${said.stdout}`);
      }),
      atATerminal(answer, async (path) => {
        const run = await esme("run", "--port", path, "--data", freshDir("house"));
        notes.refused(`run on a board that ${how}`, run, "board-version");
      }),
    ],
  );
  await Promise.all(looks);
  return notes.wrong;
}

/** Megabytes without an end of line: they are counted, the memory stands, and the board behind them is heard again. */
async function flood(): Promise<readonly string[]> {
  const notes = new Notes();
  const junk = Buffer.alloc(4_096, 0x55);
  let sent = 0;
  let ended = false;
  let after = "";
  const pour = (heard: string, line: DeviceLine) => {
    after += heard;
    // Opening a port throws away what waits in it: the flood begins once the host has asked, so that every byte of it can be counted.
    if (!after.includes("I 1.")) return;
    while (sent < FLOOD_bytes) {
      const taken = line.write(junk);
      sent += taken;
      if (taken === 0) return;
    }
    if (!ended) line.write(Buffer.from("\n"));
    ended = true;
    line.write(Buffer.from(encodeMessage({ kind: "refused", letter: "I", reason: "version", detail: "2.0" })));
  };
  await atATerminal(pour, async (path) => {
    const listening = new Listening(path);
    const before = process.memoryUsage().rss;
    await when("the end of the flood", () => listening.source.otherVersion !== null);
    const grown_mb = (process.memoryUsage().rss - before) / 1e6;
    const counted = listening.fault_bytes("flood");
    await listening.source.stop();
    notes.expect(Math.abs(counted - sent) < 1_000, `${counted} bytes of ${sent} counted as flood`);
    notes.expect(grown_mb < 200, `the memory grew by ${grown_mb.toFixed(0)} MB`);
    notes.expect(listening.events.length < 1_000, `${listening.events.length} events of one flood`);
  });
  return notes.wrong;
}
