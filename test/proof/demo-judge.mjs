// Judges the last line of `npm start -- --for 20s --json`: at least 5 Wh each way, each row within 1 % or 0.05 Wh of its truth.

import { readFileSync } from "node:fs";

const line = readFileSync(process.argv[2], "utf8").trim().split("\n").at(-1);
const demo = JSON.parse(line);
const live = demo.rows.at(-1);
const faults = [];
for (const row of demo.rows)
  for (const way of ["import", "export"]) {
    const off_uwh = Math.abs(row[`${way}_uwh`] - row[`truth_${way}_uwh`]);
    if (off_uwh > Math.max(0.01 * row[`truth_${way}_uwh`], 50_000))
      faults.push(`${row.name}: ${way} is off by ${off_uwh} uWh`);
  }
if (demo.rows.length !== 2) faults.push(`${demo.rows.length} rows instead of two`);
if (Math.min(live.import_uwh, live.export_uwh) < 5_000_000) faults.push("less than 5 Wh each way live");
if (demo.executed_cycles < 250_000_000) faults.push(`only ${demo.executed_cycles} cycles executed`);
console.log(line);
for (const fault of faults) console.error(`demo: ${fault}`);
process.exit(faults.length > 0 ? 1 : 0);
