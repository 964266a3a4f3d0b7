// Where the records begin, and where they go on after somebody set the registers.

import type { Mark } from "../mark.js";
import type { EsmeState } from "../state/state.js";
import { MicroWattHours, REGISTER_SPAN_uwh, wholeWh } from "../units.js";
import { beginHistory, rebaseHistory } from "./history.js";
import { since_wh, sum_wh } from "./modular.js";

/** On the baseline reading: a half hour and a day are measured from here; they are whole where they begin here. What a ledger has metered
 * before it had records belongs to no day. */
export function beginRecords(state: EsmeState, mark: Mark): EsmeState {
  const [importMicroWh, exportMicroWh] = mark.cumulative;
  const began = {
    ...state,
    recordsAccount: {
      ...state.recordsAccount,
      demand: { from: mark.at, importMicroWh, exportMicroWh },
      day: { from: mark.at, markWh: wholeWh(importMicroWh) },
      daysUnallocatedWh: wholeWh(importMicroWh),
    },
  };
  return beginHistory(began, mark);
}

/** The registers went from what `before` shows to what `after` shows by a command: no energy flowed. The difference joins what no day
 * has, so that the days still make the register. */
export function rebaseRecords(state: EsmeState, before: Mark, after: Mark): EsmeState {
  const { demand, day } = state.recordsAccount;
  const moved_wh = since_wh(wholeWh(before.cumulative[0]), wholeWh(after.cumulative[0]));
  const moved = (was: MicroWattHours, q: 0 | 1) =>
    MicroWattHours((was + after.cumulative[q] - before.cumulative[q] + REGISTER_SPAN_uwh) % REGISTER_SPAN_uwh);
  const rebased = {
    ...state,
    recordsAccount: {
      ...state.recordsAccount,
      demand: demand && {
        from: demand.from,
        importMicroWh: moved(demand.importMicroWh, 0),
        exportMicroWh: moved(demand.exportMicroWh, 1),
      },
      day: day && { from: day.from, markWh: sum_wh(day.markWh, moved_wh) },
      daysUnallocatedWh: sum_wh(state.recordsAccount.daysUnallocatedWh, moved_wh),
    },
  };
  return rebaseHistory(rebased, moved_wh);
}
