// Whose messages the meter has accepted and how many it began itself: counters that only rise, so that nothing is obeyed or told twice.
// And which message planned what is planned, in the order in which it did, for the alerts when it takes effect.

import type { Deed, Disobeyed } from "./commands.js";
import { type Origin, PARTIES } from "./state/identity.js";
import { type EsmeState, PLANNED_SECTIONS, type PlannedSection, type Section } from "./state/state.js";
import type { Utc_ms } from "./units.js";

const HIGHEST = 2n ** 64n - 1n;
const PARTY = /^[0-9a-f]{16}$/;

/** What is wrong with a message of that counter from that party; null: it has not been accepted before, nor a later one. */
export function faultOfCounter(state: EsmeState, party: string, counter: bigint): Disobeyed | null {
  if (typeof party !== "string" || !PARTY.test(party))
    return { code: "party", reason: "accepted.party: an identifier is 16 hexadecimal digits" };
  if (typeof counter !== "bigint" || counter < 0n || counter > HIGHEST)
    return { code: "counter", reason: "accepted.counter: a counter is a whole number below 2^64" };
  const { received } = state.communicationsAccount;
  const before = received.find((one) => one.party === party);
  if (before === undefined && received.length >= PARTIES)
    return { code: "parties", reason: `accepted.party: the meter knows ${PARTIES} parties, and this is another` };
  if (before !== undefined && counter <= before.counter)
    return { code: "replayed", reason: `accepted.counter: ${counter} is not above ${before.counter}` };
  return null;
}

/** The counter has no fault. */
export function accepted(state: EsmeState, { party, counter }: Extract<Deed, { kind: "accepted" }>): EsmeState {
  const { received } = state.communicationsAccount;
  const known = received.some((one) => one.party === party);
  const raised = known
    ? received.map((one) => (one.party === party ? { party, counter } : one))
    : [...received, { party, counter }];
  return withAccount(state, { received: raised });
}

/** Null after the last counter there is: none is used twice. */
export function originated(state: EsmeState): EsmeState | null {
  const { originatorCounter } = state.communicationsAccount;
  return originatorCounter === HIGHEST ? null : withAccount(state, { originatorCounter: originatorCounter + 1n });
}

/** A restored state goes on from the highest counters of both: what was accepted or told since the snapshot is not accepted or told again
 * under the same. */
export function countersKept(restored: EsmeState, before: EsmeState): EsmeState {
  const [then, now] = [restored.communicationsAccount, before.communicationsAccount];
  const highest = new Map(now.received.map(({ party, counter }) => [party, counter]));
  for (const { party, counter } of then.received)
    if (counter > (highest.get(party) ?? -1n)) highest.set(party, counter);
  const received = [...highest].map(([party, counter]) => ({ party, counter })).slice(0, PARTIES);
  const counters = [then.originatorCounter, now.originatorCounter];
  const originatorCounter = counters.reduce((one, other) => (one > other ? one : other));
  return withAccount(restored, { received, originatorCounter });
}

/** A command set these sections: what of them waits for a moment after `at` was planned by its message, and the rest by none. */
export function plannedBy(state: EsmeState, names: readonly Section[], at: Utc_ms, origin: Origin | null): EsmeState {
  const set = names.filter(isPlanned);
  if (set.length === 0) return state;
  const others = state.communicationsAccount.planned.filter(({ section }) => !set.some((one) => one === section));
  const waiting = set.filter((section) => (state[section].activateNextDateTime ?? at) > at);
  const planned = origin === null ? others : [...others, ...waiting.map((section) => ({ section, origin }))];
  return withAccount(state, { planned });
}

/** Which message planned that; null: none did. */
export function originOf(state: EsmeState, section: PlannedSection): Origin | null {
  return state.communicationsAccount.planned.find((one) => one.section === section)?.origin ?? null;
}

/** The sections in the order in which messages planned them, then those that none did. */
export function inPlannedOrder(state: EsmeState, sections: readonly PlannedSection[]): readonly PlannedSection[] {
  const order = state.communicationsAccount.planned.map(({ section }) => section);
  const place = (section: PlannedSection) => {
    const index = order.indexOf(section);
    return index < 0 ? order.length : index;
  };
  return [...sections].sort((one, other) => place(one) - place(other));
}

export function forgotten(state: EsmeState, section: PlannedSection): EsmeState {
  const { planned } = state.communicationsAccount;
  const rest = planned.filter((one) => one.section !== section);
  return rest.length === planned.length ? state : withAccount(state, { planned: rest });
}

function isPlanned(section: Section): section is PlannedSection {
  return PLANNED_SECTIONS.some((one) => one === section);
}

function withAccount(state: EsmeState, account: Partial<EsmeState["communicationsAccount"]>): EsmeState {
  return { ...state, communicationsAccount: { ...state.communicationsAccount, ...account } };
}
