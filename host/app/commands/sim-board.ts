// `esme sim board`: a metering board anyone can open, on a pseudo-terminal, in a process of its own.

import { startBoardProcess } from "../../sim/board-process.js";
import { clockSpec } from "../clocks.js";
import { Refusal, usedWrongly } from "../refusal.js";
import { until } from "../until.js";
import { refuseNoScenario, refuseStart } from "./simulating.js";

const SHOWN_BY = "docs/guides/simulator.md and `esme sim board --help` say what it can be told";

interface Options {
  readonly board: "clamp" | "atm90e32" | "ade7953";
  readonly scenario: string;
  readonly seed: number;
  readonly waveform?: string;
  readonly truth?: string;
  readonly fidelity: "executed" | "fast";
  readonly speed: number;
  readonly ppm: number;
  readonly eeprom?: string;
  readonly noise: number;
  readonly for?: number;
  readonly json?: boolean;
  readonly clock?: string;
}

export async function simBoard(options: Options): Promise<void> {
  const { board: kind, scenario, seed, waveform, truth, fidelity, speed, ppm, eeprom, noise } = options;
  if (!(Math.abs(ppm) <= 5_000)) usedWrongly(`--ppm ${ppm} is out of range`, "a resonator is off by at most 5000 ppm");
  if (!(noise >= 0 && noise <= 1)) usedWrongly(`--noise ${noise} is no share`, "write a share of bytes such as 0.005");
  if (fidelity === "fast" && kind !== "clamp")
    usedWrongly(`there is no fast ${kind} board`, "leave --fidelity at executed");
  refuseNoScenario(scenario);
  const board = await startBoardProcess({
    board: kind,
    scenario,
    seed,
    fidelity,
    speed,
    ppm,
    corruption: noise,
    ...(waveform === undefined ? {} : { waveform }),
    ...(truth === undefined ? {} : { truth }),
    ...(eeprom === undefined ? {} : { eeprom }),
    ...(options.clock === undefined ? {} : { clock: clockSpec(options.clock) }),
  });
  if ("kind" in board) return refuseStart("sim-board", board.reason, SHOWN_BY, "`esme demo`, which needs none");
  const what = kind === "clamp" ? "board" : `board with an ${kind.toUpperCase()}`;
  const how = fidelity === "executed" ? "the firmware image, executed" : "the firmware's rules, window by window";
  // Before anybody is told, so that whoever then says stop is heard.
  const over = until(options.for ?? null);
  if (options.json === true)
    process.stdout.write(
      `${JSON.stringify({ schema: "esme/sim-board/1", port: board.port, pid: board.pid, board: kind, seed, fidelity })}\n`,
    );
  else
    process.stdout.write(
      `a simulated ${what} (${how}) listens at ${board.port}; seed ${seed}\n` +
        `  meter it: esme run --port ${board.port}\n  Ctrl-C unplugs it\n`,
    );
  const died = board.ended.then(() => "died" as const);
  const outcome = await Promise.race([over, died]);
  if (outcome === "died")
    throw new Refusal("board-ended", board.lastWords, "mend that and start it again; with --eeprom it remembers");
  await board.stop();
}
