// A simulator in a process of its own, as its starter sees it: asked by messages, its last words kept, a hand on its plug.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { fault, type SimFault } from "./scenario.js";

const READY_ms = 20_000;
/** Characters kept of what it says on stderr. */
const LAST_WORDS = 4_096;

/** Every question is answered by a message of its id. */
interface Reply<Answer> {
  readonly id: number;
  readonly answer: Answer;
}

/** Starts a built entry of this folder and makes of its ready line what stands for it here, or says why there is none. */
export async function startProcess<Ready extends object, Started>(
  entry: string,
  words: readonly string[],
  who: string,
  ready: (child: ChildProcess, said: Ready) => Started,
): Promise<Started | SimFault> {
  // Whether this runs from host/ or from dist/host/.
  const built = import.meta.url.includes("/dist/") ? `./${entry}` : `../../dist/host/sim/${entry}`;
  const child = fork(fileURLToPath(new URL(built, import.meta.url)), words, { silent: true, execArgv: [] });
  const said = await firstWords<Ready>(child, who);
  if (!("kind" in said)) return ready(child, said);
  child.kill("SIGKILL");
  return said;
}

export abstract class AskedProcess<Asking extends object, Answer> {
  readonly pid: number;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  #lastId = 0;
  #errors = "";
  readonly #waiting = new Map<number, (answer: Answer | null) => void>();

  constructor(
    private readonly child: ChildProcess,
    private readonly who: string,
  ) {
    this.pid = child.pid ?? 0;
    child.stderr?.on("data", (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-LAST_WORDS);
    });
    child.on("message", (message) => {
      const { id, answer } = message as Reply<Answer>;
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    // Not "exit": that may come before the last words, and even before the line that says it is ready.
    this.ended = new Promise((resolve) => child.once("close", () => resolve()));
    child.once("close", () => {
      for (const answer of this.#waiting.values()) answer(null);
      this.#waiting.clear();
    });
  }

  /** Why it ended by itself. */
  get lastWords(): string {
    return reasonIn(this.#errors, this.who);
  }

  /** Pulls the plug: the port is gone at once. */
  async unplug(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** Ends it in peace: what it keeps in files is written. */
  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.ended;
  }

  /** null where the process is gone. */
  protected ask(asking: Asking): Promise<Answer | null> {
    if (!this.child.connected) return Promise.resolve(null);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      // Where it is dying already, its end is the answer.
      this.child.send({ id, ...asking }, () => {});
    });
  }
}

/** The first line on stdout is the ready one; where there is none, stderr says why. */
function firstWords<Ready>(child: ChildProcess, who: string): Promise<Ready | SimFault> {
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
function reasonIn(errors: string, who: string): string {
  const line = errors.split("\n").find((one) => one.startsWith("{"));
  if (line !== undefined) return (JSON.parse(line) as { reason: string }).reason;
  return `${who} ended: ${errors.trim().split("\n").at(-1) ?? "without a word"}`;
}
