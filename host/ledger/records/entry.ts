// The import registers and the balances at a moment, as the daily read log and the billing data logs hold them.

import type { Mark } from "../mark.js";
import type { ModeOrTariffEntry, ReadEntry } from "../state/records.js";
import type { EsmeState } from "../state/state.js";
import { wholeWh } from "../units.js";

/** The state's tariff is settled up to the mark: its TOU and block registers are those of this moment (SMETS 5.7.5.10, 5.7.5.13). */
export function readEntryOf(state: EsmeState, mark: Mark): ReadEntry {
  const { touPrimaryRegister, touSecondRegister } = state.tariffTOURegisterCollection;
  const secondary = mark.secondary;
  return {
    timestamp: mark.at,
    activeImportRegisterValue: wholeWh(mark.cumulative[0]),
    secondaryActiveImportRegisterValue: secondary === null ? null : wholeWh(secondary),
    tariffTOURegisterMatrixValue: touPrimaryRegister,
    secondaryTariffTOURegisterMatrixValue: secondary === null ? null : touSecondRegister,
    tariffBlockRegisterMatrixValue: state.tariffBlockTOURegisterCollection.tariffBlockRegisterMatrix,
    estimated: mark.estimated,
  };
}

/** The balances beside them, of a change of payment mode or tariff. */
export function balancesOf(state: EsmeState): Omit<ModeOrTariffEntry, keyof ReadEntry> {
  const [timeDebtRegisters1Value = 0, timeDebtRegisters2Value = 0] = state.timeDebtRegisters;
  return {
    emergencyCreditBalanceValue: state.emergencyCreditBalance.value,
    meterBalanceValue: state.meterBalance.value,
    paymentDebtRegisterValue: state.paymentDebtRegister.value,
    timeDebtRegisters1Value,
    timeDebtRegisters2Value,
    accumulatedDebtRegisterValue: state.accumulatedDebtRegister.value,
  };
}
