// Commands, obeyed whole or refused whole: a refused one gives the very same ESME, with the place and the rule that it breaks (only a
// set-clock whose master lies outside the window leaves a line in the event log, 0x81C6). What changes something is written down: what
// touches energy, money, time or supply in the security log, the rest in the event log.

import { markOf, nextBoundary } from "./boundaries.js";
import { CODES } from "./codes.js";
import { type Command, type Deed, RESETS, type Settings } from "./commands.js";
import { accepted, faultOfCounter, originated, plannedBy } from "./communications.js";
import type { Esme, EsmeTurn } from "./esme.js";
import type { Notice } from "./events.js";
import { type Ledger, registers_wh, sinceMark_wh } from "./ledger.js";
import { cleared } from "./log.js";
import { actioned, messageCodeOf, security } from "./logs.js";
import { done, refused } from "./obeyed.js";
import { activatePlanned, isBilled, isTariff, tariffLogged } from "./planned.js";
import { type Four, four } from "./quantities.js";
import { rebaseRecords } from "./records/begin.js";
import { resetDemand } from "./records/demand.js";
import { ruledAnew } from "./ruled.js";
import { faultOfSettings } from "./rules.js";
import { PREPAYMENT_SETTABLE } from "./state/prepayment.js";
import type { EsmeState, Section } from "./state/state.js";
import { resetVoltageCounter } from "./supply/average.js";
import { resetLoadLimitCounter, setSupply } from "./supply/limit.js";
import {
  rebaseTariff,
  resetBlockCounters,
  settleTariff,
  switchTariff,
  withRandomisedOffset,
} from "./tariff/account.js";
import { setClock, setMaster } from "./time/master.js";
import { shownRegisters } from "./time/unplaced.js";
import { MICRO, MicroWattHours, modulo, REGISTER_SPAN_uwh, REGISTER_SPAN_wh, type Utc_ms, wholeWh } from "./units.js";

type DeedOf<K extends Deed["kind"]> = Extract<Deed, { kind: K }>;

/** Beside the tariff: who sets these sets what is measured, what is billed, what is owed or who is supplied. */
const SECURITY_SECTIONS: readonly Section[] = [
  "meterVariant",
  "meterPointAdministrationNumber",
  "netting",
  "randomisedOffsetLimit",
  "supplyTamperState",
  ...PREPAYMENT_SETTABLE,
];
const VOLTAGE_COUNTERS = ["averageRMSOverVoltageCounter", "averageRMSUnderVoltageCounter"] as const;

export function obey(esme: Esme, command: Command): EsmeTurn {
  const { deed } = command;
  switch (deed.kind) {
    case "set-registers":
      return setRegisters(esme, command, deed);
    case "set":
      return setSections(esme, command, deed.sections);
    case "set-clock":
      return setClock(esme, command, deed);
    case "clock-master":
      return setMaster(esme, command, deed.master);
    case "supply":
      return supply(esme, command, deed.to);
    case "reset":
      return reset(esme, command, deed);
    case "clear-event-log": {
      const next = { ...esme.state, eventLog: cleared(esme.state.eventLog) };
      return logCleared({ ...esme, state: next }, command, "the event log was cleared");
    }
    case "clear-auxiliary-controller-event-log": {
      const { auxiliaryControllerEventLog: log } = esme.state;
      const next = { ...esme.state, auxiliaryControllerEventLog: cleared(log) };
      return logCleared({ ...esme, state: next }, command, "the auxiliary controller event log was cleared");
    }
    case "accepted": {
      const fault = faultOfCounter(esme.state, deed.party, deed.counter);
      if (fault !== null) return refused(esme, fault.code, fault.reason);
      return done({ ...esme, state: accepted(esme.state, deed) });
    }
    case "originated":
      return originatedNext(esme);
    case "message-refused":
      return messageRefused(esme, command, deed);
    default:
      return refused(esme, "deed", "command.deed: this is nothing that somebody may ask of the meter");
  }
}

function originatedNext(esme: Esme): EsmeTurn {
  const state = originated(esme.state);
  if (state === null) return refused(esme, "counter", "originated: the meter has used the last of its counters");
  return done({ ...esme, state });
}

