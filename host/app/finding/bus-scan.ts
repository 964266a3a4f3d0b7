// Scanning a Modbus bus: at which setting it speaks, which addresses answer, which models they are, and how well they answer. Only reads
// (docs/spec/doctor.md, "Scanning a Modbus bus").

import type { AddressEvidence, BusEvidence, Setting } from "../../adapters/modbus/diagnosis.js";
import { wantedOf } from "../../adapters/modbus/probe.js";
import type { Model } from "../../models/model.js";
import { plan } from "../../models/plan.js";
import type { Clock } from "../../ports/clock.js";
import type { Refusal } from "../../ports/store.js";
import type { OpenLine } from "../../ports/wire-line.js";
import type { Question } from "../../wire/modbus/frames.js";
import { type Asker, type Heard, openAsker } from "./asker.js";
import { type Named, naming } from "./naming.js";
import { likelyAddresses, settingsOf } from "./settings.js";
import { Tallying } from "./tallying.js";

export interface ScanOptions {
  /** Null: Modbus TCP. */
  readonly open: (setting: Setting | null) => OpenLine;
  readonly wired: boolean;
  /** The only setting there is to try; null: all that tables have. */
  readonly only: Setting | null;
  readonly clock: Clock;
  readonly models: readonly Model[];
  readonly fuse_w: number;
  /** What esme.yaml says of that place. */
  readonly expected: { readonly setting: Setting | null; readonly units: readonly number[] };
  readonly depth: "quick" | "full";
  /** How far it is. */
  readonly tell: (progress: string) => void;
}

export interface FoundMeter {
  readonly unit: number;
  readonly named: Named;
}

export interface Scanned {
  readonly ok: true;
  readonly setting: Setting | null;
  readonly meters: readonly FoundMeter[];
  readonly evidence: BusEvidence;
  /** Its limits ended it before it was through. */
  readonly cut: boolean;
}

const LIMITS = {
  quick: { questions: 1_500, time_ms: 180_000, lastUnit: 32, tcpUnits: [1, 8] },
  full: { questions: 20_000, time_ms: 3_600_000, lastUnit: 247, tcpUnits: [0, 247] },
} as const;
const PATIENCE_ms = 250;
const KNOWN_PATIENCE_ms = 600;
const SLOW_PATIENCE_ms = 2_500;
/** Before another setting is tried. */
const LEAVING_ms = 1_000;
/** Bytes without a frame may be a late answer to the question before. */
const SETTLE_ms = 2_000;
const NAMING_QUESTIONS = 160;
const HEALTH_QUESTIONS = 16;
const DAMAGED_TRIES = 8;
/** Beyond what its table promises, for this machine and its adapter. */
const LATE_SLACK_ms = 100;
/** What a question is answered that a meter leaves unanswered, when it is asked who it is. */
const NO_ANSWER = { kind: "exception", code: 0 } as const;

export async function scanBus(options: ScanOptions): Promise<Scanned | Refusal> {
  return new Scan(options).run();
}

class Scan {
  readonly #limits: (typeof LIMITS)["quick" | "full"];
  readonly #until_ms: number;
  #questions = 0;
  #cut = false;
  readonly #settings = new Map<string, { readonly setting: Setting; readonly tallying: Tallying }>();
  /** Addresses at which anything was heard: frames, or only bytes. */
  readonly #heard = new Map<number, "frames" | "bytes">();
  /** Those whose answers begin late, or may; those whose answers were seen to begin in time. */
  readonly #slow = new Set<number>();
  readonly #prompt = new Set<number>();

  constructor(private readonly options: ScanOptions) {
    this.#limits = LIMITS[options.depth];
    this.#until_ms = options.clock.mono() + this.#limits.time_ms;
  }

