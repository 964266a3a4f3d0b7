// Voltage.

import type { Item } from "../item.js";

export const VOLTAGE: readonly Item[] = [];
