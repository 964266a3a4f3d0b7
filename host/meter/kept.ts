// What the meter keeps of each boundary: a ledger, and around the grid's the ESME.

import type { Disobeyed } from "../ledger/commands.js";
import { type Esme, esmeAround, newEsme, turnEsme } from "../ledger/esme.js";
import type { ClockStep, EsmeEvent, LedgerEvent, Notice } from "../ledger/events.js";
import type { Ledger } from "../ledger/ledger.js";
import { turn } from "../ledger/turn.js";
import type { Role } from "../ports/store.js";
import type { Gathering } from "./gathering.js";

export interface Kept {
  readonly role: Role;
  ledger: Ledger;
  /** The ledger's ESME; null but for the grid. */
  esme: Esme | null;
  gathering: Gathering;
  pending: Notice[];
}

/** The stored ESME; else a new one, around what the ledger has metered so far. */
export function esmeOf(ledger: Ledger, stored: Esme | null, randomisedOffsetNumber: number): Esme {
  if (stored !== null) return { ...stored, ledger };
  return ledger.last === null
    ? newEsme(randomisedOffsetNumber, ledger.config)
    : esmeAround(randomisedOffsetNumber, ledger);
}

/** A ledger without an ESME knows readings, ticks and clock steps. */
export function turned(
  { ledger, esme }: Kept,
  event: EsmeEvent,
): {
  readonly ledger: Ledger;
  readonly esme: Esme | null;
  readonly notices: readonly Notice[];
  readonly disobeyed: Disobeyed | null;
  readonly clockSet: ClockStep | null;
} {
  if (esme !== null) {
    const next = turnEsme(esme, event);
    const { notices, disobeyed, clockSet = null } = next;
    return { ledger: next.esme.ledger, esme: next.esme, notices, disobeyed, clockSet };
  }
  const next = turn(ledger, event as LedgerEvent);
  return { ledger: next.ledger, esme: null, notices: next.notices, disobeyed: null, clockSet: null };
}
