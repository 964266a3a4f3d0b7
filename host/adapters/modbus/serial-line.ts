// A serial port as a line of bytes, at the speed and parity of its bus. The bus opens it anew; after unplugging by the USB serial number.

import type { OpenLine, WireLine } from "../../ports/wire-line.js";
import { type OpenPort, openPort, serialNumberOf } from "../serial-port.js";

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
    const opened = await openPort(path, serialNumber, { baudRate: baud, parity, stopBits });
    if ("code" in opened) {
      const next =
        opened.code === "port-missing" ? "plug the adapter in; `esme doctor` lists the ports there are" : opened.next;
      return { ok: false, ...opened, next };
    }
    serialNumber ??= await serialNumberOf(opened.path);
    return listening(opened, ears);
  };
}

function listening(opened: OpenPort, ears: Parameters<OpenLine>[0]): WireLine {
  const { port } = opened;
  let open = true;
  const over = (reason: string) => {
    if (!open) return;
    open = false;
    clearInterval(looking);
    ears.gone(reason);
  };
  const looking = setInterval(() => {
    const vanished = opened.vanished();
    if (vanished === null) return;
    over(vanished);
    void opened.close();
  }, LOOK_ms);
  looking.unref();
  port.on("data", (bytes: Buffer) => {
    if (open) ears.bytes(bytes);
  });
  opened.whenOver((reason) => {
    over(reason);
    // One that failed would else stay locked, and could not be opened anew.
    void opened.close();
  });
  return {
    ok: true,
    // What cannot be written is lost: the answer does not come, and the question is asked again.
    write: (bytes) => void port.write(Buffer.from(bytes), () => {}),
    close: async () => {
      open = false;
      clearInterval(looking);
      await opened.close();
    },
  };
}
