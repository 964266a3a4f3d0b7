// The meter as a document and back, exactly: `documentOf(esme, meta)` and `esmeOf(document)`.
// A document that breaks the declaration or a law of the ledger is refused whole, with the place and the rule.

import { z } from "zod";
import type { Beside, Esme } from "../ledger/esme.js";
import type { Reading } from "../ledger/events.js";
import { type Ledger, open_wh } from "../ledger/ledger.js";
import { BESIDE } from "../ledger/names.js";
import { DEPTHS, type HalfHour, kept, profileOf } from "../ledger/profile.js";
import { type Counters, type Four, four } from "../ledger/quantities.js";
import { esmeLive, esmeState } from "../ledger/state/state.js";
import { MICRO, MicroWattHours, modulo, REGISTER_SPAN_wh, Utc_ms, wholeWh } from "../ledger/units.js";
import {
  BESIDE_KEYS,
  type Book,
  type ReadingDocument,
  SCHEMA,
  type Snapshot,
  type SnapshotValue,
  snapshot,
} from "./declaration.js";
import { type Fault, faultOfIssue } from "./faults.js";
import { brokenLaw } from "./laws.js";

const NOTHING: Four<number> = [0, 0, 0, 0];

export interface SnapshotMeta {
  readonly at: Utc_ms;
  /** The name of the meter, as it goes by at a hub. */
  readonly meter: string;
  /** The name of its ledger in the house. */
  readonly source: string;
}

export function documentOf(esme: Esme, meta: SnapshotMeta): Snapshot {
  const secondary = esme.beside.find(({ name }) => name === "secondary")?.ledger ?? null;
  const value: SnapshotValue = {
    schema: SCHEMA,
    ...meta,
    ...bookOf(esme.ledger, secondary),
    besideAccount: Object.fromEntries(esme.beside.map(({ name, ledger }) => [BESIDE_KEYS[name], bookOf(ledger, null)])),
    esmeAccount: { nextBoundaryAt: Number.isFinite(esme.until) ? Utc_ms(esme.until) : null },
    ...esme.live,
    ...esme.state,
  };
  return z.encode(snapshot, value);
}

/** The ESME of a document, or where it breaks which rule. */
export function esmeOf(document: unknown): Esme | Fault {
  const found = (document as { readonly schema?: unknown } | null)?.schema;
  if (found !== SCHEMA) return { place: "schema", rule: `a snapshot that this program reads is of ${SCHEMA}` };
  const result = z.safeDecode(snapshot, document as Snapshot);
  if (!result.success) return faultOfIssue(result.error.issues[0]);
  const esme = esmeFrom(result.data);
  return brokenLaw(result.data, esme) ?? esme;
}

/** The ESME of a value that keeps the laws, or is yet to be held against them. */
export function esmeFrom(value: SnapshotValue): Esme {
  const { besideAccount, esmeAccount } = value;
  return {
    ledger: ledgerOf(value),
    beside: BESIDE.flatMap((name): readonly Beside[] => {
      const book = besideAccount[BESIDE_KEYS[name]];
      return book === undefined ? [] : [{ name, ledger: ledgerOf(book) }];
    }),
    state: only(value, Object.keys(esmeState.unwrap().shape)) as Esme["state"],
    live: only(value, Object.keys(esmeLive.unwrap().shape)) as Esme["live"],
    until: esmeAccount.nextBoundaryAt ?? Number.NEGATIVE_INFINITY,
  };
}

function bookOf(ledger: Ledger, secondary: Ledger | null): Book {
  const entries = [...kept(ledger.profile)];
  const recent = entries.slice(-DEPTHS[1]);
  const second = new Map(secondary === null ? [] : [...kept(secondary.profile)].map(({ end, wh }) => [end, wh[0]]));
  const { open, config } = ledger;
  const register = four((q) => ({ value: wholeWh(ledger.cumulative[q]) }));
  return {
    activeImportRegister: register[0],
    activeExportRegister: register[1],
    reactiveImportRegister: register[2],
    reactiveExportRegister: register[3],
    profileDataLogActiveEnergyImportedInPeriod: {
      logEntries: entries.map(({ end, wh }) => {
        const secondaryValue = second.get(end);
        return { timestamp: end, primaryValue: wh[0], ...(secondaryValue === undefined ? {} : { secondaryValue }) };
      }),
    },
    profileDataLogExport: {
      logEntries: recent.map(({ end, wh }) => ({
        timestamp: end,
        activeEnergyExportedValue: wh[1],
        reactiveEnergyExportedValue: wh[3],
      })),
    },
    profileDataLogReactiveImport: {
      logEntries: recent.map(({ end, wh }) => ({ timestamp: end, reactiveEnergyImportedValue: wh[2] })),
    },
    ledgerAccount: {
      fusePower: config.fuse_w,
      patience: config.patience_ms,
      remainder: named(four((q) => ledger.cumulative[q] % MICRO)),
      lastReading: ledger.last === null ? null : readingDocument(ledger.last),
      doubtedReading: ledger.doubt === null ? null : readingDocument(ledger.doubt),
      openHalfHour:
        open === null
          ? null
          : { from: open.from, end: open.end, seen: open.seen, flags: open.flags, soFar: named(open_wh(ledger)) },
      unallocated: named(ledger.unallocated_wh),
      dropped: named(ledger.profile.dropped_wh),
      flags: entries.flatMap(({ end, flags }) => (flags.length === 0 ? [] : [{ timestamp: end, flags }])),
      ignored: ledger.ignored,
    },
  };
}

