// Who is told of an alert, and how it is secured: rows by the alert's code, and what supplier and network operator have turned off
// themselves. docs/spec/gbcs.md, "Alerts".

import { CODES } from "../ledger/codes.js";
import type { EsmeState } from "../ledger/state/state.js";
import type { Role } from "./keyring.js";

/** Codes 80xx are the network operator's and 81xx the supplier's, not critical, and each may turn its own off (ECS25a, ECS25b: bit n of the
 * setting is 80 or 81 and n). Those of 8Fxx are critical and always on: the user manual of a SMETS2 meter (Aclara SGM1430-B, appendix A)
 * lists every one so, and all reference alerts are. */
const NETWORK_OPERATORS = 0x80;
const SUPPLIERS = 0x81;
const CRITICAL = 0x8f;

/** Of 8Fxx, where it is not the supplier alone. 8F35 and 8F36: the reference alert of ECS80; 8F34 to both: that manual. Those of one phase,
 * and the other two of the load limit: inferred from these. */
const AUDIENCES: readonly (readonly [first: number, last: number, roles: readonly Role[]])[] = [
  [CODES.outageRestored.code, CODES.phase3RestoredLong.code, ["networkOperator"]],
  [CODES.loadLimit.code, CODES.loadLimit.code, ["supplier", "networkOperator"]],
  [CODES.loadLimitArmed.code, CODES.loadLimitRestored.code, ["supplier", "networkOperator"]],
];

/** Empty where nobody wants to hear of it. */
export function audienceOf(code: number, state: EsmeState): readonly Role[] {
  const n = code & 0xff;
  switch (code >> 8) {
    case NETWORK_OPERATORS:
      return isOn(state.alertsConfigurationSettingsNetworkOperator.settingsForWANAlerting, n)
        ? ["networkOperator"]
        : [];
    case SUPPLIERS:
      return isOn(state.alertsConfigurationSettingsSupplier.settingsForWANAlerting, n) ? ["supplier"] : [];
    default:
      return AUDIENCES.find(([first, last]) => code >= first && code <= last)?.[2] ?? ["supplier"];
  }
}

/** The supply, or one phase of it, is back. That the alert of a phase has the form of ECS80 is inferred from the clauses which the table of
 * use cases names for its times: one of them (SMETS 5.17.2.6) is not of single-phase meters. */
export function isOutage(code: number): boolean {
  return code >= CODES.outageRestored.code && code <= CODES.phase3RestoredLong.code;
}

/** Critical alerts are signed, the others have a MAC. */
export function isSigned(code: number): boolean {
  return code >> 8 === CRITICAL;
}

/** Bit n counts from the last of the 256. */
function isOn(digits: string, n: number): boolean {
  return ((BigInt(`0x${digits}`) >> BigInt(n)) & 1n) === 1n;
}
