// What is said between the host and one board, over any line: identify, listen, ask, tell the time. No port and no timer in here;
// the line's owner hands over lines, bytes that were none, and the seconds.
//
//   asking --identity--> listening --silence or another boot--> asking
//
// Silence may be the machine's: what somebody asked is asked again once the same boot answers who it is.

import { Board_ms, Mono_ms, Utc_ms } from "../../ledger/units.js";
import type { ChannelCounters, SourceEvent } from "../../ports/source.js";
import { decodeLine } from "../../wire/board/from-board.js";
import type { BoardMessage, Calibration, Command, Counters, Fault, Identity } from "../../wire/board/messages.js";
import { encodeCommand } from "../../wire/board/to-board.js";

/** What this host speaks (link.md). */
const PROTOCOL = { major: 1, minor: 1 };
/** A command unanswered for this long is sent again, this often. */
const ANSWER_PATIENCE_ms = 1_500;
const TRIES = 4;
/** No valid line for this long and the board is asked who it is; for longer, it is lost. */
const SILENCE_ms = 5_000;
const LOST_AFTER_ms = 20_000;
/** Seconds that come later than this: the host was held up, and what the board said meanwhile is still to be read. */
const HELD_UP_ms = 2_000;
const SECOND_ms = 1_000;
/** Through so many silences of the board a question waits. */
const SILENCES = 3;
/** Commands waiting for their turn; more are refused, the meter says them again. */
const QUEUE = 8;
/** Counters of the link wrap at 2^32 mWh (link.md). */
const LINK_SPAN_mwh = 2 ** 32;
/** What accepts which command; the others are answered by messages of their own. */
const LETTERS: { readonly [kind in Command["kind"]]?: string } = {
  utc: "U",
  window: "W",
  clampSet: "S",
  calibrate: "K",
  keep: "Y",
  readCalibration: "C",
};

/** What became of a command: `values` of its `A`, and the lines that came before it. */
export type Answered =
  | { readonly ok: true; readonly values: readonly number[]; readonly lines: readonly Calibration[] }
  | { readonly ok: false; readonly code: "unanswered" | "refused" | "lost"; readonly reason: string };

/** A command that waits for its turn; who asked for it hears what became of it: null where nobody waits for that. */
interface Waiting {
  readonly command: Command;
  readonly settle: ((answer: Answered) => void) | null;
  /** How often it was said since the board was last silent. */
  readonly tries: number;
  readonly silences: number;
}

interface Asked extends Waiting {
  readonly at: Mono_ms;
}

const LOST: Answered = { ok: false, code: "lost", reason: "the board went away before it answered" };

/** Nothing is said where no board listens. */
export function unheard(): Promise<Answered> {
  return Promise.resolve({ ok: false, code: "lost", reason: "no board listens there" });
}

export type Health =
  | { readonly kind: "asking"; readonly refused: string | null }
  | { readonly kind: "listening"; readonly identity: Identity };

export class Conversation {
  #health: Health;
  #heard: Mono_ms;
  #second: Mono_ms;
  /** Who fell silent; null where nobody did. */
  #silent: Identity | null = null;
  #asked: Asked | null = null;
  #queue: Waiting[] = [];
  #halfHours = 0;
  /** The lines of a `C` being answered. */
  #constants: Calibration[] = [];

  constructor(
    private readonly send: (line: string) => void,
    private readonly tell: (event: SourceEvent) => void,
    now: Mono_ms,
    /** How the board is to measure: told to it whenever it is found. */
    private readonly settings: readonly Command[] = [],
  ) {
    this.#health = { kind: "asking", refused: null };
    this.#heard = now;
    this.#second = now;
    this.#ask({ kind: "identify", ...PROTOCOL }, now);
  }

  get health(): Health {
    return this.#health;
  }

  /** False once the board has been silent for so long that the line should be opened anew. */
  alive(now: Mono_ms): boolean {
    return now - this.#heard < LOST_AFTER_ms;
  }

  line(text: string, now: Mono_ms): void {
    const message = decodeLine(text);
    if (message.kind === "fault") {
      return this.tell({ kind: "fault", arrived: now, fault: faultName(message), bytes: text.length + 1 });
    }
    this.#heard = now;
    this.#take(message, now);
  }

  /** Bytes that never became a line, such as a flood without an end. */
  noise(bytes: number, now: Mono_ms): void {
    this.tell({ kind: "fault", arrived: now, fault: "flood", bytes });
  }

