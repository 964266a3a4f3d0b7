// A meter that has its hub as its clock's master, over a real socket: what the hub's time does to the meter's clock and logs.

import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { tcpHubLink } from "../../host/adapters/hub-link/tcp.js";
import { openHubStore } from "../../host/adapters/store/hub-store.js";
import { type Hub, startHub } from "../../host/hub/hub.js";
import { entriesOf } from "../../host/ledger/log.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import { unexplained_wh } from "../ledger/helpers.js";
import { START_utc_ms, Workbench } from "../proof/workbench.js";
import { freshDir } from "../store/houses.js";
import { until } from "./until.js";

const CODE = new Uint8Array(16).fill(3);
const MINUTE_s = 60;

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function hubAt(clock: SimulatedClock): Promise<{ hub: Hub; took: string[] }> {
  const opened = openHubStore(join(freshDir(), "hub.sqlite"), "hub-1");
  if (!opened.ok) throw new Error(opened.reason);
  const took: string[] = [];
  const { store } = opened;
  const started = await startHub({
    store,
    clock,
    installCode: CODE,
    tell: (news) => {
      if (news.kind === "took") for (const { body } of news.messages) took.push(new TextDecoder().decode(body));
    },
  });
  if (!started.ok) throw new Error(started.reason);
  const { hub } = started;
  stops.push(async () => {
    await hub.stop();
    store.close();
  });
  return { hub, took };
}

/** A meter that has run for ten minutes when it reaches a hub whose clock is ahead by so much. */
async function world(ahead_ms: number) {
  const hubClock = new SimulatedClock(START_utc_ms + ahead_ms);
  const { hub, took } = await hubAt(hubClock);
  // The link's own clock stands: it misses nothing while simulated time runs past the sockets.
  const clock = new SimulatedClock(START_utc_ms);
  const link = tcpHubLink({ host: "127.0.0.1", port: hub.port, name: "meter-1", installCode: CODE, clock });
  const one = new Workbench({
    board: {
      fidelity: "fast",
      scenario: { kind: "steady", clamps: [{ amps: 10 }, {}, {}] },
      frontEnd: { like: "ideal" },
    },
    meter: { hub: link, clockMaster: "hub" },
  });
  stops.push(() => one.leave());
  one.arrive().run(10 * MINUTE_s);
  hubClock.runTo(10 * MINUTE_s * 1_000);
  expect(hub.meters).toEqual([]);
  return { one, hub, hubClock, took };
}

/** Entries of the event log about adjusting the clock. */
const adjustments = (one: Workbench) =>
  [...entriesOf(one.esme().state.eventLog)]
    .filter(({ logCode }) => [0x8145, 0x8f0c, 0x81c6].includes(logCode))
    .map((one) => `${new Date(one.timestamp).toISOString().slice(11, 19)} 0x${one.logCode.toString(16)} ${one.text}`);
const alerts = (one: Workbench) =>
  one.notices.flatMap(({ notice }) => (notice.kind === "alert" && notice.code === 0x8f0c ? [notice.text] : []));

describe("a meter whose master is its hub", () => {
  test("adjusts its clock to a hub that is 4 s ahead, and logs 0x8145", async () => {
    const { one } = await world(4_000);
    await until(() => adjustments(one).length > 0);
    expect(adjustments(one)).toEqual(["10:10:04 0x8145 adjusted by 4000 ms"]);
    one.run(30 * MINUTE_s);
    // The last reading is of the second that has just gone: by the hub's clock, not by the system's.
    expect(Math.abs((one.esme().ledger.last?.at ?? 0) - (START_utc_ms + 40 * 60_000 + 4_000))).toBeLessThan(2_000);
    expect(unexplained_wh(one.esme().ledger)).toEqual([0, 0, 0, 0]);
    expect(alerts(one)).toEqual([]);
  });

  test("does not adjust its clock to a hub that is 40 s ahead: alert 0x8F0C, once, which the hub hears of", async () => {
    const { one, hubClock, took } = await world(40_000);
    await until(
      () => alerts(one).length > 0 && took.some((message) => message.includes("its master is 40000 ms away")),
    );
    const told = "clock not adjusted: its master is 40000 ms away";
    expect(alerts(one)).toEqual([told]);
    expect(adjustments(one)).toEqual([`10:10:00 0x8f0c ${told}`]);
    expect(one.esme().state.time.status).toBe("unreliable");
    one.run(30 * MINUTE_s);
    expect(Math.abs((one.esme().ledger.last?.at ?? 0) - (START_utc_ms + 40 * 60_000))).toBeLessThan(2_000);
    expect(hubClock.mono()).toBe(10 * MINUTE_s * 1_000);
    expect(alerts(one)).toHaveLength(1);
  });

  test("is told at once when the hub's own clock is set, and follows", async () => {
    const { one, hub, hubClock } = await world(0);
    await until(() => hub.meters.length === 1);
    hubClock.setUtcBy(-5_000);
    hubClock.runTo(10 * MINUTE_s * 1_000 + 1_000); // the meter's clock stands meanwhile: 4 s between them
    await until(() => adjustments(one).length > 0);
    expect(adjustments(one)).toEqual(["10:09:56 0x8145 adjusted by -4000 ms"]);
  });
});
