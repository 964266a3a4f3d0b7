// What the second board's process and the one that started it say to each other, beside the serial line.

import type { PeerVersion } from "./peer.js";
import type { TrainOptions } from "./trains.js";
import type { Wiring } from "./wired-board.js";

export interface FirmataOptions {
  /** The Intel HEX file that is executed; null: a peer that only speaks the protocol. */
  readonly image: string | null;
  /** Of the peer. */
  readonly version?: PeerVersion;
  /** Against the wall clock; 0: as fast as it goes. */
  readonly speed: number;
  readonly wiring: Wiring;
  readonly inputs: readonly number[];
}

/** Answered by what is seen after it. */
export type Asking =
  | { readonly ask: "seen" }
  | { readonly ask: "pulses"; readonly train: TrainOptions }
  | { readonly ask: "reset" }
  | { readonly ask: "pause" }
  | { readonly ask: "resume" };
