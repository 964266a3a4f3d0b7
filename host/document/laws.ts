// What must hold of a whole meter and no declaration can say: half hours in order, registers equal to what explains them, the tariff's
// registers equal to the meter's.

import type { Esme } from "../ledger/esme.js";
import { type Ledger, open_wh, registers_wh, sinceMark_wh } from "../ledger/ledger.js";
import { entriesOf, type Log } from "../ledger/log.js";
import { DEPTHS, kept } from "../ledger/profile.js";
import { faultAcross } from "../ledger/rules.js";
import { DAY_ms, HALF_HOUR_ms, REGISTER_SPAN_wh, type Utc_ms } from "../ledger/units.js";
import { BESIDE_KEYS, type Book, type SnapshotValue } from "./declaration.js";
import type { Fault } from "./faults.js";

const REGISTERS = [
  "activeImportRegister",
  "activeExportRegister",
  "reactiveImportRegister",
  "reactiveExportRegister",
] as const;
export const IMPORT_LOG = "profileDataLogActiveEnergyImportedInPeriod";

/** The first law that a snapshot breaks: of the accounts, then the rules between settings. */
export function brokenLaw(value: SnapshotValue, esme: Esme): Fault | null {
  return brokenAccount(value, esme) ?? faultAcross(esme.state);
}

/** What must hold of what a meter has counted and written down, whatever it was set to. */
export function brokenAccount(value: SnapshotValue, esme: Esme): Fault | null {
  return (
    brokenBook(value, esme.ledger, "") ??
    brokenBeside(value, esme) ??
    brokenSecondary(value) ??
    brokenLog(esme.state) ??
    brokenBoundary(esme) ??
    brokenTariff(esme) ??
    brokenDays(esme)
  );
}

function brokenBeside(value: SnapshotValue, esme: Esme): Fault | null {
  for (const { name, ledger } of esme.beside) {
    const key = BESIDE_KEYS[name];
    const book = value.besideAccount[key];
    const broken = book === undefined ? null : brokenBook(book, ledger, `besideAccount.${key}.`);
    if (broken !== null) return broken;
  }
  return null;
}

function brokenBook(book: Book, ledger: Ledger, within: string): Fault | null {
  return brokenOrder(book, within) ?? brokenReadings(book, within) ?? brokenSum(ledger, within);
}

/** `log`: where the half hours stand. */
export function brokenEnds(logEntries: readonly { readonly timestamp: Utc_ms }[], log: string): Fault | null {
  for (const [at, { timestamp }] of logEntries.entries()) {
    const place = `${log}.logEntries[${at}].timestamp`;
    if (timestamp % HALF_HOUR_ms !== 0) return { place, rule: "a half hour ends at minute 00 or 30" };
    if (timestamp <= (logEntries[at - 1]?.timestamp ?? 0)) return { place, rule: "half hours ascend, each once" };
  }
  return null;
}

function brokenOrder(book: Book, within: string): Fault | null {
  const { logEntries: imports } = book[IMPORT_LOG];
  const broken = brokenEnds(imports, `${within}${IMPORT_LOG}`);
  if (broken !== null) return broken;
  for (const log of ["profileDataLogExport", "profileDataLogReactiveImport"] as const) {
    const { logEntries } = book[log];
    const expected = imports.slice(-DEPTHS[1]);
    if (logEntries.length !== expected.length)
      return { place: `${within}${log}.logEntries`, rule: `it has the newest ${expected.length} half hours` };
    const at = logEntries.findIndex((entry, n) => entry.timestamp !== expected[n]?.timestamp);
    if (at >= 0)
      return {
        place: `${within}${log}.logEntries[${at}].timestamp`,
        rule: `its half hours are the newest of ${IMPORT_LOG}`,
      };
  }
  const ends = new Set(imports.map((entry) => entry.timestamp));
  const at = book.ledgerAccount.flags.findIndex((one) => !ends.delete(one.timestamp));
  if (at >= 0) return { place: `${within}ledgerAccount.flags[${at}].timestamp`, rule: "there is no such half hour" };
  return brokenOpen(book, within);
}

function brokenOpen(book: Book, within: string): Fault | null {
  const { openHalfHour: open, lastReading: last } = book.ledgerAccount;
  const place = `${within}ledgerAccount.openHalfHour`;
  if ((open === null) !== (last === null))
    return { place, rule: "there is one from the first reading on, and none before" };
  if (open === null) return null;
  if (open.end % HALF_HOUR_ms !== 0) return { place: `${place}.end`, rule: "a half hour ends at minute 00 or 30" };
  if (open.end <= (book[IMPORT_LOG].logEntries.at(-1)?.timestamp ?? 0))
    return { place: `${place}.end`, rule: "it ends after the half hours that are closed" };
  return null;
}

