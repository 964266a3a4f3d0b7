// Maximum demand.

import type { Item } from "../item.js";

export const DEMAND: readonly Item[] = [];
