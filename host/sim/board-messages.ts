// What the board process and the one that started it say to each other, beside the serial line.
import type { ChannelCalibration } from "../wire/board/messages.js";
import type { BoardStatus, TruthAt } from "./board-runner.js";

/** A command is answered by the status after it. */
export type Asking =
  | { readonly ask: "truth-at-board"; readonly boot: number; readonly t_ms: number }
  | { readonly ask: "truth-at"; readonly at_s: number }
  | { readonly ask: "truth-at-utc"; readonly utc_ms: number }
  | { readonly ask: "calibration" }
  | { readonly ask: "status" }
  | { readonly ask: "pause" }
  | { readonly ask: "resume" }
  | { readonly ask: "power-cut"; readonly off_s: number }
  | { readonly ask: "reset" }
  | { readonly ask: "corrupt"; readonly rate: number };

export type Answer = TruthAt | BoardStatus | readonly ChannelCalibration[] | null;
