// The executed board: the very firmware image that would be flashed, run instruction by instruction, its ADC fed by the
// house through the front end, at the pace of a resonator that is never quite right.
import type { ChannelCalibration } from "../wire/board/messages.js";
import { AvrMachine, type Pins, RESET } from "./avr-machine.js";
import type { SimulatedBoard } from "./board.js";
import { BoardClock, type ClockError } from "./board-clock.js";
import { type Eeprom, PowerFailed } from "./eeprom.js";
import { FrontEnd, type FrontEndOptions } from "./front-end.js";
import type { MeteringIc } from "./ic/metering-ic.js";
import type { Flash } from "./image.js";
import type { World } from "./mains.js";
import type { Truth } from "./truth.js";
import { WindowEnds } from "./window-ends.js";

/** Port D: D4 changes at each window boundary, D5 is the 1000 imp/kWh LED, D6 shows the direction (1 = export). */
const D4 = 0x10;
const D5 = 0x20;
const D6 = 0x40;

/** True time is reckoned afresh after so many cycles; in between the resonator's rate stands still. */
const ANCHOR_CYCLES = 160_000;

export interface ExecutedParts {
  readonly flash: Flash;
  readonly world: World;
  readonly frontEnd: FrontEndOptions;
  /** A metering IC in the front end's place; `world` is then the one it watches. */
  readonly ic?: MeteringIc;
  readonly clock: ClockError;
  readonly seed: number;
  readonly eeprom: Eeprom;
}

export class ExecutedBoard implements SimulatedBoard {
  onBytes: (bytes: Uint8Array) => void = () => {};
  /** Rising edges of the metrology LED since the start. */
  pulses = 0;
  /** The direction LED: true = clamp 1 exports. */
  exporting = false;
  readonly #parts: ExecutedParts;
  readonly #clock: BoardClock;
  readonly #frontEnd: Pick<FrontEnd, "convert" | "calibration">;
  readonly #windows = new WindowEnds();
  readonly #pins: Pins;
  #machine: AvrMachine | null = null;
  /** The resonator's count when this boot began; while off, when the power returns. */
  #boot_cycles = 0;
  #executed_cycles = 0;
  #time_s = 0;
  #anchor_cycles = 0;
  #anchor_s = 0;
  #s_per_cycle = 0;

  constructor(parts: ExecutedParts) {
    this.#parts = parts;
    this.#clock = new BoardClock(parts.clock);
    const { ic } = parts;
    this.#frontEnd = ic ?? new FrontEnd(parts.world, parts.frontEnd, parts.seed);
    this.#pins = {
      convert: (channel, cycle) => this.#frontEnd.convert(channel, this.#timeOf(this.#boot_cycles + cycle)),
      transmit: (byte) => {
        this.#windows.transmitted(byte);
        this.onBytes(Uint8Array.of(byte));
      },
      portD: (now, before) => this.#portD(now, before),
      ...(ic === undefined
        ? {}
        : {
            spi: {
              select: (low, cycle) => ic.bus.select(low, this.#timeOf(this.#boot_cycles + cycle)),
              transfer: (byte, mode) => ic.bus.transfer(byte, mode),
            },
          }),
    };
    this.#start(RESET.powerOn, null);
  }

  get ic(): MeteringIc | undefined {
    return this.#parts.ic;
  }

  get truth(): Truth {
    return this.#parts.world.truth;
  }

  get time_s(): number {
    return this.#time_s;
  }

  get cycles(): number {
    return this.#executed_cycles + (this.#machine?.cycles ?? 0);
  }

  get powered(): boolean {
    return this.#machine !== null;
  }

  get eeprom(): Uint8Array {
    return this.#parts.eeprom.bytes;
  }

  send(bytes: Uint8Array): void {
    this.#machine?.receive(bytes);
  }

  runUntil(time_s: number): void {
    const until_cycles = this.#clock.cyclesAt(time_s);
    while (this.#machine === null ? this.#boot_cycles < until_cycles : this.#now_cycles() < until_cycles) {
      if (this.#machine === null) this.#powerUp();
      else this.#run(this.#machine, Math.ceil(until_cycles) - this.#boot_cycles);
    }
    this.#time_s = Math.max(this.#time_s, time_s);
    const { world } = this.#parts;
    while (world.cycle.end_s <= time_s) world.next();
  }

  boardTimeToTrue(boot: number, t_ms: number): number | null {
    const cycles = this.#windows.cyclesAt(boot, t_ms);
    return cycles === null ? null : this.#clock.timeAt(cycles);
  }

  /** The true times of the window boundaries seen on D4 between two true times. */
  windowEnds_s(from_s: number, to_s: number): readonly number[] {
    return this.#windows
      .between(this.#clock.cyclesAt(from_s), this.#clock.cyclesAt(to_s))
      .map((at) => this.#clock.timeAt(at));
  }

  powerCut(off_s: number): void {
    if (this.#machine !== null) this.#time_s = this.#clock.timeAt(this.#now_cycles());
    this.#stop();
    this.#parts.ic?.power(false, this.#time_s);
    this.#boot_cycles = Math.round(this.#clock.cyclesAt(this.#time_s + off_s));
  }

  reset(): void {
    if (this.#machine !== null) this.#restart(RESET.external);
  }

  calibration(): readonly ChannelCalibration[] {
    return this.#frontEnd.calibration();
  }

  #powerUp(): void {
    this.#parts.ic?.power(true, this.#clock.timeAt(this.#boot_cycles));
    this.#start(RESET.powerOn, null);
  }

  #run(machine: AvrMachine, until: number): void {
    try {
      machine.run(until);
    } catch (error) {
      if (!(error instanceof PowerFailed)) throw error;
      this.powerCut(1);
      return;
    }
    if (machine.watchdogBit) this.#restart(RESET.watchdog);
  }

  #restart(cause: number): void {
    const before = this.#machine;
    this.#boot_cycles = this.#now_cycles();
    this.#stop();
    this.#start(cause, before);
  }

  #start(cause: number, before: AvrMachine | null): void {
    this.#windows.boot(this.#boot_cycles);
    this.#anchor_cycles = Number.NEGATIVE_INFINITY;
    this.#machine = new AvrMachine(this.#parts.flash, this.#parts.eeprom, this.#pins, cause, before);
  }

  #stop(): void {
    this.#executed_cycles += this.#machine?.cycles ?? 0;
    this.#machine = null;
  }

  #now_cycles(): number {
    return this.#boot_cycles + (this.#machine?.cycles ?? 0);
  }

  #timeOf(cycles: number): number {
    if (cycles - this.#anchor_cycles > ANCHOR_CYCLES) {
      this.#anchor_cycles = cycles;
      this.#anchor_s = this.#clock.timeAt(cycles);
      this.#s_per_cycle = 1 / this.#clock.hzAt(this.#anchor_s);
    }
    return this.#anchor_s + (cycles - this.#anchor_cycles) * this.#s_per_cycle;
  }

  #portD(now: number, before: number): void {
    const changed = now ^ before;
    if (changed & D4) this.#windows.boundary(this.#now_cycles());
    if (changed & now & D5) this.pulses++;
    this.exporting = (now & D6) !== 0;
  }
}
