// The serial port of a metering IC, as a source needs one: bytes both ways, and why it is not open or no longer.

import { existsSync } from "node:fs";
import { SerialPort } from "serialport";
import { deviceFile, type PortRefusal, portRefusal, serialNumberOf, whereItIs } from "../board/ports.js";

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
  const where = await whereItIs(path, serialNumber);
  const port = new SerialPort({ path: where, baudRate: baud, parity, lock: true, autoOpen: false });
  const error = await new Promise<Error | null>((resolve) => port.open((e) => resolve(e)));
  if (error !== null) return portRefusal(where, error);
  const file = deviceFile(where);
  port.on("data", (bytes: Buffer) => hearing.bytes(bytes));
  port.on("close", (e: Error | null) => hearing.closed(e?.message ?? "the port closed"));
  port.on("error", (e: Error) => hearing.closed(e.message));
  return {
    serialNumber: await serialNumberOf(where),
    // A question that cannot be written is a question lost: nobody answers it, and it is asked again.
    send: (bytes) => void port.write(bytes, () => {}),
    // A terminal that hung up reads as no bytes for ever, which serialport asks for again and again: the device file tells first.
    gone: () => (file !== null && !existsSync(file) ? `${file} is gone` : null),
    close: async () => {
      if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
    },
  };
};
