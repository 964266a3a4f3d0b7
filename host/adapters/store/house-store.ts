// The owner's store of a house: what a commit writes, and how the ledgers come back from it (docs/spec/store.md).
// A commit costs what changed: everything is compared with what was written last.

import { randomBytes } from "node:crypto";
import { assert } from "../../ledger/assert.js";
import type { Esme } from "../../ledger/esme.js";
import type { Notice } from "../../ledger/events.js";
import type { Ledger } from "../../ledger/ledger.js";
import { BESIDE } from "../../ledger/names.js";
import type { Standing } from "../../ports/hub-link.js";
import type { Commit, OutMessage, Refusal, Store, StoredLedger, Written } from "../../ports/store.js";
import { loadAll, type Stored } from "./contents.js";
import { type Database, openOwner, refusal } from "./database.js";
import { StoreDamage, stateWriter } from "./esme-rows.js";
import { ledgerRemover, ledgerWriter } from "./ledger-rows.js";
import { besideName, messageOf } from "./rows.js";
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
  try {
    return { ok: true, store: new HouseStore(db) };
  } catch (error) {
    db.close(false);
    if (!(error instanceof StoreDamage)) throw error;
    const next = "it has not been touched: keep a copy, then put back a snapshot or a copy from before";
    return refusal(error.code, `${path}: ${error.message}`, next);
  }
}

class HouseStore implements Store {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof statements>;
  /** What is on the disk, by name. */
  #kept: ReadonlyMap<string, Stored>;
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
    return [...this.#kept.values()].flatMap(({ name, role, checkOf, ledger, esme }) =>
      role === "beside"
        ? []
        : [{ name, role, ...(checkOf === null ? {} : { checkOf }), ledger, ...(esme === null ? {} : { esme }) }],
    );
  }

  rates(): ReadonlyMap<string, number> {
    return new Map(this.#sql.rates.all().map((row) => [String(row.device), Number(row.rate_ppb)]));
  }

  progress(name: string): number | null {
    const row = this.#sql.progressOf.all(name)[0];
    return row === undefined ? null : Number(row.position);
  }

  commit(commit: Commit): Written {
    const kept = new Map(this.#kept);
    const written = this.#db.write(() => {
      for (const { name, role, checkOf, ledger, notices, esme } of commit.ledgers) {
        const id = this.#keep(kept, name, { role, checkOf: checkOf ?? null }, ledger, esme ?? null);
        for (const notice of notices) this.#tell(id, notice);
        if (notices.some((notice) => notice.kind === "event")) this.#sql.pruneEvents.run(id, id, EVENTS_KEPT);
      }
      commit.outbox.forEach((message, at) => {
        assert(message.id === this.#nextOutId + at, "the ids of messages to the hub rise by one");
        this.#sql.post.run(message.id, message.kind, message.body);
      });
      for (const [device, rate_ppb] of commit.rates ?? []) this.#sql.rate.run(device, Math.round(rate_ppb));
      if (commit.took !== undefined) this.#sql.took.run(commit.took.hub, commit.took.id);
      if (commit.progress !== undefined) this.#sql.progress.run(commit.progress.name, commit.progress.position);
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

  /** Writes a ledger and, where it is an ESME, the rest of it; gives the ledger's id. */
  #keep(kept: Map<string, Stored>, name: string, place: Place, ledger: Ledger, esme: Esme | null): number {
    const before = kept.get(name) ?? null;
    assert(esme === null || esme.ledger === ledger, "the ledger of an ESME is committed with it");
    assert(esme !== null || (before?.esme ?? null) === null, "what is an ESME once is committed as one");
    const id = this.#ledgerId(before, name, place, ledger);
    this.#sql.writeLedger(id, before?.ledger ?? null, ledger);
    kept.set(name, { id, name, ...place, ledger, esme });
    if (esme === null || esme === before?.esme) return id;
    this.#sql.writeState(id, before?.esme ?? null, esme);
    for (const one of BESIDE) {
      const full = besideName(name, one);
      const beside = esme.beside.find((counted) => counted.name === one)?.ledger;
      if (beside !== undefined) this.#keep(kept, full, BESIDE_PLACE, beside, null);
      else this.#remove(kept, full);
    }
    return id;
  }

  #remove(kept: Map<string, Stored>, name: string): void {
    const before = kept.get(name);
    if (before === undefined) return;
    this.#sql.removeLedger(before.id);
    kept.delete(name);
  }

  #ledgerId(before: Stored | null, name: string, { role, checkOf }: Place, { config }: Ledger): number {
    const same =
      before !== null && before.role === role && before.checkOf === checkOf && before.ledger.config === config;
    if (same) return before.id;
    const stored = role === "check" ? "load" : role;
    const { lastInsertRowid } = this.#sql.ledger.run(name, stored, config.fuse_w, config.patience_ms, checkOf);
    return before?.id ?? lastInsertRowid;
  }

  #tell(id: number, notice: Notice): void {
    if (notice.kind === "event") this.#sql.event.run(id, notice.at, notice.code, notice.text, id);
  }
}

type Place = Pick<Stored, "role" | "checkOf">;
const BESIDE_PLACE: Place = { role: "beside", checkOf: null };

function statements(db: Database) {
  const put = (table: string) => db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`);
  return {
    writeLedger: ledgerWriter(db),
    removeLedger: ledgerRemover(db),
    writeState: stateWriter(db),
    ledger:
      db.prepare(`INSERT INTO ledgers (name, role, fuse_w, patience_ms, check_of) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name)
      DO UPDATE SET role = excluded.role, fuse_w = excluded.fuse_w, patience_ms = excluded.patience_ms, check_of = excluded.check_of`),
    event: db.prepare("INSERT INTO events SELECT ?, coalesce(max(id), 0) + 1, ?, ?, ? FROM events WHERE ledger = ?"),
    pruneEvents: db.prepare(
      "DELETE FROM events WHERE ledger = ? AND id <= (SELECT max(id) FROM events WHERE ledger = ?) - ?",
    ),
    post: db.prepare("INSERT INTO outbox VALUES (?, ?, ?)"),
    outbox: db.prepare("SELECT id, kind, body FROM outbox WHERE id > ? ORDER BY id LIMIT ?"),
    acknowledge: db.prepare("DELETE FROM outbox WHERE id <= ?"),
    rate: put("rates"),
    rates: db.prepare("SELECT device, rate_ppb FROM rates"),
    took: put("inbox"),
    taken: db.prepare("SELECT last_id FROM inbox WHERE peer = ?"),
    progress: put("progress"),
    progressOf: db.prepare("SELECT position FROM progress WHERE name = ?"),
  };
}
