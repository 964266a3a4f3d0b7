// The second board in a process of its own, as its starter sees it: a port to open, pulses to order, lamps to look at, a plug to pull.

import type { ChildProcess } from "node:child_process";
import { AskedProcess, startProcess } from "../asked-process.js";
import type { SimFault } from "../scenario.js";
import type { Asking, FirmataOptions } from "./messages.js";
import type { TrainOptions } from "./trains.js";
import type { Seen } from "./wired-board.js";

const WHO = "the second board's process";

interface Ready {
  readonly port: string;
}

/** Resolves when its port can be opened, or says why there is none. */
export async function startFirmata(options: FirmataOptions): Promise<FirmataProcess | SimFault> {
  const made = (child: ChildProcess, ready: Ready) => new FirmataProcess(child, ready.port);
  return startProcess("firmata/main.js", [JSON.stringify(options)], WHO, made);
}

/** What is asked is answered by what is seen after it. Only a bench asks, and never one that it has unplugged. */
export class FirmataProcess extends AskedProcess<Asking, Seen> {
  constructor(
    child: ChildProcess,
    readonly port: string,
  ) {
    super(child, WHO);
  }

  seen(): Promise<Seen> {
    return this.#after({ ask: "seen" });
  }

  /** `from_ms` counts from now. */
  pulses(train: TrainOptions): Promise<Seen> {
    return this.#after({ ask: "pulses", train });
  }

  reset(): Promise<Seen> {
    return this.#after({ ask: "reset" });
  }

  /** Its time stands still, and its line is silent. */
  pause(): Promise<Seen> {
    return this.#after({ ask: "pause" });
  }

  resume(): Promise<Seen> {
    return this.#after({ ask: "resume" });
  }

  async #after(asking: Asking): Promise<Seen> {
    const seen = await this.ask(asking);
    if (seen === null) throw new Error(this.lastWords);
    return seen;
  }
}
