// The second board in a process of its own, as its starter sees it: a port to open, pulses to order, lamps to look at, a plug to pull.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { fault, type SimFault } from "../scenario.js";
import type { Answer, Asking, FirmataOptions } from "./messages.js";
import type { TrainOptions } from "./trains.js";
import type { Seen } from "./wired-board.js";

/** The built entry, whether this runs from host/ or from dist/host/. */
const ENTRY = fileURLToPath(
  new URL(import.meta.url.includes("/dist/") ? "./main.js" : "../../../dist/host/sim/firmata/main.js", import.meta.url),
);
const READY_ms = 20_000;

/** Resolves when its port can be opened, or says why there is none. */
export async function startFirmata(options: FirmataOptions): Promise<FirmataProcess | SimFault> {
  const child = fork(ENTRY, [JSON.stringify(options)], { silent: true, execArgv: [] });
  const port = await portOf(child);
  if (typeof port === "string") return new FirmataProcess(child, port);
  child.kill("SIGKILL");
  return port;
}

export class FirmataProcess {
  #lastId = 0;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, (seen: Seen) => void>();

  constructor(
    private readonly child: ChildProcess,
    readonly port: string,
  ) {
    child.on("message", (message) => {
      const { id, seen } = message as Answer;
      this.#waiting.get(id)?.(seen);
      this.#waiting.delete(id);
    });
    this.#ended = new Promise((resolve) => child.once("exit", () => resolve()));
  }

  seen(): Promise<Seen> {
    return this.#ask({ ask: "seen" });
  }

  /** `from_ms` counts from now. */
  pulses(train: TrainOptions): Promise<Seen> {
    return this.#ask({ ask: "pulses", train });
  }

  reset(): Promise<Seen> {
    return this.#ask({ ask: "reset" });
  }

  /** Its time stands still, and its line is silent. */
  pause(): Promise<Seen> {
    return this.#ask({ ask: "pause" });
  }

  resume(): Promise<Seen> {
    return this.#ask({ ask: "resume" });
  }

  /** Pulls the plug: the port is gone at once. */
  async unplug(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.#ended;
  }

  #ask(asking: Asking): Promise<Seen> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.child.send({ id, ...asking });
    });
  }
}

/** The first line on stdout names the port; where there is none, stderr says why. */
function portOf(child: ChildProcess): Promise<string | SimFault> {
  return new Promise((resolve) => {
    let out = "";
    let errors = "";
    const timer = setTimeout(() => resolve(fault("the second board's process does not get ready")), READY_ms);
    child.stdout?.on("data", (chunk) => {
      out += chunk;
      if (!out.includes("\n")) return;
      clearTimeout(timer);
      resolve((JSON.parse(out) as { port: string }).port);
    });
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    child.once("close", () => {
      clearTimeout(timer);
      resolve(fault(`the second board's process ended: ${errors.trim().split("\n").at(-1) ?? ""}`));
    });
  });
}
