// Yesterday, in a moment: the fast fidelity speaks the board's lines to the same meter, under a simulated clock.

import { LineSource } from "../../adapters/board/line-source.js";
import { Meter } from "../../meter/meter.js";
import type { Store } from "../../ports/store.js";
import { buildBoard, readBoardOptions } from "../../sim/board-options.js";
import { SimulatedClock } from "../../sim/simulated-clock.js";
import type { TrueEnergy } from "../../sim/truth.js";
import { BOARD_MEMORY_ms } from "../config/devices.js";
import { houseOfPort } from "../config/house.js";
import { refuse } from "../refusal.js";

const DAY_s = 86_400;
/** The board is on a little before midnight and a little after it, so that all 48 half hours are whole. */
const BEFORE_s = 10;
const AFTER_s = 5;
/** How finely bytes arrive, s: their lateness is what the clock rule has to see through. */
const STEP_s = 0.25;

export interface Yesterday {
  /** What really flowed between the first and the last report booked. */
  readonly truth: TrueEnergy;
  readonly reports: number;
  /** The board's EEPROM at the end: the same board goes on live. */
  readonly eeprom: Uint8Array;
}

/** Books the UTC day before `now_ms` into a store that holds nothing yet. */
export async function fillYesterday(store: Store, now_ms: number, seed: number): Promise<Yesterday> {
  const start_s = Math.floor(now_ms / 1_000 / DAY_s) * DAY_s - DAY_s - BEFORE_s;
  const options = readBoardOptions({ fidelity: "fast", scenario: "solar-home", seed });
  const built = "kind" in options ? options : buildBoard(options, start_s);
  if ("kind" in built)
    return refuse({ code: "sim-board", reason: built.reason, next: "this is the demo's own scenario: report it" });
  const { board } = built;
  const clock = new SimulatedClock(start_s * 1_000);
  const source = new LineSource((bytes) => board.send(bytes), clock);
  board.onBytes = (bytes) => source.arrive(bytes);
  const { sources: feeds, fuse_w } = houseOfPort("yesterday");
  const inputs = [{ source, feeds, patience_ms: BOARD_MEMORY_ms }];
  const meter = new Meter({ clock, store, inputs, hub: null, fuse_w, commitEvery_ms: 600_000 });
  const truthNow = (): TrueEnergy | null => {
    const device = meter.view().inputs[0]?.device;
    if (device?.kind !== "metering") return null;
    const at_s = board.boardTimeToTrue(device.identity.boot, device.board);
    return at_s === null ? null : (board.truth.at(at_s)?.[0] ?? null);
  };
  let atFirst: TrueEnergy | null = null;
  meter.watch((notice, name) => {
    if (name === "grid" && notice.kind === "event" && notice.code === "baseline") atFirst = truthNow();
  });
  meter.start();
  for (let t = STEP_s; t <= BEFORE_s + DAY_s + AFTER_s; t += STEP_s) {
    board.runUntil(t);
    clock.runTo(t * 1_000);
  }
  const atLast = truthNow();
  await meter.stop();
  return {
    truth: between(atFirst, atLast),
    reports: meter.view().reports,
    eeprom: board.eeprom,
  };
}

export function between(first: TrueEnergy | null, last: TrueEnergy | null): TrueEnergy {
  const part = (name: keyof TrueEnergy) => (last?.[name] ?? 0) - (first?.[name] ?? 0);
  return {
    import_uwh: part("import_uwh"),
    export_uwh: part("export_uwh"),
    import_uvarh: part("import_uvarh"),
    export_uvarh: part("export_uvarh"),
  };
}
