// From what is known of a meter to a whole one: what is missing is that of a new meter, and the accounts, which are ours, are made so that
// the laws hold. It has read once, at the snapshot's moment, by a device called "snapshot", and goes on from there as any meter does.

import { begun, nextBoundary } from "../ledger/boundaries.js";
import { DEFAULT_CONFIG } from "../ledger/ledger.js";
import { entriesOf } from "../ledger/log.js";
import { DEPTHS } from "../ledger/profile.js";
import { newLive, newState } from "../ledger/state/state.js";
import { HALF_HOUR_ms, modulo, REGISTER_SPAN_wh, Utc_ms } from "../ledger/units.js";
import type { Book, PartialBook, PartialValue, SnapshotValue } from "./declaration.js";
import type { Fault } from "./faults.js";
import { brokenEnds, IMPORT_LOG } from "./laws.js";
import { esmeFrom } from "./snapshot.js";

const EXPORT_LOG = "profileDataLogExport";
const REACTIVE_LOG = "profileDataLogReactiveImport";
type Seconds = ReadonlyMap<Utc_ms, number | null>;

export function completed(given: PartialValue): SnapshotValue | Fault {
  const { at } = given;
  const beside = withSecondary(given);
  const broken = brokenLogs(given, "") ?? firstBroken(beside);
  if (broken !== null) return broken;
  const books: SnapshotValue["besideAccount"] = Object.fromEntries(
    Object.entries(beside).map(([key, book]) => [key, completedBook(book, at, null)]),
  );
  const second = books.secondary?.[IMPORT_LOG].logEntries ?? [];
  const seconds = new Map(second.map((entry) => [entry.timestamp, entry.primaryValue]));
  const value: SnapshotValue = {
    ...newState(1),
    ...newLive(),
    meter: "",
    source: "",
    ...given,
    ...completedBook(given, at, seconds),
    besideAccount: books,
    esmeAccount: given.esmeAccount ?? { nextBoundaryAt: null },
  };
  return withAccounts(value, given);
}

/** Half hours with a secondary value, without a ledger that they are of, make one. */
function withSecondary(given: PartialValue): NonNullable<PartialValue["besideAccount"]> {
  const { besideAccount = {} } = given;
  const logEntries = (given[IMPORT_LOG]?.logEntries ?? []).flatMap(({ timestamp, secondaryValue }) =>
    secondaryValue === undefined ? [] : [{ timestamp, primaryValue: secondaryValue }],
  );
  if (besideAccount.secondary === undefined && logEntries.length === 0) return besideAccount;
  return { ...besideAccount, secondary: { [IMPORT_LOG]: { logEntries }, ...besideAccount.secondary } };
}

function firstBroken(books: { readonly [key: string]: PartialBook }): Fault | null {
  for (const [key, book] of Object.entries(books)) {
    const broken = brokenLogs(book, `besideAccount.${key}.`);
    if (broken !== null) return broken;
  }
  return null;
}

/** Each log for itself, and whether they find room beside each other. */
function brokenLogs(book: PartialBook, within: string): Fault | null {
  for (const log of [IMPORT_LOG, EXPORT_LOG, REACTIVE_LOG] as const) {
    const broken = brokenEnds(book[log]?.logEntries ?? [], `${within}${log}`);
    if (broken !== null) return broken;
  }
  const ends = endsOf(book, null);
  if (ends.length > DEPTHS[0])
    return { place: `${within}${IMPORT_LOG}.logEntries`, rule: `there are at most ${DEPTHS[0]} half hours in all` };
  const newest = new Set(ends.slice(-DEPTHS[1]));
  for (const log of [EXPORT_LOG, REACTIVE_LOG] as const) {
    const at = (book[log]?.logEntries ?? []).findIndex(({ timestamp }) => !newest.has(timestamp));
    if (at >= 0)
      return {
        place: `${within}${log}.logEntries[${at}].timestamp`,
        rule: `it is one of the newest ${DEPTHS[1]} half hours`,
      };
  }
  return null;
}

/** The half hours that any of the logs names; those of the secondary element where the import log does not say. */
function endsOf(book: PartialBook, seconds: Seconds | null): readonly Utc_ms[] {
  const logs = [book[IMPORT_LOG], book[EXPORT_LOG], book[REACTIVE_LOG]];
  const ends = new Set(logs.flatMap((log) => (log?.logEntries ?? []).map(({ timestamp }) => timestamp)));
  if (book[IMPORT_LOG] === undefined) for (const end of seconds?.keys() ?? []) ends.add(end);
  return [...ends].sort((one, other) => one - other);
}

