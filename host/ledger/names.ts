// Words that are values: closed lists which the state, the events and the commands share.

/** How phases become one flow (facts 5). */
export const NETTING_RULES = ["net", "per-phase", "absolute"] as const;
/** What is counted beside the registers: by the other rules, and of the secondary element. */
export const BESIDE = [...NETTING_RULES, "secondary"] as const;
export type BesideName = (typeof BESIDE)[number];
/** What a clock is worth, and whose time it follows (facts 13). */
export const CLOCK_STATUSES = ["reliable", "unreliable", "invalid"] as const;
export const CLOCK_MASTERS = ["system", "hub"] as const;
