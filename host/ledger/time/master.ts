// One master's time, and what the meter does about a difference (facts 13).
//
//   difference         without a command                         with a set-clock window that holds the master's time
//   below 1 s          nothing: the logs know seconds            nothing to move; Reliable
//   to 10 s            adjusted, 0x8145                          adjusted, 0x8145; Reliable
//   beyond             not adjusted, alert 0x8F0C; Unreliable    set; Reliable
//   outside a window   not adjusted, 0x81C6, and 0x8F0C where the adjustment needed is greater than 10 s
//
// An Invalid clock has nothing to keep: it takes its master's time whatever the difference. That is our own choice.

import { CODES } from "../codes.js";
import type { Command, Deed, Disobeyed } from "../commands.js";
import type { Esme, EsmeTurn } from "../esme.js";
import type { Judged, MasterTime, Notice } from "../events.js";
import { actioned, event } from "../logs.js";
import { CLOCK_MASTERS } from "../names.js";
import { refused } from "../obeyed.js";
import type { EsmeState } from "../state/state.js";
import { isMoment } from "../state/words.js";
import { rfc3339, type Utc_ms } from "../units.js";
import { TOLERANCE_ms } from "./judge.js";
import { moveClock, OUR_CODES } from "./step.js";

type SetClock = Extract<Deed, { kind: "set-clock" }>;
type Time = EsmeState["time"];

/** A difference below this cannot be told in whole seconds. */
const LEAST_ms = 1_000;

export function onMasterTime(esme: Esme, { at, says }: MasterTime): EsmeTurn {
  const { time } = esme.state;
  if (time.validTimeRange !== null) return { ...byWindow(esme, at, says, time.validTimeRange), disobeyed: null };
  const by_ms = says - at;
  if (time.status === "invalid" || Math.abs(by_ms) <= TOLERANCE_ms) {
    const followed = follow(esme, at, says);
    if (time.masterAwaySince === null) return { ...followed, disobeyed: null };
    return { ...followed, esme: withTime(followed.esme, { masterAwaySince: null }), disobeyed: null };
  }
  if (time.masterAwaySince !== null) return { esme, notices: [], disobeyed: null };
  const notices: Notice[] = [];
  const told = tooFar(esme, at, by_ms, notices);
  return { esme: withTime(told, { status: "unreliable", masterAwaySince: at }), notices, disobeyed: null };
}

export function onJudged(esme: Esme, { at, status, why }: Judged): EsmeTurn {
  const { time } = esme.state;
  if (status === time.status) return { esme, notices: [], disobeyed: null };
  const state = event(esme.state, at, OUR_CODES.clockStatus, `${time.status} to ${status}: ${why}`);
  return { esme: withTime({ ...esme, state }, { status }), notices: [], disobeyed: null };
}

/** The command of that name: at once where the master's time is known, with its next word otherwise. */
export function setClock(esme: Esme, command: Command, deed: SetClock): EsmeTurn {
  const { at, by } = command;
  const { presetTime, timeRangeStart, timeRangeEnd, masterTime } = deed;
  const window = { presetTime, timeRangeStart, timeRangeEnd };
  const { time } = esme.state;
  if (![presetTime, timeRangeStart, timeRangeEnd, masterTime ?? at].every(isMoment))
    return refused(esme, "clock-window", "set-clock: a moment is of the years 0 to 9999");
  if (timeRangeStart > timeRangeEnd)
    return refused(esme, "clock-window", "set-clock.timeRangeEnd: a window ends no earlier than it begins");
  const says = masterTime ?? (time.master === "system" ? at : null);
  const text = `${by}: the clock shall be set between ${rfc3339(timeRangeStart)} and ${rfc3339(timeRangeEnd)}`;
  if (says === null) {
    const state = actioned(esme.state, command, text, "security");
    return { esme: withTime({ ...esme, state }, { validTimeRange: window }), notices: [], disobeyed: null };
  }
  const done = byWindow(esme, at, says, window);
  if (done.disobeyed !== null) return done;
  const line = `${text}; it read ${rfc3339(at)}`;
  const state = actioned(done.esme.state, { ...command, at: says }, line, "security");
  return { ...done, esme: { ...done.esme, state } };
}

export function setMaster(esme: Esme, command: Command, master: Time["master"]): EsmeTurn {
  const { by } = command;
  const { time } = esme.state;
  if (!CLOCK_MASTERS.includes(master))
    return refused(esme, "clock-master", `clock-master.master: it is none of ${CLOCK_MASTERS.join(", ")}`);
  if (master === time.master) return { esme, notices: [], disobeyed: null };
  const text = `${by}: master ${time.master} to ${master}`;
  const state = actioned(esme.state, command, text, "security");
  const status = time.status === "invalid" ? "invalid" : "unreliable";
  const next: Partial<Time> = { master, status, masterAwaySince: null, validTimeRange: null };
  return { esme: withTime({ ...esme, state }, next), notices: [], disobeyed: null };
}

/** The window is used up, whether or not it held the master's time. */
function byWindow(esme: Esme, at: Utc_ms, says: Utc_ms, window: NonNullable<Time["validTimeRange"]>): EsmeTurn {
  const by_ms = says - at;
  if (says >= window.timeRangeStart && says <= window.timeRangeEnd) {
    const followed = follow(esme, at, says);
    const time = { status: "reliable", masterAwaySince: null, validTimeRange: null } as const;
    return { ...followed, esme: withTime(followed.esme, time), disobeyed: null };
  }
  const notices: Notice[] = [];
  const text = `not adjusted: the master's ${rfc3339(says)} lies outside the window`;
  let told: Esme = { ...esme, state: event(esme.state, at, CODES.clockNotAdjusted.code, text) };
  if (Math.abs(by_ms) > TOLERANCE_ms) told = tooFar(told, at, by_ms, notices);
  const disobeyed: Disobeyed = { code: "clock-outside-window", reason: `set-clock: ${text}` };
  return { esme: withTime(told, { validTimeRange: null }), notices, disobeyed };
}

/** The clock goes to what its master says. */
function follow(esme: Esme, at: Utc_ms, says: Utc_ms): Pick<EsmeTurn, "esme" | "notices" | "clockSet"> {
  const by_ms = says - at;
  if (Math.abs(by_ms) < LEAST_ms) return { esme, notices: [] };
  const step = { kind: "clock", at: says, was: at } as const;
  // Nothing was booked by an Invalid clock: there is nothing to move.
  const moved = esme.state.time.status === "invalid" ? { esme, notices: [] } : moveClock(esme, step);
  const adjusted = Math.abs(by_ms) <= TOLERANCE_ms;
  const text = adjusted ? `adjusted by ${by_ms} ms` : `set by ${by_ms} ms`;
  const state = event(moved.esme.state, says, adjusted ? CODES.clockAdjusted.code : OUR_CODES.clockStepped, text);
  return { esme: { ...moved.esme, state }, notices: moved.notices, clockSet: step };
}

function tooFar(esme: Esme, at: Utc_ms, by_ms: number, notices: Notice[]): Esme {
  const text = `clock not adjusted: its master is ${by_ms} ms away`;
  notices.push({ kind: "alert", at, code: CODES.clockNotAdjustedFar.code, text });
  return { ...esme, state: event(esme.state, at, CODES.clockNotAdjustedFar.code, text) };
}

function withTime(esme: Esme, time: Partial<Time>): Esme {
  return { ...esme, state: { ...esme.state, time: { ...esme.state.time, ...time } } };
}
