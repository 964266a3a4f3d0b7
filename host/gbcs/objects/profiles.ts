// The profile and billing logs.

import type { Item } from "../item.js";

export const PROFILES: readonly Item[] = [];
