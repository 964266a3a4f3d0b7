// What the meter's face shows, from the meter as it is now: registers, rates, power, demand, supply, clock.

import type { PanelView } from "../adapters/panel/display-items.js";
import type { Esme } from "../ledger/esme.js";
import { registers_wh } from "../ledger/ledger.js";
import { settleTariff } from "../ledger/tariff/account.js";
import type { Utc_ms } from "../ledger/units.js";
import type { MeterView } from "../meter/options.js";
import type { House } from "./config/house.js";
import { VERSION } from "./identity.js";

/** Power that was told longer ago is not known any more, unless its source is asked so seldom. */
const OLD_ms = 5_000;
const ROUNDS = 2.5;

/** When power of a house's grid is too old to be shown, which may be asked for seldom. */
export function oldAfter_ms(sources: House["sources"]): number {
  const device = sources.find(({ role }) => role === "grid")?.device;
  return device?.kind === "modbus" ? Math.max(OLD_ms, ROUNDS * device.every_ms) : OLD_ms;
}

/** Null where the house has no grid. `meter`: what it goes by. */
export function panelView(
  view: MeterView,
  utc: Utc_ms,
  mono: number,
  meter: string,
  old_ms: number = OLD_ms,
): PanelView | null {
  const grid = [...view.ledgers.values()].find(({ role }) => role === "grid");
  if (grid?.esme == null) return null;
  const [import_wh, export_wh] = registers_wh(grid.ledger);
  const { state } = grid.esme;
  const demand = state.maximumDemandActivePowerImportValue;
  return {
    import_wh,
    export_wh,
    rates: ratesOf(grid.esme),
    power_w: powerOf(view, mono, old_ms),
    maximumDemand_w: demand.dateTimeStamp === null ? null : demand.value,
    supply: state.supplyState.value,
    utc: state.time.status === "invalid" ? null : utc,
    meter,
    firmware: VERSION,
  };
}

/** The registers that hold something, and the one that takes import now. */
function ratesOf({ state, ledger }: Esme): PanelView["rates"] {
  const { last } = ledger;
  if (last === null) return [];
  const mark = { at: last.at, cumulative: ledger.cumulative, secondary: null, estimated: false, known: true };
  const settled = settleTariff(state, mark);
  const { rate } = settled.tariffAccount;
  return settled.tariffTOURegisterCollection.touPrimaryRegister.flatMap((wh, k) => {
    const active = rate?.kind === "tou" && rate.tou === k + 1;
    return wh === 0 && !active ? [] : [{ number: k + 1, wh, active }];
  });
}

function powerOf({ inputs }: MeterView, mono: number, old_ms: number): number | null {
  for (const { feeds, power } of inputs) {
    const feed = feeds.find(({ role }) => role === "grid");
    if (feed === undefined) continue;
    if (feed.phase !== undefined || power === null || mono - power.at > old_ms) return null;
    const mw = power.power.channels[feed.channel - 1]?.active_mw ?? null;
    return mw === null ? null : Math.round(mw / 1_000);
  }
  return null;
}
