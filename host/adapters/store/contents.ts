// Everything that a house's store holds, read back: its ledgers and, of the grid, the whole ESME.

import type { Esme } from "../../ledger/esme.js";
import type { Ledger } from "../../ledger/ledger.js";
import { BESIDE } from "../../ledger/names.js";
import type { Role } from "../../ports/store.js";
import type { Database, Row } from "./database.js";
import { stateLoader } from "./esme-rows.js";
import { ledgerLoader } from "./ledger-rows.js";
import { besideName } from "./rows.js";

/** A ledger beside an ESME's own is kept under a name of its own, and shown only to who asks for it. */
export type StoredRole = Role | "beside";

export interface Stored {
  readonly id: number;
  readonly name: string;
  readonly role: StoredRole;
  /** Null but of a check. */
  readonly checkOf: string | null;
  readonly ledger: Ledger;
  /** Null where it is a ledger only. */
  readonly esme: Esme | null;
}

export function loadAll(db: Database): ReadonlyMap<string, Stored> {
  return loaded(db, db.prepare("SELECT * FROM ledgers ORDER BY id").all());
}

/** One ledger and those beside it. */
export function loadOne(db: Database, name: string): Stored | null {
  const rows = db.prepare("SELECT * FROM ledgers WHERE name IN (?, ?, ?, ?, ?)");
  const names = BESIDE.map((one) => besideName(name, one));
  return loaded(db, rows.all(name, ...names)).get(name) ?? null;
}

/** Where in the house a ledger of that row measures. */
function placeOf(row: Row): { readonly role: StoredRole; readonly checkOf: string | null } {
  const checkOf = row.check_of === null ? null : String(row.check_of);
  return { role: checkOf === null ? (row.role as StoredRole) : "check", checkOf };
}

function loaded(db: Database, rows: readonly Row[]): ReadonlyMap<string, Stored> {
  const ledgerOf = ledgerLoader(db);
  const stateOf = stateLoader(db);
  const ledgers = new Map(rows.map((row) => [String(row.name), ledgerOf(row)]));
  return new Map(
    rows.map((row) => {
      const [name, id] = [String(row.name), Number(row.id)];
      const ledger = ledgers.get(name) as Ledger;
      const state = stateOf(id);
      const beside = BESIDE.flatMap((one) => {
        const counted = ledgers.get(besideName(name, one));
        return counted === undefined ? [] : [{ name: one, ledger: counted }];
      });
      const esme = state === null ? null : { ledger, beside, ...state };
      return [name, { id, name, ...placeOf(row), ledger, esme }];
    }),
  );
}
