// What a board says of the mains, as the ESME's measurement of its supply.

import type { Supply } from "../ledger/events.js";
import type { Utc_ms } from "../ledger/units.js";
import type { Power } from "../ports/source.js";
import type { Feed } from "./gathering.js";

/** Beyond 1,000 V it is a fault of the board, and no voltage. */
const MOST_dv = 10_000;

/** A clamp board measures one voltage, that of phase 1, a polyphase meter all of them; what is not measured is null, not zero. A board that
 * has one of several phases knows its voltage, and not what all of them draw; `phases` are the boards that have told lately, by their
 * phase, its own among them. */
export function supplyOf(feed: Feed, power: Power, at: Utc_ms, phases: ReadonlyMap<number, Power>): Supply {
  if (feed.phase !== undefined) {
    const ofPhase = (phase: number) => voltageOf(phases.get(phase));
    return { kind: "supply", at, voltages_dv: [ofPhase(0), ofPhase(1), ofPhase(2)], import_w: null, primary_w: null };
  }
  const secondary = feed.secondary === undefined ? 0 : importOf(power, feed.secondary);
  const primary_w = importOf(power, feed.channel);
  const { phases_mv } = power;
  return {
    kind: "supply",
    at,
    voltages_dv:
      phases_mv === undefined
        ? [voltageOf(power), null, null]
        : [decivolts(phases_mv[0]), decivolts(phases_mv[1]), decivolts(phases_mv[2])],
    import_w: primary_w === null || secondary === null ? null : primary_w + secondary,
    primary_w,
  };
}

function voltageOf(power: Power | undefined): number | null {
  return decivolts(power?.voltage_mv);
}

function decivolts(mv: number | null | undefined): number | null {
  if (mv == null) return null;
  const dv = Math.round(mv / 100);
  return dv > MOST_dv ? null : dv;
}

/** W of import, 0 while it exports; null where the board does not say. */
function importOf(power: Power, channel: number): number | null {
  const measured = power.channels[channel - 1];
  return measured?.active_mw == null ? null : Math.max(0, Math.round(measured.active_mw / 1_000));
}
