// `esme/snapshot/1`: the whole ESME as one JSON object. The sections are those of the meter's state; the registers and half hours stand
// under SMETS names beside them, and what SMETS does not name is in the sections that end in Account.

import { z } from "zod";
import type { BesideName } from "../ledger/names.js";
import { DEPTHS, FLAGS } from "../ledger/profile.js";
import { esmeLive, esmeState } from "../ledger/state/state.js";
import { moment, wh } from "../ledger/state/words.js";

export const SCHEMA = "esme/snapshot/1";

const varh = wh.meta({ unit: "varh" });
const natural = z.int().min(0);

function quantities<T extends z.ZodType, R extends z.ZodType>(active: T, reactive: R) {
  return z
    .strictObject({ activeImport: active, activeExport: active, reactiveImport: reactive, reactiveExport: reactive })
    .readonly();
}

const microUnits = z.int().meta({ unit: "0.000001 Wh or varh" });
const counters = quantities(microUnits, microUnits.nullable());
const reading = z
  .strictObject({
    at: moment,
    device: z.string(),
    boot: z.int(),
    counters,
    base: counters.nullable(),
    span: microUnits.nullable(),
  })
  .readonly();
export type ReadingDocument = z.output<typeof reading>;

const ledgerAccount = z
  .strictObject({
    fusePower: z.int().min(1).max(1_000_000).meta({ unit: "W" }),
    patience: natural.meta({ unit: "ms" }),
    remainder: quantities(natural.max(999_999), natural.max(999_999)).meta({ unit: "0.000001 Wh or varh" }),
    lastReading: reading.nullable(),
    doubtedReading: reading.nullable(),
    openHalfHour: z
      .strictObject({
        from: moment,
        end: moment,
        seen: z.boolean(),
        flags: z.array(z.enum(FLAGS)).max(FLAGS.length).readonly(),
        soFar: quantities(wh, varh),
      })
      .readonly()
      .nullable(),
    unallocated: quantities(wh, varh),
    dropped: quantities(natural.meta({ unit: "Wh" }), natural.meta({ unit: "varh" })),
    flags: z
      .array(
        z
          .strictObject({ timestamp: moment, flags: z.array(z.enum(FLAGS)).min(1).max(FLAGS.length).readonly() })
          .readonly(),
      )
      .max(DEPTHS[0])
      .readonly(),
    ignored: z.strictObject({ repeated: natural, earlier: natural, incomplete: natural, doubted: natural }).readonly(),
  })
  .readonly();

function logOf<T extends z.ZodRawShape>(depth: number, entry: T) {
  const entries = z.array(z.strictObject({ timestamp: moment, ...entry }).readonly()).max(depth);
  return z.strictObject({ logEntries: entries.readonly() }).readonly().meta({ depth });
}

/** One count of the energy: registers, half hours, and what goes with them. */
const bookShape = {
  activeImportRegister: z.strictObject({ value: wh }).readonly(),
  activeExportRegister: z.strictObject({ value: wh }).readonly(),
  reactiveImportRegister: z.strictObject({ value: varh }).readonly(),
  reactiveExportRegister: z.strictObject({ value: varh }).readonly(),
  profileDataLogActiveEnergyImportedInPeriod: logOf(DEPTHS[0], {
    primaryValue: wh.nullable(),
    secondaryValue: wh.nullable().optional(),
  }),
  profileDataLogExport: logOf(DEPTHS[1], {
    activeEnergyExportedValue: wh.nullable(),
    reactiveEnergyExportedValue: varh.nullable(),
  }),
  profileDataLogReactiveImport: logOf(DEPTHS[2], { reactiveEnergyImportedValue: varh.nullable() }),
  ledgerAccount,
};
const book = z.strictObject(bookShape).readonly();
export type Book = z.output<typeof book>;

/** The ledgers beside the meter's own, by their names in a document. */
export const BESIDE_KEYS = {
  net: "net",
  "per-phase": "perPhase",
  absolute: "absolute",
  secondary: "secondary",
} as const satisfies {
  readonly [name in BesideName]: string;
};

/** Everything but the sections of the meter's state. */
export const OURS = {
  ...bookShape,
  besideAccount: z
    .strictObject({
      net: book.optional(),
      perPhase: book.optional(),
      absolute: book.optional(),
      secondary: book.optional(),
    })
    .readonly(),
  esmeAccount: z.strictObject({ nextBoundaryAt: moment.nullable() }).readonly(),
};

/** Where a snapshot comes from, and when it was taken. */
export const HEADING = {
  schema: z.literal(SCHEMA),
  at: moment,
  meter: z.string().max(100),
  source: z.string().max(100),
};

export const snapshot = z.strictObject({
  ...HEADING,
  ...OURS,
  ...esmeLive.unwrap().shape,
  ...esmeState.unwrap().shape,
});
const partialBook = z.strictObject(perhaps(bookShape)).readonly();
export type PartialBook = z.output<typeof partialBook>;
const { schema, at, ...sections } = snapshot.shape;
/** A snapshot in which any section may be missing, and so may those of a book beside the meter's own: what is known of a meter. */
export const partialSnapshot = z.strictObject({
  schema,
  at,
  ...perhaps(sections),
  besideAccount: z
    .strictObject(perhaps({ net: partialBook, perPhase: partialBook, absolute: partialBook, secondary: partialBook }))
    .readonly()
    .exactOptional(),
});
export type PartialSnapshot = z.input<typeof partialSnapshot>;
export type PartialValue = z.output<typeof partialSnapshot>;

/** As JSON. */
export type Snapshot = z.input<typeof snapshot>;
/** As values of the program. */
export type SnapshotValue = z.output<typeof snapshot>;

type Perhaps<S> = { readonly [K in keyof S]: S[K] extends z.ZodType ? z.ZodExactOptional<S[K]> : never };
function perhaps<S extends z.ZodRawShape>(shape: S): Perhaps<S> {
  return Object.fromEntries(Object.entries(shape).map(([key, one]) => [key, z.exactOptional(one)])) as Perhaps<S>;
}
