// What a simulated board is, whichever fidelity it has: a thing on a serial line that lives in true time, in a house.
import type { ChannelCalibration } from "../wire/board/messages.js";
import type { Truth } from "./truth.js";

export interface SimulatedBoard {
  /** What really flows in its house. */
  readonly truth: Truth;
  /** True seconds since the start of the simulation. */
  readonly time_s: number;
  /** CPU cycles executed since the start; 0 for a board that executes nothing. */
  readonly cycles: number;
  readonly powered: boolean;
  /** Its EEPROM, alive: give it to another board and that one remembers. */
  readonly eeprom: Uint8Array;
  /** The bytes it sends, as they begin to leave. */
  onBytes: (bytes: Uint8Array) => void;
  /** Bytes of the host arrive. */
  send(bytes: Uint8Array): void;
  /** Lives up to a true time. */
  runUntil(time_s: number): void;
  /** The true time of a board time of one of its boots; null where it cannot tell. */
  boardTimeToTrue(boot: number, t_ms: number): number | null;
  /** Takes the power away, to return after `off_s` true seconds. */
  powerCut(off_s: number): void;
  /** Presses the reset button. */
  reset(): void;
  /** The front end's own exact constants, for the `K` commands of channels 0..3. */
  calibration(): readonly ChannelCalibration[];
}
