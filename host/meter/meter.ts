// The ESME at work: sources tell, one queue holds what they told, one turn at a time books it, the store keeps it, the hub hears of it.
// Sees ports only; time is the clock's.

import { monoOf } from "../ledger/clock.js";
import type { Deed as Asked, Disobeyed } from "../ledger/commands.js";
import type { Esme } from "../ledger/esme.js";
import type { ClockStep, EsmeEvent, Notice, Reading } from "../ledger/events.js";
import type { Counted } from "../ledger/netting.js";
import type { Mono_ms, Utc_ms } from "../ledger/units.js";
import type { HubMessage } from "../ports/hub-link.js";
import type { Identity, Power, SourceEvent } from "../ports/source.js";
import type { Written } from "../ports/store.js";
import { deedFor } from "./configured.js";
import { type Deed, type Device, heard, type Reported, waited } from "./device.js";
import { gathered, type Whole } from "./gathering.js";
import { joined, NOTHING_JOINED } from "./joining.js";
import {
  becomes,
  begunOf,
  bookedOf,
  type Fed,
  fedBy,
  forgottenSince,
  type Input,
  type Kept,
  lastOf,
  mayStillBook,
  missesAnEnd,
  phasesOf,
  recalledOf,
  remarked,
  stateOf,
  type Turned,
  turned,
} from "./kept.js";
import { answeredBy, Outbox, pushOf } from "./messages.js";
import type { MeterOptions, MeterView } from "./options.js";
import { countedOf, notTogether, placedOf, readingOf, unplacedOf } from "./placing.js";
import { supplyOf } from "./supply.js";
import { Timekeeper } from "./timekeeper.js";

/** A report this much before the last one booked: the clock was set while nobody looked. */
const SET_UNSEEN_ms = 10_000;

export class Meter {
  readonly #options: MeterOptions;
  readonly #inputs: readonly Input[];
  readonly #ledgers: ReadonlyMap<string, Kept>;
  readonly #queue: (() => void)[] = [];
  readonly #faults = new Map<string, number>();
  #busy = false;
  readonly #outbox: Outbox;
  #dirty = false;
  #urgent = false;
  #committed: Mono_ms;
  #written: Written = { ok: true };
  #reports = 0;
  #stopTicking: () => void = () => {};
  readonly #time: Timekeeper;
  readonly #watchers = new Set<(notice: Notice, name: string) => void>();

