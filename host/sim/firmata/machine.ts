// The executed second board: a real StandardFirmata image on an ATmega328P at 16 MHz, run instruction by instruction, its pins in hand.

import {
  AVRADC,
  AVRIOPort,
  AVRTimer,
  AVRTWI,
  adcConfig,
  avrInstruction,
  CPU,
  PinState,
  portBConfig,
  portCConfig,
  portDConfig,
  timer0Config,
  timer1Config,
  timer2Config,
  twiConfig,
} from "avr8js";
import { CLOCK_HZ } from "../board-clock.js";
import type { Flash } from "../image.js";
import { Uart } from "../uart.js";
import { FIRST_ANALOG_PIN, type FirmataDevice, UNO_PINS } from "./device.js";

const SRAM_BYTES = 2048;
const BAUD = 57_600;
const CYCLES_PER_ms = CLOCK_HZ / 1000;
/** The first pin of port B; port D has those below, port C the analog ones. */
const PORT_B = 8;

/** The part of avr8js's CPU that its types keep private: the queue of clock events. */
interface Core {
  nextClockEvent: { readonly cycles: number } | null;
}

interface Chip {
  readonly cpu: CPU;
  readonly uart: Uart;
  readonly ports: { readonly B: AVRIOPort; readonly C: AVRIOPort; readonly D: AVRIOPort };
}

export class FirmataMachine implements FirmataDevice {
  onBytes: (bytes: Uint8Array) => void = () => {};
  onPin: (pin: number, high: boolean) => void = () => {};
  readonly #inputs: boolean[] = Array.from({ length: UNO_PINS }, () => false);
  readonly #driven: boolean[] = Array.from({ length: UNO_PINS }, () => false);
  #chip: Chip;
  /** Cycles of the boots before this one. */
  #before_cycles = 0;

  constructor(private readonly flash: Flash) {
    this.#chip = this.#power();
  }

  get time_ms(): number {
    return this.#now_cycles() / CYCLES_PER_ms;
  }

  send(bytes: Uint8Array): void {
    this.#chip.uart.receive(bytes);
  }

  setInput(pin: number, high: boolean): void {
    this.#inputs[pin] = high;
    const [port, bit] = place(this.#chip, pin);
    port.setPin(bit, high);
  }

  reset(): void {
    this.#before_cycles = this.#now_cycles();
    this.#chip = this.#power();
    for (let pin = 0; pin < UNO_PINS; pin++) this.#told(pin, false);
  }

  runUntil(time_ms: number): void {
    const { cpu } = this.#chip;
    const until = Math.ceil(time_ms * CYCLES_PER_ms) - this.#before_cycles;
    const core = cpu as unknown as Core;
    const execute = avrInstruction; // a test runner's imports are slow to look up, instruction by instruction
    while (cpu.cycles < until) {
      execute(cpu);
      const next = core.nextClockEvent;
      if (cpu.nextInterrupt >= 0 || (next !== null && next.cycles <= cpu.cycles)) cpu.tick();
    }
  }

  #now_cycles(): number {
    return this.#before_cycles + this.#chip.cpu.cycles;
  }

  #power(): Chip {
    const cpu = new CPU(this.flash, SRAM_BYTES);
    for (const config of [timer0Config, timer1Config, timer2Config]) new AVRTimer(cpu, config);
    new AVRADC(cpu, adcConfig);
    new AVRTWI(cpu, twiConfig, CLOCK_HZ);
    const uart = new Uart(cpu, CLOCK_HZ, BAUD, (byte) => this.onBytes(Uint8Array.of(byte)));
    const ports = {
      B: new AVRIOPort(cpu, portBConfig),
      C: new AVRIOPort(cpu, portCConfig),
      D: new AVRIOPort(cpu, portDConfig),
    };
    const chip = { cpu, uart, ports };
    for (const [port, first, pins] of [
      [ports.D, 0, 8],
      [ports.B, PORT_B, 6],
      [ports.C, FIRST_ANALOG_PIN, 6],
    ] as const)
      port.addListener(() => {
        for (let bit = 0; bit < pins; bit++) this.#told(first + bit, port.pinState(bit) === PinState.High);
      });
    this.#inputs.forEach((high, pin) => {
      const [port, bit] = place(chip, pin);
      port.setPin(bit, high);
    });
    return chip;
  }

  #told(pin: number, high: boolean): void {
    if (this.#driven[pin] === high) return;
    this.#driven[pin] = high;
    this.onPin(pin, high);
  }
}

function place({ ports }: Chip, pin: number): readonly [AVRIOPort, number] {
  if (pin < PORT_B) return [ports.D, pin];
  return pin < FIRST_ANALOG_PIN ? [ports.B, pin - PORT_B] : [ports.C, pin - FIRST_ANALOG_PIN];
}
