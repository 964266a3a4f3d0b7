// Values that were planned take effect at their moment: current becomes what was next, and nothing is planned any more (GBCS class 9000).
// A tariff takes effect whole: where what was planned for a moment does not make one together, all of it is dropped and said so.

import { forgotten, inPlannedOrder, originOf } from "./communications.js";
import type { Notice } from "./events.js";
import { logged } from "./log.js";
import { event } from "./logs.js";
import type { Mark } from "./mark.js";
import { balancesOf, readEntryOf } from "./records/entry.js";
import { BILLING_DEPTH } from "./state/records.js";
import { type EsmeState, PLANNED_SECTIONS, type PlannedSection, type Section } from "./state/state.js";
import { TARIFF_SECTIONS } from "./state/tariff.js";
import type { Planned } from "./state/words.js";
import { currentTariffFault, type Fault } from "./tariff/fault.js";
import { Utc_ms } from "./units.js";

/** A future-dated item became current, or could not (GBCS 00CC). */
const ACTIVATED = 0x8f66;
const NOT_ACTIVATED = 0x8f67;

/** Everything planned for the mark's moment or before it takes effect, each section with an alert and a line in the event log, in the order
 * in which it was planned (the counters of the reference messages' alerts). `immediate`: what a command just set has neither. The energy
 * before it has been settled, and the caller switches the tariff afterwards. */
export function activatePlanned(
  state: EsmeState,
  mark: Mark,
  notices: Notice[],
  immediate: readonly Section[] = [],
): EsmeState {
  const due = inPlannedOrder(state, dueAt(state, mark.at));
  if (due.length === 0) return state;
  const all = taken(state, due);
  const fault = currentTariffFault(all);
  const failed = fault === null ? [] : due.filter(isTariff);
  const done = fault === null ? due : due.filter((section) => !isTariff(section));
  let next = fault === null ? all : dropped(taken(state, done), failed);
  for (const section of done)
    if (!immediate.includes(section))
      next = told(next, mark.at, ACTIVATED, section, `${section} took effect as planned`, notices);
  for (const section of failed) {
    const text = `${section} did not take effect: ${fault?.rule} (${fault?.place})`;
    next = told(next, mark.at, NOT_ACTIVATED, section, text, notices);
  }
  return done.some(isBilled) ? tariffLogged(next, mark) : next;
}

/** The next moment after `after` for which something is planned; what is planned for earlier takes effect at the next boundary. */
export function nextActivation(state: EsmeState, after: Utc_ms): number {
  let next = Number.POSITIVE_INFINITY;
  for (const section of PLANNED_SECTIONS) {
    const at = state[section].activateNextDateTime;
    if (at !== null && at > after && at < next) next = at;
  }
  return next;
}

/** The first fault of the tariff as it is, or as it will be once what is planned has taken effect, moment by moment; null: none. */
export function tariffFault(state: EsmeState): Fault | null {
  let now = state;
  let fault = currentTariffFault(now);
  for (let at = firstPlanned(now); fault === null && at < Number.POSITIVE_INFINITY; at = firstPlanned(now)) {
    now = taken(now, dueAt(now, Utc_ms(at)));
    fault = currentTariffFault(now);
  }
  return fault;
}

/** One entry of the import registers and the balances in the billing data log that payment modes and tariffs trigger (SMETS 5.7.5.10). */
export function tariffLogged(state: EsmeState, mark: Mark): EsmeState {
  const log = state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport;
  const entry = { ...readEntryOf(state, mark), ...balancesOf(state) };
  return { ...state, billingDataLogSetPaymentModeOrTariffTriggeredExcExport: logged(log, entry, BILLING_DEPTH) };
}

/** Its taking effect is written in that log. */
export function isBilled(section: Section): boolean {
  return isTariff(section) || section === "paymentMode";
}

export function isTariff(section: Section): boolean {
  return TARIFF_SECTIONS.some((one) => one === section);
}

function firstPlanned(state: EsmeState): number {
  return nextActivation(state, Utc_ms(Number.MIN_SAFE_INTEGER));
}

function dueAt(state: EsmeState, at: Utc_ms): readonly PlannedSection[] {
  return PLANNED_SECTIONS.filter((section) => {
    const moment = state[section].activateNextDateTime;
    return moment !== null && moment <= at;
  });
}

/** Next becomes current in these sections. A moment without a value leaves the current one. */
function taken(state: EsmeState, sections: readonly PlannedSection[]): EsmeState {
  return changed(state, sections, ({ valueCurrent, valueNext }) => valueNext ?? valueCurrent);
}

function dropped(state: EsmeState, sections: readonly PlannedSection[]): EsmeState {
  return changed(state, sections, ({ valueCurrent }) => valueCurrent);
}

function changed(
  state: EsmeState,
  sections: readonly PlannedSection[],
  valueIn: (section: Planned<unknown>) => unknown,
): EsmeState {
  const entries = sections.map((section) => {
    const settled: Planned<unknown> = {
      valueCurrent: valueIn(state[section]),
      valueNext: null,
      activateNextDateTime: null,
    };
    return [section, settled];
  });
  return { ...state, ...Object.fromEntries(entries) };
}

function told(
  state: EsmeState,
  at: Utc_ms,
  code: number,
  section: PlannedSection,
  text: string,
  notices: Notice[],
): EsmeState {
  notices.push({ kind: "alert", at, code, text, planned: { section, origin: originOf(state, section) } });
  return event(forgotten(state, section), at, code, text);
}
