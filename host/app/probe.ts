// Is there a board at this port? Opened, asked, closed again; the answer is a diagnosis in the operator's words.

import { SerialSource } from "../adapters/board/serial-source.js";
import type { Clock } from "../ports/clock.js";
import type { Identity, SourceEvent } from "../ports/source.js";

export type Diagnosis =
  | { readonly kind: "board"; readonly identity: Identity }
  | { readonly kind: "refused"; readonly code: string; readonly reason: string; readonly next: string };

const PATIENCE_ms = 4_000;

/** Waits at most 4 s for a board to say who it is. A port that does not open is told at once. */
export async function probe(path: string, clock: Clock): Promise<Diagnosis> {
  const source = new SerialSource(path, clock);
  let badBytes = 0;
  let lines = 0;
  const diagnosis = await new Promise<Diagnosis>((resolve) => {
    const later = setTimeout(() => resolve(nothingFound(path, badBytes, lines, source.otherVersion)), PATIENCE_ms);
    const done = (found: Diagnosis) => {
      clearTimeout(later);
      resolve(found);
    };
    source.start((event: SourceEvent) => {
      if (event.kind === "found") done({ kind: "board", identity: event.identity });
      else if (event.kind === "fault") badBytes += event.bytes;
      else if (event.kind === "lost" && source.refusal !== null) done({ kind: "refused", ...source.refusal });
      else if (event.kind !== "lost") lines++;
    });
  });
  await source.stop();
  return diagnosis;
}

function nothingFound(path: string, badBytes: number, lines: number, otherVersion: string | null): Diagnosis {
  if (otherVersion !== null)
    return {
      kind: "refused",
      code: "board-version",
      reason: `the board at ${path} ${otherVersion}; this esme speaks version 1`,
      next: "flash the firmware of this release (hardware/clamp-board.md)",
    };
  if (lines > 0)
    return {
      kind: "refused",
      code: "board-deaf",
      reason: `a board talks at ${path} but does not hear the host`,
      next: "check the wire from the host's TX to the board's RX, or the USB cable",
    };
  if (badBytes > 0)
    return {
      kind: "refused",
      code: "not-a-board",
      reason: `something talks at ${path}, but not as an esme board at 38400 baud (${badBytes} bytes were not understood)`,
      next: "is it another device, or a board with other firmware? hardware/clamp-board.md says how to flash it",
    };
  return {
    kind: "refused",
    code: "board-silent",
    reason: `${path} opens, but nothing answers there`,
    next: "is the board powered and flashed? hardware/clamp-board.md says how; another port: `esme doctor`",
  };
}
