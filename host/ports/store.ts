// What must not be forgotten: loaded once by the owner, written in whole transactions, read by commands in their own process.
// `host/adapters/store/` implements it; docs/spec/store.md holds the tables.

import type { Esme } from "../ledger/esme.js";
import type { Notice } from "../ledger/events.js";
import type { Ledger } from "../ledger/ledger.js";
import type { BesideName } from "../ledger/names.js";
import type { HalfHour } from "../ledger/profile.js";
import type { Four } from "../ledger/quantities.js";
import type { Utc_ms } from "../ledger/units.js";
import type { HubMessage, HubMessageKind, Standing } from "./hub-link.js";

/** Which boundary a source measures. A `check` stands beside another source on the same conductor, to be compared with it. */
export type Role = "grid" | "generation" | "load" | "battery" | "check";

export interface StoredLedger {
  readonly name: string;
  readonly role: Role;
  /** Of a check: the ledger of the source beside which it stands. */
  readonly checkOf?: string;
  readonly ledger: Ledger;
  /** The grid's, whose ledger it is; absent where the house had none when it was committed last. */
  readonly esme?: Esme;
}

/** A message to the hub, opaque to the store. Ids rise by one and are never used twice. */
export type OutMessage = HubMessage;

/** One transaction: the ledgers as they are now, with what they told since the last commit, in order. */
export interface Commit {
  readonly ledgers: readonly {
    readonly name: string;
    readonly role: Role;
    readonly checkOf?: string;
    readonly ledger: Ledger;
    /** The whole ESME around `ledger`, where it is one: what is one once is always committed as one. */
    readonly esme?: Esme;
    readonly notices: readonly Notice[];
  }[];
  /** Their ids go on from `nextOutId` without a gap. */
  readonly outbox: readonly OutMessage[];
  /** How fast each device's clock runs, ppb, where it is known. */
  readonly rates?: ReadonlyMap<string, number>;
  /** The message from the hub that this commit is the answer to: kept with what came of it, so that it is obeyed once. */
  readonly took?: { readonly hub: string; readonly id: number };
  /** How far a replay of this name has come, with what it has booked. */
  readonly progress?: { readonly name: string; readonly position: number };
}

export type Written =
  | { readonly ok: true }
  | { readonly ok: false; readonly fault: "store-unwritable"; readonly reason: string };

/** Something of the world that ends what was asked for: a code, why, and what to do next. */
export interface Refusal {
  readonly ok: false;
  readonly code: string;
  readonly reason: string;
  readonly next: string;
}

export interface Store {
  /** What the meter goes by at a hub; made with its store. */
  readonly name: string;
  /** All ledgers as of the last commit. */
  load(): readonly StoredLedger[];
  /** How fast each device's clock ran when it was last committed, ppb. */
  rates(): ReadonlyMap<string, number>;
  /** How far the replay of this name had come at the last commit; null where it never began. */
  progress(name: string): number | null;
  /** Where it fails nothing is written: the same, and what has come since, may be committed later. */
  commit(commit: Commit): Written;
  /** Unacknowledged messages with an id above `after`, in order, at most `limit`. */
  outbox(after: number, limit: number): readonly OutMessage[];
  /** The id that the next message to the hub gets, counting from the last commit. */
  nextOutId(): number;
  /** The hub has these and all before on its disk. */
  acknowledge(id: number): Written;
  /** Where the ids of both directions stand with the hub of this name. */
  standing(hub: string): Standing;
  close(): void;
}

/** A stored event, as `read events` shows it. */
export interface StoredEvent {
  readonly at: Utc_ms;
  readonly code: string;
  readonly text: string;
}

/** Both sides of the law at one moment, whole Wh and varh: register = profile + open + unallocated + dropped, modulo 2^32. */
export interface StoredRegisters {
  /** Of the last reading booked; null before the first. */
  readonly at: Utc_ms | null;
  readonly register_wh: Four<number>;
  readonly open: { readonly end: Utc_ms; readonly wh: Four<number> } | null;
  readonly unallocated_wh: Four<number>;
  readonly dropped_wh: Four<number>;
  readonly profile_wh: Four<number>;
}

/** What looking at half hours needs. */
export interface LedgerReader {
  /** What the meter goes by at a hub. */
  meter(): string;
  /** Without those beside the grid's. */
  ledgers(): readonly { readonly name: string; readonly role: Role; readonly checkOf?: string }[];
  /** The half hours that lie within the range: from < end <= to, oldest first; none of a ledger that is not there. */
  profile(name: string, from: Utc_ms, to: Utc_ms): readonly HalfHour[];
  close(): void;
}

/** What is read may turn out damaged: then these throw an error whose `code` is `store-damaged`. */
export interface StoreReader extends LedgerReader {
  /** The whole ESME around the ledger of that name; null where that is a ledger only, or none. */
  esme(name: string): Esme | null;
  /** The same without its ledgers. */
  state(name: string): Pick<Esme, "state" | "live"> | null;
  /** The counts that are kept beside the ledger of that name; each is a ledger `<name>:<count>`. */
  beside(name: string): readonly BesideName[];
  /** Null where there is no ledger of that name; so are the others empty. */
  registers(name: string): StoredRegisters | null;
  /** from <= at < to, in the order in which they were told. */
  events(name: string, from: Utc_ms, to: Utc_ms): readonly StoredEvent[];
  /** Messages that the hub has not acknowledged. */
  waiting(): number;
}

/** What a hub keeps: each meter's messages once, and its own to them. */
export interface HubStore {
  /** What the hub calls itself; made with its store, so that another store is another hub. */
  readonly name: string;
  /** Where both directions stand with a meter; null where it was never met. */
  standing(meter: string): Standing | null;
  /** Meets a meter whose ids go on after `taken`. */
  meet(meter: string, taken: number): Written | Refusal;
  /** Keeps messages of one meter, whose ids go on from the last taken without a gap. */
  take(meter: string, messages: readonly HubMessage[], received: Utc_ms): Written;
  /** Puts a message to a known meter into its outbox and gives its id. */
  send(meter: string, kind: HubMessageKind, body: Uint8Array): { readonly ok: true; readonly id: number } | Refusal;
  outbox(meter: string, after: number, limit: number): readonly HubMessage[];
  acknowledge(meter: string, id: number): Written;
  close(): void;
}

/** A message that a hub holds. */
export interface ReceivedMessage extends HubMessage {
  readonly meter: string;
  readonly received: Utc_ms;
}

export interface HubReader {
  /** In order of arrival; all meters, or one. */
  forwarded(meter?: string): Iterable<ReceivedMessage>;
  close(): void;
}
