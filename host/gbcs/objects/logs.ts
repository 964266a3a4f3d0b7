// The logs of what happened.

import type { Item } from "../item.js";

export const LOGS: readonly Item[] = [];
