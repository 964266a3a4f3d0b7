// How much faster than the house the simulators live, for information: what a test or a demo has to reckon with.

import type { Speed } from "./children/speed.js";
import { child } from "./processes.js";
import { median, type Row, row } from "./row.js";

const RUNS = 3;

export function benchSimulator(): readonly Row[] {
  const of = (fidelity: "executed" | "fast", for_s: number) =>
    median(
      Array.from({ length: RUNS }, () => {
        const { simulated_s, cpu_s } = child<Speed>("speed", fidelity, String(for_s));
        return simulated_s / cpu_s;
      }),
    );
  return [
    row("simulator, executed image", "s/s", [of("executed", 5), RUNS], ["a second of CPU time", 1]),
    row("simulator, fast fidelity", "s/s", [of("fast", 43_200), RUNS], ["a second of CPU time", 1]),
  ];
}
