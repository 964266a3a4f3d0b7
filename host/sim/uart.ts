// The UART of an executed ATmega328P: bytes arrive one after another at the line's speed.

import { AVRUSART, type CPU, usart0Config } from "avr8js";

const RX_COMPLETE = 0x80;
/** Flags of UCSRA that the program cannot write: RXC and UDRE. */
const READ_ONLY = 0xa0;

export class Uart {
  readonly #cpu: CPU;
  readonly #usart: AVRUSART;
  readonly #toReceive: number[] = [];
  readonly #byteCycles: number;
  #receiving = false;
  #received = 0;

  constructor(cpu: CPU, clock_hz: number, baud: number, transmit: (byte: number) => void) {
    this.#cpu = cpu;
    this.#byteCycles = Math.round((clock_hz * 10) / baud);
    this.#usart = new AVRUSART(cpu, usart0Config, clock_hz);
    this.#usart.onByteTransmit = transmit;
    this.#keepUnread();
  }

  /** Bytes that have not arrived yet. */
  get underWay(): number {
    return this.#toReceive.length;
  }

  receive(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#toReceive.push(byte);
    if (!this.#receiving) this.#awaitByte();
  }

  #awaitByte(): void {
    this.#receiving = this.#toReceive.length > 0;
    if (!this.#receiving) return;
    this.#cpu.addClockEvent(() => {
      this.#received = this.#toReceive.shift()!;
      this.#usart.writeByte(this.#received, true);
      this.#awaitByte();
    }, this.#byteCycles);
  }

  /** avr8js lets a write to UCSRA clear the flags that the program cannot write, and takes any write to UCSRB as a reason to drop a byte
   * not yet read. The chip does neither: the flags are put back, and the byte is given again. */
  #keepUnread(): void {
    const { UCSRA, UCSRB } = usart0Config;
    const cpu = this.#cpu;
    const writeA = cpu.writeHooks[UCSRA]!;
    cpu.writeHooks[UCSRA] = (value, old, address, mask) => {
      const flags = cpu.data[UCSRA]! & READ_ONLY;
      const done = writeA(value, old, address, mask);
      cpu.data[UCSRA]! |= flags;
      return done;
    };
    const writeB = cpu.writeHooks[UCSRB]!;
    cpu.writeHooks[UCSRB] = (value, old, address, mask) => {
      const unread = cpu.data[UCSRA]! & RX_COMPLETE;
      const done = writeB(value, old, address, mask);
      if (unread && !(cpu.data[UCSRA]! & RX_COMPLETE)) this.#usart.writeByte(this.#received, true);
      return done;
    };
  }
}
