// One question at a time to a chip that answers only when it is asked: the answer goes to whoever asked, and what is none is a fault
// with a name.

import { Mono_ms } from "../../ledger/units.js";
import { joined, type Split } from "../../wire/ics/scan.js";

/** The longest answer takes 60 ms on the slowest line; the chip and the host's driver have some time of their own. */
const PATIENCE_ms = 300;
/** A question that nobody answers is asked so often in all. */
const TRIES = 2;

interface Asked<Q, A> {
  readonly question: Q;
  readonly until: Mono_ms;
  readonly tries: number;
  readonly then: (answer: A, now: Mono_ms) => void;
}

export class Questions<Q, A> {
  #asked: Asked<Q, A> | null = null;
  #rest = new Uint8Array();

  constructor(
    private readonly send: (question: Q) => void,
    private readonly split: (question: Q, bytes: Uint8Array) => Split<A>,
    private readonly fault: (fault: string, bytes: number, now: Mono_ms) => void,
  ) {}

  get idle(): boolean {
    return this.#asked === null;
  }

  forget(): void {
    this.#asked = null;
    this.#rest = new Uint8Array();
  }

  ask(question: Q, now: Mono_ms, then: (answer: A, now: Mono_ms) => void, tries = 1): void {
    this.#asked = { question, until: Mono_ms(now + PATIENCE_ms), tries, then };
    this.#rest = new Uint8Array();
    this.send(question);
  }

  received(bytes: Uint8Array, now: Mono_ms): void {
    const asked = this.#asked;
    if (asked === null) return this.fault("noise", bytes.length, now);
    const { pieces, rest } = this.split(asked.question, joined(this.#rest, bytes));
    this.#rest = rest as Uint8Array<ArrayBuffer>;
    const answer = pieces.find((piece) => piece.kind === "frame");
    for (const piece of pieces) if (piece.kind === "discarded") this.fault(piece.fault, piece.bytes.length, now);
    if (answer === undefined) return;
    // A second answer to one question is somebody else's.
    if (rest.length > 0) this.fault("noise", rest.length, now);
    this.forget();
    asked.then(answer.frame, now);
  }

  /** Asks again what nobody answered, and in the end gives it up. */
  tick(now: Mono_ms): void {
    const asked = this.#asked;
    if (asked === null || now < asked.until) return;
    const begun = this.#rest.length;
    this.forget();
    this.fault("silence", begun, now);
    if (asked.tries < TRIES) this.ask(asked.question, now, asked.then, asked.tries + 1);
  }
}
