// What a meter is made of, and what may be seen of it.

import type { Keyring } from "../gbcs/keyring.js";
import type { Settings } from "../ledger/commands.js";
import type { Esme } from "../ledger/esme.js";
import type { Ledger } from "../ledger/ledger.js";
import type { Mono_ms, Utc_ms } from "../ledger/units.js";
import type { Clock } from "../ports/clock.js";
import type { HubLink } from "../ports/hub-link.js";
import type { Power, Source } from "../ports/source.js";
import type { Role, Store, Written } from "../ports/store.js";
import type { SupplySwitch } from "../ports/switch.js";
import type { Device } from "./device.js";
import type { Feed } from "./gathering.js";

export interface MeterOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly inputs: readonly {
    readonly source: Source;
    readonly feeds: readonly Feed[];
    readonly patience_ms: number;
  }[];
  readonly hub: HubLink | null;
  readonly fuse_w: number;
  /** 1,000..600,000 ms: what was booked longer ago is on the disk. */
  readonly commitEvery_ms: number;
  /** 1..10,000, drawn by chance: a meter that is new keeps it for good (facts 9). */
  readonly randomisedOffsetNumber?: number;
  /** How the ESME is configured; what somebody set otherwise since gives way at the next start. */
  readonly configured?: Settings;
  /** Whose time the meter follows; as it was where it is left out. */
  readonly clockMaster?: "system" | "hub";
  /** No true clock shows less. Absent: the clock is simulated, and believed whatever it shows. */
  readonly built?: Utc_ms;
  readonly supplySwitch?: SupplySwitch;
  /** The meter's keys: with them it answers commands and signs its alerts (GBCS). */
  readonly keyring?: Keyring;
}

/** What a page or a table may show of the meter now. */
export interface MeterView {
  /** The grid's is the ESME; the others are ledgers and nothing else. */
  readonly ledgers: ReadonlyMap<string, { readonly role: Role; readonly ledger: Ledger; readonly esme: Esme | null }>;
  readonly inputs: readonly {
    readonly feeds: readonly Feed[];
    readonly device: Device;
    readonly power: { readonly at: Mono_ms; readonly power: Power } | null;
  }[];
  /** Bytes that were no message, by kind. */
  readonly faults: ReadonlyMap<string, number>;
  readonly store: Written;
  readonly reports: number;
}
