// How long `esme` takes to say anything at all, against a Node that does nothing.

import { join } from "node:path";
import { ESME, inTurn, wall_s } from "./processes.js";
import { writeReadings } from "./readings.js";
import { median, type Row, row } from "./row.js";

const RUNS = 9;

export function benchStartUp(scratch: string): readonly Row[] {
  const data = join(scratch, "start-up");
  const file = join(scratch, "start-up.jsonl");
  writeReadings(file, 3_600);
  wall_s(ESME, "replay", file, "--data", data);
  const times = inTurn(RUNS, {
    nothing: () => wall_s("-e", "0"),
    version: () => wall_s(ESME, "--version"),
    registers: () => wall_s(ESME, "read", "registers", "--data", data),
  });
  const wall_ms = (of: keyof typeof times) => 1_000 * median(times[of]);
  const peer = ["node -e 0", wall_ms("nothing")] as const;
  return [
    row("esme --version", "ms", [wall_ms("version"), RUNS], peer),
    row("esme read registers", "ms", [wall_ms("registers"), RUNS], peer),
  ];
}
