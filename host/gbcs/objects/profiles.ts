// The logs of energy: half hours, days, and the registers at midnights and billing events. Columns and their order are read off the
// reference messages; 99.1.2, 99.1.3 and 98.1.10 are in none of them and have those of the use-case table.

import { assert } from "../../ledger/assert.js";
import { entriesOf, type Log, logOf } from "../../ledger/log.js";
import {
  BILLING_DEPTH,
  type ConsumptionEntry,
  DAILY_CONSUMPTION_DEPTH,
  DAILY_READ_DEPTH,
  type ExportEntry,
  type ModeOrTariffEntry,
  type ReadEntry,
} from "../../ledger/state/records.js";
import type { EsmeState, Section } from "../../ledger/state/state.js";
import type { TypeDescription } from "../../wire/dlms/data.js";
import { fields, list, mapped, STAMP, U32 } from "../codecs.js";
import type { Codec, Item } from "../item.js";
import type { Draft } from "../meter-view.js";
import { attribute, type Columns, log, logSection, many, T_U32, tuple } from "../rows.js";
import { isTwin, learnVariant } from "../variants.js";
import { halfHours } from "./half-hours.js";
import { BALANCES, T_BALANCES } from "./prepayment.js";

const BLOCK = list(U32, 8, 8);
const BLOCKS = { block1: BLOCK, block2: BLOCK, block3: BLOCK, block4: BLOCK };
const IMPORT = { timestamp: STAMP, activeImportRegisterValue: U32 };
const SINGLE = { ...IMPORT, tariffTOURegisterMatrixValue: list(U32, 48, 48), ...BLOCKS };
const TWIN = {
  ...IMPORT,
  secondaryActiveImportRegisterValue: U32,
  tariffTOURegisterMatrixValue: list(U32, 48, 48),
  secondaryTariffTOURegisterMatrixValue: list(U32, 4, 4),
  ...BLOCKS,
};
const T_BLOCKS = [1, 2, 3, 4].map(() => many(8, T_U32));
const T_SINGLE = [T_U32, T_U32, many(48, T_U32), ...T_BLOCKS];
const T_TWIN = [T_U32, T_U32, T_U32, many(48, T_U32), many(4, T_U32), ...T_BLOCKS];

/** One form of a log's rows, of a single or of a twin element meter. */
interface Form<E> {
  readonly of: TypeDescription;
  readonly row: Codec<E>;
}

const readSingle: Form<ReadEntry> = {
  of: tuple(...T_SINGLE),
  row: mapped(fields(SINGLE), intoBlocks, (told) => ({ ...NO_SECONDARY, ...outOfBlocks(told) })),
};
const readTwin: Form<ReadEntry> = {
  of: tuple(...T_TWIN),
  row: mapped(
    fields(TWIN),
    (entry: ReadEntry) => ({ ...intoBlocks(entry), ...secondaryOf(entry) }),
    (told): ReadEntry => outOfBlocks(told),
  ),
};
const modeSingle: Form<ModeOrTariffEntry> = {
  of: tuple(...T_SINGLE, ...T_BALANCES),
  row: mapped(fields({ ...SINGLE, ...BALANCES }), intoBlocks, (told) => ({ ...NO_SECONDARY, ...outOfBlocks(told) })),
};
const modeTwin: Form<ModeOrTariffEntry> = {
  of: tuple(...T_TWIN, ...T_BALANCES),
  row: mapped(
    fields({ ...TWIN, ...BALANCES }),
    (entry: ModeOrTariffEntry) => ({ ...intoBlocks(entry), ...secondaryOf(entry) }),
    (told): ModeOrTariffEntry => outOfBlocks(told),
  ),
};

const exports: Columns<ExportEntry> = {
  of: tuple(T_U32, T_U32),
  row: mapped(
    fields({ timestamp: STAMP, activeExportRegisterValue: U32 }),
    (entry: ExportEntry) => entry,
    (told): ExportEntry => ({ ...told, estimated: false }),
  ),
  stamp: ({ timestamp }) => timestamp,
  depth: DAILY_READ_DEPTH,
};
const days: Columns<ConsumptionEntry> = {
  of: tuple(T_U32, T_U32),
  row: fields({ timestamp: STAMP, value: U32 }),
  stamp: ({ timestamp }) => timestamp,
  depth: DAILY_CONSUMPTION_DEPTH,
};

