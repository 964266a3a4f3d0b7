// What a house does when it is asked: the verbs of its door. The same whether its owner is asked or nobody owns it and the asker does it
// alone.

import { readFileSync, statSync } from "node:fs";
import { knock } from "../adapters/door.js";
import { refusalOf } from "../document/restore.js";
import { esmeOf } from "../document/snapshot.js";
import type { Deed } from "../ledger/commands.js";
import type { Esme } from "../ledger/esme.js";
import { DEFAULT_CONFIG } from "../ledger/ledger.js";
import { Meter } from "../meter/meter.js";
import type { Answering, DoorAnswer, DoorRequest } from "../ports/door.js";
import type { Source } from "../ports/source.js";
import type { Store } from "../ports/store.js";
import { calibrationAnswer, type Workshop } from "./calibration/verbs.js";
import { systemClock } from "./clocks.js";
import type { DevicesReport } from "./device-report.js";
import { own } from "./own.js";
import { refuse } from "./refusal.js";

/** How long an owner may take to answer: a commit to a slow card. */
const PATIENCE_ms = 60_000;
/** A full meter is some 10 MB. */
const LARGEST_bytes = 128 * 1_024 * 1_024;

/** The verbs, answered by a meter. What comes through a door is checked before it becomes a command. Boards are calibrated where there is
 * a workshop, and devices are told of where there is a report of them: a house at work has both. */
export function answering(
  meter: Meter,
  workshop: Workshop | null = null,
  report: (() => DevicesReport) | null = null,
): Answering {
  return (request) => {
    const calibrated = calibrationAnswer(meter, workshop, request);
    if (calibrated !== null) return calibrated;
    switch (request.do) {
      case "set-registers":
        return setRegisters(meter, request);
      case "restore":
        return restore(meter, request);
      case "devices":
        return report === null
          ? refusal("not-metering", "this house is not metering: its devices tell nothing", "start it: `esme run`")
          : { ok: true, result: report() };
      default:
        return refusal("unknown-verb", `this house cannot "${request.do}"`, "ask for what this version of esme does");
    }
  };
}

/** Asks a house's owner; where nobody owns it, takes its lock and does it alone. Ends in the result or in a refusal. */
export async function ask(data: string, request: DoorRequest): Promise<unknown> {
  const told = await knock(data, request, PATIENCE_ms);
  const answer = "kind" in told ? await alone(data, request) : told;
  if (!answer.ok) refuse(answer);
  return answer.result;
}

async function alone(data: string, request: DoorRequest): Promise<DoorAnswer> {
  const { store, release } = own(data);
  try {
    const meter = atRest(store, request);
    return meter === null
      ? refusal("no-meter", "this house has no grid yet", "meter first: `esme run`, or `esme replay`")
      : await answering(meter)(request);
  } finally {
    release();
  }
}

/** The stored meter, with nothing to measure. A house without one may only be given one whole. */
function atRest(store: Store, request: DoorRequest): Meter | null {
  const grid = store.load().find((one) => one.role === "grid");
  if (grid === undefined && request.do !== "restore") return null;
  const { fuse_w, patience_ms } = grid?.ledger.config ?? DEFAULT_CONFIG;
  const feeds = [{ name: grid?.name ?? "grid", role: "grid" as const, channel: 1 }];
  const inputs = [{ source: NO_SOURCE, feeds, patience_ms }];
  return new Meter({ clock: systemClock, store, inputs, hub: null, fuse_w, commitEvery_ms: 1_000 });
}

const NO_SOURCE: Source = { start: () => {}, stop: () => Promise.resolve(), remember: () => {}, setUtc: () => {} };

function setRegisters(meter: Meter, { import_wh, export_wh }: DoorRequest): DoorAnswer {
  if (typeof import_wh !== "number" || typeof export_wh !== "number")
    return refusal("set-registers", "import_wh and export_wh are numbers of Wh", "give both");
  return obeyed(meter, { kind: "set-registers", import_wh, export_wh });
}

/** The file is read here: a snapshot may be larger than a line through a door. */
function restore(meter: Meter, { file }: DoorRequest): DoorAnswer {
  if (typeof file !== "string") return refusal("restore", "file is the path of a snapshot", "name a file");
  const document = documentIn(file);
  if ("reason" in document)
    return refusal("snapshot-unreadable", document.reason, "name a file that `esme snapshot` wrote");
  const current = [...meter.view().ledgers.values()].find(({ role }) => role === "grid")?.esme ?? null;
  const refused = refusalOf(document.value, current);
  if (refused !== null)
    return refusal(refused.code, refused.reason, "nothing was changed: the meter goes on with what it had");
  const written = meter.restore(esmeOf(document.value) as Esme);
  if (!written.ok) return refusal(written.fault, written.reason, "make room on the disk, then try again");
  return { ok: true, result: null };
}

function documentIn(file: string): { readonly value: unknown } | { readonly reason: string } {
  try {
    const found = statSync(file);
    // A pipe or a device may never end, and the meter would wait for it.
    if (!found.isFile()) return { reason: `${file} is no regular file` };
    if (found.size > LARGEST_bytes) return { reason: `${file} is larger than any snapshot` };
    return { value: JSON.parse(readFileSync(file, "utf8")) };
  } catch (error) {
    return { reason: `${file}: ${(error as Error).message}` };
  }
}

function obeyed(meter: Meter, deed: Deed): DoorAnswer {
  const disobeyed = meter.command("operator", deed);
  if (disobeyed === null) return { ok: true, result: null };
  return refusal(disobeyed.code, disobeyed.reason, "nothing was changed: mend what was asked and ask again");
}

function refusal(code: string, reason: string, next: string): DoorAnswer {
  return { ok: false, code, reason, next };
}
