// A meter's side of the link in its own process for killed.test.ts: pushes up to 400 messages, answers what it is asked in the same
// transaction that takes the question, says "drained" once the hub has everything. Arguments: directory, port, address.
import { join } from "node:path";
import { tcpHubLink } from "../../dist/host/adapters/hub-link/tcp.js";
import { takeLock } from "../../dist/host/adapters/lock.js";
import { openStore } from "../../dist/host/adapters/store/house-store.js";
import { clock } from "./fast-clock.mjs";

const [dir = "", port = "0", host = ""] = process.argv.slice(2);
const lock = takeLock(dir);
if (!lock.ok) throw new Error(lock.reason);
const opened = openStore(join(dir, "meter.sqlite"));
if (!opened.ok) throw new Error(opened.reason);
const { store } = opened;
const link = tcpHubLink({
  host,
  port: Number(port),
  name: "meter-1",
  installCode: new Uint8Array(16),
  clock,
});
link.start({
  standing: (hub) => store.standing(hub),
  wants: (after, limit) => store.outbox(after, limit),
  acked: (id) => store.acknowledge(id),
  took: ({ id, body }, hub) => {
    const answer = { id: store.nextOutId(), kind: "answer", body: Buffer.from(`answer to ${Buffer.from(body)}`) };
    const { ok } = store.commit({ ledgers: [], outbox: [answer], took: { hub, id } });
    setImmediate(() => link.nudge());
    return ok;
  },
});
process.stdout.write("ready\n");
setInterval(() => {
  const answers = store.standing("hub-1").taken;
  const id = store.nextOutId();
  const pushes = id - 1 - answers;
  if (pushes < 400) {
    store.commit({ ledgers: [], outbox: [{ id, kind: "push", body: Buffer.from(`push ${pushes + 1}`) }] });
    link.nudge();
  } else if (answers === 60 && store.outbox(0, 1).length === 0) process.stdout.write("drained\n");
}, 2);
