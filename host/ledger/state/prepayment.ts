// Prepayment under SMETS names: kept, set and told by command, and nothing else. This meter collects no debt and sells no credit.

import { z } from "zod";
import { emptyLog } from "../log.js";
import { calendarDate } from "./tariff.js";
import { log, moment, planned, row, seconds, settled, timeOfDay } from "./words.js";

/** Money that may be owed. */
const balance = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1)
  .meta({ unit: "0.001 penny" });
const money = z.strictObject({ value: balance }).readonly();
const u16 = z.int().min(0).max(0xffff);

/** Days 0 or 1 of a list, as a text: Monday first, or the special days in their order. */
const dayBits = z.string().regex(/^[01]{0,50}$/, "days are written 0 and 1");

/** What a calendar does at a time of certain days; a date of null begins or ends at no date. */
const scheduleEntry = z
  .strictObject({
    index: u16,
    /** Which action: a number that GBCS explains. */
    scriptSelector: u16,
    switchTime: timeOfDay,
    execWeekdays: z.string().regex(/^[01]{7}$/, "a week has seven days, each 0 or 1, Monday first"),
    execSpecdays: dayBits,
    beginDate: calendarDate.nullable(),
    endDate: calendarDate.nullable(),
  })
  .readonly();
export type ScheduleEntry = z.output<typeof scheduleEntry>;
export const schedule = (depth: number) => z.array(scheduleEntry).max(depth).readonly();

const scheduleDay = z
  .strictObject({ index: u16, date: calendarDate, dayIdentifier: z.int().min(0).max(255) })
  .readonly();
export type ScheduleDay = z.output<typeof scheduleDay>;
export const scheduleDays = z.array(scheduleDay).max(20).readonly();

/** The balances at a moment, 0.001 penny. */
export const balances = {
  emergencyCreditBalanceValue: balance,
  meterBalanceValue: balance,
  paymentDebtRegisterValue: balance,
  timeDebtRegisters1Value: balance,
  timeDebtRegisters2Value: balance,
  accumulatedDebtRegisterValue: balance,
};
const prepaymentEntry = z.strictObject({ timestamp: moment, ...balances }).readonly();
export type PrepaymentEntry = z.output<typeof prepaymentEntry>;
const amountEntry = z
  .strictObject({
    timestamp: moment,
    amount: z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
  })
  .readonly();
export type AmountEntry = z.output<typeof amountEntry>;

const scaler = z.int().min(-128).max(127);
const recovery = z.int().min(-32_768).max(32_767);
/** Each a number times 10^scaler pounds, for each period. */
const debtRecoveryRate = z
  .strictObject({
    amountCurrent: recovery,
    scalerCurrent: scaler,
    amountNext: recovery.nullable(),
    scalerNext: scaler.nullable(),
    period: seconds,
  })
  .readonly();
export type DebtRecoveryRate = z.output<typeof debtRecoveryRate>;

export const PREPAYMENT_DAILY_DEPTH = 31;
export const DEBT_PAYMENT_DEPTH = 10;
export const CREDIT_DEPTH = 5;

