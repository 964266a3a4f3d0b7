// The meter as the COSEM table sees it: its sections under SMETS names, whether they come of a whole ESME or of a draft.

import { markOf } from "../ledger/boundaries.js";
import type { Esme } from "../ledger/esme.js";
import { registers_wh } from "../ledger/ledger.js";
import { type HalfHour, keptWithin } from "../ledger/profile.js";
import type { Four } from "../ledger/quantities.js";
import type { EsmeLive, EsmeState } from "../ledger/state/state.js";
import { settleTariff } from "../ledger/tariff/account.js";
import type { Utc_ms } from "../ledger/units.js";
import type { Eui } from "./frame.js";

/** A half hour with the import of the secondary element, where there is one. */
export interface ReadHalfHour extends HalfHour {
  readonly secondary_wh: number | null;
}

export interface MeterView {
  /** What the meter's clock shows. */
  readonly at: Utc_ms;
  readonly identity: Eui;
  readonly state: EsmeState;
  readonly live: EsmeLive;
  registers_wh(): Four<number>;
  /** Import of the secondary element; null where there is none. */
  secondary_wh(): number | null;
  /** Half hours with from <= end <= to, oldest first. */
  halfHours(from: Utc_ms, to: Utc_ms): readonly ReadHalfHour[];
}

export function viewOf(esme: Esme, at: Utc_ms, identity: Eui): MeterView {
  const secondary = esme.beside.find(({ name }) => name === "secondary")?.ledger ?? null;
  let state: EsmeState | null = null;
  return {
    at,
    identity,
    // What has flowed since the tariff was settled last belongs to its registers, too.
    get state() {
      state ??= settleTariff(esme.state, markOf(esme, at));
      return state;
    },
    live: esme.live,
    registers_wh: () => registers_wh(esme.ledger),
    secondary_wh: () => (secondary === null ? null : registers_wh(secondary)[0]),
    halfHours: (from, to) => {
      const beside = new Map<number, number | null>();
      if (secondary !== null) for (const { end, wh } of keptWithin(secondary.profile, from, to)) beside.set(end, wh[0]);
      return keptWithin(esme.ledger.profile, from, to).map(({ end, wh, flags }) => {
        return { end, wh, flags, secondary_wh: beside.get(end) ?? null };
      });
    },
  };
}

/** Half hours as a draft holds them: what one log says of them, the rest not known. */
export type DraftHalfHour = { readonly [quantity in 0 | 1 | 2 | 3 | "secondary"]?: number | null };

/** A meter being changed: by a command that sets, or by learning what a meter must hold that answers so. Sections that nobody touched are
 * those it began with. */
export class Draft {
  readonly #state: Map<keyof EsmeState, unknown> = new Map();
  readonly #live: Map<keyof EsmeLive, unknown> = new Map();
  /** Only learnt, never set by a command: */
  at: Utc_ms | null = null;
  readonly registers: Map<0 | 1 | 2 | 3 | "secondary", number> = new Map();
  readonly halfHours: Map<Utc_ms, DraftHalfHour> = new Map();

  constructor(
    readonly base: Pick<MeterView, "state" | "live" | "at">,
    /** Whether it learns of an answer; else a command sets it. */
    readonly learning: boolean,
  ) {}

  section<S extends keyof EsmeState>(name: S): EsmeState[S] {
    return (this.#state.has(name) ? this.#state.get(name) : this.base.state[name]) as EsmeState[S];
  }
  put<S extends keyof EsmeState>(name: S, value: EsmeState[S]): void {
    // The last put counts: alerts follow the order in which the moments of activation came.
    this.#state.delete(name);
    this.#state.set(name, value);
  }
  live<S extends keyof EsmeLive>(name: S): EsmeLive[S] {
    return (this.#live.has(name) ? this.#live.get(name) : this.base.live[name]) as EsmeLive[S];
  }
  putLive<S extends keyof EsmeLive>(name: S, value: EsmeLive[S]): void {
    this.#live.set(name, value);
  }
  halfHour(end: Utc_ms, quantities: DraftHalfHour): void {
    this.halfHours.set(end, { ...this.halfHours.get(end), ...quantities });
  }
  /** What was put, in the order in which it was put last. */
  touched(): Partial<EsmeState> {
    return Object.fromEntries(this.#state) as Partial<EsmeState>;
  }
  touchedLive(): Partial<EsmeLive> {
    return Object.fromEntries(this.#live) as Partial<EsmeLive>;
  }
  /** All that was put, for a partial snapshot. */
  learnt() {
    const { registers, halfHours } = this;
    return { at: this.at ?? this.base.at, state: this.touched(), live: this.touchedLive(), registers, halfHours };
  }
}
