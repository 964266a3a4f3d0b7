// One SQLite file as we use it: checked at the door, migrated, written in whole transactions, its faults as values.
// The only file that knows libsql, and where libsql does otherwise than its types say (docs/decisions/0003).

import { accessSync, constants, existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import Libsql from "libsql";
import { assert } from "../../ledger/assert.js";
import type { Refusal, Written } from "../../ports/store.js";
import type { Schema } from "./schema.js";

export type Value = number | string | null | ArrayBuffer;
export type Row = Readonly<Record<string, Value>>;
export type Bound = number | string | null | Uint8Array;

/** A prepared statement. */
export interface Statement {
  run(...values: Bound[]): { readonly changes: number; readonly lastInsertRowid: number };
  all(...values: Bound[]): Row[];
}

/** How long a writer waits for a reader's checkpoint, ms. */
const BUSY_ms = 5000;

export class Database {
  constructor(
    readonly path: string,
    private readonly db: Libsql.Database,
  ) {}

  prepare(sql: string): Statement {
    return this.db.prepare(sql) as unknown as Statement;
  }

  /** Runs `work` as one transaction: all of it is on the disk when this returns ok, or none of it. */
  write(work: () => void): Written {
    try {
      this.db.exec("BEGIN IMMEDIATE");
      work();
      this.db.exec("COMMIT");
      return { ok: true };
    } catch (error) {
      if (this.db.inTransaction) this.db.exec("ROLLBACK");
      return { ok: false, fault: "store-unwritable", reason: worldFault(error) };
    }
  }

  /** Runs `look` on one state of the store. */
  read<T>(look: () => T): T {
    this.db.exec("BEGIN");
    try {
      return look();
    } finally {
      if (this.db.inTransaction) this.db.exec("COMMIT");
    }
  }

  exec(sql: string): void {
    this.db.exec(sql);
  }

  /** The one value of the one row that `sql` gives. */
  scalar(sql: string): Value {
    const row = this.prepare(sql).all()[0];
    return row === undefined ? null : (Object.values(row)[0] ?? null);
  }

  /** An owner leaves the whole store in its one file; libsql itself lets go of it only when its statements are collected. */
  close(owner: boolean): void {
    if (owner) {
      try {
        this.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch (error) {
        worldFault(error); // a full disk leaves the log where it is: the next owner reads it
      }
    }
    this.db.close();
  }
}

type Opened = { readonly ok: true; readonly db: Database } | Refusal;

/** Opens a store for its owner: made where there is none, migrated where it is of an older schema. */
export function openOwner(path: string, schema: Schema): Opened {
  if (existsSync(path)) {
    // Looked at without leave to write, so that what is refused stays untouched.
    const looked = open(path, "?mode=ro", (db) => judge(db, schema));
    if (!looked.ok && looked.code !== "store-unopened") return looked;
    if (looked.ok) looked.db.close(false);
  }
  return open(path, "", (db) => {
    db.exec(`PRAGMA busy_timeout = ${BUSY_ms}`);
    const refused = judge(db, schema);
    if (refused !== null) return refused;
    db.exec("PRAGMA journal_mode = WAL");
    db.exec("PRAGMA synchronous = FULL");
    db.exec("PRAGMA foreign_keys = ON");
    return migrate(db, schema) ?? damage(db);
  });
}

/** Opens a store to look at it, whether or not it has an owner. */
export function openToRead(path: string, schema: Schema): Opened {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT"
      ? refusal("store-missing", `there is no store at ${path}`, "give the data directory with --data")
      : refusal("store-unopened", `${path} cannot be opened: ${message}`, "check who may read there");
  }
  return open(path, "?mode=ro", (db) => {
    db.exec(`PRAGMA busy_timeout = ${BUSY_ms}`);
    const refused = judge(db, schema);
    if (refused !== null) return refused;
    if (schemaOf(db) === schema.migrations.length) return null;
    const next = `start its owner once, which brings it up to schema ${schema.migrations.length}`;
    return refusal("store-older", `${path} is of schema ${schemaOf(db)}`, next);
  });
}

function open(path: string, query: string, check: (db: Database) => Refusal | null): Opened {
  let db: Database | null = null;
  try {
    db = new Database(path, new Libsql(pathToFileURL(path).href + query));
    const refused = check(db);
    if (refused === null) return { ok: true, db };
    db.close(false);
    return refused;
  } catch (error) {
    db?.close(false);
    return refusalOf(path, error);
  }
}

/** What may be known of a store before anything is written to it. */
function judge(db: Database, schema: Schema): Refusal | null {
  const id = Number(db.scalar("PRAGMA application_id"));
  const version = schemaOf(db);
  const blank = id === 0 && version === 0 && db.scalar("SELECT count(*) FROM sqlite_schema") === 0;
  if (id !== schema.applicationId && !blank) {
    const next = "give the data directory of another --data, or move the file away";
    return refusal("not-a-store", `${db.path} is a database, but not the store of a ${schema.whose}`, next);
  }
  if (version > schema.migrations.length) {
    const reason = `${db.path} is of schema ${version}; this program knows ${schema.migrations.length}`;
    return refusal("store-newer", reason, "run the newer version that wrote it; it has not been touched");
  }
  if (blank || db.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").all(schema.mark).length > 0) return null;
  const reason = `${db.path} was written before schema 1 was finished: it has no table ${schema.mark}`;
  const next = "keep the file and begin a new house with --data: it goes on from the board's counters";
  return refusal("store-unfinished", reason, next);
}

function migrate(db: Database, schema: Schema): Refusal | null {
  const from = schemaOf(db);
  if (from === schema.migrations.length) return null;
  const written = db.write(() => {
    for (const step of schema.migrations.slice(from)) db.exec(step);
    db.exec(`PRAGMA application_id = ${schema.applicationId}`);
    db.exec(`PRAGMA user_version = ${schema.migrations.length}`);
  });
  if (written.ok) return null;
  return refusal("store-unwritable", `${db.path}: ${written.reason}`, "free space there, or check who may write");
}

function damage(db: Database): Refusal | null {
  const found = String(db.scalar("PRAGMA quick_check(1)"));
  return found === "ok" ? null : damaged(db.path, found);
}

function schemaOf(db: Database): number {
  return Number(db.scalar("PRAGMA user_version"));
}

function refusalOf(path: string, error: unknown): Refusal {
  const { code, message } = error as { code?: string; message: string };
  if (code === "SQLITE_NOTADB") return refusal("not-a-store", `${path} is not a store`, "move the file away");
  if (code?.startsWith("SQLITE_CORRUPT")) return damaged(path, message);
  if (code === undefined && !message.startsWith("ConnectionFailed")) throw error;
  const next = "check that its directory exists, who may write there, and the space on its disk";
  return refusal("store-unopened", `${path} cannot be opened: ${message}`, next);
}

function damaged(path: string, found: string): Refusal {
  const next = "keep a copy, then put back a snapshot; a new store goes on from the board's counters";
  return refusal("store-damaged", `${path} is damaged: ${found}`, next);
}

export function refusal(code: string, reason: string, next: string): Refusal {
  return { ok: false, code, reason, next };
}

/** What the world did to a write. Anything else is a bug of ours, and stops. */
function worldFault(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (code === undefined) throw error;
  const ours = /CONSTRAINT|MISUSE|RANGE|MISMATCH|UNKNOWN|^SQLITE_ERROR/.test(code);
  assert(!ours, `the store accepts every commit, but refused one: ${message} (${code})`);
  return `${message} (${code})`;
}
