// The objects of prepayment: payment mode, balances, credit, debt, non-disablement calendar.

import type { Item } from "../item.js";

export const PREPAYMENT: readonly Item[] = [];
