// The ADE7953 at the level of its registers: 16 bits of address, a byte of direction, 1 to 4 bytes of data; signed accumulators
// that a read clears. ADE7953 data sheet Rev. B, tables 13 to 16. Only what a meter uses is modelled.
import type { MainsCycle } from "../mains-cycle.js";
import { Accumulator, type Seen, see } from "./metering.js";
import type { Parts } from "./parts.js";

const DISNOLOAD = 0x001;
const LCYCMODE = 0x004;
const UNLOCK = 0x0fe;
const CONFIG = 0x102;
const PHCALA = 0x108;
const PERIOD = 0x10e;
const REQUIRED = 0x120;
const LAST_ADD = 0x1fe;
const LAST_OP = 0x0fd;
const AP_NOLOAD = 0x303;
const AWATT = 0x312;
const IRMSA = 0x31a;
const VRMS = 0x31c;
const AENERGYA = 0x31e;
const AIGAIN = 0x380;
const BLOCK_B = 0x0c;

const NEUTRAL = 0x400000;
const READ_CLEARS = 0x40;
/** Full scale with the parts of firmware/ic/README.md, and what the registers then say. */
const FULL = { volts: 350.36, amps: 106.33, rms: 9_032_007, watts: 37_242, power: 4_862_401 } as const;
/** 206,900 counts a second at full scale. */
const COUNT_UJ = 180_000;
const DELAY_STEP_deg = (360 * 50) / 895_000;

export class Ade7953 {
  /** Those of 24 bits at their addresses of 32 only. */
  readonly #registers = new Map<number, number>();
  /** Active A, B, reactive A, B. */
  readonly #energies = Array.from({ length: 4 }, () => new Accumulator(COUNT_UJ));
  #last = { address: 0, data: 0, read: false };
  #unlocked = false;
  #frame: number[] = [];

  constructor(private readonly parts: Parts) {
    this.reset();
  }

  /** Back to what it is after power-up: it accumulates at once, with neutral gains. */
  reset(): void {
    this.#registers.clear();
    for (const [address, value] of [
      [LCYCMODE, READ_CLEARS],
      [CONFIG, 0x8004],
      [AP_NOLOAD, 58_393],
      ...[0, 1, BLOCK_B, BLOCK_B + 1].map((at) => [AIGAIN + at, NEUTRAL] as const),
    ] as const)
      this.#registers.set(address, value);
    for (const energy of this.#energies) energy.reset();
    this.#unlocked = false;
    this.#frame = [];
  }

  peek(address: number): number {
    return this.#registers.get(address) ?? 0;
  }

  poke(address: number, value: number): void {
    this.#registers.set(address, value);
  }

  select(low: boolean): void {
    if (!low) this.#end();
    this.#frame = [];
  }

  /** Modes 0 and 3 sample alike; in the others nothing sensible comes back. */
  transfer(byte: number, mode: number): number {
    if (mode !== 0 && mode !== 3) return 0x55;
    this.#frame.push(byte);
    const at = this.#frame.length - 4;
    if (at < 0 || this.#frame[2] !== 0x80) return 0;
    return (this.#read(this.#address) >>> (8 * (widthOf(this.#address) - 1 - at))) & 0xff;
  }

  flow(cycle: MainsCycle, seconds: number): void {
    const seen = [0, 1].map((current) => this.#see(cycle, current));
    const noLoad_w = (this.peek(DISNOLOAD) & 1) === 1 ? 0 : FULL.watts / ((65_536 - this.peek(AP_NOLOAD)) * 1.4);
    for (const [current, { power_w, reactive_var }] of seen.entries()) {
      if (Math.abs(power_w) >= noLoad_w) this.#energies[current]!.add(power_w * seconds);
      if (Math.abs(reactive_var) >= noLoad_w) this.#energies[2 + current]!.add(reactive_var * seconds);
    }
    this.#tell(seen, cycle);
  }

  get #address(): number {
    return (this.#frame[0]! << 8) | this.#frame[1]!;
  }

  #see(cycle: MainsCycle, current: number): Seen {
    const block = AIGAIN + BLOCK_B * current;
    const gain = { amps: this.peek(block) / NEUTRAL, volts: this.peek(block + 1) / NEUTRAL };
    const delay = this.peek(PHCALA + current);
    return see(cycle, this.parts, current, gain, (delay & 0x1ff) * DELAY_STEP_deg * (delay & 0x200 ? -1 : 1));
  }

  #tell(seen: readonly Seen[], cycle: MainsCycle): void {
    const put = (address: number, value: number) => this.#registers.set(address, Math.round(value) | 0);
    for (const [current, one] of seen.entries()) {
      put(IRMSA + current, (one.amps / FULL.amps) * FULL.rms);
      put(AWATT + current, (one.power_w / FULL.watts) * FULL.power);
      put(AWATT + 2 + current, (one.reactive_var / FULL.watts) * FULL.power);
    }
    put(VRMS, (seen[0]!.volts / FULL.volts) * FULL.rms);
    put(PERIOD, (223_750 * (cycle.end_s - cycle.start_s)) / cycle.cycles - 1);
  }

  #read(address: number): number {
    if ((address & 0xff) === 0xff) return this.#last.data;
    if (address === LAST_ADD) return this.#last.address;
    if (address === LAST_OP) return this.#last.read ? 0x35 : 0xca;
    return this.#energyAt(address)?.counts ?? this.peek(address);
  }

  #energyAt(address: number): Accumulator | undefined {
    return this.#energies[address - AENERGYA];
  }

  #end(): void {
    if (this.#frame.length < 4) return;
    const address = this.#address;
    const read = this.#frame[2] === 0x80;
    // A transfer of another length than the register's is not legal and does nothing.
    if (this.#frame.length !== 3 + widthOf(address)) return;
    const unlocked = this.#unlocked;
    this.#unlocked = false;
    if ((address & 0xff) >= 0xfd && address !== UNLOCK) return;
    const data = read ? this.#read(address) : this.#frame.slice(3).reduce((word, byte) => (word << 8) | byte, 0);
    this.#last = { address, data, read };
    if (read) {
      if (this.peek(LCYCMODE) & READ_CLEARS) this.#energyAt(address)?.clear();
    } else if (address === UNLOCK) this.#unlocked = data === 0xad;
    else if (address !== REQUIRED || unlocked) this.#registers.set(address, data);
  }
}

function widthOf(address: number): number {
  return ((address >> 8) & 3) + 1;
}
