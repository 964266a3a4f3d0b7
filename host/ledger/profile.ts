// The profile data logs: closed half hours, oldest first, each quantity kept to its own depth (SMETS2 facts 3).
// Immutable: appending shares all pages but the last, so a year of half hours costs little to turn.

import { type Four, four } from "./quantities.js";
import type { Utc_ms } from "./units.js";

/** What may be said of a half hour: a closed list. */
export const FLAGS = ["partial", "estimated", "clock", "counter"] as const;
/** partial: not seen whole; estimated: split from a gap of 60..1,800 s; clock: the clock stepped; counter: the source's counter
 * restarted, was exchanged or fell, so that energy may be missing. */
export type Flag = (typeof FLAGS)[number];

/** A closed half hour, stamped at its UTC end (facts 1). Whole Wh and varh; null: not measured. */
export interface HalfHour {
  readonly end: Utc_ms;
  readonly wh: Four<number | null>;
  readonly flags: readonly Flag[];
}

/** Entries kept of each quantity: 13 months of import, 3 months of the others (facts 3). */
export const DEPTHS: Four<number> = [19_056, 4_464, 4_464, 4_464];
const DEEPEST = DEPTHS[0];
const PAGE = 48;

export interface Profile {
  readonly pages: readonly (readonly HalfHour[])[];
  /** Entries before the first of `pages` that have gone: a position in the log never changes. */
  readonly gone: number;
  /** Entries ever closed. */
  readonly closed: number;
  /** What has aged out of the log, whole Wh. */
  readonly dropped_wh: Four<number>;
}

export const EMPTY_PROFILE: Profile = { pages: [], gone: 0, closed: 0, dropped_wh: [0, 0, 0, 0] };

/** The end of the entry that left a log, and which of the quantities left with it. */
export interface Aged {
  readonly end: Utc_ms;
  readonly quantities: Four<boolean>;
}

export function append(profile: Profile, entry: HalfHour): { profile: Profile; aged: readonly Aged[] } {
  const tail = profile.pages.at(-1);
  const grown =
    tail === undefined || tail.length === PAGE
      ? [...profile.pages, [entry]]
      : [...profile.pages.slice(0, -1), [...tail, entry]];
  const closed = profile.closed + 1;
  const aged: Aged[] = [];
  let dropped_wh = profile.dropped_wh;
  for (const position of new Set(DEPTHS.map((depth) => closed - 1 - depth))) {
    const old = position < profile.gone ? undefined : at(grown, profile.gone, position);
    if (old === undefined) continue;
    const leaves = four((q) => closed - 1 - DEPTHS[q] === position);
    const before = dropped_wh;
    dropped_wh = four((q) => before[q] + (leaves[q] ? (old.wh[q] ?? 0) : 0));
    aged.push({ end: old.end, quantities: leaves });
  }
  const firstPageGone = closed - profile.gone - PAGE >= DEEPEST;
  return {
    profile: {
      pages: firstPageGone ? grown.slice(1) : grown,
      gone: profile.gone + (firstPageGone ? PAGE : 0),
      closed,
      dropped_wh,
    },
    aged,
  };
}

/** The kept half hours, oldest first; a quantity that has aged out is null. */
export function* kept(profile: Profile): Generator<HalfHour> {
  let position = profile.gone;
  for (const page of profile.pages) {
    for (const entry of page) {
      const one = entryKept(profile, position++, entry);
      if (one !== null) yield one;
    }
  }
}

/** Those with from <= end <= to. They ascend, so that only the pages of that time are looked at. */
export function keptWithin(profile: Profile, from: Utc_ms, to: Utc_ms): readonly HalfHour[] {
  const { pages, gone } = profile;
  const found: HalfHour[] = [];
  for (let at = firstPageTo(pages, from); at < pages.length; at++) {
    let position = gone + at * PAGE;
    for (const entry of pages[at] ?? []) {
      if (entry.end > to) return found;
      const one = entryKept(profile, position++, entry);
      if (one !== null && entry.end >= from) found.push(one);
    }
  }
  return found;
}

/** The first page whose last entry does not end before `from`. */
function firstPageTo(pages: Profile["pages"], from: Utc_ms): number {
  let [low, high] = [0, pages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pages[middle]?.at(-1)?.end ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The entry at a position without the quantities that have aged out; null where all have. */
function entryKept({ closed }: Profile, position: number, entry: HalfHour): HalfHour | null {
  const age = closed - position;
  if (age > DEEPEST) return null;
  return age > DEPTHS[1] ? { ...entry, wh: four((q) => (age > DEPTHS[q] ? null : entry.wh[q])) } : entry;
}

/** A profile out of stored rows: `entries` oldest first, with what had aged out before. */
export function profileOf(entries: Iterable<HalfHour>, dropped_wh: Four<number>): Profile {
  const pages: HalfHour[][] = [];
  let closed = 0;
  for (const entry of entries) {
    if (closed % PAGE === 0) pages.push([]);
    pages.at(-1)?.push(entry);
    closed++;
  }
  return { pages, gone: 0, closed, dropped_wh };
}

function at(pages: Profile["pages"], gone: number, position: number): HalfHour | undefined {
  const index = position - gone;
  return pages[Math.floor(index / PAGE)]?.[index % PAGE];
}
