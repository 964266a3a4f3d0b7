// The demo's live board: the executed image in a process of its own behind a pseudo-terminal; where there is none, in this process.

import { LineSource } from "../../adapters/board/line-source.js";
import { SerialSource } from "../../adapters/board/serial-source.js";
import type { Clock } from "../../ports/clock.js";
import type { Source } from "../../ports/source.js";
import { type BoardOptionsInput, readBoardOptions } from "../../sim/board-options.js";
import { startBoardProcess } from "../../sim/board-process.js";
import { BoardRunner } from "../../sim/board-runner.js";
import { inProcessLine } from "../../sim/line.js";
import type { TrueEnergy } from "../../sim/truth.js";
import { refuse } from "../refusal.js";

export interface LiveBoard {
  readonly source: Source;
  /** How it is reached: a port's path, or that there is none. */
  readonly where: string;
  /** What had really flowed through clamp 1 at a board time. */
  truthAtBoard(boot: number, t_ms: number): Promise<TrueEnergy | null>;
  executedCycles(): Promise<number>;
  stop(): Promise<void>;
}

export async function liveBoard(options: BoardOptionsInput, clock: Clock): Promise<LiveBoard> {
  const process_ = await startBoardProcess(options);
  if (!("kind" in process_))
    return {
      source: new SerialSource(process_.port, clock),
      where: process_.port,
      truthAtBoard: async (boot, t_ms) => (await process_.truthAtBoard(boot, t_ms))?.energies[0] ?? null,
      executedCycles: async () => (await process_.status())?.cycles ?? 0,
      stop: () => process_.stop(),
    };
  const line = inProcessLine();
  const complete = readBoardOptions(options);
  const runner = "kind" in complete ? complete : BoardRunner.build(complete, line.device);
  if ("kind" in runner)
    return refuse({ code: "sim-board", reason: runner.reason, next: "run `npm run build` and try again" });
  const source = new LineSource((bytes) => line.host.write(bytes), clock);
  line.host.onBytes = (bytes) => source.arrive(bytes);
  runner.start();
  return {
    source,
    where: `this process (${process_.reason})`,
    truthAtBoard: async (boot, t_ms) => runner.truthAtBoard(boot, t_ms)?.energies[0] ?? null,
    executedCycles: async () => runner.status().cycles,
    stop: async () => runner.stop(),
  };
}
