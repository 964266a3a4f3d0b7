// Fills the house at a path with a meter whose every log is past its end, committed once a day as it would be over two years.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../../host/adapters/store/house-store.js";
import type { Notice } from "../../../host/ledger/events.js";
import { filled } from "../../ledger/full-meter.js";

const dir = process.argv[2] ?? "";
mkdirSync(dir, { recursive: true });
const opened = openStore(join(dir, "meter.sqlite"));
if (!opened.ok) throw new Error(opened.reason);
const { store } = opened;
let notices: Notice[] = [];
filled((esme, news, k) => {
  notices.push(...news);
  if (k % 48 !== 47) return;
  const grid = { name: "grid", role: "grid", ledger: esme.ledger, notices, esme } as const;
  const written = store.commit({ ledgers: [grid], outbox: [] });
  if (!written.ok) throw new Error(written.reason);
  notices = [];
});
store.close();
process.stdout.write("{}\n");
