// The store of a hub: each meter's messages once and in order of arrival, its own to them until acknowledged (docs/spec/store.md).

import { assert } from "../../ledger/assert.js";
import type { Utc_ms } from "../../ledger/units.js";
import type { HubMessage, HubMessageKind, Standing } from "../../ports/hub-link.js";
import type { HubStore, Refusal, Written } from "../../ports/store.js";
import { type Database, openOwner, refusal } from "./database.js";
import { messageOf } from "./rows.js";
import { HUB } from "./schema.js";

const RECEIVED_KEPT = 200_000;
const METERS_MAX = 1_000;
const OUTBOX_MAX = 10_000;

/** Opens a hub's store as its owner, which must hold the lock of its directory. `name` is used where the store is new. */
export function openHubStore(path: string, name: string): { readonly ok: true; readonly store: HubStore } | Refusal {
  const opened = openOwner(path, HUB);
  if (!opened.ok) return opened;
  const { db } = opened;
  if (db.scalar("SELECT name FROM hub") !== null) return { ok: true, store: new SqliteHubStore(db) };
  const written = db.write(() => db.prepare("INSERT INTO hub VALUES (?)").run(name));
  if (written.ok) return { ok: true, store: new SqliteHubStore(db) };
  return refusal(written.fault, `${path}: ${written.reason}`, "free space there");
}

class SqliteHubStore implements HubStore {
  readonly name: string;
  readonly #db: Database;
  readonly #sql: ReturnType<typeof statements>;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = statements(db);
    this.name = String(db.scalar("SELECT name FROM hub"));
  }

  standing(meter: string): Standing | null {
    const row = this.#sql.meter.all(meter)[0];
    if (row === undefined) return null;
    const next = Number(row.next_id);
    return { known: true, taken: Number(row.last_id), first: this.outbox(meter, 0, 1)[0]?.id ?? next, next };
  }

  meet(meter: string, taken: number): Written | Refusal {
    if (this.#sql.meter.all(meter).length > 0) return { ok: true };
    if (Number(this.#db.scalar("SELECT count(*) FROM meters")) >= METERS_MAX)
      return refusal("too-many", `this hub knows ${METERS_MAX} meters already`, "use another hub");
    return this.#db.write(() => this.#sql.meet.run(meter, taken));
  }

  take(meter: string, messages: readonly HubMessage[], received: Utc_ms): Written {
    const standing = this.standing(meter);
    assert(standing !== null, "messages are taken from meters that have joined");
    return this.#db.write(() => {
      let last = standing.taken;
      for (const { id, kind, body } of messages) {
        assert(id === ++last, "the ids of a meter's messages rise by one");
        this.#sql.take.run(meter, id, kind, received, body);
      }
      this.#sql.taken.run(last, meter);
      this.#sql.prune.run(RECEIVED_KEPT);
    });
  }

  send(meter: string, kind: HubMessageKind, body: Uint8Array): { readonly ok: true; readonly id: number } | Refusal {
    const standing = this.standing(meter);
    if (standing === null)
      return refusal(
        "unknown-meter",
        `no meter ${meter} has joined this hub`,
        "let it join once with the install code",
      );
    const { first, next } = standing;
    if (next - first >= OUTBOX_MAX)
      return refusal("outbox-full", `${OUTBOX_MAX} messages wait for ${meter}`, "wait until it has joined again");
    const written = this.#db.write(() => {
      this.#sql.post.run(meter, next, kind, body);
      this.#sql.posted.run(next + 1, meter);
    });
    return written.ok ? { ok: true, id: next } : refusal(written.fault, written.reason, "free space on the hub's disk");
  }

  outbox(meter: string, after: number, limit: number): readonly HubMessage[] {
    return this.#sql.outbox.all(meter, after, limit).map(messageOf);
  }

  acknowledge(meter: string, id: number): Written {
    return this.#db.write(() => this.#sql.acknowledge.run(meter, id));
  }

  close(): void {
    this.#db.close(true);
  }
}

function statements(db: Database) {
  return {
    meter: db.prepare("SELECT last_id, next_id FROM meters WHERE meter = ?"),
    meet: db.prepare("INSERT INTO meters VALUES (?, ?, 1)"),
    take: db.prepare("INSERT INTO received (meter, id, kind, received_ms, body) VALUES (?, ?, ?, ?, ?)"),
    taken: db.prepare("UPDATE meters SET last_id = ? WHERE meter = ?"),
    prune: db.prepare("DELETE FROM received WHERE seq <= (SELECT max(seq) FROM received) - ?"),
    post: db.prepare("INSERT INTO outbox VALUES (?, ?, ?, ?)"),
    posted: db.prepare("UPDATE meters SET next_id = ? WHERE meter = ?"),
    outbox: db.prepare("SELECT id, kind, body FROM outbox WHERE meter = ? AND id > ? ORDER BY id LIMIT ?"),
    acknowledge: db.prepare("DELETE FROM outbox WHERE meter = ? AND id <= ?"),
  };
}