function brokenReadings(book: Book, within: string): Fault | null {
  for (const which of ["lastReading", "doubtedReading"] as const) {
    const reading = book.ledgerAccount[which];
    for (const part of ["counters", "base"] as const) {
      const counters = reading?.[part] ?? null;
      if (counters !== null && (counters.reactiveImport === null) !== (counters.reactiveExport === null))
        return {
          place: `${within}ledgerAccount.${which}.${part}`,
          rule: "the reactive counters are known both or neither",
        };
    }
  }
  return null;
}

/** Register = profile + open half hour + unallocated + dropped, modulo 2^32. */
function brokenSum(ledger: Ledger, within: string): Fault | null {
  const register = registers_wh(ledger);
  const open = open_wh(ledger);
  for (const q of [0, 1, 2, 3] as const) {
    let sum = open[q] + ledger.unallocated_wh[q] + ledger.profile.dropped_wh[q];
    for (const { wh } of kept(ledger.profile)) sum += wh[q] ?? 0;
    if (sum % REGISTER_SPAN_wh !== register[q])
      return {
        place: `${within}${REGISTERS[q]}.value`,
        rule: `it is the sum of the half hours, the open one, unallocated and dropped, which is ${sum % REGISTER_SPAN_wh}`,
      };
  }
  return null;
}

function brokenSecondary(value: SnapshotValue): Fault | null {
  const second = value.besideAccount.secondary?.[IMPORT_LOG].logEntries ?? [];
  const values = new Map(second.map((entry) => [entry.timestamp, entry.primaryValue]));
  const { logEntries } = value[IMPORT_LOG];
  const at = logEntries.findIndex((entry) => entry.secondaryValue !== values.get(entry.timestamp));
  if (at < 0) return null;
  return { place: `${IMPORT_LOG}.logEntries[${at}].secondaryValue`, rule: "it is the one of besideAccount.secondary" };
}

/** How many entries a log has ever had is never less than it holds. */
function brokenLog(state: object, place = ""): Fault | null {
  for (const [key, part] of Object.entries(state)) {
    if (typeof part !== "object" || part === null) continue;
    const here = Array.isArray(state) ? `${place}[${key}]` : place === "" ? key : `${place}.${key}`;
    if ("pages" in part && "written" in part) {
      const { size, written } = part as Log<unknown>;
      if (size > written) return { place: `${here}.written`, rule: `it is at least ${size}, the entries held` };
      continue;
    }
    const broken = brokenLog(part, here);
    if (broken !== null) return broken;
  }
  return null;
}

/** The meter would otherwise walk from a boundary of long ago to its next reading, half hour by half hour. */
function brokenBoundary({ ledger: { last }, until }: Esme): Fault | null {
  const place = "esmeAccount.nextBoundaryAt";
  if ((last === null) === Number.isFinite(until))
    return { place, rule: "there is one from the first reading on, and none before" };
  if (last === null || Math.abs(until - last.at) <= DAY_ms) return null;
  return { place, rule: "it lies within a day of the last reading" };
}

/** The tariff's registers, what has not been shared out, and what the registers were set by make the register (tariff/account.ts). */
function brokenTariff({ ledger, beside, state }: Esme): Fault | null {
  const { tariffAccount: account, tariffTOURegisterCollection: tou } = state;
  const blocks = state.tariffBlockTOURegisterCollection.tariffBlockRegisterMatrix.flat();
  const explained = (counted: Ledger, registers: readonly number[], markWh: number, setWh: number) =>
    (registers.reduce((sum, one) => sum + one, 0) + sinceMark_wh(counted, [markWh, 0, 0, 0], 0) + setWh) %
    REGISTER_SPAN_wh;
  if (account.rate !== null) {
    const sum = explained(ledger, [...tou.touPrimaryRegister, ...blocks], account.markWh, account.setWh);
    if (sum !== registers_wh(ledger)[0])
      return {
        place: "tariffTOURegisterCollection.touPrimaryRegister",
        rule: `with the blocks, tariffAccount's mark and setWh they make activeImportRegister, not ${sum}`,
      };
  }
  const secondary = beside.find(({ name }) => name === "secondary")?.ledger;
  if (account.secondaryRate === null || secondary === undefined) return null;
  const sum = explained(secondary, tou.touSecondRegister, account.secondaryMarkWh, account.secondarySetWh);
  if (sum === registers_wh(secondary)[0]) return null;
  return {
    place: "tariffTOURegisterCollection.touSecondRegister",
    rule: `with tariffAccount's secondary mark and setWh they make the secondary element's register, not ${sum}`,
  };
}

/** Import of the days in the log, of those without an entry and of those gone makes the register of the last midnight. */
function brokenDays({ state: { recordsAccount: account, dailyConsumptionLog } }: Esme): Fault | null {
  if (account.day === null) return null;
  let sum = account.daysUnallocatedWh + account.daysDroppedWh;
  for (const { value } of entriesOf(dailyConsumptionLog)) sum += value;
  if (sum % REGISTER_SPAN_wh === account.day.markWh) return null;
  return {
    place: "recordsAccount.day.markWh",
    rule: `it is the sum of dailyConsumptionLog, daysUnallocatedWh and daysDroppedWh, which is ${sum % REGISTER_SPAN_wh}`,
  };
}
