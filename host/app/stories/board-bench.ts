// A simulated board, the link's bytes, a meter and simulated time in one process, for the stories that have currents in them: the same
// way as a board on a wire goes, only that nothing waits for a wall clock and nothing is kept afterwards.

import { LineSource } from "../../adapters/board/line-source.js";
import type { Esme } from "../../ledger/esme.js";
import type { Feed } from "../../meter/gathering.js";
import { Meter } from "../../meter/meter.js";
import type { Store } from "../../ports/store.js";
import { buildBoard, readBoardOptions } from "../../sim/board-options.js";
import type { ScenarioInput } from "../../sim/scenario.js";
import { SimulatedClock } from "../../sim/simulated-clock.js";
import { encodeCommand } from "../../wire/board/to-board.js";
import { BOARD_MEMORY_ms } from "../config/devices.js";
import { refuse } from "../refusal.js";

/** 230 V and 50 Hz that do not wander, and a pure sine: what flows can be reckoned by hand. */
export const CALM_MAINS = {
  voltage_v: 230,
  voltageWander_v: 0,
  frequency_hz: 50,
  frequencyWander_hz: 0,
  distortion: 0,
};
/** How finely bytes arrive, s. */
const STEP_s = 0.25;

export interface Bench {
  /** Time goes on by so many seconds. */
  run(for_s: number): void;
  /** The grid's meter as it is now. */
  esme(): Esme;
  stop(): Promise<unknown>;
}

/** A board whose front end is perfect but for the steps of its converter, set to a netting window before it begins. */
export function boardBench(scenario: ScenarioInput, feed: Feed, startUtc_ms: number, windowCycles = 10): Bench {
  const options = readBoardOptions({ fidelity: "fast", scenario, frontEnd: { like: "ideal", noise_lsb: 0 } });
  const built = "kind" in options ? options : buildBoard(options, startUtc_ms / 1_000);
  if ("kind" in built)
    return refuse({ code: "sim-board", reason: built.reason, next: "this is the story's own scenario: report it" });
  const { board } = built;
  const clock = new SimulatedClock(startUtc_ms);
  const source = new LineSource((bytes) => board.send(bytes), clock);
  board.send(Buffer.from(encodeCommand({ kind: "window", cycles: windowCycles }), "latin1"));
  board.onBytes = (bytes) => source.arrive(bytes);
  const inputs = [{ source, feeds: [feed], patience_ms: BOARD_MEMORY_ms }];
  const meter = new Meter({ clock, store: FORGETFUL, inputs, hub: null, fuse_w: 75_900, commitEvery_ms: 600_000 });
  meter.start();
  let time_s = 0;
  return {
    run: (for_s) => {
      for (const until_s = time_s + for_s; time_s < until_s; ) {
        time_s = Math.min(until_s, time_s + STEP_s);
        board.runUntil(time_s);
        clock.runTo(time_s * 1_000);
      }
    },
    esme: () => {
      const esme = meter.view().ledgers.get(feed.name)?.esme ?? null;
      if (esme === null) return refuse({ code: "no-meter", reason: "the story has no meter", next: "report it" });
      return esme;
    },
    stop: () => meter.stop(),
  };
}

/** Keeps nothing: the story ends with its process. */
const FORGETFUL: Store = {
  name: "story",
  load: () => [],
  rates: () => new Map(),
  progress: () => null,
  commit: () => ({ ok: true }),
  outbox: () => [],
  nextOutId: () => 1,
  acknowledge: () => ({ ok: true }),
  standing: () => ({ known: false, taken: 0, first: 1, next: 1 }),
  close: () => {},
};
