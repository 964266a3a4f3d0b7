// The power at which two runs of one board must show the same whole Wh: see crash-run.ts.

import { buildBoard, readBoardOptions } from "../../host/sim/board-options.js";
import type { ScenarioInput } from "../../host/sim/scenario.js";
import { decodeLine } from "../../host/wire/board/from-board.js";

const HALF_HOUR_s = 1_800;
const TRIED_w = 1_000;
/** The board remembers a half hour's end in these steps, rounded down. */
const MEMORY_mwh = 512;
/** How far the measured rate may be off, as a share of the energy, and for roundings. */
const RATE = 400e-6;
const ROUNDING_mwh = 8;

/** A power, W, at which every counter is clear of a whole Wh at each of so many edges. */
export function clearPower_w(
  scenario: (power_w: number) => ScenarioInput,
  seed: number,
  start_ms: number,
  edges: number,
): number {
  const tried = countersAtEdges(scenario(TRIED_w), seed, start_ms, edges);
  for (let power_w = 200; power_w < 900; power_w += 0.1) {
    if (tried.every((mwh) => isClear((mwh * power_w) / TRIED_w))) return Math.round(power_w * 10) / 10;
  }
  throw new Error("no power keeps every counter clear of a whole Wh");
}

function isClear(mwh: number): boolean {
  if (mwh < 1) return true;
  const margin = mwh * RATE + ROUNDING_mwh;
  const lowest = Math.floor((mwh - margin) / MEMORY_mwh) * MEMORY_mwh;
  return Math.floor(lowest / 1_000) === Math.floor((mwh + margin) / 1_000);
}

/** All active counters of clamps 1..3 in the middle of the quiet around each edge, mWh. */
function countersAtEdges(scenario: ScenarioInput, seed: number, start_ms: number, edges: number): number[] {
  const options = readBoardOptions({ fidelity: "fast", frontEnd: { like: "ideal" }, seed, scenario });
  const built = "kind" in options ? options : buildBoard(options, start_ms / 1_000);
  if ("kind" in built) throw new Error(built.reason);
  const { board } = built;
  let text = "";
  board.onBytes = (bytes) => {
    text += Buffer.from(bytes).toString("latin1");
  };
  const found: number[] = [];
  const first_s = HALF_HOUR_s - ((start_ms / 1_000) % HALF_HOUR_s);
  for (let edge = 0; edge < edges; edge++) {
    board.runUntil(first_s + edge * HALF_HOUR_s);
    text = "";
    board.runUntil(first_s + edge * HALF_HOUR_s + 2);
    for (const line of text.split("\n").slice(0, 4)) {
      const message = decodeLine(line);
      if (message.kind === "report" && message.channel < 4)
        found.push(message.counters.importActive_mwh, message.counters.exportActive_mwh);
    }
  }
  return found;
}
