// The second board: an Arduino with StandardFirmata on a serial port. Opens it, sets the pins of its parts, hands them edges and ticks, and
// goes on after unplugging, another device, a reset. One board serves several pulse inputs and the front panel.
//
//   waiting --due--> opening --open--> asking --Firmata answers, first tick--> ready
//      ^---------------- error, silence, unplugged, started again -----------------'

import type { Mono_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";
import type { PortRefusal } from "../serial-port.js";
import { type Board, type Firmata, type Five, type Loaded, loadFive, Transport } from "./johnny-five.js";
import { type Line, serialLines } from "./serial-line.js";

const BACKOFF_ms = [500, 1_000, 2_000, 5_000, 10_000];
const LOOK_EVERY_ms = 500;
/** From opening to the first tick: an Uno's boot loader takes 2 s of it. */
const ANSWER_PATIENCE_ms = 15_000;
/** A board that does not start when its port is opened does not say its version unasked. */
const ASK_EVERY_ms = 2_000;
/** Who was there for less than this is tried again ever more slowly. */
const STEADY_ms = 60_000;
/** Without a tick for this long it is lost; where the host itself stopped for this long, bytes may have been dropped. */
const SILENCE_ms = 5_000;
/** A board that starts again says nothing for at least this long. */
const STARTING_ms = 500;
/** A5: its reports are the ticks. */
const METRONOME = 5;
const SAMPLING_INTERVAL = 0x7a;
const SLOWEST_TICK_ms = 10;
const FASTEST_TICK_ms = 2;
const PINS_OF_UNO = 20;

/** The board as its parts have it, until it is lost. */
export interface Ready {
  readonly five: Five;
  readonly board: Board;
  readonly firmware: string;
  readonly protocol: string;
  readonly tick_ms: number;
}

/** What is wired to the board. All calls come from the board's turn, in the order in which the board told. */
export interface Part {
  /** Its inputs; each is pulled up, and on when pulled to ground. */
  readonly inputs: readonly number[];
  /** The shortest width that it judges. */
  readonly shortest_ms: number;
  /** Makes its outputs; `on` are the inputs that are on as listening begins. */
  begin(ready: Ready, on: ReadonlySet<number>): void;
  level(pin: number, on: boolean): void;
  /** Another tick: so much time of the board has passed since `begin`. */
  tick(board_ms: number): void;
  lost(reason: string): void;
}

type Heard = { readonly pin: number; readonly on: boolean } | "tick" | "version";

interface Open {
  readonly line: Line;
  readonly transport: Transport;
  readonly io: Firmata;
  readonly attempt: number;
  readonly since: Mono_ms;
  asked: Mono_ms;
}

type State =
  | { readonly kind: "waiting"; readonly until: Mono_ms; readonly attempt: number }
  | { readonly kind: "opening"; readonly attempt: number }
  | ({ readonly kind: "asking"; pins: { ready: Ready; on: Set<number> } | null } & Open)
  | ({ readonly kind: "ready"; readonly tick_ms: number; ticks: number; heard: Mono_ms } & Open);

export interface PanelBoardParts {
  readonly open?: (path: string) => Promise<Line | PortRefusal>;
  readonly load?: () => Promise<Loaded>;
}

export class PanelBoard {
  #state: State;
  #users = 0;
  #stopLooking: () => void = () => {};
  #refusal: PortRefusal | null = null;
  #looked: Mono_ms;
  readonly #parts: Part[] = [];
  /** What the board told within one read; taken when firmata-io is done with it. */
  #told: Heard[] = [];
  readonly #open: (path: string) => Promise<Line | PortRefusal>;
  readonly #load: () => Promise<Loaded>;

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    { open = serialLines(), load = loadFive }: PanelBoardParts = {},
  ) {
    this.#open = open;
    this.#load = load;
    this.#looked = clock.mono();
    this.#state = { kind: "waiting", until: this.#looked, attempt: 0 };
  }

  /** Why the port is not open, with what to do about it; null while it is. */
  get refusal(): PortRefusal | null {
    return this.#refusal;
  }

  /** Wires a part to it; before any of them starts. */
  join(part: Part): void {
    this.#parts.push(part);
  }

  /** Each part starts it; it runs until the last has stopped it. */
  start(): void {
    if (this.#users++ > 0) return;
    this.#looked = this.clock.mono();
    this.#stopLooking = this.clock.every(LOOK_EVERY_ms, () => this.#look());
    this.#look();
  }

  async stop(): Promise<void> {
    if (--this.#users > 0) return;
    this.#stopLooking();
    const state = this.#state;
    this.#state = { kind: "waiting", until: this.clock.mono(), attempt: 0 };
    if (state.kind === "asking" || state.kind === "ready") await closed(state);
  }

  #look(): void {
    const now = this.clock.mono();
    const stood_ms = now - this.#looked;
    this.#looked = now;
    const state = this.#state;
    if (state.kind === "opening") return;
    if (state.kind === "waiting") {
      if (now >= state.until) void this.#begin(state.attempt);
      return;
    }
    const gone = state.line.vanished();
    if (gone !== null) return this.#lost("unplugged", gone);
    if (state.kind === "ready") {
      if (stood_ms > SILENCE_ms) this.#lost("stood-still", "this program stopped for more than 5 s");
      else if (now - state.heard > SILENCE_ms) this.#lost("silent", "no tick for 5 s");
      return;
    }
    if (now - state.since > ANSWER_PATIENCE_ms) return this.#lost("silent", "no StandardFirmata answers");
    if (now - state.asked < ASK_EVERY_ms || state.io.versionReceived) return;
    state.asked = now;
    state.io.reportVersion(() => {});
    state.io.queryFirmware(() => {});
  }

  async #begin(attempt: number): Promise<void> {
    this.#state = { kind: "opening", attempt };
    const loaded = await this.#load();
    const line = await this.#open(this.path);
    if ("code" in line) {
      this.#refusal = line;
      return this.#lost(line.code, line.reason);
    }
    if (this.#users === 0) return line.close();
    this.#refusal = null;
    const transport = new Transport((bytes, done) => line.send(bytes, done));
    line.listen(
      (bytes) => this.#received(transport, bytes),
      (reason) => {
        if (this.#of(transport)) this.#lost("unplugged", reason);
      },
    );
    const io = loaded.firmata(transport, ASK_EVERY_ms);
    io.setMaxListeners(0);
    io.on("error", () => {});
    io.once("ready", () => void loaded.board(io).then((board) => this.#wire(transport, loaded.five, board)));
    const now = this.clock.mono();
    this.#state = { kind: "asking", line, transport, io, attempt, since: now, asked: now, pins: null };
  }

  /** Firmata has told its pins: inputs first, all of one port, then what reports them, at last the metronome. */
  #wire(transport: Transport, five: Five, board: Board): void {
    const state = this.#state;
    if (state.kind !== "asking" || !this.#of(transport)) return;
    const { io } = state;
    if (io.pins.length < PINS_OF_UNO) return this.#lost("not-an-uno", `it has ${io.pins.length} pins`);
    const { major, minor } = io.version;
    const inputs = this.#parts.flatMap((part) => part.inputs);
    const tick_ms = tickOf(Math.min(...this.#parts.map((part) => part.shortest_ms)), major > 2 || minor >= 5);
    state.pins = {
      ready: { five, board, firmware: io.firmware.name ?? "", protocol: `${major}.${minor}`, tick_ms },
      on: new Set(),
    };
    for (const pin of inputs) board.pinMode(pin, io.MODES.INPUT);
    for (const pin of inputs) board.digitalWrite(pin, 1);
    const high = new Set(inputs);
    for (const pin of inputs)
      board.digitalRead(pin, (value) => {
        const on = value === 0;
        if (on === !high.has(pin)) return;
        if (on) high.delete(pin);
        else high.add(pin);
        this.#told.push({ pin, on });
      });
    board.sysexCommand([SAMPLING_INTERVAL, tick_ms, 0]);
    board.analogRead(METRONOME, () => void this.#told.push("tick"));
    io.on("reportversion", () => void this.#told.push("version"));
  }

  #received(transport: Transport, bytes: Uint8Array): void {
    if (!this.#of(transport)) return;
    const understood = transport.receive(bytes);
    const told = this.#told;
    this.#told = [];
    for (const one of told) {
      if (!this.#of(transport)) return;
      this.#take(one);
    }
    if (!understood && this.#of(transport)) this.#lost("garbage", "its bytes are no Firmata");
  }

  #take(heard: Heard): void {
    const state = this.#state;
    if (state.kind === "asking") {
      if (state.pins === null) return;
      const { ready, on } = state.pins;
      if (heard === "version") return;
      if (heard !== "tick") return void (heard.on ? on.add(heard.pin) : on.delete(heard.pin));
      const { pins: _, ...open } = state;
      const { tick_ms } = ready;
      this.#state = { ...open, kind: "ready", tick_ms, ticks: 0, heard: this.clock.mono() };
      for (const part of this.#parts) part.begin(ready, on);
      return;
    }
    if (state.kind !== "ready") return;
    if (heard === "version") {
      // It may be the late answer to a question. A board that has started again is silent first, and then says its version.
      if (this.clock.mono() - state.heard > STARTING_ms) this.#lost("reset", "the board has started again");
      return;
    }
    if (heard !== "tick") {
      for (const part of this.#parts) if (part.inputs.includes(heard.pin)) part.level(heard.pin, heard.on);
      return;
    }
    state.heard = this.clock.mono();
    state.ticks++;
    const board_ms = state.ticks * state.tick_ms;
    for (const part of this.#parts) part.tick(board_ms);
  }

  #of(transport: Transport): boolean {
    const state = this.#state;
    return (state.kind === "asking" || state.kind === "ready") && state.transport === transport;
  }

  #lost(code: string, reason: string): void {
    const state = this.#state;
    const now = this.clock.mono();
    const isOpen = state.kind === "asking" || state.kind === "ready";
    const attempt = isOpen && now - state.since > STEADY_ms ? 0 : state.attempt + 1;
    const wait_ms = BACKOFF_ms[Math.min(attempt, BACKOFF_ms.length - 1)] ?? 10_000;
    this.#state = { kind: "waiting", until: (now + wait_ms) as Mono_ms, attempt };
    if (isOpen) void closed(state);
    if (this.#users > 0) for (const part of this.#parts) part.lost(`${code}: ${reason}`);
  }
}

/** So many ticks fall into the shortest width that holding it can be proved, where the board's Firmata allows it. */
function tickOf(shortest_ms: number, fine: boolean): number {
  if (!fine) return SLOWEST_TICK_ms;
  return Math.min(SLOWEST_TICK_ms, Math.max(FASTEST_TICK_ms, Math.floor(shortest_ms / 3)));
}

async function closed({ line, io }: Open): Promise<void> {
  clearTimeout(io.reportVersionTimeoutId);
  await line.close();
}
