// A store of schema 1 with a meter in it: an owner takes it up, and it goes on as if it had always been of this schema.

import { join } from "node:path";
import Libsql from "libsql";
import { describe, expect, it } from "vitest";
import { openOwner } from "../../host/adapters/store/database.js";
import { openReader } from "../../host/adapters/store/house-reader.js";
import { HOUSE } from "../../host/adapters/store/schema.js";
import type { Esme } from "../../host/ledger/esme.js";
import { newLedger } from "../../host/ledger/ledger.js";
import { turn } from "../../host/ledger/turn.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { asDocument, esmeHistory, lived } from "../document/histories.js";
import { freshDir, history, opened, worth } from "./houses.js";

const EVENT = { kind: "event", at: Utc_ms(1_780_315_200_000), code: "gap", text: "nothing was heard" } as const;
const SCHEMA = "SELECT name, sql FROM sqlite_schema WHERE name <> 'ledgers' AND name NOT LIKE 'sqlite_%' ORDER BY name";

function tables(db: { prepare(sql: string): { all(...values: never[]): unknown[] } }) {
  const ledgers = db.prepare("SELECT name, type, \"notnull\" FROM pragma_table_info('ledgers')").all();
  return [db.prepare(SCHEMA).all(), ledgers];
}

/** What a program that knew schema 1 only has left. */
function olderStore(esme: Esme, solar: ReturnType<typeof newLedger>): string {
  const path = join(freshDir(), "meter.sqlite");
  const store = opened(path);
  const grid = { name: "grid", role: "grid", ledger: esme.ledger, notices: [EVENT], esme } as const;
  const generation = { name: "solar", role: "generation", ledger: solar, notices: [] } as const;
  const outbox = [{ id: 1, kind: "push", body: Uint8Array.of(7) }] as const;
  expect(store.commit({ ledgers: [grid, generation], outbox, rates: new Map([["board-1", 250]]) }).ok).toBe(true);
  store.close();
  const db = new Libsql(path);
  db.exec("ALTER TABLE ledgers DROP COLUMN check_of");
  db.exec("PRAGMA user_version = 1");
  const first = openOwner(join(freshDir(), "meter.sqlite"), { ...HOUSE, migrations: HOUSE.migrations.slice(0, 1) });
  expect(first.ok && tables(first.db)).toEqual(tables(db as never));
  if (first.ok) first.db.close(true);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  return path;
}

describe("a store of schema 1", () => {
  it.each([3, 5, 8])("with a meter in it is taken up whole, and the meter goes on (seed %i)", (seed) => {
    let esme = lived(seed, 120);
    let solar = newLedger();
    for (const event of history(seed, 200)) solar = turn(solar, event).ledger;
    const path = olderStore(esme, solar);
    expect(openReader(path)).toMatchObject({ ok: false, code: "store-older" });

    let store = opened(path);
    const [grid, generation] = store.load();
    expect([grid?.role, generation?.role, generation?.checkOf]).toEqual(["grid", "generation", undefined]);
    expect(grid?.esme && asDocument(grid.esme)).toEqual(asDocument(esme));
    expect(generation && worth(generation.ledger)).toEqual(worth(solar));
    expect([store.outbox(0, 9).map(({ id }) => id), store.nextOutId(), store.rates().get("board-1")]).toEqual([
      [1],
      2,
      250,
    ]);

    // It goes on from what was loaded, with a check beside it, which schema 1 had no place for.
    esme = grid?.esme ?? esme;
    const rest = [...esmeHistory(seed, 160)].slice(120);
    for (const event of rest) esme = turnEsme(esme, event).esme;
    const second = { name: "second", role: "check", checkOf: "grid", ledger: solar, notices: [] } as const;
    const goesOn = { name: "grid", role: "grid", ledger: esme.ledger, notices: [EVENT], esme } as const;
    expect(store.commit({ ledgers: [goesOn, second], outbox: [] }).ok).toBe(true);
    store.close();
    store = opened(path);
    const again = store.load();
    expect(again.map(({ name, role, checkOf }) => [name, role, checkOf])).toEqual([
      ["grid", "grid", undefined],
      ["solar", "generation", undefined],
      ["second", "check", "grid"],
    ]);
    expect(again[0]?.esme && asDocument(again[0].esme)).toEqual(asDocument(esme));
    store.close();
    const reader = openReader(path);
    if (!reader.ok) throw new Error(reader.reason);
    expect(reader.reader.events("grid", Utc_ms(0), Utc_ms(8.64e15))).toHaveLength(2);
    reader.reader.close();
  });
});
