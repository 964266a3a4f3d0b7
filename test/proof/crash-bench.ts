// Real programs for the crash proofs: `esme run` and `esme hub` as processes that may be killed, and a simulated board on a real port.
// Nothing here waits for a time to pass where it can wait for what it needs; every such wait has a deadline.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pid } from "node:process";
import { openReader } from "../../host/adapters/store/house-reader.js";
import { openHubReader } from "../../host/adapters/store/hub-reader.js";
import { rfc3339 } from "../../host/ledger/units.js";
import type { StoreReader } from "../../host/ports/store.js";
import type { BoardOptionsInput } from "../../host/sim/board-options.js";
import { BoardProcess, startBoardProcess } from "../../host/sim/board-process.js";
import { openPty } from "../../host/sim/pty.js";

export const MAIN = join(process.cwd(), "dist", "host", "app", "main.js");
export const SOURCES = ["grid", "generation", "load"] as const;
/** An address of this machine that no other test file has: a port of it that is given free for a moment is taken by nobody else. */
export const OWN_ADDRESS =
  process.platform === "linux" ? `127.${100 + (pid >>> 16)}.${(pid >>> 8) & 255}.${pid & 255}` : "127.0.0.1";
/** How long anything that must happen may take on a busy machine. */
const DEADLINE_ms = 60_000;
const LOOK_EVERY_ms = 20;

/** Why there are no pseudo-terminals here, or null. */
export function noPty(): string | null {
  const pty = openPty();
  if ("kind" in pty) return pty.reason;
  pty.close();
  return null;
}

/** Who pulls the plug of a pseudo-terminal while its host lives takes hold of its name before: until it is let go, no other test gets that
 * name, at which the host would find that test's board. */
export function heldName(port: string): () => void {
  const end = openSync(port, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  return () => closeSync(end);
}

/** What a proof says that cannot be shown on this machine. */
export function skipped(why: string) {
  return { ok: true, said: `skipped: ${why}`, figures: { skipped: 1 } };
}

export function freshDir(what: string): string {
  return mkdtempSync(join(tmpdir(), `esme-${what}-`));
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `esme`. */
export class Program {
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  #saidAll = false;

  constructor(words: readonly string[]) {
    this.#child = spawn(process.execPath, [MAIN, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.stderr += text;
    });
    this.#ended = once(this.#child, "close").then(([code]) => {
      this.#saidAll = true;
      return { code: code as number | null, stdout: this.stdout, stderr: this.stderr };
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits until it has said `what`; an end before that is a failure of the proof. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    const found = await when(`esme to say ${what}`, () => {
      const match = what.exec(this.stdout);
      if (match === null && this.#saidAll) throw new Error(`esme ended instead of saying ${what}: ${this.stderr}`);
      return match;
    });
    return found;
  }

  ended(): Promise<Ended> {
    return this.#ended;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async stop(): Promise<Ended> {
    this.#child.kill("SIGTERM");
    return this.#ended;
  }
}

/** Runs `esme` to its end. */
export function esme(...words: string[]): Promise<Ended> {
  return new Program(words).ended();
}

/** The JSON that `esme ... --json` prints. */
export async function asked<T>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await esme(...words, "--json");
  if (code !== 0) throw new Error(`esme ${words.join(" ")} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Resolves with the first value that `look` gives which is not null or false. */
export async function when<T>(what: string, look: () => T | null | false, within_ms = DEADLINE_ms): Promise<T> {
  const until_ms = performance.now() + within_ms;
  for (;;) {
    const seen = look();
    if (seen !== null && seen !== false) return seen;
    if (performance.now() > until_ms) throw new Error(`waited ${within_ms} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_ms));
  }
}

/** A clock that board and meter share: `speed` times as fast as the machine's. */
export class SharedClock {
  readonly #wall_ms = Date.now();

  constructor(
    readonly start_ms: number,
    readonly speed: number,
  ) {}

  get spec(): string {
    return `${rfc3339(this.start_ms)}@${this.#wall_ms}*${this.speed}`;
  }

  get forBoard() {
    return { anchorWall_ms: this.#wall_ms, anchorUtc_ms: this.start_ms, speed: this.speed };
  }

  get utc_ms(): number {
    return this.start_ms + (Date.now() - this.#wall_ms) * this.speed;
  }

  reaches(utc_ms: number): Promise<true> {
    return when(`simulated ${rfc3339(utc_ms)}`, () => this.utc_ms >= utc_ms, DEADLINE_ms * 10);
  }
}

export async function board(options: BoardOptionsInput): Promise<BoardProcess> {
  const started = await startBoardProcess(options);
  if (!(started instanceof BoardProcess)) throw new Error(started.reason);
  return started;
}

/** An `esme hub` that comes back to the same port. */
export class HubProgram {
  readonly data = freshDir("hub");
  program: Program;
  port = 0;
  installCode = "";

  /** What the options of `esme run` say of it. */
  get joining(): readonly string[] {
    return ["--hub", `${OWN_ADDRESS}:${this.port}`, "--install-code", this.installCode];
  }

  private constructor() {
    this.program = this.#begun();
  }

  static async start(): Promise<HubProgram> {
    const hub = new HubProgram();
    const said = await hub.program.says(/\{"schema":"esme\/hub\/1".*\}\n/);
    const { port, install_code } = JSON.parse(said[0]) as { port: number; install_code: string };
    hub.port = port;
    hub.installCode = install_code;
    return hub;
  }

  again(): void {
    this.program = this.#begun();
  }

  forwarded(): readonly Forwarded[] {
    const opened = openHubReader(join(this.data, "hub.sqlite"));
    if (!opened.ok) return [];
    const all = [...opened.reader.forwarded()].map(({ id, body }) => ({
      id,
      body: JSON.parse(Buffer.from(body).toString("utf8")) as Body,
    }));
    opened.reader.close();
    return all;
  }

  #begun(): Program {
    return new Program(["hub", "--data", this.data, "--host", OWN_ADDRESS, "--listen", String(this.port), "--json"]);
  }
}

export interface Body {
  readonly schema: string;
  readonly end?: string;
  readonly at?: string;
  readonly code?: string;
  readonly text?: string;
}

export interface Forwarded {
  readonly id: number;
  readonly body: Body;
}

/** Looks into a house's store while its owner runs; null before there is one. */
export function lookInto<T>(data: string, look: (reader: StoreReader) => T): T | null {
  const opened = openReader(join(data, "meter.sqlite"));
  if (!opened.ok) return null;
  try {
    return look(opened.reader);
  } finally {
    opened.reader.close();
  }
}

export const ALL_TIME = { from: 0, to: 8.64e15 } as const;

/** The moment of a kill: as good as any other. */
export function aMoment(next: () => number, most_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.floor(next() * most_ms)));
}
