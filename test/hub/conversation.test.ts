// The rules of one connection: each message once and in order whatever is cut where, and every attack ends the connection by name.
import { describe, expect, it } from "vitest";
import { greeting, standingBody, timeBody } from "../../host/wire/hub/bodies.js";
import {
  SILENT_ms,
  TIME_EVERY_ms,
  TIME_STEP_ms,
  WINDOW_BYTES,
  WINDOW_MESSAGES,
} from "../../host/wire/hub/conversation.js";
import type { FrameKind } from "../../host/wire/hub/frame.js";
import { joinKey, Seal, sessionKeys } from "../../host/wire/hub/seal.js";
import { random } from "../store/houses.js";
import { CODE, Disk, End, hmac, joined, settle } from "./memory.js";

const RUNS = process.env.ESME_PROOF === "ci" ? 400 : 60;
const numbered = (count: number, word: string) => Array.from({ length: count }, (_, n) => `${word}${n + 1}`);

describe("messages both ways", () => {
  it(`arrive once and in order over connections cut at any byte (${RUNS} seeds)`, () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const next = random(seed);
      const below = (n: number) => Math.floor(next() * n);
      const [meter, hub] = [new Disk(), new Disk()];
      let posted = 0;
      let asked = 0;
      for (let connection = 0; connection < 30; connection++) {
        const up = new End("meter", meter, below(256));
        const down = new End("hub", hub, below(256));
        up.talk.greet(0);
        hub.space = next() < 0.2 ? below(4) : Number.POSITIVE_INFINITY;
        for (let step = below(60); step > 0; step--) {
          const what = below(10);
          if (what === 0) {
            meter.post(`up${++posted}`);
            up.talk.fill(0);
          } else if (what === 1 && hub.taken.known) {
            hub.post(`down${++asked}`, "request");
            down.talk.fill(0);
          } else if (what === 2) {
            down.utc_ms += 2_000;
            down.talk.tick(0);
          } else if (what < 6) down.hear(up, 0, below(300));
          else up.hear(down, 0, below(300));
        }
        const reasons = [up.ended, down.ended].filter((end) => end !== null).map(([code]) => code);
        expect(reasons.filter((code) => code !== "unwritable")).toEqual([]);
      }
      hub.space = Number.POSITIVE_INFINITY;
      joined(meter, hub);
      expect(hub.texts).toEqual(numbered(posted, "up"));
      expect(meter.texts).toEqual(numbered(asked, "down"));
      expect([meter.out, hub.out]).toEqual([[], []]);
    }
  });

  it("wait where too many, or too much, is unacknowledged", () => {
    const [meter, hub] = [new Disk(), new Disk()];
    const { up, down } = joined(meter, hub);
    for (let n = 0; n < 200; n++) meter.post(`${n}`);
    up.talk.fill(0);
    up.talk.fill(0);
    expect(up.sent).toHaveLength(WINDOW_MESSAGES);
    settle(up, down);
    expect(hub.got).toHaveLength(200);
    for (let n = 0; n < 20; n++) meter.post("x".repeat(65_536));
    up.talk.fill(0);
    up.talk.fill(0);
    expect(up.sent).toHaveLength(WINDOW_BYTES / 65_536);
    settle(up, down);
    expect(hub.got).toHaveLength(220);
  });

  it("go on where a hub, or a meter, is a new one", () => {
    const meter = new Disk();
    const first = new Disk();
    meter.post("a");
    first.post("b");
    joined(meter, first);
    meter.post("c");
    const second = new Disk();
    meter.taken = { known: false, last: 0 };
    joined(meter, second);
    expect([first.texts, second.texts, meter.texts]).toEqual([["a"], ["c"], ["b"]]);
  });
});

