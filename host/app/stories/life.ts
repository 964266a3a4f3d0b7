// A meter that lives some hours in a moment, for the stories that are about time: a load of so many watts, a reading every so often, and
// a clock that need not be right. What happens to it are the ledger's own events.

import type { Deed, Disobeyed } from "../../ledger/commands.js";
import { type Esme, newEsme } from "../../ledger/esme.js";
import type { EsmeEvent, Notice } from "../../ledger/events.js";
import { entriesOf, type Log } from "../../ledger/log.js";
import { kept } from "../../ledger/profile.js";
import { turnEsme } from "../../ledger/turn-esme.js";
import { MicroWattHours, Utc_ms } from "../../ledger/units.js";

/** A watt-millisecond is 1/3.6 µWh. */
const WMS_IN_uwh = 3.6;

export class Life {
  esme: Esme = newEsme(1);
  readonly notices: Notice[] = [];
  refused: Disobeyed | null = null;
  /** What the meter's own clock shows. */
  now: Utc_ms;
  /** Seconds that really passed since the baseline. */
  lived_s = 0;
  #drawn_wms = 0;

  constructor(start: string) {
    this.now = moment(start);
  }

  tell(event: EsmeEvent): void {
    const { esme, notices, disobeyed, clockSet } = turnEsme(this.esme, event);
    this.esme = esme;
    this.notices.push(...notices);
    if (disobeyed !== null) this.refused = disobeyed;
    if (clockSet !== undefined) this.now = clockSet.at;
  }

  command(deed: Deed): void {
    this.tell({ kind: "command", at: this.now, by: "story", deed });
  }

  /** Lives until its own clock shows `until`, with a reading at both ends and one every `every_s` between, and calls back after each. */
  live(until: string, every_s: number, load_w: (at: Utc_ms) => number, each: () => void = () => {}): void {
    const end = moment(until);
    if (this.esme.ledger.last === null) this.#read();
    while (this.now < end) {
      this.#drawn_wms += load_w(this.now) * every_s * 1_000;
      this.now = Utc_ms(this.now + every_s * 1_000);
      this.lived_s += every_s;
      this.#read();
      each();
    }
  }

  /** The register of import, Wh. */
  get import_wh(): number {
    return this.esme.ledger.cumulative[0] / 1e6;
  }

  /** Closed half hours of import by their end: {"12:30": {wh, flags}}; flags in words. */
  halfHours(): { readonly [end: string]: { readonly wh: number; readonly flags: string } } {
    const entries = [...kept(this.esme.ledger.profile)].map(({ end, wh, flags }) => [
      clockTime(end).slice(0, 5),
      { wh: wh[0] ?? 0, flags: flags.join(" ") || "none" },
    ]);
    return Object.fromEntries(entries);
  }

  #read(): void {
    const counters = [MicroWattHours(Math.floor(this.#drawn_wms / WMS_IN_uwh)), MicroWattHours(0), null, null] as const;
    this.tell({ kind: "reading", at: this.now, counters, device: "story", boot: 1, base: null, span: null });
  }
}

/** "2026-06-01T12:00:00Z" */
export function moment(text: string): Utc_ms {
  return Utc_ms(Date.parse(text));
}

/** "12:10:00", UTC. */
export function clockTime(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

export function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, "0");
}

/** The alerts that were sent, in order: "8F0C", or "none". */
export function alertsOf(notices: readonly Notice[]): string {
  const codes = notices.flatMap((notice) => (notice.kind === "alert" ? [hex(notice.code)] : []));
  return codes.join(" ") || "none";
}

/** The codes in a log, oldest first, or "none". */
export function codesOf(log: Log<{ readonly logCode: number }>): string {
  return (
    entriesOf(log)
      .map((entry) => hex(entry.logCode))
      .join(" ") || "none"
  );
}
