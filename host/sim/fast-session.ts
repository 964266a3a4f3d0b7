// One boot of the fast board: windows to counters, seconds to reports, commands to answers; everything that a power cut
// takes away. What outlives it is in the store. Semantics: docs/spec/link.md.
import { encodeMessage } from "../wire/board/from-board.js";
import type { BoardMessage, Channel, Command, Counters } from "../wire/board/messages.js";
import { decodeCommand } from "../wire/board/to-board.js";
import { FastCounters, FastRing, gate_mw, U32 } from "./fast-counters.js";
import type { FastStore } from "./fast-store.js";
import type { FastWindows } from "./fast-windows.js";
import type { MainsCycle } from "./mains-cycle.js";
import type { Settings, Slot } from "./settings-slot.js";

/** Half hours remembered, as many as the firmware's. */
const RING = 25;
const CYCLES_PER_US = 16;
const CHANNELS = [1, 2, 3, 4] as const;
/** What it says of its stack, which it has not. */
const STACK_FREE = 300;

export class FastSession {
  readonly #counters: FastCounters;
  readonly #ring = new FastRing(RING);
  #settings: Settings;
  #slot: Slot;
  #gate = 0;
  #board_us = 0;
  #utc_us: number | null = null;
  #rate_ppb = 0;
  #rest_us = 0;
  #seq = 0;
  #received = "";
  #rxBad = 0;
  #rxUnknown = 0;
  /** Length-weighted sums since the last `P`: frequency, voltage, then current, power, reactive of clamps, then the sum's. */
  readonly #means = new Float64Array(13);
  #means_us = 0;

  constructor(
    private readonly store: FastStore,
    private readonly windows: FastWindows,
    private readonly start_cycles: number,
    private readonly cause: number,
    private readonly reportEvery_s: number,
    private readonly write: (text: string) => void,
  ) {
    this.#counters = new FastCounters(store.base_mwh);
    this.#settings = store.settings;
    this.#slot = store.slot;
    this.#gate = gate_mw(this.#settings.cycles);
  }

  /** The largest part of a window, up to 5 cycles, that fills it without remainder. */
  get grain_cycles(): number {
    const { cycles } = this.#settings;
    return [5, 4, 3, 2].find((grain) => cycles % grain === 0 && cycles > grain) ?? 1;
  }

