// A serial port as the second board's line: bytes both ways, and the moment it is over.

import { setTimeout as delay } from "node:timers/promises";
import { type OpenPort, openPort, type PortRefusal, serialNumberOf } from "../serial-port.js";

/** StandardFirmata's speed. */
const FIRMATA_BAUD = 57_600;

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
    const opened = await openPort(path, serialNumber, { baudRate: FIRMATA_BAUD });
    if ("code" in opened) return opened;
    serialNumber ??= await serialNumberOf(opened.path);
    return lineOf(opened);
  };
}

function lineOf(opened: OpenPort): Line {
  const { port } = opened;
  let unsent = 0;
  let allSent = () => {};
  return {
    listen(bytes, over) {
      port.on("data", bytes);
      opened.whenOver(over);
    },
    send(bytes, done) {
      unsent++;
      port.write(Buffer.from(bytes), () => {
        done();
        if (--unsent === 0) allSent();
      });
    },
    vanished: () => opened.vanished(),
    async close() {
      if (!port.isOpen) return;
      const sent = new Promise<void>((resolve) => {
        allSent = resolve;
        if (unsent === 0) resolve();
      });
      const left = sent.then(() => new Promise((drained) => port.drain(drained)));
      await Promise.race([left, delay(LAST_WORDS_ms, null, { ref: false })]);
      await opened.close();
    },
  };
}
