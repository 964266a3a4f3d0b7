// What the meter keeps of each boundary: a ledger, and around the grid's the ESME.

import type { Disobeyed } from "../ledger/commands.js";
import { countersKept } from "../ledger/communications.js";
import { type Esme, newEsme } from "../ledger/esme.js";
import type { ClockStep, EsmeEvent, LedgerEvent, Notice, Reading } from "../ledger/events.js";
import { type Ledger, newLedger } from "../ledger/ledger.js";
import type { NettingRule } from "../ledger/netting.js";
import { turn } from "../ledger/turn.js";
import { esmeAround, turnEsme } from "../ledger/turn-esme.js";
import type { Mono_ms, Utc_ms } from "../ledger/units.js";
import type { Booked as BookedLast, Identity, Power, Source } from "../ports/source.js";
import type { Commit, Role } from "../ports/store.js";
import { type Device, mayStillTell, type Recalled } from "./device.js";
import { channelsOf, type Feed, type Gathering, NOTHING_GATHERED, type Whole } from "./gathering.js";
import { type Booked, type Joining, NOTHING_JOINED } from "./joining.js";
import type { MeterOptions } from "./options.js";
import { channelCountersOf, notBelow, readingOf } from "./placing.js";

export interface Kept {
  readonly role: Role;
  readonly checkOf?: string;
  ledger: Ledger;
  /** The ledger's ESME; null but for the grid. */
  esme: Esme | null;
  gathering: Gathering;
  joining: Joining;
  pending: Notice[];
}

/** A source and the boundaries that it feeds. */
export interface Input {
  readonly source: Source;
  readonly feeds: readonly Feed[];
  readonly channels: readonly number[];
  readonly since: Mono_ms;
  device: Device;
  power: { at: Mono_ms; power: Power } | null;
}

/** A feed and what it feeds. */
export interface Fed {
  readonly feed: Feed;
  readonly kept: Kept;
}

/** The feed that a channel of an input belongs to. */
export function fedBy(ledgers: ReadonlyMap<string, Kept>, input: Input, channel: number): Fed | undefined {
  const feed = input.feeds.find((one) => channelsOf(one).includes(channel));
  const kept = feed === undefined ? undefined : ledgers.get(feed.name);
  return feed === undefined || kept === undefined ? undefined : { feed, kept };
}

/** What the store holds of each boundary, and an input for each source, which has yet to tell who it is. */
export function begunOf(
  { inputs, store, fuse_w, randomisedOffsetNumber = 1 }: MeterOptions,
  since: Mono_ms,
): { readonly inputs: readonly Input[]; readonly ledgers: ReadonlyMap<string, Kept> } {
  const stored = new Map(store.load().map((one) => [one.name, one]));
  const ledgers = new Map<string, Kept>();
  const begun = inputs.map(({ source, feeds, patience_ms }): Input => {
    for (const { name, role, checkOf } of feeds) {
      const config = { fuse_w, patience_ms };
      const one = stored.get(name);
      const ledger = one === undefined ? newLedger(config) : { ...one.ledger, config };
      const esme = role === "grid" ? esmeOf(ledger, one?.esme ?? null, randomisedOffsetNumber) : null;
      ledgers.set(name, {
        role,
        ...(checkOf === undefined ? {} : { checkOf }),
        ledger,
        esme,
        gathering: NOTHING_GATHERED,
        joining: NOTHING_JOINED,
        pending: [],
      });
    }
    const channels = feeds.flatMap(channelsOf);
    return {
      source,
      feeds,
      channels,
      since,
      device: { kind: "looking", rates: store.rates(), lost: null },
      power: null,
    };
  });
  return { inputs: begun, ledgers };
}

/** What was booked last of the channels that have a ledger to themselves: their sources go on from there. */
export function lastOf(ledgers: ReadonlyMap<string, Kept>, { feeds }: Input): readonly BookedLast[] {
  return feeds.flatMap((feed) => {
    const last = ledgers.get(feed.name)?.ledger.last ?? null;
    if (last === null || channelsOf(feed).length > 1 || feed.phase !== undefined) return [];
    return [{ channel: feed.channel, device: last.device, counters: channelCountersOf(last.counters) }];
  });
}

/** After a start the devices get this long to tell what they remember before time closes half hours. */
const START_PATIENCE_ms = 60_000;

/** Whether half hours of this input must stay open: it may still tell what flowed in them. */
export function mayStillBook({ device, since }: Input, now: Mono_ms): boolean {
  return mayStillTell(device) || (device.kind === "looking" && now - since < START_PATIENCE_ms);
}

/** From when on a source is asked what it remembers: the oldest moment up to which one of its feeds is booked. */
export function forgottenSince(ledgers: ReadonlyMap<string, Kept>, { feeds }: Input, now: Utc_ms): Utc_ms {
  const lasts = feeds.map((feed) => ledgers.get(feed.name)?.ledger.last?.at ?? now);
  return lasts.reduce((oldest, one) => (one < oldest ? one : oldest), now);
}

