// Writing into the logs of what happened: one line for each log, so that a rule that writes says only when, which code and what else.

import { logged } from "./log.js";
import { EVENT_LOG_DEPTH } from "./state/housekeeping.js";
import type { EsmeState } from "./state/state.js";
import type { Utc_ms } from "./units.js";

/** The longest text that an entry keeps, characters. */
const LONGEST_TEXT = 200;

/** `state` with an entry in its power event log (SMETS 5.7.5.25). `other`: a whole number that the code explains, 0 where it has none. */
export function power(state: EsmeState, at: Utc_ms, code: number, other: number): EsmeState {
  const entry = { timestamp: at, logCode: code, otherInformation: other };
  return { ...state, powerEventLog: logged(state.powerEventLog, entry, EVENT_LOG_DEPTH) };
}

/** `state` with an entry in its event log; a text beyond 200 characters is cut. */
export function event(state: EsmeState, at: Utc_ms, code: number, text: string): EsmeState {
  const entry = { timestamp: at, logCode: code, otherInformation: text.slice(0, LONGEST_TEXT) };
  return { ...state, eventLog: logged(state.eventLog, entry, EVENT_LOG_DEPTH) };
}

/** `state` with an entry in its security log; a text beyond 200 characters is cut. */
export function security(state: EsmeState, at: Utc_ms, code: number, text: string): EsmeState {
  const entry = { timestamp: at, logCode: code, otherInformation: text.slice(0, LONGEST_TEXT) };
  return { ...state, securityLog: logged(state.securityLog, entry, EVENT_LOG_DEPTH) };
}
