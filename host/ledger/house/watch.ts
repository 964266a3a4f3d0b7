// The standing watch: what a closed half hour of all sources says that cannot be true. docs/spec/boundaries.md.

import { rfc3339, Utc_ms } from "../units.js";
import { type BoundaryHalfHour, derived } from "./derived.js";

const IMPLAUSIBLE = ["night-export", "negative-generation", "over-export", "under-consumption"] as const;
export type Implausible = (typeof IMPLAUSIBLE)[number];

export interface Doubtful {
  readonly kind: Implausible;
  /** What was seen and what to look at. */
  readonly text: string;
}

const LEAST_wh = 25;
const SHARE = 0.02;
/** Ends of half hours that are dark in all of Great Britain on every day: those within 23:00 and 02:00 UTC. */
const DARK_FROM_minute = 23 * 60;
const DARK_TO_minute = 2 * 60;
const DAY_minutes = 1_440;

/** `end`: of the half hour that every source has told of, or never will. What is flagged was not seen whole: it proves nothing. */
export function doubtful(end: Utc_ms, told: readonly BoundaryHalfHour[]): readonly Doubtful[] {
  const found: Doubtful[] = [];
  const flagged = ({ entry }: BoundaryHalfHour) => (entry?.flags.length ?? 0) > 0;
  const sources = told.map((one) => (flagged(one) ? { ...one, entry: null } : one));
  const sum = derived(sources);
  const exported = sources.find(({ role }) => role === "grid")?.entry?.wh[1] ?? null;
  const battery = sources.some(({ role }) => role === "battery");
  // An inverter asleep tells nothing: that is no doubt of the night. One that was seen in part may have generated what was exported.
  const halfSeen = told.some((one) => one.role === "generation" && flagged(one));
  const dark = isDark(end) && !battery && !halfSeen;
  const generated = sum.generation_wh ?? 0;
  if (dark && exported !== null && exported >= LEAST_wh && exported - generated >= LEAST_wh + SHARE * generated)
    found.push({
      kind: "night-export",
      text: `the grid exported ${exported} Wh in the dark, and nothing that is measured generated it: is its clamp or meter turned round?`,
    });
  for (const { role, name, entry } of sources) {
    const backwards = entry?.wh[1] ?? null;
    if (role === "generation" && backwards !== null && backwards >= LEAST_wh)
      found.push({
        kind: "negative-generation",
        text: `${name} took ${backwards} Wh instead of generating: is its clamp or meter turned round?`,
      });
  }
  const self_wh = sum.selfConsumption_wh;
  if (
    !battery &&
    self_wh !== null &&
    exported !== null &&
    exported >= LEAST_wh &&
    -self_wh > LEAST_wh + SHARE * exported
  )
    found.push({
      kind: "over-export",
      text: `the grid exported ${-self_wh} Wh more than was generated: is one turned round, or an inverter not measured?`,
    });
  // Without generation or battery there may be both, unmeasured: then consumption is not known well enough to doubt a load.
  const closes = battery || self_wh !== null;
  const used = usedBy(sources);
  if (closes && used !== null && sum.consumption_wh !== null) {
    const short = used - sum.consumption_wh;
    if (short > LEAST_wh + SHARE * used)
      found.push({
        kind: "under-consumption",
        text: `the metered loads took ${short} Wh more than the house used: is a clamp turned round, or a load of another house?`,
      });
  }
  return found;
}

/** A doubt as it is told: its kind and its half hour first, so that who reads it again knows what has been told. */
export function inFull(end: Utc_ms, { kind, text }: Doubtful): string {
  return `${kind} in the half hour to ${rfc3339(end)}: ${text}`;
}

/** Which doubt a text tells of; null where it is none of the watch's. */
export function toldIn(text: string): { readonly kind: Implausible; readonly end: Utc_ms } | null {
  const [, word, moment = ""] = /^([a-z-]+) in the half hour to ([^ ]+): /.exec(text) ?? [];
  const kind = IMPLAUSIBLE.find((one) => one === word);
  const end = Date.parse(moment);
  return kind === undefined || Number.isNaN(end) ? null : { kind, end: Utc_ms(end) };
}

/** What all metered loads took together, net of what they fed back; null without any, or where one is not known. */
function usedBy(sources: readonly BoundaryHalfHour[]): number | null {
  const loads = sources.filter(({ role }) => role === "load").map(({ entry }) => entry?.wh ?? [null, null]);
  if (loads.length === 0) return null;
  return loads.reduce(
    (all: number | null, [taken, back]) => (all === null || taken == null || back == null ? null : all + taken - back),
    0,
  );
}

function isDark(end: Utc_ms): boolean {
  const minute = Math.floor(end / 60_000) % DAY_minutes;
  const begin = (minute - 30 + DAY_minutes) % DAY_minutes;
  const inside = (at: number) => at >= DARK_FROM_minute || at <= DARK_TO_minute;
  return inside(begin) && inside(minute);
}
