// Lets a board live for some true seconds, nobody listening. Arguments: fidelity, seconds.

import { buildBoard, readBoardOptions } from "../../../host/sim/board-options.js";
import { START_ms } from "../readings.js";

export interface Speed {
  readonly simulated_s: number;
  /** CPU time, which other processes of the machine disturb less. */
  readonly cpu_s: number;
}

/** The compiler has seen the code by then, and the board has booted. */
const WARM_UP_s = 1;

const [, , fidelity, for_s] = process.argv;
const options = readBoardOptions({ fidelity });
const built = "kind" in options ? options : buildBoard(options, START_ms / 1_000);
if ("kind" in built) throw new Error(built.reason);
built.board.runUntil(WARM_UP_s);
const began = process.cpuUsage();
built.board.runUntil(WARM_UP_s + Number(for_s));
const { user, system } = process.cpuUsage(began);
const speed: Speed = { simulated_s: Number(for_s), cpu_s: (user + system) / 1e6 };
process.stdout.write(`${JSON.stringify(speed)}\n`);
