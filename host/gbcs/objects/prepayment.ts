// Prepayment: payment mode, balances, credit, debt, the non-disablement calendar and their logs. Kept and told, not acted upon.
// docs/spec/gbcs.md, "The table".

import {
  type AmountEntry,
  CREDIT_DEPTH,
  DEBT_PAYMENT_DEPTH,
  type DebtRecoveryRate,
  PREPAYMENT_DAILY_DEPTH,
  type PrepaymentEntry,
} from "../../ledger/state/prepayment.js";
import { BILLING_DEPTH } from "../../ledger/state/records.js";
import type { EsmeState, PlannedSection, Section } from "../../ledger/state/state.js";
import type { Data } from "../../wire/dlms/data.js";
import { fields, I32, list, mapped, STAMP, U16, U32 } from "../codecs.js";
import type { Codec, Item } from "../item.js";
import type { Draft } from "../meter-view.js";
import {
  activation,
  attribute,
  type Columns,
  logSection,
  next,
  put,
  setting,
  T_I32,
  T_U32,
  tuple,
  value,
} from "../rows.js";
import { charges, SINGLE_CHARGE } from "./charges.js";
import { replacedWhole, SCHEDULE_DAYS, schedule } from "./forms.js";
import { PAYMENT } from "./payment-mode.js";

/** The next value of class 9000, and its moment. */
function waiting<T>(name: string, obis: string, section: PlannedSection, codec: Codec<T>): readonly Item[] {
  return [
    next(attribute(`${name}Next`, 9000, obis, 4), [section], codec),
    activation(attribute(`${name}.activateNextDateTime`, 9000, obis, 6), section),
  ];
}

type Money = "meterBalance" | "emergencyCreditBalance" | "accumulatedDebtRegister" | "paymentDebtRegister";
const fits = (amount: number) => amount >= -(2 ** 31) && amount <= 2 ** 31 - 1;

/** A method that makes another amount of the one there is. */
function amount(
  name: string,
  where: readonly [class_: number, obis: string, method: number],
  path: readonly [Money, "value"] | readonly ["timeDebtRegisters", 0 | 1],
  change: (was: number, data: number) => number,
): Item {
  const [class_, obis, method] = where;
  const [section, step] = path;
  return {
    name,
    class: class_,
    obis,
    method,
    act: (draft, data) => {
      const given = I32.from(data);
      const was = (draft.section(section) as { readonly [step: string | number]: number })[step];
      const now = given === undefined || was === undefined ? undefined : change(was, given);
      if (now === undefined || !fits(now)) return null;
      put(draft, section, [step], now);
      return [];
    },
  };
}
const added = (was: number, data: number) => was + data;
const replaced = (_was: number, data: number) => data;

/** An `integer` of 0: a method that needs no more. */
const isZero = (data: Data) => data.type === "integer" && data.value === 0;

/** The recovery of a debt: so many 10^scaler pounds in each period; the scaler is the supplier's and is kept. */
const RATE = mapped(
  charges(SINGLE_CHARGE),
  ({ amount, scaler }: { readonly amount: number; readonly scaler: number }) => ({
    priceScale: scaler,
    charges: [amount],
  }),
  ({ priceScale, charges: [amount = 0] }) => ({ amount, scaler: priceScale }),
);

function debtRows(debt: 1 | 2): readonly Item[] {
  const obis = `0-0:19.20.${debt}.255`;
  const at = debt - 1;
  const of = (field: string, number: number) => attribute(`DebtRecoveryRates[${debt}].${field}`, 113, obis, number);
  const rateOf = ({ debtRecoveryRates }: Pick<EsmeState, "debtRecoveryRates">) =>
    debtRecoveryRates[at] as DebtRecoveryRate;
  const rateIn = (draft: Draft) => rateOf({ debtRecoveryRates: draft.section("debtRecoveryRates") });
  return [
    {
      ...of("valueCurrent", 5),
      get: ({ state }) => {
        const { amountCurrent, scalerCurrent } = rateOf(state);
        return RATE.to({ amount: amountCurrent, scaler: scalerCurrent });
      },
      put: (draft, data) => {
        const rate = RATE.from(data);
        if (rate === undefined) return false;
        const { amount: amountCurrent, scaler: scalerCurrent } = rate;
        put(draft, "debtRecoveryRates", [at], { ...rateIn(draft), amountCurrent, scalerCurrent });
        return true;
      },
    },
    {
      ...of("valueNext", 6),
      settable: true,
      put: (draft, data) => {
        const rate = RATE.from(data);
        if (rate === undefined) return false;
        const { amount: amountNext, scaler: scalerNext } = rate;
        put(draft, "debtRecoveryRates", [at], { ...rateIn(draft), amountNext, scalerNext });
        return true;
      },
    },
    setting(of("period", 8), ["debtRecoveryRates", at, "period"], U32),
    {
      name: `DebtRecoveryRates[${debt}].activateNext`,
      class: 113,
      obis,
      method: 2,
      act: (draft, data) => {
        if (!isZero(data)) return null;
        const { amountNext, scalerNext, ...rate } = rateIn(draft);
        if (amountNext !== null && scalerNext !== null) {
          const current = { amountCurrent: amountNext, scalerCurrent: scalerNext, amountNext: null, scalerNext: null };
          put(draft, "debtRecoveryRates", [at], { ...rate, ...current });
        }
        return [];
      },
    },
    amount(`TimeDebtRegisters[${debt}].adjust`, [113, obis, 4], ["timeDebtRegisters", debt === 1 ? 0 : 1], added),
  ];
}

