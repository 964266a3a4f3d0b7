// Simulated meters in a process of their own, as its starter sees it: a port to open, faults to be made, the truth, and a hand on the plug.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { firstWords, LAST_WORDS, reasonIn } from "../board-process.js";
import type { SimFault } from "../scenario.js";
import type { BusFault } from "./bus.js";
import type { MeterAnswer, MeterAsking, MeterReply, MetersTruth } from "./meter-messages.js";
import type { MeterPlace, SimulatedMetersInput } from "./meter-options.js";
import type { Place } from "./meter-runner.js";
import type { MeterFault } from "./slave.js";

/** The built entry, whether this runs from host/ or from dist/host/. */
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.includes("/dist/") ? "./meter-main.js" : "../../../dist/host/sim/modbus/meter-main.js",
    import.meta.url,
  ),
);
const WHO = "the process of the simulated meters";

interface Ready extends Place {
  readonly meters: readonly MeterPlace[];
}

/** Resolves when the meters can be read, or says why they cannot. */
export async function startMeterProcess(options: SimulatedMetersInput): Promise<MeterProcess | SimFault> {
  const child = fork(ENTRY, [JSON.stringify(options)], { silent: true, execArgv: [] });
  const said = await firstWords<Ready>(child, WHO);
  if ("kind" in said) child.kill("SIGKILL");
  return "kind" in said ? said : new MeterProcess(child, said);
}

export class MeterProcess {
  /** The path of the pseudo-terminal, or host:port. */
  readonly port: string;
  readonly meters: readonly MeterPlace[];
  readonly pid: number;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  #lastId = 0;
  #errors = "";
  readonly #waiting = new Map<number, (answer: MeterAnswer) => void>();

  constructor(
    private readonly child: ChildProcess,
    ready: Ready,
  ) {
    this.port = ready.port;
    this.meters = ready.meters;
    this.pid = child.pid ?? 0;
    child.stderr?.on("data", (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-LAST_WORDS);
    });
    child.on("message", (message) => {
      const { id, answer } = message as MeterReply;
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    this.ended = new Promise((resolve) => child.once("exit", () => resolve()));
    child.once("exit", () => {
      for (const answer of this.#waiting.values()) answer(null);
      this.#waiting.clear();
    });
  }

  /** What the meters ought to show now; null where the process is gone. */
  truth(): Promise<MetersTruth | null> {
    return this.#ask({ ask: "truth" });
  }

  /** From now on so many answers of the meter at an address, or of all, go wrong. */
  async fail(faults: Partial<Record<MeterFault, number>>, address?: number): Promise<void> {
    await this.#ask({ ask: "faults", faults, ...(address === undefined ? {} : { address }) });
  }

  async failBus(faults: readonly BusFault[]): Promise<void> {
    await this.#ask({ ask: "bus-faults", faults });
  }

  /** Why it ended by itself. */
  get lastWords(): string {
    return reasonIn(this.#errors, WHO);
  }

  /** Pulls the plug: the port is gone at once. */
  async unplug(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.ended;
  }

  #ask(asking: MeterAsking): Promise<MeterAnswer> {
    if (!this.child.connected) return Promise.resolve(null);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.child.send({ id, ...asking });
    });
  }
}
