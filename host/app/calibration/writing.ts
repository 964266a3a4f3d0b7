// Writing constants to a board so that they are kept or nothing is changed: compare, tell, read back, keep, read back
// (docs/spec/calibration.md, "What is written where").

import type { Answered } from "../../adapters/board/conversation.js";
import { type ChannelConstants, outside, reachOf, same } from "../../lab/calibration/constants.js";
import type { InForce, Refusal, Writing, Written } from "../../lab/calibration/procedure.js";
import type { Clock } from "../../ports/clock.js";
import type { Identity } from "../../ports/source.js";
import type { Command } from "../../wire/board/messages.js";
import type { CalibrationHistory } from "./history.js";

/** A board that can be told things. */
export interface Commanded {
  command(command: Command): Promise<Answered>;
}

const NOTHING_CHANGED = "nothing was changed: the old constants are in force";
const NOT_UNDONE =
  "nothing was kept, but the board may use what it was told: power it off and on, then see `esme calibrate show`";
const AGAIN = "see that the board is connected, then try again";
/** Boards that are being written to. */
const busy = new WeakSet<Commanded>();

export async function inForceOf(board: Commanded, identity: Identity): Promise<InForce | Refusal> {
  const { device, firmware, build, kinds, capabilities } = identity;
  const answer = await board.command({ kind: "readCalibration" });
  if (!answer.ok) return refusal("board-lost", answer.reason, AGAIN);
  const [slot = 2] = answer.values as (0 | 1 | 2)[];
  const channels = answer.lines.map(({ kind: _, slot: __, ...constants }) => constants);
  return { ok: true, device, firmware, build, slopes: capabilities.includes("slope"), kinds, slot, channels };
}

export async function writeTo(
  board: Commanded,
  identity: Identity,
  writing: Writing,
  history: CalibrationHistory,
  clock: Clock,
): Promise<Written> {
  const reach = reachOf(identity.kinds);
  const [volts] = writing.after;
  const impossible = writing.after.map((one) => outside(one, volts ?? one, reach)).find((reason) => reason !== null);
  if (impossible !== undefined && impossible !== null)
    return refusal("calibration-impossible", impossible, NOTHING_CHANGED);
  if (busy.has(board))
    return refusal("calibration-busy", "this board is being calibrated by somebody else", "wait until they are done");
  busy.add(board);
  try {
    return await written(board, identity, writing, history, clock);
  } finally {
    busy.delete(board);
  }
}

async function written(
  board: Commanded,
  identity: Identity,
  writing: Writing,
  history: CalibrationHistory,
  clock: Clock,
): Promise<Written> {
  const { before, after } = writing;
  const old = await inForceOf(board, identity);
  if (!old.ok) return old;
  if (old.device !== writing.device)
    return refusal("board-exchanged", `that is board ${old.device}, not ${writing.device}`, NOTHING_CHANGED);
  if (!same(old.channels, before))
    return refusal("calibration-changed", "other constants are in force than when it began", "begin again");
  if (!old.slopes && after.some(({ slope_mdeg }) => slope_mdeg !== 0))
    return refusal("no-slope", "this board's firmware knows no slope", "flash the firmware of this release");
  const number = begun(history, writing, old, clock);
  if (typeof number !== "number") return number;
  const back = async (code: string, reason: string): Promise<Refusal> => {
    // Where the board is gone this fails too: its next boot has the old constants.
    let undone = true;
    for (const constants of before) undone = (await board.command({ kind: "calibrate", ...constants })).ok && undone;
    history.failed(number, `${code}: ${reason}`, clock.utc());
    return refusal(code, reason, undone ? NOTHING_CHANGED : NOT_UNDONE);
  };
  for (const constants of changed(before, after)) {
    const answer = await board.command({ kind: "calibrate", ...constants });
    if (!answer.ok) return back(answer.code === "refused" ? "board-refuses" : "board-lost", answer.reason);
  }
  const told = await inForceOf(board, identity);
  if (!told.ok) return back(told.code, told.reason);
  if (!same(told.channels, after)) return back("not-in-force", "the board does not tell what it was told");
  // Whether its answer comes or not: what is kept is what it tells.
  await board.command({ kind: "keep" });
  const kept = await inForceOf(board, identity);
  if (!kept.ok) {
    // It may have kept them: the entry stays without an end, and what the board tells once it is back decides.
    const next = "`esme calibrate show` says which constants are in force once the board is back";
    return refusal("board-lost", "the board went away while it kept the constants", next);
  }
  if (kept.slot === 2 || kept.slot === old.slot || !same(kept.channels, after))
    return back("not-kept", "the board did not keep the new constants");
  history.kept(number, kept.slot, clock.utc());
  return { ok: true, slot: kept.slot, number };
}

/** The number of the entry; a refusal where the history takes none. */
function begun(history: CalibrationHistory, writing: Writing, old: InForce, clock: Clock): number | Refusal {
  try {
    return history.begin(writing, old, clock.utc());
  } catch (error) {
    return refusal(
      "history-unwritable",
      `the history takes no entry: ${(error as Error).message}`,
      "make room on the disk, and see that the house's folder calibration/ is yours; nothing was changed",
    );
  }
}

function changed(before: readonly ChannelConstants[], after: readonly ChannelConstants[]): readonly ChannelConstants[] {
  return after.filter((one, k) => !same([one], before.slice(k, k + 1)));
}

function refusal(code: string, reason: string, next: string): Refusal {
  return { ok: false, code, reason, next };
}
