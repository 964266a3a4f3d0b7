// A log of limited depth: the oldest entry goes first, and how many were ever written is never forgotten.
// Immutable: an append shares all pages but the last.

const PAGE = 64;

export interface Log<T> {
  readonly pages: readonly (readonly T[])[];
  /** Entries ever written, those that have gone included. */
  readonly written: number;
  /** Entries kept, 0 .. depth. */
  readonly size: number;
}

export function emptyLog<T>(): Log<T> {
  return { pages: [], written: 0, size: 0 };
}

export function logged<T>(log: Log<T>, entry: T, depth: number): Log<T> {
  const tail = log.pages.at(-1);
  const grown =
    tail === undefined || tail.length === PAGE
      ? [...log.pages, [entry]]
      : [...log.pages.slice(0, -1), [...tail, entry]];
  const held = grown.length === 0 ? 0 : (grown.length - 1) * PAGE + (grown.at(-1)?.length ?? 0);
  // Whole pages go; `entriesOf` leaves out what a page holds beyond the depth.
  const pages = held - PAGE >= depth ? grown.slice(1) : grown;
  return { pages, written: log.written + 1, size: Math.min(log.size + 1, depth) };
}

/** The kept entries, oldest first. */
export function entriesOf<T>(log: Log<T>): T[] {
  return log.size === 0 ? [] : log.pages.flat().slice(-log.size);
}

export function newest<T>(log: Log<T>): T | null {
  return log.size === 0 ? null : (log.pages.at(-1)?.at(-1) ?? null);
}

/** A log out of stored or written-down entries, oldest first. */
export function logOf<T>(entries: readonly T[], written: number = entries.length): Log<T> {
  const pages: T[][] = [];
  for (let from = 0; from < entries.length; from += PAGE) pages.push(entries.slice(from, from + PAGE));
  return { pages, written, size: entries.length };
}

/** The log emptied: what was ever written stays counted. */
export function cleared<T>(log: Log<T>): Log<T> {
  return { pages: [], written: log.written, size: 0 };
}