describe("the hub's time", () => {
  const NOON = Date.UTC(2026, 5, 1, 12);

  /** Both sides live on from second to second; the hub's UTC goes with it. */
  function live({ up, down }: { up: End; down: End }, from_s: number, to_s: number): void {
    for (let s = from_s + 1; s <= to_s; s++) {
      down.utc_ms += 1_000;
      up.talk.tick(s * 1_000);
      down.talk.tick(s * 1_000);
      settle(up, down, s * 1_000);
    }
  }

  it("arrives right after the welcome, before any message, and is not counted, kept or acknowledged", () => {
    const [meter, hub] = [new Disk(), new Disk()];
    hub.post("ask", "request");
    const up = new End("meter", meter, 1);
    const down = new End("hub", hub, 2);
    down.utc_ms = NOON;
    up.talk.greet(0);
    down.hear(up);
    up.hear(down);
    down.hear(up);
    expect(down.sent.map((bytes) => bytes[1])).toEqual([4, 6, 17]);
    const [welcome, time] = down.sent.splice(0, 2);
    up.talk.receive(welcome ?? new Uint8Array(), 0);
    up.talk.receive(time ?? new Uint8Array(), 0);
    expect([up.times, up.sent, meter.got]).toEqual([[NOON], [], []]);
    settle(up, down);
    expect([meter.texts, hub.out, hub.got]).toEqual([["ask"], [], []]);
    expect([up.ended, down.ended]).toEqual([null, null]);
  });

  it("arrives again after each hour, and when the hub's clock was set by more than a second", () => {
    const ends = joined(new Disk(), new Disk());
    const { up, down } = ends;
    const begun = down.utc_ms;
    const hour_s = TIME_EVERY_ms / 1_000;
    live(ends, 0, hour_s - 1);
    expect(up.times).toEqual([begun]);
    live(ends, hour_s - 1, 3 * hour_s);
    expect(up.times).toEqual([0, 1, 2, 3].map((hours) => begun + hours * TIME_EVERY_ms));
    down.utc_ms += TIME_STEP_ms;
    let now_s = 3 * hour_s + 60;
    live(ends, 3 * hour_s, now_s);
    expect(up.times).toHaveLength(4);
    for (const by_ms of [1, -3_600_000, 40_000]) {
      down.utc_ms += by_ms;
      const set_ms = down.utc_ms;
      live(ends, now_s, now_s + 10);
      now_s += 10;
      expect(up.times.at(-1)).toBe(set_ms + 1_000);
    }
    expect(up.times).toHaveLength(7);
    expect([up.ended, down.ended, up.talk.joined]).toEqual([null, null, true]);
  });

  it("that is none ends the connection by name: length, unexpected; nothing of it is heard", () => {
    const beyond = Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0);
    for (const [body, id, code] of [
      [new Uint8Array(0), 0, "length"],
      [new Uint8Array(7), 0, "length"],
      [new Uint8Array(9), 0, "length"],
      [beyond, 0, "unexpected"],
      [timeBody(NOON), 1, "unexpected"],
      [timeBody(NOON), 0, null],
    ] as const) {
      const { up, say } = falseHub();
      up.talk.receive(say("time", id, body), 0);
      expect([up.ended?.[0] ?? null, up.times]).toEqual([code, code === null ? [NOON] : []]);
    }
  });

  it("told by a meter, or before the welcome, is unexpected; told by one without the key, or twice, it is nobody's", () => {
    const { down, say } = falseMeter();
    down.talk.receive(say("time", 0, timeBody(NOON)), 0);
    expect(down.ended).toEqual(["unexpected", "us"]);
    const early = falseHub(false);
    early.up.talk.receive(early.say("time", 0, timeBody(NOON)), 0);
    expect([early.up.ended, early.up.times]).toEqual([["unexpected", "us"], []]);
    const twice = falseHub();
    const frame = twice.say("time", 0, timeBody(NOON));
    twice.up.talk.receive(frame, 0);
    twice.up.talk.receive(frame, 0);
    expect([twice.up.ended, twice.up.times]).toEqual([["tag", "us"], [NOON]]);
  });
});

/** A meter that has the code and says what it likes. */
function falseMeter() {
  const hub = new Disk();
  const down = new End("hub", hub, 2);
  const key = joinKey(hmac, CODE);
  const hello = new Seal(hmac, key).close("hello", 0, greeting(new Uint8Array(16), "forger"));
  down.talk.receive(hello, 0);
  const { up } = sessionKeys(hmac, key, hello, down.sent[0] ?? hello);
  const seal = new Seal(hmac, up);
  const say = (kind: FrameKind, id: number, body: Uint8Array = NOTHING) => seal.close(kind, id, body);
  down.talk.receive(say("join", 0, NEW), 0);
  expect(down.talk.joined).toBe(true);
  return { hub, down, say };
}

