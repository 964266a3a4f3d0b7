// How the phases of a polyphase meter become one flow. SMETS says "cumulative across the phases" and leaves the rest open (facts 5): the
// rule is configuration, and what the other rules would have counted is accounted beside it.
//
//   phases  +5  -3  +5 kW for an hour      import  export
//   net         direction of the sum            7       0    over the board's window, or from report to report
//   per-phase   direction of each phase        10       3
//   absolute    no direction at all            13       0    what a meter that cannot tell import from export bills

import { assert } from "./assert.js";
import type { BesideName, Count } from "./events.js";
import type { Counters } from "./quantities.js";
import type { NETTING_RULES } from "./state/housekeeping.js";
import { MicroWattHours } from "./units.js";

export type NettingRule = (typeof NETTING_RULES)[number];

/** Cumulative counters and those that this boot of the device began with, where that is known. */
export interface Counted {
  readonly counters: Counters;
  readonly base: Counters | null;
}

/** All three counts of one moment. `net` comes from a counter that nets over its own window, or from `netOver`. */
export function countsOf(phases: readonly Counted[], net: Counted): { readonly [rule in NettingRule]: Counted } {
  return { net, "per-phase": each(phases, perPhase), absolute: each(phases, absolute) };
}

/** The count that feeds the registers, and the others beside it. */
export function chosen(
  counts: ReturnType<typeof countsOf>,
  rule: NettingRule,
): Counted & { readonly beside: readonly Count[] } {
  const beside = (Object.keys(counts) as NettingRule[])
    .filter((name) => name !== rule)
    .map((name): Count => ({ name: name satisfies BesideName, ...counts[name] }));
  return { ...counts[rule], beside };
}

/** Phases that have no common window are netted over the interval between two of their readings: what flowed in sum goes to import or to
 * export. `before` and `now`: totals by the per-phase rule, which wrap at `span`; `before` is what the two ledgers last booked. A total
 * that fell is no flow the other way: the net count falls with it, and its ledger doubts both alike. Reactive energy is as the phases
 * counted it. */
export function netOver(
  before: { readonly perPhase: Counters; readonly net: Counters } | null,
  now: Counters,
  span: MicroWattHours | null,
): Counters {
  const [, , reactiveImport, reactiveExport] = now;
  const reactive = [reactiveImport, reactiveExport] as
    | readonly [MicroWattHours, MicroWattHours]
    | readonly [null, null];
  if (before === null) return [MicroWattHours(0), MicroWattHours(0), ...reactive] as Counters;
  const gained = [over(now[0] - before.perPhase[0], span), over(now[1] - before.perPhase[1], span)] as const;
  const [imported, exported] = before.net;
  if (gained[0] < 0 || gained[1] < 0)
    return [
      MicroWattHours(Math.max(0, imported + gained[0])),
      MicroWattHours(Math.max(0, exported + gained[1])),
      ...reactive,
    ] as Counters;
  const flowed = gained[0] - gained[1];
  return [
    wrapped(imported + Math.max(0, flowed), span),
    wrapped(exported + Math.max(0, -flowed), span),
    ...reactive,
  ] as Counters;
}

/** A twin-element meter: import and export of the primary element, reactive energy across both (facts 5). */
export function twin(primary: Counted, secondary: Counted): Counted & { readonly beside: readonly Count[] } {
  const both = each([primary, secondary], perPhase);
  const main = (one: Counters, sum: Counters): Counters => [one[0], one[1], sum[2], sum[3]] as unknown as Counters;
  return {
    counters: main(primary.counters, both.counters),
    base: primary.base === null || both.base === null ? null : main(primary.base, both.base),
    beside: [{ name: "secondary", ...secondary }],
  };
}

function each(parts: readonly Counted[], rule: (all: readonly Counters[]) => Counters): Counted {
  const bases = parts.flatMap(({ base }) => (base === null ? [] : [base]));
  return {
    counters: rule(parts.map(({ counters }) => counters)),
    base: bases.length === parts.length ? rule(bases) : null,
  };
}

function perPhase(all: readonly Counters[]): Counters {
  return [sum(all, 0), sum(all, 1), sumOrNull(all, 2), sumOrNull(all, 3)] as unknown as Counters;
}

function absolute(all: readonly Counters[]): Counters {
  const [imported, exported, ...reactive] = perPhase(all);
  return [MicroWattHours(imported + exported), MicroWattHours(0), ...reactive] as unknown as Counters;
}

function sum(all: readonly Counters[], quantity: 0 | 1): MicroWattHours {
  const total = sumOrNull(all, quantity);
  assert(total !== null, "active energy is always known");
  return total;
}

function sumOrNull(all: readonly Counters[], quantity: 0 | 1 | 2 | 3): MicroWattHours | null {
  let total = 0;
  for (const counters of all) {
    const value = counters[quantity];
    if (value === null) return null;
    total += value;
  }
  return MicroWattHours(total);
}

function over(flowed_uwh: number, span: MicroWattHours | null): number {
  return flowed_uwh < 0 && span !== null ? flowed_uwh + span : flowed_uwh;
}

function wrapped(sum_uwh: number, span: MicroWattHours | null): MicroWattHours {
  return MicroWattHours(span !== null && sum_uwh >= span ? sum_uwh - span : sum_uwh);
}
