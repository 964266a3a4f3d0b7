// Meters that speak Modbus TCP themselves, as one connection sees them: each answer carries its question's transaction, there is no wire to
// wait for and no check. What in RTU would be a wrong check is here an answer whose length lies.

import { decodeTcp, encodeTcp } from "../../wire/modbus/frames.js";
import type { Reply, Slave } from "./slave.js";
import type { WireEnd } from "./wire-end.js";

interface Waiting {
  readonly due_ms: number;
  readonly frame: Uint8Array;
  readonly slave: Slave;
  readonly good: boolean;
}

export class TcpEnd implements WireEnd {
  hear: (bytes: Uint8Array) => void = () => {};
  /** Bytes that were no Modbus TCP. */
  strange = 0;
  #heard: Uint8Array = new Uint8Array();
  #waiting: Waiting[] = [];

  constructor(readonly slaves: readonly Slave[]) {}

  receive(bytes: Uint8Array, at_ms: number): void {
    this.run(at_ms);
    this.#heard = this.#heard.length === 0 ? bytes : Uint8Array.from([...this.#heard, ...bytes]);
    for (;;) {
      const read = decodeTcp(this.#heard);
      if (read.kind === "more") return;
      if (read.kind === "fault") {
        this.strange += this.#heard.length;
        this.#heard = new Uint8Array();
        return;
      }
      this.#heard = this.#heard.subarray(read.bytes);
      this.#ask(read.transaction, read.body, at_ms);
    }
  }

  due(): number | null {
    return this.#waiting.reduce<number | null>((due, { due_ms }) => Math.min(due ?? due_ms, due_ms), null);
  }

  run(until_ms: number): void {
    for (let due_ms = this.due(); due_ms !== null && due_ms <= until_ms; due_ms = this.due()) {
      const next = this.#waiting.find((one) => one.due_ms === due_ms);
      if (next === undefined) return;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      if (next.good) next.slave.counts.good++;
      this.hear(next.frame);
    }
  }

  #ask(transaction: number, body: Uint8Array, at_ms: number): void {
    for (const slave of this.slaves) {
      if (slave.address !== body[0]) continue;
      const reply = slave.reply(body.subarray(1), at_ms);
      if (reply !== null) this.#answer(slave, transaction, reply, at_ms);
    }
  }

  #answer(slave: Slave, transaction: number, { body, after_ms, fault }: Reply, at_ms: number): void {
    const whole = new Uint8Array(1 + body.length);
    whole[0] = slave.address;
    whole.set(body, 1);
    if (fault === "crc" && whole.length > 2) whole[2]! ^= 1;
    const due_ms = Math.max(at_ms, slave.busyUntil_ms) + after_ms;
    slave.busyUntil_ms = due_ms;
    const good = fault === null && (body[0] ?? 0) < 0x80;
    this.#waiting.push({ due_ms, frame: encodeTcp(transaction, whole), slave, good });
  }
}