  second(now: Mono_ms): void {
    const since_ms = now - this.#second;
    if (since_ms > HELD_UP_ms) this.#excuse(since_ms - SECOND_ms);
    this.#second = now;
    if (this.#health.kind === "listening" && now - this.#heard > SILENCE_ms)
      this.#fellSilent(this.#health.identity, now);
    const asked = this.#asked;
    if (asked === null || now - asked.at < ANSWER_PATIENCE_ms) return;
    // A `Y` is said once: the second would overwrite the slot that the first left alone. `C` tells what became of it.
    const tries = asked.command.kind === "keep" ? 1 : TRIES;
    if (asked.tries < tries || asked.command.kind === "identify") this.#say({ ...asked, tries: asked.tries + 1 }, now);
    else {
      this.tell({ kind: "fault", arrived: now, fault: `unanswered-${asked.command.kind}`, bytes: 0 });
      if (asked.command.kind === "readHalfHours") this.tell({ kind: "remembered-all", complete: false });
      this.#next(now, { ok: false, code: "unanswered", reason: `no answer to ${asked.command.kind}` });
    }
  }

  remember(from: Utc_ms, now: Mono_ms): void {
    this.#ask({ kind: "readHalfHours", from_s: Math.max(0, Math.floor(from / 1_000)) }, now);
  }

  setUtc(utc: Utc_ms, board: Board_ms, rate_ppb: number, now: Mono_ms): void {
    const rate = Math.max(-10_000_000, Math.min(10_000_000, rate_ppb));
    this.#ask({ kind: "utc", utc_s: Math.floor(utc / 1_000), ms: utc % 1_000, t_ms: board, rate_ppb: rate }, now);
  }

  /** Says a command in its turn; resolves when the board has answered, refused, or gone. */
  request(command: Command, now: Mono_ms): Promise<Answered> {
    if (this.#health.kind !== "listening" && this.#silent === null) return unheard();
    return new Promise((settle) => this.#ask(command, now, settle));
  }

  /** The line is gone: nothing asked of it will be answered. */
  over(): void {
    for (const waiting of [this.#asked, ...this.#queue.splice(0)]) waiting?.settle?.(LOST);
    this.#asked = null;
    this.#silent = null;
  }

  /** Time in which nothing could be read is no silence of the board's. */
  #excuse(late_ms: number): void {
    this.#heard = Mono_ms(this.#heard + late_ms);
    if (this.#asked !== null) this.#asked = { ...this.#asked, at: Mono_ms(this.#asked.at + late_ms) };
  }

  #take(message: BoardMessage, now: Mono_ms): void {
    switch (message.kind) {
      case "identity":
        return this.#identified(message, now);
      case "report":
        if (this.#health.kind !== "listening") return;
        if (message.boot !== this.#health.identity.boot) return this.#askAgainWhoItIs(now);
        return this.tell({
          kind: "report",
          arrived: now,
          board: Board_ms(message.t_ms),
          boot: message.boot,
          channel: message.channel,
          counters: portCounters(message.counters),
          base: portCounters(message.base),
        });
      case "remembered":
        if (this.#health.kind !== "listening") return;
        this.#halfHours++;
        if (this.#asked?.command.kind === "readHalfHours") this.#asked = { ...this.#asked, at: now };
        return this.tell({
          kind: "remembered",
          end: Utc_ms(message.end_s * 1_000),
          boot: message.boot,
          channel: message.channel,
          counters: portCounters(message.counters),
        });
      case "power":
        return this.tell({
          kind: "power",
          arrived: now,
          power: {
            frequency_mhz: message.frequency_mhz,
            voltage_mv: message.voltage_mv,
            channels: [
              ...message.clamps.map((clamp) => ({
                current_ma: clamp.current_ma,
                active_mw: clamp.power_mw,
                reactive_mvar: clamp.reactive_mvar,
              })),
              { current_ma: null, active_mw: message.sum.power_mw, reactive_mvar: message.sum.reactive_mvar },
            ],
          },
        });
      case "accepted":
        if (message.letter === "H" && this.#asked?.command.kind === "readHalfHours") {
          this.tell({ kind: "remembered-all", complete: this.#halfHours === message.values[0] });
          return this.#next(now);
        }
        return this.#accepted(message.letter, message.values, now);
      case "refused":
        return this.#refused(message.letter, message.reason, message.detail, now);
      case "calibration":
        if (this.#asked?.command.kind === "readCalibration") this.#constants.push(message);
        return;
      case "diagnosis":
        return;
    }
  }

  #accepted(letter: string, values: readonly number[], now: Mono_ms): void {
    const asked = this.#asked;
    if (asked === null || letter !== LETTERS[asked.command.kind]) return;
    const lines = this.#constants;
    // Told incompletely, or of another channel: the patience runs out and it is said again.
    if (asked.command.kind === "readCalibration" && lines.map(({ channel }) => channel).join() !== "0,1,2,3") return;
    if (asked.command.kind === "calibrate" && values[0] !== asked.command.channel) return;
    this.#next(now, { ok: true, values, lines });
  }

  #identified(identity: Identity, now: Mono_ms): void {
    if (identity.major !== PROTOCOL.major) {
      if (this.#health.kind === "asking")
        this.#health = { ...this.#health, refused: `speaks version ${identity.major}` };
      return;
    }
    const silent = this.#silent;
    this.#silent = null;
    // Another boot has forgotten what it was told last: who asks must know.
    if (silent !== null && (silent.id !== identity.id || silent.boot !== identity.boot))
      for (const { settle } of this.#queue.splice(0)) settle?.(LOST);
    if (this.#asked?.command.kind === "identify") this.#next(now);
    this.#health = { kind: "listening", identity };
    this.tell({
      kind: "found",
      arrived: now,
      identity: {
        device: identity.id,
        boot: identity.boot,
        protocol: `${identity.major}.${identity.minor}`,
        firmware: identity.firmware,
        build: identity.build,
        kinds: identity.kinds,
        capabilities: identity.caps,
        span_mwh: LINK_SPAN_mwh,
      },
    });
    for (const command of this.settings) this.#ask(command, now);
  }

  #refused(letter: string, reason: string, detail: string, now: Mono_ms): void {
    const asked = this.#asked?.command.kind;
    if (letter === "H" && reason === "utc" && asked === "readHalfHours") {
      // A board that was never told the time remembers nothing: no fault of its.
      this.tell({ kind: "remembered-all", complete: true });
      return this.#next(now);
    }
    this.tell({ kind: "fault", arrived: now, fault: `refused-${reason}`, bytes: 0 });
    if (letter === "I" && reason === "version" && this.#health.kind === "asking")
      this.#health = { ...this.#health, refused: `speaks version ${detail}` };
    // What was garbled or came too early: the patience runs out and the command is said again. What never will do ends here.
    const forGood = reason === "form" || reason === "range" || reason === "version";
    if (forGood && asked !== undefined && letter === LETTERS[asked])
      this.#next(now, { ok: false, code: "refused", reason: `the board refuses it: ${reason}` });
  }

  #askAgainWhoItIs(now: Mono_ms): void {
    this.#health = { kind: "asking", refused: null };
    this.over();
    this.#ask({ kind: "identify", ...PROTOCOL }, now);
  }

  /** What somebody waits for waits on; a `Y` is said once, and the meter asks the rest again by itself. */
  #fellSilent(identity: Identity, now: Mono_ms): void {
    const waiting = [this.#asked, ...this.#queue].filter((one) => one !== null);
    const mayWait = ({ command, settle, tries, silences }: Waiting) =>
      settle !== null && silences < SILENCES && !(command.kind === "keep" && tries > 0);
    for (const one of waiting) if (!mayWait(one)) one.settle?.(LOST);
    this.#asked = null;
    this.#queue = waiting
      .filter(mayWait)
      .map(({ command, settle, silences }) => ({ command, settle, tries: 0, silences: silences + 1 }));
    this.#silent = identity;
    this.#health = { kind: "asking", refused: null };
    this.#say({ command: { kind: "identify", ...PROTOCOL }, settle: null, tries: 1, silences: 0, at: now }, now);
  }

  #ask(command: Command, now: Mono_ms, settle: Waiting["settle"] = null): void {
    if (this.#asked === null) return this.#say({ command, settle, tries: 1, silences: 0, at: now }, now);
    if (this.#queue.length >= QUEUE)
      this.#queue
        .shift()
        ?.settle?.({ ok: false, code: "unanswered", reason: "too much is asked of the board at once" });
    this.#queue.push({ command, settle, tries: 0, silences: 0 });
  }

  #say(asked: Asked, now: Mono_ms): void {
    this.#asked = { ...asked, at: now };
    if (asked.command.kind === "readHalfHours") this.#halfHours = 0;
    if (asked.command.kind === "readCalibration") this.#constants = [];
    this.send(encodeCommand(asked.command));
  }

  #next(now: Mono_ms, answer: Answered = { ok: true, values: [], lines: [] }): void {
    this.#asked?.settle?.(answer);
    this.#asked = null;
    const waiting = this.#queue.shift();
    if (waiting !== undefined) this.#say({ ...waiting, at: now, tries: waiting.tries + 1 }, now);
  }
}

function faultName(fault: Fault): string {
  return fault.reason === "unknown" ? "unknown-letter" : `bad-line-${fault.reason}`;
}

function portCounters(counters: Counters): ChannelCounters {
  return {
    import_mwh: counters.importActive_mwh,
    export_mwh: counters.exportActive_mwh,
    import_mvarh: counters.importReactive_mvarh,
    export_mvarh: counters.exportReactive_mvarh,
  };
}
