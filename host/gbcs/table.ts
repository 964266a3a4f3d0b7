// The COSEM table: every attribute and method that this meter knows, one row each. docs/spec/gbcs.md, "The table".

import { assert } from "../ledger/assert.js";
import { type Item, type ItemKey, keyOf } from "./item.js";
import { AUXILIARY } from "./objects/auxiliary.js";
import { DEMAND } from "./objects/demand.js";
import { IDENTITY } from "./objects/identity.js";
import { LOGS } from "./objects/logs.js";
import { PREPAYMENT } from "./objects/prepayment.js";
import { PROFILES } from "./objects/profiles.js";
import { REGISTERS } from "./objects/registers.js";
import { SUPPLY } from "./objects/supply.js";
import { TARIFF } from "./objects/tariff.js";
import { VOLTAGE } from "./objects/voltage.js";

export const TABLE: readonly Item[] = [
  ...REGISTERS,
  ...PROFILES,
  ...DEMAND,
  ...VOLTAGE,
  ...SUPPLY,
  ...LOGS,
  ...IDENTITY,
  ...TARIFF,
  ...PREPAYMENT,
  ...AUXILIARY,
];

const BY_KEY: ReadonlyMap<ItemKey, Item> = new Map(TABLE.map((item) => [keyOf(item), item]));
assert(BY_KEY.size === TABLE.length, "each attribute and method stands in the table once");

/** The row of an attribute or method; null where the meter knows none. */
export function itemOf(key: ItemKey): Item | null {
  return BY_KEY.get(key) ?? null;
}
