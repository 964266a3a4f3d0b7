// A serial line as the simulated board sees it, and the simplest one: two ends in one process.
// pty.ts has the real one.

/** The board's end of a line. */
export interface DeviceLine {
  /** What a host opens: a path, or a name where there is none. */
  readonly path: string;
  /** Sends as much as there is room for, and says how much that was. */
  write(bytes: Uint8Array): number;
  /** What has arrived since the last call. */
  read(): Uint8Array;
  close(): void;
}

/** The host's end of a line in one process. */
export interface HostEnd {
  onBytes: (bytes: Uint8Array) => void;
  write(bytes: Uint8Array): void;
  close(): void;
}

/** A line within this process, for where no pseudo-terminal can be had. */
export function inProcessLine(): { device: DeviceLine; host: HostEnd } {
  let arrived: Uint8Array[] = [];
  let open = true;
  const host: HostEnd = {
    onBytes: () => {},
    write: (bytes) => {
      if (open) arrived.push(bytes);
    },
    close: () => {
      open = false;
    },
  };
  const device: DeviceLine = {
    path: "in-process",
    write: (bytes) => {
      if (open) host.onBytes(bytes);
      return bytes.length;
    },
    read: () => {
      const bytes = Buffer.concat(arrived);
      arrived = [];
      return bytes;
    },
    close: host.close,
  };
  return { device, host };
}