  async run(): Promise<Scanned | Refusal> {
    const { wired, only, expected, models } = this.options;
    if (!wired) return this.#overTcp();
    const settings = only === null ? settingsOf(models, expected.setting) : [only];
    const likely = likelyAddresses(models, expected.units);
    const everywhere = Array.from({ length: 247 }, (_, k) => k + 1);
    for (const units of this.options.depth === "full" ? [likely, everywhere] : [likely])
      for (const [k, setting] of settings.entries()) {
        if (this.#over()) break;
        this.options.tell(`${setting.baud} baud, parity ${setting.parity}`);
        const asker = await this.#open(setting);
        if ("code" in asker) return asker;
        if (await this.#isThere(asker, units, setting)) {
          if (await this.#isSure(asker)) return this.#at(asker, setting);
          // What was heard may be a late answer to the setting before.
          await asker.close();
          const before = settings[k - 1];
          const again = before === undefined ? null : await this.#open(before);
          if (again !== null && "code" in again) return again;
          if (before !== undefined && again !== null && (await this.#isSure(again))) return this.#at(again, before);
          await again?.close();
          this.#heard.clear();
        } else await asker.close();
      }
    return this.#nowhere();
  }

  /** Whether one that was heard answers again: at once, or with patience. */
  async #isSure(asker: Asker): Promise<boolean> {
    const units = [...this.#heard].flatMap(([unit, what]) => (what === "frames" ? [unit] : []));
    for (const patience of [KNOWN_PATIENCE_ms, SLOW_PATIENCE_ms]) {
      if (patience === SLOW_PATIENCE_ms) await this.#rest(SETTLE_ms);
      for (const unit of units)
        for (const code of [4, 3] as const) {
          const { from } = await this.#ask(asker, { unit, function: code, address: 0, count: 2 }, patience);
          if (from?.unit === unit) return true;
        }
    }
    return false;
  }

  /** No frame anywhere: the setting with the most bytes is looked at more closely, if there is one. */
  async #nowhere(): Promise<Scanned | Refusal> {
    const garbled = [...this.#settings.values()]
      .map(({ setting, tallying: { tally } }) => ({ setting, bytes: tally.damaged - tally.breaks }))
      .filter(({ bytes }) => bytes > 0)
      .sort((one, other) => other.bytes - one.bytes);
    const [best] = garbled;
    if (best === undefined) return this.#scanned(null, [], []);
    const asker = await this.#open(best.setting);
    return "code" in asker ? asker : this.#at(asker, best.setting);
  }

  async #overTcp(): Promise<Scanned | Refusal> {
    const asker = await this.#open(null);
    if ("code" in asker) return asker;
    return this.#at(asker, null);
  }

  async #open(setting: Setting | null): Promise<Asker | Refusal> {
    return openAsker(this.options.open(setting), this.options.clock, setting?.baud ?? null);
  }

  #tallyingAt(setting: Setting): Tallying {
    const key = `${setting.baud} ${setting.parity}`;
    const known = this.#settings.get(key) ?? { setting, tallying: new Tallying() };
    this.#settings.set(key, known);
    return known.tallying;
  }

  async #isThere(asker: Asker, units: readonly number[], setting: Setting): Promise<boolean> {
    const tallying = this.#tallyingAt(setting);
    let found = false;
    for (const unit of units) {
      if (this.#over()) break;
      // Before the setting is changed, what may still come must have come.
      const last = unit === units.at(-1);
      found = (await this.#lives(asker, unit, tallying, last ? LEAVING_ms : PATIENCE_ms)) || found;
      if (found && this.options.depth === "quick") break;
    }
    return found;
  }

  /** Whether a frame came; two questions, and more where bytes came. */
  async #lives(asker: Asker, unit: number, tallying: Tallying, last_ms: number): Promise<boolean> {
    let garbled = false;
    for (const code of [4, 3] as const) {
      const patience = code === 3 ? last_ms : PATIENCE_ms;
      const heard = await this.#ask(asker, { unit, function: code, address: 0, count: 2 }, patience);
      tallying.count(heard, unit);
      if (this.#note(heard, unit)) return true;
      garbled ||= isGarbled(heard);
    }
    for (let again = 0; garbled && again < 4 && !this.#over(); again++) {
      await this.#rest(SETTLE_ms);
      const heard = await this.#ask(asker, { unit, function: 4, address: 0, count: 2 }, SLOW_PATIENCE_ms);
      tallying.count(heard, unit);
      if (this.#note(heard, unit)) return true;
    }
    return false;
  }

  /** Keeps what was heard; whether it was a frame. */
  #note({ from, bytes, latency_ms }: Heard, unit: number): boolean {
    if (from !== null) {
      this.#heard.set(from.unit, "frames");
      if (from.unit !== unit || (latency_ms ?? 0) > PATIENCE_ms) this.#slow.add(from.unit);
      return true;
    }
    if (bytes.length > 2 && this.#heard.get(unit) !== "frames") this.#heard.set(unit, "bytes");
    return false;
  }

  /** The setting is known: all addresses, who they are, how well they answer. */
  async #at(asker: Asker, setting: Setting | null): Promise<Scanned> {
    const { expected, wired } = this.options;
    const [first, last] = wired ? [1, this.#limits.lastUnit] : this.#limits.tcpUnits;
    const all = Array.from({ length: last - first + 1 }, (_, k) => first + k);
    const units = [...new Set([...expected.units, ...all, ...(wired ? [] : [255])])];
    const sweep = setting === null ? new Tallying() : this.#tallyingAt(setting);
    for (const unit of units) {
      if (this.#over()) break;
      if (this.#heard.get(unit) === "frames") continue;
      this.options.tell(`address ${unit}`);
      // One that ought to be there may be slow.
      await this.#lives(asker, unit, sweep, expected.units.includes(unit) ? SLOW_PATIENCE_ms : PATIENCE_ms);
    }
    const meters: FoundMeter[] = [];
    const addresses: AddressEvidence[] = [];
    for (const [unit, what] of [...this.#heard].sort(([one], [other]) => one - other)) {
      this.options.tell(`who is at address ${unit}`);
      const named = what === "frames" ? await this.#name(asker, unit) : null;
      if (named !== null) meters.push({ unit, named });
      addresses.push(await this.#health(asker, unit, named));
    }
    for (const unit of expected.units)
      if (!this.#heard.has(unit)) addresses.push(await this.#health(asker, unit, null));
    await asker.close();
    return this.#scanned(setting, meters, addresses);
  }

  async #name(asker: Asker, unit: number): Promise<Named> {
    const asking = naming(this.options.models, this.options.fuse_w);
    let step = asking.next();
    for (let asked = 0; step.done !== true; asked++) {
      const { function: code, address, count } = step.value;
      const enough = asked >= NAMING_QUESTIONS || this.#over();
      step = asking.next(enough ? NO_ANSWER : await this.#sure(asker, { unit, function: code, address, count }));
    }
    return step.value;
  }

  /** Damage is asked for again; so is silence, with more patience where the meter may be a slow one. */
  async #sure(asker: Asker, question: Question) {
    const { unit } = question;
    for (let damaged = 0, silent = 0; damaged < DAMAGED_TRIES && silent < (damaged > 0 ? 4 : 2); ) {
      const { from, bytes, latency_ms } = await this.#ask(asker, question, this.#patience(unit));
      if (from?.unit === unit) {
        ((latency_ms ?? 0) <= PATIENCE_ms ? this.#prompt : this.#slow).add(unit);
        return from.answer;
      }
      if (bytes.length > 0) damaged++;
      else silent++;
      if (this.#prompt.has(unit) || this.#slow.has(unit)) continue;
      this.#slow.add(unit);
      await this.#rest(SETTLE_ms);
    }
    return NO_ANSWER;
  }

  #patience(unit: number): number {
    return this.#slow.has(unit) ? SLOW_PATIENCE_ms : KNOWN_PATIENCE_ms;
  }

  async #health(asker: Asker, unit: number, named: Named | null): Promise<AddressEvidence> {
    const expected = this.options.expected.units.includes(unit);
    const believable = named === null ? null : named.kind !== "unknown";
    const [best] = named?.models ?? [];
    const reads = readsOf(best, named?.base ?? 0);
    const promised_ms = (best?.pace.answer_ms ?? KNOWN_PATIENCE_ms) + LATE_SLACK_ms;
    const patience = this.#patience(unit);
    const [short, long] = [new Tallying(), new Tallying()];
    const silent = () => short.tally.silent >= 4 && short.tally.silent === short.tally.asked;
    for (let asked = 0; asked < HEALTH_QUESTIONS && !this.#over() && !silent(); asked++) {
      short.count(await this.#ask(asker, { unit, ...reads.short }, patience), unit, promised_ms);
      if (reads.long !== null) long.count(await this.#ask(asker, { unit, ...reads.long }, patience), unit, promised_ms);
    }
    return { unit, expected, believable, short: short.tally, long: long.tally };
  }

  #scanned(setting: Setting | null, meters: readonly FoundMeter[], addresses: readonly AddressEvidence[]): Scanned {
    const { wired, expected } = this.options;
    const settings = [...this.#settings.values()].map(({ setting: one, tallying }) => ({
      setting: one,
      tally: tallying.tally,
    }));
    const found = meters.length > 0 ? setting : null;
    const evidence = { wired, expected: expected.setting, found, settings, addresses };
    return { ok: true, setting, meters, evidence, cut: this.#cut };
  }

  #ask(asker: Asker, question: Question, patience_ms: number): Promise<Heard> {
    this.#questions++;
    return asker.ask(question, patience_ms);
  }

  #over(): boolean {
    this.#cut ||= this.#questions >= this.#limits.questions || this.options.clock.mono() >= this.#until_ms;
    return this.#cut;
  }

  #rest(for_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.options.clock.every(for_ms, () => {
        stop();
        resolve();
      });
    });
  }
}

function isGarbled({ from, bytes }: Heard): boolean {
  return from === null && bytes.length > 2;
}

type Ask = Omit<Question, "unit">;

/** A short and a long read that its table allows; two words where nobody knows it. */
function readsOf(model: Model | undefined, base: number): { readonly short: Ask; readonly long: Ask | null } {
  const reads = model === undefined ? [] : plan(model, wantedOf(model));
  const each = model === undefined ? [] : wantedOf(model).flatMap((quantity) => plan(model, [quantity]));
  const sorted = [...reads, ...each].sort((one, other) => one.count - other.count);
  const ask = ({ function: code, address, count }: Ask): Ask => ({ function: code, address: base + address, count });
  const [short] = sorted;
  const long = sorted.at(-1);
  if (short === undefined) return { short: { function: 4, address: 0, count: 2 }, long: null };
  return { short: ask(short), long: long === undefined ? null : ask(long) };
}
