// A serial port as a line of bytes, at the speed and parity of its bus. The bus opens it anew; after unplugging by the USB serial number.

import { existsSync } from "node:fs";
import { SerialPort } from "serialport";
import type { OpenLine, WireLine } from "../../ports/wire-line.js";
import { deviceFile, portRefusal, serialNumberOf, whereItIs } from "../board/ports.js";

export interface SerialOptions {
  readonly path: string;
  readonly baud: number;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: 1 | 2;
}

/** How often it is looked whether the device file is still there. */
const LOOK_ms = 500;

export function serialLine({ path, baud, parity, stopBits }: SerialOptions): OpenLine {
  let serialNumber: string | null = null;
  return async (ears) => {
    const where = await whereItIs(path, serialNumber);
    const port = new SerialPort({
      path: where,
      baudRate: baud,
      parity,
      stopBits,
      dataBits: 8,
      lock: true,
      autoOpen: false,
    });
    const error = await new Promise<Error | null>((resolve) => port.open((e) => resolve(e)));
    if (error !== null) {
      const refusal = portRefusal(where, error);
      const next =
        refusal.code === "port-missing" ? "plug the adapter in; `esme doctor` lists the ports there are" : refusal.next;
      return { ok: false, ...refusal, next };
    }
    serialNumber ??= await serialNumberOf(where);
    return listening(port, deviceFile(where), ears);
  };
}

function listening(port: SerialPort, file: string | null, ears: Parameters<OpenLine>[0]): WireLine {
  let open = true;
  const over = (reason: string) => {
    if (!open) return;
    open = false;
    clearInterval(looking);
    ears.gone(reason);
  };
  // A terminal that hung up reads as no bytes for ever: the device file tells first.
  const looking = setInterval(() => {
    if (file === null || existsSync(file)) return;
    over(`${file} is gone`);
    port.close(() => {});
  }, LOOK_ms);
  looking.unref();
  port.on("data", (bytes: Buffer) => {
    if (open) ears.bytes(bytes);
  });
  port.on("close", (error: Error | null) => over(error?.message ?? "the port closed"));
  port.on("error", (error: Error) => {
    over(error.message);
    // Else it would stay locked, and could not be opened anew.
    if (port.isOpen) port.close(() => {});
  });
  return {
    ok: true,
    // What cannot be written is lost: the answer does not come, and the question is asked again.
    write: (bytes) => void port.write(Buffer.from(bytes), () => {}),
    close: async () => {
      open = false;
      clearInterval(looking);
      if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
    },
  };
}
