// A line that carries bytes to and from devices: a serial port, a TCP connection, or one in this process. No message boundaries.

import type { Refusal } from "./store.js";

export interface WireLine {
  readonly ok: true;
  /** Bytes go out; those that cannot be are lost. */
  write(bytes: Uint8Array): void;
  close(): Promise<void>;
}

/** What its opener wants to hear. */
export interface WireEars {
  bytes(bytes: Uint8Array): void;
  /** The line is gone: unplugged, or the other side closed it. Not told after `close`. */
  gone(reason: string): void;
}

/** Opens a line, each time anew; why it cannot be opened is a value. */
export type OpenLine = (ears: WireEars) => Promise<WireLine | Refusal>;
