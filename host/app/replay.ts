// A recorded file of cumulative readings, one JSON object a line, through the ledger into a store.
// {"at": "2026-06-01T12:00:01Z", "import_wh": 1.25, "export_wh": 0, "import_varh": 0.5, "export_varh": 0}

import { createReadStream } from "node:fs";
import type { Notice, Reading } from "../ledger/events.js";
import type { Ledger } from "../ledger/ledger.js";
import type { Counters } from "../ledger/quantities.js";
import { turn } from "../ledger/turn.js";
import { cumulativeFromWh, type MicroWattHours, Utc_ms } from "../ledger/units.js";
import { Refusal } from "./refusal.js";

/** No source's total is larger: 9 * 10^9 Wh still fit a safe integer of µWh. */
const MOST_WH = 9e9;
const LINE_MAX = 65_536;
const EXAMPLE = 'a line reads {"at": "2026-06-01T12:00:01Z", "import_wh": 1.25, "export_wh": 0}';

export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

export interface Replayed {
  readonly ledger: Ledger;
  readonly readings: number;
  readonly bad: number;
  /** The first few, for the operator. */
  readonly badLines: readonly BadLine[];
}

/** Reads the file through `ledger`; `keep` is called with the ledger and its notices at each replayed midnight and at the end. */
export async function replay(
  path: string,
  ledger: Ledger,
  keep: (ledger: Ledger, notices: readonly Notice[]) => void,
): Promise<Replayed> {
  let now = ledger;
  let readings = 0;
  let bad = 0;
  let line = 0;
  let day = -1;
  let notices: Notice[] = [];
  const badLines: BadLine[] = [];
  const take = (text: string) => {
    line++;
    const reading = text === "" ? null : readingOf(text);
    if (reading === null) return;
    if (typeof reading === "string") {
      if (readings === 0)
        throw new Refusal("replay-format", `${path}:${line}: ${reading}`, `${EXAMPLE}; nothing of the file was booked`);
      bad++;
      if (badLines.length < 5) badLines.push({ line, reason: reading });
      return;
    }
    readings++;
    const next = turn(now, reading);
    now = next.ledger;
    for (const notice of next.notices) notices.push(notice);
    const today = Math.floor(reading.at / 86_400_000);
    if (today !== day && notices.length > 0) {
      keep(now, notices);
      notices = [];
      day = today;
    }
  };
  let rest = "";
  for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 18 })) {
    const text = rest + chunk;
    let from = 0;
    for (let to = text.indexOf("\n"); to >= 0; to = text.indexOf("\n", from)) {
      take(text.charCodeAt(to - 1) === 13 ? text.slice(from, to - 1) : text.slice(from, to));
      from = to + 1;
    }
    rest = text.slice(from);
    if (rest.length > LINE_MAX)
      throw new Refusal("replay-format", `${path}:${line + 1}: a line of over 64 KiB`, EXAMPLE);
  }
  if (rest !== "") take(rest);
  if (readings === 0) throw new Refusal("replay-empty", `${path} holds no reading`, EXAMPLE);
  keep(now, notices);
  return { ledger: now, readings, bad, badLines };
}

/** The reading of one line, or what is wrong with it. */
export function readingOf(text: string): Reading | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "not a JSON object";
  }
  if (typeof value !== "object" || value === null) return "not a JSON object";
  const { at, import_wh, export_wh, import_varh, export_varh } = value as { readonly [key: string]: unknown };
  const at_ms = typeof at === "string" ? momentOf(at) : Number.NaN;
  if (Number.isNaN(at_ms)) return "at is not an RFC 3339 time";
  if (!isEnergy(import_wh) || !isEnergy(export_wh))
    return "import_wh and export_wh are cumulative Wh, 0 to 9,000,000,000";
  let reactive: readonly [MicroWattHours, MicroWattHours] | readonly [null, null] = [null, null];
  if (import_varh !== undefined || export_varh !== undefined) {
    if (!isEnergy(import_varh) || !isEnergy(export_varh))
      return "import_varh and export_varh come together, cumulative varh";
    reactive = [cumulativeFromWh(import_varh), cumulativeFromWh(export_varh)];
  }
  const counters = [cumulativeFromWh(import_wh), cumulativeFromWh(export_wh), ...reactive] as unknown as Counters;
  return { kind: "reading", at: Utc_ms(at_ms), counters, device: "replay", boot: 0, base: null, span: null };
}

function isEnergy(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MOST_WH;
}

let minute = "";
let minute_ms = 0;

/** Date.parse, which is slow, once a minute of the file; the seconds are added. */
function momentOf(at: string): number {
  if (at.length === 20 && at.charCodeAt(19) === 90 && at.startsWith(minute) && minute !== "") {
    const seconds = (at.charCodeAt(17) - 48) * 10 + at.charCodeAt(18) - 48;
    if (at.charCodeAt(16) === 58 && seconds >= 0 && seconds < 60) return minute_ms + seconds * 1_000;
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(at)) return Number.NaN;
  const at_ms = Date.parse(at);
  if (at.length === 20 && !Number.isNaN(at_ms)) {
    minute = at.slice(0, 17);
    minute_ms = Math.floor(at_ms / 60_000) * 60_000;
  }
  return at_ms;
}
