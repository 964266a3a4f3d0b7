// The registers of energy.

import type { Item } from "../item.js";

export const REGISTERS: readonly Item[] = [];
