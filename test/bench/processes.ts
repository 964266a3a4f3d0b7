// Processes of the bench: each measured thing runs in one of its own, so that its memory and its compiled code are its own too.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a process cost, from before it was started until it was gone. */
export interface Cost {
  readonly wall_s: number;
  /** User and system time. */
  readonly cpu_s: number;
  readonly peak_mb: number;
  readonly stdout: string;
}

export const ESME = fileURLToPath(new URL("../../host/app/main.js", import.meta.url));
const USAGE = new URL("./usage.js", import.meta.url).href;

/** Runs `node ...args` to its end, which must be a good one. */
export function run(...args: readonly string[]): Cost {
  const began = performance.now();
  const done = spawnSync(process.execPath, ["--import", USAGE, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const wall_s = (performance.now() - began) / 1_000;
  if (done.status !== 0) throw new Error(`node ${args.join(" ")} ended with ${done.status}: ${done.stderr}`);
  const usage = JSON.parse(done.output[3] ?? "") as { readonly cpu_us: number; readonly peak_kib: number };
  return { wall_s, cpu_s: usage.cpu_us / 1e6, peak_mb: (usage.peak_kib * 1_024) / 1e6, stdout: done.stdout };
}

/** Runs a program of children/, which tells its result as JSON. */
export function child<Result>(name: string, ...args: readonly string[]): Result & { readonly cost: Cost } {
  const program = fileURLToPath(new URL(`./children/${name}.js`, import.meta.url));
  const cost = run("--expose-gc", program, ...args);
  return { ...(JSON.parse(cost.stdout) as Result), cost };
}

/** Seconds from before `node ...args` is started until it is gone, with nothing else loaded into it. */
export function wall_s(...args: readonly string[]): number {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: "ignore" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}`);
  return (performance.now() - began) / 1_000;
}

/** `times` runs of each, taken in turn, so that what disturbs the machine disturbs all alike. */
export function inTurn<const Name extends string, T>(times: number, works: Record<Name, () => T>): Record<Name, T[]> {
  const names = Object.keys(works) as Name[];
  const all = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>;
  for (let k = 0; k < times; k++) for (const name of names) all[name].push(works[name]());
  return all;
}
