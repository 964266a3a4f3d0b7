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
const RECALL_TRIES = 3;
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
  readonly base: ChannelCounters;
}

export type Device =
  | { readonly kind: "looking"; readonly rates: Rates }
  | {
      readonly kind: "recalling";
      readonly rates: Rates;
      readonly identity: Identity;
      readonly recalled: readonly Recalled[];
      readonly reports: ReadonlyMap<number, Reported>;
      readonly fit: ClockFit | null;
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
      readonly toldRate_ppb: number | null;
      readonly toldAt: Mono_ms;
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

export function heard(
  device: Device,
  event: SourceEvent,
  channels: readonly number[],
): { device: Device; deeds: readonly Deed[] } {
  switch (event.kind) {
    case "found":
      return found(device, event.identity, event.arrived);
    case "lost":
      return { device: { kind: "looking", rates: device.rates }, deeds: [] };
    case "report":
      return channels.includes(event.channel) ? reported(device, event, channels) : { device, deeds: [] };
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

function found(device: Device, identity: Identity, now: Mono_ms): { device: Device; deeds: readonly Deed[] } {
  const same =
    device.kind !== "looking" && device.identity.device === identity.device && device.identity.boot === identity.boot;
  if (same) return { device, deeds: [] };
  const remembers = identity.capabilities.some((capability) => capability.startsWith("ring"));
  return {
    device: {
      kind: "recalling",
      rates: device.rates,
      identity,
      recalled: [],
      reports: new Map(),
      fit: null,
      told: !remembers,
      tries: 1,
      until: Mono_ms(now + RECALL_PATIENCE_ms),
    },
    deeds: remembers ? [{ kind: "recall" }] : [],
  };
}

function reported(
  device: Device,
  event: Extract<SourceEvent, { kind: "report" }>,
  channels: readonly number[],
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
  const deeds: Deed[] = [{ kind: "book", report: event, identity: device.identity, mono }];
  const moved = device.toldRate_ppb === null || Math.abs(fit.rate_ppb - device.toldRate_ppb) > RATE_STEP_ppb;
  const tell = moved || event.arrived - device.toldAt > TELL_EVERY_ms;
  if (tell) deeds.push({ kind: "set-utc", board: event.board, mono, rate_ppb: fit.rate_ppb });
  const told = tell ? { toldRate_ppb: fit.rate_ppb, toldAt: event.arrived } : {};
  return { device: { ...device, rates, fit, board: event.board, ...told }, deeds };
}

function recalledAll(
  device: Device,
  complete: boolean,
  channels: readonly number[],
): { device: Device; deeds: readonly Deed[] } {
  if (device.kind !== "recalling") return { device, deeds: [] };
  if (!complete && device.tries < RECALL_TRIES)
    return { device: { ...device, tries: device.tries + 1, recalled: [] }, deeds: [{ kind: "recall" }] };
  const told = { ...device, told: true };
  return told.reports.size >= channels.length ? startMetering(told, channels) : { device: told, deeds: [] };
}

/** Books what was remembered, oldest first, then the newest report of each channel, and tells the board the time. */
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
    if (base !== undefined && whole) deeds.push({ kind: "book-recalled", recalled: one, base, identity });
  }
  for (const report of reports.values())
    deeds.push({ kind: "book", report, identity, mono: monoOf(fit, report.board) });
  const mono = monoOf(fit, newest.board);
  deeds.push({ kind: "set-utc", board: newest.board, mono, rate_ppb: fit.rate_ppb });
  return {
    device: {
      kind: "metering",
      rates: device.rates,
      identity,
      fit,
      board: newest.board,
      toldRate_ppb: fit.rate_ppb,
      toldAt: mono,
    },
    deeds,
  };
}
