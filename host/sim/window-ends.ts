// When netting windows really ended, from pin D4 of an executed board: it changes at each window boundary.
// Relates the board times of reports to true times: the board's ms count starts somewhat after its reset, by as much as
// a report's time differs from the boundary it tells of.
import { decodeLine } from "../wire/board/from-board.js";

interface Boot {
  readonly start_cycles: number;
  /** Board time minus time since reset, ms; null until a report told. */
  offset_ms: number | null;
  number: number | null;
}

/** Boundaries remembered. */
const KEPT = 20_000;
/** A boundary and a board time as far apart as this, or less, are the same moment, cycles: half of a window of 1. */
const SAME_CYCLES = 150_000;

export class WindowEnds {
  readonly #at_cycles: number[] = [];
  readonly #boots: Boot[] = [];
  #line = "";
  #lineBegan_cycles = 0;

  boot(start_cycles: number): void {
    this.#boots.push({ start_cycles, offset_ms: null, number: null });
    this.#line = "";
  }

  /** D4 changed, in the resonator's cycles since true time 0. */
  boundary(at_cycles: number): void {
    if (this.#at_cycles.length >= KEPT) this.#at_cycles.splice(0, KEPT / 2);
    this.#at_cycles.push(at_cycles);
  }

  /** A byte begins to leave the board. */
  transmitted(byte: number): void {
    if (this.#line === "") this.#lineBegan_cycles = this.#at_cycles.at(-1) ?? 0;
    if (byte !== 0x0a) {
      this.#line += String.fromCharCode(byte);
      return;
    }
    const boot = this.#boots.at(-1);
    if (boot?.offset_ms === null && this.#line.startsWith("R")) {
      const report = decodeLine(this.#line);
      if (report.kind === "report" && this.#lineBegan_cycles > boot.start_cycles) {
        boot.number = report.boot;
        boot.offset_ms = report.t_ms - (this.#lineBegan_cycles - boot.start_cycles) / 16_000;
      }
    }
    this.#line = "";
  }

  /** The boundaries remembered between two moments, both included, in cycles. */
  between(from_cycles: number, to_cycles: number): readonly number[] {
    return this.#at_cycles.filter((at) => at >= from_cycles && at <= to_cycles);
  }

  /** The resonator's cycles at a board time: of the boundary at that time, or reckoned; null for an unknown boot. */
  cyclesAt(bootNumber: number, t_ms: number): number | null {
    const boot = this.#boots.findLast((one) => one.number === bootNumber);
    if (boot === undefined || boot.offset_ms === null) return null;
    const reckoned = boot.start_cycles + (t_ms - boot.offset_ms) * 16_000;
    let nearest = reckoned;
    let away = SAME_CYCLES;
    for (const at of this.#at_cycles) {
      if (Math.abs(at - reckoned) >= away) continue;
      nearest = at;
      away = Math.abs(at - reckoned);
    }
    return nearest;
  }
}
