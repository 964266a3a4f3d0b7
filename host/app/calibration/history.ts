// What was ever written to a board's calibration: one file a board in the house's directory, appended only (docs/spec/calibration.md).

import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Writing } from "../../lab/calibration/procedure.js";
import { rfc3339, type Utc_ms } from "../../ledger/units.js";
import { made } from "../data-dir.js";

const SCHEMA = "esme/calibration/1";
/** Beyond this a file is no history of calibrations, which are some hundred a life. */
const LARGEST_lines = 100_000;

const Channel = z.strictObject({
  channel: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
  gain: z.int().min(-2_000_000).max(2_000_000),
  phase_mdeg: z.int().min(-30_000).max(30_000),
  offset_mw: z.int().min(-30_000).max(30_000),
  offset_mvar: z.int().min(-30_000).max(30_000),
  slope_mdeg: z.int().min(-3_000).max(3_000),
});
export const Channels = z
  .array(Channel)
  .length(4)
  .refine((all) => all.every(({ channel }, k) => channel === k), "channels 0, 1, 2, 3 in this order");
const Residual = z.object({ load: z.string(), percent: z.number(), degrees: z.number() });

const Begun = z.object({
  schema: z.literal(SCHEMA),
  number: z.int(),
  state: z.literal("begun"),
  what: z.enum(["calibrate", "undo", "restore"]),
  at: z.string(),
  board: z.string(),
  firmware: z.string(),
  build: z.string(),
  clamps: z.array(z.int()),
  reference: z.string(),
  before: Channels,
  after: Channels,
  residuals: z.array(z.object({ clamp: z.int(), steps: z.array(Residual) })),
  verdicts: z.array(z.object({ clamp: z.int(), verdict: z.string() })),
});
const Ended = z.object({
  schema: z.literal(SCHEMA),
  number: z.int(),
  state: z.enum(["kept", "failed"]),
  at: z.string(),
  slot: z.int().optional(),
  reason: z.string().optional(),
});
const Line = z.discriminatedUnion("state", [
  Begun,
  Ended.extend({ state: z.literal("kept") }),
  Ended.extend({ state: z.literal("failed") }),
]);

/** A calibration that was begun, and what became of it; `unknown` where nothing was written after. */
export type Entry = Omit<z.output<typeof Begun>, "state"> & {
  readonly state: "kept" | "failed" | "unknown";
  readonly slot: number | null;
  readonly reason: string | null;
};

export class CalibrationHistory {
  readonly #path: string;

  constructor(
    private readonly data: string,
    readonly board: string,
  ) {
    this.#path = join(folderOf(data), `${board}.jsonl`);
  }

  entries(): readonly Entry[] {
    return existsSync(this.#path) ? entriesIn(readFileSync(this.#path, "utf8")) : [];
  }

  /** The number of the entry that is begun. Throws where it cannot be written whole: without it nothing is undone. */
  begin(writing: Writing, identity: { readonly firmware: string; readonly build: string }, at: Utc_ms): number {
    const number = this.entries().reduce((most, entry) => Math.max(most, entry.number), 0) + 1;
    this.#append({
      schema: SCHEMA,
      number,
      state: "begun",
      what: writing.what,
      at: rfc3339(at),
      board: this.board,
      firmware: identity.firmware,
      build: identity.build,
      clamps: writing.clamps,
      reference: writing.reference,
      before: writing.before,
      after: writing.after,
      residuals: writing.results.map(({ clamp, residuals }) => ({ clamp, steps: residuals })),
      verdicts: writing.results.map(({ clamp, verdict }) => ({ clamp, verdict: verdict.kind })),
    });
    return number;
  }

  kept(number: number, slot: 0 | 1, at: Utc_ms): void {
    this.#end({ schema: SCHEMA, number, state: "kept", at: rfc3339(at), slot });
  }

  failed(number: number, reason: string, at: Utc_ms): void {
    this.#end({ schema: SCHEMA, number, state: "failed", at: rfc3339(at), reason });
  }

  #end(line: object): void {
    try {
      this.#append(line);
    } catch {
      // Where a full disk takes no more the entry stays unknown, and the board's constants tell what became of it.
    }
  }

  #append(line: object): void {
    made(this.data);
    const folder = made(folderOf(this.data));
    const file = openSync(this.#path, "a", 0o600);
    try {
      chmodSync(this.#path, 0o600);
      // A line torn by a power cut ends here: what follows must not be read as its rest.
      appendFileSync(file, `${tornIn(this.#path) ? "\n" : ""}${JSON.stringify(line)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    syncFolder(folder);
  }
}

/** The boards of which a house has a history. */
export function boardsIn(data: string): readonly string[] {
  const folder = folderOf(data);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => /^([0-9a-zA-Z_-]+)\.jsonl$/.exec(name)?.[1] ?? []);
}

/** The entry whose constants are in force: what `undo` goes back from. */
export function entryInForce(entries: readonly Entry[], inForce: readonly unknown[]): Entry | null {
  const now = JSON.stringify(Channels.parse(inForce));
  return entries.findLast((one) => one.state !== "failed" && JSON.stringify(one.after) === now) ?? null;
}

function folderOf(data: string): string {
  return join(data, "calibration");
}

function tornIn(path: string): boolean {
  const text = readFileSync(path, "latin1");
  return text !== "" && !text.endsWith("\n");
}

/** A file that is new is on the disk once its folder is. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, "r");
    fsyncSync(handle);
    closeSync(handle);
  } catch {
    // Where a folder cannot be opened or synced, as on Windows, the system sees to it by itself.
  }
}

/** Lines that are none of its own, such as one torn by a power cut, are passed over. */
function entriesIn(text: string): readonly Entry[] {
  const entries = new Map<number, Entry>();
  for (const line of text.split("\n").slice(0, LARGEST_lines)) {
    const read = lineIn(line);
    if (read === null) continue;
    if (read.state === "begun") entries.set(read.number, { ...read, state: "unknown", slot: null, reason: null });
    else {
      const begun = entries.get(read.number);
      if (begun === undefined) continue;
      entries.set(read.number, { ...begun, state: read.state, slot: read.slot ?? null, reason: read.reason ?? null });
    }
  }
  return [...entries.values()];
}

function lineIn(line: string): z.output<typeof Line> | null {
  try {
    const read = Line.safeParse(JSON.parse(line));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
