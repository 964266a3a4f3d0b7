// The ESME: the ledger of the grid and everything that a SMETS2 meter keeps besides. A value; only `turnEsme` makes the next one.

import type { Disobeyed } from "./commands.js";
import type { ClockStep, Notice } from "./events.js";
import { DEFAULT_CONFIG, type Ledger, type LedgerConfig, newLedger } from "./ledger.js";
import type { BesideName } from "./names.js";
import { type EsmeLive, type EsmeState, newLive, newState } from "./state/state.js";

/** The same flow in another count: another netting rule, or the secondary element. A ledger like any other. */
export interface Beside {
  readonly name: BesideName;
  readonly ledger: Ledger;
}

export interface Esme {
  readonly ledger: Ledger;
  readonly beside: readonly Beside[];
  readonly state: EsmeState;
  readonly live: EsmeLive;
  /** Nothing but the ledgers looks at the registers before this moment; ms of UTC, -Infinity before the first reading. */
  readonly until: number;
}

export interface EsmeTurn {
  readonly esme: Esme;
  readonly notices: readonly Notice[];
  readonly disobeyed: Disobeyed | null;
  /** The meter set its clock by its master's: the host goes on in the new time. Absent where it did not. */
  readonly clockSet?: ClockStep;
}

export function newEsme(randomisedOffsetNumber: number, config: LedgerConfig = DEFAULT_CONFIG): Esme {
  return {
    ledger: newLedger(config),
    beside: [],
    state: newState(randomisedOffsetNumber),
    live: newLive(),
    until: Number.NEGATIVE_INFINITY,
  };
}
