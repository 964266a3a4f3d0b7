// What a process of simulated meters and the one that started it say to each other, beside the line.

import type { TrueEnergy } from "../truth.js";
import type { BusFault } from "./bus.js";
import type { MeterFault, SlaveCounts } from "./slave.js";

export type MeterAsking =
  | { readonly ask: "truth" }
  /** The shares of answers that go wrong from now on, of one meter or of all. */
  | { readonly ask: "faults"; readonly faults: Partial<Record<MeterFault, number>>; readonly address?: number }
  | { readonly ask: "bus-faults"; readonly faults: readonly BusFault[] };

/** What perfect meters would show, and what the simulated ones have been through. */
export interface MetersTruth {
  readonly utc_ms: number;
  readonly meters: readonly {
    readonly address: number;
    readonly model: string;
    readonly energy: TrueEnergy;
    readonly counts: SlaveCounts;
  }[];
}

export type MeterAnswer = MetersTruth | null;
