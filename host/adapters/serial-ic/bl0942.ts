// Metering with a BL0942: set to count both ways, read back at every poll, its wrapping signed count turned into import and export by the
// sign of what each poll adds (docs/spec/serial-ics.md).

import { Mono_ms } from "../../ledger/units.js";
import {
  algebraicMode,
  BL0942_CF_CNT,
  BL0942_MODE,
  BL0942_UNPROTECTED,
  BL0942_WRITE_PROTECTION,
  type Bl0942Answer,
  type Bl0942Packet,
  type Bl0942Question,
  encodeBl0942Request,
  isAbsolute,
  splitBl0942Answers,
} from "../../wire/ics/bl0942.js";
import { type Driver, type IcRefusal, type Outlet, PAIR_SLACK_ms, POLL_ms, powerOf, STEP_SLACK_ms } from "./driver.js";
import { SERIAL_IC_FACTS, type SerialIcOptions } from "./options.js";
import { Questions } from "./questions.js";
import { type Bl0942Scales, bl0942Scales, mostCounts, nearest } from "./scales.js";
import { Tally } from "./tally.js";

const SPAN = 2 ** 24;
/** How often a chip is told how to count before it is refused. */
const TRIES = 3;
/** After it was told: what it counts is worth something only once it is read back. */
const SOON_ms = 100;

interface Counted {
  readonly count: number;
  readonly at: Mono_ms;
}

export class Bl0942Driver implements Driver {
  readonly firmware = "-";
  readonly #ask: Questions<Bl0942Question, Bl0942Answer>;
  readonly #address: number;
  readonly #most_w: number;
  readonly #scales: Bl0942Scales;
  readonly #tally: Tally;
  #next: Mono_ms = Mono_ms(0);
  #tries = 0;
  /** What the chip was last seen to do; null before the first look. */
  #counts: "both" | "magnitude" | null = null;
  #believed: Counted | null = null;

