// The hub link over real sockets and real stores, on a clock that the test moves: restarts, refusals, floods, limits.
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { tcpHubLink } from "../../host/adapters/hub-link/tcp.js";
import { openHubReader } from "../../host/adapters/store/hub-reader.js";
import { openHubStore } from "../../host/adapters/store/hub-store.js";
import { type Hub, startHub } from "../../host/hub/hub.js";
import { Mono_ms, Utc_ms } from "../../host/ledger/units.js";
import type { Clock } from "../../host/ports/clock.js";
import type { HubLink, HubMessage } from "../../host/ports/hub-link.js";
import type { HubStore, ReceivedMessage, Store } from "../../host/ports/store.js";
import { OWN_ADDRESS } from "../proof/crash-bench.js";
import { freshDir, opened, random } from "../store/houses.js";

const CODE = Uint8Array.from({ length: 16 }, (_, at) => at);
const text = (words: string) => new TextEncoder().encode(words);
const words = (body: Uint8Array) => new TextDecoder().decode(body);

/** A clock that stands until it is moved. */
class TestClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ period_ms: number; due_ms: number; call: () => void }>();

  /** What somebody set UTC by. */
  set_ms = 0;
  utc = () => Utc_ms(Date.parse("2026-06-01T00:00:00Z") + this.#now + this.set_ms);
  mono = () => Mono_ms(this.#now);

  every(period_ms: number, call: () => void): () => void {
    const timer = { period_ms, due_ms: this.#now + period_ms, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(by_ms: number): void {
    for (const end = this.#now + by_ms; this.#now < end; ) {
      this.#now = Math.min(end, ...[...this.#timers].map((timer) => timer.due_ms));
      for (const timer of this.#timers) {
        if (timer.due_ms > this.#now) continue;
        timer.due_ms += timer.period_ms;
        timer.call();
      }
    }
  }
}

/** Turns the event loop until `holds`; moves the clock on to the next try whenever the link waits for one. */
async function until(holds: () => boolean, world?: { clock: TestClock; link: HubLink }): Promise<void> {
  for (const deadline = Date.now() + 20_000; !holds(); ) {
    if (Date.now() > deadline) throw new Error(`it never held: ${holds}; ${JSON.stringify(world?.link.state())}`);
    await new Promise((resolve) => setImmediate(resolve));
    const state = world?.link.state();
    if (world !== undefined && state?.kind === "away" && state.next_ms > world.clock.utc()) world.clock.advance(1_000);
  }
}

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

function hubStore(path: string): HubStore {
  const result = openHubStore(path, "hub-1");
  if (!result.ok) throw new Error(result.reason);
  return result.store;
}

async function startedHub(
  clock: Clock,
  path: string,
  port = 0,
): Promise<{ hub: Hub; store: HubStore; stop(): Promise<void> }> {
  const store = hubStore(path);
  const result = await startHub({ store, clock, installCode: CODE, host: OWN_ADDRESS, port });
  if (!result.ok) throw new Error(result.reason);
  const { hub } = result;
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await hub.stop();
    store.close();
  };
  stops.push(stop);
  return { hub, store, stop };
}

/** The meter's side: its store, and what it was asked. */
function startedMeter(
  clock: Clock,
  path: string,
  port: number,
  asked: HubMessage[] = [],
  more: { code?: Uint8Array; name?: string; time?: (says: Utc_ms) => void } = {},
) {
  const store: Store = opened(path);
  const { code = CODE, name = "meter-1", time } = more;
  const link = tcpHubLink({ host: OWN_ADDRESS, port, name, installCode: code, clock });
  link.start({
    ...(time === undefined ? {} : { time }),
    standing: (hub) => store.standing(hub),
    wants: (after, limit) => store.outbox(after, limit),
    acked: (id) => void store.acknowledge(id),
    took: (message, hub) => {
      const kept = store.commit({ ledgers: [], outbox: [], took: { hub, id: message.id } }).ok;
      if (kept) asked.push(message);
      return kept;
    },
  });
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await link.stop();
    store.close();
  };
  stops.push(stop);
  const push = (body: Uint8Array) => {
    const id = store.nextOutId();
    expect(store.commit({ ledgers: [], outbox: [{ id, kind: "push", body }] }).ok).toBe(true);
    link.nudge();
  };
  return { store, link, stop, push };
}

function forwarded(path: string): ReceivedMessage[] {
  const result = openHubReader(path);
  if (!result.ok) throw new Error(result.reason);
  const messages = [...result.reader.forwarded()];
  result.reader.close();
  return messages;
}

describe("messages between a meter and its hub", () => {
  it.each([1, 2, 3])("arrive once and in order while both are restarted at any moment (seed %i)", async (seed) => {
    const next = random(seed);
    const dir = freshDir();
    const [hubPath, meterPath] = [join(dir, "hub.sqlite"), join(dir, "meter.sqlite")];
    const clock = new TestClock();
    const asked: HubMessage[] = [];
    let hub = await startedHub(clock, hubPath);
    const port = hub.hub.port;
    let meter = startedMeter(clock, meterPath, port, asked);
    let pushed = 0;
    let requested = 0;
    for (let step = 0; step < 250; step++) {
      const what = next();
      if (what < 0.5) meter.push(text(`up${++pushed}`));
      else if (what < 0.65) {
        if (hub.hub.send("meter-1", "request", text(`down${requested + 1}`)).ok) requested++;
      } else if (what < 0.9) for (let n = next() * 9; n > 0; n--) await new Promise((resolve) => setImmediate(resolve));
      else if (what < 0.93) clock.advance(Math.floor(next() * 5_000));
      else if (what < 0.965) {
        await hub.stop();
        hub = await startedHub(clock, hubPath, port);
      } else {
        await meter.stop();
        meter = startedMeter(clock, meterPath, port, asked);
      }
    }
    await until(() => meter.store.outbox(0, 1).length === 0 && hub.store.outbox("meter-1", 0, 1).length === 0, {
      clock,
      link: meter.link,
    });
    const received = forwarded(hubPath);
    expect(received.map(({ body }) => words(body))).toEqual(Array.from({ length: pushed }, (_, n) => `up${n + 1}`));
    expect(received.map(({ id }) => id)).toEqual(Array.from({ length: pushed }, (_, n) => n + 1));
    expect(asked.map(({ body }) => words(body))).toEqual(Array.from({ length: requested }, (_, n) => `down${n + 1}`));
    expect(pushed).toBeGreaterThan(80);
    expect(requested).toBeGreaterThan(10);
    expect([...hub.hub.refused.keys()]).toEqual([]);
  });

  it("carry 64 KiB whole, and not a byte more", async () => {
    const dir = freshDir();
    const clock = new TestClock();
    const { hub } = await startedHub(clock, join(dir, "hub.sqlite"));
    const asked: HubMessage[] = [];
    const meter = startedMeter(clock, join(dir, "meter.sqlite"), hub.port, asked);
    const body = Uint8Array.from({ length: 65_536 }, (_, at) => (at * 31) & 0xff);
    meter.push(body);
    await until(() => forwarded(join(dir, "hub.sqlite")).length === 1);
    expect(forwarded(join(dir, "hub.sqlite"))[0]).toEqual({
      id: 1,
      kind: "push",
      body,
      meter: "meter-1",
      received: clock.utc(),
    });
    expect(hub.send("meter-1", "request", new Uint8Array(65_537))).toMatchObject({ ok: false, code: "length" });
    expect(hub.send("meter-1", "request", body)).toEqual({ ok: true, id: 1 });
    await until(() => asked.length === 1);
    expect(asked).toEqual([{ id: 1, kind: "request", body }]);
    expect(hub.send("meter-2", "request", body)).toMatchObject({ ok: false, code: "unknown-meter" });
  });
});

describe("the hub's time", () => {
  it("arrives on joining, an hour later and once the hub's clock was set; a meter that does not listen is unharmed", async () => {
    const dir = freshDir();
    const clock = new TestClock();
    clock.set_ms = 4_000;
    const { hub } = await startedHub(clock, join(dir, "hub.sqlite"));
    const times: string[] = [];
    const time = (says: Utc_ms) => times.push(new Date(says).toISOString().slice(0, 19));
    const still = new TestClock(); // the meters' clock stands: they miss nothing while the hub's goes on
    const listening = startedMeter(still, join(dir, "one.sqlite"), hub.port, [], { name: "one", time });
    const deaf = startedMeter(still, join(dir, "two.sqlite"), hub.port, [], { name: "two" });
    await until(() => times.length === 1 && hub.meters.length === 2);
    for (let s = 25; s < 3_600; s += 25) {
      clock.advance(25_000);
      listening.push(text(`${s}`));
      deaf.push(text(`${s}`));
      await until(() => listening.store.outbox(0, 1).length + deaf.store.outbox(0, 1).length === 0);
    }
    expect(times).toEqual(["2026-06-01T00:00:04"]);
    clock.advance(25_000);
    await until(() => times.length === 2);
    clock.set_ms -= 40_000;
    clock.advance(1_000);
    await until(() => times.length === 3);
    expect(times).toEqual(["2026-06-01T00:00:04", "2026-06-01T01:00:04", "2026-06-01T00:59:25"]);
    expect([listening, deaf].map(({ link }) => link.state().kind)).toEqual(["joined", "joined"]);
    expect([...hub.refused.keys()]).toEqual([]);
    const received = forwarded(join(dir, "hub.sqlite"));
    expect(received.map(({ meter, id }) => `${meter} ${id}`).toSorted()).toEqual(
      ["one", "two"].flatMap((name) => Array.from({ length: 143 }, (_, n) => `${name} ${n + 1}`)).toSorted(),
    );
  });
});

describe("at the hub's door", () => {
  const world = async () => {
    const dir = freshDir();
    const clock = new TestClock();
    return { clock, dir, ...(await startedHub(clock, join(dir, "hub.sqlite"))) };
  };
  const closed = (port: number) => {
    const socket = connect(port, OWN_ADDRESS);
    socket.on("error", () => {});
    socket.resume();
    return { socket, closed: once(socket, "close") };
  };

  it("a wrong install code is refused by name, and tried again ever more rarely", async () => {
    const { clock, dir, hub } = await world();
    const { link } = startedMeter(clock, join(dir, "meter.sqlite"), hub.port, [], { code: CODE.slice().fill(9) });
    await until(() => link.state().kind === "away" && hub.refused.get("install-code") === 1);
    await until(() => hub.refused.get("install-code") === 4, { clock, link });
    expect(clock.mono()).toBeGreaterThanOrEqual(1_000 + 2_000 + 4_000);
    expect(link.state()).toMatchObject({ kind: "away", code: "install-code" });
    const state = link.state();
    expect(state.kind === "away" && state.reason).toBe(
      `the hub at ${OWN_ADDRESS}:${hub.port}: it refused [install-code]: give the meter the code that the hub printed`,
    );
    expect(hub.meters).toEqual([]);
  });

  it("no hub is told as a state, and found once it is there", async () => {
    const { clock, dir, hub, stop } = await world();
    const { port } = hub;
    await stop();
    const { link } = startedMeter(clock, join(dir, "meter.sqlite"), port);
    await until(() => link.state().kind === "away" && (link.state() as { code: string }).code === "unreachable");
    await startedHub(clock, join(dir, "hub.sqlite"), port);
    await until(() => link.state().kind === "joined", { clock, link });
    expect(link.state()).toMatchObject({ hub: "hub-1" });
  });

  it("garbage, half frames, lying lengths and floods close their connection and are counted", async () => {
    const { clock, hub } = await world();
    const bytes = [
      text("GET / HTTP/1.1\r\n\r\n"),
      Uint8Array.of(1, 1, 255, 255, 255, 255, ...new Uint8Array(8)),
      new Uint8Array(3_000_000).fill(1),
    ];
    for (const sent of bytes) {
      const one = closed(hub.port);
      one.socket.write(sent);
      await one.closed;
    }
    const half = closed(hub.port);
    half.socket.write(Uint8Array.of(1, 1, 0, 0, 0, 23, 0));
    await once(half.socket, "connect");
    let gone = false;
    half.closed.then(() => {
      gone = true;
    });
    for (let turns = 0; turns < 9; turns++) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(4_000);
    expect(gone).toBe(false);
    clock.advance(3_000);
    await half.closed;
    expect(Object.fromEntries(hub.refused)).toEqual({ version: 1, length: 2, "hello-timeout": 1 });
  });

  it("takes 32 connections and refuses the next by name", async () => {
    const { hub } = await world();
    const open = [];
    for (let n = 0; n < 32; n++) {
      const one = closed(hub.port);
      await once(one.socket, "connect");
      open.push(one);
    }
    const beyond = connect(hub.port, OWN_ADDRESS);
    const [refusal] = (await once(beyond, "data")) as [Buffer];
    expect(words(refusal.subarray(14, -16))).toBe("too-many");
    beyond.destroy();
    for (const { socket } of open) socket.destroy();
    await until(() => hub.refused.get("too-many") === 1);
  });

  it("a second connection of a meter takes the first one's place", async () => {
    const { clock, dir, hub } = await world();
    const one = startedMeter(clock, join(dir, "one.sqlite"), hub.port);
    await until(() => one.link.state().kind === "joined");
    const two = startedMeter(clock, join(dir, "two.sqlite"), hub.port);
    await until(() => two.link.state().kind === "joined" && one.link.state().kind === "away");
    expect(one.link.state()).toMatchObject({ code: "replaced" });
    expect(hub.meters).toEqual(["meter-1"]);
  });

  it("an address that is taken is refused", async () => {
    const { clock, dir, hub } = await world();
    const store = hubStore(join(dir, "other.sqlite"));
    const taken = await startHub({ store, clock, installCode: CODE, host: OWN_ADDRESS, port: hub.port });
    expect(taken).toMatchObject({ ok: false, code: "unlistenable" });
    store.close();
  });
});
