// Thirteen months of one-second readings through a whole polyphase meter, in memory.

import type { ThirteenMonths } from "./children/thirteen-months.js";
import { child } from "./processes.js";
import { type Row, row } from "./row.js";

const MOST_s = 60;
const MOST_mb = 400;

export function benchThirteenMonths(): readonly Row[] {
  const { wall_s, cpu_s, additions_s, seconds, before_mb, cost } = child<ThirteenMonths>("thirteen-months");
  return [
    row(
      "13 months of seconds, tariff, voltage and three phases",
      "s",
      [wall_s, 1],
      ["the additions alone", additions_s],
      [`under ${MOST_s} s`, wall_s < MOST_s],
    ),
    row("  its CPU time", "s", [cpu_s, 1], ["the aim", MOST_s]),
    row(
      "  readings and measurements a second",
      "/s",
      [(2 * seconds) / wall_s, 1],
      ["the aim needs", (2 * seconds) / MOST_s],
    ),
    row(
      "  peak memory",
      "MB",
      [cost.peak_mb, 1],
      ["the process before it", before_mb],
      [`under ${MOST_mb} MB`, cost.peak_mb < MOST_mb],
    ),
  ];
}