  constructor(
    private readonly options: SerialIcOptions & { readonly ic: "bl0942" },
    boot: number,
    private readonly out: Outlet,
  ) {
    this.#address = options.address ?? 0;
    this.#most_w = options.most_w ?? SERIAL_IC_FACTS.bl0942.most_w;
    this.#scales = bl0942Scales(options);
    this.#tally = new Tally(boot, this.#scales.energy_mwh);
    this.#ask = new Questions<Bl0942Question, Bl0942Answer>(
      (question) => out.send(encodeBl0942Request(question, this.#address)),
      (question, bytes) => splitBl0942Answers(question, this.#address, bytes),
      (fault, bytes, at) => out.say({ kind: "fault", at, fault, bytes }),
    );
  }

  opened(now: Mono_ms): void {
    this.#ask.forget();
    this.#tries = 0;
    this.#next = now;
  }

  received(bytes: Uint8Array, now: Mono_ms): void {
    this.#ask.received(bytes, now);
  }

  tick(now: Mono_ms): void {
    this.#ask.tick(now);
    if (!this.#ask.idle || now < this.#next) return;
    this.#next = Mono_ms(Math.max(this.#next + POLL_ms, now + POLL_ms / 2));
    this.#poll(now);
  }

  /** The mode is read last: a chip that was reset at any time before shows it. */
  #poll(now: Mono_ms): void {
    this.#ask.ask({ kind: "packet" }, now, (packet, first) => {
      if (packet.kind !== "packet") return;
      this.#register(BL0942_CF_CNT, first, (count, second) =>
        this.#register(BL0942_MODE, second, (mode, last) =>
          this.#polled(packet, first, { count, at: second }, mode, last),
        ),
      );
    });
  }

  #register(register: number, now: Mono_ms, then: (value: number, now: Mono_ms) => void): void {
    this.#ask.ask({ kind: "register", register }, now, (answer, at) => {
      if (answer.kind === "register") then(answer.value, at);
    });
  }

  #polled(packet: Bl0942Packet, at: Mono_ms, again: Counted, mode: number, now: Mono_ms): void {
    const wanted = algebraicMode(mode);
    const magnitude = isAbsolute(mode) && this.#mayCountMagnitudes(mode);
    if (mode !== wanted && !magnitude) return this.#wrong(mode, now);
    const counts = magnitude ? "magnitude" : "both";
    if (this.#counts !== counts) this.#believed = null;
    this.#counts = counts;
    this.#tries = magnitude ? TRIES : 0;
    this.#count({ count: packet.count, at }, again, counts, packet);
  }

  /** Once it could not be set: the rest of its setting must be right all the same. */
  #mayCountMagnitudes(mode: number): boolean {
    return this.options.withoutDirection === true && this.#tries >= TRIES && algebraicMode(mode) === (mode & ~0x80);
  }

  /** Two answers of one mode, or it is damage. */
  #wrong(mode: number, now: Mono_ms): void {
    this.#register(BL0942_MODE, now, (again, at) => {
      if (again === mode) this.#set(algebraicMode(mode), at);
      else this.out.say({ kind: "fault", at, fault: "disagree", bytes: 0 });
    });
  }

  #set(mode: number, now: Mono_ms): void {
    if (this.#counts !== null) {
      this.out.say({ kind: "fault", at: now, fault: "reset", bytes: 0 });
      this.#tally.restart();
    }
    this.#counts = null;
    if (this.#tries >= TRIES) return this.out.say({ kind: "refused", at: now, refusal: UNSETTABLE });
    this.#tries++;
    const writes = [
      [BL0942_WRITE_PROTECTION, BL0942_UNPROTECTED],
      [BL0942_MODE, mode],
      [BL0942_WRITE_PROTECTION, 0],
    ] as const;
    for (const [register, value] of writes)
      this.out.send(encodeBl0942Request({ kind: "write", register, value }, this.#address));
    this.#next = Mono_ms(now + SOON_ms);
  }

  #count(now: Counted, again: Counted, counts: "both" | "magnitude", packet: Bl0942Packet): void {
    const fault = (name: string) => this.out.say({ kind: "fault", at: now.at, fault: name, bytes: 0 });
    if (Math.abs(signed(again.count - now.count)) > this.#most(again.at - now.at + PAIR_SLACK_ms))
      return fault("disagree");
    if (this.#believed !== null) {
      const step = now.count - this.#believed.count;
      const flow = counts === "both" ? signed(step) : unsigned(step);
      const most = this.#most(now.at - this.#believed.at + STEP_SLACK_ms);
      // After so long a gap the count may have gone round: neither how much flowed nor which way can be told.
      const certain = most < (counts === "both" ? SPAN / 2 : SPAN);
      if (certain && Math.abs(flow) <= most) this.#tally.add(flow);
      else {
        fault("rebase");
        this.#tally.restart();
      }
    }
    this.#believed = now;
    const { boot, counters, base } = this.#tally;
    this.out.say({ kind: "reading", at: now.at, boot, counters, base, power: this.#powerOf(packet, counts) });
  }

  #most(elapsed_ms: number): number {
    return mostCounts(this.#most_w, elapsed_ms, this.#scales.energy_mwh);
  }

  #powerOf({ current, voltage, watt, period }: Bl0942Packet, counts: "both" | "magnitude") {
    const { voltage_mv, current_ma, power_mw } = this.#scales;
    return powerOf(
      period === 0 ? null : Math.round(1e9 / period),
      nearest(voltage, voltage_mv),
      nearest(current, current_ma),
      nearest(counts === "both" ? watt : Math.abs(watt), power_mw),
      null,
    );
  }
}

const UNSETTABLE: IcRefusal = {
  code: "ic-absolute",
  reason: "the BL0942 counts export as import and does not let itself be set otherwise",
  next: "connect the host's transmit line to the chip (its RX pin); or give the source a role without direction",
};

/** The difference of two 24-bit counts: the one of smaller magnitude. */
function signed(difference: number): number {
  const over = unsigned(difference);
  return over >= SPAN / 2 ? over - SPAN : over;
}

function unsigned(difference: number): number {
  return ((difference % SPAN) + SPAN) % SPAN;
}
