// The standing watch over a house: each half hour, once every source has told of it, is asked for what cannot be true. One remark of a
// kind a UTC day, so that a clamp turned round is not told 48 times. docs/spec/boundaries.md.

import type { BoundaryHalfHour } from "../ledger/house/derived.js";
import { doubtful, type Implausible } from "../ledger/house/watch.js";
import type { HalfHour } from "../ledger/profile.js";
import { DAY_ms, type Utc_ms } from "../ledger/units.js";
import type { Role } from "../ports/store.js";

/** Half hours that wait for a source which is silent, and then are judged without it. */
const WAITING = 4;

export class StandingWatch {
  readonly #sources: readonly { readonly name: string; readonly role: BoundaryHalfHour["role"] }[];
  readonly #waiting = new Map<Utc_ms, Map<string, HalfHour>>();
  readonly #told = new Map<Implausible, number>();

  constructor(
    sources: readonly { readonly name: string; readonly role: Role }[],
    private readonly remark: (text: string) => void,
  ) {
    this.#sources = sources.flatMap(({ name, role }) => (role === "check" ? [] : [{ name, role }]));
  }

  /** A half hour of one source has closed. */
  closed(name: string, entry: HalfHour): void {
    if (!this.#sources.some((source) => source.name === name)) return;
    const told = this.#waiting.get(entry.end) ?? new Map<string, HalfHour>();
    this.#waiting.set(entry.end, told.set(name, entry));
    if (told.size === this.#sources.length) return this.#judge(entry.end, told);
    const [oldest] = this.#waiting;
    if (this.#waiting.size > WAITING && oldest !== undefined) this.#judge(oldest[0], oldest[1]);
  }

  #judge(end: Utc_ms, told: ReadonlyMap<string, HalfHour>): void {
    this.#waiting.delete(end);
    const sources = this.#sources.map(({ name, role }) => ({ name, role, entry: told.get(name) ?? null }));
    const day = Math.floor((end - 1) / DAY_ms);
    for (const { kind, text } of doubtful(end, sources)) {
      if (this.#told.get(kind) === day) continue;
      this.#told.set(kind, day);
      this.remark(text);
    }
  }
}
