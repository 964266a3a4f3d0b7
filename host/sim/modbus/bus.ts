// Meters on one RS-485 pair, Modbus RTU, character by character: 11 bits each at the bus's speed both ways, frames ended by 3.5 characters
// of silence, one voice at a time or else garbage. Discrete events; no clock of its own.

import { crcHolds, withCrc } from "../../wire/modbus/crc.js";
import { frameGap_ms, wireTime_ms } from "../../wire/modbus/frames.js";
import { Random } from "../random.js";
import { Damage, type DamageOptions } from "./damage.js";
import { type Reply, Slave, type SlaveOptions } from "./slave.js";
import type { WireEnd } from "./wire-end.js";

export const BUS_FAULTS = ["reversed", "wrong-speed", "echo"] as const;
/** reversed: A and B exchanged; wrong-speed: the meters listen at another speed; echo: the host hears itself. */
export type BusFault = (typeof BUS_FAULTS)[number];

export interface BusOptions {
  readonly meters: readonly SlaveOptions[];
  readonly speed?: number;
  readonly damage?: DamageOptions;
  /** May be changed at any time. */
  readonly faults?: readonly BusFault[];
  /** Characters handed to the host at a time; 8, as a USB adapter does it, where it is left out. */
  readonly piece?: number;
  readonly seed?: number;
}

/** An answer on its way. */
interface Voice {
  readonly bytes: Uint8Array;
  readonly begin_ms: number;
  readonly end_ms: number;
  readonly slave: Slave | null;
  sent: number;
  good: boolean;
}

export class SimulatedBus implements WireEnd {
  hear: (bytes: Uint8Array) => void = () => {};
  readonly speed: number;
  readonly slaves: readonly Slave[];
  readonly faults: Set<BusFault>;
  /** The speed at which the host speaks and listens, where it is known; null: the bus's own. */
  hostSpeed: number | null = null;
  /** Questions and answers that ran into each other. */
  collisions = 0;
  readonly damage: Damage;
  readonly #char_ms: number;
  readonly #gap_ms: number;
  readonly #piece: number;
  readonly #random: Random;
  #question: Uint8Array = new Uint8Array();
  #questionBegin_ms = 0;
  #questionEnd_ms = Number.NEGATIVE_INFINITY;
  #questionSpoilt = false;
  #voices: Voice[] = [];

  constructor({ meters, speed = 9600, damage = {}, faults = [], piece = 8, seed = 1 }: BusOptions) {
    this.speed = speed;
    this.slaves = meters.map((one, at) => new Slave({ seed: seed + 31 * at, ...one }));
    this.faults = new Set(faults);
    this.damage = new Damage({ seed, ...damage });
    this.#char_ms = wireTime_ms(1, speed);
    this.#gap_ms = frameGap_ms(speed);
    this.#piece = piece;
    this.#random = new Random(seed ^ 0xb5);
  }

