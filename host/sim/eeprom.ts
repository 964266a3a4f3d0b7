// The board's EEPROM: 1,024 bytes that outlive every reset and power cut, handed from one boot to the next.
// A watcher sees each byte as it is written and may take the power away before, in the middle of, or after it.
import type { EEPROMBackend } from "avr8js";
import { Random } from "./random.js";

export const EEPROM_BYTES = 1024;

export interface EepromWrite {
  /** Number of this byte write since the EEPROM was made, from 0. */
  readonly index: number;
  readonly address: number;
  readonly value: number;
}

/** What becomes of a write: it is done, or the power fails before it, in it (the byte half programmed), after it. */
export type WriteFate = "done" | "cut-before" | "torn" | "cut-after";

/** Thrown through the CPU when a watcher takes the power away; the board catches it. */
export class PowerFailed extends Error {}

export class Eeprom implements EEPROMBackend {
  onWrite: ((write: EepromWrite) => WriteFate) | null = null;
  /** Byte writes so far. */
  writes = 0;
  #old = 0xff;
  readonly #random: Random;

  /** `bytes` is kept and written in place; 0xFF where blank. */
  constructor(
    readonly bytes: Uint8Array = new Uint8Array(EEPROM_BYTES).fill(0xff),
    seed = 1,
  ) {
    this.#random = new Random(seed ^ 0x81);
  }

  readMemory(address: number): number {
    return this.bytes[address % EEPROM_BYTES]!;
  }

  eraseMemory(address: number): void {
    this.#old = this.readMemory(address);
    this.bytes[address % EEPROM_BYTES] = 0xff;
  }

  writeMemory(address: number, value: number): void {
    const at = address % EEPROM_BYTES;
    const fate = this.onWrite?.({ index: this.writes, address: at, value }) ?? "done";
    this.writes++;
    // Erased cells are all ones; programming takes ones away, so a byte cut short has some left over.
    if (fate === "cut-before") this.bytes[at] = this.#old;
    else if (fate === "torn") this.bytes[at]! &= value | (this.#random.bits() & 0xff);
    else this.bytes[at]! &= value;
    if (fate !== "done") throw new PowerFailed("the power failed at a write of the EEPROM");
  }
}
