// Load limiting and the supply state (SMETS 5.7.4.19 to 5.7.4.22, 5.7.5.18, 5.7.5.32): a relay follows what is told here.

import { CODES, type Code } from "../codes.js";
import type { Notice } from "../events.js";
import { event } from "../logs.js";
import type { EsmeState } from "../state/state.js";
import { Utc_ms } from "../units.js";
import type { Account, Turned } from "./phases.js";
import { lasted } from "./quality.js";

const U32 = 2 ** 32 - 1;

/** The power is within the limit, none was beyond it, and no restoration is awaited. */
export function isUnlimited(state: EsmeState, account: Account, import_w: number | null): boolean {
  const limit_w = state.loadLimitPowerThreshold.valueCurrent;
  const beyond = limit_w > 0 && import_w !== null && import_w > limit_w;
  return !beyond && account.overLimit === null && state.loadLimitAccount.restoreAt === null;
}

/** Counts and tells once when the imported power has stayed beyond the limit for its period; a threshold of 0 W is no limit. Where the
 * load limit may disable the supply, it does so and arms it at once; what is still armed after the restoration period is enabled. */
export function limitTurned(
  before: Turned,
  at: Utc_ms,
  gap_ms: number,
  import_w: number | null,
  notices: Notice[],
): Turned {
  let { state, account } = before;
  const { restoreAt } = state.loadLimitAccount;
  if (restoreAt !== null && at >= restoreAt) {
    state = supplied(state, at, "enabled", notices);
    state = told(state, at, CODES.loadLimitRestored, "it was still armed", notices);
    account = { ...account, overLimit: null };
  }
  const limit_w = state.loadLimitPowerThreshold.valueCurrent;
  const beyond = limit_w === 0 ? false : import_w === null ? null : import_w > limit_w;
  const period_s = state.loadLimitPeriod.valueCurrent;
  const was = account.overLimit;
  const kept = beyond === false ? null : lasted(was, beyond, at, gap_ms, period_s);
  account = { ...account, overLimit: kept };
  if (kept === null || !kept.told || was?.told === true) return { state, account };

  state = { ...state, loadLimitCounter: { value: Math.min(state.loadLimitCounter.value + 1, U32) } };
  state = told(state, at, CODES.loadLimit, `${import_w} W, limit ${limit_w} W, for ${period_s} s`, notices);
  if (!state.loadLimitSupplyState.valueCurrent || state.supplyState.value !== "enabled") return { state, account };
  state = supplied(supplied(state, at, "disabled", notices), at, "armed", notices);
  const wait_s = state.loadLimitRestorationPeriod.valueCurrent;
  state = { ...state, loadLimitAccount: { restoreAt: Utc_ms(at + wait_s * 1_000) } };
  return { state: told(state, at, CODES.loadLimitArmed, `to be enabled after ${wait_s} s`, notices), account };
}

/** What a command or the customer makes of the supply: enabled or disabled from any state, armed only where it is disabled. What changes
 * nothing gives the same state. */
export function setSupply(
  state: EsmeState,
  at: Utc_ms,
  to: "enable" | "disable" | "arm",
  notices: Notice[],
): EsmeState {
  const now = state.supplyState.value;
  switch (to) {
    case "enable":
      return now === "enabled" ? state : supplied(state, at, "enabled", notices);
    case "disable":
      return now === "disabled" ? state : supplied(state, at, "disabled", notices);
    case "arm":
      if (now !== "disabled") return state;
      return told(supplied(state, at, "armed", notices), at, CODES.supplyArmed, "the customer may enable it", notices);
  }
}

/** Sets the load limit counter to zero (SMETS 5.6.3.25). */
export function resetLoadLimitCounter(state: EsmeState): EsmeState {
  return { ...state, loadLimitCounter: { value: 0 } };
}

/** Another supply state; a restoration that was awaited no longer is. */
function supplied(
  state: EsmeState,
  at: Utc_ms,
  value: EsmeState["supplyState"]["value"],
  notices: Notice[],
): EsmeState {
  notices.push({ kind: "supply-state", at, state: value });
  return { ...state, supplyState: { value }, loadLimitAccount: { restoreAt: null } };
}

function told(state: EsmeState, at: Utc_ms, one: Code, more: string, notices: Notice[]): EsmeState {
  const text = `${one.sentence}: ${more}`;
  notices.push({ kind: "alert", at, code: one.code, text });
  return event(state, at, one.code, text);
}
