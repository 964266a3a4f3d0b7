// A meter at its address on a bus: how long it takes to answer, and what goes wrong with its answers now and then.

import { Random } from "../random.js";
import { exception, type SimulatedMeter } from "./meter.js";

export const METER_FAULTS = ["silent", "late", "crc", "exception", "zeroes"] as const;
/** silent: no answer; late: one long after; crc: a wrong check; exception: "device failure"; zeroes: every word 0, check right. */
export type MeterFault = (typeof METER_FAULTS)[number];

export interface SlaveOptions {
  readonly meter: SimulatedMeter;
  /** 1..247; over Modbus TCP the unit. */
  readonly address: number;
  /** From the end of a question to the beginning of its answer; 20 ms where it is left out, and at least a frame's gap. */
  readonly latency_ms?: number;
  /** Up to so much more, by chance. */
  readonly jitter_ms?: number;
  /** When a late answer begins, after the end of its question, from and to, by chance; else later than its table promises, and before a
   * host may give it up for lost (docs/spec/modbus.md). */
  readonly late_ms?: readonly [number, number];
  /** Late answers say this word and nothing else, so that who believes one is found out. */
  readonly lateWord?: number;
  /** The share of answers that each fault befalls, 0..1; the first that does is the one. May be changed at any time. */
  readonly faults?: Partial<Record<MeterFault, number>>;
  readonly seed?: number;
}

export interface Reply {
  /** From the function code on. */
  readonly body: Uint8Array;
  /** After the end of the question, ms. */
  readonly after_ms: number;
  readonly fault: MeterFault | null;
}

export interface SlaveCounts {
  /** Questions to its address that it heard whole. */
  heard: number;
  /** Questions it did not listen to, so soon after its last answer they came. */
  tooSoon: number;
  /** Answers that went out whole and in time, without any fault of meter or wire, and were no exception. */
  good: number;
  late: number;
}

/** Modbus exception 4: the device failed. */
const DEVICE_FAILURE = 4;
const LATENCY_ms = 20;
/** A host waits so much longer than the table promises; and at least so long before it asks again. */
const SLACK_ms = 150;
const LATEST_ms = 2000;

export class Slave {
  readonly meter: SimulatedMeter;
  readonly address: number;
  faults: Partial<Record<MeterFault, number>>;
  readonly counts: SlaveCounts = { heard: 0, tooSoon: 0, good: 0, late: 0 };
  /** When it will have sent its last answer: until then, and its pause after that, it does not listen. */
  busyUntil_ms = Number.NEGATIVE_INFINITY;
  readonly #random: Random;

  constructor(private readonly options: SlaveOptions) {
    this.meter = options.meter;
    this.address = options.address;
    this.faults = { ...options.faults };
    this.#random = new Random((options.seed ?? 1) * 977 + options.address);
  }

  /** Whether a question that begins then finds it listening. */
  listensAt(begins_ms: number): boolean {
    return begins_ms >= this.busyUntil_ms + this.meter.model.pace.pause_ms - TOLERANCE_ms;
  }

  /** What it answers to a question (from the function code on) heard at a time; null: nothing. */
  reply(question: Uint8Array, at_ms: number): Reply | null {
    this.counts.heard++;
    const { latency_ms = LATENCY_ms, jitter_ms = 0 } = this.options;
    const soon_ms = latency_ms + (jitter_ms === 0 ? 0 : jitter_ms * this.#random.unit());
    const fault = this.#fault();
    if (fault === "silent") return null;
    const body =
      fault === "exception" ? exception(question[0] ?? 0, DEVICE_FAILURE) : this.meter.answer(question, at_ms);
    if (fault === "zeroes") body.fill(0, 2);
    if (fault !== "late") return { body, after_ms: soon_ms, fault };
    this.counts.late++;
    const { lateWord } = this.options;
    if (lateWord !== undefined) for (let at = 2; at < body.length; at++) body[at] = lateWord >> (at & 1 ? 0 : 8);
    const [from_ms, to_ms] = this.options.late_ms ?? lateOf(this.meter);
    return { body, after_ms: from_ms + (to_ms - from_ms) * this.#random.unit(), fault };
  }

  #fault(): MeterFault | null {
    for (const fault of METER_FAULTS) {
      const share = this.faults[fault] ?? 0;
      if (share > 0 && this.#random.unit() < share) return fault;
    }
    return null;
  }
}

function lateOf({ model }: SimulatedMeter): readonly [number, number] {
  const { answer_ms } = model.pace;
  return [answer_ms + SLACK_ms, Math.max(LATEST_ms, 2 * answer_ms) - SLACK_ms];
}

/** What a clock of whole milliseconds may be off by. */
const TOLERANCE_ms = 1;
