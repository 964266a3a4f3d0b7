// The four quantities of a SMETS2 meter and values that exist once for each of them.

import type { MicroWattHours } from "./units.js";

/** One value for each quantity, in the order in which they stand everywhere: active import, active export, reactive import, reactive
 * export. */
export type Four<T> = readonly [T, T, T, T];

/** Cumulative energy of a source; the reactive pair is null together where the source does not measure it. */
export type Counters = Four<MicroWattHours> | readonly [MicroWattHours, MicroWattHours, null, null];

export function four<T>(make: (index: 0 | 1 | 2 | 3) => T): Four<T> {
  return [make(0), make(1), make(2), make(3)];
}