function ledgerOf(book: Book): Ledger {
  const { ledgerAccount: account } = book;
  const { openHalfHour: open } = account;
  const registers = [
    book.activeImportRegister,
    book.activeExportRegister,
    book.reactiveImportRegister,
    book.reactiveExportRegister,
  ] as const;
  const remainder = unnamed(account.remainder);
  const soFar = open === null ? NOTHING : unnamed(open.soFar);
  return {
    config: { fuse_w: account.fusePower, patience_ms: account.patience },
    last: account.lastReading === null ? null : readingOf(account.lastReading),
    doubt: account.doubtedReading === null ? null : readingOf(account.doubtedReading),
    cumulative: four((q) => MicroWattHours(registers[q].value * MICRO + remainder[q])),
    open:
      open === null
        ? null
        : {
            from: open.from,
            end: open.end,
            seen: open.seen,
            flags: open.flags,
            mark_wh: four((q) => modulo(registers[q].value - soFar[q], REGISTER_SPAN_wh)),
          },
    unallocated_wh: unnamed(account.unallocated),
    profile: profileOf(halfHoursOf(book), unnamed(account.dropped)),
    ignored: account.ignored,
  };
}

/** The three logs side by side: the two shallower ones hold the newest half hours of the deepest. */
function* halfHoursOf(book: Book): Generator<HalfHour> {
  const { logEntries: imports } = book.profileDataLogActiveEnergyImportedInPeriod;
  const { logEntries: exports } = book.profileDataLogExport;
  const { logEntries: reactive } = book.profileDataLogReactiveImport;
  const flags = new Map(book.ledgerAccount.flags.map((one) => [one.timestamp, one.flags]));
  for (const [at, { timestamp, primaryValue }] of imports.entries()) {
    const { activeEnergyExportedValue = null, reactiveEnergyExportedValue = null } =
      exports[at - imports.length + exports.length] ?? {};
    const { reactiveEnergyImportedValue = null } = reactive[at - imports.length + reactive.length] ?? {};
    yield {
      end: timestamp,
      wh: [primaryValue, activeEnergyExportedValue, reactiveEnergyImportedValue, reactiveEnergyExportedValue],
      flags: flags.get(timestamp) ?? [],
    };
  }
}

function readingDocument({ at, device, boot, counters, base, span }: Reading): ReadingDocument {
  return { at, device, boot, counters: countersDocument(counters), base: base && countersDocument(base), span };
}

function readingOf({ at, device, boot, counters, base, span }: ReadingDocument): Reading {
  return {
    kind: "reading",
    at,
    device,
    boot,
    counters: countersOf(counters),
    base: base && countersOf(base),
    span: span === null ? null : MicroWattHours(span),
  };
}

function countersDocument([activeImport, activeExport, reactiveImport, reactiveExport]: Counters) {
  return { activeImport, activeExport, reactiveImport, reactiveExport };
}

function countersOf(counters: ReadingDocument["counters"]): Counters {
  const { reactiveImport, reactiveExport } = counters;
  const active = [MicroWattHours(counters.activeImport), MicroWattHours(counters.activeExport)] as const;
  if (reactiveImport === null || reactiveExport === null) return [...active, null, null];
  return [...active, MicroWattHours(reactiveImport), MicroWattHours(reactiveExport)];
}

function named([activeImport, activeExport, reactiveImport, reactiveExport]: Four<number>) {
  return { activeImport, activeExport, reactiveImport, reactiveExport };
}

function unnamed(value: ReturnType<typeof named>): Four<number> {
  return [value.activeImport, value.activeExport, value.reactiveImport, value.reactiveExport];
}

/** Into 0 .. 2^32 - 1. */
function only(value: SnapshotValue, keys: readonly string[]): unknown {
  return Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)));
}
