// A meter that learns of rows of answers, or that a command sets, and the meter that it then is: for tests of rows, without the code that
// makes a whole meter of what was learnt.

import { momentOf2000 } from "../../host/gbcs/codecs.js";
import type { Range } from "../../host/gbcs/item.js";
import { Draft, type MeterView, type ReadHalfHour } from "../../host/gbcs/meter-view.js";
import { type EsmeState, newLive, newState } from "../../host/ledger/state/state.js";

/** All of a log. */
export const ALL: Range = { from: momentOf2000(0), to: momentOf2000(2 ** 32 - 1) };

/** A new meter but for these sections, that learns of answers or that a command sets, when 2015 begins. */
export function newDraft(learning = true, sections: Partial<EsmeState> = {}): Draft {
  const state = { ...newState(1), ...sections };
  return new Draft({ state, live: newLive(), at: momentOf2000(473_385_600) }, learning);
}

/** The meter that a draft describes. */
export function viewOf(draft: Draft): MeterView {
  const { base, registers } = draft;
  const register = (quantity: 0 | 1 | 2 | 3) => registers.get(quantity) ?? 0;
  const halves: ReadHalfHour[] = [...draft.halfHours].map(([end, one]) => ({
    end,
    wh: [one[0] ?? null, one[1] ?? null, one[2] ?? null, one[3] ?? null],
    flags: [],
    secondary_wh: one.secondary ?? null,
  }));
  return {
    at: draft.at ?? base.at,
    identity: "00db1234567890a0",
    state: { ...base.state, ...draft.touched() },
    live: { ...base.live, ...draft.touchedLive() },
    registers_wh: () => [register(0), register(1), register(2), register(3)],
    secondary_wh: () => registers.get("secondary") ?? null,
    halfHours: (from, to) => halves.filter(({ end }) => end >= from && end <= to).sort((a, b) => a.end - b.end),
  };
}
