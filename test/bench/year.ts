// A year of one-second readings from memory through the ledger into a store on the disk.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Year } from "./children/year.js";
import { child } from "./processes.js";
import { YEAR_s } from "./readings.js";
import { median, type Row, row } from "./row.js";

const RUNS = 3;

export function benchYear(scratch: string): readonly Row[] {
  const years = Array.from({ length: RUNS }, (_, k) => {
    const dir = join(scratch, `year-${k}`);
    mkdirSync(dir);
    return child<Year>("year", dir);
  });
  const of = (part: keyof Year) => median(years.map((year) => year[part]));
  const year_s = of("year_s");
  const peak_mb = median(years.map((year) => year.cost.peak_mb));
  return [
    row(
      "a year of seconds, ledger and store",
      "s",
      [year_s, RUNS],
      ["four additions a reading", of("additions_s")],
      ["under 10 s", year_s < 10],
    ),
    row(
      "  of it, the store's 365 commits",
      "s",
      [of("commits_s"), RUNS],
      ["one bare insert of 17,520 rows", of("insert_s")],
    ),
    row("  readings a second", "/s", [YEAR_s / year_s, RUNS], ["the aim needs", YEAR_s / 10]),
    row(
      "  peak memory",
      "MB",
      [peak_mb, RUNS],
      ["the process before it", of("before_mb")],
      ["under 200 MB", peak_mb < 200],
    ),
  ];
}
