// The tariff as the meter holds it, under SMETS names: switching tables, thresholds, prices, and the registers they share energy among.

import { z } from "zod";
import { micropence, millipence, moment, planned, row, settled, timeOfDay, wh } from "./words.js";

/** Which register takes the energy: TOU 1..48, or the blocks of TOU 1..8 (GBCS script selectors 1..48 and 101..108). */
const rate = z
  .union([
    z.strictObject({ kind: z.literal("tou"), tou: z.int().min(1).max(48) }),
    z.strictObject({ kind: z.literal("block"), tou: z.int().min(1).max(8) }),
  ])
  .readonly();
export type Rate = z.output<typeof rate>;

/** A day of the calendar; null comes every year, month or day, and 29 February of every year in leap years. Numbers beyond the calendar
 * are GBCS's for the last days of a month and the like: told as they are. What a meter may be set to is a rule (tariff/date.ts). */
export const calendarDate = z
  .strictObject({
    year: z.int().min(0).max(65_534).nullable(),
    month: z.int().min(0).max(254).nullable(),
    dayOfMonth: z.int().min(0).max(254).nullable(),
    /** Monday is 1; absent: any. */
    dayOfWeek: z.int().min(0).max(254).optional(),
  })
  .readonly();
export type CalendarDate = z.output<typeof calendarDate>;

const name = z.string().min(1).max(8);
const dayIdentifier = z.int().min(1).max(16);

/** Seasons name a week, a week names seven days, Monday first, a day its switches in order (SMETS 5.7.4.48); before the first of a day
 * the last of the day before holds. All UTC, and
 * all displaced by the randomised offset. Three empty lists: all energy goes to TOU 1. */
const switchingTable = z
  .strictObject({
    seasons: z
      .array(z.strictObject({ name, startDate: calendarDate, weekIdentifier: z.string().min(1).max(4) }).readonly())
      .max(4)
      .readonly(),
    weeks: z
      .array(z.strictObject({ weekIdentifier: z.string().min(1).max(4), days: row(7, dayIdentifier) }).readonly())
      .max(4)
      .readonly(),
    dayIdentifiers: z
      .array(
        z
          .strictObject({
            dayIdentifier,
            times: z
              .array(z.strictObject({ startTime: timeOfDay, tariffRateIdentifier: rate }).readonly())
              .max(48)
              .readonly(),
          })
          .readonly(),
      )
      .max(16)
      .readonly(),
  })
  .readonly();
export type SwitchingTable = z.output<typeof switchingTable>;

const specialDays = z
  .array(z.strictObject({ date: calendarDate, dayIdentifier }).readonly())
  .max(50)
  .readonly();
export type SpecialDays = z.output<typeof specialDays>;

/** Of TOU 1..8, the three energies of its counters at which block 2, 3 and 4 begin, none below the one before; null: no such block. */
const thresholdMatrix = row(8, row(3, wh.nullable()));
export type ThresholdMatrix = z.output<typeof thresholdMatrix>;

/** 48 TOU prices and, of TOU 1..8, those of blocks 1..4: 80 entries. */
const priceMatrix = z.strictObject({ tou: row(48, millipence), block: row(8, row(4, millipence)) }).readonly();
export type PriceMatrix = z.output<typeof priceMatrix>;

/** Energy of blocks 1..4 (outer) of TOU 1..8 (inner). */
export const blockMatrix = row(4, row(8, wh));
export type BlockMatrix = z.output<typeof blockMatrix>;

/** How the rate of now takes energy: whole Wh of the register beyond `markWh` belong to `rate` and are not in the matrices yet. */
const tariffAccount = z
  .strictObject({
    rate: rate.nullable(),
    markWh: wh,
    secondaryRate: rate.nullable(),
    secondaryMarkWh: wh,
    /** What the register showed before the account began, and what it was set by: no rate took it. With the matrices and the energy since
     * the mark it makes the register, modulo 2^32. */
    setWh: wh,
    secondarySetWh: wh,
    /** The money of all energy ever shared out, at the price of its time; the standing charge is not in it. */
    spentMicropence: micropence,
    /** When the block counters last began again; null: never yet. */
    blockCountersResetAt: moment.nullable(),
  })
  .readonly();

const activePrice = z
  .strictObject({
    value: z
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .meta({ unit: "0.001 penny" }),
  })
  .readonly();

