// What a store refuses at the door, and leaves untouched.
import { closeSync, copyFileSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import { describe, expect, it } from "vitest";
import { openOwner, openToRead } from "../../host/adapters/store/database.js";
import { openReader } from "../../host/adapters/store/house-reader.js";
import { openStore } from "../../host/adapters/store/house-store.js";
import { openHubReader } from "../../host/adapters/store/hub-reader.js";
import { openHubStore } from "../../host/adapters/store/hub-store.js";
import { HOUSE, type Schema } from "../../host/adapters/store/schema.js";
import { newLedger } from "../../host/ledger/ledger.js";
import { freshDir, opened } from "./houses.js";

function made(name = "meter.sqlite"): string {
  const path = join(freshDir(), name);
  const store = opened(path);
  store.commit({ ledgers: [{ name: "grid", role: "grid", ledger: newLedger(), notices: [] }], outbox: [] });
  store.close();
  return path;
}

function altered(path: string, sql: string): Buffer {
  const db = new Libsql(path);
  db.exec(sql);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  return readFileSync(path);
}

describe("at the door of a store", () => {
  it("a newer schema is refused by number, by owner and reader, and stays as it was", () => {
    const path = made();
    const bytes = altered(path, "PRAGMA user_version = 9");
    const refused = { ok: false, code: "store-newer", reason: `${path} is of schema 9; this program knows 2` };
    expect(openStore(path)).toMatchObject(refused);
    expect(openReader(path)).toMatchObject(refused);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it("a file that is no store is refused and stays as it was", () => {
    const text = join(freshDir(), "meter.sqlite");
    writeFileSync(text, "a shopping list\n".repeat(99));
    expect(openStore(text)).toMatchObject({ ok: false, code: "not-a-store" });
    expect(openReader(text)).toMatchObject({ ok: false, code: "not-a-store" });
    expect(readFileSync(text, "utf8")).toBe("a shopping list\n".repeat(99));
    const other = join(freshDir(), "meter.sqlite");
    const bytes = altered(other, "CREATE TABLE songs (title TEXT)");
    expect(openStore(other)).toMatchObject({ ok: false, code: "not-a-store" });
    expect(readFileSync(other).equals(bytes)).toBe(true);
    expect(openHubStore(made(), "hub")).toMatchObject({ ok: false, code: "not-a-store" });
  });

  it("a missing store, one without a directory and one of a directory's name are refused", () => {
    const path = join(freshDir(), "meter.sqlite");
    expect(openReader(path)).toMatchObject({ ok: false, code: "store-missing" });
    expect(openHubReader(path)).toMatchObject({ ok: false, code: "store-missing" });
    expect(existsSync(path)).toBe(false);
    expect(openStore(join(path, "deeper"))).toMatchObject({ ok: false, code: "store-unopened" });
    expect(openStore(freshDir())).toMatchObject({ ok: false, code: "not-a-store" });
  });

  it("a damaged page is refused", () => {
    const path = made();
    const file = openSync(path, "r+");
    writeSync(file, Buffer.alloc(3000, 0x5a), 0, 3000, 4096 * 2);
    closeSync(file);
    expect(openStore(path)).toMatchObject({ ok: false, code: "store-damaged" });
  });

  it("an odd path is a path: blanks, percent signs and question marks", () => {
    const path = made("a b%20?mode=memory#.sqlite");
    expect(existsSync(path)).toBe(true);
    const reader = openReader(path);
    expect(reader.ok && reader.reader.ledgers()).toEqual([{ name: "grid", role: "grid" }]);
  });

  it("an older schema is migrated whole or not at all; a reader leaves it to the owner", () => {
    const path = made();
    const step = "ALTER TABLE ledgers ADD COLUMN note TEXT";
    const failing: Schema = {
      ...HOUSE,
      migrations: [...HOUSE.migrations, `${step}; CREATE TABLE ledgers (id INTEGER)`],
    };
    const newer: Schema = { ...HOUSE, migrations: [...HOUSE.migrations, step] };
    const copy = `${path}.copy`;
    copyFileSync(path, copy);
    expect(() => openOwner(copy, failing)).toThrow();
    opened(copy).close();
    expect(openToRead(path, newer)).toMatchObject({ ok: false, code: "store-older" });
    const migrated = openOwner(path, newer);
    expect(migrated.ok && migrated.db.scalar("SELECT count(note) + count(*) FROM ledgers")).toBe(1);
    expect(openStore(path)).toMatchObject({ ok: false, code: "store-newer" });
  });
});