/** An event that no turn told of: nothing changes but what is known. */
export function remarked({ ledger, esme }: Kept, at: Utc_ms, text: string): Turned {
  return { ledger, esme, notices: [{ kind: "event", at, code: "implausible", text }], disobeyed: null, clockSet: null };
}

/** All of it as the store is to keep it. */
export function stateOf(
  ledgers: ReadonlyMap<string, Kept>,
  inputs: readonly Input[],
): Pick<Commit, "ledgers" | "rates"> {
  return {
    ledgers: [...ledgers].map(([name, { role, checkOf, ledger, esme, pending }]) => ({
      name,
      role,
      ...(checkOf === undefined ? {} : { checkOf }),
      ledger,
      ...(esme === null ? {} : { esme }),
      notices: pending,
    })),
    rates: new Map(inputs.flatMap((input) => [...input.device.rates])),
  };
}

/** A board that has told no power for longer than this is silent. */
const SILENT_ms = 3_000;

/** The stored ESME, every count of it under the ledger's configuration; else a new one, around what the ledger has metered so far. */
export function esmeOf(ledger: Ledger, stored: Esme | null, randomisedOffsetNumber: number): Esme {
  const { config } = ledger;
  if (stored !== null)
    return { ...stored, ledger, beside: stored.beside.map((one) => ({ ...one, ledger: { ...one.ledger, config } })) };
  return ledger.last === null
    ? { ...newEsme(randomisedOffsetNumber, ledger.config), ledger }
    : esmeAround(randomisedOffsetNumber, ledger);
}

export interface Turned {
  readonly ledger: Ledger;
  readonly esme: Esme | null;
  readonly notices: readonly Notice[];
  readonly disobeyed: Disobeyed | null;
  readonly clockSet: ClockStep | null;
}

/** Another ESME takes the place of what is kept, but for the counters of messages, which never go back; what was being put together was
 * of the old one. */
export function becomes(kept: Kept, esme: Esme): void {
  kept.ledger = { ...esme.ledger, config: kept.ledger.config };
  const state = kept.esme === null ? esme.state : countersKept(esme.state, kept.esme.state);
  kept.esme = esmeOf(kept.ledger, { ...esme, state }, state.randomisedOffsetNumber.value);
  kept.gathering = NOTHING_GATHERED;
  kept.joining = NOTHING_JOINED;
}

/** A ledger without an ESME knows readings, ticks and clock steps. */
export function turned({ ledger, esme }: Kept, event: EsmeEvent): Turned {
  if (esme !== null) {
    const next = turnEsme(esme, event);
    const { notices, disobeyed, clockSet = null } = next;
    return { ledger: next.esme.ledger, esme: next.esme, notices, disobeyed, clockSet };
  }
  const next = turn(ledger, event as LedgerEvent);
  return { ledger: next.ledger, esme: null, notices: next.notices, disobeyed: null, clockSet: null };
}

/** What the ledgers hold of phases that boards of their own measure; null before their first reading. */
export function bookedOf({ ledger, esme }: Kept, rule: NettingRule): Booked | null {
  const of = (name: NettingRule) =>
    (name === rule ? ledger : esme?.beside.find((one) => one.name === name)?.ledger)?.last ?? null;
  const [perPhase, net] = [of("per-phase"), of("net")];
  return perPhase === null || net === null
    ? null
    : { device: perPhase.device, perPhase: perPhase.counters, net: net.counters };
}

/** What a board remembers of a half-hour end: not below what was booked of the same boot already, in any of its counts. */
export function recalledOf(
  { kept: { ledger, esme }, feed }: Fed,
  { end, boot }: Recalled,
  identity: Identity,
  whole: Whole,
): Reading {
  const { last } = ledger;
  const parts = channelsOf(feed).length;
  const same = last?.device === identity.device && last.boot === boot;
  const beside = whole.beside?.map((one) => {
    const before = esme?.beside.find(({ name }) => name === one.name)?.ledger.last ?? null;
    return { ...one, ...notBelow(one, same ? (before?.counters ?? null) : null, parts) };
  });
  const raised = notBelow(whole, same ? last.counters : null, parts);
  return readingOf(end, identity, boot, beside === undefined ? raised : { ...raised, beside });
}

/** What the boards of a feed's phases have told lately, by phase: what one board does not tell is not unknown until its own is silent. */
export function phasesOf(inputs: readonly Input[], { name }: Feed, now: Mono_ms): ReadonlyMap<number, Power> {
  const told = inputs.flatMap(({ feeds, power }): [number, Power][] => {
    const number = feeds.find((feed) => feed.name === name)?.phase?.number;
    return number === undefined || power === null || now - power.at > SILENT_ms ? [] : [[number, power.power]];
  });
  return new Map(told);
}

/** A board reports once a second: longer than this, and one is missing. */
const MISSED_ms = 1_600;

/** Whether a board that tells something at that moment has passed the end of a half hour that nothing was told of. */
export function missesAnEnd(ledger: Ledger | undefined, at: Utc_ms): boolean {
  if (ledger?.last == null || ledger.open === null) return false;
  return at > ledger.open.end && at - ledger.last.at > MISSED_ms;
}
