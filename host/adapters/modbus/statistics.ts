// What a bus and each meter on it have been through, since the start. Counts and a histogram with fixed bounds: nothing grows.

import type { Mono_ms } from "../../ledger/units.js";

/** Upper bounds of the histogram's steps, ms; the last step has none. */
export const LATENCY_BOUNDS_ms = [5, 10, 20, 50, 100, 200, 500, 1_000, 2_000] as const;

export interface MeterStatistics {
  readonly since: Mono_ms;
  readonly questions: number;
  readonly answers: number;
  readonly silences: number;
  readonly crcErrors: number;
  readonly exceptions: number;
  /** Answers of another unit, function or length, or cut short. */
  readonly otherFaults: number;
  /** Frames or bytes that came after their question was given up, each burst counted once. */
  readonly late: number;
  readonly echoes: number;
  /** Answers by the time from the question's end to the answer's beginning: one more than there are bounds. */
  readonly latency: readonly number[];
  /** Bytes of questions and answers. */
  readonly bytes: number;
  /** Of the wire's time since the start; null where no wire's speed is known. */
  readonly share: number | null;
}

export class Statistics {
  questions = 0;
  answers = 0;
  silences = 0;
  crcErrors = 0;
  exceptions = 0;
  otherFaults = 0;
  late = 0;
  echoes = 0;
  bytes = 0;
  readonly #latency = new Array<number>(LATENCY_BOUNDS_ms.length + 1).fill(0);

  constructor(readonly since: Mono_ms) {}

  answered(latency_ms: number): void {
    this.answers++;
    const step = LATENCY_BOUNDS_ms.findIndex((bound) => latency_ms < bound);
    const at = step < 0 ? LATENCY_BOUNDS_ms.length : step;
    this.#latency[at] = (this.#latency[at] ?? 0) + 1;
  }

  /** `character_ms`: how long a byte takes on the wire; 0 where nobody knows. */
  at(now: Mono_ms, character_ms: number): MeterStatistics {
    const { questions, answers, silences, crcErrors, exceptions, otherFaults, late, echoes, bytes, since } = this;
    const share = character_ms > 0 && now > since ? (bytes * character_ms) / (now - since) : null;
    const latency = [...this.#latency];
    return {
      since,
      questions,
      answers,
      silences,
      crcErrors,
      exceptions,
      otherFaults,
      late,
      echoes,
      latency,
      bytes,
      share,
    };
  }
}
