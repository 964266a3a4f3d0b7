// Simulated meters in a process of their own, as its starter sees it: a port to open, faults to be made, the truth, and a hand on the plug.

import type { ChildProcess } from "node:child_process";
import { AskedProcess, startProcess } from "../asked-process.js";
import type { SimFault } from "../scenario.js";
import type { BusFault } from "./bus.js";
import type { MeterAnswer, MeterAsking, MetersTruth } from "./meter-messages.js";
import type { MeterPlace, SimulatedMetersInput } from "./meter-options.js";
import type { Place } from "./meter-runner.js";
import type { MeterFault } from "./slave.js";

const WHO = "the process of the simulated meters";

interface Ready extends Place {
  readonly meters: readonly MeterPlace[];
}

/** Resolves when the meters can be read, or says why they cannot. */
export async function startMeterProcess(options: SimulatedMetersInput): Promise<MeterProcess | SimFault> {
  const made = (child: ChildProcess, ready: Ready) => new MeterProcess(child, ready);
  return startProcess("modbus/meter-main.js", [JSON.stringify(options)], WHO, made);
}

export class MeterProcess extends AskedProcess<MeterAsking, MeterAnswer> {
  /** The path of the pseudo-terminal, or host:port. */
  readonly port: string;
  readonly meters: readonly MeterPlace[];

  constructor(child: ChildProcess, ready: Ready) {
    super(child, WHO);
    this.port = ready.port;
    this.meters = ready.meters;
  }

  /** What the meters ought to show now; null where the process is gone. */
  truth(): Promise<MetersTruth | null> {
    return this.ask({ ask: "truth" });
  }

  /** From now on so many answers of the meter at an address, or of all, go wrong. */
  async fail(faults: Partial<Record<MeterFault, number>>, address?: number): Promise<void> {
    await this.ask({ ask: "faults", faults, ...(address === undefined ? {} : { address }) });
  }

  async failBus(faults: readonly BusFault[]): Promise<void> {
    await this.ask({ ask: "bus-faults", faults });
  }
}
