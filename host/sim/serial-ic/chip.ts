// What the simulated metering ICs have in common: a world that flows through them, exactly counted beside them as their truth, and bytes.

/** The conductor at a moment, ms since the simulation's start: positive is import. */
export type World = (at_ms: number) => Conductor;

export interface Conductor {
  readonly power_mw: number;
  readonly reactive_mvar?: number;
  readonly voltage_mv?: number;
  readonly frequency_mhz?: number;
}

/** One chip at the byte level. */
export interface SimulatedIc {
  /** Time goes on; gives what the chip says unasked. */
  advance(to_ms: number): Uint8Array;
  /** What it answers to bytes that arrive. */
  hear(bytes: Uint8Array): Uint8Array;
}

/** The grain of the simulated world: one mains cycle. */
const GRAIN_ms = 20;
/** 1 mWh is 3.6 J. */
export const UJ_PER_MWH = 3_600_000;
export const NOTHING = new Uint8Array();

/** The energy that flowed each way, µJ, exactly: mW times ms, cycle by cycle. */
export class Flow {
  import_uj = 0;
  export_uj = 0;
  import_uvars = 0;
  export_uvars = 0;
  now: Conductor;
  #at_ms = 0;

  constructor(private readonly world: World) {
    this.now = world(0);
  }

  get at_ms(): number {
    return this.#at_ms;
  }

  /** `each` is told what flows in each cycle, µJ: positive is import. */
  advance(to_ms: number, each: (flow_uj: number) => void = () => {}): void {
    while (this.#at_ms + GRAIN_ms <= to_ms) {
      this.now = this.world(this.#at_ms);
      const flow_uj = this.now.power_mw * GRAIN_ms;
      const reactive = (this.now.reactive_mvar ?? 0) * GRAIN_ms;
      if (flow_uj > 0) this.import_uj += flow_uj;
      else this.export_uj -= flow_uj;
      if (reactive > 0) this.import_uvars += reactive;
      else this.export_uvars -= reactive;
      this.#at_ms += GRAIN_ms;
      each(flow_uj);
    }
  }

  get voltage_mv(): number {
    return this.now.voltage_mv ?? 230_000;
  }

  get frequency_mhz(): number {
    return this.now.frequency_mhz ?? 50_000;
  }

  /** Of the apparent power, rms. */
  get current_ma(): number {
    const apparent_mva = Math.hypot(this.now.power_mw, this.now.reactive_mvar ?? 0);
    return (apparent_mva * 1_000) / this.voltage_mv;
  }
}
