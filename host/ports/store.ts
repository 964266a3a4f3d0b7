// What must not be forgotten: loaded once by the owner, written in whole transactions.

import type { Notice } from "../ledger/events.js";
import type { Ledger } from "../ledger/ledger.js";
import type { Utc_ms } from "../ledger/units.js";

export type Role = "grid" | "generation" | "load" | "battery";

export interface StoredLedger {
  readonly name: string;
  readonly role: Role;
  readonly ledger: Ledger;
}

/** A message to the hub, opaque to the store. Ids rise by one and are never used twice. */
export interface OutMessage {
  readonly id: number;
  readonly kind: "push" | "request" | "answer";
  readonly body: Uint8Array;
}

/** One transaction: the ledgers as they are now, with what they told since the last commit, in order. */
export interface Commit {
  readonly ledgers: readonly {
    readonly name: string;
    readonly role: Role;
    readonly ledger: Ledger;
    readonly notices: readonly Notice[];
  }[];
  readonly outbox: readonly OutMessage[];
}

export type Written =
  | { readonly ok: true }
  | { readonly ok: false; readonly fault: "store-unwritable"; readonly reason: string };

export interface Store {
  /** All ledgers as of the last commit. */
  load(): readonly StoredLedger[];
  commit(commit: Commit): Written;
  /** Unacknowledged messages with an id above `after`, in order, at most `limit`. */
  outbox(after: number, limit: number): readonly OutMessage[];
  /** The id that the next message to the hub gets. */
  nextOutId(): number;
  /** The hub has these and all before on its disk. */
  acknowledge(id: number): Written;
  close(): void;
}

/** A stored event, as `read events` shows it. */
export interface StoredEvent {
  readonly at: Utc_ms;
  readonly code: string;
  readonly text: string;
}
