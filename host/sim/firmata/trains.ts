// Pulses on pins in simulated time: trains of them with bounces and spikes from a seed, told edge by edge in order.

import { Random } from "../random.js";

/** Pulses one after another on one pin. */
export interface TrainOptions {
  readonly pin: number;
  readonly from_ms: number;
  readonly pulses: number;
  readonly period_ms: number;
  readonly on_ms: number;
  /** Each begin moves by up to so much. */
  readonly jitter_ms?: number;
  /** Contacts bounce for so long at each make and break. */
  readonly bounce_ms?: number;
  /** A spike of so long lies in the middle of each gap. */
  readonly spike_ms?: number;
  readonly seed?: number;
}

export interface Edge {
  readonly at_ms: number;
  readonly pin: number;
  readonly on: boolean;
}

/** Breaks of a bounce. */
const MOST_BREAKS = 3;

/** The edges of one train, in order; the last one is an off. */
export function* train(options: TrainOptions): Generator<Edge> {
  const { pin, from_ms, pulses, period_ms, on_ms } = options;
  const { jitter_ms = 0, bounce_ms = 0, spike_ms = 0, seed = 1 } = options;
  const random = new Random(seed);
  const edge = (at_ms: number, on: boolean): Edge => ({ at_ms, pin, on });
  function* changes(at_ms: number, to: boolean): Generator<Edge> {
    yield edge(at_ms, to);
    if (bounce_ms === 0) return;
    const breaks = Math.floor(random.unit() * (MOST_BREAKS + 1));
    const times = Array.from({ length: 2 * breaks }, () => at_ms + random.unit() * bounce_ms).sort((a, b) => a - b);
    for (const [k, time] of times.entries()) yield edge(time, k % 2 === 0 ? !to : to);
  }
  for (let k = 0; k < pulses; k++) {
    const at_ms = from_ms + k * period_ms + jitter_ms * random.unit();
    yield* changes(at_ms, true);
    yield* changes(at_ms + on_ms, false);
    if (spike_ms === 0) continue;
    const middle_ms = at_ms + (on_ms + period_ms - spike_ms) / 2;
    yield edge(middle_ms, true);
    yield edge(middle_ms + spike_ms, false);
  }
}

interface Running {
  readonly edges: Iterator<Edge>;
  next: Edge;
}

/** Several trains at once. */
export class Trains {
  /** The first ons that were told, spikes and bounces among them. */
  edges = 0;
  readonly #running: Running[] = [];

  add(options: TrainOptions): void {
    const edges = train(options);
    const first = edges.next();
    if (!first.done) this.#running.push({ edges, next: first.value });
  }

  get over(): boolean {
    return this.#running.length === 0;
  }

  /** The next edge up to a time; null: none. */
  until(time_ms: number): Edge | null {
    let first: Running | null = null;
    for (const one of this.#running)
      if (one.next.at_ms <= time_ms && (first === null || one.next.at_ms < first.next.at_ms)) first = one;
    if (first === null) return null;
    const { next } = first;
    const after = first.edges.next();
    if (after.done) this.#running.splice(this.#running.indexOf(first), 1);
    else first.next = after.value;
    this.edges++;
    return next;
  }
}
