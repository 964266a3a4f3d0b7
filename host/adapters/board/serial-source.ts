// A board on a serial port. Survives unplugging, noise, resets, a busy port and floods: it reopens with back-off, by the USB serial
// number where there is one, and never gives up until it is stopped.

import { ReadlineParser } from "@serialport/parser-readline";
import type { Board_ms, Mono_ms, Utc_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";
import type { Source, SourceEvent } from "../../ports/source.js";
import { BOARD_LINE_MAX } from "../../wire/board/line.js";
import type { Command } from "../../wire/board/messages.js";
import { type OpenPort, openPort, type PortRefusal, serialNumberOf } from "../serial-port.js";
import { type Answered, Conversation, unheard } from "./conversation.js";
import { LineGuard } from "./line-guard.js";

const BAUD = 38_400;
const BACKOFF_ms = [500, 1_000, 2_000, 5_000, 10_000];

type State =
  | { readonly kind: "waiting"; readonly until: Mono_ms; readonly attempt: number }
  | { readonly kind: "opening"; readonly attempt: number }
  | { readonly kind: "open"; readonly port: OpenPort; readonly talk: Conversation };

export class SerialSource implements Source {
  #state: State;
  #tell: (event: SourceEvent) => void = () => {};
  #stopSeconds: () => void = () => {};
  #stopped = false;
  #serialNumber: string | null = null;
  #refusal: PortRefusal | null = null;

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    private readonly settings: readonly Command[] = [],
  ) {
    this.#state = { kind: "waiting", until: clock.mono(), attempt: 0 };
  }

  /** Why the port is not open, with what to do about it; null while it is. */
  get refusal(): PortRefusal | null {
    return this.#refusal;
  }

  /** What a board of another major version says of itself, where one answered. */
  get otherVersion(): string | null {
    const health = this.#state.kind === "open" ? this.#state.talk.health : null;
    return health?.kind === "asking" ? health.refused : null;
  }

  start(tell: (event: SourceEvent) => void): void {
    this.#tell = tell;
    this.#stopSeconds = this.clock.every(500, () => this.#second());
    this.#second();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopSeconds();
    if (this.#state.kind !== "open") return;
    this.#state.talk.over();
    await this.#state.port.close();
  }

  remember(from: Utc_ms): void {
    if (this.#state.kind === "open") this.#state.talk.remember(from, this.clock.mono());
  }

  setUtc(utc: Utc_ms, board: Board_ms, rate_ppb: number): void {
    if (this.#state.kind === "open") this.#state.talk.setUtc(utc, board, rate_ppb, this.clock.mono());
  }

  /** Says a command to the board; what became of it, by this clock at most some seconds later. */
  command(command: Command): Promise<Answered> {
    return this.#state.kind === "open" ? this.#state.talk.request(command, this.clock.mono()) : unheard();
  }

  #second(): void {
    const now = this.clock.mono();
    const state = this.#state;
    if (this.#stopped || state.kind === "opening") return;
    if (state.kind === "waiting") {
      if (now >= state.until) void this.#open(state.attempt);
      return;
    }
    const vanished = state.port.vanished();
    if (vanished !== null) {
      this.#lost("unplugged", vanished);
      void state.port.close();
      return;
    }
    state.talk.second(now);
    if (!state.talk.alive(now)) {
      this.#lost("silent", "no valid line for 20 s");
      void state.port.close();
    }
  }

  async #open(attempt: number): Promise<void> {
    this.#state = { kind: "opening", attempt };
    const opened = await openPort(this.path, this.#serialNumber, { baudRate: BAUD });
    if ("code" in opened) {
      if (this.#stopped) return;
      this.#refusal = opened;
      return this.#lost(opened.code, opened.reason, attempt + 1);
    }
    if (this.#stopped) return opened.close();
    this.#refusal = null;
    this.#serialNumber ??= await serialNumberOf(opened.path);
    if (this.#stopped) return opened.close();
    this.#listen(opened);
  }

  #listen(opened: OpenPort): void {
    const { port } = opened;
    const now = () => this.clock.mono();
    const talk = new Conversation(
      // A line that cannot be written is a line lost: the answer is missed and asked for again.
      (line) => void port.write(line, "latin1", () => {}),
      (event) => this.#tell(event),
      now(),
      this.settings,
    );
    this.#state = { kind: "open", port: opened, talk };
    const guard = new LineGuard(BOARD_LINE_MAX, (bytes) => talk.noise(bytes, now()));
    port
      .pipe(guard)
      .pipe(new ReadlineParser({ delimiter: "\n", encoding: "latin1" }))
      .on("data", (text: string) => talk.line(text, now()));
    opened.whenOver((reason) => {
      if (this.#state.kind === "open" && this.#state.port === opened) this.#lost("unplugged", reason);
    });
  }

  #lost(code: string, reason: string, attempt = 0): void {
    const arrived = this.clock.mono();
    if (this.#state.kind === "open") this.#state.talk.over();
    const wait_ms = BACKOFF_ms[Math.min(attempt, BACKOFF_ms.length - 1)] ?? 10_000;
    this.#state = { kind: "waiting", until: (arrived + wait_ms) as Mono_ms, attempt };
    if (!this.#stopped) this.#tell({ kind: "lost", arrived, reason: `${code}: ${reason}` });
  }
}
