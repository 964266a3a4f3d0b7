// The far end of a line as a sequence of events in time: the bus of meters, or a meter behind a TCP port. Whoever holds it gives it what
// was written, and wakes it when something is due; simulated and real time drive it alike.

export interface WireEnd {
  /** Told what arrives at the near end, when it arrives. */
  hear: (bytes: Uint8Array) => void;
  /** Bytes were written at a time, ms since the start; times never go back. */
  receive(bytes: Uint8Array, at_ms: number): void;
  /** When it wants to be woken next; null: not until something is written. */
  due(): number | null;
  /** Lets everything happen that is due at or before a time. */
  run(until_ms: number): void;
}
