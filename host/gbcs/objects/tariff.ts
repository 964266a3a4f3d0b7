// The objects of the tariff: switching tables, special days, thresholds, prices, billing calendar.

import type { Item } from "../item.js";

export const TARIFF: readonly Item[] = [];