export const tariffState = {
  tariffSwitchingTable: planned(switchingTable),
  tariffSwitchingTableSpecialDays: planned(specialDays),
  tariffSwitchingTableSecondaryElement: planned(switchingTable),
  tariffSwitchingTableSecondaryElementSpecialDays: planned(specialDays),
  tariffThresholdMatrix: planned(thresholdMatrix),
  tariffBlockPriceMatrixTOU: planned(priceMatrix),
  secondaryTariffTOUPriceMatrix: planned(row(4, millipence)),
  /** Millipence a day. */
  standingCharge: planned(millipence),
  currencyUnit: planned(z.enum(["GBP", "EUR"])),
  tariffTOURegisterCollection: z
    .strictObject({ touPrimaryRegister: row(48, wh), touSecondRegister: row(4, wh) })
    .readonly(),
  tariffBlockTOURegisterCollection: z
    .strictObject({ tariffBlockRegisterMatrix: blockMatrix, tariffBlockCounterMatrix: blockMatrix })
    .readonly(),
  /** Whether the block counters begin again each UTC day, and not only with each billing period. */
  tariffBlockCounterMatrix: z.strictObject({ dailyResetting: z.boolean() }).readonly(),
  randomisedOffsetNumber: z.strictObject({ value: z.int().min(0).max(65_535) }).readonly(),
  randomisedOffsetLimit: z.strictObject({ value: z.int().min(0).max(65_535).meta({ unit: "s" }) }).readonly(),
  /** By how much the tariff's switches are displaced: number x limit / 10,000, s. */
  randomisedOffset: z.strictObject({ value: z.int().min(0).max(65_535).meta({ unit: "s" }) }).readonly(),
  /** What a kWh costs now, of the primary and of the secondary element. */
  primaryActiveTariffPrice: activePrice,
  secondaryActiveTariffPrice: activePrice,
  tariffAccount,
};

/** What makes the tariff: its activation makes an entry in the billing data log that is triggered by the tariff. */
export const TARIFF_SECTIONS = [
  "tariffSwitchingTable",
  "tariffSwitchingTableSpecialDays",
  "tariffSwitchingTableSecondaryElement",
  "tariffSwitchingTableSecondaryElementSpecialDays",
  "tariffThresholdMatrix",
  "tariffBlockPriceMatrixTOU",
  "secondaryTariffTOUPriceMatrix",
  "standingCharge",
  "currencyUnit",
] as const satisfies readonly (keyof typeof tariffState)[];

const NO_TABLE: SwitchingTable = { seasons: [], weeks: [], dayIdentifiers: [] };

/** A meter without a tariff: all energy goes to TOU 1, at no price. */
export function newTariffState(randomisedOffsetNumber: number) {
  return {
    tariffSwitchingTable: settled(NO_TABLE),
    tariffSwitchingTableSpecialDays: settled<SpecialDays>([]),
    tariffSwitchingTableSecondaryElement: settled(NO_TABLE),
    tariffSwitchingTableSecondaryElementSpecialDays: settled<SpecialDays>([]),
    tariffThresholdMatrix: settled<ThresholdMatrix>(Array(8).fill([null, null, null])),
    tariffBlockPriceMatrixTOU: settled<PriceMatrix>({ tou: Array(48).fill(0), block: Array(8).fill([0, 0, 0, 0]) }),
    secondaryTariffTOUPriceMatrix: settled<readonly number[]>([0, 0, 0, 0]),
    standingCharge: settled(0),
    currencyUnit: settled<"GBP" | "EUR">("GBP"),
    tariffTOURegisterCollection: { touPrimaryRegister: Array<number>(48).fill(0), touSecondRegister: [0, 0, 0, 0] },
    tariffBlockTOURegisterCollection: { tariffBlockRegisterMatrix: noBlocks(), tariffBlockCounterMatrix: noBlocks() },
    tariffBlockCounterMatrix: { dailyResetting: false },
    randomisedOffsetNumber: { value: randomisedOffsetNumber },
    randomisedOffsetLimit: { value: 0 },
    randomisedOffset: { value: 0 },
    primaryActiveTariffPrice: { value: 0 },
    secondaryActiveTariffPrice: { value: 0 },
    tariffAccount: {
      rate: null,
      markWh: 0,
      secondaryRate: null,
      secondaryMarkWh: 0,
      setWh: 0,
      secondarySetWh: 0,
      spentMicropence: 0,
      blockCountersResetAt: null,
    },
  };
}

export function noBlocks(): BlockMatrix {
  return Array.from({ length: 4 }, () => Array<number>(8).fill(0));
}
