// Serial ports: which there are, one opened and closed again, why it does not open, when it is over, and where the same USB device went
// after it was plugged in again.

import { existsSync, realpathSync } from "node:fs";
import { SerialPort } from "serialport";

export interface PortSettings {
  readonly baudRate: number;
  /** Else none, and one stop bit. */
  readonly parity?: "none" | "even" | "odd";
  readonly stopBits?: 1 | 2;
}

/** A port that is open, and nobody else's. */
export interface OpenPort {
  readonly port: SerialPort;
  /** Where it was found. */
  readonly path: string;
  /** Why nothing comes of it any more, though nobody said so; null while its device is there. */
  vanished(): string | null;
  /** To be told that it closed or failed; both may be told, and what was closed on purpose as well. */
  whenOver(over: (reason: string) => void): void;
  close(): Promise<void>;
}

/** Opens the port at a path, or where the device of this USB serial number went from there. */
export async function openPort(
  path: string,
  serialNumber: string | null,
  settings: PortSettings,
): Promise<OpenPort | PortRefusal> {
  const where = await whereItIs(path, serialNumber);
  const port = new SerialPort({ path: where, ...settings, lock: true, autoOpen: false });
  const error = await new Promise<Error | null>((resolve) => port.open((e) => resolve(e)));
  if (error !== null) return portRefusal(where, error);
  const file = deviceFile(where);
  return {
    port,
    path: where,
    // A terminal that hung up reads as no bytes for ever, which serialport asks for again and again: the device file tells first.
    vanished: () => (file !== null && !existsSync(file) ? `${file} is gone` : null),
    whenOver(over) {
      port.on("close", (closed: Error | null) => over(closed?.message ?? "the port closed"));
      port.on("error", (failed: Error) => over(failed.message));
    },
    async close() {
      if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
    },
  };
}

export interface PortRefusal {
  readonly code: "port-missing" | "port-busy" | "port-denied" | "port-unusable";
  readonly reason: string;
  readonly next: string;
}

export interface FoundPort {
  readonly path: string;
  readonly maker: string | null;
  readonly serialNumber: string | null;
}

/** The ports the system lists; none where it cannot say (a machine without udev). */
export async function listPorts(): Promise<readonly FoundPort[]> {
  try {
    const ports = await SerialPort.list();
    return ports.map((port) => ({
      path: port.path,
      maker: port.manufacturer ?? null,
      serialNumber: port.serialNumber ?? null,
    }));
  } catch {
    // SerialPort.list() throws where udev is missing: that says nothing of the ports.
    return [];
  }
}

export async function serialNumberOf(path: string): Promise<string | null> {
  return (await listPorts()).find((port) => port.path === path)?.serialNumber ?? null;
}

/** Where the device of this USB serial number is now: at its own path, or, where exactly one other port has that number, there. (Cheap
 * adapters all carry the same number: among several the path alone decides.) */
async function whereItIs(path: string, serialNumber: string | null): Promise<string> {
  if (serialNumber === null) return path;
  const found = (await listPorts()).filter((port) => port.serialNumber === serialNumber);
  return found.some((port) => port.path === path) ? path : found.length === 1 ? (found[0]?.path ?? path) : path;
}

/** The file of an open device, behind any link to it: it goes when the device does. null where devices are no files (Windows). */
function deviceFile(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** A driver's error in the operator's words. */
function portRefusal(path: string, error: Error): PortRefusal {
  // Without the path, whose own words say nothing of the fault.
  const text = error.message.replaceAll(path, "the port").replace(/^Error:? /, "");
  if (/no such file|cannot find|file not found|ENOENT|ENXIO|ENODEV/i.test(text))
    return {
      code: "port-missing",
      reason: `there is no port ${path}`,
      next: "plug the board in; `esme doctor` lists the ports there are",
    };
  if (/lock|busy|EBUSY|access denied|resource temporarily/i.test(text))
    return {
      code: "port-busy",
      reason: `another program has ${path} open`,
      next: "close the other program (a serial monitor, another esme run), then try again",
    };
  if (/permission|EACCES/i.test(text))
    return {
      code: "port-denied",
      reason: `you may not open ${path}`,
      next: "add yourself to the group that owns the port (often `dialout`) and log in again",
    };
  return {
    code: "port-unusable",
    reason: `${path} cannot be opened as a serial port: ${text}`,
    next: "name a serial port",
  };
}
