// One owner of a data directory: a RESERVED lock on the SQLite file `lock`, dropped by the kernel with the process that holds it.
// Others can still read whose it is (docs/decisions/0003).

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import type { Refusal } from "../ports/store.js";

export interface Lock {
  readonly ok: true;
  release(): void;
}

/** How long the new owner waits for those who look whose lock it is, ms. */
const LOOKED_AT_ms = 1000;

/** Makes `dir` (0700) where there is none and becomes its owner, as `pid`; refused by name where it has one that lives. */
export function takeLock(dir: string, pid = process.pid): Lock | Refusal {
  const path = join(dir, "lock");
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const db = new Libsql(path);
    for (;;) {
      db.exec("BEGIN IMMEDIATE");
      db.exec(`PRAGMA busy_timeout = ${LOOKED_AT_ms}`);
      db.exec("CREATE TABLE IF NOT EXISTS owner (pid INTEGER NOT NULL) STRICT");
      if (ownerIn(db) === pid) return { ok: true, release: () => release(db) };
      db.exec(`DELETE FROM owner; INSERT INTO owner VALUES (${pid}); COMMIT`);
      // Another may take the lock here: then it is refused below, or its row is found above and replaced.
    }
  } catch (error) {
    return refusalOf(dir, path, error as { code?: string; message: string });
  }
}

function release(db: Libsql.Database): void {
  // Ended here: libsql's close waits until the garbage collector has found every statement.
  db.exec("ROLLBACK");
  db.close();
}

/** Who took the lock last: its owner, if it has one. */
function ownerIn(db: Libsql.Database): number | null {
  const rows = db.prepare("SELECT pid FROM owner").all() as { pid: number }[];
  return rows[0]?.pid ?? null;
}

function whose(path: string): string {
  try {
    const db = new Libsql(path, { timeout: LOOKED_AT_ms });
    return `the running process ${ownerIn(db)}`;
  } catch {
    return "another running process"; // it is taking the lock at this moment
  }
}

function refusalOf(dir: string, path: string, { code, message }: { code?: string; message: string }): Refusal {
  if (code?.startsWith("SQLITE_BUSY")) {
    const owner = whose(path);
    const next = `stop ${owner} first, or give another directory with --data`;
    return { ok: false, code: "owned", reason: `${dir} belongs to ${owner}`, next };
  }
  if (code === "SQLITE_NOTADB" || code?.startsWith("SQLITE_CORRUPT")) {
    const next = `remove ${path} if no esme uses ${dir}`;
    return { ok: false, code: "lock-damaged", reason: `${path} is no lock: ${message}`, next };
  }
  const next = "check who may write there, and the space on its disk";
  return { ok: false, code: "lock-unwritable", reason: `${dir} cannot be locked: ${message}`, next };
}
