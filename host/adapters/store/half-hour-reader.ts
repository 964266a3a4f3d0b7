// What looking at half hours needs of a house, and no more: the declaration of the meter's state is not loaded for them.

import type { HalfHour } from "../../ledger/profile.js";
import type { Utc_ms } from "../../ledger/units.js";
import type { LedgerReader, Refusal, Role } from "../../ports/store.js";
import { type Database, openToRead, type Row } from "./database.js";
import { halfHourOf } from "./rows.js";
import { HOUSE } from "./schema.js";

/** Opens a house's store to look at its half hours. */
export function openHalfHours(path: string): { readonly ok: true; readonly reader: LedgerReader } | Refusal {
  const opened = openToRead(path, HOUSE);
  return opened.ok ? { ok: true, reader: new HalfHourReader(opened.db) } : opened;
}

export class HalfHourReader implements LedgerReader {
  constructor(protected readonly db: Database) {}

  meter(): string {
    return String(this.db.scalar("SELECT name FROM meter"));
  }

  ledgers(): readonly { readonly name: string; readonly role: Role; readonly checkOf?: string }[] {
    const rows = this.db.prepare("SELECT name, role, check_of FROM ledgers WHERE role <> 'beside' ORDER BY id").all();
    return rows.map((row) =>
      row.check_of === null
        ? { name: String(row.name), role: row.role as Role }
        : { name: String(row.name), role: "check", checkOf: String(row.check_of) },
    );
  }

  profile(name: string, from: Utc_ms, to: Utc_ms): readonly HalfHour[] {
    const sql = "SELECT * FROM half_hours WHERE ledger = ? AND end_s > ? AND end_s <= ? ORDER BY end_s";
    return this.all(name, sql, Math.floor(from / 1000), Math.floor(to / 1000)).map(halfHourOf);
  }

  close(): void {
    this.db.close(false);
  }

  protected all(name: string, sql: string, ...values: number[]): readonly Row[] {
    const id = this.idOf(name);
    return id === null ? [] : this.db.prepare(sql).all(id, ...values);
  }

  protected idOf(name: string): number | null {
    const row = this.db.prepare("SELECT id FROM ledgers WHERE name = ?").all(name)[0];
    return row === undefined ? null : Number(row.id);
  }
}
