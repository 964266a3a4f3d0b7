// The objects of auxiliary controllers: HCALCS, boost, their calendar and logs.

import type { Item } from "../item.js";

export const AUXILIARY: readonly Item[] = [];