  constructor(options: MeterOptions) {
    this.#options = options;
    const { clock, store } = options;
    this.#time = new Timekeeper(clock, options.built ?? null);
    this.#committed = this.#time.now.mono;
    this.#outbox = new Outbox(store.nextOutId());
    const { inputs, ledgers } = begunOf(options, this.#committed);
    this.#inputs = inputs;
    this.#ledgers = ledgers;
  }

  start(): void {
    const { clock, hub, store } = this.#options;
    hub?.start({
      wants: (after, limit) => store.outbox(after, limit),
      acked: (id) => this.#take(() => void store.acknowledge(id)),
      standing: (hub) => store.standing(hub),
      took: (message, hub) => this.#took(message, hub),
      time: (says) => this.#take(() => this.#hubSays(says)),
    });
    this.#judge();
    const state = this.#grid()?.[1].esme?.state;
    const deed = state === undefined ? null : deedFor(state, this.#options.configured ?? {});
    if (deed !== null) this.command("configuration", deed);
    const { clockMaster, supplySwitch } = this.#options;
    if (clockMaster !== undefined && state !== undefined && clockMaster !== state.time.master)
      this.command("configuration", { kind: "clock-master", master: clockMaster });
    if (state !== undefined) supplySwitch?.follow(state.supplyState.value);
    this.#stopTicking = clock.every(1_000, () => this.#take(() => this.#tick()));
    for (const input of this.#inputs)
      input.source.start((event) => this.#take(() => this.#hear(input, event)), lastOf(this.#ledgers, input));
  }

  /** Stops listening, keeps everything booked so far, closes nothing that was not over. */
  async stop(): Promise<Written> {
    this.#stopTicking();
    await Promise.all(this.#inputs.map((input) => input.source.stop()));
    this.#commit();
    await this.#options.hub?.stop();
    return this.#written;
  }

  /** Somebody asks something of the ESME; on the disk when it returns null. What the disk refuses is obeyed all the same and kept with the
   * next commit that works: who asks again until it is null sets nothing twice. */
  command(by: string, deed: Asked): Disobeyed | null {
    const grid = this.#grid();
    if (grid === undefined) return { code: "no-grid", reason: "this house has no source with the role grid" };
    let disobeyed: Disobeyed | null = null;
    this.#take(() => {
      disobeyed = this.#turn(grid, { kind: "command", at: this.#time.utc(), by, deed });
      this.#urgent = true;
    });
    if (disobeyed !== null || this.#written.ok) return disobeyed;
    return { code: this.#written.fault, reason: this.#written.reason };
  }

  /** The ESME becomes this one; on the disk where that is ok, else with the next commit that works. Its source goes on from the reading
   * that it holds. */
  restore(esme: Esme): Written {
    this.#take(() => {
      const kept = this.#grid()?.[1];
      if (kept === undefined) return;
      becomes(kept, esme);
      this.#dirty = true;
      this.#urgent = true;
      this.#options.supplySwitch?.follow(esme.state.supplyState.value);
    });
    return this.#written;
  }

  /** Something was seen that cannot be true: an event of the grid's ledger; nothing is corrected. */
  remark(text: string): void {
    const grid = this.#grid();
    if (grid !== undefined) this.#take(() => this.#told(grid, remarked(grid[1], this.#time.utc(), text)));
  }

  /** Tells every notice as it happens, with the name of its ledger. */
  watch(tell: (notice: Notice, name: string) => void): void {
    this.#watchers.add(tell);
  }

  view(): MeterView {
    const [ledgers, inputs, faults] = [this.#ledgers, this.#inputs, this.#faults];
    return { ledgers, inputs, faults, store: this.#written, reports: this.#reports };
  }

  /** Events are queued; the loop decides. */
  #take(work: () => void): void {
    this.#queue.push(work);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next();
    } finally {
      this.#busy = false;
    }
    if (this.#urgent) this.#commit();
  }

  #hear(input: Input, event: SourceEvent): void {
    if (event.kind === "power") {
      input.power = { at: event.arrived, power: event.power };
      this.#measure(input, event.power, this.#time.at(event.arrived));
    } else if (event.kind === "lost") input.power = null;
    else if (event.kind === "fault") this.#faults.set(event.fault, (this.#faults.get(event.fault) ?? 0) + event.bytes);
    const misses = (channel: number, mono: Mono_ms) =>
      missesAnEnd(fedBy(this.#ledgers, input, channel)?.kept.ledger, this.#time.at(mono));
    this.#follow(input, heard(input.device, event, input.channels, misses));
  }

  #follow(input: Input, { device, deeds }: { device: Device; deeds: readonly Deed[] }): void {
    input.device = device;
    for (const deed of deeds) this.#do(input, deed);
  }

  #do(input: Input, deed: Deed): void {
    switch (deed.kind) {
      case "recall":
        return input.source.remember(forgottenSince(this.#ledgers, input, this.#time.now.utc));
      case "set-utc":
        // A wrong time would be worse than none: the board is told once the clock is worth something.
        return this.#invalid() ? undefined : input.source.setUtc(this.#time.at(deed.mono), deed.board, deed.rate_ppb);
      case "book-recalled": {
        const { recalled, base, identity } = deed;
        const fed = fedBy(this.#ledgers, input, recalled.channel);
        // What boards of their own remember has no common moment with what the others report now.
        if (fed === undefined || fed.kept.ledger.last === null || fed.feed.phase !== undefined) return;
        const counted = countedOf(recalled.counters, base);
        return this.#gather(fed, `end ${recalled.end}`, recalled.channel, recalled.boot, counted, (whole) => {
          this.#turn([fed.feed.name, fed.kept], recalledOf(fed, recalled, identity, whole));
        });
      }
      case "book": {
        const { report, identity, mono } = deed;
        const fed = fedBy(this.#ledgers, input, report.channel);
        if (fed === undefined) return;
        this.#reports++;
        const counted = countedOf(report.counters, report.base);
        if (fed.feed.phase !== undefined) return this.#join(fed, deed, counted);
        return this.#gather(fed, `at ${report.board}`, report.channel, report.boot, counted, (whole) => {
          const kept: [string, Kept] = [fed.feed.name, fed.kept];
          if (this.#invalid()) return this.#hold(kept, input, report, identity, whole);
          this.#place(kept, input, report, identity.device);
          this.#book(kept, readingOf(this.#time.at(mono), identity, report.boot, whole));
        });
      }
    }
  }

  /** A channel told; `book` once all channels of its feed have told of that moment. */
  #gather(
    { feed, kept }: Fed,
    moment: string,
    channel: number,
    boot: number,
    counted: Counted,
    book: (whole: Whole) => void,
  ): void {
    const { gathering, whole } = gathered(kept.gathering, feed, `boot ${boot} ${moment}`, channel, counted);
    kept.gathering = gathering;
    if (whole !== null) book(whole);
  }

  /** A phase of a board of its own told; booked once its siblings have, too. */
  #join({ feed, kept }: Fed, { identity, report, mono }: Extract<Deed, { kind: "book" }>, counted: Counted): void {
    const { phase, rule = "net" } = feed;
    if (phase === undefined || this.#invalid()) return;
    const told = { at: this.#time.at(mono), device: `${identity.device}/${report.boot}`, counted };
    const { joining, reading } = joined(kept.joining, phase.number, phase.of, told, bookedOf(kept, rule), rule);
    kept.joining = joining;
    if (reading !== null) this.#book([feed.name, kept], reading);
  }

  /** What is reported now cannot be of before what was booked: the clock was set while nobody looked. */
  #book(kept: [string, Kept], reading: Reading): void {
    const { last } = kept[1].ledger;
    if (last !== null && reading.at < last.at - SET_UNSEEN_ms)
      this.#turn(kept, { kind: "clock", at: reading.at, was: last.at });
    this.#turn(kept, notTogether(reading, kept[1].ledger.last));
  }

  /** What the grid's board measured of the supply. */
  #measure(input: Input, power: Power, at: Utc_ms): void {
    const feed = input.feeds.find((one) => one.role === "grid");
    const grid = this.#grid();
    if (feed === undefined || grid === undefined) return;
    this.#turn(grid, supplyOf(feed, power, at, phasesOf(this.#inputs, feed, this.#time.now.mono)));
  }

  #grid(): [string, Kept] | undefined {
    return [...this.#ledgers].find(([, kept]) => kept.role === "grid");
  }

  #turn(kept: [string, Kept], event: EsmeEvent): Disobeyed | null {
    return this.#told(kept, turned(kept[1], event)).disobeyed;
  }

  #told(kept: [string, Kept], next: Turned): Turned {
    this.#become(kept, next);
    this.#announce(kept, next);
    return next;
  }

