// How the phases of a polyphase meter become one flow. SMETS says "cumulative across the phases" and leaves the rest open (facts 5): the
// rule is configuration, and what the other rules would have counted is accounted beside it.
//
//   phases  +5  -3  +5 kW for an hour      import  export
//   net         direction of the sum            7       0    over the board's window, or from report to report
//   per-phase   direction of each phase        10       3
//   absolute    no direction at all            13       0    what a meter that cannot tell import from export bills

import { assert } from "./assert.js";
import type { Count } from "./events.js";
import { NETTING_RULES } from "./names.js";
import type { Counters } from "./quantities.js";
import { MicroWattHours } from "./units.js";

export type NettingRule = (typeof NETTING_RULES)[number];

const ZERO = MicroWattHours(0);

/** Cumulative counters and those that this boot of the device began with, where that is known. */
export interface Counted {
  readonly counters: Counters;
  readonly base: Counters | null;
}

/** All three counts of one moment. `net` comes from a counter that nets over its own window, or from `netOver`. */
export function countsOf(phases: readonly Counted[], net: Counted): { readonly [rule in NettingRule]: Counted } {
  const perPhase = summed(phases);
  const { counters, base } = perPhase;
  return {
    net,
    "per-phase": perPhase,
    absolute: { counters: undirected(counters), base: base && undirected(base) },
  };
}

/** The count that feeds the registers, and the others beside it. */
export function chosen(
  counts: ReturnType<typeof countsOf>,
  rule: NettingRule,
): Counted & { readonly beside: readonly Count[] } {
  const beside: Count[] = [];
  for (const name of NETTING_RULES)
    if (name !== rule) beside.push({ name, counters: counts[name].counters, base: counts[name].base });
  const { counters, base } = counts[rule];
  return { counters, base, beside };
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
  const both = summed([primary, secondary]);
  const main = (one: Counters, sum: Counters): Counters => [one[0], one[1], sum[2], sum[3]] as unknown as Counters;
  return {
    counters: main(primary.counters, both.counters),
    base: primary.base === null || both.base === null ? null : main(primary.base, both.base),
    beside: [{ name: "secondary", ...secondary }],
  };
}

/** All parts together, quantity by quantity; the base is known where every part's is. */
function summed(parts: readonly Counted[]): Counted {
  const counters = sum(parts, "counters");
  assert(counters !== null, "what is summed up has counters");
  return { counters, base: sum(parts, "base") };
}

/** Summed with every reading, so nothing is made on the way. */
function sum(parts: readonly Counted[], of: "counters" | "base"): Counters | null {
  let imported = 0;
  let exported = 0;
  let reactiveImport: number | null = 0;
  let reactiveExport: number | null = 0;
  for (const part of parts) {
    const counters = part[of];
    if (counters === null) return null;
    imported += counters[0];
    exported += counters[1];
    reactiveImport = reactiveImport === null || counters[2] === null ? null : reactiveImport + counters[2];
    reactiveExport = reactiveExport === null || counters[3] === null ? null : reactiveExport + counters[3];
  }
  const active = [MicroWattHours(imported), MicroWattHours(exported)] as const;
  if (reactiveImport === null || reactiveExport === null) return [...active, null, null];
  return [...active, MicroWattHours(reactiveImport), MicroWattHours(reactiveExport)];
}

/** What a meter counts that cannot tell import from export. */
function undirected(counters: Counters): Counters {
  const all = MicroWattHours(counters[0] + counters[1]);
  return counters[2] === null ? [all, ZERO, null, null] : [all, ZERO, counters[2], counters[3]];
}

function over(flowed_uwh: number, span: MicroWattHours | null): number {
  return flowed_uwh < 0 && span !== null ? flowed_uwh + span : flowed_uwh;
}

function wrapped(sum_uwh: number, span: MicroWattHours | null): MicroWattHours {
  return MicroWattHours(span !== null && sum_uwh >= span ? sum_uwh - span : sum_uwh);
}