export const prepaymentState = {
  paymentMode: planned(z.enum(["credit", "prepayment"])),
  suspendDebtDisabled: planned(z.boolean()),
  suspendDebtEmergency: planned(z.boolean()),
  meterBalance: money,
  emergencyCreditBalance: money,
  /** Whether the emergency credit was selected and is in use. */
  emergencyCredit: z.strictObject({ selected: z.boolean() }).readonly(),
  accumulatedDebtRegister: money,
  timeDebtRegisters: row(2, balance),
  paymentDebtRegister: money,
  debtRecoveryRates: row(2, debtRecoveryRate),
  /** Hundredths of a percent of a payment. */
  debtRecoveryPerPayment: z.strictObject({ value: u16 }).readonly(),
  debtRecoveryRateCapAmount: planned(u16),
  debtRecoveryRateCapPeriod: planned(balance.meta({ unit: "s" })),
  lowCreditThreshold: planned(balance),
  emergencyCreditLimit: planned(balance),
  emergencyCreditThreshold: planned(balance),
  disablementThresholdMeterBalance: planned(balance),
  prepaymentCreditMaximumCreditThreshold: planned(balance),
  prepaymentCreditMaxMeterBalance: planned(balance),
  nonDisablementCalendar: planned(schedule(22)),
  nonDisablementCalendarSpecialDays: planned(scheduleDays),
  prepaymentDailyReadLog: log(PREPAYMENT_DAILY_DEPTH, prepaymentEntry),
  billingDataLogBillingCalendarTriggeredPrepayment: log(12, prepaymentEntry),
  billingDataLogMostRecentPaymentBasedDebtRepayment: log(DEBT_PAYMENT_DEPTH, amountEntry),
  billingDataLogMostRecentPrepaymentCredits: log(CREDIT_DEPTH, amountEntry),
};

const NO_RECOVERY: DebtRecoveryRate = {
  amountCurrent: 0,
  scalerCurrent: -5,
  amountNext: null,
  scalerNext: null,
  period: 86_400,
};

export function newPrepaymentState() {
  return {
    paymentMode: settled<"credit" | "prepayment">("credit"),
    suspendDebtDisabled: settled(false),
    suspendDebtEmergency: settled(false),
    meterBalance: { value: 0 },
    emergencyCreditBalance: { value: 0 },
    emergencyCredit: { selected: false },
    accumulatedDebtRegister: { value: 0 },
    timeDebtRegisters: [0, 0],
    paymentDebtRegister: { value: 0 },
    debtRecoveryRates: [NO_RECOVERY, NO_RECOVERY],
    debtRecoveryPerPayment: { value: 0 },
    debtRecoveryRateCapAmount: settled(0),
    debtRecoveryRateCapPeriod: settled(604_800),
    lowCreditThreshold: settled(0),
    emergencyCreditLimit: settled(0),
    emergencyCreditThreshold: settled(0),
    disablementThresholdMeterBalance: settled(0),
    prepaymentCreditMaximumCreditThreshold: settled(0),
    prepaymentCreditMaxMeterBalance: settled(0),
    nonDisablementCalendar: settled<readonly ScheduleEntry[]>([]),
    nonDisablementCalendarSpecialDays: settled<readonly ScheduleDay[]>([]),
    prepaymentDailyReadLog: emptyLog<PrepaymentEntry>(),
    billingDataLogBillingCalendarTriggeredPrepayment: emptyLog<PrepaymentEntry>(),
    billingDataLogMostRecentPaymentBasedDebtRepayment: emptyLog<AmountEntry>(),
    billingDataLogMostRecentPrepaymentCredits: emptyLog<AmountEntry>(),
  };
}

export const PREPAYMENT_PLANNED = [
  "paymentMode",
  "suspendDebtDisabled",
  "suspendDebtEmergency",
  "debtRecoveryRateCapAmount",
  "debtRecoveryRateCapPeriod",
  "lowCreditThreshold",
  "emergencyCreditLimit",
  "emergencyCreditThreshold",
  "disablementThresholdMeterBalance",
  "prepaymentCreditMaximumCreditThreshold",
  "prepaymentCreditMaxMeterBalance",
  "nonDisablementCalendar",
  "nonDisablementCalendarSpecialDays",
] as const satisfies readonly (keyof typeof prepaymentState)[];

/** What a command may set of it: the logs are the meter's own. */
export const PREPAYMENT_SETTABLE = [
  ...PREPAYMENT_PLANNED,
  "meterBalance",
  "emergencyCreditBalance",
  "emergencyCredit",
  "accumulatedDebtRegister",
  "timeDebtRegisters",
  "paymentDebtRegister",
  "debtRecoveryRates",
  "debtRecoveryPerPayment",
] as const satisfies readonly (keyof typeof prepaymentState)[];
