// Load limit, supply and clock.

import type { Item } from "../item.js";

export const SUPPLY: readonly Item[] = [];