  /** A cycle passed that ended at `end_cycles` of the resonator. */
  live(cycle: MainsCycle, end_cycles: number): void {
    this.windows.add(cycle);
    if (this.windows.cycles < this.#settings.cycles) return;
    this.windows.close(this.#settings.channels, this.#settings.mask);
    const board_us = Math.floor((end_cycles - this.start_cycles) / CYCLES_PER_US);
    const length_us = board_us - this.#board_us;
    this.#board_us = board_us;
    this.#rest_us += (length_us * this.#rate_ppb) / 1e9;
    const whole_us = Math.trunc(this.#rest_us);
    this.#rest_us -= whole_us;
    this.#window(length_us + whole_us);
  }

  receive(bytes: Uint8Array): void {
    this.#received += Buffer.from(bytes).toString("latin1");
    for (let end = this.#received.indexOf("\n"); end >= 0; end = this.#received.indexOf("\n")) {
      const line = this.#received.slice(0, end + 1);
      this.#received = this.#received.slice(end + 1);
      this.#obey(line);
    }
    // A line of any length is one line too long.
    if (this.#received.length > 64) this.#received = this.#received.slice(0, 65);
  }

  #window(true_us: number): void {
    const edge_us = this.#ring.edge_s * 1e6;
    if (this.#utc_us !== null && edge_us > 0 && this.#utc_us + true_us >= edge_us) {
      const before_us = Math.max(0, edge_us - this.#utc_us);
      this.#flow(before_us);
      this.#ring.close(this.#counters.mwh);
      this.#flow(true_us - before_us);
    } else this.#flow(true_us);
    if (this.#utc_us !== null) this.#utc_us += true_us;
    this.#counters.judge(true_us);
    this.#mean(true_us);
    const second = Math.floor(this.#board_us / 1e6);
    if (second > this.#seq) this.#second(second);
  }

  #flow(true_us: number): void {
    const { power_mw, reactive_mvar } = this.windows.reading;
    for (let at = 0; at < 4; at++) {
      this.#counters.flow(2 * at, power_mw[at]!, true_us, this.#gate);
      this.#counters.flow(2 * at + 1, reactive_mvar[at]!, true_us, this.#gate);
    }
  }

  #mean(true_us: number): void {
    const { frequency_hz, voltage_v, current_a, power_mw, reactive_mvar } = this.windows.reading;
    const means = this.#means;
    this.#means_us += true_us;
    means[0]! += frequency_hz * true_us;
    means[1]! += voltage_v * true_us;
    for (let at = 0; at < 4; at++) {
      if (at < 3) means[2 + 3 * at]! += current_a[at]! * true_us;
      means[at < 3 ? 3 + 3 * at : 11]! += power_mw[at]! * true_us;
      means[at < 3 ? 4 + 3 * at : 12]! += reactive_mvar[at]! * true_us;
    }
  }

  #second(second: number): void {
    this.#seq = second;
    this.store.follow(this.#counters.mwh);
    const moment = { seq: second, t_ms: this.#t_ms() };
    if (second % this.reportEvery_s === 0) {
      let text = "";
      for (const channel of CHANNELS) {
        const counters = fourOf(this.#counters.mwh, channel);
        const base = fourOf(this.store.base_mwh, channel);
        text += encodeMessage({ kind: "report", ...moment, boot: this.store.boot, channel, counters, base });
      }
      this.write(text + encodeMessage(this.#power(moment)));
    }
    if (second % (10 * this.reportEvery_s) === 0) this.#say(this.#diagnosis());
  }

  #power(moment: { seq: number; t_ms: number }): BoardMessage {
    const mean = (at: number, scale: number) => Math.round((this.#means[at]! / this.#means_us) * scale);
    const clamp = (at: number) => ({
      current_ma: mean(at, 1000),
      power_mw: mean(at + 1, 1),
      reactive_mvar: mean(at + 2, 1),
    });
    const message: BoardMessage = {
      kind: "power",
      ...moment,
      frequency_mhz: mean(0, 1000),
      voltage_mv: mean(1, 1000),
      clamps: [clamp(2), clamp(5), clamp(8)],
      sum: { power_mw: mean(11, 1), reactive_mvar: mean(12, 1) },
    };
    this.#means.fill(0);
    this.#means_us = 0;
    return message;
  }

  #diagnosis(): BoardMessage {
    return {
      kind: "diagnosis",
      seq: this.#seq,
      t_ms: this.#t_ms(),
      rxBad: this.#rxBad,
      rxUnknown: this.#rxUnknown,
      lost: 0,
      creep: this.#counters.creep,
      eeprom: this.store.records,
      resetCause: this.cause,
      stackFree: STACK_FREE,
      utcKnown: this.#utc_us !== null,
    };
  }

  #obey(line: string): void {
    const command = decodeCommand(line);
    if (command.kind !== "fault") return this.#do(command);
    if (command.reason === "unknown") {
      this.#rxUnknown++;
      return;
    }
    this.#refuse(command.letter, command.reason);
  }

  #do(command: Command): void {
    switch (command.kind) {
      case "identify":
        return this.#identify(command.major);
      case "utc":
        return this.#setUtc(command);
      case "window":
        this.#settings = { ...this.#settings, cycles: command.cycles };
        this.#gate = gate_mw(command.cycles);
        return this.#accept("W", command.cycles);
      case "clampSet":
        this.#settings = { ...this.#settings, mask: command.mask };
        return this.#accept("S", command.mask);
      case "calibrate": {
        const { kind: _, ...calibration } = command;
        const channels = this.#settings.channels.map((old) => (old.channel === command.channel ? calibration : old));
        this.#settings = { ...this.#settings, channels };
        return this.#accept("K", command.channel);
      }
      case "keep":
        this.#slot = this.store.keep(this.#settings);
        return this.#accept("Y", this.#slot);
      case "readCalibration":
        for (const channel of this.#settings.channels) this.#say({ kind: "calibration", slot: this.#slot, ...channel });
        return this.#accept("C", this.#slot, this.#settings.cycles, this.#settings.mask);
      case "readHalfHours":
        return this.#remember(command.from_s);
    }
  }

  #identify(major: number): void {
    if (major !== 1) return this.#refuse("I", "version", "1.1");
    this.#say({
      kind: "identity",
      major: 1,
      minor: 1,
      firmware: "0.2.0-fast",
      build: "00000000",
      id: this.store.id.toString(16).padStart(8, "0"),
      boot: this.store.boot,
      kinds: ["v", "ct", "ct", "ct", "sum"],
      caps: [`ring${RING}`, "sum", "slope"],
    });
    this.#say(this.#diagnosis());
  }

  #setUtc(command: Extract<Command, { kind: "utc" }>): void {
    this.#rate_ppb = command.rate_ppb;
    this.#rest_us = 0;
    const since_us =
      (((this.#t_ms() - command.t_ms) << 0) * 1000 + (this.#board_us % 1000)) * (1 + command.rate_ppb / 1e9);
    const now_us = command.utc_s * 1e6 + command.ms * 1000 + Math.trunc(since_us);
    if (this.#utc_us === null || Math.abs(now_us - this.#utc_us) > 2e6) this.#ring.empty(Math.floor(now_us / 1e6));
    this.#utc_us = now_us;
    this.#accept("U");
  }

  #remember(from_s: number): void {
    if (this.#utc_us === null) return this.#refuse("H", "utc");
    const ends = this.#ring.after(from_s);
    for (const { end_s, mwh } of ends) {
      for (const channel of CHANNELS) {
        this.#say({ kind: "remembered", end_s, boot: this.store.boot, channel, counters: fourOf(mwh, channel) });
      }
    }
    this.#accept("H", 4 * ends.length);
  }

  #t_ms(): number {
    return Math.floor(this.#board_us / 1000) % U32;
  }

  #say(message: BoardMessage): void {
    this.write(encodeMessage(message));
  }

  #accept(letter: Extract<BoardMessage, { kind: "accepted" }>["letter"], ...values: number[]): void {
    this.#say({ kind: "accepted", letter, values });
  }

  #refuse(letter: string, reason: string, detail = ""): void {
    this.#rxBad++;
    this.#say({ kind: "refused", letter, reason, detail });
  }
}

function fourOf(mwh: ArrayLike<number>, channel: Channel): Counters {
  const at = 4 * (channel - 1);
  return {
    importActive_mwh: mwh[at]! % U32,
    exportActive_mwh: mwh[at + 1]! % U32,
    importReactive_mvarh: mwh[at + 2]! % U32,
    exportReactive_mvarh: mwh[at + 3]! % U32,
  };
}
