// A process that does nothing but commit an ESME to a store, until it is killed: the steps of `steps.json` in its directory, a message
// for each half hour, and with each how far it has come. Arguments: the data directory, how many steps at most, and after how many
// commits of its own to say "on". Says "ready", then a line for each refusal.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "../../dist/host/adapters/lock.js";
import { openStore } from "../../dist/host/adapters/store/house-store.js";
import { newEsme } from "../../dist/host/ledger/esme.js";
import { turnEsme } from "../../dist/host/ledger/turn-esme.js";

const [dir = "", most = "Infinity", on = "0"] = process.argv.slice(2);
const steps = JSON.parse(readFileSync(join(dir, "steps.json"), "utf8")).slice(0, Number(most));
const lock = takeLock(dir);
if (!lock.ok) throw new Error(lock.reason);
const opened = openStore(join(dir, "meter.sqlite"));
if (!opened.ok) throw new Error(opened.reason);
const { store } = opened;
let esme = store.load()[0]?.esme ?? newEsme(7);
// Heard from the beginning: the signal may come before this process has got round to waiting for it.
let nudged = () => {};
let nudges = 0;
process.on("SIGUSR2", () => {
  nudges++;
  nudged();
});
process.stdout.write("ready\n");
const alive = setInterval(() => {}, 1000); // waiting for a signal alone does not keep a process
const from = (store.progress("steps") ?? -1) + 1;
for (let n = from; n < steps.length; n++) {
  const notices = [];
  for (const event of steps[n]) {
    const turned = turnEsme(esme, event);
    esme = turned.esme;
    notices.push(...turned.notices);
  }
  const first = store.nextOutId();
  const halfHours = notices.filter((notice) => notice.kind === "half-hour");
  const outbox = halfHours.map(({ entry }, k) => ({ id: first + k, kind: "push", body: Buffer.from(`${entry.end}`) }));
  const ledgers = [{ name: "grid", role: "grid", ledger: esme.ledger, esme, notices }];
  const commit = { ledgers, outbox, progress: { name: "steps", position: n } };
  let written = store.commit(commit);
  while (!written.ok) {
    process.stdout.write(`${written.fault}: ${written.reason}\n`);
    if (nudges === 0) await new Promise((resolve) => (nudged = resolve));
    nudges--;
    written = store.commit(commit);
  }
  if (n - from + 1 === Number(on)) process.stdout.write("on\n");
  if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
clearInterval(alive);
store.close();
lock.release();
