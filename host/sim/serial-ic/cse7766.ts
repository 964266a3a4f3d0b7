// A simulated CSE7766 (docs/spec/serial-ics.md): speaks a frame every 50 ms, counts magnitudes, and says when it sees no load.

import { type Cse7766Frame, encodeCse7766 } from "../../wire/ics/cse7766.js";
import { joined } from "../../wire/ics/scan.js";
import { Flow, NOTHING, type SimulatedIc, type World } from "./chip.js";

const EVERY_ms = 50;
const CONSTANTS = { voltageConstant: 194_400, currentConstant: 16_400, powerConstant: 5_351_000 };
/** A count is the power constant in µJ. */
const COUNT_uj = CONSTANTS.powerConstant;
const SPAN = 2 ** 16;
/** Below this the chip measures no power, though it counts. */
const LEAST_mw = 5_000;
const CYCLE_MAX = 2 ** 24 - 1;

export class SimulatedCse7766 implements SimulatedIc {
  readonly truth: Flow;
  /** 0x55, 0xAA, or what is beyond range. */
  state = 0x55;
  #pot_uj = 0;
  #said_ms = 0;

  constructor(
    world: World,
    /** CF at the start. */
    private count = 0,
  ) {
    this.truth = new Flow(world);
  }

  advance(to_ms: number): Uint8Array {
    let said: Uint8Array = NOTHING;
    while (this.#said_ms + EVERY_ms <= to_ms) {
      this.#said_ms += EVERY_ms;
      this.#meter(this.#said_ms);
      said = joined(said, encodeCse7766(this.#frame()));
    }
    this.#meter(to_ms);
    return said;
  }

  hear(): Uint8Array {
    return NOTHING;
  }

  /** A cut of its supply. */
  reset(): void {
    this.count = 0;
    this.#pot_uj = 0;
  }

  #meter(to_ms: number): void {
    this.truth.advance(to_ms, (flow_uj) => {
      this.#pot_uj += Math.abs(flow_uj);
      const counts = Math.floor(this.#pot_uj / COUNT_uj);
      this.#pot_uj -= counts * COUNT_uj;
      this.count = (this.count + counts) % SPAN;
    });
  }

  #frame(): Cse7766Frame {
    const power_mw = Math.abs(this.truth.now.power_mw);
    const cycle = (constant: number, value: number) => Math.min(CYCLE_MAX, Math.round((constant * 1_000) / value));
    const none = power_mw === 0;
    return {
      state: this.state === 0x55 && none ? 0xf2 : this.state,
      ...CONSTANTS,
      voltageCycle: cycle(CONSTANTS.voltageConstant, this.truth.voltage_mv),
      currentCycle: none ? CYCLE_MAX : cycle(CONSTANTS.currentConstant, this.truth.current_ma),
      powerCycle: none ? CYCLE_MAX : cycle(CONSTANTS.powerConstant, power_mw),
      adjust: power_mw < LEAST_mw ? 0x60 : 0x70,
      count: this.count,
    };
  }
}
