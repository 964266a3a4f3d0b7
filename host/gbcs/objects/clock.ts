// The clock (class 8), as ECS70 sets it: a window for the master's time, the order to follow it, and what the clock then shows.
//
//   A9 clock_base 5, M5 the window, M4 adjust 0, A2 the time, A4 its status
//
// The ledger has one command for M5 and M4 together (set-clock), and a window that waits for a hub's time is in its state. It is given
// with M5: M4, which GBCS never sends alone, has then nothing left to do.

import type { Deed } from "../../ledger/commands.js";
import { type Data, enumeration, i8 } from "../../wire/dlms/data.js";
import { fields, fixed, MOMENT, U8, words } from "../codecs.js";
import type { Item } from "../item.js";
import type { Draft } from "../meter-view.js";
import { attribute, constant, value } from "../rows.js";

const OBIS = "0-0:1.0.0.255";
/** 0 is read off the reference messages; the others are the bits "invalid value" and "doubtful value" of the Blue Book (4.1.6.1):
 * inferred. */
const STATUS = words(U8, { reliable: 0, invalid: 1, unreliable: 2 });
const WINDOW = fields({ presetTime: MOMENT, timeRangeStart: MOMENT, timeRangeEnd: MOMENT });
const ADJUST = fixed(i8(0));

export const CLOCK: readonly Item[] = [
  {
    ...attribute("Time.value", 8, OBIS, 2),
    get: ({ at }) => MOMENT.to(at),
    put: (draft, data) => {
      const at = MOMENT.from(data) ?? null;
      if (at !== null) draft.at = at;
      return at !== null;
    },
  },
  value(attribute("Time.status", 8, OBIS, 4), ["time", "status"], STATUS),
  { ...constant(attribute("Time.clockBase", 8, OBIS, 9), fixed(enumeration(5))), settable: true },
  { name: "Time.setValidTimeRange", class: 8, obis: OBIS, method: 5, act: setClock, learn: learnClock },
  {
    name: "Time.setTime",
    class: 8,
    obis: OBIS,
    method: 4,
    act: (_draft, data) => (ADJUST.from(data) === null ? [] : null),
  },
];

/** The time to be set is "not specified" in GBCS: the master has it. */
function setClock(_draft: Draft, data: Data): readonly Deed[] | null {
  const { presetTime, timeRangeStart, timeRangeEnd } = WINDOW.from(data) ?? NO_WINDOW;
  if (timeRangeStart === null || timeRangeEnd === null) return null;
  return [{ kind: "set-clock", presetTime: presetTime ?? timeRangeStart, timeRangeStart, timeRangeEnd }];
}

/** Only a clock whose master's time lay in the window was set. What the clock shows afterwards says more. */
function learnClock(draft: Draft, data: Data): void {
  const { timeRangeStart: start, timeRangeEnd: end } = WINDOW.from(data) ?? NO_WINDOW;
  if (start === null || end === null) return;
  const isWithin = draft.at !== null && draft.at >= start && draft.at <= end;
  if (!isWithin) draft.at = start;
}

const NO_WINDOW = { presetTime: null, timeRangeStart: null, timeRangeEnd: null };
