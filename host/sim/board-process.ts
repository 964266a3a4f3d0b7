// A simulated board in a process of its own, as its starter sees it: a port to open, and a hand on its plug.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ChannelCalibration } from "../wire/board/messages.js";
import type { Answer, Asking } from "./board-messages.js";
import type { BoardOptionsInput } from "./board-options.js";
import type { BoardStatus, SimClock, TruthAt } from "./board-runner.js";
import { fault, type SimFault } from "./scenario.js";

/** The built entry, whether this runs from host/ or from dist/host/. */
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.includes("/dist/") ? "./board-main.js" : "../../dist/host/sim/board-main.js",
    import.meta.url,
  ),
);
const WHO = "the board's process";
const READY_ms = 20_000;
/** Bytes kept of what it says on stderr. */
export const LAST_WORDS = 4_096;

interface Ready {
  readonly port: string;
  readonly clock: SimClock;
}

/** Starts a board; resolves when its port can be opened, or says why there is none (no pty, a bad scenario). */
export async function startBoardProcess(options: BoardOptionsInput): Promise<BoardProcess | SimFault> {
  const words = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [`--${name}`, JSON.stringify(value)]);
  const child = fork(ENTRY, words, { silent: true, execArgv: [] });
  const said = await firstWords<Ready>(child, WHO);
  if ("kind" in said) child.kill("SIGKILL");
  return "kind" in said ? said : new BoardProcess(child, said);
}

export class BoardProcess {
  readonly port: string;
  /** Simulated UTC from the wall clock: give it to the host as well. */
  readonly clock: SimClock;
  readonly pid: number;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  #lastId = 0;
  #errors = "";
  readonly #waiting = new Map<number, (answer: Answer["answer"]) => void>();

  constructor(
    private readonly child: ChildProcess,
    ready: Ready,
  ) {
    this.port = ready.port;
    this.clock = ready.clock;
    this.pid = child.pid ?? 0;
    child.stderr?.on("data", (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-LAST_WORDS);
    });
    child.on("message", (message) => {
      const { id, answer } = message as Answer;
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    this.ended = new Promise((resolve) => child.once("exit", () => resolve()));
    child.once("exit", () => {
      for (const answer of this.#waiting.values()) answer(null);
      this.#waiting.clear();
    });
  }

  /** What had really flowed at a board time of one of its boots; null where it cannot tell any more. */
  truthAtBoard(boot: number, t_ms: number): Promise<TruthAt | null> {
    return this.#ask({ ask: "truth-at-board", boot, t_ms }) as Promise<TruthAt | null>;
  }

  truthAt(at_s: number): Promise<TruthAt | null> {
    return this.#ask({ ask: "truth-at", at_s }) as Promise<TruthAt | null>;
  }

  truthAtUtc(utc_ms: number): Promise<TruthAt | null> {
    return this.#ask({ ask: "truth-at-utc", utc_ms }) as Promise<TruthAt | null>;
  }

  /** The front end's own constants for the four `K` commands. */
  calibration(): Promise<readonly ChannelCalibration[] | null> {
    return this.#ask({ ask: "calibration" }) as Promise<readonly ChannelCalibration[] | null>;
  }

  status(): Promise<BoardStatus | null> {
    return this.#ask({ ask: "status" }) as Promise<BoardStatus | null>;
  }

  /** Stops the board's time; `resume` makes it catch up. */
  pause(): Promise<unknown> {
    return this.#ask({ ask: "pause" });
  }

  resume(): Promise<unknown> {
    return this.#ask({ ask: "resume" });
  }

  /** Takes the board's supply away for so many true seconds; the port stays. */
  powerCut(off_s: number): Promise<unknown> {
    return this.#ask({ ask: "power-cut", off_s });
  }

  reset(): Promise<unknown> {
    return this.#ask({ ask: "reset" });
  }

  /** Probability that a byte is corrupted, 0..1. */
  corrupt(rate: number): Promise<unknown> {
    return this.#ask({ ask: "corrupt", rate });
  }

  /** Why it ended by itself. */
  get lastWords(): string {
    return reasonIn(this.#errors, WHO);
  }

  /** Pulls the plug: the port is gone at once. Start another with the same EEPROM file to plug it in again. */
  async unplug(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** Ends it in peace, its truth and EEPROM written. */
  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.ended;
  }

  #ask(asking: Asking): Promise<Answer["answer"]> {
    if (!this.child.connected) return Promise.resolve(null);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.child.send({ id, ...asking });
    });
  }
}

/** The first line on stdout is the ready one; where there is none, stderr says why. */
export function firstWords<Ready>(child: ChildProcess, who: string): Promise<Ready | SimFault> {
  return new Promise((resolve) => {
    let out = "";
    let errors = "";
    const timer = setTimeout(() => resolve(fault(`${who} does not get ready`)), READY_ms);
    const done = (said: Ready | SimFault) => {
      clearTimeout(timer);
      resolve(said);
    };
    child.stdout?.on("data", (chunk) => {
      out += chunk;
      if (out.includes("\n")) done(JSON.parse(out.slice(0, out.indexOf("\n"))) as Ready);
    });
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    child.once("error", (error) => done(fault(`${who} does not start: ${error.message}`)));
    child.once("close", () => done(fault(reasonIn(errors, who))));
  });
}

/** Why a process that has ended did, from what it said on stderr. */
export function reasonIn(errors: string, who: string): string {
  const line = errors.split("\n").find((one) => one.startsWith("{"));
  if (line !== undefined) return (JSON.parse(line) as { reason: string }).reason;
  return `${who} ended: ${errors.trim().split("\n").at(-1) ?? "without a word"}`;
}