/** The balances as a log's row has them. */
export const BALANCES = {
  emergencyCreditBalanceValue: I32,
  meterBalanceValue: I32,
  paymentDebtRegisterValue: I32,
  timeDebtRegisters1Value: I32,
  timeDebtRegisters2Value: I32,
  accumulatedDebtRegisterValue: I32,
};
export const T_BALANCES = Object.keys(BALANCES).map(() => T_I32);
const balancesOf = (depth: number): Columns<PrepaymentEntry> => ({
  of: tuple(T_U32, ...T_BALANCES),
  row: fields<PrepaymentEntry>({ timestamp: STAMP, ...BALANCES }),
  stamp: ({ timestamp }) => timestamp,
  depth,
});
const amountsOf = (depth: number): Columns<AmountEntry> => ({
  of: tuple(T_U32, T_U32),
  row: fields<AmountEntry>({ timestamp: STAMP, amount: U32 }),
  stamp: ({ timestamp }) => timestamp,
  depth,
});
const buffer = (name: string, obis: string) => attribute(`${name}.logEntries`, 7, obis, 2);

/** What ECS19 reads protected. */
const COLLECTION = fields({
  meterBalance: I32,
  emergencyCreditBalance: I32,
  accumulatedDebtRegister: I32,
  timeDebt1: I32,
  timeDebt2: I32,
  paymentDebtRegister: I32,
});
const BALANCE_COLLECTION: Item = {
  ...attribute("PrepaymentBalanceCollection.value", 1, "0-0:94.44.34.30", 2),
  get: ({ state }) =>
    COLLECTION.to({
      meterBalance: state.meterBalance.value,
      emergencyCreditBalance: state.emergencyCreditBalance.value,
      accumulatedDebtRegister: state.accumulatedDebtRegister.value,
      timeDebt1: state.timeDebtRegisters[0] ?? 0,
      timeDebt2: state.timeDebtRegisters[1] ?? 0,
      paymentDebtRegister: state.paymentDebtRegister.value,
    }),
  put: (draft, data) => {
    const told = COLLECTION.from(data);
    if (told === undefined) return false;
    const { timeDebt1, timeDebt2, ...balances } = told;
    for (const [section, balance] of Object.entries(balances) as [Money, number][])
      draft.put(section, { value: balance });
    draft.put("timeDebtRegisters", [timeDebt1, timeDebt2]);
    return true;
  },
};

const ONE_THRESHOLD = mapped(
  list(I32, 1, 1),
  (threshold: number) => [threshold],
  ([threshold]) => threshold,
);
const CALENDAR = schedule("00000a006aff", 22);

const current = <T>(
  name: string,
  where: readonly [class_: number, obis: string, attribute: number],
  section: PlannedSection & Section,
  codec: Codec<T>,
) => value(attribute(name, ...where), [section, "valueCurrent"], codec);

