// A room to calibrate in: an executed board whose three clamps carry what it is told to, a voltage that its divider makes too large or
// small, a reference that is a little wrong, and simulated time. The lab's own procedure runs against it.

import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LineSource } from "../../host/adapters/board/line-source.js";
import { CalibrationHistory } from "../../host/app/calibration/history.js";
import { inForceOf, writeTo } from "../../host/app/calibration/writing.js";
import type { Phasor } from "../../host/lab/calibration/phasor.js";
import type { Bench, Observed, Refusal, Writing } from "../../host/lab/calibration/procedure.js";
import type { Load as StepLoad } from "../../host/lab/calibration/reference.js";
import type { Identity, SourceEvent } from "../../host/ports/source.js";
import type { SimulatedBoard } from "../../host/sim/board.js";
import { PREBUILT_IMAGE } from "../../host/sim/board-options.js";
import { Eeprom } from "../../host/sim/eeprom.js";
import { ExecutedBoard } from "../../host/sim/executed-board.js";
import { FastBoard } from "../../host/sim/fast-board.js";
import { type FrontEndOptions, IDEAL_FRONT_END } from "../../host/sim/front-end.js";
import { readHex } from "../../host/sim/image.js";
import { addResistor } from "../../host/sim/loads.js";
import type { World } from "../../host/sim/mains.js";
import { emptyCycle, type MainsCycle, measure } from "../../host/sim/mains-cycle.js";
import { wander } from "../../host/sim/random.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import { Truth } from "../../host/sim/truth.js";

/** What a clamp carries; the current follows the voltage's harmonics where it is resistive. */
export interface Load {
  readonly amps: number;
  readonly pf: number;
  readonly lead?: boolean;
  readonly export?: boolean;
}

export const NONE: Load = { amps: 0, pf: 1 };
/** What a hobbyist has: a kettle, a fan motor or choke, the same through twenty turns of wire. */
export const STEP_LOADS: { readonly [load in StepLoad]: Load } = {
  nothing: NONE,
  resistive: { amps: 10, pf: 1 },
  "reactive-low": { amps: 1, pf: 0.5 },
  "reactive-high": { amps: 20, pf: 0.5 },
};
const HARMONICS = [0.006, -0.018, 0.01, 0.002];
const START_utc_ms = Date.UTC(2026, 5, 1, 10);

/** Loads that can be exchanged while it runs; the front end sees the voltage times `voltageGain`, the truth sees it as it is. */
class Room implements World {
  readonly recorded = null;
  readonly truth = new Truth();
  grain_cycles = 1;
  loads: [Load, Load, Load] = [NONE, NONE, NONE];
  voltage_v = 230;
  voltageWander_v: number;
  readonly #true = emptyCycle();
  readonly cycle = emptyCycle();

  constructor(
    private readonly voltageGain: number,
    private readonly seed: number,
    voltageWander_v = 1,
  ) {
    this.voltageWander_v = voltageWander_v;
    this.#begin(0);
  }

  next(): void {
    this.truth.add(this.#true);
    this.#begin(this.#true.end_s);
  }

  #begin(start_s: number): void {
    const cycle: MainsCycle = this.#true;
    const length_s = this.grain_cycles / (50 + 0.03 * wander(this.seed ^ 0x61, start_s / 17));
    cycle.start_s = start_s;
    cycle.end_s = start_s + length_s;
    cycle.cycles = this.grain_cycles;
    const [volts, ...clamps] = cycle.waves;
    const first_v = this.voltage_v + this.voltageWander_v * wander(this.seed ^ 0x62, start_s / 40);
    volts.fill(0);
    volts[0] = first_v;
    for (const [at, share] of HARMONICS.entries()) volts[2 + 2 * at] = first_v * share;
    for (const [k, load] of this.loads.entries()) fill(clamps[k] as Float64Array, volts, load);
    measure(cycle);
    Object.assign(this.cycle, { ...cycle, waves: this.cycle.waves, current_a: this.cycle.current_a });
    for (const [k, wave] of cycle.waves.entries()) this.cycle.waves[k]?.set(wave);
    this.cycle.current_a.set(cycle.current_a);
    const seen = this.cycle.waves[0];
    for (let k = 0; k < seen.length; k++) seen[k] = (seen[k] ?? 0) * this.voltageGain;
  }
}

function fill(amps: Float64Array, volts: Float64Array, load: Load): void {
  amps.fill(0);
  const rms = load.amps * (load.export === true ? -1 : 1);
  if (load.pf === 1) return addResistor(amps, volts, rms * 230);
  amps[0] = rms * load.pf;
  amps[1] = rms * Math.sqrt(1 - load.pf * load.pf) * (load.lead === true ? 1 : -1);
}

export interface RoomOptions {
  readonly frontEnd: Partial<FrontEndOptions>;
  readonly voltageGain?: number;
  readonly seed?: number;
  readonly fidelity?: "executed" | "fast";
  readonly eeprom?: Eeprom;
  /** The reference's error: a share of its power, and degrees of its angle; null: there is none but what is typed. */
  readonly reference?: { readonly share: number; readonly degrees: number } | null;
  readonly voltageWander_v?: number;
}

export class CalibrationRoom implements Bench {
  readonly hasReference: boolean;
  readonly reference: string;
  readonly room: Room;
  readonly board: SimulatedBoard;
  readonly eeprom: Eeprom;
  readonly clock = new SimulatedClock(START_utc_ms);
  readonly data = mkdtempSync(join(tmpdir(), "esme-calibration-"));
  readonly source: LineSource;
  readonly powers: { at_ms: number; volts: number; clamps: [Phasor, Phasor, Phasor] }[] = [];
  identity: Identity | null = null;
  /** Called before each look: a test switches loads and pulls plugs here. */
  onWait: () => void = () => {};
  /** Whether the reference goes on telling. */
  referenceTells = true;
  #time_s = 0;
  #told: { at_ms: number; watts: number; vars: number; volts: number } | null = null;
  readonly #options: RoomOptions;

