// The owner's store of a house: what a commit writes, and how the ledgers come back from it (docs/spec/store.md).
// A commit costs what changed: half hours and events come from the notices, the rest is compared with what was written last.

import { randomBytes } from "node:crypto";
import { assert } from "../../ledger/assert.js";
import type { Ignored, Notice } from "../../ledger/events.js";
import type { Ledger, OpenHalfHour } from "../../ledger/ledger.js";
import { profileOf } from "../../ledger/profile.js";
import { four } from "../../ledger/quantities.js";
import { MicroWattHours } from "../../ledger/units.js";
import type { Standing } from "../../ports/hub-link.js";
import type { Commit, OutMessage, Refusal, Role, Store, StoredLedger, Written } from "../../ports/store.js";
import { type Database, openOwner, type Row, refusal } from "./database.js";
import {
  column,
  cursorValues,
  flagBits,
  flagsOf,
  halfHourOf,
  halfHourValues,
  messageOf,
  readingOf,
  utc,
} from "./rows.js";
import { HOUSE } from "./schema.js";

/** Events kept of each ledger. */
const EVENTS_KEPT = 10_000;

/** Opens a house's store as its owner, which must hold the house's lock. A new store is a new meter to every hub: the name it goes by
 * is made with it, so that a hub never takes the messages of one house for those of another. */
export function openStore(path: string): { readonly ok: true; readonly store: Store } | Refusal {
  const opened = openOwner(path, HOUSE);
  if (!opened.ok) return opened;
  const { db } = opened;
  if (db.scalar("SELECT name FROM meter") === null) {
    const name = `esme-${randomBytes(4).toString("hex")}`;
    const written = db.write(() => db.prepare("INSERT INTO meter VALUES (?)").run(name));
    if (!written.ok) {
      db.close(false);
      return refusal(written.fault, written.reason, "make room on the disk, or choose another directory with --data");
    }
  }
  return { ok: true, store: new HouseStore(db) };
}

interface Kept extends StoredLedger {
  readonly id: number;
}

class HouseStore implements Store {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof statements>;
  /** What is on the disk, by name. */
  #kept: ReadonlyMap<string, Kept>;
  #nextOutId: number;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = statements(db);
    this.#kept = db.read(() => loadAll(db));
    this.#nextOutId = 1 + Number(db.scalar("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'") ?? 0);
  }

  get name(): string {
    return String(this.#db.scalar("SELECT name FROM meter"));
  }

  load(): readonly StoredLedger[] {
    return [...this.#kept.values()].map(({ name, role, ledger }) => ({ name, role, ledger }));
  }

  rates(): ReadonlyMap<string, number> {
    return new Map(this.#sql.rates.all().map((row) => [String(row.device), Number(row.rate_ppb)]));
  }

  commit(commit: Commit): Written {
    const kept = new Map(this.#kept);
    const written = this.#db.write(() => {
      for (const { name, role, ledger, notices } of commit.ledgers) {
        const before = kept.get(name) ?? null;
        const id = this.#ledgerId(before, name, role, ledger);
        for (const notice of notices) this.#tell(id, notice);
        if (notices.some((notice) => notice.kind === "event")) this.#sql.pruneEvents.run(id, id, EVENTS_KEPT);
        this.#state(id, before?.ledger ?? null, ledger);
        kept.set(name, { id, name, role, ledger });
      }
      commit.outbox.forEach((message, at) => {
        assert(message.id === this.#nextOutId + at, "the ids of messages to the hub rise by one");
        this.#sql.post.run(message.id, message.kind, message.body);
      });
      for (const [device, rate_ppb] of commit.rates ?? []) this.#sql.rate.run(device, Math.round(rate_ppb));
      if (commit.took !== undefined) this.#sql.took.run(commit.took.hub, commit.took.id);
    });
    if (!written.ok) return written;
    this.#kept = kept;
    this.#nextOutId += commit.outbox.length;
    return written;
  }

  outbox(after: number, limit: number): readonly OutMessage[] {
    return this.#sql.outbox.all(after, limit).map(messageOf);
  }

  nextOutId(): number {
    return this.#nextOutId;
  }

  acknowledge(id: number): Written {
    return this.#db.write(() => this.#sql.acknowledge.run(id));
  }

  standing(hub: string): Standing {
    const taken = this.#sql.taken.all(hub)[0]?.last_id;
    const first = this.outbox(0, 1)[0]?.id ?? this.#nextOutId;
    return { known: taken !== undefined, taken: Number(taken ?? 0), first, next: this.#nextOutId };
  }

  close(): void {
    this.#db.close(true);
  }

  #ledgerId(before: Kept | null, name: string, role: Role, { config }: Ledger): number {
    const same = before !== null && before.role === role && before.ledger.config === config;
    if (same) return before.id;
    const { lastInsertRowid } = this.#sql.ledger.run(name, role, config.fuse_w, config.patience_ms);
    return before?.id ?? lastInsertRowid;
  }

  #tell(id: number, notice: Notice): void {
    switch (notice.kind) {
      case "half-hour":
        this.#sql.halfHour.run(id, ...halfHourValues(notice.entry));
        return;
      case "aged": {
        const { end, quantities } = notice.aged;
        // The import log is the deepest: what leaves it has left all.
        if (quantities[0]) this.#sql.forget.run(id, end / 1000);
        else this.#sql.age.run(...quantities.slice(1).map(Number), id, end / 1000);
        return;
      }
      case "event":
        this.#sql.event.run(id, notice.at, notice.code, notice.text, id);
    }
  }

  #state(id: number, before: Ledger | null, now: Ledger): void {
    for (const q of [0, 1, 2, 3] as const) {
      const mark_wh = now.open?.mark_wh[q] ?? 0;
      this.#sql.account.run(id, q, now.cumulative[q], now.unallocated_wh[q], now.profile.dropped_wh[q], mark_wh);
    }
    const { open, last, doubt, ignored } = now;
    if (open !== null) this.#sql.open.run(id, open.from, open.end, Number(open.seen), flagBits(open.flags));
    if (last !== null) this.#sql.cursor.run(id, 0, ...cursorValues(last));
    if (doubt !== null) this.#sql.cursor.run(id, 1, ...cursorValues(doubt));
    else if (before?.doubt != null) this.#sql.noDoubt.run(id);
    if (before?.ignored !== ignored)
      for (const [kind, count] of Object.entries(ignored)) this.#sql.ignored.run(id, kind, count);
  }
}

