// Commands that arrive from the hub, at work in a meter on a real store: answered, kept and obeyed in one commit, or not at all.

import { verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { tcpHubLink } from "../../host/adapters/hub-link/tcp.js";
import { openReader } from "../../host/adapters/store/house-reader.js";
import { openHubStore } from "../../host/adapters/store/hub-store.js";
import { startHub } from "../../host/hub/hub.js";
import { entriesOf } from "../../host/ledger/log.js";
import { type HalfHour, profileOf } from "../../host/ledger/profile.js";
import { Board_ms, Utc_ms } from "../../host/ledger/units.js";
import { Meter } from "../../host/meter/meter.js";
import type { MeterOptions } from "../../host/meter/options.js";
import type { HubLink, HubMessage, HubState, LinkedMeter } from "../../host/ports/hub-link.js";
import type { Source, SourceEvent } from "../../host/ports/source.js";
import type { Commit, Store } from "../../host/ports/store.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import { type LaboratoryHouse, laboratoryHouse } from "../gbcs/house.js";
import { dateTime, type Opened, openResponse } from "../gbcs/laboratory.js";
import { i8, NOTHING, struct, text, u16 } from "../gbcs/laboratory-values.js";
import { freshDir, opened } from "../store/houses.js";
import { until } from "./until.js";

const NOON = Date.parse("2026-06-01T12:00:00Z");
const MINUTE_ms = 60_000;
const HUB = "hub-1";

let house: LaboratoryHouse;
beforeAll(async () => {
  house = await laboratoryHouse(freshDir());
});
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A hub that takes what the meter has for it at once, and acknowledges nothing. */
class Hub implements HubLink {
  readonly had: HubMessage[] = [];
  #meter: LinkedMeter | null = null;
  #next = 1;

  start(meter: LinkedMeter): void {
    this.#meter = meter;
  }
  nudge(): void {
    this.had.push(...(this.#meter?.wants(this.had.at(-1)?.id ?? 0, 100) ?? []));
  }
  state(): HubState {
    return { kind: "joined", hub: HUB, since_ms: 0 };
  }
  async stop(): Promise<void> {}

  /** Whether the meter took it; the same message again where it did not. */
  ask(body: Uint8Array): boolean {
    const took = this.#meter?.took({ id: this.#next, kind: "request", body }, HUB) === true;
    if (took) this.#next++;
    return took;
  }
  tellTime(utc_ms: number): void {
    this.#meter?.time?.(Utc_ms(utc_ms));
  }
  get answers(): readonly Uint8Array[] {
    return this.had.filter(({ kind }) => kind === "answer").map(({ body }) => body);
  }
  get pushes(): readonly Uint8Array[] {
    return this.had.filter(({ kind }) => kind === "push").map(({ body }) => body);
  }
}

/** A board that says what it is told to say. */
class Board implements Source {
  #tell: (event: SourceEvent) => void = () => {};
  start(tell: (event: SourceEvent) => void): void {
    this.#tell = tell;
  }
  async stop(): Promise<void> {}
  remember(): void {}
  setUtc(): void {}

  /** Each second of so many it counts 1 Wh. */
  run(clock: SimulatedClock, seconds: number): void {
    const arrived = clock.mono();
    const about = { protocol: "1", firmware: "f", build: "b", kinds: ["v", "ct"], capabilities: [], span_mwh: 2 ** 32 };
    this.#tell({ kind: "found", arrived, identity: { device: "board-1", boot: 1, ...about } });
    for (let second = 1; second <= seconds; second++) {
      clock.runTo(arrived + second * 1_000);
      const base = { import_mwh: 0, export_mwh: 0, import_mvarh: 0, export_mvarh: 0 };
      const counters = { ...base, import_mwh: second * 1_000 };
      const moment = { arrived: clock.mono(), board: Board_ms(second * 1_000), boot: 1, channel: 1 };
      this.#tell({ kind: "report", ...moment, counters, base });
    }
  }
}

/** A meter on the store at `path`, whose disk may be full. */
function world(path = join(freshDir(), "meter.sqlite"), more: Partial<MeterOptions> = {}, hasKeys = true) {
  const disk = { full: false, committed: (_: Commit) => {} };
  const kept = opened(path);
  const store = onDisk(kept, disk);
  const hub = new Hub();
  const clock = new SimulatedClock(NOON);
  const board = new Board();
  const happened: string[] = [];
  disk.committed = ({ took }) => void (took && happened.push(`commit of ${took.id}`));
  const feeds = [{ name: "grid", role: "grid" as const, channel: 1 }];
  const meter = new Meter({
    clock,
    store,
    hub,
    inputs: [{ source: board, feeds, patience_ms: 1_800_000 }],
    fuse_w: 23_000,
    commitEvery_ms: 600_000,
    ...(hasKeys ? { keyring: house.keyring } : {}),
    supplySwitch: { follow: (state) => void happened.push(state) },
    ...more,
  });
  meter.start();
  let closed = false;
  const stop = async () => {
    if (closed) return;
    closed = true;
    await meter.stop();
    kept.close();
  };
  stops.push(stop);
  const esme = () => {
    const found = meter.view().ledgers.get("grid")?.esme;
    if (found == null) throw new Error("the grid has no ESME");
    return found;
  };
  return { path, disk, store, hub, clock, board, meter, happened, esme, stop };
}

function onDisk(store: Store, disk: { full: boolean; committed: (commit: Commit) => void }): Store {
  const commit: Store["commit"] = (what) => {
    if (disk.full) return { ok: false, fault: "store-unwritable", reason: "the disk is full" };
    const written = store.commit(what);
    if (written.ok) disk.committed(what);
    return written;
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "commit") return commit;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** ECS42 and ECS43. */
const SCRIPT = { close: [0x4f, 51], open: [0x50, 52] } as const;
function switching(what: keyof typeof SCRIPT, counter: bigint): Uint8Array {
  const [code, script] = SCRIPT[what];
  const items = [{ act: [9, "0-0:10.0.106.255", 1], data: u16(script) }] as const;
  return house.command({ code, originator: house.supplier, counter, items, signed: true });
}

/** ECS17a. */
function readExport(counter: bigint): Uint8Array {
  const items = (["1-0:2.8.0.255", "1-0:4.8.0.255"] as const).flatMap((obis) =>
    ([2, 3] as const).map((attribute) => ({ get: [3, obis, attribute] as const })),
  );
  return house.command({ code: 0x26, originator: house.networkOperator, counter, items });
}

/** ECS22b, all of it. */
function readHalfHours(counter: bigint): Uint8Array {
  const range = [new Date(NOON - 400 * 86_400_000), new Date(NOON)] as const;
  const items = [{ read: "0-0:43.2.7.255", of: [{ attribute: [7, "0-0:99.1.0.255", 2], range }] }] as const;
  return house.command({ code: 0x37, originator: house.supplier, counter, items });
}

const open = (bytes: Uint8Array | undefined): Opened => openResponse(house.keys, bytes ?? new Uint8Array(0));
const counterOf = (one: ReturnType<typeof world>) => {
  const { received } = one.esme().state.communicationsAccount;
  return received.find(({ party }) => party === house.supplier)?.counter ?? null;
};
const securityLog = (one: ReturnType<typeof world>) => [...entriesOf(one.esme().state.securityLog)];

describe("a request of the hub", () => {
  test("is answered with what the meter holds, for whoever asked, and kept for the hub", () => {
    const one = world();
    expect(one.meter.command("test", { kind: "set-registers", import_wh: 11, export_wh: 1_234_567 })).toBeNull();
    expect(one.hub.ask(readExport(9n))).toBe(true);
    expect(one.hub.answers).toHaveLength(1);
    const read = open(one.hub.answers[0]);
    expect(read).toMatchObject({ authentic: true, originator: house.meter, recipient: house.networkOperator });
    expect(read).toMatchObject({ code: 0x26, counter: 9n, results: [0, 0, 0, 0], time: dateTime(new Date(NOON)) });
    expect(read.values[0]).toEqual({ tag: 6, of: 1_234_567 });
    expect(one.store.outbox(0, 9).map(({ kind }) => kind)).toEqual(["answer"]);
    expect(one.store.standing(HUB).taken).toBe(1);
  });

  test("that is garbage is taken and stays unanswered, and the next is answered", () => {
    const one = world();
    const tampered = readExport(1n);
    tampered[70] = (tampered[70] ?? 0) ^ 1;
    const garbage = [new Uint8Array(0), new TextEncoder().encode("GET / HTTP/1.1\r\n"), tampered];
    const { state } = one.esme();
    for (const body of garbage) expect(one.hub.ask(body)).toBe(true);
    expect(one.hub.had).toEqual([]);
    expect(securityLog(one)).toHaveLength(garbage.length);
    expect({ ...one.esme().state, securityLog: null }).toEqual({ ...state, securityLog: null });
    expect(one.hub.ask(readExport(1n))).toBe(true);
    expect(open(one.hub.answers[0]).authentic).toBe(true);
    expect(one.store.standing(HUB).taken).toBe(garbage.length + 1);
  });

  test("that meets a bug of ours stops nothing: it is taken once, and the security log tells", () => {
    const keyring = {
      ...house.keyring,
      secretWith: () => {
        throw new Error("a key is a key");
      },
    };
    const one = world(undefined, { keyring });
    const { state } = one.esme();
    expect(one.hub.ask(readExport(1n))).toBe(true);
    expect(one.hub.had).toEqual([]);
    expect({ ...one.esme().state, securityLog: null }).toEqual({ ...state, securityLog: null });
    expect(securityLog(one).map(({ text }) => text)).toEqual([expect.stringContaining("our bug: a key is a key")]);
  });

  test("is taken and stays unanswered by a meter without keys", () => {
    const one = world(undefined, {}, false);
    const { state } = one.esme();
    expect(one.hub.ask(readExport(1n))).toBe(true);
    expect(one.hub.had).toEqual([]);
    expect(one.esme().state).toEqual(state);
    expect(one.store.standing(HUB).taken).toBe(1);
  });

  test("is obeyed, answered and its counter kept in one commit; the switch follows only then", () => {
    const one = world();
    expect(one.hub.ask(switching("open", 5n))).toBe(true);
    expect(open(one.hub.answers[0])).toMatchObject({ authentic: true, code: 0x50, results: [0] });
    expect(one.esme().state.supplyState.value).toBe("disabled");
    expect(counterOf(one)).toBe(5n);
    expect(one.happened).toEqual(["enabled", "commit of 1", "disabled"]);
  });

  test("that was obeyed is not obeyed again after the meter was put back to what it was before", () => {
    const one = world();
    const before = one.esme();
    const command = switching("open", 5n);
    expect(one.hub.ask(command)).toBe(true);
    expect(one.esme().state.supplyState.value).toBe("disabled");
    expect(one.meter.restore(before).ok).toBe(true);
    expect(one.esme().state.supplyState.value).toBe("enabled");
    expect(one.hub.ask(command)).toBe(true);
    expect(one.esme().state.supplyState.value).toBe("enabled");
    expect(one.hub.answers).toHaveLength(1);
  });

  test("for more than a message holds is answered so, and the next one is answered", () => {
    const one = world();
    const { ledger } = one.esme();
    const entries = Array.from({ length: 10_000 }, (_, at): HalfHour => {
      return { end: Utc_ms(NOON - (9_999 - at) * 30 * MINUTE_ms), wh: [0, 0, null, null], flags: [] };
    });
    const profile = profileOf(entries, [0, 0, 0, 0]);
    expect(one.meter.restore({ ...one.esme(), ledger: { ...ledger, profile } }).ok).toBe(true);
    expect(one.hub.ask(readHalfHours(1n))).toBe(true);
    expect(open(one.hub.answers[0])).toMatchObject({ authentic: true, code: 0x37, results: [0xfa] });
    expect(one.hub.ask(readExport(2n))).toBe(true);
    expect(open(one.hub.answers[1])).toMatchObject({ authentic: true, results: [0, 0, 0, 0] });
  });

  test("has not happened where the disk does not take it, and is obeyed once when it comes again", () => {
    const one = world();
    expect(one.hub.ask(switching("open", 5n))).toBe(true);
    const before = one.esme();
    one.disk.full = true;
    one.happened.length = 0;
    for (let again = 0; again < 3; again++) expect(one.hub.ask(switching("close", 6n))).toBe(false);
    expect(one.esme()).toBe(before);
    expect(one.happened).toEqual([]);
    expect(one.hub.answers).toHaveLength(1);
    expect(one.store.standing(HUB).taken).toBe(1);
    one.disk.full = false;
    expect(one.hub.ask(switching("close", 6n))).toBe(true);
    expect(one.happened).toEqual(["commit of 2", "enabled"]);
    expect(counterOf(one)).toBe(6n);
    expect(one.hub.had.map(({ id, kind }) => [id, kind])).toEqual([
      [1, "answer"],
      [2, "answer"],
    ]);
    expect(open(one.hub.answers[1])).toMatchObject({ authentic: true, code: 0x4f, results: [0] });
  });

  test("that the disk does not take leaves what was to be told before it as it was", () => {
    const one = world(undefined, { clockMaster: "hub" });
    one.disk.full = true;
    one.hub.tellTime(NOON + 40_000);
    expect(one.hub.ask(switching("open", 5n))).toBe(false);
    one.disk.full = false;
    expect(one.hub.ask(switching("open", 5n))).toBe(true);
    expect(one.hub.had.map(({ id, kind }) => [id, kind])).toEqual([
      [1, "push"],
      [2, "answer"],
    ]);
    expect(entriesOf(one.esme().state.eventLog).filter(({ logCode }) => logCode === 0x8154)).toHaveLength(1);
  });

  test("that repeats a command obeyed before, or one before that, changes nothing and is not answered", () => {
    const one = world();
    expect(one.hub.ask(switching("open", 5n))).toBe(true);
    for (const counter of [5n, 4n]) expect(one.hub.ask(switching("close", counter))).toBe(true);
    expect(one.hub.answers).toHaveLength(1);
    expect(one.esme().state.supplyState.value).toBe("disabled");
    expect(securityLog(one)).toHaveLength(2);
    expect(one.store.standing(HUB).taken).toBe(3);
  });
});

describe("after a crash", () => {
  test("the meter sends the answer that it signed, also where the hub never heard that its command was taken", async () => {
    const dir = freshDir();
    const hubStore = openHubStore(join(dir, "hub.sqlite"), HUB);
    if (!hubStore.ok) throw new Error(hubStore.reason);
    const clock = new SimulatedClock(NOON);
    const took: HubMessage[] = [];
    const installCode = new Uint8Array(16).fill(3);
    const started = await startHub({
      store: hubStore.store,
      clock,
      installCode,
      tell: (news) => void (news.kind === "took" && took.push(...news.messages)),
    });
    if (!started.ok) throw new Error(started.reason);
    const { hub } = started;
    stops.push(async () => {
      await hub.stop();
      hubStore.store.close();
    });
    const link = () => tcpHubLink({ host: "127.0.0.1", port: hub.port, name: "meter-1", installCode, clock });

    const path = join(dir, "meter.sqlite");
    const first = link();
    const one = world(path, { hub: first });
    await until(() => hub.meters.length === 1);
    // The power goes as the commit returns: neither answer nor acknowledgement leaves.
    one.disk.committed = ({ took }) => void (took && first.stop());
    expect(hub.send("meter-1", "request", switching("open", 5n)).ok).toBe(true);
    await until(() => one.esme().state.supplyState.value === "disabled" && hub.meters.length === 0);
    const signed = one.store.outbox(0, 9).map(({ body }) => Buffer.from(body).toString("hex"));
    expect(signed).toHaveLength(1);
    expect(took).toEqual([]);
    expect(hubStore.store.outbox("meter-1", 0, 9)).toHaveLength(1);
    await one.stop();

    const again = world(path, { hub: link() });
    await until(() => took.length > 0);
    expect(took.map(({ kind, body }) => [kind, Buffer.from(body).toString("hex")])).toEqual([["answer", signed[0]]]);
    expect(open(took[0]?.body).authentic).toBe(true);
    // The hub has heard by now what was taken, and goes on from there.
    expect(hub.send("meter-1", "request", switching("close", 6n)).ok).toBe(true);
    await until(() => took.length > 1);
    expect(open(took[1]?.body)).toMatchObject({ authentic: true, code: 0x4f, counter: 6n });
    expect(hubStore.store.outbox("meter-1", 0, 9)).toEqual([]);
    expect(took).toHaveLength(2);
    expect(again.esme().state.supplyState.value).toBe("enabled");
    expect(securityLog(again)).toEqual([]);
  });

  test("a command that was answered is refused by its counter, however it comes", async () => {
    const one = world();
    expect(one.hub.ask(switching("open", 5n))).toBe(true);
    await one.stop();
    const again = world(one.path);
    again.hub.nudge();
    const [before] = again.hub.answers;
    expect(Buffer.from(before ?? [])).toEqual(Buffer.from(one.hub.answers[0] ?? []));
    expect(again.hub.ask(switching("open", 5n))).toBe(true);
    expect(again.hub.answers).toEqual([before]);
    expect(counterOf(again)).toBe(5n);
  });
});

describe("an alert", () => {
  const FAR_ms = 40_000;

  test("goes to the supplier as a signed GBCS message, each under a counter of its own", async () => {
    const one = world(undefined, { clockMaster: "hub" });
    one.hub.tellTime(NOON + FAR_ms);
    one.hub.tellTime(NOON);
    one.hub.tellTime(NOON + FAR_ms);
    expect(one.hub.pushes).toHaveLength(2);
    const { publicKey } = new X509Certificate(readFileSync(join(house.dir, "keys", "digital-signature.crt")));
    for (const [at, bytes] of one.hub.pushes.entries()) {
      const hex = Buffer.from(bytes).toString("hex");
      const counter = `000000000000000${at + 1}`;
      const head = `df0903${counter}08${house.meter}08${house.supplier}00021000`;
      const content = `0f20${counter.slice(-6)}000202128f0c090c${dateTime(new Date(NOON))}`;
      expect(hex.slice(0, head.length)).toBe(head);
      expect(hex.slice(head.length + 2, -130)).toBe(content);
      expect(hex.slice(-130, -128)).toBe("40");
      const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
      expect(verify("sha256", bytes.slice(1, -65), key, bytes.slice(-64))).toBe(true);
    }
    await one.stop();
    const again = world(one.path, { clockMaster: "hub" });
    again.hub.nudge();
    expect(again.hub.pushes.map((body) => Buffer.from(body))).toEqual(one.hub.pushes.map((body) => Buffer.from(body)));
    expect(again.esme().state.communicationsAccount.originatorCounter).toBe(2n);
  });

  test("of a meter without keys is JSON, as before", () => {
    const one = world(undefined, { clockMaster: "hub" }, false);
    one.hub.tellTime(NOON + FAR_ms);
    expect(one.hub.pushes.map((body) => JSON.parse(new TextDecoder().decode(body)))).toMatchObject([
      { schema: "esme/alert/1", code: "0x8F0C" },
    ]);
    expect(one.esme().state.communicationsAccount.originatorCounter).toBe(0n);
  });
});

describe("the clock", () => {
  const NEVER = text("ffffffffffffffffff8000ff");
  /** ECS70 with a window that is so long, about a moment. */
  function setClock(counter: bigint, about_ms: number): Uint8Array {
    const [from, to] = [about_ms - MINUTE_ms, about_ms + MINUTE_ms].map((at) => text(dateTime(new Date(at))));
    const items = [
      { set: [8, "0-0:1.0.0.255", 9], data: "1605" },
      { act: [8, "0-0:1.0.0.255", 5], data: struct(NEVER, from ?? NOTHING, to ?? NOTHING) },
      { act: [8, "0-0:1.0.0.255", 4], data: i8(0) },
      { get: [8, "0-0:1.0.0.255", 2] },
      { get: [8, "0-0:1.0.0.255", 4] },
    ] as const;
    return house.command({ code: 0x62, originator: house.supplier, counter, items, signed: true });
  }

  test("is set through the hub to the hub's time, however far that is, where the command's window holds it", () => {
    const hour_ms = 60 * MINUTE_ms;
    const one = world(undefined, { clockMaster: "hub" });
    one.hub.tellTime(NOON + hour_ms);
    expect(one.esme().state.time.status).toBe("unreliable");
    expect(one.hub.ask(setClock(7n, NOON + hour_ms))).toBe(true);
    expect(open(one.hub.answers[0])).toMatchObject({ authentic: true, code: 0x62, results: [0, 0, 0, 0, 0] });
    expect(
      open(one.hub.answers[0])
        .values.slice(3)
        .map(({ of }) => of),
    ).toEqual([dateTime(new Date(NOON + hour_ms)), 0]);
    expect(one.esme().state.time).toMatchObject({ status: "reliable", validTimeRange: null });
    one.clock.runTo(5_000);
    expect(one.hub.ask(readExport(1n))).toBe(true);
    expect(open(one.hub.answers[1]).time).toBe(dateTime(new Date(NOON + hour_ms + 5_000)));
  });

  test("is set once, and told once, where the disk takes it the second time only", () => {
    const one = world(undefined, { clockMaster: "hub" });
    one.board.run(one.clock, 20);
    const says = one.clock.utc() + 60 * MINUTE_ms;
    one.hub.tellTime(says);
    const before = one.esme();
    one.disk.full = true;
    expect(one.hub.ask(setClock(7n, says))).toBe(false);
    expect(one.esme()).toBe(before);
    one.disk.full = false;
    expect(one.hub.ask(setClock(7n, says))).toBe(true);
    expect(open(one.hub.answers[0]).results).toEqual([0, 0, 0, 0, 0]);
    const reader = openReader(one.path);
    if (!reader.ok) throw new Error(reader.reason);
    stops.push(() => reader.reader.close());
    const steps = reader.reader.events("grid", Utc_ms(0), Utc_ms(8.64e15)).filter(({ code }) => code === "clock-step");
    expect(steps.map(({ at }) => at)).toEqual([says]);
    expect(one.hub.pushes.filter((body) => new TextDecoder().decode(body).includes("clock-step"))).toHaveLength(1);
  });

  test("stays as it is where the window does not hold the hub's time", () => {
    const one = world(undefined, { clockMaster: "hub" });
    one.hub.tellTime(NOON + 30 * MINUTE_ms);
    expect(one.hub.ask(setClock(7n, NOON + 60 * MINUTE_ms))).toBe(true);
    expect(open(one.hub.answers[0])).toMatchObject({ authentic: true, results: [0, 3, 0xfa, 0xfa, 0xfa] });
    expect(one.hub.ask(readExport(1n))).toBe(true);
    expect(open(one.hub.answers[1]).time).toBe(dateTime(new Date(NOON)));
    expect(one.esme().state.time.status).toBe("unreliable");
  });
});
