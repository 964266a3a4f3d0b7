// What a hub keeps, and where it stops keeping.
import { join } from "node:path";
import Libsql from "libsql";
import { expect, it } from "vitest";
import { openHubReader } from "../../host/adapters/store/hub-reader.js";
import { openHubStore } from "../../host/adapters/store/hub-store.js";
import { Utc_ms } from "../../host/ledger/units.js";
import type { HubStore } from "../../host/ports/store.js";
import { freshDir } from "../store/houses.js";

const NOW = Utc_ms(1_780_000_000_000);

function opened(path: string, name = "hub-1"): HubStore {
  const result = openHubStore(path, name);
  if (!result.ok) throw new Error(result.reason);
  return result.store;
}

it("keeps its first name, the newest 200,000 messages in order of arrival, and where every meter stands", () => {
  const path = join(freshDir(), "hub.sqlite");
  let store = opened(path);
  store.meet("a", 0);
  store.meet("b", 41);
  store.take("b", [{ id: 42, kind: "push", body: new Uint8Array([1]) }], NOW);
  const message = (_: unknown, n: number) => ({ id: n + 1, kind: "push" as const, body: new Uint8Array([n & 255]) });
  const messages = Array.from({ length: 200_003 }, message);
  for (let at = 0; at < messages.length; at += 50_000) store.take("a", messages.slice(at, at + 50_000), NOW);
  store.take("b", [{ id: 43, kind: "answer", body: new Uint8Array([2]) }], NOW);
  expect(store.send("b", "request", new Uint8Array([3]))).toEqual({ ok: true, id: 1 });
  store.close();
  store = opened(path, "another name");
  expect(store.name).toBe("hub-1");
  expect(store.standing("a")).toEqual({ known: true, taken: 200_003, first: 1, next: 1 });
  expect(store.standing("b")).toEqual({ known: true, taken: 43, first: 1, next: 2 });
  expect(store.standing("c")).toBeNull();
  expect(() => store.take("b", [{ id: 43, kind: "push", body: new Uint8Array() }], NOW)).toThrow("rise by one");
  const result = openHubReader(path);
  if (!result.ok) throw new Error(result.reason);
  const kept = [...result.reader.forwarded()].map(({ meter, id }) => `${meter}${id}`);
  expect(kept).toHaveLength(200_000);
  expect([kept[0], kept.at(-2), kept.at(-1)]).toEqual(["a5", "a200003", "b43"]);
  expect([...result.reader.forwarded("b")]).toEqual([
    { meter: "b", id: 43, kind: "answer", received: NOW, body: new Uint8Array([2]) },
  ]);
  result.reader.close();
  store.close();
});

it("refuses one meter more than 1,000, and one message more than 10,000 that wait for a meter", () => {
  const path = join(freshDir(), "hub.sqlite");
  opened(path).close();
  const db = new Libsql(path);
  db.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
    INSERT INTO meters SELECT 'm' || i, 0, 10000 FROM n; INSERT INTO outbox VALUES ('m1', 1, 'push', x'00')`);
  db.close();
  const store = opened(path);
  expect(store.meet("new", 0)).toEqual({ ok: true });
  expect(store.meet("newer", 0)).toMatchObject({ ok: false, code: "too-many" });
  expect(store.meet("m5", 0)).toEqual({ ok: true });
  expect(store.send("m1", "push", new Uint8Array(1))).toEqual({ ok: true, id: 10_000 });
  expect(store.send("m1", "push", new Uint8Array(1))).toMatchObject({ ok: false, code: "outbox-full" });
  store.close();
});
