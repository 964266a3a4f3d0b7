// A Modbus meter as a source: met, asked in rounds, its counters made finer by its power, lost after three questions in vain. Channel
// 1 is the meter. Its clock is this process's own, so what it tells is stamped with the moment of the reading.
//
//   meeting --it is what it ought to be--> metering --three questions in vain, the line gone, a counter fell--> meeting

import { Board_ms, Mono_ms } from "../../ledger/units.js";
import type { Model } from "../../models/model.js";
import { plan } from "../../models/plan.js";
import type { Quantity } from "../../models/quantities.js";
import { bookedRows, powerOf, type Values, valuesOf } from "../../models/reading.js";
import type { Clock } from "../../ports/clock.js";
import type { Booked, Source, SourceEvent } from "../../ports/source.js";
import type { Answer } from "../../wire/modbus/frames.js";
import type { Bus, BusUser, Outcome, Wish } from "./bus.js";
import { Counting } from "./counting.js";
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
  /** Meetings in a row without a reading. */
  #tries = 0;
  readonly #counting: Counting;

  constructor(private readonly options: ModbusOptions) {
    this.pause_ms = options.model.pace.pause_ms;
    this.answer_ms = options.model.pace.answer_ms;
    this.#counting = new Counting(options.every_ms, (fault) => this.#fault(fault, 0));
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
    for (;;) {
      const met = this.#sure(yield* this.#meet());
      const end = met.kind === "met" ? yield* this.#meter(met) : met;
      if (end === null) continue;
      if (end.kind === "refused") this.#refuse(end);
      else this.#lost(end.reason);
      if (end.kind === "unanswered" && !end.rests) continue;
      const again_ms = AGAIN_ms[Math.min(this.#tries++, AGAIN_ms.length - 1)] ?? 0;
      this.#restUntil = Mono_ms(this.#now() + (end.kind === "refused" ? REFUSED_AGAIN_ms : again_ms));
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
    return this.#unanswered(reason, "read its display; it is asked again by itself");
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
  *#meter(met: Met): Living<Unanswered | null> {
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
        if (outcome.kind === "gone") return { kind: "unanswered", reason: outcome.reason, rests: false };
        // It may have come back meanwhile: it is asked once more at once, and rests after that.
        if (this.#vain >= LOST_AFTER) return { ...this.#silent(), rests: false };
        vain = outcome.kind !== "answered";
        if (outcome.kind !== "answered") break;
        if (outcome.answer.kind === "exception") continue;
        const { words } = outcome.answer;
        for (const [name, value] of valuesOf(read, words)) values.set(name, value);
        this.#counting.answered(read, words);
        const counts = read.rows.some(({ quantity }) => quantity === booked.import);
        // The counters are of some time between the question's end and the answer's beginning.
        if (counts || moment === null) moment = Mono_ms(Math.round((outcome.from + outcome.begun) / 2));
      }
      refusals = moment === null && !vain ? refusals + 1 : 0;
      if (refusals >= LOST_AFTER) return this.#refusing();
      if (moment === null || vain) continue;
      if (this.#reading(met, values, moment) === "doubted") return null;
    }
  }

  #wishOf({ function: code, address, count }: Ask, due: Mono_ms): Wish {
    return { question: { unit: this.options.unit, function: code, address, count }, due };
  }

  /** What is told of a round; `doubted` where the meter is to be met anew. */
  #reading(met: Met, values: Values, moment: Mono_ms): "told" | "doubted" {
    const { counters, doubted } = this.#counting.round(met.model, values, moment);
    if (counters !== null) {
      this.#tries = 0;
      this.#tell({
        kind: "report",
        arrived: moment,
        board: Board_ms(moment),
        boot: this.options.boot,
        channel: CHANNEL,
        counters,
        base: null,
      });
    }
    this.#tell({ kind: "power", arrived: moment, power: powerTold(met.model, values, powerOf(values)) });
    return doubted ? "doubted" : "told";
  }

  #meetAgain(met: Met): void {
    const { model, serial } = met;
    const { bus, unit, boot } = this.options;
    const device = serial === null ? `${model.model}@${bus.name}#${unit}` : `${model.model}-${serial}`;
    const booked = this.#booked.find((one) => one.device === device && one.channel === CHANNEL);
    this.#counting.meet(device, booked?.counters ?? null);
    this.#hasSerial = serial !== null;
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
    return this.#unanswered(
      reason,
      "check its power, the two wires, its address, speed and parity; `esme doctor` says which",
    );
  }

  #refusing(): Unanswered {
    const reason = `${this.#called()} answers with nothing but exceptions`;
    return this.#unanswered(reason, "switch it off and on again; `esme doctor` says whether its table fits it");
  }

  #unanswered(reason: string, next: string): Unanswered {
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
    this.#counting.lose();
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