function statements(db: Database) {
  const put = (table: string, values: number) =>
    db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (${Array(values).fill("?").join(", ")})`);
  return {
    ledger: db.prepare(`INSERT INTO ledgers (name, role, fuse_w, patience_ms) VALUES (?, ?, ?, ?) ON CONFLICT (name)
      DO UPDATE SET role = excluded.role, fuse_w = excluded.fuse_w, patience_ms = excluded.patience_ms`),
    account: put("accounts", 6),
    open: put("open_half_hours", 5),
    cursor: put("cursors", 14),
    noDoubt: db.prepare("DELETE FROM cursors WHERE ledger = ? AND doubt = 1"),
    ignored: put("ignored", 3),
    halfHour: db.prepare("INSERT INTO half_hours VALUES (?, ?, ?, ?, ?, ?, ?)"),
    age: db.prepare(`UPDATE half_hours SET export_wh = iif(?, NULL, export_wh), import_varh = iif(?, NULL, import_varh),
      export_varh = iif(?, NULL, export_varh) WHERE ledger = ? AND end_s = ?`),
    forget: db.prepare("DELETE FROM half_hours WHERE ledger = ? AND end_s = ?"),
    event: db.prepare("INSERT INTO events SELECT ?, coalesce(max(id), 0) + 1, ?, ?, ? FROM events WHERE ledger = ?"),
    pruneEvents: db.prepare(
      "DELETE FROM events WHERE ledger = ? AND id <= (SELECT max(id) FROM events WHERE ledger = ?) - ?",
    ),
    post: db.prepare("INSERT INTO outbox VALUES (?, ?, ?)"),
    outbox: db.prepare("SELECT id, kind, body FROM outbox WHERE id > ? ORDER BY id LIMIT ?"),
    acknowledge: db.prepare("DELETE FROM outbox WHERE id <= ?"),
    rate: put("rates", 2),
    rates: db.prepare("SELECT device, rate_ppb FROM rates"),
    took: put("inbox", 2),
    taken: db.prepare("SELECT last_id FROM inbox WHERE peer = ?"),
  };
}

function loadAll(db: Database): ReadonlyMap<string, Kept> {
  const of = (sql: string) => db.prepare(sql);
  const accounts = of("SELECT * FROM accounts WHERE ledger = ? ORDER BY quantity");
  const opens = of("SELECT * FROM open_half_hours WHERE ledger = ?");
  const cursors = of("SELECT * FROM cursors WHERE ledger = ? AND doubt = ?");
  const halfHours = of("SELECT * FROM half_hours WHERE ledger = ? ORDER BY end_s");
  const ignored = of("SELECT kind, count FROM ignored WHERE ledger = ?");
  const kept = new Map<string, Kept>();
  for (const row of of("SELECT * FROM ledgers ORDER BY id").all()) {
    const id = Number(row.id);
    const ledger = ledgerOf(
      row,
      accounts.all(id),
      opens.all(id)[0],
      cursors.all(id, 0)[0],
      cursors.all(id, 1)[0],
      halfHours.all(id),
      ignored.all(id),
    );
    const name = String(row.name);
    kept.set(name, { id, name, role: row.role as Role, ledger });
  }
  return kept;
}

function ledgerOf(
  row: Row,
  accounts: readonly Row[],
  open: Row | undefined,
  last: Row | undefined,
  doubt: Row | undefined,
  halfHours: readonly Row[],
  ignored: readonly Row[],
): Ledger {
  const cumulative = column(accounts, "cumulative_uwh");
  const count = (kind: keyof Ignored) => Number(ignored.find((one) => one.kind === kind)?.count ?? 0);
  return {
    config: { fuse_w: Number(row.fuse_w), patience_ms: Number(row.patience_ms) },
    last: last === undefined ? null : readingOf(last),
    doubt: doubt === undefined ? null : readingOf(doubt),
    cumulative: four((q) => MicroWattHours(cumulative[q])),
    open: open === undefined ? null : openOf(open, accounts),
    unallocated_wh: column(accounts, "unallocated_wh"),
    profile: profileOf(halfHours.map(halfHourOf), column(accounts, "dropped_wh")),
    ignored: {
      repeated: count("repeated"),
      earlier: count("earlier"),
      incomplete: count("incomplete"),
      doubted: count("doubted"),
    },
  };
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
