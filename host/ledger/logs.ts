// Writing into the logs of what happened: one line for each log, so that a rule that writes says only when, which code and what else.

import { CODES } from "./codes.js";
import type { Command } from "./commands.js";
import { logged } from "./log.js";
import { EVENT_LOG_DEPTH, type EventEntry } from "./state/housekeeping.js";
import type { EsmeState } from "./state/state.js";
import type { Utc_ms } from "./units.js";

/** The longest text that an entry keeps, characters. */
const LONGEST_TEXT = 200;

/** `state` with an entry in its power event log (SMETS 5.7.5.25). `other`: a whole number that the code explains, 0 where it has none. */
export function power(state: EsmeState, at: Utc_ms, code: number, other: number): EsmeState {
  const entry = { timestamp: at, logCode: code, otherInformation: other };
  return { ...state, powerEventLog: logged(state.powerEventLog, entry, EVENT_LOG_DEPTH) };
}

/** `state` with an entry in its event log; a text beyond 200 characters is cut. `other`: octets in hexadecimal that the code explains. */
export function event(state: EsmeState, at: Utc_ms, code: number, text: string, other = ""): EsmeState {
  return { ...state, eventLog: logged(state.eventLog, entryOf(at, code, text, other), EVENT_LOG_DEPTH) };
}

/** `state` with an entry in its security log, likewise. */
export function security(state: EsmeState, at: Utc_ms, code: number, text: string, other = ""): EsmeState {
  return { ...state, securityLog: logged(state.securityLog, entryOf(at, code, text, other), EVENT_LOG_DEPTH) };
}

/** What stands beside a command's code: the code of the message that brought it (the event log of the reference messages). */
export function messageCodeOf({ message }: Command): string {
  return message === undefined ? "" : message.messageCode.toString(16).padStart(4, "0");
}

/** A command was obeyed. What touches energy, money, time or supply is written into the security log, the rest into the event log, and
 * there, with its code, whatever a message brought (read off the reference messages). */
export function actioned(state: EsmeState, command: Command, text: string, touches: "security" | "event"): EsmeState {
  const { code } = CODES.commandActioned;
  if (command.message !== undefined) return event(state, command.at, code, text, messageCodeOf(command));
  return touches === "security" ? security(state, command.at, code, text) : event(state, command.at, code, text);
}

function entryOf(at: Utc_ms, code: number, text: string, other: string): EventEntry {
  return { timestamp: at, logCode: code, otherInformation: other, text: text.slice(0, LONGEST_TEXT) };
}
