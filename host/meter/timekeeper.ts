// The meter's clock: the system's, and how far the meter has gone from it by following a hub. It notices when somebody else set the
// system's clock, and passes on what there is to judge the clock by.

import { utcOf } from "../ledger/clock.js";
import type { ClockStep, Judged, MasterTime } from "../ledger/events.js";
import type { EsmeState } from "../ledger/state/state.js";
import { CALENDAR_END_ms, type ClockSight, judgeClock } from "../ledger/time/judge.js";
import { type Mono_ms, Utc_ms } from "../ledger/units.js";
import type { Clock } from "../ports/clock.js";

/** A clock that moved by more than this against the process's own was set. */
const STEP_ms = 500;

export class Timekeeper {
  #now: { readonly utc: Utc_ms; readonly mono: Mono_ms };
  #ahead_ms = 0;
  #heard: { readonly says: Utc_ms; readonly mono: Mono_ms } | null = null;

  /** `built`: no true clock shows less; null where the clock is simulated and is believed whatever it shows. */
  constructor(
    private readonly clock: Clock,
    private readonly built: Utc_ms | null,
  ) {
    this.#now = { utc: clock.utc(), mono: clock.mono() };
  }

  /** As of the last tick. */
  get now(): { readonly utc: Utc_ms; readonly mono: Mono_ms } {
    return this.#now;
  }

  /** This moment. */
  utc(): Utc_ms {
    return Utc_ms(this.clock.utc() + this.#ahead_ms);
  }

  at(mono: Mono_ms): Utc_ms {
    return utcOf(mono, this.#now);
  }

  /** Once a second; the step where somebody set the system's clock. */
  tick(): ClockStep | null {
    const before = this.#now;
    this.#now = { utc: this.utc(), mono: this.clock.mono() };
    const was = utcOf(this.#now.mono, before);
    return Math.abs(this.#now.utc - was) > STEP_ms ? { kind: "clock", at: this.#now.utc, was } : null;
  }

  /** The meter goes on in the new time; the system's clock stays as it is. */
  follow({ at, was }: ClockStep): void {
    this.#ahead_ms += at - was;
    this.#now = { utc: Utc_ms(this.#now.utc + at - was), mono: this.#now.mono };
  }

  /** The hub said its time; null where it cannot be now. */
  heard(says: Utc_ms): MasterTime | null {
    if (says < (this.built ?? 0) || says >= CALENDAR_END_ms) return null;
    const mono = this.clock.mono();
    this.#heard = { says, mono };
    return { kind: "master", at: this.utc(), says };
  }

  /** What the hub's clock shows now, by what it said last; null before it has said anything. */
  hubSays(): Utc_ms | null {
    const heard = this.#heard;
    return heard === null ? null : Utc_ms(Math.round(heard.says + this.clock.mono() - heard.mono));
  }

  /** What the clock is worth, where that is not what the meter has it for. */
  judged(time: EsmeState["time"], booked: Utc_ms | null): Judged | null {
    if (this.built === null) return null;
    const { utc: now, mono } = this.#now;
    const heard = this.#heard;
    const hub = heard === null ? null : { says: heard.says, at: this.at(heard.mono), ago_ms: mono - heard.mono };
    const master: ClockSight["master"] =
      time.master === "hub" ? { kind: "hub", heard: hub } : { kind: "system", synchronised: null };
    const { status, why } = judgeClock({ now, built: this.built, booked, master });
    return status === time.status ? null : { kind: "judged", at: now, status, why };
  }
}
