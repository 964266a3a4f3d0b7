// A process that does nothing but commit to a store, until it is killed: one reading every 20 minutes, a message for each half hour,
// everything a function of how many readings there were. Argument: the data directory. Says "ready", then a line for each refusal.
import { join } from "node:path";
import { takeLock } from "../../dist/host/adapters/lock.js";
import { openStore } from "../../dist/host/adapters/store/house-store.js";
import { newLedger } from "../../dist/host/ledger/ledger.js";
import { turn } from "../../dist/host/ledger/turn.js";

const [dir = "", most = "Infinity"] = process.argv.slice(2);
const START = Date.parse("2026-06-01T00:00:00Z");
const lock = takeLock(dir);
if (!lock.ok) throw new Error(lock.reason);
const opened = openStore(join(dir, "meter.sqlite"));
if (!opened.ok) throw new Error(opened.reason);
const { store } = opened;
let ledger = store.load()[0]?.ledger ?? newLedger();
let pending = [];
// Heard from the beginning: the signal may come before this process has got round to waiting for it.
let nudged = () => {};
let nudges = 0;
process.on("SIGUSR2", () => {
  nudges++;
  nudged();
});
process.stdout.write("ready\n");
const alive = setInterval(() => {}, 1000); // waiting for a signal alone does not keep a process
for (let n = ledger.last === null ? 0 : (ledger.last.at - START) / 1_200_000 + 1; n < Number(most); n++) {
  const counters = [n * 1_234_567, n * 7_654_321, null, null];
  const at = START + n * 1_200_000;
  const step = turn(ledger, { kind: "reading", at, counters, device: "b", boot: 1, base: null, span: null });
  ledger = step.ledger;
  pending.push(...step.notices);
  const first = store.nextOutId();
  const halfHours = pending.filter((notice) => notice.kind === "half-hour");
  const outbox = halfHours.map(({ entry }, k) => ({ id: first + k, kind: "push", body: Buffer.from(`${entry.end}`) }));
  let written = store.commit({ ledgers: [{ name: "grid", role: "grid", ledger, notices: pending }], outbox });
  while (!written.ok) {
    process.stdout.write(`${written.fault}: ${written.reason}\n`);
    if (nudges === 0) await new Promise((resolve) => (nudged = resolve));
    nudges--;
    written = store.commit({ ledgers: [{ name: "grid", role: "grid", ledger, notices: pending }], outbox });
  }
  pending = [];
  if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
clearInterval(alive);
store.close();
lock.release();
