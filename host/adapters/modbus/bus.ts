// One bus: a line with many meters, one transaction at a time, each meter at its own pace, and silence after a question that got no
// believed answer, so that a late answer can never be taken for the next one's (docs/spec/modbus.md).
//
//   closed --first meter joins--> opening --> idle --a meter is due--> asking --answer, or timeout--> idle
//                                    ^__________ waiting <--cannot be opened, gone, deaf__________________|

import { Mono_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";
import type { Refusal } from "../../ports/store.js";
import type { OpenLine, WireLine } from "../../ports/wire-line.js";
import type { Answer, FrameFault, Question } from "../../wire/modbus/frames.js";
import { Alarm, SAME_MOMENT_ms } from "./alarm.js";
import { Client } from "./client.js";
import type { Framing } from "./framing.js";
import { type MeterStatistics, Statistics } from "./statistics.js";

/** A question, and the moment before which it need not be asked: who is due longest is asked first. */
export interface Wish {
  readonly question: Question;
  readonly due: Mono_ms;
}

export type Outcome =
  /** `from`: the question's end, `begun`: the answer's beginning. */
  | { readonly kind: "answered"; readonly answer: Answer; readonly from: Mono_ms; readonly begun: Mono_ms }
  | { readonly kind: "silence" }
  | { readonly kind: "damaged"; readonly fault: FrameFault; readonly bytes: number }
  /** The line went before an answer came. */
  | { readonly kind: "gone"; readonly reason: string };

/** A meter as the bus sees it. */
export interface BusUser {
  readonly pause_ms: number;
  /** The slowest answer its maker promises, question's end to answer's beginning. */
  readonly answer_ms: number;
  readonly wish: Wish | null;
  heard(outcome: Outcome): void;
  /** The line is gone, or cannot be opened; nothing was being asked. */
  gone(reason: string): void;
}

export interface BusOptions {
  /** How a device that cannot say who it is is called by its place: a port's path, host:port. */
  readonly name: string;
  readonly open: OpenLine;
  readonly framing: Framing;
  readonly clock: Clock;
  /** False only in the test that shows why there is one. */
  readonly silence?: boolean;
}

type State =
  | { readonly kind: "closed" }
  | { readonly kind: "waiting"; readonly until: Mono_ms }
  | { readonly kind: "opening" }
  | { readonly kind: "idle"; readonly line: WireLine }
  | { readonly kind: "asking"; readonly line: WireLine; readonly asked: Asked };

interface Asked {
  readonly user: BusUser;
  readonly question: Question;
  /** The question's end. */
  readonly from: Mono_ms;
  readonly until: Mono_ms;
  begun: Mono_ms | null;
}

const BACKOFF_ms = [500, 1_000, 2_000, 5_000, 10_000];
const LEAST_LATEST_ms = 2_000;
/** What comes later than this after a question is noise, and no answer to it; nor is it waited for longer until noise ends. */
const NO_ANSWER_ms = 10_000;
/** Nothing at all was heard for so long, and to so many questions: the line is opened anew. */
const DEAF_ms = 30_000;
const DEAF_questions = 3;

/** Where others are always due, one whose last question was in vain is asked this often all the same. */
const DOUBTED_EVERY_ms = 10_000;

interface Due {
  readonly user: BusUser;
  readonly wish: Wish;
}

export class Bus {
  #state: State = { kind: "closed" };
  /** Why the line could not be opened, or was closed for what came over it. */
  #refusal: Refusal | null = null;
  #garbled: Refusal | null = null;
  /** How often the line could not be opened, or went without a believed answer, in a row. */
  #failures = 0;
  readonly #users = new Map<BusUser, Statistics>();
  readonly #client = new Client((frame) => this.#send(frame));
  readonly #alarm: Alarm;
  /** The wire stays silent until then. */
  #quietUntil = Mono_ms(0);
  /** The last question without a believed answer: what comes in the silence after it is its late answer. */
  #unanswered: { readonly from: Mono_ms; readonly user: BusUser } | null = null;
  /** Those whose last question was in vain: each costs the wire a silence, so the others go before them. */
  readonly #doubted = new Set<BusUser>();
  /** Then one of them goes before the others. */
  #doubtedFrom = Mono_ms(0);
  #burst = false;
  #slowest_ms = 0;
  #heardAt: Mono_ms;
  /** Somebody spoke who was not asked. */
  #strayAt = Mono_ms(0);
  /** The questions since anything was heard, and when the first of them was asked. */
  #inVain: { readonly since: Mono_ms; readonly questions: number } | null = null;

  constructor(private readonly options: BusOptions) {
    this.#alarm = new Alarm(options.clock, () => this.#work());
    this.#heardAt = options.clock.mono();
  }

  get name(): string {
    return this.options.name;
  }

  get protocol(): string {
    return this.options.framing.protocol;
  }

  /** Why the line is not open, or not worth anything; null while it is. */
  get refusal(): Refusal | null {
    return this.#refusal ?? this.#garbled;
  }

  /** An answer may come this long after its question's end; later ones are not waited for. */
  get latest_ms(): number {
    const promised = Math.max(0, ...[...this.#users.keys()].map((user) => user.answer_ms));
    return Math.max(LEAST_LATEST_ms, 2 * promised, 1.5 * this.#slowest_ms);
  }

  join(user: BusUser): void {
    this.#users.set(user, new Statistics(this.#now()));
    if (this.#state.kind === "closed") void this.#open();
    else this.#work();
  }

  async leave(user: BusUser): Promise<void> {
    this.#users.delete(user);
    this.#doubted.delete(user);
    const { line } = { line: null, ...this.#state };
    if (this.#state.kind === "asking" && this.#state.asked.user === user) {
      this.#quietAfter(this.#state.asked);
      this.#state = { kind: "idle", line: this.#state.line };
      this.#work();
    }
    if (this.#users.size > 0) return;
    this.#alarm.stop();
    this.#state = { kind: "closed" };
    await line?.close();
  }

  /** A wish has changed. */
  nudge(): void {
    if (this.#state.kind === "idle") this.#work();
  }

  statisticsOf(user: BusUser): MeterStatistics | null {
    return this.#users.get(user)?.at(this.#now(), this.options.framing.character_ms) ?? null;
  }

  #now(): Mono_ms {
    return this.options.clock.mono();
  }

  /** The alarm rang, or something has changed: does what is due, and sets the alarm for what comes next. */
  #work(): void {
    const now = this.#now();
    const state = this.#state;
    if (state.kind === "waiting") {
      if (now >= state.until - SAME_MOMENT_ms) void this.#open();
      else this.#alarm.at(state.until);
    } else if (state.kind === "asking") {
      if (now >= state.asked.until - SAME_MOMENT_ms) this.#timedOut(state.asked);
      else this.#alarm.at(state.asked.until);
    } else if (state.kind === "idle") this.#next(state.line, now);
  }

  #next(line: WireLine, now: Mono_ms): void {
    const best = this.#first(now);
    if (best === null) return this.#alarm.stop();
    const from = this.#mayAskFrom(best.user, best.wish);
    if (from > now + SAME_MOMENT_ms) return this.#alarm.at(Mono_ms(from));
    const { since = now, questions = 0 } = this.#inVain ?? {};
    if (questions >= DEAF_questions && now - since > DEAF_ms) return this.#deaf(line);
    this.#ask(line, best.user, best.wish.question, now);
  }

  /** Of those who are due one whose last question was not in vain; of these who is due longest. */
  #first(now: Mono_ms): Due | null {
    const others = now < this.#doubtedFrom;
    const rank = ({ user, wish }: Due) =>
      wish.due > now + SAME_MOMENT_ms ? 2 : this.#doubted.has(user) === others ? 1 : 0;
    let best: Due | null = null;
    for (const user of this.#users.keys()) {
      if (user.wish === null) continue;
      const one: Due = { user, wish: user.wish };
      const sooner = best === null ? -1 : rank(one) - rank(best) || one.wish.due - best.wish.due;
      if (sooner < 0) best = one;
    }
    return best;
  }

  /** Who speaks unasked is let finish; one who never does is asked over, so that it is told. */
  #mayAskFrom({ pause_ms }: BusUser, { due }: Wish): number {
    const { framing, silence } = this.options;
    const from = Math.max(due, this.#quietUntil, this.#heardAt + pause_ms);
    const gap_ms = framing.tellsLate || silence === false ? 0 : framing.gap_ms;
    const strays = this.#strayAt + Math.max(gap_ms, pause_ms);
    return Math.max(from, Math.min(strays, from + NO_ANSWER_ms));
  }

  #ask(line: WireLine, user: BusUser, question: Question, now: Mono_ms): void {
    const { framing } = this.options;
    const from = Mono_ms(now + framing.question_ms);
    const until = from + user.answer_ms + framing.answer_ms(question.count) + framing.slack_ms;
    const asked: Asked = { user, question, from, until: Mono_ms(until), begun: null };
    this.#state = { kind: "asking", line, asked };
    this.#unanswered = null;
    if (this.#doubted.has(user)) this.#doubtedFrom = Mono_ms(now + DOUBTED_EVERY_ms);
    const { since, questions } = this.#inVain ?? { since: now, questions: 0 };
    this.#inVain = { since, questions: questions + 1 };
    this.#count(user, (counts) => {
      counts.questions++;
      counts.bytes += 8;
    });
    // Set before the question goes: a simulated meter may answer before `write` returns.
    this.#alarm.at(asked.until);
    this.#client.ask(question, (answer) => this.#answered(asked, answer));
  }

  #send(frame: Uint8Array): void {
    if (this.#state.kind !== "asking") return;
    const { line, asked } = this.#state;
    line.write(this.options.framing.ask(asked.question, frame));
  }

  #hear(bytes: Uint8Array): void {
    const now = this.#now();
    this.#inVain = null;
    if (this.#state.kind !== "asking") return this.#stray(bytes, now);
    this.#heardAt = now;
    const { asked, line } = this.#state;
    const { framing } = this.options;
    asked.begun ??= Mono_ms(Math.max(asked.from, now - bytes.length * framing.character_ms));
    this.#count(asked.user, (counts) => {
      counts.bytes += bytes.length;
    });
    const taken = framing.take(bytes);
    switch (taken.kind) {
      case "more":
        if (taken.onlyEcho) asked.begun = null;
        return;
      case "answer":
        if (taken.echo) this.#count(asked.user, (counts) => counts.echoes++);
        return this.#client.take(taken.frame);
      case "fault":
        return this.#failed(asked, { kind: "damaged", fault: taken.fault, bytes: taken.bytes });
      case "lost":
        return this.#worthless(line);
    }
  }

  /** Nobody was asked: a late answer, or noise. It is thrown away, and the wire is not used before it is over. */
  #stray(bytes: Uint8Array, now: Mono_ms): void {
    this.#strayAt = now;
    if (this.#state.kind === "idle" && !this.options.framing.passOver(bytes)) return this.#worthless(this.#state.line);
    const unanswered = this.#unanswered;
    if (unanswered === null || this.#burst || now - unanswered.from > NO_ANSWER_ms) return;
    this.#burst = true;
    this.#slowest_ms = Math.max(this.#slowest_ms, now - unanswered.from);
    this.#count(unanswered.user, (counts) => counts.late++);
  }

  #answered(asked: Asked, answer: Answer | { readonly kind: "refused" }): void {
    if (this.#state.kind !== "asking" || this.#state.asked !== asked) return;
    if (answer.kind === "refused") return this.#failed(asked, { kind: "damaged", fault: "other-length", bytes: 0 });
    this.#failures = 0;
    this.#garbled = null;
    this.#doubted.delete(asked.user);
    const { from } = asked;
    const begun = asked.begun ?? from;
    const late = this.options.framing.late();
    this.#slowest_ms = Math.max(this.#slowest_ms, begun - from);
    this.#count(asked.user, (counts) => {
      counts.answered(begun - from);
      counts.late += late;
      if (answer.kind === "exception") counts.exceptions++;
    });
    this.#quietUntil = Mono_ms(this.#now() + this.options.framing.gap_ms);
    this.#over(asked, { kind: "answered", answer, from, begun });
  }

  #timedOut(asked: Asked): void {
    const left = this.options.framing.leftover();
    this.#failed(asked, left === null ? { kind: "silence" } : { kind: "damaged", ...left });
  }

  #failed(asked: Asked, outcome: Extract<Outcome, { kind: "silence" | "damaged" }>): void {
    const late = this.options.framing.late();
    this.#count(asked.user, (counts) => {
      counts.late += late;
      if (outcome.kind === "silence") counts.silences++;
      else if (outcome.fault === "crc") counts.crcErrors++;
      else counts.otherFaults++;
    });
    if (this.#doubted.size === 0) this.#doubtedFrom = Mono_ms(this.#now() + DOUBTED_EVERY_ms);
    this.#doubted.add(asked.user);
    this.#quietAfter(asked);
    this.#over(asked, outcome);
  }

  /** A question stays without a believed answer: silent until its answer, however late, must have come and gone. */
  #quietAfter(asked: Asked): void {
    const { framing, silence } = this.options;
    this.#unanswered = asked;
    this.#burst = false;
    const gap = this.#now() + framing.gap_ms;
    const latest = asked.from + this.latest_ms + framing.answer_ms(asked.question.count) + framing.gap_ms;
    this.#quietUntil = Mono_ms(framing.tellsLate || silence === false ? gap : Math.max(gap, latest));
  }

  /** The wire is free before its user hears: what that wishes next may be asked. */
  #over({ user }: Asked, outcome: Outcome): void {
    if (this.#state.kind === "asking") this.#state = { kind: "idle", line: this.#state.line };
    user.heard(outcome);
    this.#work();
  }

  #count(user: BusUser, change: (counts: Statistics) => void): void {
    const counts = this.#users.get(user);
    if (counts !== undefined) change(counts);
  }

  async #open(): Promise<void> {
    this.#alarm.stop();
    const mine: State = { kind: "opening" };
    this.#state = mine;
    const current = () => this.#state;
    let line: WireLine | null = null;
    const live = () => {
      const state = current();
      return line !== null && (state.kind === "idle" || state.kind === "asking") && state.line === line;
    };
    const opened = await this.options.open({
      bytes: (bytes) => {
        if (live()) this.#hear(bytes);
      },
      gone: (reason) => {
        if (live()) this.#gone(reason);
      },
    });
    if (current() !== mine) {
      if (opened.ok) await opened.close();
      return;
    }
    if (!opened.ok) {
      this.#refusal = opened;
      return this.#gone(opened.reason);
    }
    line = opened;
    this.options.framing.begin();
    this.#refusal = null;
    this.#inVain = null;
    this.#state = { kind: "idle", line };
    this.#work();
  }

  #deaf(line: WireLine): void {
    this.#gone(`nothing was heard for ${DEAF_ms / 1_000} s`);
    void line.close();
  }

  /** Where frames begin is lost: the connection is closed, and opened anew. */
  #worthless(line: WireLine): void {
    const reason = `what comes from ${this.name} is no Modbus TCP`;
    const next = "check host and port; a converter that passes an RS-485 bus through belongs to rtu_tcp, not to tcp";
    this.#garbled = { ok: false, code: "not-modbus-tcp", reason, next };
    this.#gone(reason);
    void line.close();
  }

  #gone(reason: string): void {
    const state = this.#state;
    const wait_ms = BACKOFF_ms[Math.min(this.#failures++, BACKOFF_ms.length - 1)] ?? 0;
    this.#state = { kind: "waiting", until: Mono_ms(this.#now() + wait_ms) };
    // What was asked before the line went may still be answered after it is back.
    this.#quietUntil = Mono_ms(Math.max(this.#quietUntil, this.#now() + this.latest_ms));
    for (const user of [...this.#users.keys()])
      if (state.kind === "asking" && state.asked.user === user) user.heard({ kind: "gone", reason });
      else user.gone(reason);
    this.#work();
  }
}