  constructor(options: RoomOptions) {
    this.#options = options;
    const { seed = 1, voltageGain = 1, fidelity = "executed" } = options;
    this.hasReference = options.reference !== null;
    this.reference = this.hasReference ? "source check" : "typed";
    this.room = new Room(voltageGain, seed, options.voltageWander_v ?? 1);
    this.eeprom = options.eeprom ?? new Eeprom(undefined, seed);
    const frontEnd = { ...IDEAL_FRONT_END, clampLeadFall_deg: 0, ...options.frontEnd };
    const parts = { world: this.room, frontEnd, clock: { ppm: 0, driftPpm: 0 }, seed };
    const flash = readHex(readFileSync(PREBUILT_IMAGE, "utf8"));
    if ("kind" in flash) throw new Error(flash.reason);
    this.board =
      fidelity === "fast"
        ? new FastBoard({ ...parts, eeprom: this.eeprom.bytes, reportEvery_s: 1 })
        : new ExecutedBoard({ ...parts, flash, eeprom: this.eeprom });
    this.source = new LineSource((bytes) => this.board.send(bytes), this.clock);
    this.board.onBytes = (bytes) => this.source.arrive(bytes);
    this.source.start((event) => this.#hear(event));
  }

  get time_s(): number {
    return this.#time_s;
  }

  run(for_s: number): void {
    const until_s = this.#time_s + for_s;
    while (this.#time_s < until_s - 1e-9) {
      this.#time_s = Math.min(until_s, this.#time_s + 0.02);
      this.board.runUntil(this.#time_s);
      this.clock.runTo(this.#time_s * 1_000);
    }
  }

  /** Time goes on until it is settled. */
  async during<T>(work: Promise<T>): Promise<T> {
    const state: { over: boolean } = { over: false };
    const over = () => {
      state.over = true;
    };
    void work.then(over, over);
    for (let k = 0; k < 20 && !state.over; k++) await Promise.resolve();
    while (!state.over) {
      this.run(0.05);
      for (let k = 0; k < 20 && !state.over; k++) await Promise.resolve();
    }
    return work;
  }

  wait(): Promise<void> {
    this.onWait();
    this.run(1);
    if (this.hasReference && this.referenceTells) this.#refer();
    return Promise.resolve();
  }

  observe(): Promise<Observed | Refusal> {
    const latest = this.powers.at(-1);
    const board =
      latest === undefined ? null : { ...latest, device: this.identity?.device ?? "", boot: this.identity?.boot ?? 0 };
    const reference = this.#told === null ? null : { ...this.#told, amps: null, pf: null };
    return Promise.resolve({ ok: true, now_ms: this.clock.mono(), board, reference });
  }

  async inForce() {
    while (this.identity === null) this.run(0.5);
    return this.during(inForceOf(this.source, this.identity));
  }

  write(writing: Writing) {
    return this.during(writeTo(this.source, this.known(), writing, this.history(), this.clock));
  }

  history(): CalibrationHistory {
    return new CalibrationHistory(this.data, this.known().device);
  }

  known(): Identity {
    if (this.identity === null) throw new Error("no board was found");
    return this.identity;
  }

  /** What really flowed through a clamp's conductor between two moments, mean W and var. */
  truth(clamp: number, from_s: number, to_s: number): Phasor {
    const { truth } = this.board;
    // Known up to the end of the last whole cycle.
    const [first_s, last_s] = [Math.min(from_s, truth.end_s), Math.min(to_s, truth.end_s)];
    const [from, to] = [truth.at(first_s)?.[clamp - 1], truth.at(last_s)?.[clamp - 1]];
    if (from === undefined || to === undefined) throw new Error("the truth is not known");
    const each = 3_600 / 1e6 / (last_s - first_s);
    return {
      re: (to.import_uwh - from.import_uwh - to.export_uwh + from.export_uwh) * each,
      im: (to.import_uvarh - from.import_uvarh - to.export_uvarh + from.export_uvarh) * each,
    };
  }

  /** The reference stands on the conductor of clamp 1 and tells the means of the last second. */
  #refer(): void {
    const { share = 0, degrees = 0 } = this.#options.reference ?? {};
    const { re, im } = this.truth(1, this.#time_s - 1, this.#time_s);
    const angle = (degrees * Math.PI) / 180;
    this.#told = {
      at_ms: this.clock.mono(),
      watts: (1 + share) * (re * Math.cos(angle) - im * Math.sin(angle)),
      vars: (1 + share) * (im * Math.cos(angle) + re * Math.sin(angle)),
      volts: (1 + share) * this.room.cycle.voltage_v,
    };
  }

  #hear(event: SourceEvent): void {
    if (event.kind === "found") this.identity = event.identity;
    if (event.kind !== "power") return;
    const { voltage_mv, channels } = event.power;
    const clamps = channels
      .slice(0, 3)
      .map(({ active_mw, reactive_mvar }) => ({ re: (active_mw ?? 0) / 1_000, im: (reactive_mvar ?? 0) / 1_000 }));
    this.powers.push({
      at_ms: event.arrived,
      volts: (voltage_mv ?? 0) / 1_000,
      clamps: clamps as [Phasor, Phasor, Phasor],
    });
  }
}
