// Is it a metering IC straight on the port? One speaks unasked, two answer when they are asked. Nothing is written to them.

import { openSerialLine } from "../../adapters/serial-ic/line.js";
import { SERIAL_IC_FACTS, type SerialIc } from "../../adapters/serial-ic/options.js";
import type { Clock } from "../../ports/clock.js";
import { encodeBl0942Request, splitBl0942Answers } from "../../wire/ics/bl0942.js";
import { splitCse7766 } from "../../wire/ics/cse7766.js";
import { encodeMcp39Question, MCP39_POWER, splitMcp39Answers } from "../../wire/ics/mcp39f511a.js";
import { joined } from "../../wire/ics/scan.js";

interface Look {
  readonly ic: SerialIc;
  /** Null: it is only listened to. */
  readonly question: Uint8Array | null;
  readonly wait_ms: number;
  readonly tries: number;
  readonly answers: (bytes: Uint8Array) => boolean;
}

const PACKET = { kind: "packet" } as const;
const LOOKS: readonly Look[] = [
  {
    ic: "cse7766",
    question: null,
    wait_ms: 1_000,
    tries: 1,
    answers: (bytes) => splitCse7766(bytes).pieces.some(({ kind }) => kind === "frame"),
  },
  {
    ic: "bl0942",
    question: encodeBl0942Request(PACKET, 0),
    wait_ms: 500,
    tries: 2,
    answers: (bytes) => splitBl0942Answers(PACKET, 0, bytes).pieces.some(({ kind }) => kind === "frame"),
  },
  {
    ic: "mcp39f511a",
    question: encodeMcp39Question(MCP39_POWER),
    wait_ms: 300,
    tries: 2,
    answers: (bytes) =>
      splitMcp39Answers(MCP39_POWER, bytes).pieces.some((one) => one.kind === "frame" && one.frame.kind === "data"),
  },
];
/** So much heard without a question, and whoever it is waits for none. */
const TALKS_bytes = 20;

export type IcLook =
  | { readonly kind: "ic"; readonly ic: SerialIc }
  /** Somebody talks without being asked, and not as a chip that is known. */
  | { readonly kind: "talks"; readonly bytes: number }
  | { readonly kind: "none" };

export async function lookForIc(path: string, clock: Clock): Promise<IcLook> {
  for (const look of LOOKS) {
    const bytes = await heardOf(path, clock, look);
    if (bytes === null) return { kind: "none" };
    if (look.answers(bytes)) return { kind: "ic", ic: look.ic };
    if (look.question === null && bytes.length >= TALKS_bytes) return { kind: "talks", bytes: bytes.length };
  }
  return { kind: "none" };
}

/** Null where the port does not open. */
async function heardOf(path: string, clock: Clock, { ic, question, wait_ms, tries, answers }: Look) {
  const { baud, parity } = SERIAL_IC_FACTS[ic];
  let heard: Uint8Array = new Uint8Array();
  const line = await openSerialLine(
    { path, baud, parity, serialNumber: null },
    {
      bytes: (bytes) => {
        heard = joined(heard, bytes);
      },
      closed: () => {},
    },
  );
  if ("code" in line) return null;
  for (let asked = 0; asked < tries && !answers(heard); asked++) {
    if (question !== null) line.send(question);
    await passed(clock, wait_ms);
  }
  await line.close();
  return heard;
}

export function passed(clock: Clock, for_ms: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.every(for_ms, () => {
      stop();
      resolve();
    });
  });
}
