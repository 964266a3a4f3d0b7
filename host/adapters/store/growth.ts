// What has been added to a log since it was last written: logs share their pages, so the answer costs what was added, not what is kept.

/** A log of pages: the half hours of a ledger, or a log of the meter's state. */
export interface Paged<T> {
  readonly pages: readonly (readonly T[])[];
  /** Entries ever written; the newest has the position `total` - 1. */
  readonly total: number;
  /** Entries kept. */
  readonly size: number;
}

export interface Growth<T> {
  /** What is on the disk does not belong to this log: it has been replaced whole, as by a restore. */
  readonly replaced: boolean;
  /** The position of the first of `entries`. */
  readonly first: number;
  readonly entries: readonly T[];
}

export function growth<T>(before: Paged<T> | null, now: Paged<T>): Growth<T> {
  const oldest = now.total - now.size;
  const goesOn = before === null || continues(before, now);
  const first = Math.max(oldest, goesOn ? (before?.total ?? 0) : 0);
  return { replaced: !goesOn, first, entries: newest(now.pages, now.total - first) };
}

/** The entry so many from the end, 1 the newest; null where it has gone. */
export function fromEnd<T>(pages: Paged<T>["pages"], place: number): T | null {
  let left = place;
  for (let page = pages.length - 1; page >= 0; page--) {
    const held = pages[page] ?? [];
    if (left <= held.length) return held[held.length - left] ?? null;
    left -= held.length;
  }
  return null;
}

/** The newest entry of before is the same object still, or has gone with all before it. */
function continues<T>(before: Paged<T>, now: Paged<T>): boolean {
  if (now.total < before.total) return false;
  if (before.size === 0) return true;
  const place = now.total - before.total + 1;
  return place > now.size || fromEnd(now.pages, place) === fromEnd(before.pages, 1);
}

function newest<T>(pages: Paged<T>["pages"], count: number): readonly T[] {
  const parts: (readonly T[])[] = [];
  let left = count;
  for (let page = pages.length - 1; page >= 0 && left > 0; page--) {
    const held = pages[page] ?? [];
    parts.push(left < held.length ? held.slice(-left) : held);
    left -= held.length;
  }
  return parts.reverse().flat();
}
