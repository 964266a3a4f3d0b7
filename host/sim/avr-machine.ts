// One boot of an ATmega328P at 16 MHz: avr8js's CPU and the peripherals the firmware uses, wired to pins.
// The ADC takes its voltage at the cycle of the sample, sleep is skipped to the next event, the UART's receiver is one
// byte deep. A reset is a new machine; the EEPROM is handed on.
import {
  ADCMuxInputType,
  AVRADC,
  AVRClock,
  AVREEPROM,
  AVRIOPort,
  AVRSPI,
  AVRTimer,
  AVRWatchdog,
  adcConfig,
  avrInstruction,
  CPU,
  clockConfig,
  portBConfig,
  portDConfig,
  spiConfig,
  timer0Config,
  timer1Config,
  timer2Config,
  watchdogConfig,
} from "avr8js";
import { CLOCK_HZ } from "./board-clock.js";
import type { Eeprom } from "./eeprom.js";
import type { Flash } from "./image.js";
import { Uart } from "./uart.js";

/** MCUSR: why the chip started. */
export const RESET = { powerOn: 1, external: 2, watchdog: 8 } as const;

/** What the chip is connected to. */
export interface Pins {
  /** The code of an analog channel 0..7 whose sample is taken at this cycle of the machine. */
  convert(channel: number, cycle: number): number;
  /** A byte begins to leave the UART. */
  transmit(byte: number): void;
  /** Port D's outputs changed, bit n = Dn. */
  portD(now: number, before: number): void;
  /** What is on the SPI bus, its chip select at D10. */
  readonly spi?: {
    select(low: boolean, cycle: number): void;
    /** A byte sent, in a clock mode 0..3, and the one that comes back. */
    transfer(byte: number, mode: number): number;
  };
}

const SRAM_BYTES = 2048;
const SRAM_START = 0x100;
const MCUSR = 0x54;
const SMCR = 0x53;
const SLEEP = 0x9588;
/** D10 in port B. */
const CHIP_SELECT = 0x04;
const BAUD = 38_400;

/** The part of avr8js's CPU that its types keep private: the queue of clock events. */
interface Core {
  nextClockEvent: { readonly cycles: number } | null;
}

export class AvrMachine {
  /** Of the cycles since this boot, those in which the CPU was asleep. */
  slept_cycles = 0;
  readonly #cpu: CPU;
  readonly #uart: Uart;
  #asleep = false;
  #watchdogBit = false;

  /** `before`: the machine whose RAM this reset leaves as it was; null after a power cut. */
  constructor(flash: Flash, eeprom: Eeprom, pins: Pins, cause: number, before: AvrMachine | null) {
    const cpu = new CPU(flash, SRAM_BYTES);
    this.#cpu = cpu;
    if (before !== null) cpu.data.set(before.#cpu.data.subarray(SRAM_START), SRAM_START);
    cpu.data[MCUSR] = cause;
    const clock = new AVRClock(cpu, CLOCK_HZ, clockConfig);
    for (const config of [timer0Config, timer1Config, timer2Config]) new AVRTimer(cpu, config);
    new AVREEPROM(cpu, eeprom);
    new AVRWatchdog(cpu, watchdogConfig, clock);
    connectSpi(cpu, pins, new AVRIOPort(cpu, portBConfig));
    new AVRIOPort(cpu, portDConfig).addListener((now, old) => pins.portD(now, old));
    connectAdc(cpu, pins);
    this.#uart = new Uart(cpu, CLOCK_HZ, BAUD, (byte) => pins.transmit(byte));
    cpu.reset = () => {
      this.#watchdogBit = true;
    };
  }

  /** Cycles since this boot. */
  get cycles(): number {
    return this.#cpu.cycles;
  }

  /** The word of flash that is executed next, while it is awake. */
  get pc(): number {
    return this.#cpu.pc;
  }

  /** The watchdog has reset the chip: it wants a new machine. */
  get watchdogBit(): boolean {
    return this.#watchdogBit;
  }

  /** Bytes arrive at the receiver, one after another at the line's speed; lost while it is off. */
  receive(bytes: Iterable<number>): void {
    this.#uart.receive(bytes);
  }

  /** Runs to a cycle (at most one instruction past it), or until the watchdog bites. */
  run(untilCycle: number): void {
    const cpu = this.#cpu;
    const core = cpu as unknown as Core;
    const { progMem, data } = cpu;
    const execute = avrInstruction; // a test runner's imports are slow to look up, instruction by instruction
    while (cpu.cycles < untilCycle && !this.#watchdogBit) {
      if (this.#asleep) {
        const next = core.nextClockEvent;
        const before = cpu.cycles;
        cpu.cycles = Math.max(before, next === null ? untilCycle : Math.min(next.cycles, untilCycle));
        this.slept_cycles += cpu.cycles - before;
        const { pc } = cpu;
        cpu.tick();
        this.#asleep = cpu.pc === pc; // an interrupt was taken, or it sleeps on
        continue;
      }
      this.#asleep = progMem[cpu.pc] === SLEEP && (data[SMCR]! & 1) === 1 && cpu.nextInterrupt < 0;
      execute(cpu);
      if (this.#asleep) continue;
      const next = core.nextClockEvent;
      if (cpu.nextInterrupt >= 0 || (next !== null && next.cycles <= cpu.cycles)) cpu.tick();
    }
  }
}

/** The SPI master: a byte comes back when its eight clocks are over. */
function connectSpi(cpu: CPU, pins: Pins, portB: AVRIOPort): void {
  const { spi } = pins;
  if (spi === undefined) return;
  const master = new AVRSPI(cpu, spiConfig, CLOCK_HZ);
  master.onByte = (byte) => {
    const answer = spi.transfer(byte, (cpu.data[spiConfig.SPCR]! >> 2) & 3);
    cpu.addClockEvent(() => master.completeTransfer(answer), master.transferCycles);
  };
  portB.addListener((now, before) => {
    if ((now ^ before) & CHIP_SELECT) spi.select((now & CHIP_SELECT) === 0, cpu.cycles);
  });
}

/**
 * The converter: a conversion begins at the next edge of its own clock, holds its sample 1.5 clocks later (13.5 for the
 * first after switching on) and is done after 13 (25). ATmega328P data sheet, 24.4.
 */
function connectAdc(cpu: CPU, pins: Pins): void {
  const adc = new AVRADC(cpu, adcConfig);
  adc.onADCRead = (input) => {
    const { prescaler, sampleCycles } = adc;
    const start = Math.ceil(cpu.cycles / prescaler) * prescaler;
    const hold = start + (sampleCycles > 13 * prescaler ? 13.5 : 1.5) * prescaler;
    const code = input.type === ADCMuxInputType.SingleEnded ? pins.convert(input.channel, hold) : 0;
    cpu.addClockEvent(() => adc.completeADCRead(code), start + sampleCycles - cpu.cycles);
  };
}
