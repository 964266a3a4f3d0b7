// Metering with an MCP39F511A: the chip's own registers of import and export, read twice a poll, and its setting beside them
// (docs/spec/serial-ics.md).

import { Mono_ms } from "../../ledger/units.js";
import type { ChannelCounters } from "../../ports/source.js";
import {
  decodeMcp39Energies,
  decodeMcp39Power,
  encodeMcp39Question,
  MCP39_CONTROL,
  MCP39_COUNT,
  MCP39_ENERGY,
  MCP39_INTERVAL,
  MCP39_POWER,
  type Mcp39Answer,
  type Mcp39Power,
  type Mcp39Question,
  splitMcp39Answers,
} from "../../wire/ics/mcp39f511a.js";
import {
  BEHIND_MAX,
  type Driver,
  type IcRefusal,
  type Outlet,
  PAIR_SLACK_ms,
  POLL_ms,
  powerOf,
  STEP_SLACK_ms,
} from "./driver.js";
import { SERIAL_IC_FACTS, type SerialIcOptions } from "./options.js";
import { Questions } from "./questions.js";
import { mostCounts } from "./scales.js";

/** The accumulation interval with which the energy registers are right (docs/spec/serial-ics.md). */
const INTERVAL = 2;
const TRIES = 3;
/** More than any meter counts in its life: the ledger keeps µWh as safe integers. */
const MOST_mwh = 2n ** 43n;
const MWH = { num: 1n, den: 1n };
const ZERO: ChannelCounters = { import_mwh: 0, export_mwh: 0, import_mvarh: 0, export_mvarh: 0 };

interface Counted {
  readonly counters: ChannelCounters;
  readonly at: Mono_ms;
}

export class Mcp39f511aDriver implements Driver {
  readonly #ask: Questions<Mcp39Question, Mcp39Answer>;
  readonly #most_w: number;
  #version: number | null = null;
  #next: Mono_ms = Mono_ms(0);
  #intervalKnown = false;
  #offs = 0;
  /** It was off since the believed poll: what flowed then is in no register. */
  #wasOff = false;
  #behind = 0;
  #boot: number;
  /** Where a chip began anew in this process: 0, or what it showed when it was switched on; not known before. */
  #base: ChannelCounters | null = null;
  #believed: Counted | null = null;