// biome-ignore format: a table
export const PROFILES: readonly Item[] = [
  halfHours("ProfileDataLog(ActiveEnergyImportedInPeriod).logEntries", "0-0:99.1.0.255", [0], [0, "secondary"]),
  halfHours("ProfileDataLog(Export).logEntries",                       "0-0:99.1.1.255", [1, 3]),
  halfHours("ProfileDataLog(ReactiveImport).logEntries",               "0-0:99.1.2.255", [2]),
  logSection(buffer("DailyConsumptionLog.logEntries",    "0-0:99.1.3.255"),  "dailyConsumptionLog", days),
  registers("DailyReadLog(excExport).logEntries",        "0-0:98.1.9.255",
    "dailyReadLogExcExport", DAILY_READ_DEPTH, readSingle, readTwin),
  logSection(buffer("DailyReadLog(export).logEntries",   "0-0:98.1.10.255"), "dailyReadLogExport", exports),
  registers("BillingDataLog(BillingCalendarTriggeredExcExport).logEntries", "0-0:98.1.0.255",
    "billingDataLogBillingCalendarTriggeredExcExport", BILLING_DEPTH, readSingle, readTwin),
  registers("BillingDataLog(SetPaymentModeOrTariffTriggeredFinancialExcExport).logEntries", "0-0:98.1.2.255",
    "billingDataLogSetPaymentModeOrTariffTriggeredExcExport", BILLING_DEPTH, modeSingle, modeTwin),
];

function buffer(name: string, obis: string) {
  return attribute(name, 7, obis, 2);
}

/** A log of the import registers. What a twin element meter wrote down before it knew a secondary element is left out of its answer. */
function registers<S extends Section, E extends ReadEntry>(
  name: string,
  obis: string,
  section: S,
  depth: number,
  single: Form<E>,
  twin: Form<E>,
): Item {
  const columns = (form: Form<E>): Columns<E> => ({ ...form, stamp: ({ timestamp }) => timestamp, depth });
  const inState = (state: EsmeState) => state[section] as unknown as Log<E>;
  const learn = (draft: Draft, learnt: Log<E>) => draft.put(section, learnt as never);
  const ofSingle = log(buffer(name, obis), columns(single), inState, learn);
  const withSecondary = (state: EsmeState) => logOf(entriesOf(inState(state)).filter(hasSecondary));
  const ofTwin = log(buffer(name, obis), columns(twin), withSecondary, (draft, learnt) => {
    learn(draft, learnt);
    learnVariant(draft, "B");
  });
  return {
    ...ofSingle,
    get: (view, range) => (isTwin(view.state) ? ofTwin : ofSingle).get?.(view, range) ?? null,
    put: (draft, data) => [ofSingle, ofTwin].some((form) => form.put?.(draft, data) === true),
  };
}

const NO_SECONDARY = { secondaryActiveImportRegisterValue: null, secondaryTariffTOURegisterMatrixValue: null };

function hasSecondary(entry: ReadEntry): boolean {
  return entry.secondaryActiveImportRegisterValue !== null && entry.secondaryTariffTOURegisterMatrixValue !== null;
}

function secondaryOf({ secondaryActiveImportRegisterValue, secondaryTariffTOURegisterMatrixValue }: ReadEntry) {
  assert(
    secondaryActiveImportRegisterValue !== null && secondaryTariffTOURegisterMatrixValue !== null,
    "only what has a secondary element is told as a twin element meter tells it",
  );
  return { secondaryActiveImportRegisterValue, secondaryTariffTOURegisterMatrixValue };
}

type Blocks = { readonly [block in keyof typeof BLOCKS]: readonly number[] };

/** Each block is a column of its own. */
function intoBlocks<E extends ReadEntry>(entry: E): E & Blocks {
  const [block1 = [], block2 = [], block3 = [], block4 = []] = entry.tariffBlockRegisterMatrixValue;
  return { ...entry, block1, block2, block3, block4 };
}

/** Whether a register was estimated is not told. */
function outOfBlocks<T extends Blocks>({ block1, block2, block3, block4, ...rest }: T) {
  return { ...rest, tariffBlockRegisterMatrixValue: [block1, block2, block3, block4], estimated: false };
}
