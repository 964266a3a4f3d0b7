// What the registers showed at a moment: all that anything besides the ledger sees of the energy.

import type { Four } from "./quantities.js";
import type { MicroWattHours, Utc_ms } from "./units.js";

export interface Mark {
  readonly at: Utc_ms;
  readonly cumulative: Four<MicroWattHours>;
  /** Import of the secondary element; null where there is none. */
  readonly secondary: MicroWattHours | null;
  /** The readings on either side are more than 60 s apart. */
  readonly estimated: boolean;
  /** False within a gap of more than 30 minutes, or of a clock that leapt over the moment: what flowed when is not known. */
  readonly known: boolean;
}
