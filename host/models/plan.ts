// Which reads ask a meter for what is wanted: the fewest that its table allows, with import, export and power of one moment.
// The rules are in docs/spec/modbus.md, "Planning".

import type { Model } from "./model.js";
import type { Quantity } from "./quantities.js";
import { type ReadFunction, type Row, wordsOfRow } from "./rows.js";

/** One question. Addresses are the table's: of a SunSpec model they count from its id word. */
export interface Read {
  readonly function: ReadFunction;
  readonly address: number;
  /** Words, 1..125. */
  readonly count: number;
  /** What of the answer is wanted. */
  readonly rows: readonly PlannedRow[];
}

export interface PlannedRow {
  readonly quantity: Quantity;
  readonly row: Row;
}

/** No Modbus read asks for more words. */
const MOST_WORDS = 125;

/** Rows that stay together, over the addresses from..to (to excluded). */
interface Item {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly PlannedRow[];
}

/** Those of `quantities` that the model has, in reads; none where it has none. */
export function plan(model: Model, quantities: Iterable<Quantity>): readonly Read[] {
  const wanted = [...new Set(quantities)].flatMap((quantity) => {
    const row: Row | undefined = model.points[quantity];
    return row === undefined ? [] : [{ quantity, row }];
  });
  const most = Math.min(model.pace.mostWords, MOST_WORDS);
  return ([3, 4] as const).flatMap((code) => {
    const items = wanted.filter(({ row }) => row.function === code).map((one) => itemOf([one]));
    const runs = readable(model, code);
    const one = (item: Item) => item.to - item.from <= most && runs.some((run) => within(item, run));
    return runs.flatMap((run) => {
      const inside = together(items, one).filter((item) => within(item, run));
      return fewest(inside, most).map((group) => readOf(code, group));
    });
  });
}

function itemOf(rows: readonly PlannedRow[]): Item {
  const spans = rows.map(({ row }) => spanOf(row));
  return { from: Math.min(...spans.map(([from]) => from)), to: Math.max(...spans.map(([, to]) => to)), rows };
}

/** A row with the word of its power of ten, where it has one. */
function spanOf(row: Row): readonly [number, number] {
  const to = row.address + wordsOfRow(row);
  if (typeof row.scale === "number") return [row.address, to];
  return [Math.min(row.address, row.scale.exponentAt), Math.max(to, row.scale.exponentAt + 1)];
}

/** Stretches of addresses of which a read may ask every word. */
function readable(model: Model, code: ReadFunction): readonly (readonly [number, number])[] {
  if (model.pace.mayReadGaps) return [[0, 0x1_0000]];
  const rows: readonly Row[] = Object.values(model.points);
  const pieces = rows
    .filter((row) => row.function === code)
    .flatMap((row): (readonly [number, number])[] => {
      const own = [row.address, row.address + wordsOfRow(row)] as const;
      return typeof row.scale === "number" ? [own] : [own, [row.scale.exponentAt, row.scale.exponentAt + 1]];
    })
    .sort(([a], [b]) => a - b);
  const runs: [number, number][] = [];
  for (const [from, to] of pieces) {
    const last = runs.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else runs.push([from, to]);
  }
  return runs;
}

function within(item: Item, [from, to]: readonly [number, number]): boolean {
  return item.from >= from && item.to <= to;
}

const ONE_MOMENT: readonly (readonly Quantity[])[] = [
  ["importActiveEnergy", "exportActiveEnergy", "activePower"],
  ["importActiveEnergy", "exportActiveEnergy"],
  ["totalActiveEnergy", "activePower"],
];

/** The quantities that ought to be of one moment become one item where one read can hold them. */
function together(items: readonly Item[], oneRead: (item: Item) => boolean): readonly Item[] {
  for (const names of ONE_MOMENT) {
    const theirs = items.filter((item) => item.rows.some(({ quantity }) => names.includes(quantity)));
    const joined = theirs.length > 1 ? itemOf(theirs.flatMap((item) => item.rows)) : null;
    if (joined !== null && oneRead(joined)) return [joined, ...items.filter((item) => !theirs.includes(item))];
  }
  return items;
}

/** Items in groups, each at most `most` words from end to end: the fewest groups, and of those the fewest words. */
function fewest(items: readonly Item[], most: number): readonly (readonly Item[])[] {
  const sorted = [...items].sort((a, b) => a.from - b.from || a.to - b.to);
  interface Best {
    readonly groups: readonly (readonly Item[])[];
    readonly words: number;
  }
  const best: Best[] = [{ groups: [], words: 0 }];
  for (let end = 1; end <= sorted.length; end++) {
    let found: Best | null = null;
    for (let begin = end - 1; begin >= 0; begin--) {
      const group = sorted.slice(begin, end);
      const words = wordsOf(group);
      const before = best[begin];
      // One row alone is asked for even where the table promises less than it needs.
      if (before === undefined || (words > most && group.length > 1)) continue;
      const next = { groups: [...before.groups, group], words: before.words + words };
      const fewer = found === null || next.groups.length < found.groups.length;
      if (fewer || (next.groups.length === found?.groups.length && next.words < found.words)) found = next;
    }
    best.push(found ?? { groups: [], words: 0 });
  }
  return best.at(-1)?.groups ?? [];
}

function wordsOf(group: readonly Item[]): number {
  return Math.max(...group.map((item) => item.to)) - Math.min(...group.map((item) => item.from));
}

function readOf(code: ReadFunction, group: readonly Item[]): Read {
  const address = Math.min(...group.map((item) => item.from));
  return { function: code, address, count: wordsOf(group), rows: group.flatMap((item) => item.rows) };
}
