// A Modbus meter as a source: met, asked in rounds, its counters made finer by its power, lost after three questions in vain. Channel
// 1 is the meter. Its clock is this process's own, so what it tells is stamped with the moment of the reading.
//
//   meeting --it is what it ought to be--> metering --three questions in vain, the line gone, a counter fell--> meeting

import { Board_ms, Mono_ms } from "../../ledger/units.js";
import { type Count, counted, flowedBetween, newCount, stepOf_mwh } from "../../models/counting.js";
import type { Model } from "../../models/model.js";
import { plan } from "../../models/plan.js";
import { MOST_mwh } from "../../models/plausible.js";
import type { Quantity } from "../../models/quantities.js";
import { bookedRows, powerOf, reactiveEnergiesOf, scaleOf, type Values, valuesOf } from "../../models/reading.js";
import type { Row } from "../../models/rows.js";
import type { Clock } from "../../ports/clock.js";
import type { Booked, ChannelCounters, Source, SourceEvent } from "../../ports/source.js";
import type { Answer } from "../../wire/modbus/frames.js";
import type { Bus, BusUser, Outcome, Wish } from "./bus.js";
import { type Ask, type Asking, type Contact, contact, type RefusalCode, wantedOf } from "./probe.js";
import type { MeterStatistics } from "./statistics.js";
import { NEXT, powerTold } from "./told.js";

export interface ModbusOptions {
  readonly bus: Bus;
  readonly model: Model;
  /** The meter's address on its bus, 1..247; over TCP 0..255. */
  readonly unit: number;
  /** How often it is read. */
  readonly every_ms: number;
  /** Unique in this process, u32. */
  readonly boot: number;
  readonly clock: Clock;
  /** What its fuse lets pass, all phases together. */
  readonly fuse_w: number;
  /** Whether it stands where import must be told from export: then it is refused where it cannot. */
  readonly needsDirection?: boolean;
}

/** Why it is not metered: a code, why, what to do. */
export interface MeterRefusal {
  readonly code: "no-answer" | "line" | RefusalCode;
  readonly reason: string;
  readonly next: string;
}

/** So many questions in a row without an answer, and the meter is lost. */
const LOST_AFTER = 3;
/** How long until a lost meter is asked again: a dead one takes little of the bus. */
const AGAIN_ms = [2_000, 5_000, 10_000, 30_000];
const REFUSED_AGAIN_ms = 10_000;
/** Longer than three rounds, and than this: what flowed meanwhile is not guessed. */
const GAP_ms = 5_000;
const CHANNEL = 1;
/** Exceptions of a gateway that does not hear its meter: the meter is silent. */
const GATEWAY = [10, 11];
/** It failed, or is busy: it may know another time. */
const ANOTHER_TIME = [4, 5, 6];

type Living<T> = Generator<Wish, T, Outcome>;
type Met = Extract<Contact, { kind: "met" }>;
/** `rests`: it is not asked again at once. A line that is gone rests by itself. */
type Unanswered = { readonly kind: "unanswered"; readonly reason: string; readonly rests: boolean };

export class ModbusSource implements Source, BusUser {
  readonly pause_ms: number;
  readonly answer_ms: number;
  #wish: Wish | null = null;
  #life: Living<never> | null = null;
  #tell: (event: SourceEvent) => void = () => {};
  #booked: readonly Booked[] = [];
  #refusal: MeterRefusal | null = null;
  #remark: string | null = null;
  #found: string | null = null;
  #vain = 0;
  /** Whether its serial number was ever read. */
  #hasSerial = false;
  /** Before then it is not asked. */
  #restUntil = Mono_ms(0);
  #import: Count = newCount(null);
  #export: Count = newCount(null);
  /** One step of each row's number in its unit, as it was read last: a SunSpec device tells that with its numbers. */
  readonly #scales = new Map<Quantity, number>();
  /** The device that the two counts are of. */
  #counting: string | null = null;
  #before: { readonly moment: Mono_ms; readonly power_mw: number } | null = null;

  constructor(private readonly options: ModbusOptions) {
    this.pause_ms = options.model.pace.pause_ms;
    this.answer_ms = options.model.pace.answer_ms;
  }

  get wish(): Wish | null {
    return this.#wish;
  }

