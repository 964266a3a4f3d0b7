// Loaded into every measured process before its own program: at its end it tells on file descriptor 3 what it used.

import { writeSync } from "node:fs";

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(3, JSON.stringify({ cpu_us: userCPUTime + systemCPUTime, peak_kib: maxRSS }));
});
