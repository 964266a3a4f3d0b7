// The standing watch over a house: each half hour, once every source has told of it, is asked for what cannot be true. One remark of a
// kind a UTC day, so that a clamp turned round is not told 48 times. docs/spec/boundaries.md.

import type { BoundaryHalfHour } from "../ledger/house/derived.js";
import { doubtful, inFull, toldIn } from "../ledger/house/watch.js";
import type { HalfHour } from "../ledger/profile.js";
import { DAY_ms, type Utc_ms } from "../ledger/units.js";
import type { Role } from "../ports/store.js";

/** Half hours that wait for a source which is silent, and then are judged without it. */
const WAITING = 4;
/** Remarks remembered: four kinds of some days, for half hours that are told late. */
const REMEMBERED = 64;

interface Watched {
  readonly name: string;
  readonly role: BoundaryHalfHour["role"];
}

export class StandingWatch {
  readonly #sources: readonly Watched[];
  readonly #waiting = new Set<Utc_ms>();
  readonly #told = new Set<string>();

  /** `entryOf`: what a ledger keeps of a half hour, however long ago it was told. `before`: remarks of an earlier process. */
  constructor(
    sources: readonly { readonly name: string; readonly role: Role }[],
    private readonly entryOf: (name: string, end: Utc_ms) => HalfHour | null,
    private readonly remark: (text: string) => void,
    before: readonly string[] = [],
  ) {
    // A grid on several boards is several sources and one ledger.
    const byName = new Map(sources.map((source) => [source.name, source]));
    this.#sources = [...byName.values()].flatMap(({ name, role }) => (role === "check" ? [] : [{ name, role }]));
    for (const text of before) {
      const told = toldIn(text);
      if (told !== null) this.#told.add(dayOf(told.kind, told.end));
    }
  }

  /** A half hour of one source has closed. */
  closed(name: string, end: Utc_ms): void {
    if (!this.#sources.some((source) => source.name === name)) return;
    const told = this.#toldOf(end);
    if (told.every(({ entry }) => entry !== null)) return this.#judge(end, told);
    this.#waiting.add(end);
    if (this.#waiting.size <= WAITING) return;
    const oldest = [...this.#waiting].reduce((one, other) => (other < one ? other : one));
    this.#judge(oldest, this.#toldOf(oldest));
  }

  #toldOf(end: Utc_ms): readonly BoundaryHalfHour[] {
    return this.#sources.map(({ name, role }) => ({ name, role, entry: this.entryOf(name, end) }));
  }

  #judge(end: Utc_ms, told: readonly BoundaryHalfHour[]): void {
    this.#waiting.delete(end);
    for (const doubt of doubtful(end, told)) {
      const day = dayOf(doubt.kind, end);
      if (this.#told.has(day)) continue;
      this.#told.add(day);
      const [first] = this.#told;
      if (this.#told.size > REMEMBERED && first !== undefined) this.#told.delete(first);
      this.remark(inFull(end, doubt));
    }
  }
}

function dayOf(kind: string, end: Utc_ms): string {
  return `${kind} on day ${Math.floor((end - 1) / DAY_ms)}`;
}