  /** Why it is not metered, with what to do about it; null while it is. */
  get refusal(): MeterRefusal | null {
    const line = this.options.bus.refusal;
    return line === null ? this.#refusal : { code: "line", reason: line.reason, next: line.next };
  }

  /** What its owner ought to know of how it is metered; null where nothing is peculiar. */
  get remark(): string | null {
    return this.refusal === null ? this.#remark : null;
  }

  get statistics(): MeterStatistics | null {
    return this.options.bus.statisticsOf(this);
  }

  start(tell: (event: SourceEvent) => void, booked: readonly Booked[] = []): void {
    this.#tell = tell;
    this.#booked = booked;
    this.#life = this.#living();
    this.#wish = this.#life.next().value;
    this.options.bus.join(this);
  }

  async stop(): Promise<void> {
    this.#tell = () => {};
    this.#wish = null;
    this.#life = null;
    await this.options.bus.leave(this);
  }

  /** A meter on Modbus remembers no half hours of ours, and has no clock that is told. */
  remember(): void {}
  setUtc(): void {}

  heard(heard: Outcome): void {
    if (this.#life === null) return;
    const outcome = this.#account(heard);
    const next = this.#life?.next(outcome);
    this.#wish = this.#life === null ? null : (next?.value ?? null);
  }

  gone(reason: string): void {
    this.heard({ kind: "gone", reason });
  }

  *#living(): Living<never> {
    for (let tries = 0; ; ) {
      const met = this.#sure(yield* this.#meet());
      if (met.kind === "met") {
        tries = 0;
        const why = yield* this.#meter(met);
        if (why !== null) this.#lost(why);
        continue;
      }
      if (met.kind === "refused") this.#refuse(met);
      else this.#lost(met.reason);
      if (met.kind === "unanswered" && !met.rests) continue;
      const wait_ms = met.kind === "refused" ? REFUSED_AGAIN_ms : (AGAIN_ms[Math.min(tries, AGAIN_ms.length - 1)] ?? 0);
      tries++;
      this.#restUntil = Mono_ms(this.#now() + wait_ms);
    }
  }