  receive(bytes: Uint8Array, at_ms: number): void {
    this.run(at_ms);
    if (bytes.length === 0) return;
    const begin_ms = Math.max(at_ms, this.#questionEnd_ms);
    if (this.#question.length === 0) this.#questionBegin_ms = begin_ms;
    this.#question = this.#question.length === 0 ? bytes : Uint8Array.from([...this.#question, ...bytes]);
    this.#questionEnd_ms = begin_ms + bytes.length * this.#char_ms;
    for (const voice of this.#voices) this.#listenFor(voice);
    if (this.faults.has("echo")) this.#speak(bytes, begin_ms, null);
  }

  due(): number | null {
    let due_ms = this.#question.length === 0 ? Number.POSITIVE_INFINITY : this.#questionEnd_ms + this.#gap_ms;
    for (const voice of this.#voices) due_ms = Math.min(due_ms, this.#nextPiece_ms(voice));
    return due_ms === Number.POSITIVE_INFINITY ? null : due_ms;
  }

  run(until_ms: number): void {
    for (let due_ms = this.due(); due_ms !== null && due_ms <= until_ms; due_ms = this.due()) {
      const voice = this.#voices.find((one) => this.#nextPiece_ms(one) === due_ms);
      if (voice === undefined) this.#frameEnds(due_ms);
      else this.#deliver(voice);
    }
  }

  /** A frame has ended: those it is meant for answer. */
  #frameEnds(at_ms: number): void {
    const frame = this.#questionSpoilt ? this.#garbage(this.#question) : this.damage.pass(this.#question);
    const begin_ms = this.#questionBegin_ms;
    const end_ms = this.#questionEnd_ms;
    this.#question = new Uint8Array();
    this.#questionSpoilt = false;
    // The idle level of a reversed pair is a break: the host reads it as a zero.
    if (this.faults.has("reversed")) return this.#speak(Uint8Array.of(0), at_ms, null);
    if (this.faults.has("wrong-speed") || (this.hostSpeed ?? this.speed) !== this.speed) return;
    if (!crcHolds(frame)) return;
    for (const slave of this.slaves) {
      if (slave.address !== frame[0]) continue;
      if (!slave.listensAt(begin_ms)) {
        slave.counts.tooSoon++;
        continue;
      }
      const reply = slave.reply(frame.subarray(1, -2), at_ms);
      if (reply !== null) this.#answer(slave, reply, end_ms);
    }
  }

  #answer(slave: Slave, reply: Reply, asked_ms: number): void {
    const body = new Uint8Array(1 + reply.body.length);
    body[0] = slave.address;
    body.set(reply.body, 1);
    const frame = withCrc(body);
    if (reply.fault === "crc") frame[frame.length - 1]! ^= 0x5a;
    const arrives = this.damage.pass(frame);
    const begin_ms = asked_ms + Math.max(this.#gap_ms, reply.after_ms);
    slave.busyUntil_ms = begin_ms + frame.length * this.#char_ms;
    const exception = (reply.body[0] ?? 0) >= 0x80;
    this.#speak(arrives, begin_ms, slave, arrives === frame && reply.fault === null && !exception);
  }

  #speak(bytes: Uint8Array, begin_ms: number, slave: Slave | null, good = false): void {
    if (bytes.length === 0) return;
    const end_ms = begin_ms + bytes.length * this.#char_ms;
    const voice: Voice = { bytes, begin_ms, end_ms, slave, sent: 0, good };
    if (slave !== null) {
      this.#listenFor(voice);
      for (const other of this.#voices)
        if (other.slave !== null && other.begin_ms < end_ms && other.end_ms > begin_ms) {
          this.#spoil(other, begin_ms, end_ms);
          this.#spoil(voice, other.begin_ms, other.end_ms);
        }
    }
    this.#voices.push(voice);
  }

  /** A meter that speaks while the host does spoils both. */
  #listenFor(voice: Voice): void {
    if (voice.slave === null || this.#question.length === 0) return;
    if (voice.begin_ms >= this.#questionEnd_ms || voice.end_ms <= this.#questionBegin_ms) return;
    this.#spoil(voice, this.#questionBegin_ms, this.#questionEnd_ms);
    this.#questionSpoilt = true;
  }

  #spoil(voice: Voice, from_ms: number, to_ms: number): void {
    this.collisions++;
    voice.good = false;
    const first = Math.max(voice.sent, Math.floor((from_ms - voice.begin_ms) / this.#char_ms));
    const last = Math.min(voice.bytes.length - 1, Math.ceil((to_ms - voice.begin_ms) / this.#char_ms));
    for (let at = first; at <= last; at++) voice.bytes[at] = this.#random.bits() & 0xff;
  }

  #garbage(bytes: Uint8Array): Uint8Array {
    return bytes.map(() => this.#random.bits() & 0xff);
  }

  #nextPiece_ms({ bytes, begin_ms, end_ms, sent }: Voice): number {
    const next = sent + this.#piece;
    return next >= bytes.length ? end_ms : begin_ms + next * this.#char_ms;
  }

  #deliver(voice: Voice): void {
    const piece = voice.bytes.subarray(voice.sent, voice.sent + this.#piece);
    voice.sent += piece.length;
    if (voice.sent === voice.bytes.length) {
      this.#voices = this.#voices.filter((one) => one !== voice);
      if (voice.good && voice.slave !== null) voice.slave.counts.good++;
    }
    this.hear(piece);
  }
}