  /** The ledger goes on from here, and what there is to tell waits for the next commit. */
  #become([, kept]: [string, Kept], { ledger, esme, notices }: Turned): void {
    if (ledger === kept.ledger && esme === kept.esme && notices.length === 0) return;
    kept.ledger = ledger;
    kept.esme = esme;
    this.#dirty = true;
    for (const notice of notices) {
      kept.pending.push(notice);
      this.#urgent = true;
      const push = pushOf(kept, this.#time.utc(), notice, this.#options.keyring ?? null);
      if (push === null) continue;
      kept.esme = push.esme;
      for (const body of push.bodies) this.#outbox.post("push", body);
    }
  }

  #announce([name]: [string, Kept], { notices, clockSet }: Turned): void {
    for (const notice of notices) {
      if (notice.kind === "supply-state") this.#options.supplySwitch?.follow(notice.state);
      for (const tell of this.#watchers) tell(notice, name);
    }
    if (clockSet === null) return;
    this.#time.follow(clockSet);
    this.#stepped(clockSet, false);
  }

  /** A message from the hub. What it changes, its counter, its answer and that it was taken are one commit: where that fails nothing of it
   * has happened, and the hub sends it again. */
  #took({ id, kind, body }: HubMessage, hub: string): boolean {
    let taken = false;
    this.#take(() => {
      const grid = this.#grid();
      const keyring = this.#options.keyring ?? null;
      if (kind !== "request" || keyring === null || grid === undefined || grid[1].esme === null) {
        taken = this.#commit({ hub, id }).ok;
        return;
      }
      const before = { ...grid[1], pending: [...grid[1].pending] };
      const posted = this.#outbox.waiting.length;
      const done = answeredBy(grid[1].esme, this.#time.utc(), body, keyring, this.#time.hubSays());
      this.#become(grid, done);
      if (done.answer !== null) this.#outbox.post("answer", done.answer);
      taken = this.#commit({ hub, id }).ok;
      if (taken) return this.#announce(grid, done);
      Object.assign(grid[1], before);
      this.#outbox.withdraw(posted);
    });
    return taken;
  }

  /** Once a second: has the clock been set; what is it worth; what is over; is it time to write. */
  #tick(): void {
    const step = this.#time.tick();
    if (step !== null) this.#stepped(step, true);
    this.#judge();
    const { utc, mono } = this.#time.now;
    for (const input of this.#inputs) {
      this.#follow(input, waited(input.device, mono, input.channels));
      if (mayStillBook(input, mono) || this.#invalid()) continue;
      for (const { name } of input.feeds) {
        const kept = this.#ledgers.get(name);
        if (kept !== undefined) this.#turn([name, kept], { kind: "tick", at: utc });
      }
    }
    if (this.#dirty && mono - this.#committed >= this.#options.commitEvery_ms) this.#commit();
  }

  /** The clock was set: every ledger goes on in the new time; the ESME has where it set the clock itself. */
  #stepped(step: ClockStep, esmeToo: boolean): void {
    const unbooked = this.#invalid();
    for (const [name, kept] of this.#ledgers) {
      // What some phases have told already was told in the old time.
      kept.joining = NOTHING_JOINED;
      if (kept.esme === null ? !unbooked : esmeToo) this.#turn([name, kept], step);
    }
    this.#tellBoards();
  }

  #tellBoards(): void {
    for (const input of this.#inputs) {
      if (input.device.kind !== "metering") continue;
      const { fit, board } = input.device;
      this.#do(input, { kind: "set-utc", board, mono: monoOf(fit, board), rate_ppb: fit.rate_ppb });
    }
  }

  #judge(): void {
    const grid = this.#grid();
    if (grid === undefined || grid[1].esme === null) return;
    const was = this.#invalid();
    const judged = this.#time.judged(grid[1].esme.state.time, grid[1].ledger.last?.at ?? null);
    if (judged === null) return;
    this.#turn(grid, judged);
    if (was && !this.#invalid()) this.#tellBoards();
  }

  #hubSays(says: Utc_ms): void {
    const grid = this.#grid();
    if (grid?.[1].esme?.state.time.master !== "hub") return;
    const told = this.#time.heard(says);
    if (told !== null) this.#turn(grid, told);
  }

  /** No half hour is booked by a clock that is worth nothing. */
  #invalid(): boolean {
    return this.#grid()?.[1].esme?.state.time.status === "invalid";
  }

  /** The ESME holds what it cannot place; of another ledger the next reading that has a time tells as much. */
  #hold(kept: [string, Kept], { device }: Input, report: Reported, identity: Identity, whole: Whole): void {
    if (kept[1].esme === null || device.kind === "looking" || device.fit === null) return;
    this.#turn(kept, unplacedOf(device.fit, report, identity, whole));
  }

  /** The clock is worth something again: when the board's time began is known, and with it when everything held was. */
  #place(kept: [string, Kept], { device }: Input, report: Reported, name: string): void {
    if (!kept[1].esme?.state.unplacedReadings.boots.length) return;
    if (device.kind === "looking" || device.fit === null) return;
    const placed = placedOf(device.fit, report, name, (mono) => this.#time.at(mono));
    this.#turn(kept, placed);
  }

  #commit(took?: { readonly hub: string; readonly id: number }): Written {
    this.#urgent = false;
    const { store, hub, clock } = this.#options;
    this.#committed = clock.mono();
    const state = stateOf(this.#ledgers, this.#inputs);
    this.#written = store.commit({ ...state, outbox: this.#outbox.waiting, ...(took === undefined ? {} : { took }) });
    if (!this.#written.ok) return this.#written;
    this.#dirty = false;
    for (const kept of this.#ledgers.values()) kept.pending = [];
    if (this.#outbox.emptied()) hub?.nudge();
    return this.#written;
  }
}
