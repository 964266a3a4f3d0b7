// One question at a time on a line, and everything that came back: what a scan needs, where a bus only wants the answer.

import { Alarm } from "../../adapters/modbus/alarm.js";
import { Mono_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";
import type { Refusal } from "../../ports/store.js";
import type { OpenLine, WireLine } from "../../ports/wire-line.js";
import { crcHolds } from "../../wire/modbus/crc.js";
import {
  type Answer,
  answerBytes,
  answerLength,
  answerOf,
  decodeAnswer,
  decodeTcp,
  EXCEPTION_BYTES,
  encodeQuestion,
  encodeTcp,
  QUESTION_BYTES,
  type Question,
  questionBody,
  wireTime_ms,
} from "../../wire/modbus/frames.js";

export interface Heard {
  /** What answered, by its own word: a late answer may be another unit's. Null where no frame came. */
  readonly from: { readonly unit: number; readonly answer: Answer } | null;
  /** Without the echo. */
  readonly bytes: Uint8Array;
  readonly echo: boolean;
  /** More came than one answer has. */
  readonly overlong: boolean;
  /** From the question's end to the first byte; null where none came. */
  readonly latency_ms: number | null;
}

export interface Asker {
  ask(question: Question, patience_ms: number): Promise<Heard>;
  close(): Promise<void>;
}

/** The longest pause that a table asks for. */
const PAUSE_ms = 60;
const REST_ms = 20;
/** A byte more or less is noise; a second answer is not. */
const SPARE_BYTES = 3;
/** USB adapters hand bytes over in pieces: so long nothing, and the frame is over. */
const QUIET_ms = 30;
const QUIET_BYTES = 16;

/** Opens the line; `baud` null: Modbus TCP. */
export async function openAsker(open: OpenLine, clock: Clock, baud: number | null): Promise<Asker | Refusal> {
  const ear = new Ear(clock);
  const line = await open({ bytes: (bytes) => ear.bytes(bytes), gone: () => ear.over() });
  if (!line.ok) return line;
  return baud === null ? new TcpAsker(line, ear, clock) : new RtuAsker(line, ear, clock, baud);
}

/** What is heard of a line, and the waiting for it. */
class Ear {
  heard: Uint8Array = new Uint8Array();
  first: Mono_ms | null = null;
  last = Mono_ms(0);
  gone = false;
  #wake: () => void = () => {};

  constructor(private readonly clock: Clock) {}

  bytes(bytes: Uint8Array): void {
    this.first ??= this.clock.mono();
    this.last = this.clock.mono();
    this.heard = Uint8Array.of(...this.heard, ...bytes);
    this.#wake();
  }

  over(): void {
    this.gone = true;
    this.#wake();
  }

  clear(): void {
    this.heard = new Uint8Array();
    this.first = null;
  }

  /** Until then, or until something is heard. */
  wait(until: number): Promise<void> {
    return new Promise((resolve) => {
      const alarm = new Alarm(this.clock, () => this.#wake());
      this.#wake = () => {
        this.#wake = () => {};
        alarm.stop();
        resolve();
      };
      alarm.at(Mono_ms(until));
    });
  }

  /** Until then, whatever is heard. */
  async sleep(until: number): Promise<void> {
    while (this.clock.mono() < until - 0.01 && !this.gone) await this.wait(until);
  }
}

class RtuAsker implements Asker {
  constructor(
    private readonly line: WireLine,
    private readonly ear: Ear,
    private readonly clock: Clock,
    private readonly baud: number,
  ) {}

  async ask(question: Question, patience_ms: number): Promise<Heard> {
    const { ear, baud } = this;
    const asked = encodeQuestion(question);
    ear.clear();
    const end = this.clock.mono() + wireTime_ms(QUESTION_BYTES, baud);
    this.line.write(asked);
    const latest = end + patience_ms + wireTime_ms(answerBytes(question.count), baud) + QUIET_ms;
    let own = this.#own(asked);
    while (!ear.gone && frameIn(own.bytes, question) === null) {
      const begun = own.bytes.length > 0;
      const until = begun ? ear.last + QUIET_ms + QUIET_BYTES * wireTime_ms(1, this.baud) : end + patience_ms;
      if (this.clock.mono() >= Math.min(until, latest) - 0.01) break;
      await ear.wait(Math.min(until, latest));
      own = this.#own(asked);
    }
    await ear.sleep(this.clock.mono() + (own.bytes.length > 0 ? PAUSE_ms : REST_ms));
    own = this.#own(asked);
    const begun = own.bytes.length === 0 || ear.first === null ? null : Math.max(0, own.begun - end);
    return {
      from: frameIn(own.bytes, question),
      bytes: own.bytes,
      echo: own.echo,
      overlong: own.bytes.length > answerBytes(question.count) + SPARE_BYTES,
      latency_ms: begun,
    };
  }

  close(): Promise<void> {
    return this.line.close();
  }

  /** What is heard without the question itself; when it began, nearly. */
  #own(asked: Uint8Array): { bytes: Uint8Array; echo: boolean; begun: number } {
    const { heard, first, last } = this.ear;
    const whole = asked.every((byte, k) => byte === heard[k]);
    if (whole) {
      const bytes = heard.subarray(asked.length);
      return { bytes, echo: true, begun: last - bytes.length * wireTime_ms(1, this.baud) };
    }
    const part = heard.length < asked.length && heard.every((byte, k) => byte === asked[k]);
    if (part && heard.length > 2) return { bytes: new Uint8Array(), echo: true, begun: last };
    return {
      bytes: heard,
      echo: false,
      begun: (first ?? last) - Math.min(8, heard.length) * wireTime_ms(1, this.baud),
    };
  }
}

/** The first frame that answers such a question, whoever sent it; a false character may stand before it. */
function frameIn(bytes: Uint8Array, question: Question): Heard["from"] {
  for (let from = 0; from + EXCEPTION_BYTES <= bytes.length; from++) {
    const rest = bytes.subarray(from);
    const unit = rest[0] ?? 0;
    const asked = { ...question, unit };
    const length = answerLength(rest, asked);
    if (length === null || rest.length < length || !crcHolds(rest.subarray(0, length))) continue;
    const answer = decodeAnswer(rest.subarray(0, length), asked);
    if (typeof answer !== "string") return { unit, answer };
  }
  return null;
}

class TcpAsker implements Asker {
  #transaction = 0;

  constructor(
    private readonly line: WireLine,
    private readonly ear: Ear,
    private readonly clock: Clock,
  ) {}

  async ask(question: Question, patience_ms: number): Promise<Heard> {
    const { ear } = this;
    ear.clear();
    this.#transaction = (this.#transaction + 1) & 0xffff;
    const began = this.clock.mono();
    this.line.write(encodeTcp(this.#transaction, questionBody(question)));
    let from = this.#answerIn(question);
    while (from === null && !ear.gone && this.clock.mono() < began + patience_ms - 0.01) {
      await ear.wait(began + patience_ms);
      from = this.#answerIn(question);
    }
    const latency_ms = ear.first === null ? null : ear.first - began;
    return { from, bytes: ear.heard, echo: false, overlong: false, latency_ms };
  }

  close(): Promise<void> {
    return this.line.close();
  }

  #answerIn(question: Question): Heard["from"] {
    let bytes = this.ear.heard;
    for (;;) {
      const next = decodeTcp(bytes);
      if (next.kind !== "frame") return null;
      bytes = bytes.subarray(next.bytes);
      if (next.transaction !== this.#transaction) continue;
      const answer = answerOf(next.body, question);
      return typeof answer === "string" ? null : { unit: question.unit, answer };
    }
  }
}