function completedBook(book: PartialBook, at: Utc_ms, seconds: Seconds | null): Book {
  const ends = endsOf(book, seconds);
  const recent = ends.slice(-DEPTHS[1]);
  const imports = byEnd(book[IMPORT_LOG]?.logEntries);
  const exports = byEnd(book[EXPORT_LOG]?.logEntries);
  const reactive = byEnd(book[REACTIVE_LOG]?.logEntries);
  const whole: Omit<Book, "ledgerAccount"> = {
    activeImportRegister: book.activeImportRegister ?? { value: 0 },
    activeExportRegister: book.activeExportRegister ?? { value: 0 },
    reactiveImportRegister: book.reactiveImportRegister ?? { value: 0 },
    reactiveExportRegister: book.reactiveExportRegister ?? { value: 0 },
    [IMPORT_LOG]: {
      logEntries: ends.map((timestamp) => {
        const { primaryValue = null, secondaryValue = seconds?.get(timestamp) } = imports.get(timestamp) ?? {};
        return { timestamp, primaryValue, ...(secondaryValue === undefined ? {} : { secondaryValue }) };
      }),
    },
    [EXPORT_LOG]: {
      logEntries: recent.map(
        (timestamp) =>
          exports.get(timestamp) ?? { timestamp, activeEnergyExportedValue: null, reactiveEnergyExportedValue: null },
      ),
    },
    [REACTIVE_LOG]: {
      logEntries: recent.map(
        (timestamp) => reactive.get(timestamp) ?? { timestamp, reactiveEnergyImportedValue: null },
      ),
    },
  };
  return { ...whole, ledgerAccount: book.ledgerAccount ?? accountOf(whole, at) };
}

/** Nothing flows at the moment of the snapshot; what the half hours do not explain flowed in no known one. */
function accountOf(book: Omit<Book, "ledgerAccount">, at: Utc_ms): Book["ledgerAccount"] {
  const zero = { activeImport: 0, activeExport: 0, reactiveImport: 0, reactiveExport: 0 };
  const imports = book[IMPORT_LOG].logEntries;
  const exports = book[EXPORT_LOG].logEntries;
  const reactive = book[REACTIVE_LOG].logEntries;
  const start = Math.floor(at / HALF_HOUR_ms) * HALF_HOUR_ms;
  const rest = (register: { readonly value: number }, flowed: readonly (number | null)[]) =>
    modulo(register.value - sum(flowed), REGISTER_SPAN_wh);
  return {
    fusePower: DEFAULT_CONFIG.fuse_w,
    patience: DEFAULT_CONFIG.patience_ms,
    remainder: zero,
    lastReading: { at, device: "snapshot", boot: 0, counters: zero, base: null, span: null },
    doubtedReading: null,
    openHalfHour: {
      from: at,
      // A clock that was set back waits in the half hour after those that are closed.
      end: Utc_ms(Math.max(start, imports.at(-1)?.timestamp ?? start) + HALF_HOUR_ms),
      seen: false,
      flags: at === start ? [] : ["partial"],
      soFar: zero,
    },
    unallocated: {
      activeImport: rest(
        book.activeImportRegister,
        imports.map((one) => one.primaryValue),
      ),
      activeExport: rest(
        book.activeExportRegister,
        exports.map((one) => one.activeEnergyExportedValue),
      ),
      reactiveImport: rest(
        book.reactiveImportRegister,
        reactive.map((one) => one.reactiveEnergyImportedValue),
      ),
      reactiveExport: rest(
        book.reactiveExportRegister,
        exports.map((one) => one.reactiveEnergyExportedValue),
      ),
    },
    dropped: zero,
    flags: [],
    ignored: { repeated: 0, earlier: 0, incomplete: 0, doubted: 0 },
  };
}

/** Tariff and records begin at the last reading, as they do at a meter's first; what the snapshot says of them stands. */
function withAccounts(value: SnapshotValue, given: PartialValue): SnapshotValue {
  const { lastReading } = value.ledgerAccount;
  if (lastReading === null) return value;
  const began = { ...value, ...begun(esmeFrom(value), lastReading.at).state, ...sections(given) };
  const state = { ...began, recordsAccount: given.recordsAccount ?? recordsOf(began) };
  const due = nextBoundary(state, lastReading.at);
  return { ...state, esmeAccount: given.esmeAccount ?? { nextBoundaryAt: Utc_ms(due) } };
}

/** Days that are written down explain the register with what no day has, and money never falls below what it was. */
function recordsOf(value: SnapshotValue): SnapshotValue["recordsAccount"] {
  const { recordsAccount: account, cumulativeAndHistoricalValueStore: store } = value;
  const days = entriesOf(value.dailyConsumptionLog).map((entry) => entry.value);
  const marks = [store.dayToDate, store.weekToDate, store.monthToDate].map((open) => open?.markMicropence ?? 0);
  return {
    ...account,
    daysUnallocatedWh: modulo((account.day?.markWh ?? 0) - sum(days) - account.daysDroppedWh, REGISTER_SPAN_wh),
    standingMicropence: Math.max(account.standingMicropence, ...marks),
  };
}

/** What the snapshot says of the meter's state. */
function sections(given: PartialValue): Partial<SnapshotValue> {
  const own = new Set(Object.keys(newState(1)));
  return Object.fromEntries(Object.entries(given).filter(([key]) => own.has(key)));
}

function byEnd<T extends { readonly timestamp: Utc_ms }>(entries: readonly T[] = []): ReadonlyMap<Utc_ms, T> {
  return new Map(entries.map((entry) => [entry.timestamp, entry]));
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((so, value) => so + (value ?? 0), 0);
}
