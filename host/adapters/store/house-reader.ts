// What the reading commands see of a house, in their own process and while its owner runs: rows as plain values.

import type { Esme } from "../../ledger/esme.js";
import { sinceMark_wh } from "../../ledger/ledger.js";
import { BESIDE, type BesideName } from "../../ledger/names.js";
import { four } from "../../ledger/quantities.js";
import { shownRegisters } from "../../ledger/time/unplaced.js";
import { MicroWattHours, REGISTER_SPAN_wh, type Utc_ms, wholeWh } from "../../ledger/units.js";
import type { Refusal, StoredEvent, StoredRegisters, StoreReader } from "../../ports/store.js";
import { loadOne } from "./contents.js";
import { openToRead } from "./database.js";
import { stateLoader } from "./esme-rows.js";
import { HalfHourReader } from "./half-hour-reader.js";
import { besideName, column, utc } from "./rows.js";
import { HOUSE } from "./schema.js";

/** Opens a house's store to look at it. */
export function openReader(path: string): { readonly ok: true; readonly reader: StoreReader } | Refusal {
  const opened = openToRead(path, HOUSE);
  return opened.ok ? { ok: true, reader: new HouseReader(opened.db) } : opened;
}

class HouseReader extends HalfHourReader implements StoreReader {
  esme(name: string): Esme | null {
    return this.db.read(() => loadOne(this.db, name)?.esme ?? null);
  }

  state(name: string): Pick<Esme, "state" | "live"> | null {
    const id = this.idOf(name);
    return id === null ? null : this.db.read(() => stateLoader(this.db)(id));
  }

  beside(name: string): readonly BesideName[] {
    return BESIDE.filter((one) => this.idOf(besideName(name, one)) !== null);
  }

  registers(name: string): StoredRegisters | null {
    const id = this.idOf(name);
    if (id === null) return null;
    return this.db.read(() => this.#withHeld(name, this.#registers(id)));
  }

  /** Under an Invalid clock the registers show what no half hour can have yet. */
  #withHeld(name: string, stored: StoredRegisters): StoredRegisters {
    const holds = this.db.prepare(HOLDS).all(name).length > 0;
    const esme = !holds ? null : (loadOne(this.db, name)?.esme ?? null);
    if (esme === null) return stored;
    const { registers_wh, unallocated_wh } = shownRegisters(esme);
    return { ...stored, register_wh: registers_wh, unallocated_wh };
  }

  events(name: string, from: Utc_ms, to: Utc_ms): readonly StoredEvent[] {
    const sql = "SELECT at_ms, code, text FROM events WHERE ledger = ? AND at_ms >= ? AND at_ms < ? ORDER BY id";
    const rows = this.all(name, sql, from, to);
    return rows.map((row) => ({ at: utc(row.at_ms), code: String(row.code), text: String(row.text) }));
  }

  waiting(): number {
    return Number(this.db.scalar("SELECT count(*) FROM outbox"));
  }

  #registers(id: number): StoredRegisters {
    const accounts = this.db.prepare("SELECT * FROM accounts WHERE ledger = ? ORDER BY quantity").all(id);
    const open = this.db.prepare("SELECT end_ms FROM open_half_hours WHERE ledger = ?").all(id)[0];
    const cursor = this.db.prepare("SELECT at_ms FROM cursors WHERE ledger = ? AND doubt = 0").all(id)[0];
    const sums = this.db.prepare(SUMS).all(id)[0];
    const cumulative = column(accounts, "cumulative_uwh");
    const mark_wh = column(accounts, "open_mark_wh");
    const as = { cumulative: four((q) => MicroWattHours(cumulative[q])) };
    return {
      at: cursor === undefined ? null : utc(cursor.at_ms),
      register_wh: four((q) => wholeWh(as.cumulative[q])),
      open: open === undefined ? null : { end: utc(open.end_ms), wh: four((q) => sinceMark_wh(as, mark_wh, q)) },
      unallocated_wh: column(accounts, "unallocated_wh"),
      dropped_wh: column(accounts, "dropped_wh"),
      profile_wh: four((q) => Number(sums?.[`q${q}`] ?? 0) % REGISTER_SPAN_wh),
    };
  }
}

/** Only a meter that holds readings is loaded whole for its registers. */
const HOLDS = `SELECT 1 FROM sections JOIN ledgers ON ledgers.id = sections.ledger
  WHERE ledgers.name = ? AND sections.name = 'unplacedReadings' AND json_array_length(body, '$.boots') > 0`;
const SUMS = `SELECT sum(import_wh) q0, sum(export_wh) q1, sum(import_varh) q2, sum(export_varh) q3
  FROM half_hours WHERE ledger = ?`;
