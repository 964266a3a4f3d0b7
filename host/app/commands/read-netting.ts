// `esme read netting`: what each rule for three phases has counted, and what it would have billed for the half hours of a range.

import { NETTING_RULES } from "../../ledger/names.js";
import type { HalfHour } from "../../ledger/profile.js";
import type { EsmeState } from "../../ledger/state/state.js";
import { offset_ms } from "../../ledger/tariff/account.js";
import { priceOf, spent } from "../../ledger/tariff/price.js";
import { rateAt } from "../../ledger/tariff/table.js";
import { HALF_HOUR_ms } from "../../ledger/units.js";
import { money } from "../money.js";
import { table } from "../table.js";
import { kwh } from "../words.js";
import { ALWAYS, type Options, say, sayJson, withMeter } from "./reading.js";

/** Over which time the phases are summed before import and export part, in words. */
const WINDOWS = {
  board: "phases summed within the board's own window",
  meter: "phases summed by the meter itself, in a way of its own",
  "report-interval": "phases summed from report to report: boards of their own have no window in common",
} as const;

export function readNetting(options: Options): void {
  withMeter(options, ({ name, state, at }, reader) => {
    const { rule: feeding, window } = state.netting;
    const kept = reader.beside(name);
    const currency = state.currencyUnit.valueCurrent;
    const rules = NETTING_RULES.flatMap((rule) => {
      const feeds = rule === feeding;
      if (!feeds && !kept.includes(rule)) return [];
      const ledger = feeds ? name : `${name}:${rule}`;
      const registers = reader.registers(ledger);
      if (registers === null) return [];
      const halfHours = reader.profile(ledger, options.from ?? ALWAYS.from, options.to ?? ALWAYS.to);
      const [import_wh, export_wh] = registers.register_wh;
      return [{ rule, feeds_registers: feeds, import_wh, export_wh, half_hours: billed(state, halfHours) }];
    });
    if (options.json === true) return sayJson("netting", { at, source: name, window, rules });
    say(`${name} at ${at ?? "(no reading yet)"}: ${WINDOWS[window]}\n`);
    const rows = rules.map((one) => [
      one.feeds_registers ? `${one.rule} *` : one.rule,
      kwh(one.import_wh),
      kwh(one.export_wh),
      String(one.half_hours.count),
      kwh(one.half_hours.import_wh),
      kwh(one.half_hours.export_wh),
      one.half_hours.cost_micropence === null ? "-" : money(one.half_hours.cost_micropence, currency),
    ]);
    say(table(["rule", "import", "export", "half hours", "their import", "their export", "their cost"], rows));
    say("\n* feeds the registers. Cost: each half hour's import at today's price of the rate that held when it began.");
    if (rules.length === 1) say("No phases were told apart: there is one rule to show.");
  });
}

/** Energy and money of half hours; money is null where a rate has blocks, whose price depends on what was used before. */
function billed(state: EsmeState, halfHours: readonly HalfHour[]) {
  let [import_wh, export_wh] = [0, 0];
  let cost_micropence: number | null = 0;
  const offset = offset_ms(state);
  const days = state.tariffSwitchingTableSpecialDays.valueCurrent;
  for (const { end, wh } of halfHours) {
    import_wh += wh[0] ?? 0;
    export_wh += wh[1] ?? 0;
    const rate = rateAt(state.tariffSwitchingTable.valueCurrent, days, end - HALF_HOUR_ms - offset);
    if (rate.kind === "block") cost_micropence = null;
    if (cost_micropence !== null) cost_micropence = spent(cost_micropence, wh[0] ?? 0, priceOf(state, rate, 0));
  }
  return { count: halfHours.length, import_wh, export_wh, cost_micropence };
}
