// modbus-serial as the client, over a port of ours: it makes the questions and takes the answers apart; which bytes are the answer,
// and how long to wait for it, is decided here and in bus.ts. Its own timer is never started, so that time is the clock's that is
// passed in.

import { EventEmitter } from "node:events";
import modbusSerial from "modbus-serial";
import type { Answer, Question } from "../../wire/modbus/frames.js";

/** The least that modbus-serial asks of a port. */
class Port extends EventEmitter {
  readonly isOpen = true;

  constructor(private readonly send: (frame: Uint8Array) => void) {
    super();
  }

  open(done: (error: Error | null) => void): void {
    done(null);
  }

  close(done?: () => void): void {
    done?.();
  }

  write(frame: Uint8Array): void {
    this.send(frame);
  }
}

export class Client {
  readonly #port: Port;
  readonly #modbus: InstanceType<typeof modbusSerial.default>;

  /** `send` takes a whole question as an RTU frame. */
  constructor(send: (frame: Uint8Array) => void) {
    this.#port = new Port(send);
    this.#modbus = new modbusSerial.default(this.#port);
    this.#modbus.setTimeout(0);
    this.#modbus.open();
  }

  /** Sends a question. `answered` comes from within `take`; a question that was never answered is forgotten with the next. */
  ask(
    { unit, function: code, address, count }: Question,
    answered: (answer: Answer | { kind: "refused" }) => void,
  ): void {
    const next = (error: (Error & { modbusCode?: number }) | null, result?: { readonly data: number[] }) => {
      if (error === null && result !== undefined) return answered({ kind: "words", words: result.data });
      const exception = error?.modbusCode;
      answered(exception === undefined ? { kind: "refused" } : { kind: "exception", code: exception });
    };
    if (code === 3) this.#modbus.writeFC3(unit, address, count, next);
    else this.#modbus.writeFC4(unit, address, count, next);
  }

  /** A whole RTU frame that answers the question asked last. */
  take(frame: Uint8Array): void {
    this.#port.emit("data", Buffer.from(frame));
  }
}
