// Is it a second board with StandardFirmata? It is asked for its version and its firmware; an Uno that was reset by the opening says both
// unasked. (Firmata protocol 2.6, github.com/firmata/protocol: protocol.md.)

import { serialLines } from "../../adapters/panel/serial-line.js";
import type { Clock } from "../../ports/clock.js";
import { passed } from "./ics.js";

const REPORT_VERSION = 0xf9;
const SYSEX = 0xf0;
const SYSEX_END = 0xf7;
const FIRMWARE = 0x79;
const QUESTIONS = Uint8Array.of(REPORT_VERSION, SYSEX, FIRMWARE, SYSEX_END);
/** The boot loader takes some 2 s of it. */
const PATIENCE_ms = 5_000;
const ASK_EVERY_ms = 500;

export interface FoundFirmata {
  readonly firmware: string;
  readonly protocol: string;
}

export async function lookForFirmata(path: string, clock: Clock): Promise<FoundFirmata | null> {
  const line = await serialLines()(path);
  if ("code" in line) return null;
  const heard: number[] = [];
  line.listen(
    (bytes) => {
      // What talks without end is no Firmata that waits to be told what to report.
      if (heard.length < 4_096) heard.push(...bytes);
    },
    () => {},
  );
  let found: FoundFirmata | null = null;
  for (let waited_ms = 0; found === null && waited_ms < PATIENCE_ms; waited_ms += ASK_EVERY_ms) {
    line.send(QUESTIONS, () => {});
    await passed(clock, ASK_EVERY_ms);
    found = firmataIn(heard);
  }
  await line.close();
  return found;
}

/** The firmware's report: version, then the name, each character as two of seven bits. */
export function firmataIn(bytes: readonly number[]): FoundFirmata | null {
  for (let from = 0; from < bytes.length; from++) {
    if (bytes[from] !== SYSEX || bytes[from + 1] !== FIRMWARE) continue;
    const end = bytes.indexOf(SYSEX_END, from);
    if (end < 0) return null;
    const [major = 0, minor = 0, ...name] = bytes.slice(from + 2, end);
    if (name.some((byte) => byte > 0x7f)) continue;
    const firmware = Array.from({ length: Math.floor(name.length / 2) }, (_, k) =>
      String.fromCharCode((name[2 * k] ?? 0) | ((name[2 * k + 1] ?? 0) << 7)),
    ).join("");
    return { firmware, protocol: `firmata ${major}.${minor}` };
  }
  return null;
}
