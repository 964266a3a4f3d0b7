// The table's rows over the whole range of the wire: what a row can learn of an answer, a meter made of that snapshot tells again, octet
// for octet. Values are those of the official answers and of a new meter, with each leaf in turn another that its type can hold.

import { expect, test } from "vitest";
import { esmeOfPartial, partialOf } from "../../host/document/partial.js";
import { hexOf } from "../../host/gbcs/codecs.js";
import { type Item, keyOf } from "../../host/gbcs/item.js";
import { viewOf } from "../../host/gbcs/meter-view.js";
import { TABLE } from "../../host/gbcs/table.js";
import { type Data, WHOLE } from "../../host/wire/dlms/data.js";
import { decodeData } from "../../host/wire/dlms/decode.js";
import { encodeData } from "../../host/wire/dlms/encode.js";
import { ALL, viewOf as draftView, newDraft } from "./learnt.js";
import { reference } from "./reference.js";
import { rowsOf } from "./rows-of.js";

const METER = "00db1234567890a0";
const VARIANTS = ["A", "B", "C"] as const;
/** Leaves of each value that are tried, spread over it. */
const LEAVES = 24;

type Place = readonly number[];

function placesIn(data: Data): readonly Place[] {
  const parts = "items" in data ? data.items : "rows" in data ? data.rows : null;
  return parts === null ? [[]] : parts.flatMap((part, at) => placesIn(part).map((rest) => [at, ...rest]));
}

function withLeaf(data: Data, [at, ...rest]: Place, change: (leaf: Data) => Data): Data {
  if (at === undefined) return change(data);
  const changed = (parts: readonly Data[]) => parts.map((one, i) => (i === at ? withLeaf(one, rest, change) : one));
  if ("items" in data) return { ...data, items: changed(data.items) };
  return "rows" in data ? { ...data, rows: changed(data.rows) } : data;
}

/** Other values of the same type: its ends, and some between. */
function othersOf(leaf: Data): readonly Data[] {
  if (leaf.type === "boolean") return [false, true].map((value) => ({ ...leaf, value }));
  if ("bytes" in leaf && leaf.type !== "bit-string") {
    const { bytes } = leaf;
    const mixed = bytes.map((octet, at) => (octet * 7 + at * 31 + 5) & 0xff);
    return [new Uint8Array(0), bytes.map(() => 0), bytes.map(() => 0xff), mixed, bytes.slice(1)].map((one) => {
      return { ...leaf, bytes: one };
    });
  }
  if (!(leaf.type in WHOLE)) return [];
  const { octets, signed } = WHOLE[leaf.type as keyof typeof WHOLE];
  const span = 2 ** (8 * octets);
  const least = signed ? -span / 2 : 0;
  const values = [least, least + 1, 0, 1, least + Math.floor(span * 0.3), least + span - 2, least + span - 1];
  return values.map((value) => ({ ...leaf, value }) as Data);
}

/** Variations of a value: other leaves, no entries, twice as many. */
function variationsOf(data: Data): readonly Data[] {
  const places = placesIn(data);
  const step = Math.max(1, Math.floor(places.length / LEAVES));
  const some = places.filter((_, at) => at < 12 || at % step === 0);
  const leaves = some.flatMap((place) => {
    const others: Data[] = [];
    withLeaf(data, place, (leaf) => {
      others.push(...othersOf(leaf).map((other) => withLeaf(data, place, () => other)));
      return leaf;
    });
    return others;
  });
  if (data.type === "array")
    return [...leaves, { ...data, items: [] }, { ...data, items: [...data.items, ...data.items] }];
  if (data.type === "compact-array")
    return [...leaves, { ...data, rows: [] }, { ...data, rows: [...data.rows, ...data.rows] }];
  return leaves;
}

const told = reference === null ? [] : rowsOf(reference).filter(({ way, succeeded }) => way === "get" && succeeded);

function examplesOf(row: Item): readonly Data[] {
  const official = told.filter(({ key }) => key === keyOf(row)).map(({ data }) => data);
  const fresh = VARIANTS.flatMap(
    (value) => row.get?.(draftView(newDraft(true, { meterVariant: { value } })), ALL) ?? [],
  );
  return [...official.slice(0, 2), ...fresh.slice(0, 1)];
}

const hex = (data: Data | null) => (data === null ? "nothing" : hexOf(encodeData(data)));

/** What a meter that learnt of `data` tells; null where the row does not learn of it. */
function toldAgain({ get, put }: Item, data: Data): string | null {
  const draft = newDraft();
  if (put?.(draft, data) !== true) return null;
  const document = partialOf(draft.learnt());
  const read = esmeOfPartial(JSON.parse(JSON.stringify(document)));
  return read.ok ? hex(get?.(viewOf(read.esme, read.at, METER), ALL) ?? null) : read.reason;
}

// The name that the meter answers under is no part of its state.
const readable = TABLE.filter((row) => row.get !== undefined && row.put !== undefined && row.obis !== "0-0:96.1.1.255");

test.each(readable.map((row) => [`${keyOf(row)} ${row.name}`, row] as const))("%s", (_, row) => {
  const examples = examplesOf(row).filter((data) => !(data.type === "compact-array" && data.rows.length > 400));
  let learnt = 0;
  for (const example of examples)
    for (const data of [example, ...variationsOf(example)]) {
      const again = toldAgain(row, data);
      if (again === null) continue;
      learnt++;
      if (again !== hex(data)) expect(again).toBe(hex(data));
    }
  expect(learnt).toBeGreaterThan(0);
});

/** One entry in the form of ECS26a, from the first of month 1 of year 0 on, as ECS37 has its days begin. */
const CALENDAR =
  "0101020a12000103ff090600000a006aff120020090400000000" + "12ffff0407fe04000905000001ffff0905ffffffffff";

test.each([
  ["half hours whose first column is all FF", "7/0-0:99.1.1.255/A2", "1302030606060c1bbe8618ffffffff00000038"],
  ["voltages beyond any meter's", "7/1-0:32.24.0.255/A2", "1302020606080600000affffffff"],
  ["a voltage threshold beyond any meter's", "71/0-0:17.0.1.255/A4", "06fffffffe"],
  ["an averaging period of a week", "7/1-0:32.24.0.255/A4", "0600093a80"],
  ["an MPAN that is none", "1/1-0:0.0.2.255/A2", "090d00000000000000000000000000"],
  ["special days on any day of the week", "11/0-0:11.0.2.255/A2", "01010203120001090507df0c19021101"],
  ["special days on the last of a month", "11/0-0:11.0.0.255/A2", "010102031200010905fffffffeff1101"],
  ["a calendar from the first day on", "10/0-0:12.0.1.255/A2", CALENDAR],
  ["a price of 32 bits", "3/0-0:94.44.1.7/A2", "06ffffffff"],
] as const)("%s are told again", (_, key, octets) => {
  const row = TABLE.find((one) => keyOf(one) === key);
  const data = decoded(octets);
  expect(row && toldAgain(row, data)).toBe(octets);
});

function decoded(octets: string): Data {
  const read = decodeData(Uint8Array.from(Buffer.from(octets, "hex")));
  if (!read.ok) throw new Error(`${octets}: ${read.fault}`);
  return read.value.data;
}
