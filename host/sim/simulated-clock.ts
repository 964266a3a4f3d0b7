// A clock that stands still until it is moved: simulated time for a meter that runs in the same process as its board.

import type { Clock } from "../ports/clock.js";

type Utc_ms = ReturnType<Clock["utc"]>;
type Mono_ms = ReturnType<Clock["mono"]>;

interface Alarm {
  readonly period_ms: number;
  readonly call: () => void;
  due_ms: number;
}

export class SimulatedClock implements Clock {
  #mono_ms = 0;
  #utcAhead_ms: number;
  readonly #alarms = new Set<Alarm>();

  constructor(startUtc_ms: number) {
    this.#utcAhead_ms = startUtc_ms;
  }

  utc(): Utc_ms {
    return Math.round(this.#mono_ms + this.#utcAhead_ms) as Utc_ms;
  }

  mono(): Mono_ms {
    return this.#mono_ms as Mono_ms;
  }

  every(period_ms: number, call: () => void): () => void {
    const alarm = { period_ms, call, due_ms: this.#mono_ms + period_ms };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Moves on to a moment of its own time, ms since it was made, ringing every alarm on the way in order. */
  runTo(mono_ms: number): void {
    for (;;) {
      let next: Alarm | null = null;
      for (const alarm of this.#alarms)
        if (alarm.due_ms <= mono_ms && (next === null || alarm.due_ms < next.due_ms)) next = alarm;
      if (next === null) break;
      this.#mono_ms = Math.max(this.#mono_ms, next.due_ms);
      next.due_ms += next.period_ms;
      next.call();
    }
    this.#mono_ms = Math.max(this.#mono_ms, mono_ms);
  }

  /** Somebody sets the UTC clock by so much; the process's own time goes on. */
  setUtcBy(by_ms: number): void {
    this.#utcAhead_ms += by_ms;
  }
}
