// A hub of its own process for killed.test.ts: asks its meter up to 60 things, on a clock twenty times as fast.
// Arguments: directory, port, address.
// Its UTC is not as fast, as if it were set back all the time: so it also tells its time among the messages, tick by tick.
import { join } from "node:path";
import { takeLock } from "../../dist/host/adapters/lock.js";
import { openHubStore } from "../../dist/host/adapters/store/hub-store.js";
import { startHub } from "../../dist/host/hub/hub.js";
import { clock } from "./fast-clock.mjs";

const [dir = "", port = "0", host = ""] = process.argv.slice(2);
const lock = takeLock(dir);
if (!lock.ok) throw new Error(lock.reason);
const opened = openHubStore(join(dir, "hub.sqlite"), "hub-1");
if (!opened.ok) throw new Error(opened.reason);
const { store } = opened;
const started = await startHub({ store, clock, installCode: new Uint8Array(16), host, port: Number(port) });
if (!started.ok) throw new Error(started.reason);
const { hub } = started;
process.stdout.write(`${hub.port}\n`);
setInterval(() => {
  const next = store.standing("meter-1")?.next ?? 0;
  if (next > 0 && next <= 60) hub.send("meter-1", "request", Buffer.from(`ask ${next}`));
}, 5);
