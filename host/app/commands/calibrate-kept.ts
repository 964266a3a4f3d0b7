// `esme calibrate show | history | undo | backup | restore`: the constants that a board keeps, and what was ever written to it.

import { existsSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { ChannelConstants } from "../../lab/calibration/constants.js";
import type { InForce, Writing } from "../../lab/calibration/procedure.js";
import { rfc3339, Utc_ms } from "../../ledger/units.js";
import { boundedText } from "../bounded-text.js";
import { boardsIn, CalibrationHistory, Channels, type Entry, entryInForce } from "../calibration/history.js";
import { type HouseOptions, inHouse, type Shop } from "../calibration/house.js";
import { constantsInWords } from "../calibration/told.js";
import { Refusal, refuse, usedWrongly } from "../refusal.js";
import { table } from "../table.js";

const Backup = z.strictObject({
  schema: z.literal("esme/calibration-backup/1"),
  at: z.string(),
  board: z.string(),
  firmware: z.string(),
  build: z.string(),
  slot: z.int().min(0).max(2),
  channels: Channels,
});

export async function show(options: HouseOptions): Promise<void> {
  await inHouse(options, async (shop) => {
    const now = await inForce(shop);
    const { device: board, firmware, build, slot, channels } = now;
    const entry = entryInForce(new CalibrationHistory(options.data, board).entries(), channels);
    if (options.json === true)
      return say(
        JSON.stringify({
          schema: "esme/calibration-show/1",
          board,
          firmware,
          build,
          slot,
          entry: entry?.number ?? null,
          channels,
        }),
      );
    const from =
      entry !== null
        ? `entry ${entry.number} of its history, ${entry.at}, by ${entry.reference}`
        : "not written by this house";
    const where = slot === 2 ? "the firmware's defaults: it was never calibrated" : `slot ${slot}; ${from}`;
    say(`board ${board}, firmware ${firmware} (${build}): ${where}\n${constantsInWords(channels).trimEnd()}`);
  });
}

export function history(options: HouseOptions): void {
  const all = boardsIn(options.data).flatMap((board) => new CalibrationHistory(options.data, board).entries());
  if (options.json === true) return say(JSON.stringify(all.map(({ schema: _, ...entry }) => entry)));
  if (all.length === 0) return say("no board of this house was ever calibrated");
  say(table(["entry", "at", "board", "build", "what", "clamps", "reference", "verdict", "became"], all.map(row)));
}

function row(entry: Entry): readonly string[] {
  const { number, at, board, build, what, clamps, reference, state, slot, reason, verdicts } = entry;
  const became =
    state === "kept"
      ? `kept in slot ${slot}`
      : state === "failed"
        ? `failed: ${reason}`
        : "begun, and not known to be kept";
  const verdict = verdicts.map((one) => one.verdict).join(", ");
  return [`${number}`, at, board, build, what, clamps.join(", "), reference, verdict, became];
}

export async function undo(options: HouseOptions): Promise<void> {
  await inHouse(options, async (shop) => {
    const now = await inForce(shop);
    const entry = entryInForce(new CalibrationHistory(options.data, now.device).entries(), now.channels);
    if (entry === null)
      return refuse({
        code: "nothing-to-undo",
        reason: `what is in force on board ${now.device} was not written by this house`,
        next: "`esme calibrate history` lists what was; a backup can be restored",
      });
    await write(
      shop,
      now,
      "undo",
      entry.before as readonly ChannelConstants[],
      `entry ${entry.number} undone`,
      options,
    );
  });
}

export async function backup(path: string, options: HouseOptions): Promise<void> {
  await inHouse(options, async (shop) => {
    const { device: board, firmware, build, slot, channels } = await inForce(shop);
    const document = {
      schema: "esme/calibration-backup/1",
      at: rfc3339(Utc_ms(Date.now())),
      board,
      firmware,
      build,
      slot,
      channels,
    };
    if (existsSync(path))
      refuse({ code: "file-exists", reason: `${path} is there already`, next: "name another file" });
    writeFileSync(path, `${JSON.stringify(document, null, 1)}\n`, { mode: 0o600, flag: "wx" });
    say(options.json === true ? JSON.stringify(document) : `the constants of board ${board} are in ${path}`);
  });
}

export async function restore(path: string, options: HouseOptions & { readonly otherBoard?: boolean }): Promise<void> {
  const document = backupIn(path);
  await inHouse(options, async (shop) => {
    const now = await inForce(shop);
    if (document.board !== now.device && options.otherBoard !== true)
      return usedWrongly(
        `${path} is of board ${document.board}, this is board ${now.device}: its clamps are others`,
        "say --other-board where the very same adapter and clamps were moved to this board",
      );
    await write(
      shop,
      now,
      "restore",
      document.channels as readonly ChannelConstants[],
      `backup of ${document.at}`,
      options,
    );
  });
}

async function write(
  shop: Shop,
  now: InForce,
  what: Writing["what"],
  after: readonly ChannelConstants[],
  reference: string,
  options: HouseOptions,
): Promise<void> {
  const { device, channels: before } = now;
  const written = await shop.bench("typed").write({ what, device, before, after, clamps: [], reference, results: [] });
  if (!written.ok) return refuse(written);
  const { slot, number } = written;
  if (options.json === true)
    return say(
      JSON.stringify({ schema: "esme/calibration-written/1", what, board: device, entry: number, slot, before, after }),
    );
  say(
    `board ${device} keeps this in slot ${slot}; entry ${number} of its history\n${constantsInWords(after).trimEnd()}`,
  );
}

async function inForce(shop: Shop): Promise<InForce> {
  const told = await shop.inForce();
  return told.ok ? told : refuse(told);
}

function backupIn(path: string): z.output<typeof Backup> {
  const wrong = (reason: string): never => {
    throw new Refusal("backup-invalid", `${path}: ${reason}`, "name a file that `esme calibrate backup` wrote");
  };
  let value: unknown;
  const text = boundedText(path);
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong((error as Error).message);
  }
  const read = Backup.safeParse(value);
  const issue = read.error?.issues[0];
  return read.success ? read.data : wrong(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not understood"}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
