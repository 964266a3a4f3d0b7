// What the meter keeps of each boundary: a ledger, and around the grid's the ESME.

import type { Disobeyed } from "../ledger/commands.js";
import { type Esme, newEsme } from "../ledger/esme.js";
import type { ClockStep, EsmeEvent, LedgerEvent, Notice, Reading } from "../ledger/events.js";
import type { Ledger } from "../ledger/ledger.js";
import type { NettingRule } from "../ledger/netting.js";
import { turn } from "../ledger/turn.js";
import { esmeAround, turnEsme } from "../ledger/turn-esme.js";
import type { Mono_ms } from "../ledger/units.js";
import type { Power, Source } from "../ports/source.js";
import type { Role } from "../ports/store.js";
import type { Device, Recalled } from "./device.js";
import type { Feed, Gathering, Whole } from "./gathering.js";
import type { Booked, Joining } from "./joining.js";
import { notBelow, readingOf } from "./placing.js";

export interface Kept {
  readonly role: Role;
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

/** A ledger without an ESME knows readings, ticks and clock steps. */
export function turned(
  { ledger, esme }: Kept,
  event: EsmeEvent,
): {
  readonly ledger: Ledger;
  readonly esme: Esme | null;
  readonly notices: readonly Notice[];
  readonly disobeyed: Disobeyed | null;
  readonly clockSet: ClockStep | null;
} {
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
  { ledger, esme }: Kept,
  parts: number,
  { end, boot }: Recalled,
  device: string,
  whole: Whole,
): Reading {
  const { last } = ledger;
  const same = last?.device === device && last.boot === boot;
  const beside = whole.beside?.map((one) => {
    const before = esme?.beside.find(({ name }) => name === one.name)?.ledger.last ?? null;
    return { ...one, ...notBelow(one, same ? (before?.counters ?? null) : null, parts) };
  });
  const raised = notBelow(whole, same ? last.counters : null, parts);
  return readingOf(end, device, boot, beside === undefined ? raised : { ...raised, beside });
}

/** What the boards of a feed's phases have told lately, by phase: what one board does not tell is not unknown until its own is silent. */
export function phasesOf(inputs: readonly Input[], { name }: Feed, now: Mono_ms): ReadonlyMap<number, Power> {
  const told = inputs.flatMap(({ feeds, power }): [number, Power][] => {
    const number = feeds.find((feed) => feed.name === name)?.phase?.number;
    return number === undefined || power === null || now - power.at > SILENT_ms ? [] : [[number, power.power]];
  });
  return new Map(told);
}
