// A year through ledger and store, and beside it what no ledger could do without: the additions alone, the rows alone.

import { join } from "node:path";
import { type Database, openOwner } from "../../../host/adapters/store/database.js";
import { openStore } from "../../../host/adapters/store/house-store.js";
import { HOUSE } from "../../../host/adapters/store/schema.js";
import type { Notice } from "../../../host/ledger/events.js";
import { newLedger } from "../../../host/ledger/ledger.js";
import type { Four } from "../../../host/ledger/quantities.js";
import { turn } from "../../../host/ledger/turn.js";
import type { MicroWattHours, Utc_ms } from "../../../host/ledger/units.js";
import { flow, START_ms, YEAR_s } from "../readings.js";

export interface Year {
  readonly year_s: number;
  readonly commits_s: number;
  readonly additions_s: number;
  readonly insert_s: number;
  readonly before_mb: number;
}

const DAY_s = 86_400;
const HALF_HOURS = YEAR_s / 1_800;

function throughTheLedger(path: string): {
  readonly year_s: number;
  readonly commits_s: number;
  readonly total: number;
} {
  const opened = openStore(path);
  if (!opened.ok) throw new Error(opened.reason);
  const { store } = opened;
  const rates = new Map<string, number>();
  let ledger = newLedger();
  let [a, b, c, d] = [0, 0, 0, 0];
  let commits_ms = 0;
  let halfHours = 0;
  const began = performance.now();
  for (let day = 0; day < YEAR_s / DAY_s; day++) {
    const notices: Notice[] = [];
    for (let second = day * DAY_s; second < (day + 1) * DAY_s; second++) {
      const [e, f, g, h] = flow(second);
      a += e;
      b += f;
      c += g;
      d += h;
      const counters = [a, b, c, d] as unknown as Four<MicroWattHours>;
      const at = (START_ms + second * 1_000) as Utc_ms;
      const next = turn(ledger, { kind: "reading", at, counters, device: "bench", boot: 1, base: null, span: null });
      ledger = next.ledger;
      for (const notice of next.notices) notices.push(notice);
    }
    const beforeCommit = performance.now();
    const written = store.commit({ ledgers: [{ name: "grid", role: "grid", ledger, notices }], outbox: [], rates });
    if (!written.ok) throw new Error(written.reason);
    commits_ms += performance.now() - beforeCommit;
    for (const notice of notices) if (notice.kind === "half-hour") halfHours++;
  }
  const year_s = (performance.now() - began) / 1_000;
  store.close();
  if (halfHours !== HALF_HOURS - 1) throw new Error(`a year closes ${HALF_HOURS - 1} half hours, not ${halfHours}`);
  return { year_s, commits_s: commits_ms / 1_000, total: a + b + c + d };
}

/** The same readings when nothing is kept but four totals. */
function additions(): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let second = 0; second < YEAR_s; second++) {
    const [e, f, g, h] = flow(second);
    a += e;
    b += f;
    c += g;
    d += h;
  }
  return a + b + c + d;
}

function bareInsert(db: Database): number {
  db.exec("CREATE TABLE bare (end_s INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER, d INTEGER) STRICT");
  const insert = db.prepare("INSERT INTO bare VALUES (?, ?, ?, ?, ?)");
  const began = performance.now();
  const written = db.write(() => {
    for (let k = 1; k <= HALF_HOURS; k++) insert.run(START_ms / 1_000 + k * 1_800, k, k, k, k);
  });
  if (!written.ok) throw new Error(written.reason);
  return (performance.now() - began) / 1_000;
}

const dir = process.argv[2] ?? "";
const before_mb = process.memoryUsage().rss / 1e6;
const { year_s, commits_s, total } = throughTheLedger(join(dir, "year.sqlite"));
const began = performance.now();
const sum = additions();
const additions_s = (performance.now() - began) / 1_000;
if (sum - total > 1_000_000 || total > sum) throw new Error("the two loops did not add up the same readings");
const bare = openOwner(join(dir, "bare.sqlite"), HOUSE);
if (!bare.ok) throw new Error(bare.reason);
const year: Year = { year_s, commits_s, additions_s, insert_s: bareInsert(bare.db), before_mb };
process.stdout.write(`${JSON.stringify(year)}\n`);
