// The store of a meter whose every log is filled past its end: how large it is, and how long one day of it takes to read.

import { statSync } from "node:fs";
import { join } from "node:path";
import { child, ESME, inTurn, wall_s } from "./processes.js";
import { median, type Row, row } from "./row.js";

const RUNS = 9;
/** The last day but one of it. */
const DAY = ["--from", "2028-01-02T00:00:00Z", "--to", "2028-01-03T00:00:00Z"] as const;

export function benchFullStore(scratch: string): readonly Row[] {
  const data = join(scratch, "full");
  child("full-store", data);
  const size_mb = statSync(join(data, "meter.sqlite")).size / 1e6;
  const times = inTurn(RUNS, {
    version: () => wall_s(ESME, "--version"),
    profile: () => wall_s(ESME, "read", "profile", "--data", data, ...DAY),
  });
  const version_ms = 1_000 * median(times.version);
  const profile_ms = 1_000 * median(times.profile);
  return [
    row(
      "esme read profile, a day of a full store",
      "ms",
      [profile_ms, RUNS],
      ["esme --version", version_ms],
      ["under 100 ms more", profile_ms - version_ms < 100],
    ),
    row("  the full store", "MB", [size_mb, 1], ["the limit", 50], ["under 50 MB", size_mb < 50]),
  ];
}
