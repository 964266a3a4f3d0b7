// What a meter holds after a day of metering against what it held after an hour: nothing may grow but its half hours.

import type { Day } from "./children/day.js";
import { child } from "./processes.js";
import { type Row, row } from "./row.js";

export function benchMemory(scratch: string): readonly Row[] {
  const { hour, day } = child<Day>("day", scratch);
  const ratio = day.heap_mb / hour.heap_mb;
  return [
    row(
      "a meter's heap after a day",
      "MB",
      [day.heap_mb, 1],
      ["after an hour", hour.heap_mb],
      ["ratio at most 1.1", ratio <= 1.1],
    ),
    row("  its process, resident", "MB", [day.rss_mb, 1], ["after an hour", hour.rss_mb]),
  ];
}
