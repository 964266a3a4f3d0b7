// A board on a line in this process: for machines without pseudo-terminals, and for time that is simulated. No stream, no timer: bytes
// that arrive are lines at once, so that the same bytes give the same readings.

import type { Board_ms, Utc_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";
import type { Source, SourceEvent } from "../../ports/source.js";
import { BOARD_LINE_MAX } from "../../wire/board/line.js";
import type { Command } from "../../wire/board/messages.js";
import { type Answered, Conversation, unheard } from "./conversation.js";

export class LineSource implements Source {
  #talk: Conversation | null = null;
  #text = "";
  /** What arrives now, up to the next end of line, belongs to a line that was too long. */
  #flooded = false;
  #stopSeconds: () => void = () => {};

  /** `write` takes what the host says to the board. */
  constructor(
    private readonly write: (bytes: Uint8Array) => void,
    private readonly clock: Clock,
  ) {}

  start(tell: (event: SourceEvent) => void): void {
    const early: string[] = [];
    let say: (line: string) => void = (line) => early.push(line);
    const talk = new Conversation((line) => say(line), tell, this.clock.mono());
    this.#talk = talk;
    // The first question waits until its answer, which may come before `write` returns, is heard.
    say = (line) => this.write(Buffer.from(line, "latin1"));
    for (const line of early) say(line);
    this.#stopSeconds = this.clock.every(1_000, () => talk.second(this.clock.mono()));
  }

  /** Bytes of the board arrive now. */
  arrive(bytes: Uint8Array): void {
    const now = this.clock.mono();
    this.#text += Buffer.from(bytes).toString("latin1");
    for (let lf = this.#text.indexOf("\n"); lf >= 0; lf = this.#text.indexOf("\n")) {
      const line = this.#text.slice(0, lf);
      // Taken off first: a simulated board may answer, and arrive here again, before `line` returns.
      this.#text = this.#text.slice(lf + 1);
      if (this.#flooded) this.#talk?.noise(line.length + 1, now);
      else this.#talk?.line(line, now);
      this.#flooded = false;
    }
    if (this.#text.length <= BOARD_LINE_MAX) return;
    this.#talk?.noise(this.#text.length, now);
    this.#flooded = true;
    this.#text = "";
  }

  remember(from: Utc_ms): void {
    this.#talk?.remember(from, this.clock.mono());
  }

  setUtc(utc: Utc_ms, board: Board_ms, rate_ppb: number): void {
    this.#talk?.setUtc(utc, board, rate_ppb, this.clock.mono());
  }

  command(command: Command): Promise<Answered> {
    return this.#talk?.request(command, this.clock.mono()) ?? unheard();
  }

  stop(): Promise<void> {
    this.#stopSeconds();
    this.#talk?.over();
    this.#talk = null;
    return Promise.resolve();
  }
}