export const PREPAYMENT: readonly Item[] = [
  ...PAYMENT,
  current("LowCreditThreshold.thresholdCurrent", [111, "0-0:19.0.0.255", 16], "lowCreditThreshold", I32),
  current("DebtRecoveryRateCap.amountCurrent", [111, "0-0:19.0.0.255", 18], "debtRecoveryRateCapAmount", U16),
  current("DebtRecoveryRateCap.periodCurrent", [111, "0-0:19.0.0.255", 19], "debtRecoveryRateCapPeriod", I32),
  value(attribute("MeterBalance.value", 112, "0-0:19.10.0.255", 2), ["meterBalance", "value"], I32),
  amount("MeterBalance.adjust", [112, "0-0:19.10.0.255", 1], ["meterBalance", "value"], added),
  amount("MeterBalance.reset", [112, "0-0:19.10.0.255", 2], ["meterBalance", "value"], replaced),
  current("EmergencyCreditLimit.amountCurrent", [112, "0-0:19.10.1.255", 9], "emergencyCreditLimit", I32),
  current("EmergencyCreditThreshold.thresholdCurrent", [112, "0-0:19.10.1.255", 10], "emergencyCreditThreshold", I32),
  amount("EmergencyCreditBalance.reset", [112, "0-0:19.10.1.255", 2], ["emergencyCreditBalance", "value"], replaced),
  {
    name: "EmergencyCredit.select",
    class: 112,
    obis: "0-0:19.10.1.255",
    method: 3,
    act: (draft, data) => {
      if (!isZero(data)) return null;
      draft.put("emergencyCredit", { selected: true });
      return [];
    },
  },
  amount("AccumulatedDebtRegister.reset", [112, "0-0:19.10.2.255", 2], ["accumulatedDebtRegister", "value"], replaced),
  ...debtRows(1),
  ...debtRows(2),
  setting(
    attribute("DebtRecoveryperPayment.valueCurrent", 113, "0-0:19.20.3.255", 13),
    ["debtRecoveryPerPayment", "value"],
    U16,
  ),
  amount("PaymentDebtRegister.adjust", [113, "0-0:19.20.3.255", 4], ["paymentDebtRegister", "value"], added),
  current(
    "PrepaymentCredit(MaximumCreditThreshold).valueCurrent",
    [9000, "0-0:94.44.2.10", 2],
    "prepaymentCreditMaximumCreditThreshold",
    I32,
  ),
  ...waiting(
    "PrepaymentCredit(MaximumCreditThreshold).value",
    "0-0:94.44.2.10",
    "prepaymentCreditMaximumCreditThreshold",
    I32,
  ),
  // ECS08, the older form of ECS08a, sets it at once.
  {
    ...current(
      "PrepaymentCredit(MaxMeterBalance).valueCurrent",
      [9000, "0-0:94.44.2.20", 2],
      "prepaymentCreditMaxMeterBalance",
      I32,
    ),
    settable: true,
  },
  ...waiting("PrepaymentCredit(MaxMeterBalance).value", "0-0:94.44.2.20", "prepaymentCreditMaxMeterBalance", I32),
  ...waiting("EmergencyCreditLimit.amount", "0-0:94.44.128.2", "emergencyCreditLimit", I32),
  ...waiting("EmergencyCreditThreshold.threshold", "0-0:94.44.128.3", "emergencyCreditThreshold", I32),
  ...waiting("LowCreditThreshold.threshold", "0-0:94.44.128.9", "lowCreditThreshold", I32),
  ...waiting("DebtRecoveryRateCap.amount", "0-0:94.44.128.12", "debtRecoveryRateCapAmount", U16),
  ...waiting("DebtRecoveryRateCap.period", "0-0:94.44.128.13", "debtRecoveryRateCapPeriod", I32),
  ...waiting(
    "DisablementThreshold(MeterBalance).threshold",
    "0-0:94.44.128.22",
    "disablementThresholdMeterBalance",
    I32,
  ),
  current(
    "DisablementThreshold(MeterBalance).thresholdCurrent",
    [21, "0-0:16.0.1.255", 2],
    "disablementThresholdMeterBalance",
    ONE_THRESHOLD,
  ),
  BALANCE_COLLECTION,
  ...replacedWhole(
    "Non-DisablementCalendar",
    ["entries", "entriesNext"],
    10,
    ["0-0:12.0.1.255", "0-1:12.0.1.255", "0-0:94.44.128.28"],
    "nonDisablementCalendar",
    CALENDAR,
  ),
  ...replacedWhole(
    "Non-DisablementCalendar(SpecialDays)",
    ["current", "next"],
    11,
    ["0-0:11.0.2.255", "0-1:11.0.2.255", "0-0:94.44.128.31"],
    "nonDisablementCalendarSpecialDays",
    SCHEDULE_DAYS,
  ),
  logSection(
    buffer("BillingDataLog(BillingCalendarTriggeredPrepayment)", "0-0:98.1.1.255"),
    "billingDataLogBillingCalendarTriggeredPrepayment",
    balancesOf(BILLING_DEPTH),
  ),
  logSection(
    buffer("BillingDataLog(mostrecentPaymentBasedDebtRepayment)", "0-0:98.1.4.255"),
    "billingDataLogMostRecentPaymentBasedDebtRepayment",
    amountsOf(DEBT_PAYMENT_DEPTH),
  ),
  logSection(
    buffer("BillingDataLog(mostrecentPrepaymentCredits)", "0-0:98.1.5.255"),
    "billingDataLogMostRecentPrepaymentCredits",
    amountsOf(CREDIT_DEPTH),
  ),
  logSection(
    buffer("PrepaymentDailyReadLog", "0-0:98.1.8.255"),
    "prepaymentDailyReadLog",
    balancesOf(PREPAYMENT_DAILY_DEPTH),
  ),
];
