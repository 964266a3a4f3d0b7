// A pseudo-terminal that any program can open as it opens /dev/ttyUSB0. Of @lydell/node-pty only the native `open` is
// used: its public one reads the slave itself. The slave is raw and kept open, so that the master never sees an error
// when a program closes it; what finds no room is not sent, as on a wire without flow control.
import { closeSync, readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { ReadStream } from "node:tty";
import type { DeviceLine } from "./line.js";
import { fault, type SimFault } from "./scenario.js";

interface Native {
  open(columns: number, rows: number): { readonly master: number; readonly slave: number; readonly pty: string };
}

/** A line for who must hear at once, or know what the program at its other end has set. */
export interface PtyLine extends DeviceLine {
  /** From now on what arrives is told when it does; `read` is not used any more. */
  hear(call: (bytes: Uint8Array) => void): void;
  /** File descriptor of the end that programs open. */
  readonly slave: number;
}

/** A new pseudo-terminal, or why there is none. */
export function openPty(): PtyLine | SimFault {
  const native = loadNative();
  if ("kind" in native) return native;
  let ends: ReturnType<Native["open"]>;
  try {
    ends = native.open(80, 24);
    new ReadStream(ends.slave).setRawMode(true);
  } catch (error) {
    return fault(`no pseudo-terminal could be opened: ${(error as Error).message}`);
  }
  const received = Buffer.alloc(4096);
  let stream: ReadStream | null = null;
  return {
    path: ends.pty,
    slave: ends.slave,
    write: (bytes) => orNothing(() => writeSync(ends.master, bytes)),
    read: () =>
      Uint8Array.from(
        received.subarray(
          0,
          orNothing(() => readSync(ends.master, received)),
        ),
      ),
    hear: (call) => {
      stream = new ReadStream(ends.master).on("data", call);
    },
    close: () => {
      if (stream === null) closeSync(ends.master);
      else stream.destroy();
    },
  };
}

function loadNative(): Native | SimFault {
  const package_ = `@lydell/node-pty-${process.platform}-${process.arch}`;
  try {
    // The binaries are dependencies of @lydell/node-pty, so they are looked for from there.
    const here = createRequire(import.meta.url);
    const there = createRequire(here.resolve("@lydell/node-pty/package.json"));
    return there(`${package_}/pty.node`) as Native;
  } catch {
    return fault(`no pseudo-terminals here: ${package_} is not installed or does not load`);
  }
}

/** The number of bytes, or 0 where the terminal would have to wait. */
function orNothing(transfer: () => number): number {
  try {
    return transfer();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN" || code === "EIO") return 0;
    throw error;
  }
}
