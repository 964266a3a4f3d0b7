// The profile data logs of half hours. A half hour of which the first column is not known (not measured, or aged out) is left out of that
// log's answer: what is absent is not zero. Another column that is not known reads FFFFFFFF, as SMETS1 meters tell it (facts 7; that a
// SMETS2 meter may is ours).

import { DEPTHS } from "../../ledger/profile.js";
import { HALF_HOUR_ms, type Utc_ms } from "../../ledger/units.js";
import { type Data, structure, type TypeDescription } from "../../wire/dlms/data.js";
import { list, STAMP, U32 } from "../codecs.js";
import type { Codec, Item, Range } from "../item.js";
import type { Draft, DraftHalfHour, MeterView, ReadHalfHour } from "../meter-view.js";
import { attribute, rowsOf, T_U32, tuple, within } from "../rows.js";
import { isTwin, learnVariant } from "../variants.js";

type Quantity = 0 | 1 | 2 | 3 | "secondary";
type Quantities = readonly [0 | 1 | 2 | 3, ...Quantity[]];
type Row = readonly [end: Utc_ms, ...values: number[]];

const NOT_KNOWN = 0xffffffff;

/** The columns after the stamp; a meter of variant B has those of `twin` where they differ. */
export function halfHours(name: string, obis: string, quantities: Quantities, twin?: Quantities): Item {
  return {
    ...attribute(name, 7, obis, 2),
    log: true,
    get: (view, range) => read(view, range, twin !== undefined && isTwin(view.state) ? twin : quantities),
    put: (draft, data) => {
      if (learn(draft, data, quantities)) return true;
      if (twin === undefined || !learn(draft, data, twin)) return false;
      learnVariant(draft, "B");
      return true;
    },
  };
}

function read(view: MeterView, range: Range, quantities: Quantities): Data {
  const row = rowOf(quantities);
  const rows: Data[] = [];
  for (const half of view.halfHours(range.from, range.to)) {
    const [first = null, ...others] = quantities.map((quantity) => valueIn(half, quantity));
    if (within(range, half.end) && first !== null)
      rows.push(row.to([half.end, first, ...others.map((value) => value ?? NOT_KNOWN)]));
  }
  return { type: "compact-array", of: typeOf(quantities), rows };
}

function valueIn(half: ReadHalfHour, quantity: Quantity): number | null {
  return quantity === "secondary" ? half.secondary_wh : half.wh[quantity];
}

function learn(draft: Draft, data: Data, quantities: Quantities): boolean {
  const rows = rowsOf(data, typeOf(quantities), rowOf(quantities));
  if (rows === undefined || rows.length > DEPTHS[quantities[0]] || !ascend(rows)) return false;
  for (const [end, first = NOT_KNOWN, ...others] of rows) {
    // A row that was told is kept, whatever it says: with nothing in its first column it would be left out.
    const known = [first, ...others.map((value) => (value === NOT_KNOWN ? null : value))];
    draft.halfHour(end, Object.fromEntries(quantities.map((quantity, at) => [quantity, known[at]])) as DraftHalfHour);
  }
  return true;
}

function ascend(rows: readonly Row[]): boolean {
  return rows.every(([end], at) => end % HALF_HOUR_ms === 0 && end > (rows[at - 1]?.[0] ?? 0));
}

function typeOf(quantities: Quantities): TypeDescription {
  return tuple(T_U32, ...quantities.map(() => T_U32));
}

function rowOf(quantities: Quantities): Codec<Row> {
  const values = list(U32, quantities.length, quantities.length);
  return {
    to: ([end, ...wh]) => structure(STAMP.to(end), ...wh.map(U32.to)),
    from: (data) => {
      if (data.type !== "structure" || data.items[0] === undefined) return undefined;
      const end = STAMP.from(data.items[0]);
      const wh = values.from({ type: "array", items: data.items.slice(1) });
      return end === undefined || wh === undefined ? undefined : [end, ...wh];
    },
  };
}
