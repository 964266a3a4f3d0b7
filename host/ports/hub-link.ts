// The link between a meter and its communications hub: framed messages both ways, each exactly once and in order.

import type { Utc_ms } from "../ledger/units.js";

export type HubMessageKind = "push" | "request" | "answer";

export interface HubMessage {
  readonly id: number;
  readonly kind: HubMessageKind;
  /** At most 64 KiB, opaque to the link. */
  readonly body: Uint8Array;
}

/** Where the ids of both directions stand, as one side has them on its disk. */
export interface Standing {
  /** Whether it has met the other side before. */
  readonly known: boolean;
  /** The last id taken from the other side; 0 before the first. */
  readonly taken: number;
  /** The oldest id that the other side has not acknowledged; `next` where there is none. */
  readonly first: number;
  /** The id that the next new message gets, from 1. */
  readonly next: number;
}

export type HubState =
  | { readonly kind: "joined"; readonly hub: string; readonly since_ms: number }
  /** `next_ms`: when it tries again. Both times are UTC, ms since 1970. */
  | { readonly kind: "away"; readonly code: string; readonly reason: string; readonly next_ms: number };

/** The meter as the link sees it; all of it answers from the store. */
export interface LinkedMeter {
  standing(hub: string): Standing;
  /** Committed messages with an id above `after`, in order, at most `limit`. */
  wants(after: number, limit: number): readonly HubMessage[];
  /** The hub has everything up to this id on its disk. */
  acked(id: number): void;
  /** Hands over a message from the hub. True once it is kept (`Commit.took`); false where it could not be: it comes again. */
  took(message: HubMessage, hub: string): boolean;
  /** The hub's UTC as it sent this: after each join, once an hour, and when its clock was set. There is nothing to answer. */
  time?(says: Utc_ms): void;
}

export interface HubLink {
  /** Connects and goes on trying until `stop`. */
  start(meter: LinkedMeter): void;
  /** There is something new to send: call after the commit that holds it. */
  nudge(): void;
  state(): HubState;
  stop(): Promise<void>;
}
