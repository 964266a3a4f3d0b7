// Which register takes the energy, and how much of it: TOU registers, blocks, money.
//
//   whole Wh of the register since the mark --the rate that held--> TOU 1..48, or blocks 1..4 of TOU 1..8 --its price--> micropence
//
// The law, from the first reading on: sum of TOU 1..48 + sum of the 4 x 8 blocks + Wh since the mark + setWh = register, modulo 2^32.
// The same of the secondary element and its TOU 1..4. What is shared out is floor(C now) - floor(C then), so nothing is ever rounded.

import type { Mark } from "../mark.js";
import type { EsmeState } from "../state/state.js";
import { noBlocks, type Rate } from "../state/tariff.js";
import { DAY_ms, modulo, REGISTER_SPAN_wh, type Utc_ms, wholeWh } from "../units.js";
import { blockAt, counted_wh, filled, sharedOut_wh } from "./blocks.js";
import { priceOf, secondaryPriceOf, spent } from "./price.js";
import { nextSwitchAt, randomisedOffset_ms, rateAt, sameRate } from "./table.js";

/** Sharing begins at the first reading: what the registers show by then belongs to no rate. */
export function beginTariff(state: EsmeState, mark: Mark): EsmeState {
  const { tariffTOURegisterCollection: tou, tariffBlockTOURegisterCollection: blocks } = state;
  const markWh = wholeWh(mark.cumulative[0]);
  const shared = sum(tou.touPrimaryRegister) + sum(blocks.tariffBlockRegisterMatrix.map(sum));
  const begun = {
    ...state,
    tariffAccount: {
      ...state.tariffAccount,
      rate: primaryRateAt(state, mark.at),
      markWh,
      setWh: modulo(markWh - shared, REGISTER_SPAN_wh),
    },
  };
  return priced(mark.secondary === null ? begun : beginSecondary(begun, wholeWh(mark.secondary), mark.at));
}

/** Books the energy since the mark to the rate that has held, and moves the mark. At any moment: booking in two steps comes to the same. */
export function settleTariff(state: EsmeState, mark: Mark): EsmeState {
  const settled = settleSecondary(settlePrimary(state, mark), mark);
  return settled === state ? state : priced(settled);
}

/** The rate that the tables give for a moment becomes the one that takes energy, and what it costs now is shown. The energy before it has
 * been settled. */
export function switchTariff(state: EsmeState, at: Utc_ms): EsmeState {
  const { tariffAccount: account } = state;
  const rate = account.rate === null ? null : primaryRateAt(state, at);
  const secondaryRate = account.secondaryRate === null ? null : secondaryRateAt(state, at);
  if (unchanged(rate, account.rate) && unchanged(secondaryRate, account.secondaryRate)) return priced(state);
  return priced({ ...state, tariffAccount: { ...account, rate, secondaryRate } });
}

/** When the rate of either element changes next, within a day after `after`; Infinity where neither does. ms of UTC. */
export function nextSwitch(state: EsmeState, after: Utc_ms): number {
  const offset = offset_ms(state);
  const from = after - offset;
  const primary = state.tariffSwitchingTable.valueCurrent;
  const secondary = state.tariffSwitchingTableSecondaryElement.valueCurrent;
  return (
    offset +
    Math.min(
      nextSwitchAt(primary, state.tariffSwitchingTableSpecialDays.valueCurrent, from, from + DAY_ms),
      nextSwitchAt(secondary, state.tariffSwitchingTableSecondaryElementSpecialDays.valueCurrent, from, from + DAY_ms),
    )
  );
}

/** The registers were set by a command: the mark moves and no rate takes the difference, which `setWh` keeps. Settle before the
 * registers change; this is for after. */
export function rebaseTariff(state: EsmeState, mark: Mark): EsmeState {
  const { tariffAccount: account } = state;
  if (account.rate === null) return state;
  const markWh = wholeWh(mark.cumulative[0]);
  const secondaryMarkWh =
    account.secondaryRate === null || mark.secondary === null ? account.secondaryMarkWh : wholeWh(mark.secondary);
  return {
    ...state,
    tariffAccount: {
      ...account,
      markWh,
      setWh: modulo(account.setWh + markWh - account.markWh, REGISTER_SPAN_wh),
      secondaryMarkWh,
      secondarySetWh: modulo(account.secondarySetWh + secondaryMarkWh - account.secondaryMarkWh, REGISTER_SPAN_wh),
    },
  };
}

