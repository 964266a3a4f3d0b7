// A serial port as the second board's line: bytes both ways, and the moment it is over.

import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { SerialPort } from "serialport";
import { deviceFile, type PortRefusal, portRefusal, serialNumberOf, whereItIs } from "../board/ports.js";

/** StandardFirmata's speed. */
export const FIRMATA_BAUD = 57_600;

/** What was said last, such as that the relay opens, has this long to leave. */
const LAST_WORDS_ms = 300;

/** An open line. `listen` is called once, before anything is sent. */
export interface Line {
  listen(bytes: (bytes: Uint8Array) => void, over: (reason: string) => void): void;
  /** What cannot be sent is lost. */
  send(bytes: Uint8Array, done: () => void): void;
  /** The device behind it is gone, though nothing was said of it. */
  vanished(): string | null;
  close(): Promise<void>;
}

/** Opens a path again and again; once open, the same USB device is followed to where it was plugged in next. */
export function serialLines(): (path: string) => Promise<Line | PortRefusal> {
  let serialNumber: string | null = null;
  return async (path) => {
    const now = await whereItIs(path, serialNumber);
    const line = await open(now);
    if (!("code" in line)) serialNumber ??= await serialNumberOf(now);
    return line;
  };
}

async function open(path: string): Promise<Line | PortRefusal> {
  const port = new SerialPort({ path, baudRate: FIRMATA_BAUD, lock: true, autoOpen: false });
  const error = await new Promise<Error | null>((resolve) => port.open((e) => resolve(e)));
  if (error !== null) return portRefusal(path, error);
  const file = deviceFile(path);
  let unsent = 0;
  let allSent = () => {};
  return {
    listen(bytes, over) {
      port.on("data", bytes);
      port.on("close", (closed: Error | null) => over(closed?.message ?? "the port closed"));
      port.on("error", (failed: Error) => over(failed.message));
    },
    send(bytes, done) {
      unsent++;
      port.write(Buffer.from(bytes), () => {
        done();
        if (--unsent === 0) allSent();
      });
    },
    // A terminal that hung up reads as no bytes for ever, which serialport asks for again and again: the device file tells first.
    vanished: () => (file !== null && !existsSync(file) ? `${file} is gone` : null),
    async close() {
      if (!port.isOpen) return;
      const sent = new Promise<void>((resolve) => {
        allSent = resolve;
        if (unsent === 0) resolve();
      });
      const left = sent.then(() => new Promise((drained) => port.drain(drained)));
      await Promise.race([left, delay(LAST_WORDS_ms, null, { ref: false })]);
      if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
    },
  };
}
