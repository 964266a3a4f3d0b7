// The ATM90E32AS at the level of its registers: 16 bits of address, 16 of data; energy registers that a read clears.
// Names, addresses and units: Atmel-46003 (M90E32AS data sheet), "Register". Only what a meter uses is modelled.
import type { MainsCycle } from "../mains-cycle.js";
import { Accumulator, type Seen, see } from "./metering.js";
import type { Parts } from "./parts.js";

const METER_EN = 0x00;
const PL_CONST_H = 0x31;
const M_MODE_0 = 0x33;
const P_START_TH = 0x35;
const Q_START_TH = 0x36;
const P_PHASE_TH = 0x38;
const Q_PHASE_TH = 0x39;
const P_OFFSET_A = 0x41;
const PHI_A = 0x48;
const U_GAIN_A = 0x61;
const I_GAIN_A = 0x62;
const FIRST_UNLOCKED = 0x70;
const SOFT_RESET = 0x70;
const LAST_SPI_DATA = 0x78;
const CFG_REG_ACC_EN = 0x7f;
const ENERGIES = 0x80;
const POWERS = 0xb0;
const LOWER = 0xc0;
const U_RMS_A = 0xd9;
const I_RMS_A = 0xdd;
const FREQ = 0xf8;

const ACCESS = 0x55aa;
const NEUTRAL = 0x8000;
const ABSOLUTE_P = 0x08;
const ABSOLUTE_Q = 0x10;
/** 0.01 of a pulse at 3,200 to a kWh. */
const COUNT_UJ = 11_250_000;
const STEP_W = 0.000_32;
/** A cycle of 2.048 MHz at 50 Hz. */
const DELAY_STEP_deg = (360 * 50) / 2_048_000;

const RESET: readonly (readonly [number, number])[] = [
  [PL_CONST_H, 0x0861],
  [PL_CONST_H + 1, 0xc468],
  [M_MODE_0, 0x0087],
  ...[0, 4, 8].flatMap((at) => [[U_GAIN_A + at, NEUTRAL] as const, [I_GAIN_A + at, NEUTRAL] as const]),
];

export class Atm90e32 {
  readonly #registers = new Uint16Array(0x100);
  /** Forward P of T, A, B, C; reverse P; forward Q; reverse Q. */
  readonly #energies = Array.from({ length: 16 }, () => new Accumulator(COUNT_UJ));
  #last = 0;
  #frame: number[] = [];
  #answer = 0;

  constructor(private readonly parts: Parts) {
    this.reset();
  }

