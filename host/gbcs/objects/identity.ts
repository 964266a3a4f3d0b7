// The objects of who the meter is and what it tells: identity, contact details, MPANs, alert settings.

import type { Item } from "../item.js";

export const IDENTITY: readonly Item[] = [];
