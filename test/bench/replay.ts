// `esme replay` of a recorded week, the whole process, against a process that only parses the same lines as JSON.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ESME, inTurn, run } from "./processes.js";
import { writeReadings } from "./readings.js";
import { median, type Row, row } from "./row.js";

const RUNS = 7;
const WEEK_s = 7 * 86_400;
const PARSE = fileURLToPath(new URL("./children/parse.js", import.meta.url));

export function benchReplay(scratch: string): readonly Row[] {
  const file = join(scratch, "week.jsonl");
  const data = join(scratch, "replayed");
  writeReadings(file, WEEK_s);
  const costs = inTurn(RUNS, {
    parse: () => run(PARSE, file),
    replay: () => {
      rmSync(data, { recursive: true, force: true });
      return run(ESME, "replay", file, "--data", data);
    },
  });
  const of = (name: keyof typeof costs, part: "wall_s" | "cpu_s" | "peak_mb") =>
    median(costs[name].map((cost) => cost[part]));
  const against = "JSON.parse of the same lines";
  const wall = of("replay", "wall_s") / of("parse", "wall_s");
  const aim = ["ratio at most 2", wall <= 2] as const;
  return [
    row("esme replay, a week of seconds", "s", [of("replay", "wall_s"), RUNS], [against, of("parse", "wall_s")], aim),
    row("  its CPU time", "s", [of("replay", "cpu_s"), RUNS], [against, of("parse", "cpu_s")]),
    row("  its peak memory", "MB", [of("replay", "peak_mb"), RUNS], [against, of("parse", "peak_mb")]),
  ];
}
