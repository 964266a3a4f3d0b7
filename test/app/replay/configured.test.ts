// A recording is metered under the tariff of the house's esme.yaml, from its first line on. Runs the built program.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { esme } from "../../proof/crash-bench.js";

const data = mkdtempSync(join(tmpdir(), "esme-configured-"));
afterAll(() => rmSync(data, { recursive: true, force: true }));

const ECONOMY_7 = `version: 1
sources: [{ name: grid, role: grid, kind: clamp-board, port: none, channel: 1 }]
tariff:
  rates: { day: 28.62p, night: 13.10p }
  days: { all: ["00:00 night", "07:00 day"] }
`;

test("a replay books the night's energy to the night rate of the house's tariff", async () => {
  writeFileSync(join(data, "esme.yaml"), ECONOMY_7);
  // 1 kW from 06:00 to 09:00.
  const line = (m: number) => ({
    at: new Date(Date.UTC(2026, 5, 1, 6, m)).toISOString(),
    import_wh: (m * 1_000) / 60,
    export_wh: 0,
  });
  const file = join(data, "day.jsonl");
  writeFileSync(file, Array.from({ length: 181 }, (_, m) => `${JSON.stringify(line(m))}\n`).join(""));
  expect((await esme("replay", file, "--data", data)).code).toBe(0);
  const told = JSON.parse((await esme("read", "tou", "--data", data, "--json")).stdout) as { tou_wh: number[] };
  expect(told.tou_wh.slice(0, 3)).toEqual([2_000, 1_000, 0]);
});
