// What every reading command does first and last: open the house's store, find the ledger that is meant, say what it found.

import { openReader } from "../../adapters/store/house-reader.js";
import type { Mark } from "../../ledger/mark.js";
import type { Four } from "../../ledger/quantities.js";
import type { EsmeLive, EsmeState } from "../../ledger/state/state.js";
import { MICRO, MicroWattHours, rfc3339, type Utc_ms } from "../../ledger/units.js";
import type { StoreReader } from "../../ports/store.js";
import { refuse } from "../refusal.js";
import { ALWAYS, type Options, opened, say } from "./opening.js";

export { ALWAYS, type Options, say };

export function withReader(options: Options, read: (reader: StoreReader, name: string) => void): void {
  opened(options, openReader, read);
}

/** The grid's meter as the store has it, with what its registers show now. */
export interface Seen {
  readonly name: string;
  readonly state: EsmeState;
  readonly live: EsmeLive;
  /** Of the last reading booked; null before the first. */
  readonly mark: Mark | null;
  readonly at: string | null;
}

/** Only the grid's ledger is a whole meter: the others have registers and half hours alone. */
export function withMeter(options: Options, read: (seen: Seen, reader: StoreReader) => void): void {
  withReader(options, (reader, name) => {
    const stored = reader.state(name);
    if (stored === null)
      refuse({
        code: "no-meter",
        reason: `${name} has registers and half hours, and nothing else`,
        next: "ask for the grid's: leave out --source",
      });
    const mark = markNow(reader, name);
    read({ name, ...stored, mark, at: mark === null ? null : rfc3339(mark.at) }, reader);
  });
}

/** The registers in whole Wh as a mark: whatever is kept in whole Wh needs no more. */
function markNow(reader: StoreReader, name: string): Mark | null {
  const registers = reader.registers(name);
  if (registers === null || registers.at === null) return null;
  const secondary = reader.registers(`${name}:secondary`)?.register_wh[0];
  return {
    at: registers.at,
    cumulative: registers.register_wh.map(energy) as unknown as Four<MicroWattHours>,
    secondary: secondary === undefined ? null : energy(secondary),
    estimated: false,
    known: true,
  };
}

function energy(wh: number): MicroWattHours {
  return MicroWattHours(wh * MICRO);
}

/** from <= at < to, of what has a moment. */
export function within(options: Options, at: number): boolean {
  return at >= (options.from ?? ALWAYS.from) && at < (options.to ?? ALWAYS.to);
}

/** from < end <= to, of what is stamped at its end. */
export function ended(options: Options, end: number): boolean {
  return end > (options.from ?? ALWAYS.from) && end <= (options.to ?? ALWAYS.to);
}

/** An object for machines: its schema first. */
export function sayJson(name: string, fields: object): void {
  say(JSON.stringify({ schema: `esme/${name}/1`, ...fields }));
}

/** RFC 3339, or a dash where there is no moment. */
export function timeOr(at: Utc_ms | null): string {
  return at === null ? "-" : rfc3339(at);
}
