// A simulated BL0942 (docs/spec/serial-ics.md): its count of energy, absolute after every reset, its MODE under write protection, and
// resets that it tells nobody of.

import {
  BL0942_CF_CNT,
  BL0942_MODE,
  BL0942_MODE_RESET,
  BL0942_UNPROTECTED,
  BL0942_WRITE_PROTECTION,
  type Bl0942Request,
  encodeBl0942Answer,
  isAbsolute,
  splitBl0942Requests,
} from "../../wire/ics/bl0942.js";
import { joined } from "../../wire/ics/scan.js";
import { Flow, NOTHING, type SimulatedIc, type World } from "./chip.js";

/** LSB of its registers with a shunt of 1 mΩ and 1.95 MΩ : 510 Ω, from the data sheet's formulas. */
const PIN_mv_PER_V = (1_000 * 510) / 1_950_510;
const LSB_PER_W = (3_537 * PIN_mv_PER_V) / 1.218 ** 2;
const LSB_PER_V = (73_989 * PIN_mv_PER_V) / 1.218;
const LSB_PER_A = 305_978 / 1.218;
const COUNT_uj = (419_430.4 / LSB_PER_W) * 1e6;
const SPAN = 2 ** 24;

export class SimulatedBl0942 implements SimulatedIc {
  readonly truth: Flow;
  resets = 0;
  /** A chip whose RX pin is not connected, or another that ignores what it is told. */
  stubborn = false;
  #mode = BL0942_MODE_RESET;
  #protected = true;
  /** Energy towards the next count. */
  #pot_uj = 0;
  #rest = new Uint8Array();

  constructor(
    world: World,
    /** CF_CNT at the start. */
    private count = 0,
    private readonly address = 0,
  ) {
    this.truth = new Flow(world);
  }

  get mode(): number {
    return this.#mode;
  }

  advance(to_ms: number): Uint8Array {
    this.truth.advance(to_ms, (flow_uj) => {
      this.#pot_uj += isAbsolute(this.#mode) ? Math.abs(flow_uj) : flow_uj;
      const counts = Math.trunc(this.#pot_uj / COUNT_uj);
      this.#pot_uj -= counts * COUNT_uj;
      this.count = (this.count + counts + SPAN) % SPAN;
    });
    return NOTHING;
  }

  /** As a motor's switching or a poor supply does it. */
  reset(): void {
    this.resets++;
    this.#mode = BL0942_MODE_RESET;
    this.#protected = true;
    this.#pot_uj = 0;
    this.count = 0;
    this.#rest = new Uint8Array();
  }

  hear(bytes: Uint8Array): Uint8Array {
    const { pieces, rest } = splitBl0942Requests(this.address, joined(this.#rest, bytes));
    this.#rest = rest as Uint8Array<ArrayBuffer>;
    return pieces
      .map((piece) => (piece.kind === "frame" ? this.#answer(piece.frame) : NOTHING))
      .reduce(joined, NOTHING);
  }

  #answer(request: Bl0942Request): Uint8Array {
    if (request.kind === "write") {
      this.#write(request.register, request.value);
      return NOTHING;
    }
    if (request.kind === "register")
      return encodeBl0942Answer(request, this.address, { kind: "register", value: this.#read(request.register) });
    const { now, voltage_mv, current_ma, frequency_mhz } = this.truth;
    return encodeBl0942Answer(request, this.address, {
      kind: "packet",
      current: Math.round((current_ma / 1_000) * LSB_PER_A),
      voltage: Math.round((voltage_mv / 1_000) * LSB_PER_V),
      fastCurrent: 0,
      watt: Math.round((now.power_mw / 1_000) * LSB_PER_W),
      count: this.count,
      period: Math.round(1e9 / frequency_mhz),
      status: now.power_mw < 0 ? 1 : 0,
    });
  }

  #read(register: number): number {
    if (register === BL0942_CF_CNT) return this.count;
    return register === BL0942_MODE ? this.#mode : 0;
  }

  #write(register: number, value: number): void {
    if (register === BL0942_WRITE_PROTECTION) this.#protected = value !== BL0942_UNPROTECTED;
    else if (register === BL0942_MODE && !this.#protected && !this.stubborn) this.#mode = value;
  }
}