  /** Back to what it is after power-up: not metering, nothing counted. */
  reset(): void {
    this.#registers.fill(0);
    for (const [address, value] of RESET) this.#registers[address] = value;
    for (const energy of this.#energies) energy.reset();
    this.#frame = [];
  }

  /** A register as it stands, without the bus. */
  peek(address: number): number {
    return this.#registers[address]!;
  }

  /** A register changed by something other than the bus. */
  poke(address: number, value: number): void {
    this.#registers[address] = value;
  }

  select(low: boolean): void {
    if (!low) this.#end();
    this.#frame = [];
  }

  /** Modes 0 and 3 sample alike; in the others nothing sensible comes back. */
  transfer(byte: number, mode: number): number {
    if (mode !== 0 && mode !== 3) return 0x55;
    this.#frame.push(byte);
    if (this.#frame.length === 2) this.#answer = this.#read(this.#frame[1]!);
    if (this.#frame.length === 3) return this.#answer >> 8;
    return this.#frame.length === 4 ? this.#answer & 0xff : 0;
  }

  flow(cycle: MainsCycle, seconds: number): void {
    const seen = [0, 1, 2].map((phase) => this.#see(cycle, phase));
    this.#tell(seen, cycle);
    if (this.#registers[METER_EN] === 0) return;
    const mode = this.#registers[M_MODE_0]!;
    const active = seen.map(({ power_w }) => power_w);
    const reactive = seen.map(({ reactive_var }) => reactive_var);
    this.#book(0, active, seconds, mode & ABSOLUTE_P, [P_START_TH, P_PHASE_TH]);
    this.#book(8, reactive, seconds, mode & ABSOLUTE_Q, [Q_START_TH, Q_PHASE_TH]);
  }

  #see(cycle: MainsCycle, phase: number): Seen {
    const gain = {
      volts: this.#registers[U_GAIN_A + 4 * phase]! / NEUTRAL,
      amps: this.#registers[I_GAIN_A + 4 * phase]! / NEUTRAL,
    };
    const phi = this.#registers[PHI_A + 2 * phase]!;
    const delay_deg = (phi & 0x3ff) * DELAY_STEP_deg * (phi & 0x8000 ? -1 : 1);
    const seen = see(cycle, this.parts, phase, gain, delay_deg);
    const offset = (quantity: number) => signed16(this.#registers[P_OFFSET_A + 2 * phase + quantity]!) * STEP_W;
    return { ...seen, power_w: seen.power_w + offset(0), reactive_var: seen.reactive_var + offset(1) };
  }

  /** Adds the powers of the phases, and of their sum, to the forward or the reverse register at `first`. */
  #book(
    first: number,
    powers: readonly number[],
    seconds: number,
    absolute: number,
    thresholds: [number, number],
  ): void {
    const [whole, each] = thresholds.map((address) => this.#registers[address]! * STEP_W) as [number, number];
    const mode = this.#registers[M_MODE_0]!;
    const put = (index: number, power: number) => {
      this.#energies[first + index + (power < 0 ? 4 : 0)]!.add(Math.abs(power) * seconds);
    };
    let sum = 0;
    for (const [phase, power] of powers.entries()) {
      if (Math.abs(power) < each) continue;
      put(phase + 1, power);
      if ((mode >> (2 - phase)) & 1) sum += absolute ? Math.abs(power) : power;
    }
    if (Math.abs(sum) >= whole) put(0, sum);
  }

  #tell(seen: readonly Seen[], cycle: MainsCycle): void {
    const registers = this.#registers;
    const put32 = (index: number, value: number) => {
      const steps = Math.round(value / STEP_W) | 0;
      registers[POWERS + index] = steps >>> 16;
      registers[LOWER + index] = steps & 0xffff;
    };
    for (const [phase, one] of seen.entries()) {
      registers[U_RMS_A + phase] = Math.round(one.volts * 100);
      registers[I_RMS_A + phase] = Math.min(Math.round(one.amps * 1000), 0xffff);
      put32(1 + phase, one.power_w);
      put32(5 + phase, one.reactive_var);
    }
    registers[FREQ] = Math.round((100 * cycle.cycles) / (cycle.end_s - cycle.start_s));
  }

  #read(address: number): number {
    if (address === LAST_SPI_DATA) return this.#last;
    if (address >= ENERGIES && address < ENERGIES + 16) return this.#energies[address - ENERGIES]!.counts & 0xffff;
    // The data sheet speaks of access to these registers as a whole: the model grants none to reads either.
    if (address < FIRST_UNLOCKED && this.#registers[CFG_REG_ACC_EN] !== ACCESS) return 0;
    return this.#registers[address]!;
  }

  #end(): void {
    const [head, address, high, low] = this.#frame;
    if (head === undefined || address === undefined || high === undefined || low === undefined) return;
    if (head & 0x80) {
      this.#last = this.#answer;
      if (address >= ENERGIES && address < ENERGIES + 16) this.#energies[address - ENERGIES]!.clear();
      return;
    }
    const value = (high << 8) | low;
    this.#last = value;
    if (address === SOFT_RESET && value === 0x789a) this.reset();
    else if (address >= FIRST_UNLOCKED || this.#registers[CFG_REG_ACC_EN] === ACCESS) this.#registers[address] = value;
  }
}

function signed16(word: number): number {
  return word >= 0x8000 ? word - 0x10000 : word;
}
