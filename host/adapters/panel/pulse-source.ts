// A pulse output as a source: pulses become energy, and a report each second of the board's clock. A part of the second board.

import { randomInt } from "node:crypto";
import { Board_ms, type Mono_ms, mulDiv, type Utc_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";
import type { ChannelCounters, Source, SourceEvent } from "../../ports/source.js";
import { type PulseOptions, S0_WIDTH_ms } from "./options.js";
import type { PanelBoard, Part, Ready } from "./panel-board.js";
import { PulseCounter, ticksWithin } from "./pulse-counter.js";
import { PulsePower } from "./pulse-power.js";

/** The only channel: what has no direction counts as import. */
const PULSE_CHANNEL = 1;
const REPORT_EVERY_ms = 1_000;
const MWH_PER_KWH = 1_000_000;
/** Board time is told modulo 2^32 ms. */
const BOARD_SPAN_ms = 2 ** 32;
const BOOTS = 2 ** 32;

export interface PulseSourceParts {
  /** The number of each unbroken time of listening: unique, whenever the program was started. */
  readonly boot?: () => number;
}

interface Listening {
  readonly boot: number;
  readonly base: ChannelCounters;
  readonly counter: PulseCounter;
  readonly power: PulsePower;
  /** Board time of the last tick. */
  now_ms: number;
  /** Board time up to which a report is told. */
  reported_ms: number;
  /** What was told of the counter's faults. */
  spikes: number;
  bounces: number;
}

export class PulseSource implements Source, Part {
  readonly inputs: readonly number[];
  readonly shortest_ms: number;
  readonly #minOn_ms: number;
  readonly #minOff_ms: number;
  readonly #boot: () => number;
  #tell: ((event: SourceEvent) => void) | null = null;
  #listening: Listening | null = null;
  /** Pulses of the times of listening before this one. */
  #before = 0;

  constructor(
    private readonly board: PanelBoard,
    private readonly options: PulseOptions,
    private readonly clock: Clock,
    { boot = () => randomInt(BOOTS) }: PulseSourceParts = {},
  ) {
    this.inputs = [options.pin];
    this.#minOn_ms = options.minOn_ms ?? S0_WIDTH_ms;
    this.#minOff_ms = options.minOff_ms ?? S0_WIDTH_ms;
    this.shortest_ms = Math.min(this.#minOn_ms, this.#minOff_ms);
    this.#boot = boot;
    board.join(this);
  }

  /** All pulses since the program started. */
  get pulses(): number {
    return this.#before + (this.#listening?.counter.count ?? 0);
  }

  start(tell: (event: SourceEvent) => void): void {
    this.#tell = tell;
    this.board.start();
  }

  async stop(): Promise<void> {
    if (this.#tell === null) return;
    const listening = this.#listening;
    // What was counted since the last report would be lost: nobody keeps the count while no program runs.
    if (listening !== null && listening.now_ms > listening.reported_ms) this.#report(listening, listening.now_ms);
    this.#tell = null;
    await this.board.stop();
  }

  /** It remembers nothing, and said so: nothing is missing from what it could tell. */
  remember(_from: Utc_ms): void {
    this.#tell?.({ kind: "remembered-all", complete: true });
  }

  /** Firmata has no clock to set. */
  setUtc(): void {}

  begin({ firmware, protocol, tick_ms }: Ready, on: ReadonlySet<number>): void {
    const counter = new PulseCounter(ticksWithin(this.#minOn_ms, tick_ms), ticksWithin(this.#minOff_ms, tick_ms));
    counter.begin(on.has(this.options.pin));
    const boot = this.#boot();
    const power = new PulsePower(this.options.impPerKwh);
    this.#listening = {
      boot,
      base: this.#counters(),
      counter,
      power,
      now_ms: 0,
      reported_ms: 0,
      spikes: 0,
      bounces: 0,
    };
    const identity = {
      device: `pulses-${this.options.name}`,
      boot,
      protocol: `firmata-${protocol}`,
      firmware,
      build: "",
      kinds: ["none", "pulses"],
      capabilities: [],
      span_mwh: null,
    };
    this.#tell?.({ kind: "found", arrived: this.clock.mono(), identity });
  }

  level(_pin: number, on: boolean): void {
    this.#listening?.counter.level(on);
  }

  tick(board_ms: number): void {
    const listening = this.#listening;
    if (listening === null) return;
    const { counter, power } = listening;
    listening.now_ms = board_ms;
    counter.tick();
    power.counted(counter.count, board_ms);
    if (board_ms - listening.reported_ms < REPORT_EVERY_ms) return;
    listening.reported_ms += REPORT_EVERY_ms;
    this.#report(listening, board_ms);
  }

  lost(reason: string): void {
    this.#before = this.pulses;
    this.#listening = null;
    this.#tell?.({ kind: "lost", arrived: this.clock.mono(), reason });
  }

  #report(listening: Listening, board_ms: number): void {
    const { boot, base, counter, power } = listening;
    const arrived = this.clock.mono();
    const board = Board_ms(board_ms % BOARD_SPAN_ms);
    const counters = this.#counters();
    this.#tell?.({ kind: "report", arrived, board, boot, channel: PULSE_CHANNEL, counters, base });
    const channel = { current_ma: null, active_mw: power.at(board_ms), reactive_mvar: null };
    this.#tell?.({ kind: "power", arrived, power: { frequency_mhz: null, voltage_mv: null, channels: [channel] } });
    this.#fault("pulse-spike", counter.spikes - listening.spikes, arrived);
    this.#fault("pulse-bounce", counter.bounces - listening.bounces, arrived);
    listening.spikes = counter.spikes;
    listening.bounces = counter.bounces;
  }

  #fault(fault: string, bytes: number, arrived: Mono_ms): void {
    if (bytes > 0) this.#tell?.({ kind: "fault", arrived, fault, bytes });
  }

  /** Reckoned from the whole count: nothing is rounded twice. */
  #counters(): ChannelCounters {
    const import_mwh = mulDiv(this.pulses, MWH_PER_KWH, this.options.impPerKwh);
    return { import_mwh, export_mwh: 0, import_mvarh: null, export_mvarh: null };
  }
}
