// One device at the meter's door: what it remembers is booked before what it says now, then it is told UTC and its rate.
//
//   looking --found--> recalling --all told, or given up--> metering --lost--> looking
//
// A value: `heard` gives the next state and what is to be done; the meter does it.

import { type ClockFit, monoOf, newFit, observe } from "../ledger/clock.js";
import { type Board_ms, HALF_HOUR_ms, Mono_ms, type Utc_ms } from "../ledger/units.js";
import type { ChannelCounters, Identity, SourceEvent } from "../ports/source.js";

/** How long a device may take to tell what it remembers before metering goes on without. */
const RECALL_PATIENCE_ms = 30_000;
const RECALL_TRIES = 5;
/** A report may be late by whatever the host was busy with: the board is told UTC once the least late of so long a time is known.
 * A wrong one would be worse than none: beyond 2 s it empties the board's memory (link.md). */
const SETTLING_ms = 10_000;
/** A rate that moved by less than this is not worth telling the board. */
const RATE_STEP_ppb = 20_000;
/** How often the board is told UTC anew although the rate stands. */
const TELL_EVERY_ms = 600_000;

interface Told {
  readonly channel: number;
  readonly boot: number;
  readonly counters: ChannelCounters;
}

export interface Recalled extends Told {
  readonly end: Utc_ms;
}

export interface Reported extends Told {
  readonly board: Board_ms;
  readonly base: ChannelCounters | null;
}

/** What was told to the board: a rate, when; or nothing yet, and from when on. */
interface Telling {
  readonly rate_ppb: number | null;
  readonly at: Mono_ms;
}

export type Device =
  | {
      readonly kind: "looking";
      readonly rates: Rates;
      /** The device that was lost: where it comes back in the same boot, its clock is known still. */
      readonly lost: { readonly identity: Identity; readonly fit: ClockFit } | null;
    }
  | {
      readonly kind: "recalling";
      readonly rates: Rates;
      readonly identity: Identity;
      readonly recalled: readonly Recalled[];
      readonly reports: ReadonlyMap<number, Reported>;
      readonly fit: ClockFit | null;
      readonly telling: Telling | null;
      readonly told: boolean;
      readonly tries: number;
      readonly until: Mono_ms;
    }
  | {
      readonly kind: "metering";
      readonly rates: Rates;
      readonly identity: Identity;
      readonly fit: ClockFit;
      readonly board: Board_ms;
      readonly telling: Telling;
    };

/** The last rate measured of each device, by id: a board that boots again is not off by half a percent for its first minutes. */
export type Rates = ReadonlyMap<string, number>;

export type Deed =
  | { readonly kind: "recall" }
  | {
      readonly kind: "book-recalled";
      readonly recalled: Recalled;
      readonly base: ChannelCounters;
      readonly identity: Identity;
    }
  | { readonly kind: "book"; readonly report: Reported; readonly identity: Identity; readonly mono: Mono_ms }
  | { readonly kind: "set-utc"; readonly board: Board_ms; readonly mono: Mono_ms; readonly rate_ppb: number };

/** `misses`: whether a report of `channel` at that moment would leap over a half-hour end out of a gap. */
export function heard(
  device: Device,
  event: SourceEvent,
  channels: readonly number[],
  misses: (channel: number, mono: Mono_ms) => boolean,
): { device: Device; deeds: readonly Deed[] } {
  switch (event.kind) {
    case "found":
      return found(device, event.identity, event.arrived);
    case "lost":
      return { device: lost(device), deeds: [] };
    case "report":
      return channels.includes(event.channel) ? reported(device, event, channels, misses) : { device, deeds: [] };
    case "remembered":
      if (device.kind !== "recalling" || !channels.includes(event.channel)) return { device, deeds: [] };
      return { device: { ...device, recalled: [...device.recalled, event] }, deeds: [] };
    case "remembered-all":
      return recalledAll(device, event.complete, channels);
    case "power":
    case "fault":
      return { device, deeds: [] };
  }
}

/** Gives up waiting for what a device remembers. */
export function waited(
  device: Device,
  now: Mono_ms,
  channels: readonly number[],
): { device: Device; deeds: readonly Deed[] } {
  if (device.kind !== "recalling" || now < device.until || device.reports.size < channels.length)
    return { device, deeds: [] };
  return startMetering({ ...device, told: true }, channels);
}

/** Whether half hours of this device must stay open: it may still tell what flowed in them. */
export function mayStillTell(device: Device): boolean {
  return device.kind === "recalling";
}

function lost(device: Device): Device {
  if (device.kind === "looking") return device;
  const { rates, identity, fit } = device;
  return { kind: "looking", rates, lost: fit === null ? null : { identity, fit } };
}