function logCleared(esme: Esme, command: Command, what: string): EsmeTurn {
  const { at, by } = command;
  const text = `${by}: ${what}`;
  return done({ ...esme, state: security(esme.state, at, CODES.eventLogCleared.code, text, messageCodeOf(command)) });
}

function messageRefused(esme: Esme, command: Command, { code, text }: DeedOf<"message-refused">): EsmeTurn {
  if (!Number.isInteger(code) || code < 0 || code > 0xffff || typeof text !== "string")
    return refused(esme, "message-refused", "message-refused.code: a code has 16 bits, and a text beside it");
  const line = `${command.by}: ${text}`;
  return done({ ...esme, state: security(esme.state, command.at, code, line, messageCodeOf(command)) });
}

/** The registers that are shown read so many whole Wh from now on. The difference is no energy that flowed: it joins the unallocated
 * account, modulo 2^32 Wh, and the open half hour keeps what it has. */
function setRegisters(esme: Esme, command: Command, { import_wh, export_wh }: DeedOf<"set-registers">): EsmeTurn {
  const { at, by } = command;
  for (const [name, wh] of Object.entries({ import_wh, export_wh }))
    if (!Number.isSafeInteger(wh) || wh < 0 || wh >= REGISTER_SPAN_wh)
      return refused(esme, "register-range", `set-registers.${name}: a register holds whole Wh from 0 to 4294967295`);
  const shown = shownRegisters(esme);
  const set = (q: 0 | 1, wh: number) => MicroWattHours(modulo(wh * MICRO - shown.held_uwh[q], REGISTER_SPAN_uwh));
  const { ledger } = esme;
  const cumulative = [set(0, import_wh), set(1, export_wh), ledger.cumulative[2], ledger.cumulative[3]] as const;
  if (cumulative.every((energy, q) => energy === ledger.cumulative[q])) return done(esme);

  const moment = ledger.last?.at ?? at;
  const before = markOf(esme, moment);
  const after: Esme = { ...esme, ledger: withRegisters(ledger, cumulative) };
  const mark = markOf(after, moment);
  let state = settleTariff(esme.state, before);
  state = rebaseRecords(rebaseTariff(state, mark), before, mark);
  const was = shown.registers_wh;
  const text = `${by}: registers set, import ${was[0]} to ${import_wh} Wh, export ${was[1]} to ${export_wh} Wh`;
  return done({ ...after, state: actioned(state, command, text, "security") });
}

function withRegisters(ledger: Ledger, cumulative: Four<MicroWattHours>): Ledger {
  const { open } = ledger;
  const was = registers_wh(ledger);
  const now = four((q) => wholeWh(cumulative[q]));
  const marks = open && four((q) => modulo(now[q] - sinceMark_wh(ledger, open.mark_wh, q), REGISTER_SPAN_wh));
  return {
    ...ledger,
    cumulative,
    open: open && marks && { ...open, mark_wh: marks },
    unallocated_wh: four((q) => modulo(ledger.unallocated_wh[q] + now[q] - was[q], REGISTER_SPAN_wh)),
  };
}

/** Energy before the change goes to the tariff that held. What is set for a moment that has passed takes effect at once, and nothing is
 * told of it but the command; what was planned before for such a moment is told as ever. */
function setSections(esme: Esme, command: Command, settings: Settings): EsmeTurn {
  const { at, message } = command;
  const { state, ledger } = esme;
  const fault = faultOfSettings(state, settings);
  if (fault !== null) return refused(esme, "setting", `${fault.place}: ${fault.rule}`);
  // A message plans anew what another planned, also where both plan the same.
  const names = (Object.keys(settings) as (keyof Settings)[]).filter(
    (name) => message !== undefined || JSON.stringify(settings[name]) !== JSON.stringify(state[name]),
  );
  if (names.length === 0) return done(esme);

  const notices: Notice[] = [];
  const mark = markOf(esme, at);
  const replaced: EsmeState = { ...settleTariff(state, mark), ...settings };
  const displaced = names.includes("randomisedOffsetLimit") ? withRandomisedOffset(replaced) : replaced;
  const set = plannedBy(displaced, names, at, message ?? null);
  let next = activatePlanned(set, mark, notices, names);
  if (names.some((name) => isBilled(name) && changesNow(state, set, name)) && !billed(set, next))
    next = tariffLogged(next, mark);
  const booked = ledger.last?.at ?? at;
  next = setLogged(switchTariff(next, booked), command, names);
  const until = ledger.last === null ? esme.until : nextBoundary(next, booked);
  const ruled = ruledAnew(esme, state.netting.rule, next.netting.rule);
  return { esme: { ...ruled, state: next, until }, notices, disobeyed: null };
}

