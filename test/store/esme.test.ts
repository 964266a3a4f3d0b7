// The store keeps the whole ESME: taken up again after any prefix of a history it goes on as the live meter does, compared as documents.
import { statSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import { describe, expect, it } from "vitest";
import { openReader } from "../../host/adapters/store/house-reader.js";
import { openStore } from "../../host/adapters/store/house-store.js";
import { type Esme, newEsme } from "../../host/ledger/esme.js";
import type { Notice } from "../../host/ledger/events.js";
import { newLedger } from "../../host/ledger/ledger.js";
import { cleared, emptyLog, logged } from "../../host/ledger/log.js";
import { kept } from "../../host/ledger/profile.js";
import type { EventEntry } from "../../host/ledger/state/housekeeping.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import { Utc_ms } from "../../host/ledger/units.js";
import type { Store } from "../../host/ports/store.js";
import { asDocument, esmeHistory, lived } from "../document/histories.js";
import { freshDir, opened, random, reading, START } from "./houses.js";

const ALWAYS = [Utc_ms(0), Utc_ms(8.64e15)] as const;

function committed(store: Store, esme: Esme, notices: readonly Notice[] = []): void {
  const grid = { name: "grid", role: "grid", ledger: esme.ledger, notices, esme } as const;
  expect(store.commit({ ledgers: [grid], outbox: [] })).toEqual({ ok: true });
}

function gridOf(store: Store): Esme {
  const esme = store.load().find((one) => one.name === "grid")?.esme;
  if (esme === undefined) throw new Error("the grid's ESME is gone");
  return esme;
}

function altered(path: string, sql: string): void {
  const db = new Libsql(path);
  db.exec(sql);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

function stored(esme: Esme): string {
  const path = join(freshDir(), "meter.sqlite");
  const store = opened(path);
  committed(store, esme);
  store.close();
  return path;
}

describe("an ESME taken up again", () => {
  it.each([1, 2, 3, 4, 5, 6])("after any prefix of mixed events goes on as the live one does (seed %i)", (seed) => {
    const path = join(freshDir(), "meter.sqlite");
    const next = random(seed * 613);
    let store = opened(path);
    let live = newEsme(seed, { fuse_w: 75_900, patience_ms: 43_200_000 });
    let again = live;
    let taken = 0;
    for (const event of esmeHistory(seed, 160)) {
      live = turnEsme(live, event).esme;
      again = turnEsme(again, event).esme;
      if (next() < 0.6) continue;
      committed(store, again);
      if (next() < 0.85) continue;
      store.close();
      store = opened(path);
      again = gridOf(store);
      expect(asDocument(again)).toEqual(asDocument(live));
      const reader = reading(path);
      const read = reader.esme("grid");
      expect(read === null ? null : asDocument(read)).toEqual(asDocument(live));
      expect(reader.state("grid")?.state.supplyState).toEqual(live.state.supplyState);
      expect(new Set(reader.beside("grid"))).toEqual(new Set(live.beside.map((one) => one.name)));
      for (const { name, ledger } of live.beside)
        expect(reader.profile(`grid:${name}`, ...ALWAYS)).toEqual([...kept(ledger.profile)]);
      reader.close();
      taken++;
    }
    store.close();
    expect(taken).toBeGreaterThan(5);
  });

  it("shows the ledgers beside it to who asks for them only, and forgets one that is counted no more", () => {
    const esme = lived(5, 120);
    expect(esme.beside.map((one) => one.name)).toEqual(["secondary"]);
    const path = stored(esme);
    let reader = reading(path);
    expect(reader.ledgers()).toEqual([{ name: "grid", role: "grid" }]);
    expect(reader.beside("grid")).toEqual(["secondary"]);
    expect(reader.registers("grid:secondary")?.register_wh[0]).toBeGreaterThan(0);
    reader.close();
    const store = opened(path);
    expect(store.load().map((one) => one.name)).toEqual(["grid"]);
    committed(store, { ...gridOf(store), beside: [] });
    store.close();
    reader = reading(path);
    expect(reader.beside("grid")).toEqual([]);
    expect(reader.registers("grid:secondary")).toBeNull();
    reader.close();
  });

  it("is an ESME only once it has been committed as one; a ledger alone stays one", () => {
    const path = join(freshDir(), "meter.sqlite");
    const store = opened(path);
    store.commit({ ledgers: [{ name: "grid", role: "grid", ledger: newLedger(), notices: [] }], outbox: [] });
    expect(store.load()[0]).not.toHaveProperty("esme");
    const reader = reading(path);
    expect([reader.esme("grid"), reader.state("grid"), reader.esme("nobody")]).toEqual([null, null, null]);
    committed(store, newEsme(9));
    expect(reader.state("grid")?.state.randomisedOffsetNumber.value).toBe(9);
    reader.close();
    store.close();
  });

  it("put back to another meter's state, as by a restore, is that meter whole", () => {
    const path = stored(lived(4, 200));
    for (const other of [lived(5, 150), lived(4, 30), newEsme(3), lived(7, 220)]) {
      const store = opened(path);
      committed(store, other);
      store.close();
      const again = opened(path);
      expect(asDocument(gridOf(again))).toEqual(asDocument(other));
      again.close();
    }
  });

  it("keeps a log that was cleared, and one that grew by more than its depth between two commits", () => {
    const path = stored(lived(4, 200));
    let store = opened(path);
    let esme = gridOf(store);
    const entry = (n: number) => ({ timestamp: Utc_ms(START + n), logCode: n, otherInformation: "0048", text: `${n}` });
    const write = (eventLog: Esme["state"]["eventLog"]) => {
      esme = { ...esme, state: { ...esme.state, eventLog } };
      committed(store, esme);
      store.close();
      store = opened(path);
      expect(asDocument(gridOf(store)).eventLog).toEqual(asDocument(esme).eventLog);
      esme = gridOf(store);
    };
    let log = esme.state.eventLog;
    for (let n = 0; n < 350; n++) log = logged(log, entry(n), 100);
    write(log);
    write(cleared(esme.state.eventLog));
    write(logged(esme.state.eventLog, entry(1), 100));
    log = esme.state.eventLog;
    for (let n = 0; n < 5; n++) log = logged(n === 3 ? cleared(log) : log, entry(n), 100);
    write(log);
    store.close();
  });

  it("keeps how far a replay has come, in the same transaction", () => {
    const path = join(freshDir(), "meter.sqlite");
    let store = opened(path);
    expect(store.progress("june.jsonl")).toBeNull();
    store.commit({ ledgers: [], outbox: [], progress: { name: "june.jsonl", position: 12_345 } });
    const tooLong = [{ id: 1, kind: "push" as const, body: new Uint8Array(65_537) }];
    const progress = { name: "june.jsonl", position: 99_999 };
    expect(() => store.commit({ ledgers: [], outbox: tooLong, progress })).toThrow();
    store.close();
    store = opened(path);
    expect(store.progress("june.jsonl")).toBe(12_345);
    store.close();
  });
});

describe("what a commit writes", () => {
  it("is what changed: a section that is the same object is not written, a new log entry is one row", () => {
    const path = stored(lived(4, 200));
    const store = opened(path);
    const esme = gridOf(store);
    // Whoever writes a row of these tables leaves a line.
    altered(
      path,
      `CREATE TABLE seen (what TEXT);
       CREATE TRIGGER s1 AFTER INSERT ON sections BEGIN INSERT INTO seen VALUES (new.name); END;
       CREATE TRIGGER s2 AFTER INSERT ON log_entries BEGIN INSERT INTO seen VALUES (new.log || ' entry'); END;
       CREATE TRIGGER s3 AFTER INSERT ON half_hours BEGIN INSERT INTO seen VALUES ('half hour'); END;`,
    );
    const [one, two, three] = esme.state.averageRMSVoltageProfileDataLog;
    const voltages = [one, logged(two, { timestamp: Utc_ms(START), value: 2_300 }, 4_320), three] as const;
    committed(store, { ...esme, state: { ...esme.state, averageRMSVoltageProfileDataLog: voltages } });
    store.close();
    const db = new Libsql(path);
    const seen = db.prepare("SELECT what FROM seen").all() as { what: string }[];
    expect(seen.map(({ what }) => what)).toEqual([
      "averageRMSVoltageProfileDataLog",
      "averageRMSVoltageProfileDataLog[2] entry",
    ]);
    db.close();
  });
});

describe("a store that somebody wrote into", () => {
  const damages: readonly (readonly [what: string, sql: string, reason: RegExp])[] = [
    ["a section that is no JSON", "UPDATE sections SET body = '{' WHERE name = 'netting'", /netting is no JSON/],
    [
      "a value out of range",
      `UPDATE sections SET body = '{"threshold":-5}' WHERE name = 'lowMediumPowerThreshold'`,
      /lowMediumPowerThreshold.threshold: .*>=0/,
    ],
    ["a missing section", "DELETE FROM sections WHERE name = 'supplyAccount'", /supplyAccount is missing/],
    ["a log with a hole", "DELETE FROM log_entries WHERE log = 'securityLog' AND id = 2", /securityLog does not end/],
    [
      "an entry of another form",
      `UPDATE log_entries SET body = '{"timestamp":"noon"}' WHERE log = 'securityLog' AND id = 1`,
      /securityLog, entry 1.*timestamp/,
    ],
  ];

  it.each(damages)("is refused for %s, with the place, and stays as it was", (_, sql, reason) => {
    const lively = lived(4, 60);
    let securityLog = emptyLog<EventEntry>();
    for (const logCode of [1, 2, 3])
      securityLog = logged(securityLog, { timestamp: Utc_ms(START), logCode, otherInformation: "", text: "" }, 100);
    const esme = { ...lively, state: { ...lively.state, securityLog } };
    const path = stored(esme);
    altered(path, sql);
    const before = statSync(path).mtimeMs;
    const refused = openStore(path);
    expect(refused).toMatchObject({ ok: false, code: "store-damaged", reason: expect.stringMatching(reason) });
    expect(refused).toHaveProperty("next", expect.stringContaining("snapshot"));
    expect(statSync(path).mtimeMs).toBe(before);
    const reader = reading(path);
    expect(() => reader.esme("grid")).toThrow(expect.objectContaining({ code: "store-damaged" }));
    expect(reader.registers("grid")?.register_wh[0]).toBeGreaterThan(0);
    reader.close();
  });

  it("is refused where it was made before schema 1 was finished", () => {
    const path = stored(lived(4, 30));
    altered(path, "DROP TABLE sections");
    const expected = { ok: false, code: "store-unfinished", reason: expect.stringContaining("no table sections") };
    expect(openStore(path)).toMatchObject(expected);
    expect(openReader(path)).toMatchObject(expected);
  });
});
