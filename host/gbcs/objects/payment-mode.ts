// The payment mode and whether debt is collected while the supply is disabled and while emergency credit is in use: one list of which
// credit pays which charge when (class 111, attribute 11), of which GBCS allows five, each with two rows more in a twin-element meter.

import type { EsmeState } from "../../ledger/state/state.js";
import { array, type Data, enumeration, octets, structure } from "../../wire/dlms/data.js";
import { bits, bytesOfHex, ENUM, fields, fixed, mapped, words } from "../codecs.js";
import type { Item } from "../item.js";
import type { Draft } from "../meter-view.js";
import { activation, attribute, next, put, value } from "../rows.js";
import { same } from "./forms.js";

type Mode = EsmeState["paymentMode"]["valueCurrent"];

interface Payment {
  readonly mode: Mode;
  /** Of prepayment only. */
  readonly suspendDebtDisabled: boolean;
  readonly suspendDebtEmergency: boolean;
  readonly isTwin: boolean;
}

const CREDIT = { meterBalance: "0000130a00ff", emergencyCredit: "0000130a01ff", accumulatedDebt: "0000130a02ff" };
const CHARGE = {
  tariff: "0000131400ff",
  timeDebt1: "0000131401ff",
  timeDebt2: "0000131402ff",
  paymentDebt: "0000131403ff",
  standing: "0000131404ff",
  secondaryTariff: "0000131405ff",
};
/** Collected always, or not while the supply is disabled. */
const ALWAYS = "e0";
const NOT_DISABLED = "c0";

/** Read off the messages of ECS03 and their service requests: `suspendDebtDisabled` keeps both time debts from being collected from the
 * meter balance and from emergency credit while disabled, `suspendDebtEmergency` lets charges accumulate instead. Both false: by the same
 * two rules, inferred. */
function listOf({ mode, suspendDebtDisabled, suspendDebtEmergency, isTwin }: Payment): Data {
  const { meterBalance, emergencyCredit, accumulatedDebt } = CREDIT;
  const { tariff, timeDebt1, timeDebt2, paymentDebt, standing, secondaryTariff } = CHARGE;
  const from = (credit: string, ...charges: readonly string[]) => charges.map((charge) => pays(credit, charge, ALWAYS));
  if (mode === "credit") return array(...from(meterBalance, tariff, standing, ...(isTwin ? [secondaryTariff] : [])));
  const debts = (credit: string) =>
    [timeDebt1, timeDebt2].map((debt) => pays(credit, debt, suspendDebtDisabled ? NOT_DISABLED : ALWAYS));
  return array(
    ...from(meterBalance, tariff, standing),
    ...debts(meterBalance),
    ...from(meterBalance, paymentDebt),
    ...from(emergencyCredit, paymentDebt, tariff, standing),
    ...debts(emergencyCredit),
    ...(suspendDebtEmergency ? from(accumulatedDebt, standing, timeDebt1, timeDebt2) : []),
    ...(isTwin ? [...from(meterBalance, secondaryTariff), ...from(emergencyCredit, secondaryTariff)] : []),
  );
}

function pays(credit: string, charge: string, when: string): Data {
  return structure(octets(bytesOfHex(credit)), octets(bytesOfHex(charge)), bits(3).to(when));
}

const EITHER = [false, true] as const;
const LISTS: readonly (readonly [Payment, Data])[] = EITHER.flatMap((isTwin): readonly Payment[] => [
  { mode: "credit", suspendDebtDisabled: false, suspendDebtEmergency: false, isTwin },
  ...EITHER.flatMap((suspendDebtDisabled) =>
    EITHER.map((suspendDebtEmergency): Payment => {
      return { mode: "prepayment", suspendDebtDisabled, suspendDebtEmergency, isTwin };
    }),
  ),
]).map((payment) => [payment, listOf(payment)]);

function paymentOf(data: Data): Payment | null {
  return LISTS.find(([, list]) => same(list, data))?.[0] ?? null;
}

/** A list of credit says nothing of debt: both suspensions stay as they are. */
function putPayment(draft: Draft, when: "valueCurrent" | "valueNext", payment: Payment): void {
  put(draft, "paymentMode", [when], payment.mode);
  if (payment.mode === "credit") return;
  put(draft, "suspendDebtDisabled", [when], payment.suspendDebtDisabled);
  put(draft, "suspendDebtEmergency", [when], payment.suspendDebtEmergency);
}

function learnVariant(draft: Draft, { isTwin }: Payment): void {
  const { value: variant } = draft.section("meterVariant");
  if (isTwin !== (variant === "B")) draft.put("meterVariant", { value: isTwin ? "B" : "A" });
}

const MODE = words(ENUM, { credit: 1, prepayment: 2 });
const modeAnd = (status: number) =>
  mapped(
    fields({ mode: MODE, status: fixed(enumeration(status)) }),
    (mode: Mode) => ({ mode, status: null }),
    ({ mode }) => mode,
  );

const NAME = "SuspendDebtDisabled / SuspendDebtEmergency / PaymentMode";

export const PAYMENT: readonly Item[] = [
  value(attribute("PaymentMode.value", 111, "0-0:19.0.0.255", 2), ["paymentMode", "valueCurrent"], modeAnd(2)),
  {
    ...attribute(`${NAME}.value`, 111, "0-0:19.0.0.255", 11),
    get: ({ state }) =>
      listOf({
        mode: state.paymentMode.valueCurrent,
        suspendDebtDisabled: state.suspendDebtDisabled.valueCurrent,
        suspendDebtEmergency: state.suspendDebtEmergency.valueCurrent,
        isTwin: state.meterVariant.value === "B",
      }),
    put: (draft, data) => {
      const payment = paymentOf(data);
      if (payment === null) return false;
      putPayment(draft, "valueCurrent", payment);
      learnVariant(draft, payment);
      return true;
    },
  },
  next(attribute("PaymentMode.valueNext", 111, "0-1:19.0.0.255", 2), ["paymentMode"], modeAnd(1)),
  {
    ...attribute(`${NAME}.valueNext`, 111, "0-1:19.0.0.255", 11),
    settable: true,
    put: (draft, data) => {
      const payment = paymentOf(data);
      if (payment === null || payment.isTwin !== (draft.section("meterVariant").value === "B")) return false;
      putPayment(draft, "valueNext", payment);
      return true;
    },
    learn: (draft, data) => {
      const payment = paymentOf(data);
      if (payment !== null) learnVariant(draft, payment);
    },
  },
  activation(
    attribute(`${NAME}.activateNextDateTime`, 111, "0-1:19.0.0.255", 13),
    "paymentMode",
    "suspendDebtDisabled",
    "suspendDebtEmergency",
  ),
];
