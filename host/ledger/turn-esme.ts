// The one way an ESME changes: `turnEsme(esme, event)` gives the next ESME and what there is to tell of it.
//
//   reading --turn--> ledger: registers, half hours      every moment at which something else looks at the registers
//                 \-- boundaries passed on the way ----> (half-hour end, tariff switch, midnight, billing, activation)
//   supply  ----------------------------------------->  live: averages, sags, limits in progress
//   command ----------------------------------------->  state: settings; refused whole where it breaks a rule
//   clock, master, judged --------------------------->  the clock's status; under an Invalid one no half hour is booked
//   unplaced --held until--> placed ----------------->  readings
//
// Between two boundaries a reading costs one comparison more than the ledger's own turn.

import { begun, crossed } from "./boundaries.js";
import { type Beside, type Esme, type EsmeTurn, newEsme } from "./esme.js";
import type { Count, EsmeEvent, Notice, Reading, Supply, Tick } from "./events.js";
import { type Ledger, newLedger } from "./ledger.js";
import { obey } from "./obey.js";
import type { EsmeLive } from "./state/state.js";
import { turnSupply } from "./supply/supply.js";
import { onJudged, onMasterTime } from "./time/master.js";
import { alongside, stepped } from "./time/step.js";
import { abandon, hold, place } from "./time/unplaced.js";
import { turn } from "./turn.js";

/** An ESME around a ledger that has metered without one: everything else begins at its last reading. */
export function esmeAround(randomisedOffsetNumber: number, ledger: Ledger): Esme {
  const esme = { ...newEsme(randomisedOffsetNumber, ledger.config), ledger };
  return ledger.last === null ? esme : begun(esme, ledger.last.at);
}

export function turnEsme(esme: Esme, event: EsmeEvent): EsmeTurn {
  switch (event.kind) {
    case "reading":
      return onReading(esme, event);
    case "supply":
      return onSupply(esme, event);
    case "tick":
      return onTick(esme, event);
    case "clock":
      return stepped(esme, event);
    case "command":
      return obey(esme, event);
    case "unplaced":
      return quiet(hold(esme, event));
    case "placed":
      return place(esme, event, booked);
    case "judged":
      return onJudged(esme, event);
    case "master":
      return onMasterTime(esme, event);
  }
}

function onReading(esme: Esme, reading: Reading): EsmeTurn {
  const { time, unplacedReadings: held } = esme.state;
  // Its producer had not heard yet that its time is worth nothing; the counters of the next reading hold the energy too.
  if (time.status === "invalid")
    return quiet({ ...esme, state: { ...esme.state, unplacedReadings: { ...held, refused: held.refused + 1 } } });
  if (held.boots.length === 0) return booked(esme, reading);
  const rid = abandon(esme, reading.at, booked);
  const turned = booked(rid.esme, reading);
  return { ...turned, notices: [...rid.notices, ...turned.notices] };
}

function booked(esme: Esme, reading: Reading): EsmeTurn {
  const { ledger, notices } = turn(esme.ledger, reading);
  const beside = reading.beside === undefined ? esme.beside : besideTurned(esme, reading, reading.beside);
  const next = { ledger, beside, state: esme.state, live: esme.live, until: esme.until };
  const { last } = ledger;
  if (last === null || last.at < esme.until || last === esme.ledger.last)
    return { esme: next, notices, disobeyed: null };
  const more = [...notices];
  return { esme: crossed(esme, next, more), notices: more, disobeyed: null };
}

/** Each count goes on in the ledger of its name: where it stands with nearly every reading, at the same place. */
function besideTurned(esme: Esme, reading: Reading, counts: readonly Count[]): readonly Beside[] {
  const { at, device, boot, span } = reading;
  const turned: Beside[] = [];
  for (const { name, counters, base } of counts) {
    const there = esme.beside[turned.length];
    const same = there?.name === name ? there : esme.beside.find((one) => one.name === name);
    const before = same === undefined ? newLedger(esme.ledger.config) : same.ledger;
    const { ledger } = turn(before, { kind: "reading", at, counters, device, boot, base, span });
    turned.push({ name, ledger });
  }
  // What a reading does not name stays as it is: to begin it anew would look as if its registers had wrapped.
  if (turned.length < esme.beside.length)
    for (const one of esme.beside) if (!turned.some(({ name }) => name === one.name)) turned.push(one);
  return turned;
}

function onSupply(esme: Esme, supply: Supply): EsmeTurn {
  if (esme.state.time.status === "invalid") return quiet({ ...esme, live: shownOnly(esme.live, supply) });
  const notices: Notice[] = [];
  const { state, live } = turnSupply(esme.state, esme.live, supply, notices);
  const { ledger, beside, until } = esme;
  return { esme: { ledger, beside, state, live, until }, notices, disobeyed: null };
}

/** Under an Invalid clock a measurement is shown; how long anything lasts is not known. */
function shownOnly(live: EsmeLive, { import_w, primary_w, voltages_dv }: Supply): EsmeLive {
  const { at } = live.powerImportCollection;
  const shown = { at, activePowerImport: import_w, primaryActivePowerImport: primary_w, voltages: voltages_dv };
  return { ...live, powerImportCollection: shown };
}

function onTick(esme: Esme, tick: Tick): EsmeTurn {
  if (esme.state.time.status === "invalid") return quiet(esme);
  const { ledger, notices } = turn(esme.ledger, tick);
  if (ledger === esme.ledger) return quiet(esme);
  return { esme: { ...esme, ledger, beside: alongside(esme, tick) }, notices, disobeyed: null };
}

function quiet(esme: Esme): EsmeTurn {
  return { esme, notices: [], disobeyed: null };
}
