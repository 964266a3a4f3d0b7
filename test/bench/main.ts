// `npm run bench`: how fast, how large, compared with what. Every figure stands beside another of the same run, because machines differ
// and are shared: the ratios are the message. Nothing here fails because something was slow.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { table } from "../../host/app/table.js";
import { benchFirmware } from "./firmware.js";
import { benchFullStore } from "./full-store.js";
import { benchGbcs } from "./gbcs.js";
import { benchMemory } from "./memory.js";
import { benchModbus } from "./modbus.js";
import { benchReplay } from "./replay.js";
import { cells, HEAD, type Row } from "./row.js";
import { benchSimulator } from "./simulator.js";
import { benchStartUp } from "./start-up.js";
import { benchThirteenMonths } from "./thirteen-months.js";
import { benchYear } from "./year.js";

/** On the disk of the checkout: the system's temporary directory is often memory. */
const SCRATCH = new URL("../../", import.meta.url).pathname;

const BENCHES: readonly (readonly [name: string, bench: (scratch: string) => readonly Row[]])[] = [
  ["firmware", benchFirmware],
  ["a year through ledger and store", benchYear],
  ["thirteen months of a whole meter", benchThirteenMonths],
  ["full store", benchFullStore],
  ["gbcs", benchGbcs],
  ["replay", benchReplay],
  ["start-up", benchStartUp],
  ["memory", benchMemory],
  ["modbus", benchModbus],
  ["simulator", benchSimulator],
];

const json = process.argv.includes("--json");
const only = process.argv.slice(2).find((word) => !word.startsWith("-"));
const scratch = mkdtempSync(join(SCRATCH, "bench-"));
const rows: Row[] = [];
try {
  for (const [name, bench] of BENCHES) {
    if (only !== undefined && !name.includes(only)) continue;
    const began_s = process.uptime();
    process.stderr.write(`bench: ${name} ...`);
    rows.push(...bench(scratch));
    process.stderr.write(` ${Math.round(process.uptime() - began_s)} s\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const took_s = Math.round(process.uptime());
if (json) process.stdout.write(`${JSON.stringify({ schema: "esme/bench/1", took_s, rows })}\n`);
else process.stdout.write(`${table(HEAD, rows.map(cells))}\nmedians of the runs given; ${took_s} s in all\n`);
