// The moments at which something besides the ledger looks at the registers, in order, each once: a reading that passes some tells what
// the registers showed then, by a straight line between the readings on either side.

import type { Esme } from "./esme.js";
import type { ClockStep, Notice } from "./events.js";
import type { Mark } from "./mark.js";
import { activatePlanned, nextActivation } from "./planned.js";
import { four } from "./quantities.js";
import { beginRecords } from "./records/begin.js";
import { atBilling, nextBilling } from "./records/billing.js";
import { atMidnight } from "./records/daily.js";
import { atHalfHour, interruptDemand } from "./records/demand.js";
import { atLondonMidnight } from "./records/history.js";
import type { EsmeState } from "./state/state.js";
import { atTariffMidnight, beginTariff, nextSwitch, settleTariff, switchTariff } from "./tariff/account.js";
import { isLondonMidnight } from "./time/london.js";
import { DAY_ms, HALF_HOUR_ms, type MicroWattHours, mulDiv, REGISTER_SPAN_uwh, Utc_ms } from "./units.js";

const ESTIMATED_GAP_ms = 60_000;
const KNOWN_GAP_ms = HALF_HOUR_ms;

/** `next` after its ledger went on from `before`'s last reading past `until`: everything that was due on the way is done. */
export function crossed(before: Esme, next: Esme, notices: Notice[]): Esme {
  const { last } = next.ledger;
  if (last === null) return next;
  const from = before.ledger.last;
  if (from === null) return begun(next, last.at);
  let { state } = next;
  let until = before.until;
  const unknownUntil = last.at - from.at > KNOWN_GAP_ms ? last.at : null;
  while (until <= last.at) {
    state = atBoundary(state, markBetween(before, next, Utc_ms(until)), notices);
    until = nextBoundary(state, Utc_ms(until), unknownUntil);
  }
  return { ...next, state, until };
}

/** `next` after the clock was set: what flowed before belongs to the old time's rate; a moment that was passed once is not passed again. */
export function resumed(before: Esme, next: Esme, step: ClockStep, notices: Notice[]): Esme {
  const { last } = next.ledger;
  if (last === null || before.ledger.last === null) return next;
  const settledAt = markOf(next, before.ledger.last.at);
  const by_ms = step.at - step.was;
  const settled = { ...next, state: interruptDemand(settleTariff(next.state, settledAt), by_ms) };
  if (by_ms >= 0) {
    const leapt = crossed({ ...before, ledger: { ...next.ledger, last: before.ledger.last } }, settled, notices);
    return { ...leapt, state: switchTariff(interruptDemand(leapt.state, by_ms), last.at) };
  }
  const state = switchTariff(settled.state, last.at);
  return { ...settled, state, until: nextBoundary(state, last.at) };
}

/** What the registers show now. */
export function markOf(esme: Esme, at: Utc_ms): Mark {
  const secondary = secondaryOf(esme)?.cumulative[0] ?? null;
  return { at, cumulative: esme.ledger.cumulative, secondary, estimated: false, known: true };
}

/** The first moment after `after` at which something looks at the registers; `unknownUntil`: within a gap, its end. */
export function nextBoundary(state: EsmeState, after: Utc_ms, unknownUntil: Utc_ms | null = null): number {
  const halfHour = unknownUntil === null ? halfHourAfter(after) : halfHourInGap(after, unknownUntil);
  return Math.min(halfHour, nextSwitch(state, after), nextActivation(state, after), nextBilling(state, after));
}

function halfHourAfter(after: number): number {
  return (Math.floor(after / HALF_HOUR_ms) + 1) * HALF_HOUR_ms;
}

/** Within a gap no half hour has a demand: only its midnights matter, of UTC and of London, and the last half hour before its end. A clock
 * that leaps from 1970 passes forty thousand moments, and not a million. */
function halfHourInGap(after: Utc_ms, end: Utc_ms): number {
  const midnight = (Math.floor(after / DAY_ms) + 1) * DAY_ms;
  const inLondon = midnight - 2 * HALF_HOUR_ms;
  const last = Math.floor(end / HALF_HOUR_ms) * HALF_HOUR_ms;
  return Math.max(halfHourAfter(after), Math.min(after < inLondon ? inLondon : midnight, last));
}

/** Everything that looks at the registers begins with what they show at the first reading. */
export function begun(next: Esme, at: Utc_ms): Esme {
  const mark = markOf(next, at);
  const state = beginRecords(beginTariff(next.state, mark), mark);
  return { ...next, state, until: nextBoundary(state, at) };
}

/** In this order: energy up to the moment goes to the rate that held until then, then the books are closed, then what is new begins. */
function atBoundary(before: EsmeState, mark: Mark, notices: Notice[]): EsmeState {
  let state = settleTariff(before, mark);
  if (mark.at % HALF_HOUR_ms === 0) state = atHalfHour(state, mark);
  if (mark.at % DAY_ms === 0) state = atTariffMidnight(atMidnight(state, mark), mark);
  if (mark.at % HALF_HOUR_ms === 0 && isLondonMidnight(mark.at)) state = atLondonMidnight(state, mark);
  state = atBilling(state, mark, notices);
  state = activatePlanned(state, mark, notices);
  return switchTariff(state, mark.at);
}

function markBetween(before: Esme, next: Esme, at: Utc_ms): Mark {
  const from = before.ledger.last?.at ?? at;
  const to = next.ledger.last?.at ?? at;
  const gap_ms = to - from;
  const then = (a: MicroWattHours, b: MicroWattHours) =>
    wrapped(a + (gap_ms === 0 ? 0 : mulDiv(wrapped(b - a), at - from, gap_ms)));
  const [one, other] = [before.ledger.cumulative, next.ledger.cumulative];
  const [first, second] = [secondaryOf(before)?.cumulative[0], secondaryOf(next)?.cumulative[0]];
  return {
    at,
    cumulative: four((q) => then(one[q], other[q])),
    secondary: second === undefined ? null : then(first ?? second, second),
    // The moment of a reading is known to it, however long nothing was heard before.
    estimated: gap_ms > ESTIMATED_GAP_ms && at !== to,
    known: gap_ms <= KNOWN_GAP_ms || at === to,
  };
}

function secondaryOf(esme: Esme) {
  return esme.beside.find((one) => one.name === "secondary")?.ledger;
}

function wrapped(sum_uwh: number): MicroWattHours {
  const once = sum_uwh >= REGISTER_SPAN_uwh ? sum_uwh - REGISTER_SPAN_uwh : sum_uwh;
  return (once < 0 ? once + REGISTER_SPAN_uwh : once) as MicroWattHours;
}