/** A report is missing around a half-hour end: what the board remembers of that end is asked for before it goes on. */
function recallAgain(
  device: Extract<Device, { kind: "metering" }>,
  report: Extract<SourceEvent, { kind: "report" }>,
  fit: ClockFit,
): { device: Device; deeds: readonly Deed[] } {
  const { rates, identity, telling } = device;
  return {
    device: {
      kind: "recalling",
      rates,
      identity,
      recalled: [],
      reports: new Map([[report.channel, report]]),
      fit,
      telling,
      told: false,
      tries: 1,
      until: Mono_ms(report.arrived + RECALL_PATIENCE_ms),
    },
    deeds: [{ kind: "recall" }],
  };
}

function remembers(identity: Identity): boolean {
  return identity.capabilities.some((capability) => capability.startsWith("ring"));
}

function sameBoot(one: Identity, other: Identity): boolean {
  return one.device === other.device && one.boot === other.boot;
}

function found(device: Device, identity: Identity, now: Mono_ms): { device: Device; deeds: readonly Deed[] } {
  if (device.kind !== "looking" && sameBoot(device.identity, identity))
    return { device, deeds: device.kind === "recalling" && !device.told ? [{ kind: "recall" }] : [] };
  const before = device.kind === "looking" && device.lost !== null ? device.lost : null;
  return {
    device: {
      kind: "recalling",
      rates: device.rates,
      identity,
      recalled: [],
      reports: new Map(),
      fit: before !== null && sameBoot(before.identity, identity) ? before.fit : null,
      telling: null,
      told: !remembers(identity),
      tries: 1,
      until: Mono_ms(now + RECALL_PATIENCE_ms),
    },
    deeds: remembers(identity) ? [{ kind: "recall" }] : [],
  };
}

function reported(
  device: Device,
  event: Extract<SourceEvent, { kind: "report" }>,
  channels: readonly number[],
  misses: (channel: number, mono: Mono_ms) => boolean,
): { device: Device; deeds: readonly Deed[] } {
  if (device.kind === "looking" || event.boot !== device.identity.boot) return { device, deeds: [] };
  const rate = device.rates.get(device.identity.device) ?? null;
  const fit =
    device.fit === null ? newFit(event.board, event.arrived, rate) : observe(device.fit, event.board, event.arrived);
  if (device.kind === "recalling") {
    const reports = new Map(device.reports).set(event.channel, event);
    const next = { ...device, fit, reports };
    return device.told && reports.size >= channels.length ? startMetering(next, channels) : { device: next, deeds: [] };
  }
  const rates = fit.rateKnown ? new Map(device.rates).set(device.identity.device, fit.rate_ppb) : device.rates;
  const mono = monoOf(fit, event.board);
  if (remembers(device.identity) && misses(event.channel, mono)) return recallAgain({ ...device, rates }, event, fit);
  const deeds: Deed[] = [{ kind: "book", report: event, identity: device.identity, mono }];
  const { telling } = device;
  const moved = telling.rate_ppb === null || Math.abs(fit.rate_ppb - telling.rate_ppb) > RATE_STEP_ppb;
  const due = event.arrived >= telling.at && (moved || event.arrived - telling.at > TELL_EVERY_ms);
  if (!due) return { device: { ...device, rates, fit, board: event.board }, deeds };
  deeds.push({ kind: "set-utc", board: event.board, mono, rate_ppb: fit.rate_ppb });
  const told = { rate_ppb: fit.rate_ppb, at: event.arrived };
  return { device: { ...device, rates, fit, board: event.board, telling: told }, deeds };
}

function recalledAll(
  device: Device,
  complete: boolean,
  channels: readonly number[],
): { device: Device; deeds: readonly Deed[] } {
  if (device.kind !== "recalling") return { device, deeds: [] };
  if (!complete && device.tries < RECALL_TRIES)
    return { device: { ...device, tries: device.tries + 1 }, deeds: [{ kind: "recall" }] };
  const told = { ...device, told: true };
  return told.reports.size >= channels.length ? startMetering(told, channels) : { device: told, deeds: [] };
}

/** Books what was remembered, oldest first, then the newest report of each channel. */
function startMetering(
  device: Extract<Device, { kind: "recalling" }>,
  channels: readonly number[],
): { device: Device; deeds: readonly Deed[] } {
  const { identity, fit, recalled, reports } = device;
  const newest = reports.get(channels[0] ?? 0);
  if (fit === null || newest === undefined) return { device, deeds: [] };
  const deeds: Deed[] = [];
  for (const one of [...recalled].sort((a, b) => a.end - b.end)) {
    const base = reports.get(one.channel)?.base;
    const whole = one.end % HALF_HOUR_ms === 0 && one.boot === identity.boot;
    if (base != null && whole) deeds.push({ kind: "book-recalled", recalled: one, base, identity });
  }
  for (const report of reports.values())
    deeds.push({ kind: "book", report, identity, mono: monoOf(fit, report.board) });
  const telling = device.telling ?? { rate_ppb: null, at: Mono_ms(monoOf(fit, newest.board) + SETTLING_ms) };
  return {
    device: { kind: "metering", rates: device.rates, identity, fit, board: newest.board, telling },
    deeds,
  };
}
