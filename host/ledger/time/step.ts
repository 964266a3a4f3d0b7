// The clock stepped: what it called one moment it calls another. Within 10 s that is an adjustment; beyond, the clock is Unreliable
// until it has been judged again, and the half hour says so.

import { resumed } from "../boundaries.js";
import { CODES } from "../codes.js";
import type { Beside, Esme, EsmeTurn } from "../esme.js";
import type { ClockStep, Notice, Tick } from "../events.js";
import { event } from "../logs.js";
import type { EsmeState } from "../state/state.js";
import { supplyClockSet } from "../supply/supply.js";
import { turn } from "../turn.js";
import { TOLERANCE_ms } from "./judge.js";

/** Codes of our own, below those of the specifications, for what no source gives a code. */
export const OUR_CODES = {
  /** The clock went by more than 10 s: its own master moved it, or a set-clock command did. */
  clockStepped: 0x0001,
  clockStatus: 0x0002,
  unplaced: 0x0003,
} as const;

/** A clock that its own master moved, which nobody can refuse any more. Under an Invalid clock nothing was booked by it: no step. */
export function stepped(esme: Esme, step: ClockStep): EsmeTurn {
  const by_ms = step.at - step.was;
  if (by_ms === 0 || esme.state.time.status === "invalid") return { esme, notices: [], disobeyed: null };
  const { esme: moved, notices } = moveClock(esme, step);
  if (Math.abs(by_ms) <= TOLERANCE_ms) {
    const state = event(moved.state, step.at, CODES.clockAdjusted.code, `adjusted by ${by_ms} ms`);
    return { esme: { ...moved, state }, notices, disobeyed: null };
  }
  const told = event(moved.state, step.at, OUR_CODES.clockStepped, `the clock was set by ${by_ms} ms`);
  const state: EsmeState = { ...told, time: { ...told.time, status: "unreliable" } };
  return { esme: { ...moved, state }, notices, disobeyed: null };
}

/** The ledgers and the books go on in the new time; nothing is written down. */
export function moveClock(esme: Esme, step: ClockStep): { readonly esme: Esme; readonly notices: Notice[] } {
  const { ledger, notices } = turn(esme.ledger, step);
  const more = [...notices];
  const next = resumed(esme, { ...esme, ledger, beside: alongside(esme, step) }, step, more);
  return { esme: { ...next, ...supplyClockSet(next.state, next.live, step) }, notices: more };
}

export function alongside(esme: Esme, event: Tick | ClockStep): readonly Beside[] {
  return esme.beside.map(({ name, ledger }) => ({ name, ledger: turn(ledger, event).ledger }));
}
