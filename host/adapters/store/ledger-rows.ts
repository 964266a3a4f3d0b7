// One ledger in the tables: what a commit writes of it, and how it comes back. A commit costs what changed since the last one.

import type { Ignored } from "../../ledger/events.js";
import type { Ledger, OpenHalfHour } from "../../ledger/ledger.js";
import { DEPTHS, type HalfHour, type Profile, profileOf } from "../../ledger/profile.js";
import { four } from "../../ledger/quantities.js";
import { MicroWattHours } from "../../ledger/units.js";
import type { Database, Row } from "./database.js";
import { fromEnd, growth, type Paged } from "./growth.js";
import { column, cursorValues, flagBits, flagsOf, halfHourOf, halfHourValues, readingOf, utc } from "./rows.js";

/** Of four logs the import log is the deepest; the other three are of one depth. */
const [DEEPEST, SHALLOWER] = DEPTHS;

/** Writes a ledger: `before` is what is on the disk of it. */
export function ledgerWriter(db: Database): (id: number, before: Ledger | null, now: Ledger) => void {
  const put = (table: string, values: number) =>
    db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (${Array(values).fill("?").join(", ")})`);
  const sql = {
    account: put("accounts", 6),
    open: put("open_half_hours", 5),
    noOpen: db.prepare("DELETE FROM open_half_hours WHERE ledger = ?"),
    cursor: put("cursors", 14),
    noCursor: db.prepare("DELETE FROM cursors WHERE ledger = ? AND doubt = ?"),
    ignored: put("ignored", 3),
    halfHour: db.prepare("INSERT INTO half_hours VALUES (?, ?, ?, ?, ?, ?, ?)"),
    age: db.prepare(`UPDATE half_hours SET export_wh = NULL, import_varh = NULL, export_varh = NULL
      WHERE ledger = ? AND end_s >= ? AND end_s < ?`),
    forget: db.prepare("DELETE FROM half_hours WHERE ledger = ? AND end_s < ?"),
    forgetAll: db.prepare("DELETE FROM half_hours WHERE ledger = ?"),
  };

  function halfHours(id: number, before: Profile | null, now: Profile): void {
    const { replaced, first, entries } = growth(before === null ? null : paged(before), paged(now));
    if (replaced) sql.forgetAll.run(id);
    entries.forEach((entry, at) => {
      const age = now.closed - first - at;
      sql.halfHour.run(id, ...halfHourValues({ ...entry, wh: four((q) => (age > DEPTHS[q] ? null : entry.wh[q])) }));
    });
    const stored = replaced ? 0 : (before?.closed ?? 0);
    const youngest = fromEnd(now.pages, SHALLOWER);
    if (youngest !== null && stored > 0 && now.closed > SHALLOWER) {
      const from = fromEnd(now.pages, now.closed - Math.max(0, stored - SHALLOWER));
      sql.age.run(id, (from?.end ?? 0) / 1000, youngest.end / 1000);
    }
    const oldest = fromEnd(now.pages, DEEPEST);
    if (oldest !== null) sql.forget.run(id, oldest.end / 1000);
  }

  return (id, before, now) => {
    if (before === now) return;
    for (const q of [0, 1, 2, 3] as const) {
      const mark_wh = now.open?.mark_wh[q] ?? 0;
      sql.account.run(id, q, now.cumulative[q], now.unallocated_wh[q], now.profile.dropped_wh[q], mark_wh);
    }
    const { open, last, doubt, ignored } = now;
    if (open !== null) sql.open.run(id, open.from, open.end, Number(open.seen), flagBits(open.flags));
    else if (before?.open != null) sql.noOpen.run(id);
    if (last !== null) sql.cursor.run(id, 0, ...cursorValues(last));
    else if (before?.last != null) sql.noCursor.run(id, 0);
    if (doubt !== null) sql.cursor.run(id, 1, ...cursorValues(doubt));
    else if (before?.doubt != null) sql.noCursor.run(id, 1);
    if (before?.ignored !== ignored)
      for (const [kind, count] of Object.entries(ignored)) sql.ignored.run(id, kind, count);
    if (before?.profile !== now.profile) halfHours(id, before?.profile ?? null, now.profile);
  };
}

/** Takes everything of a ledger out of the tables. */
export function ledgerRemover(db: Database): (id: number) => void {
  const tables = ["accounts", "open_half_hours", "cursors", "half_hours", "ignored", "events"];
  const of = tables.map((table) => db.prepare(`DELETE FROM ${table} WHERE ledger = ?`));
  const itself = db.prepare("DELETE FROM ledgers WHERE id = ?");
  return (id) => {
    for (const one of of) one.run(id);
    itself.run(id);
  };
}

/** Reads the ledger whose row of `ledgers` is given. */
export function ledgerLoader(db: Database): (row: Row) => Ledger {
  const accounts = db.prepare("SELECT * FROM accounts WHERE ledger = ? ORDER BY quantity");
  const opens = db.prepare("SELECT * FROM open_half_hours WHERE ledger = ?");
  const cursors = db.prepare("SELECT * FROM cursors WHERE ledger = ? AND doubt = ?");
  const halfHours = db.prepare("SELECT * FROM half_hours WHERE ledger = ? ORDER BY end_s");
  const ignoreds = db.prepare("SELECT kind, count FROM ignored WHERE ledger = ?");
  return (row) => {
    const id = Number(row.id);
    const accounted = accounts.all(id);
    const open = opens.all(id)[0];
    const [last, doubt] = [cursors.all(id, 0)[0], cursors.all(id, 1)[0]];
    const ignored = ignoreds.all(id);
    const cumulative = column(accounted, "cumulative_uwh");
    const count = (kind: keyof Ignored) => Number(ignored.find((one) => one.kind === kind)?.count ?? 0);
    return {
      config: { fuse_w: Number(row.fuse_w), patience_ms: Number(row.patience_ms) },
      last: last === undefined ? null : readingOf(last),
      doubt: doubt === undefined ? null : readingOf(doubt),
      cumulative: four((q) => MicroWattHours(cumulative[q])),
      open: open === undefined ? null : openOf(open, accounted),
      unallocated_wh: column(accounted, "unallocated_wh"),
      profile: profileOf(halfHours.all(id).map(halfHourOf), column(accounted, "dropped_wh")),
      ignored: {
        repeated: count("repeated"),
        earlier: count("earlier"),
        incomplete: count("incomplete"),
        doubted: count("doubted"),
      },
    };
  };
}

function paged(profile: Profile): Paged<HalfHour> {
  return { pages: profile.pages, total: profile.closed, size: Math.min(profile.closed, DEEPEST) };
}

function openOf(row: Row, accounts: readonly Row[]): OpenHalfHour {
  return {
    from: utc(row.from_ms),
    end: utc(row.end_ms),
    seen: row.seen === 1,
    flags: flagsOf(row.flags),
    mark_wh: column(accounts, "open_mark_wh"),
  };
}
