// What a line of a replay file does: to a plain ledger, or to the grid's meter with all that a line may tell. Pure: the next account and
// its notices, or what is wrong.

import type { Command } from "../../ledger/commands.js";
import type { Esme, EsmeTurn } from "../../ledger/esme.js";
import type { EsmeEvent, Notice, Reading, Supply } from "../../ledger/events.js";
import type { Ledger } from "../../ledger/ledger.js";
import { type Counted, chosen, countsOf, type NettingRule, netOver } from "../../ledger/netting.js";
import type { Counters } from "../../ledger/quantities.js";
import { turn } from "../../ledger/turn.js";
import { turnEsme } from "../../ledger/turn-esme.js";
import { cumulativeFromWh, Utc_ms } from "../../ledger/units.js";
import { replayed } from "./lines.js";
import { type Measured, phaseCounters, type Told } from "./told.js";

/** What the file is booked to: the grid's meter, or a ledger that is nothing more. */
export type Account =
  | { readonly esme: Esme; readonly ledger: Ledger }
  | { readonly esme: null; readonly ledger: Ledger };

export interface Taken {
  readonly account: Account;
  readonly notices: readonly Notice[];
  /** Why a command was not obeyed; the account may have logged it. */
  readonly refused?: string;
}

/** 230 V, in tenths: what a supply is said to have had where a file tells outages and no voltages. */
const NOMINAL_dv = 2_300;
const NOTHING: readonly Notice[] = [];

export function takeReading(account: Account, reading: Reading): Taken | string {
  if (account.esme === null) {
    const { ledger, notices } = turn(account.ledger, reading);
    return { account: { esme: null, ledger }, notices };
  }
  if (account.esme.beside.length > 0) return incomplete(account.esme);
  return turned(turnEsme(account.esme, reading));
}

export function take(account: Account, told: Told): Taken | string {
  if (told.kind === "reading") return takeReading(account, told);
  const { esme } = account;
  if (esme === null) return "only the grid is a meter: this ledger takes plain counters";
  switch (told.kind) {
    case "measured":
      return measured(esme, told);
    case "clock-set":
      return turned(turnEsme(esme, { kind: "clock", at: told.to, was: told.at }));
    case "outage":
      return all(esme, outage(esme, told.at, told.supply === "interrupted", told.voltages_dv));
    case "command":
      return commanded(esme, told);
  }
}

/** A meter that has counted phases or a secondary element needs them in each line: the counts beside the registers go on together. */
function incomplete(esme: Esme): string {
  const secondary = esme.beside.some((one) => one.name === "secondary");
  return `this meter has counted ${secondary ? "a secondary element" : "phases"}: a line without is not booked`;
}

function measured(esme: Esme, line: Measured): Taken | string {
  const counted = line.phases !== null ? polyphase(esme, line) : line.secondary !== null ? twin(line) : line.reading;
  const described = line.phases !== null || line.secondary !== null ? variantOf(esme, line) : [];
  if (counted !== null && counted.beside === undefined && esme.beside.length > 0) return incomplete(esme);
  return all(esme, [
    ...described,
    ...(counted === null ? [] : [counted]),
    ...(line.supply === null ? [] : [line.supply]),
  ]);
}

/** The three counts at once; without a sum of the board's own the phases are netted from reading to reading. */
function polyphase(esme: Esme, { at, reading, phases, reactive }: Measured): Reading | null {
  if (phases === null) return null;
  const each = phaseCounters(phases, reactive).map((counters): Counted => ({ counters, base: null }));
  const { rule } = esme.state.netting;
  const now = countsOf(each, { counters: NONE, base: null })["per-phase"].counters;
  const [net, perPhase] = [lastOf(esme, rule, "net"), lastOf(esme, rule, "per-phase")];
  const before = net === null || perPhase === null ? null : { net, perPhase };
  const summed = reading === null ? netOver(before, now, null) : reading.counters;
  return { ...replayed(at, NONE), ...chosen(countsOf(each, { counters: summed, base: null }), rule) };
}

/** The counters of the last reading that the ledger of a rule has booked. */
function lastOf(esme: Esme, fed: NettingRule, rule: NettingRule): Counters | null {
  const ledger = rule === fed ? esme.ledger : esme.beside.find((one) => one.name === rule)?.ledger;
  return esme.beside.length === 0 ? null : (ledger?.last?.counters ?? null);
}

function twin({ reading, secondary }: Measured): Reading | null {
  if (reading === null || secondary === null) return reading;
  const counters: Counters = [secondary, NONE[0], null, null];
  return { ...reading, beside: [{ name: "secondary", counters, base: null }] };
}

/** What the meter is said to be, where the lines show that it is something else: its variant, and over what phases are netted. */
function variantOf(esme: Esme, { at, reading, phases }: Measured): readonly Command[] {
  const { meterVariant, netting } = esme.state;
  const value = phases !== null ? "C" : "B";
  const window = phases !== null && reading === null ? "report-interval" : "board";
  if (meterVariant.value === value && netting.window === window) return [];
  const sections = { meterVariant: { value }, netting: { rule: netting.rule, window } } as const;
  return [{ kind: "command", at, by: "replay", deed: { kind: "set", sections } }];
}

/** An outage as the meter sees it: every phase that had voltage has none, and later has it again. */
function outage(esme: Esme, at: Utc_ms, interrupted: boolean, told: Supply["voltages_dv"] | null): readonly Supply[] {
  const { present } = esme.live.supplyAccount;
  const supply = (moment: number, voltages_dv: Supply["voltages_dv"]): Supply => ({
    kind: "supply",
    at: Utc_ms(moment),
    voltages_dv,
    import_w: interrupted ? 0 : null,
    primary_w: interrupted ? 0 : null,
  });
  const known = present.includes(true);
  const each = (value: number) =>
    (known ? present.map((has) => (has ? value : null)) : [value, null, null]) as unknown as Supply["voltages_dv"];
  const then = supply(at, told ?? each(interrupted ? 0 : NOMINAL_dv));
  return known || !interrupted
    ? [then]
    : [{ ...supply(at - 1, each(NOMINAL_dv)), import_w: null, primary_w: null }, then];
}

function commanded(esme: Esme, command: Command): Taken {
  const done = turnEsme(esme, command);
  const { disobeyed } = done;
  const refused =
    disobeyed === null ? {} : { refused: `the command was refused: ${disobeyed.reason} [${disobeyed.code}]` };
  return { ...turned(done), ...refused };
}

function all(esme: Esme, events: readonly EsmeEvent[]): Taken {
  let now = esme;
  let notices = NOTHING;
  for (const event of events) {
    const next = turnEsme(now, event);
    now = next.esme;
    if (next.notices.length > 0) notices = [...notices, ...next.notices];
  }
  return { account: { esme: now, ledger: now.ledger }, notices };
}

function turned({ esme, notices }: EsmeTurn): Taken {
  return { account: { esme, ledger: esme.ledger }, notices };
}

const NONE: Counters = [cumulativeFromWh(0), cumulativeFromWh(0), null, null];