/** A hub that has the code and says what it likes. */
function falseHub(welcoming = true) {
  const up = new End("meter", new Disk(), 1);
  up.talk.greet(0);
  const key = joinKey(hmac, CODE);
  const hello = up.sent[0] ?? new Uint8Array();
  const challenge = new Seal(hmac, key, 1, hello.subarray(-16)).close(
    "challenge",
    0,
    greeting(new Uint8Array(16), "liar"),
  );
  up.talk.receive(challenge, 0);
  const seal = new Seal(hmac, sessionKeys(hmac, key, hello, challenge).down);
  const say = (kind: FrameKind, id: number, body: Uint8Array = NOTHING) => seal.close(kind, id, body);
  if (welcoming) up.talk.receive(say("welcome", 0, NEW), 0);
  expect(up.talk.joined).toBe(welcoming);
  return { up, say };
}

const NOTHING = new Uint8Array(0);
const NEW = standingBody({ known: false, taken: 0, first: 1, next: 1 });

describe("what ends a connection, by name", () => {
  const ready = () => {
    const [meter, hub] = [new Disk(), new Disk()];
    return { meter, hub, ...joined(meter, hub) };
  };

  it("install-code: another code, whoever has the wrong one", () => {
    const up = new End("meter", new Disk(), 1, CODE.slice().fill(1));
    const down = new End("hub", new Disk(), 2);
    up.talk.greet(0);
    settle(up, down);
    expect([up.ended, down.ended]).toEqual([
      ["install-code", "them"],
      ["install-code", "us"],
    ]);
    const real = new End("meter", new Disk(), 1);
    const liar = new End("hub", new Disk(), 2, CODE.slice().fill(1));
    real.talk.greet(0);
    const stolen = joinedChallenge();
    real.talk.receive(stolen, 0);
    expect(real.ended).toEqual(["install-code", "us"]);
    expect(liar.ended).toBeNull();
  });

  /** The challenge of another connection: valid, but an answer to another hello. */
  function joinedChallenge(): Uint8Array {
    const up = new End("meter", new Disk(), 9);
    const down = new End("hub", new Disk(), 2);
    up.talk.greet(0);
    down.hear(up);
    return Buffer.concat(down.sent);
  }

  it("tag: a frame said twice, one changed in a bit, one of an earlier connection, a join repeated", () => {
    const twice = ready();
    twice.meter.post("pay");
    twice.up.talk.fill(0);
    const [frame = new Uint8Array()] = twice.up.sent;
    twice.up.sent.push(frame);
    twice.down.hear(twice.up);
    expect([twice.hub.texts, twice.down.ended]).toEqual([["pay"], ["tag", "us"]]);

    for (let bit = 8 * 14; bit < 8 * frame.length; bit += 5) {
      const changed = ready();
      changed.meter.post("pay");
      changed.up.talk.fill(0);
      const bytes = Uint8Array.from(Buffer.concat(changed.up.sent));
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      changed.down.talk.receive(bytes, 0);
      expect([changed.hub.texts, changed.down.ended]).toEqual([[], ["tag", "us"]]);
    }

    const hub = new Disk();
    const recorded = new End("meter", new Disk(), 1);
    recorded.talk.greet(0);
    const tape = [...recorded.sent];
    const first = new End("hub", hub, 2);
    first.hear(recorded);
    recorded.hear(first);
    tape.push(...recorded.sent);
    const replayed = new End("hub", hub, 3);
    for (const bytes of tape) replayed.talk.receive(bytes, 0);
    expect([replayed.talk.joined, replayed.ended]).toEqual([false, ["tag", "us"]]);
  });

  it("id-gap: a message is missing; ids-behind: a store was put back", () => {
    const gap = ready();
    gap.meter.next = 3;
    gap.meter.post("third");
    gap.up.talk.fill(0);
    expect(gap.up.ended).toEqual(["id-gap", "us"]);

    const { meter, hub } = ready();
    for (const text of ["a", "b", "c"]) meter.post(text);
    joined(meter, hub);
    const old = new Disk();
    old.post("a");
    const behind = joined(old, hub);
    expect([behind.up.ended, behind.down.ended]).toEqual([
      ["ids-behind", "us"],
      ["ids-behind", "them"],
    ]);
    hub.taken = { known: true, last: 1 };
    const { up, down } = joined(meter, hub);
    expect([up.ended, down.ended]).toEqual([
      ["id-gap", "us"],
      ["id-gap", "them"],
    ]);
    expect(hub.texts).toEqual(["a", "b", "c"]);
  });

  it("unwritable: the disk takes no more; what was kept is not sent again", () => {
    const { meter, hub, up, down } = ready();
    hub.space = 2;
    for (const text of ["a", "b", "c", "d"]) meter.post(text);
    up.talk.fill(0);
    settle(up, down);
    expect([up.ended, down.ended]).toEqual([
      ["unwritable", "them"],
      ["unwritable", "us"],
    ]);
    expect(meter.out.map((message) => message.id)).toEqual([3, 4]);
  });

  it("unexpected: a message before joining, a hello after it, an ack of what was never sent", () => {
    const early = new End("hub", new Disk(), 2);
    early.talk.receive(Uint8Array.from([1, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, ...new Uint8Array(16)]), 0);
    expect(early.ended).toEqual(["unexpected", "us"]);
    const late = ready();
    const hello = new End("meter", new Disk(), 1);
    hello.talk.greet(0);
    late.down.hear(hello);
    expect(late.down.ended).toEqual(["unexpected", "us"]);
    for (const [kind, id, why] of [
      ["ack", 1, "unexpected"],
      ["push", 2, "id-gap"],
      ["push", 0, null],
      ["hello", 1, "unexpected"],
    ] as const) {
      const { down, hub, say } = falseMeter();
      down.talk.receive(say(kind, id), 0);
      expect([down.ended?.[0] ?? null, hub.got]).toEqual([why, []]);
    }
  });

  it("hello-timeout and silent: by the clock alone; an idle line is kept up by acks", () => {
    const slow = new End("hub", new Disk(), 2);
    slow.talk.tick(4_999);
    expect(slow.ended).toBeNull();
    slow.talk.tick(5_000);
    expect(slow.ended).toEqual(["hello-timeout", "us"]);
    const { up, down, meter } = ready();
    for (let now = 1_000; now <= 600_000; now += 1_000) {
      up.talk.tick(now);
      down.talk.tick(now);
      settle(up, down, now);
    }
    expect([up.ended, down.ended]).toEqual([null, null]);
    meter.post("a");
    up.talk.fill(600_000);
    for (let now = 601_000; now < 600_000 + SILENT_ms; now += 1_000) {
      down.talk.tick(now);
      up.hear(down, now);
      up.talk.tick(now);
    }
    expect(up.ended).toBeNull();
    up.talk.tick(600_000 + SILENT_ms);
    expect(up.ended).toEqual(["silent", "us"]);
  });

  it("nothing throws, whatever bytes come when", () => {
    const next = random(77);
    for (let run = 0; run < 2_000; run++) {
      const { up, down } =
        run % 2 === 0 ? ready() : { up: new End("meter", new Disk(), 1), down: new End("hub", new Disk(), 2) };
      for (let n = 0; n < 4; n++) {
        const bytes = Uint8Array.from({ length: Math.floor(next() * 60) }, () => Math.floor(next() * 256));
        if (next() < 0.7)
          bytes.set(
            [1, [1, 2, 3, 4, 6, 16, 17, 18, 19][Math.floor(next() * 9)] ?? 1, 0, 0, 0, 4].slice(0, bytes.length),
          );
        up.talk.receive(bytes, 0);
        down.talk.receive(bytes, 0);
      }
      expect([up.talk.joined && up.talk.isOver, down.talk.joined && down.talk.isOver]).toEqual([false, false]);
    }
  });
});
