// What of a meter's rounds is told to its ledger: its counters, made finer by its power. Nothing of a round whose import or export is not
// known. The rules are docs/spec/modbus.md, "A reading" and "Between two steps of a counter".

import type { Mono_ms } from "../../ledger/units.js";
import { type Count, counted, flowedBetween, HALF_UJ_PER_MWH, newCount, stepOf_mwh } from "../../models/counting.js";
import type { Model } from "../../models/model.js";
import type { Read } from "../../models/plan.js";
import { MOST_mwh, variantsOf } from "../../models/plausible.js";
import type { Quantity } from "../../models/quantities.js";
import { bookedRows, powerOf, reactiveEnergiesOf, scaleOf, type Values } from "../../models/reading.js";
import type { Row } from "../../models/rows.js";
import type { ChannelCounters } from "../../ports/source.js";

/** Longer than three rounds, and than this: what flowed meanwhile is not guessed. */
const GAP_ms = 5_000;
/** So many steps flowed by the power while no counter moved: where its table is disputed, the meter may be of the other edition. */
const STILL_steps = 8;

export interface Round {
  /** Null where nothing of it may be booked. */
  readonly counters: ChannelCounters | null;
  /** Whether the meter is to be met anew: a counter fell, or stands still where it ought not to. */
  readonly doubted: boolean;
}

type Reactive = Pick<ChannelCounters, "import_mvarh" | "export_mvarh">;

export class Counting {
  #import: Count = newCount(null);
  #export: Count = newCount(null);
  /** As it was known last. */
  #reactive: Reactive = { import_mvarh: null, export_mvarh: null };
  /** One step of each row's number in its unit, as it was read last: a SunSpec device tells that with its numbers. */
  readonly #scales = new Map<Quantity, number>();
  /** The device that the counts are of. */
  #device: string | null = null;
  #before: { readonly moment: Mono_ms; readonly power_mw: number } | null = null;
  /** What flowed since a counter moved, either way, half µJ. */
  #still = 0;

  /** `fault`: to be told why nothing of a round is booked. */
  constructor(
    private readonly every_ms: number,
    private readonly fault: (fault: string) => void,
  ) {}

  /** The meter was met; `booked` is of this device. */
  meet(device: string, booked: ChannelCounters | null): void {
    this.#before = null;
    this.#still = 0;
    if (this.#device === device) return;
    this.#device = device;
    this.#import = newCount(booked?.import_mwh ?? null);
    this.#export = newCount(booked?.export_mwh ?? null);
    this.#reactive = { import_mvarh: booked?.import_mvarh ?? null, export_mvarh: booked?.export_mvarh ?? null };
  }

  /** What flows from now on is not seen. */
  lose(): void {
    this.#before = null;
  }

  answered(read: Read, words: readonly number[]): void {
    for (const { quantity, row } of read.rows) this.#scales.set(quantity, scaleOf(row, words, read.address) ?? 1);
  }

  round(model: Model, values: Values, moment: Mono_ms): Round {
    const power_mw = powerOf(values);
    const round = this.#counted(model, values, moment, power_mw);
    this.#before = power_mw === null || round.counters === null ? null : { moment, power_mw };
    return round;
  }

  #counted(model: Model, values: Values, moment: Mono_ms, power_mw: number | null): Round {
    const booked = bookedRows(model);
    const imported = this.#energy(model, values, booked.import);
    const exported = booked.export === null ? 0 : this.#energy(model, values, booked.export);
    if (imported === null || exported === null) return { counters: null, doubted: false };
    const interval_ms = this.#before === null ? 0 : moment - this.#before.moment;
    const whole = interval_ms <= Math.max(GAP_ms, 3 * this.every_ms) ? interval_ms : 0;
    const one_mw = this.#before?.power_mw ?? 0;
    const other_mw = power_mw ?? one_mw;
    const flowed = flowedBetween(one_mw, other_mw, whole);
    // A meter without direction counts whatever flows.
    const inward = model.direction === "none" ? flowed.import + flowed.export : flowed.import;
    const fell = imported < this.#import.counter_mwh || exported < this.#export.counter_mwh;
    const stands = imported === this.#import.counter_mwh && exported === this.#export.counter_mwh;
    const step_mwh = this.#step(model, booked.import, imported);
    this.#still = stands ? this.#still + flowed.import + flowed.export : 0;
    this.#import = counted(this.#import, imported, step_mwh, fell ? 0 : inward);
    if (booked.export !== null) {
      const step_mwh = this.#step(model, booked.export, exported);
      this.#export = counted(this.#export, exported, step_mwh, fell ? 0 : flowed.export);
    }
    const still = this.#still > STILL_steps * step_mwh * HALF_UJ_PER_MWH && variantsOf(model).length > 1;
    const export_mwh = booked.export === null ? 0 : this.#export.told_mwh;
    const counters = { import_mwh: this.#import.told_mwh, export_mwh, ...this.#reactiveOf(values) };
    return { counters, doubted: fell || still };
  }

  #step(model: Model, name: Quantity | null, counter_mwh: number): number {
    const row: Row | undefined = name === null ? undefined : model.points[name];
    const scale = name === null ? undefined : this.#scales.get(name);
    return row === undefined || scale === undefined ? 1 : stepOf_mwh(model, row, scale, counter_mwh);
  }

  /** A counter, or null where it is not known or cannot be one: nothing is booked of it. */
  #energy(model: Model, values: Values, name: Quantity | null): number | null {
    const value = name === null ? undefined : values.get(name);
    // An inverter that falls asleep says 0 of what it has counted.
    const asleep = model.direction === "generation" && value === 0 && this.#hasCounted();
    if (value !== undefined && !asleep && value >= 0 && value < MOST_mwh) return value;
    this.fault(value === undefined || asleep ? "no-energy" : "energy-out-of-range");
    return null;
  }

  #hasCounted(): boolean {
    return this.#import.counter_mwh > 0 || this.#import.before_mwh.some((told) => told > 0);
  }

  /** Both directions or neither; as they stood where the meter knew them and does not now: what flows meanwhile comes when it does. */
  #reactiveOf(values: Values): Reactive {
    const now = reactiveEnergiesOf(values);
    const can = now?.every((one) => one >= 0 && one < MOST_mwh) ?? false;
    if (now !== null && can) this.#reactive = { import_mvarh: now[0], export_mvarh: now[1] };
    else if (now !== null || this.#reactive.import_mvarh !== null)
      this.fault(now === null ? "no-energy" : "energy-out-of-range");
    return this.#reactive;
  }
}