function setLogged(state: EsmeState, command: Command, names: readonly Section[]): EsmeState {
  const { by } = command;
  const securely = names.filter((name) => isTariff(name) || SECURITY_SECTIONS.includes(name));
  const openly = names.filter((name) => !securely.includes(name));
  const told = (some: readonly Section[]) => `${by}: set ${some.join(", ")}`;
  let next = state;
  if (securely.length > 0) next = actioned(next, command, told(securely), "security");
  if (openly.length > 0) next = actioned(next, command, told(openly), "event");
  return next;
}

/** Another value holds at once, and not only another plan. */
function changesNow(before: EsmeState, after: EsmeState, name: Section): boolean {
  const current = (state: EsmeState) => JSON.stringify((state[name] as { valueCurrent?: unknown }).valueCurrent);
  return current(before) !== current(after);
}

function billed(before: EsmeState, after: EsmeState): boolean {
  const written = (state: EsmeState) => state.billingDataLogSetPaymentModeOrTariffTriggeredExcExport.written;
  return written(after) > written(before);
}

function supply(esme: Esme, command: Command, to: DeedOf<"supply">["to"]): EsmeTurn {
  const { at, by } = command;
  if (!["enable", "disable", "arm"].includes(to))
    return refused(esme, "supply", "supply.to: a supply is enabled, disabled or armed");
  const was = esme.state.supplyState.value;
  if (to === "arm" && was === "enabled")
    return refused(esme, "supply-arm", "supply.to: only a disabled supply can be armed");
  const notices: Notice[] = [];
  const state = setSupply(esme.state, at, to, notices);
  if (state === esme.state) return done(esme);
  const text = `${by}: supply ${was} to ${state.supplyState.value}`;
  const logged = actioned(state, command, text, "security");
  return { ...done({ ...esme, state: logged }), notices };
}

function reset(esme: Esme, command: Command, { what, phase }: DeedOf<"reset">): EsmeTurn {
  const { at, by } = command;
  const ofVoltage = VOLTAGE_COUNTERS.find((one) => one === what);
  if (!RESETS.includes(what)) return refused(esme, "reset", `reset.what: ${what} is none of ${RESETS.join(", ")}`);
  if (phase !== undefined && (ofVoltage === undefined || ![1, 2, 3].includes(phase)))
    return refused(esme, "reset", "reset.phase: the voltage counters have phases 1, 2 and 3, the others have none");
  const state = afterReset(esme, at, what, phase ?? null);
  const text = `${by}: reset ${what}${phase === undefined ? "" : ` of phase ${phase}`}`;
  return done({ ...esme, state: actioned(state, command, text, "event") });
}

function afterReset(esme: Esme, at: Utc_ms, what: DeedOf<"reset">["what"], phase: 1 | 2 | 3 | null): EsmeState {
  switch (what) {
    case "maximumDemandActivePowerImportValue":
    case "maximumDemandConfigurableTimeActivePowerImportValue":
    case "maximumDemandActivePowerExportValue":
      return resetDemand(esme.state, what, at);
    case "tariffBlockCounterMatrix":
      return resetBlockCounters(esme.state, markOf(esme, at));
    case "averageRMSOverVoltageCounter":
    case "averageRMSUnderVoltageCounter":
      return resetVoltageCounter(esme.state, what, phase);
    case "loadLimitCounter":
      return resetLoadLimitCounter(esme.state);
  }
}
