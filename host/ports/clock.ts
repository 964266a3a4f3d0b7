// Time, passed in: the machine's clock in `esme run`, a simulated one in tests.

import type { Mono_ms, Utc_ms } from "../ledger/units.js";

export interface Clock {
  utc(): Utc_ms;
  mono(): Mono_ms;
  /** Calls back every `period_ms` of this clock until the returned function is called. */
  every(period_ms: number, call: () => void): () => void;
}