  constructor(
    options: SerialIcOptions & { readonly ic: "mcp39f511a" },
    boot: number,
    private readonly out: Outlet,
  ) {
    this.#boot = boot;
    this.#most_w = options.most_w ?? SERIAL_IC_FACTS.mcp39f511a.most_w;
    this.#ask = new Questions<Mcp39Question, Mcp39Answer>(
      (question) => out.send(encodeMcp39Question(question)),
      splitMcp39Answers,
      (fault, bytes, at) => this.#fault(fault, at, bytes),
    );
  }

  get firmware(): string {
    return this.#version === null ? "-" : this.#version.toString(16).padStart(4, "0");
  }

  opened(now: Mono_ms): void {
    this.#ask.forget();
    this.#intervalKnown = false;
    this.#offs = 0;
    this.#next = now;
  }

  received(bytes: Uint8Array, now: Mono_ms): void {
    this.#ask.received(bytes, now);
  }

  tick(now: Mono_ms): void {
    this.#ask.tick(now);
    if (!this.#ask.idle || now < this.#next) return;
    this.#next = Mono_ms(Math.max(this.#next + POLL_ms, now + POLL_ms / 2));
    if (this.#intervalKnown) this.#poll(now);
    else this.#read(MCP39_INTERVAL, now, (data, at) => this.#interval((data[0] ?? 0) | ((data[1] ?? 0) << 8), at));
  }

  #interval(interval: number, now: Mono_ms): void {
    if (interval !== INTERVAL) return this.out.say({ kind: "refused", at: now, refusal: intervalRefusal(interval) });
    this.#intervalKnown = true;
    this.#poll(now);
  }

  #poll(now: Mono_ms): void {
    this.#read(MCP39_CONTROL, now, (control, asked) => {
      if (isOff(control)) return this.#off(asked);
      this.#offs = 0;
      this.#read(MCP39_POWER, asked, (power, known) =>
        this.#read(MCP39_ENERGY, known, (first, at) =>
          this.#read(MCP39_ENERGY, at, (second, again) =>
            this.#polled(decodeMcp39Power(power), first, at, second, again),
          ),
        ),
      );
    });
  }

  #read(question: Mcp39Question, now: Mono_ms, then: (data: Uint8Array, now: Mono_ms) => void): void {
    this.#ask.ask(question, now, (answer, at) => {
      if (answer.kind === "data") then(answer.data, at);
      else this.#fault(answer.kind, at);
    });
  }

  /** Two answers that say so, or it is damage. */
  #off(now: Mono_ms): void {
    this.#read(MCP39_CONTROL, now, (again, at) => (isOff(again) ? this.#switchOn(at) : this.#fault("disagree", at)));
  }

  /** A chip that does not accumulate would show the same counters for ever. */
  #switchOn(now: Mono_ms): void {
    this.#fault("off", now);
    this.#wasOff = true;
    if (++this.#offs > TRIES) return this.out.say({ kind: "refused", at: now, refusal: NOT_COUNTING });
    this.#ask.ask(MCP39_COUNT, now, (answer, at) => {
      if (answer.kind !== "ack") this.#fault(answer.kind, at);
    });
  }

  #polled(power: Mcp39Power | null, first: Uint8Array, at: Mono_ms, second: Uint8Array, again: Mono_ms): void {
    const one = countersOf(first);
    const two = countersOf(second);
    if (power === null || one === null || two === null) return this.#fault("range", at);
    if (!this.#follows(one, two, again - at + PAIR_SLACK_ms)) return this.#fault("disagree", at);
    if (this.#believed !== null && fell(this.#believed.counters, one)) {
      const behind = fellAtMost(mostCounts(this.#most_w, PAIR_SLACK_ms, MWH), this.#believed.counters, one);
      if (behind && ++this.#behind < BEHIND_MAX) return this.#fault("disagree", at);
      this.#fault("rebase", at);
      // All that it shows was measured since it began at 0, if so much can have flowed; else the ledger judges.
      this.#base = this.#follows(ZERO, one, at - this.#believed.at + STEP_SLACK_ms) ? ZERO : null;
      if (this.#base !== null) this.#boot++;
    } else if (this.#wasOff) {
      this.#base = one;
      this.#boot++;
    }
    this.#wasOff = false;
    this.#behind = 0;
    this.#believed = { counters: one, at };
    this.#version = power.version;
    this.out.say({ kind: "reading", at, boot: this.#boot, counters: one, base: this.#base, power: shown(power) });
  }

  #follows(before: ChannelCounters, after: ChannelCounters, elapsed_ms: number): boolean {
    const most = mostCounts(this.#most_w, elapsed_ms, MWH);
    return quantities(after).every((value, q) => {
      const step = value - (quantities(before)[q] ?? 0);
      return step >= 0 && step <= most;
    });
  }

  #fault(fault: string, at: Mono_ms, bytes = 0): void {
    this.out.say({ kind: "fault", at, fault, bytes });
  }
}

function shown(power: Mcp39Power) {
  return powerOf(
    power.frequency_mhz,
    power.voltage_dv * 100,
    Math.round(power.current_dma / 10),
    power.active_cw * 10,
    power.reactive_cvar * 10,
  );
}

function countersOf(data: Uint8Array): ChannelCounters | null {
  const energies = decodeMcp39Energies(data);
  if (energies === null || Object.values(energies).some((value) => value > MOST_mwh)) return null;
  return {
    import_mwh: Number(energies.import_mwh),
    export_mwh: Number(energies.export_mwh),
    import_mvarh: Number(energies.import_mvarh),
    export_mvarh: Number(energies.export_mvarh),
  };
}

function isOff(control: Uint8Array): boolean {
  return ((control[0] ?? 0) & 1) === 0;
}

function quantities(counters: ChannelCounters): readonly number[] {
  const { import_mwh, export_mwh, import_mvarh, export_mvarh } = counters;
  return [import_mwh, export_mwh, import_mvarh ?? 0, export_mvarh ?? 0];
}

function fell(before: ChannelCounters, after: ChannelCounters): boolean {
  return !fellAtMost(0, before, after);
}

function fellAtMost(most: number, before: ChannelCounters, after: ChannelCounters): boolean {
  return quantities(before).every((value, q) => value - (quantities(after)[q] ?? 0) <= most);
}

function intervalRefusal(interval: number): IcRefusal {
  return {
    code: "ic-interval",
    reason: `the MCP39F511A accumulates over 2^${interval} cycles, with which its energy registers are wrong`,
    next: "write 2 to its register 0x9E, save it in flash (command 0x53), and calibrate it again",
  };
}

const NOT_COUNTING: IcRefusal = {
  code: "ic-not-counting",
  reason: "the MCP39F511A accumulates no energy and does not let itself be switched on",
  next: "connect the host's transmit line to the chip, and write 1 to its register 0xDC",
};
