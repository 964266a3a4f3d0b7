// A device on the board's SPI bus, and a bus that goes wrong: reads that are all ones or zeros, by the number of the transfer
// or for a stretch of time. What the device hears is whole all the same: it clears what it is asked for.

export interface SpiDevice {
  /** Its chip select goes low, or high again, at a true time that never goes back. */
  select(low: boolean, time_s: number): void;
  /** A byte in, a byte out; `mode` is how the master clocks, 0..3. */
  transfer(byte: number, mode: number): number;
}

export interface BusFault {
  /** Transfers by their number since the start (0 is the first), from and to included; or true seconds. */
  readonly transfers?: readonly [number, number];
  readonly seconds?: readonly [number, number];
  /** What MISO reads meanwhile. */
  readonly reads: 0x00 | 0xff;
}

export class SpiBus implements SpiDevice {
  /** Transfers begun so far. */
  transfers = 0;
  /** Those that were damaged. */
  damaged = 0;
  faults: readonly BusFault[] = [];
  #fault: BusFault | null = null;

  constructor(private readonly device: SpiDevice) {}

  select(low: boolean, time_s: number): void {
    if (low) {
      const number = this.transfers++;
      this.#fault = this.faults.find((fault) => strikes(fault, number, time_s)) ?? null;
      if (this.#fault !== null) this.damaged++;
    }
    this.device.select(low, time_s);
  }

  transfer(byte: number, mode: number): number {
    const answer = this.device.transfer(byte, mode);
    return this.#fault?.reads ?? answer;
  }
}

function strikes({ transfers, seconds }: BusFault, number: number, time_s: number): boolean {
  return (
    (transfers !== undefined && number >= transfers[0] && number <= transfers[1]) ||
    (seconds !== undefined && time_s >= seconds[0] && time_s < seconds[1])
  );
}
