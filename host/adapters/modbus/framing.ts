// How questions and answers are cut out of a stream of bytes: RTU (a frame is known by its length and CRC) and Modbus TCP (by its
// header). An answer is handed on as an RTU frame, whole and checked against its question, or not at all.

import { crcHolds, withCrc } from "../../wire/modbus/crc.js";
import {
  answerBytes,
  answerLength,
  answerOf,
  decodeAnswer,
  decodeTcp,
  EXCEPTION_BYTES,
  encodeTcp,
  type FrameFault,
  frameGap_ms,
  QUESTION_BYTES,
  type Question,
  wireTime_ms,
} from "../../wire/modbus/frames.js";

export type Taken =
  /** An RTU frame with its CRC. `echo`: the question came back before it. */
  | { readonly kind: "answer"; readonly frame: Uint8Array; readonly echo: boolean }
  /** `onlyEcho`: the question came back, and nothing else yet. */
  | { readonly kind: "more"; readonly onlyEcho: boolean }
  | { readonly kind: "fault"; readonly fault: FrameFault; readonly bytes: number }
  /** The stream is worth nothing any more. */
  | { readonly kind: "lost" };

/** One way of framing; it holds the question under way. */
export interface Framing {
  readonly protocol: "modbus-rtu" | "modbus-tcp";
  /** The line was opened: nothing of another one belongs to it. */
  begin(): void;
  /** Bytes arrived while no question waits; false: the stream is worth nothing any more. */
  passOver(bytes: Uint8Array): boolean;
  /** The bytes that ask; `frame` is the question as RTU. */
  ask(question: Question, frame: Uint8Array): Uint8Array;
  /** Bytes arrived while the question waits. */
  take(bytes: Uint8Array): Taken;
  /** Why what came so far is no answer; null where nothing came. */
  leftover(): { readonly fault: FrameFault; readonly bytes: number } | null;
  /** Whether a late answer can be told from the right one. */
  readonly tellsLate: boolean;
  /** Answers to other questions seen since this was asked last. */
  late(): number;
  /** Time on the wire, ms, of a question and of the answer of so many words; 0 where nobody knows. */
  readonly question_ms: number;
  answer_ms(words: number): number;
  /** The silence between frames. */
  readonly gap_ms: number;
  readonly character_ms: number;
  /** For the machine, its adapter, driver and network, beyond what the meter and the wire take. */
  readonly slack_ms: number;
}

/** More while one question waits, and it is no answer that comes. */
const MOST_bytes = 1_024;
const ADAPTER_ms = 100;
export const NETWORK_ms = 500;
const NOTHING: Uint8Array = new Uint8Array(0);

export class RtuFraming implements Framing {
  readonly protocol = "modbus-rtu";
  readonly tellsLate = false;
  readonly question_ms: number;
  readonly gap_ms: number;
  readonly character_ms: number;
  #question: Question | null = null;
  #asked = NOTHING;
  #bytes = NOTHING;
  #echo = false;

  /** `slack_ms`: more where the bus is behind a network. */
  constructor(
    private readonly baud: number,
    readonly slack_ms: number = ADAPTER_ms,
  ) {
    this.question_ms = wireTime_ms(QUESTION_BYTES, baud);
    this.gap_ms = frameGap_ms(baud);
    this.character_ms = wireTime_ms(1, baud);
  }

  begin(): void {
    this.#question = null;
    this.#bytes = NOTHING;
  }

  passOver(): boolean {
    return true;
  }

  answer_ms(words: number): number {
    return wireTime_ms(answerBytes(words), this.baud);
  }

  ask(question: Question, frame: Uint8Array): Uint8Array {
    this.#question = question;
    this.#asked = frame;
    this.#bytes = NOTHING;
    this.#echo = false;
    return frame;
  }

  take(bytes: Uint8Array): Taken {
    const question = this.#question;
    if (question === null) return { kind: "more", onlyEcho: false };
    this.#bytes = joined(this.#bytes, bytes.subarray(0, MOST_bytes));
    if (startsWith(this.#bytes, this.#asked)) {
      this.#bytes = this.#bytes.subarray(this.#asked.length);
      this.#echo = true;
    }
    const frame = this.#answer(question);
    if (frame !== null) return { kind: "answer", frame, echo: this.#echo };
    const length = answerLength(this.#bytes, question);
    const ended = length !== null && this.#bytes.length >= length;
    if (this.#bytes.length >= MOST_bytes) return { kind: "fault", fault: "other-length", bytes: this.#bytes.length };
    if (!ended || startsWith(this.#asked, this.#bytes))
      return { kind: "more", onlyEcho: this.#echo && this.#bytes.length === 0 };
    return { kind: "fault", fault: this.#faultOf(length, question), bytes: this.#bytes.length };
  }

  leftover(): ReturnType<Framing["leftover"]> {
    const bytes = this.#bytes.length;
    if (bytes === 0 || this.#question === null) return null;
    return { fault: this.#faultOf(bytes, this.#question), bytes };
  }

  late(): number {
    return 0;
  }

  #faultOf(length: number, question: Question): FrameFault {
    const answer = decodeAnswer(this.#bytes.subarray(0, length), question);
    return typeof answer === "string" ? answer : "short";
  }

  /** A driver that is switched on sends a false character now and then: an answer may begin after it. */
  #answer(question: Question): Uint8Array | null {
    for (let from = 0; from + EXCEPTION_BYTES <= this.#bytes.length; from++) {
      const rest = this.#bytes.subarray(from);
      const length = answerLength(rest, question);
      if (length === null || rest.length < length) continue;
      const frame = rest.subarray(0, length);
      if (crcHolds(frame) && typeof decodeAnswer(frame, question) !== "string") return frame;
    }
    return null;
  }
}

export class TcpFraming implements Framing {
  readonly protocol = "modbus-tcp";
  readonly tellsLate = true;
  readonly question_ms = 0;
  readonly gap_ms = 0;
  readonly character_ms = 0;
  readonly slack_ms = NETWORK_ms;
  #question: Question | null = null;
  #transaction = 0;
  #bytes = NOTHING;
  #late = 0;

  begin(): void {
    this.#question = null;
    this.#bytes = NOTHING;
  }

  passOver(bytes: Uint8Array): boolean {
    this.#question = null;
    return this.take(bytes).kind !== "lost";
  }

  answer_ms(): number {
    return 0;
  }

  ask(question: Question, frame: Uint8Array): Uint8Array {
    this.#question = question;
    this.#transaction = (this.#transaction + 1) & 0xffff;
    this.#late = 0;
    return encodeTcp(this.#transaction, frame.subarray(0, -2));
  }

  take(bytes: Uint8Array): Taken {
    this.#bytes = joined(this.#bytes, bytes);
    for (;;) {
      const next = decodeTcp(this.#bytes);
      if (next.kind === "more") return { kind: "more", onlyEcho: false };
      if (next.kind === "fault") {
        this.#bytes = NOTHING;
        return { kind: "lost" };
      }
      this.#bytes = this.#bytes.subarray(next.bytes);
      if (next.transaction !== this.#transaction || this.#question === null) {
        this.#late++;
        continue;
      }
      const answer = answerOf(next.body, this.#question);
      this.#question = null;
      return typeof answer === "string"
        ? { kind: "fault", fault: answer, bytes: next.bytes }
        : { kind: "answer", frame: withCrc(next.body), echo: false };
    }
  }

  leftover(): null {
    return null;
  }

  late(): number {
    return this.#late;
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const all = new Uint8Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  return bytes.length >= head.length && head.every((byte, k) => byte === bytes[k]);
}
