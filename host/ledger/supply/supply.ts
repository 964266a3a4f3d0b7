// What a measurement of the supply does: the averages, outages, voltage quality and load limit look at it, in this order. Measured once a
// second, and nothing is due in nearly all of them: then only the sums grow.

import type { ClockStep, Notice, Supply } from "../events.js";
import type { EsmeLive, EsmeState } from "../state/state.js";
import type { Lasting } from "../state/supply.js";
import { Utc_ms } from "../units.js";
import { periodEndAfter, periodTurned, sampled } from "./average.js";
import { isUnlimited, limitTurned } from "./limit.js";
import { isSupplied, outagesTurned } from "./outage.js";
import { eachOf, type Turned } from "./phases.js";
import { isQuiet, qualityTurned } from "./quality.js";

interface Supplied {
  readonly state: EsmeState;
  readonly live: EsmeLive;
}

/** The measurement holds whole tenths of a volt and whole watts. One that is not later than the last changes nothing. */
export function turnSupply(state: EsmeState, live: EsmeLive, supply: Supply, notices: Notice[]): Supplied {
  const last = live.powerImportCollection.at;
  const { at, voltages_dv, import_w } = supply;
  if (last !== null && at <= last) return { state, live };

  let turned: Turned = { state, account: live.supplyAccount };
  const gap_ms = last === null ? 0 : at - last;
  const { periodEnd } = turned.account;
  if (periodEnd === null || at >= periodEnd) turned = periodTurned(turned, at, notices);
  if (!isSupplied(turned.account, voltages_dv)) turned = outagesTurned(turned, at, voltages_dv, notices);
  if (!isQuiet(turned.state, turned.account, voltages_dv))
    turned = qualityTurned(turned, at, gap_ms, voltages_dv, notices);
  if (!isUnlimited(turned.state, turned.account, import_w)) turned = limitTurned(turned, at, gap_ms, import_w, notices);

  const powerImportCollection = {
    at,
    activePowerImport: import_w,
    primaryActivePowerImport: supply.primary_w,
    voltages: voltages_dv,
  };
  return {
    state: turned.state,
    live: { powerImportCollection, supplyAccount: sampled(turned.account, voltages_dv) },
  };
}

/** The clock was set: what is being measured goes on under the new time. */
export function supplyClockSet(state: EsmeState, live: EsmeLive, step: ClockStep): Supplied {
  const by_ms = step.at - step.was;
  const { at } = live.powerImportCollection;
  if (at === null || by_ms === 0) return { state, live };
  const moved = <T extends Utc_ms | null>(moment: T) => (moment === null ? null : Utc_ms(moment + by_ms)) as T;
  const movedLasting = (one: Lasting): Lasting =>
    one === null ? null : { ...one, since: moved(one.since), overSince: moved(one.overSince) };
  const { supplyAccount: was } = live;
  const now = moved(at);
  const end = periodEndAfter(now, state.averageRMSVoltageMeasurementPeriod.value);
  const supplyAccount = {
    ...was,
    // Set forward over its end, the period closes with the next measurement; set back, the one that holds the new time goes on.
    periodEnd: was.periodEnd === null ? null : Utc_ms(Math.min(was.periodEnd, end)),
    extremeOver: eachOf((p) => movedLasting(was.extremeOver[p])),
    extremeUnder: eachOf((p) => movedLasting(was.extremeUnder[p])),
    sag: eachOf((p) => movedLasting(was.sag[p])),
    swell: eachOf((p) => movedLasting(was.swell[p])),
    overLimit: movedLasting(was.overLimit),
    phaseOut: eachOf((p) => moved(was.phaseOut[p])),
    out: moved(was.out),
  };
  const { restoreAt } = state.loadLimitAccount;
  return {
    state: restoreAt === null ? state : { ...state, loadLimitAccount: { restoreAt: moved(restoreAt) } },
    live: { powerImportCollection: { ...live.powerImportCollection, at: now }, supplyAccount },
  };
}