/** The registers of the tariff as they read at a moment, without changing the account. */
export function pendingTariff(
  state: EsmeState,
  mark: Mark,
): Pick<
  EsmeState,
  | "tariffTOURegisterCollection"
  | "tariffBlockTOURegisterCollection"
  | "primaryActiveTariffPrice"
  | "secondaryActiveTariffPrice"
  | "tariffAccount"
> {
  const now = settleTariff(state, mark);
  const { tariffTOURegisterCollection, tariffBlockTOURegisterCollection, tariffAccount } = now;
  const { primaryActiveTariffPrice, secondaryActiveTariffPrice } = now;
  return {
    tariffTOURegisterCollection,
    tariffBlockTOURegisterCollection,
    primaryActiveTariffPrice,
    secondaryActiveTariffPrice,
    tariffAccount,
  };
}

/** What the next kWh costs, millipence (SMETS 5.7.5.5, 5.13.2.9); null before the first reading, and without a secondary element. */
export function activePrice(
  state: EsmeState,
  mark: Mark,
): { readonly primary: number | null; readonly secondary: number | null } {
  return pricesOf(settleTariff(state, mark));
}

/** All block counters begin again at 0 (SMETS 5.7.5.33), by command and with each billing period; the block registers go on. */
export function resetBlockCounters(state: EsmeState, mark: Mark): EsmeState {
  const settled = settleTariff(state, mark);
  return priced({
    ...settled,
    tariffBlockTOURegisterCollection: {
      ...settled.tariffBlockTOURegisterCollection,
      tariffBlockCounterMatrix: noBlocks(),
    },
    tariffAccount: { ...settled.tariffAccount, blockCountersResetAt: mark.at },
  });
}

/** Midnight UTC: where so configured, the block counters begin again each day (SMETS 5.7.4.7). */
export function atTariffMidnight(state: EsmeState, mark: Mark): EsmeState {
  return state.tariffBlockCounterMatrix.dailyResetting ? resetBlockCounters(state, mark) : state;
}

/** The randomised offset of this meter, ms. */
export function offset_ms(state: EsmeState): number {
  return randomisedOffset_ms(state.randomisedOffsetNumber.value, state.randomisedOffsetLimit.value);
}

/** The offset as its number and its limit make it (SMETS 5.7.5.28). A snapshot may hold another, which stays until the limit is set. */
export function withRandomisedOffset(state: EsmeState): EsmeState {
  return { ...state, randomisedOffset: { value: offset_ms(state) / 1_000 } };
}

/** What a kWh costs now is shown wherever it may have become another: no reading looks at it. Before counting begins, and without a
 * secondary element, what is shown stays. */
function priced(state: EsmeState): EsmeState {
  const { primaryActiveTariffPrice: one, secondaryActiveTariffPrice: other } = state;
  const { primary, secondary } = pricesOf(state);
  if ((primary ?? one.value) === one.value && (secondary ?? other.value) === other.value) return state;
  return {
    ...state,
    primaryActiveTariffPrice: primary === null ? one : { value: primary },
    secondaryActiveTariffPrice: secondary === null ? other : { value: secondary },
  };
}

function pricesOf(state: EsmeState): { readonly primary: number | null; readonly secondary: number | null } {
  const { rate, secondaryRate } = state.tariffAccount;
  return {
    primary: rate === null ? null : priceOf(state, rate, blockOf(state, rate)),
    secondary: secondaryRate === null ? null : secondaryPriceOf(state, secondaryRate),
  };
}

function settlePrimary(state: EsmeState, mark: Mark): EsmeState {
  const { tariffAccount: account } = state;
  const { rate } = account;
  if (rate === null) return state;
  const markWh = wholeWh(mark.cumulative[0]);
  const energy_wh = modulo(markWh - account.markWh, REGISTER_SPAN_wh);
  if (energy_wh === 0) return state;
  return rate.kind === "tou" ? toTou(state, rate.tou, energy_wh, markWh) : toBlocks(state, rate.tou, energy_wh, markWh);
}

