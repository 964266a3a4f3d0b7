// A day of `esme run` without the wait: meter, store and a fast board on a line in this process, under a simulated clock. Argument: where
// the store may live.

import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { LineSource } from "../../../host/adapters/board/line-source.js";
import { openStore } from "../../../host/adapters/store/house-store.js";
import { Meter } from "../../../host/meter/meter.js";
import { buildBoard, readBoardOptions } from "../../../host/sim/board-options.js";
import { SimulatedClock } from "../../../host/sim/simulated-clock.js";
import { START_ms } from "../readings.js";

export interface Day {
  readonly hour: Memory;
  readonly day: Memory;
  /** Of the whole day. */
  readonly wall_s: number;
  readonly reports: number;
}

interface Memory {
  /** After everything unused was collected. */
  readonly heap_mb: number;
  readonly rss_mb: number;
}

const HOUR_s = 3_600;
const STEP_s = 0.25;

function memory(): Memory {
  if (globalThis.gc === undefined) throw new Error("run this with --expose-gc");
  globalThis.gc();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap_mb: (heapUsed + arrayBuffers) / 1e6, rss_mb: rss / 1e6 };
}

const options = readBoardOptions({ fidelity: "fast", scenario: "solar-home" });
const built = "kind" in options ? options : buildBoard(options, START_ms / 1_000);
if ("kind" in built) throw new Error(built.reason);
const { board } = built;
const opened = openStore(join(mkdtempSync(join(process.argv[2] ?? "", "day-")), "meter.sqlite"));
if (!opened.ok) throw new Error(opened.reason);
const { store } = opened;
const clock = new SimulatedClock(START_ms);
const source = new LineSource((bytes) => board.send(bytes), clock);
board.onBytes = (bytes) => source.arrive(bytes);
const feeds = [
  { name: "grid", role: "grid", channel: 1 },
  { name: "generation", role: "generation", channel: 2 },
  { name: "load", role: "load", channel: 3 },
] as const;
const inputs = [{ source, feeds, patience_ms: 12 * HOUR_s * 1_000 }];
const meter = new Meter({ clock, store, inputs, hub: null, fuse_w: 75_900, commitEvery_ms: 10_000 });

const began = performance.now();
meter.start();
let time_s = 0;
const live = (until_s: number): Memory => {
  for (; time_s < until_s; time_s += STEP_s) {
    board.runUntil(time_s + STEP_s);
    clock.runTo((time_s + STEP_s) * 1_000);
  }
  return memory();
};
const hour = live(HOUR_s);
const day = live(24 * HOUR_s);
const wall_s = (performance.now() - began) / 1_000;
await meter.stop();
store.close();
const result: Day = { hour, day, wall_s, reports: meter.view().reports };
process.stdout.write(`${JSON.stringify(result)}\n`);
