// The serial port of a metering IC, as a source needs one: bytes both ways, and why it is not open or no longer.

import { openPort, type PortRefusal, serialNumberOf } from "../serial-port.js";

export interface LineSettings {
  readonly path: string;
  readonly baud: number;
  readonly parity: "none" | "even";
  /** Of the USB adapter that was found there before. */
  readonly serialNumber: string | null;
}

export interface OpenedLine {
  readonly serialNumber: string | null;
  send(bytes: Uint8Array): void;
  /** Why it is of no use any more; null while it is. */
  gone(): string | null;
  close(): Promise<void>;
}

/** What an opened line tells. */
export interface Hearing {
  bytes(bytes: Uint8Array): void;
  closed(reason: string): void;
}

export type OpenLine = (settings: LineSettings, hearing: Hearing) => Promise<OpenedLine | PortRefusal>;

export const openSerialLine: OpenLine = async ({ path, baud, parity, serialNumber }, hearing) => {
  const opened = await openPort(path, serialNumber, { baudRate: baud, parity });
  if ("code" in opened) return opened;
  const { port } = opened;
  port.on("data", (bytes: Buffer) => hearing.bytes(bytes));
  opened.whenOver((reason) => hearing.closed(reason));
  return {
    serialNumber: await serialNumberOf(opened.path),
    // A question that cannot be written is a question lost: nobody answers it, and it is asked again.
    send: (bytes) => void port.write(bytes, () => {}),
    gone: () => opened.vanished(),
    close: () => opened.close(),
  };
};