  *#meet(): Living<Contact | Unanswered> {
    const { model, fuse_w, needsDirection } = this.options;
    const due = Mono_ms(Math.max(this.#now(), this.#restUntil));
    const asking: Asking<Contact> = contact(model, fuse_w, needsDirection);
    let step = asking.next();
    while (step.done !== true) {
      const answer: Answer | Unanswered = yield* this.#ask(step.value, due);
      if (answer.kind === "unanswered") return answer;
      step = asking.next(answer);
    }
    return step.value;
  }

  /** A meter whose serial number was read says none now: it is not itself, and is asked again before anything is booked of it. */
  #sure(met: Contact | Unanswered): Contact | Unanswered {
    if (met.kind !== "met" || met.serial !== null || !this.#hasSerial) return met;
    const reason = `${this.#called()} says no serial number any more`;
    const next = "read its display; it is asked again by itself";
    this.#refusal = { code: "no-answer", reason, next };
    return { kind: "unanswered", reason, rests: true };
  }

  /** Asks until there is an answer, or it is lost. One that could not answer just then is asked again. */
  *#ask(ask: Ask, due: Mono_ms): Living<Answer | Unanswered> {
    for (let busy = 1; ; ) {
      const outcome = yield this.#wishOf(ask, due);
      if (outcome.kind === "answered") {
        const { answer } = outcome;
        const failed = answer.kind === "exception" && ANOTHER_TIME.includes(answer.code);
        if (!failed || busy++ === LOST_AFTER) return answer;
      }
      if (outcome.kind === "gone") return { kind: "unanswered", reason: outcome.reason, rests: false };
      if (this.#vain >= LOST_AFTER) return this.#silent();
    }
  }

  /** Round after round until the meter is lost (why), or must be met anew (null). */
  *#meter(met: Met): Living<string | null> {
    const { every_ms } = this.options;
    const booked = bookedRows(met.model);
    const reads = plan(met.model, wantedOf(met.model));
    this.#meetAgain(met);
    /** Rounds in a row whose every answer was an exception. */
    let refusals = 0;
    for (let due = this.#now(); ; due = Mono_ms(Math.max(due + every_ms, this.#now()))) {
      const values = new Map<Quantity, number>();
      let moment: Mono_ms | null = null;
      let vain = false;
      for (const read of reads) {
        const outcome = yield this.#wishOf({ ...read, address: met.base + read.address }, due);
        if (outcome.kind === "gone") return outcome.reason;
        if (this.#vain >= LOST_AFTER) return this.#silent().reason;
        vain = outcome.kind !== "answered";
        if (outcome.kind !== "answered") break;
        if (outcome.answer.kind === "exception") continue;
        const { words } = outcome.answer;
        for (const [name, value] of valuesOf(read, words)) values.set(name, value);
        for (const { quantity, row } of read.rows) this.#scales.set(quantity, scaleOf(row, words, read.address) ?? 1);
        const counts = read.rows.some(({ quantity }) => quantity === booked.import);
        // The counters are of some time between the question's end and the answer's beginning.
        if (counts || moment === null) moment = Mono_ms(Math.round((outcome.from + outcome.begun) / 2));
      }
      refusals = moment === null && !vain ? refusals + 1 : 0;
      if (refusals >= LOST_AFTER) return `${this.#called()} answers with nothing but exceptions`;
      if (moment === null || vain) continue;
      if (this.#reading(met, values, moment) === "fell") return null;
    }
  }

  #wishOf({ function: code, address, count }: Ask, due: Mono_ms): Wish {
    return { question: { unit: this.options.unit, function: code, address, count }, due };
  }

  /** What is told of a round; `fell` where a counter did. */
  #reading(met: Met, values: Values, moment: Mono_ms): "told" | "fell" {
    const power_mw = powerOf(values);
    const told = this.#counters(met, values, moment, power_mw);
    this.#before = power_mw === null || told === null ? null : { moment, power_mw };
    if (told !== null)
      this.#tell({
        kind: "report",
        arrived: moment,
        board: Board_ms(moment),
        boot: this.options.boot,
        channel: CHANNEL,
        counters: told.counters,
        base: null,
      });
    this.#tell({ kind: "power", arrived: moment, power: powerTold(met.model, values, power_mw) });
    return told?.fell === true ? "fell" : "told";
  }

  #counters(
    met: Met,
    values: Values,
    moment: Mono_ms,
    power_mw: number | null,
  ): { readonly counters: ChannelCounters; readonly fell: boolean } | null {
    const { model } = met;
    const booked = bookedRows(model);
    const imported = this.#energy(values, booked.import);
    const exported = booked.export === null ? 0 : this.#energy(values, booked.export);
    const reactive = this.#reactive(met, values);
    if (imported === null || exported === null || reactive === null) return null;
    const interval_ms = this.#before === null ? 0 : moment - this.#before.moment;
    const whole = interval_ms <= Math.max(GAP_ms, 3 * this.options.every_ms) ? interval_ms : 0;
    const one_mw = this.#before?.power_mw ?? 0;
    const other_mw = power_mw ?? one_mw;
    const flowed = flowedBetween(one_mw, other_mw, whole);
    // A meter without direction counts whatever flows.
    const inward = model.direction === "none" ? flowed.import + flowed.export : flowed.import;
    const fell = imported < this.#import.counter_mwh || exported < this.#export.counter_mwh;
    this.#import = counted(this.#import, imported, this.#step(model, booked.import, imported), fell ? 0 : inward);
    if (booked.export !== null) {
      const step_mwh = this.#step(model, booked.export, exported);
      this.#export = counted(this.#export, exported, step_mwh, fell ? 0 : flowed.export);
    }
    const export_mwh = booked.export === null ? 0 : this.#export.told_mwh;
    return { counters: { import_mwh: this.#import.told_mwh, export_mwh, ...reactive }, fell };
  }

  #step(model: Model, name: Quantity | null, counter_mwh: number): number {
    const row: Row | undefined = name === null ? undefined : model.points[name];
    const scale = name === null ? undefined : this.#scales.get(name);
    return row === undefined || scale === undefined ? 1 : stepOf_mwh(model, row, scale, counter_mwh);
  }

  /** A counter, or null where it is not known or cannot be one: nothing is booked of it. */
  #energy(values: Values, name: Quantity | null): number | null {
    const value = name === null ? undefined : values.get(name);
    if (value !== undefined && value >= 0 && value < MOST_mwh) return value;
    this.#fault(value === undefined ? "no-energy" : "energy-out-of-range", 0);
    return null;
  }

  /** As the meter counts it, both directions or neither; null where it knew them at first contact and does not now. */
  #reactive(met: Met, values: Values): Pick<ChannelCounters, "import_mvarh" | "export_mvarh"> | null {
    if (reactiveEnergiesOf(met.values) === null) return { import_mvarh: null, export_mvarh: null };
    const now = reactiveEnergiesOf(values);
    if (now === null || now.some((one) => one < 0 || one >= MOST_mwh)) {
      this.#fault(now === null ? "no-energy" : "energy-out-of-range", 0);
      return null;
    }
    return { import_mvarh: now[0], export_mvarh: now[1] };
  }

  #meetAgain(met: Met): void {
    const { model, serial } = met;
    const { bus, unit, boot } = this.options;
    const device = serial === null ? `${model.model}@${bus.name}#${unit}` : `${model.model}-${serial}`;
    if (this.#counting !== device) {
      const booked = this.#booked.find((one) => one.device === device && one.channel === CHANNEL)?.counters ?? null;
      this.#import = newCount(booked?.import_mwh ?? null);
      this.#export = newCount(booked?.export_mwh ?? null);
      this.#counting = device;
    }
    this.#hasSerial = serial !== null;
    this.#before = null;
    this.#refusal = null;
    this.#remark = this.#remarkOn(met);
    if (this.#found === device) return;
    if (!met.proved) this.#fault("model-not-proved", 0);
    if (met.blind !== null) this.#fault("no-direction", 0);
    this.#found = device;
    this.#tell({
      kind: "found",
      arrived: this.#now(),
      identity: {
        device,
        boot,
        protocol: bus.protocol,
        firmware: model.title,
        build: "",
        kinds: ["v", "ct"],
        capabilities: [],
        span_mwh: model.wraps_kwh === null ? null : Math.round(model.wraps_kwh * 1e6),
      },
    });
  }

  #remarkOn({ blind, proved, model }: Met): string | null {
    if (blind !== null) return `${this.#called()}: ${blind}`;
    return proved ? null : `${this.#called()} does not say whether it is a ${model.title}; what it says can be true`;
  }

  /** Counts what came in vain, and tells what was wrong with it; what it is to the meter. */
  #account(heard: Outcome): Outcome {
    if (heard.kind === "gone") return heard;
    const code = heard.kind === "answered" && heard.answer.kind === "exception" ? heard.answer.code : null;
    const outcome: Outcome = code !== null && GATEWAY.includes(code) ? { kind: "silence" } : heard;
    this.#vain = outcome.kind === "answered" ? 0 : this.#vain + 1;
    if (heard.kind === "damaged") this.#fault(`modbus-${heard.fault}`, heard.bytes);
    else if (code !== null) this.#fault(`modbus-exception-${code}`, 5);
    return outcome;
  }

  #silent(): Unanswered {
    this.#vain = 0;
    const reason = `${this.#called()} did not answer ${LOST_AFTER} questions in a row`;
    const next = "check its power, the two wires, its address, speed and parity; `esme doctor` says which";
    this.#refusal = { code: "no-answer", reason, next };
    return { kind: "unanswered", reason, rests: true };
  }

  #refuse({ code, reason }: Extract<Contact, { kind: "refused" }>): void {
    this.#fault(code, 0);
    this.#lost(reason);
    this.#refusal = { code, reason: `${this.#called()}: ${reason}`, next: NEXT[code] };
  }

  #lost(reason: string): void {
    this.#vain = 0;
    this.#before = null;
    if (this.#found === null) return;
    this.#found = null;
    this.#tell({ kind: "lost", arrived: this.#now(), reason });
  }

  #fault(fault: string, bytes: number): void {
    this.#tell({ kind: "fault", arrived: this.#now(), fault, bytes });
  }

  #called(): string {
    return `${this.options.model.model} at ${this.options.unit} of ${this.options.bus.name}`;
  }

  #now(): Mono_ms {
    return this.options.clock.mono();
  }
}
