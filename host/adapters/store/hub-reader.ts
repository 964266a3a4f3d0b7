// What `esme read forwarded` sees of a hub, in its own process and while the hub runs.

import type { HubReader, ReceivedMessage, Refusal } from "../../ports/store.js";
import { type Database, openToRead } from "./database.js";
import { messageOf, utc } from "./rows.js";
import { HUB } from "./schema.js";

/** Messages read at once. */
const PAGE = 500;

/** Opens a hub's store to look at it. */
export function openHubReader(path: string): { readonly ok: true; readonly reader: HubReader } | Refusal {
  const opened = openToRead(path, HUB);
  return opened.ok ? { ok: true, reader: new SqliteHubReader(opened.db) } : opened;
}

class SqliteHubReader implements HubReader {
  constructor(private readonly db: Database) {}

  *forwarded(meter?: string): Iterable<ReceivedMessage> {
    const page = this.db.prepare(
      "SELECT * FROM received WHERE seq > ?1 AND (?2 IS NULL OR meter = ?2) ORDER BY seq LIMIT ?3",
    );
    for (let after = 0; ; ) {
      const rows = page.all(after, meter ?? null, PAGE);
      for (const row of rows) {
        after = Number(row.seq);
        yield { ...messageOf(row), meter: String(row.meter), received: utc(row.received_ms) };
      }
      if (rows.length < PAGE) return;
    }
  }

  close(): void {
    this.db.close(false);
  }
}