function toTou(state: EsmeState, tou: number, energy_wh: number, markWh: number): EsmeState {
  const { tariffAccount: account, tariffTOURegisterCollection: registers } = state;
  const price = priceOf(state, { kind: "tou", tou }, 0);
  return {
    ...state,
    tariffTOURegisterCollection: {
      ...registers,
      touPrimaryRegister: raised(registers.touPrimaryRegister, tou, energy_wh),
    },
    tariffAccount: { ...account, markWh, spentMicropence: spent(account.spentMicropence, energy_wh, price) },
  };
}

function toBlocks(state: EsmeState, tou: number, energy_wh: number, markWh: number): EsmeState {
  const { tariffAccount: account, tariffBlockTOURegisterCollection: registers } = state;
  const { tariffBlockCounterMatrix: counters, tariffBlockRegisterMatrix: matrix } = registers;
  const shares_wh = sharedOut_wh(energy_wh, counted_wh(counters, tou), thresholdsOf(state, tou));
  const spentMicropence = shares_wh.reduce(
    (sum, wh, block) => spent(sum, wh, priceOf(state, { kind: "block", tou }, block)),
    account.spentMicropence,
  );
  return {
    ...state,
    tariffBlockTOURegisterCollection: {
      tariffBlockRegisterMatrix: filled(matrix, tou, shares_wh),
      tariffBlockCounterMatrix: filled(counters, tou, shares_wh),
    },
    tariffAccount: { ...account, markWh, spentMicropence },
  };
}

function settleSecondary(before: EsmeState, mark: Mark): EsmeState {
  if (mark.secondary === null) return before;
  // An element that is heard of for the first time counts from 0: its energy so far goes to the rate that has held until now.
  const state =
    before.tariffAccount.secondaryRate === null && before.tariffAccount.rate !== null
      ? beginSecondary(before, 0, mark.at - 1)
      : before;
  const { tariffAccount: account, tariffTOURegisterCollection: registers } = state;
  const { secondaryRate: rate } = account;
  if (rate === null) return state;
  const secondaryMarkWh = wholeWh(mark.secondary);
  const energy_wh = modulo(secondaryMarkWh - account.secondaryMarkWh, REGISTER_SPAN_wh);
  if (energy_wh === 0) return state;
  return {
    ...state,
    tariffTOURegisterCollection: {
      ...registers,
      touSecondRegister: raised(registers.touSecondRegister, rate.tou, energy_wh),
    },
    tariffAccount: {
      ...account,
      secondaryMarkWh,
      spentMicropence: spent(account.spentMicropence, energy_wh, secondaryPriceOf(state, rate)),
    },
  };
}

function beginSecondary(state: EsmeState, secondaryMarkWh: number, at_ms: number): EsmeState {
  const secondarySetWh = modulo(
    secondaryMarkWh - sum(state.tariffTOURegisterCollection.touSecondRegister),
    REGISTER_SPAN_wh,
  );
  const secondaryRate = secondaryRateAt(state, at_ms);
  return { ...state, tariffAccount: { ...state.tariffAccount, secondaryRate, secondaryMarkWh, secondarySetWh } };
}

function primaryRateAt(state: EsmeState, at_ms: number): Rate {
  const special = state.tariffSwitchingTableSpecialDays.valueCurrent;
  return rateAt(state.tariffSwitchingTable.valueCurrent, special, at_ms - offset_ms(state));
}

function secondaryRateAt(state: EsmeState, at_ms: number): Rate {
  const special = state.tariffSwitchingTableSecondaryElementSpecialDays.valueCurrent;
  return rateAt(state.tariffSwitchingTableSecondaryElement.valueCurrent, special, at_ms - offset_ms(state));
}

function blockOf(state: EsmeState, rate: Rate): number {
  if (rate.kind === "tou") return 0;
  const { tariffBlockCounterMatrix } = state.tariffBlockTOURegisterCollection;
  return blockAt(counted_wh(tariffBlockCounterMatrix, rate.tou), thresholdsOf(state, rate.tou));
}

function thresholdsOf(state: EsmeState, tou: number): readonly (number | null)[] {
  return state.tariffThresholdMatrix.valueCurrent[tou - 1] ?? [null, null, null];
}

function unchanged(now: Rate | null, before: Rate | null): boolean {
  return now === before || (now !== null && before !== null && sameRate(now, before));
}

function raised(registers: readonly number[], tou: number, energy_wh: number): readonly number[] {
  return registers.map((value, index) => (index === tou - 1 ? modulo(value + energy_wh, REGISTER_SPAN_wh) : value));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
