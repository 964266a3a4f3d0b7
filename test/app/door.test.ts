// The owner's door over real sockets: who is answered what, what it bears, and what it leaves behind.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { type DoorLimits, knock, openDoor } from "../../host/adapters/door.js";
import type { Answering, Door } from "../../host/ports/door.js";
import { freshDir } from "../store/houses.js";

const PATIENT_ms = 60_000;
const MIB = 1_048_576;
const echo: Answering = ({ do: verb, ...fields }) =>
  verb === "echo"
    ? { ok: true, result: fields }
    : { ok: false, code: "unknown-verb", reason: `this house cannot "${verb}"`, next: "ask to echo" };

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function opened(dir: string, answering: Answering = echo, limits?: DoorLimits): Promise<Door> {
  const door = await openDoor(dir, answering, limits);
  if (!door.ok) throw new Error(`${door.code}: ${door.reason}`);
  stops.push(() => door.close());
  return door;
}

/** A client that writes what it likes: the socket, and a function that gives the next answer. */
async function stranger(dir: string): Promise<{ socket: Socket; hears: () => Promise<unknown> }> {
  const socket = connect({ path: join(dir, "door.sock"), allowHalfOpen: true });
  stops.push(() => socket.destroy());
  socket.on("error", () => {});
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  await once(socket, "connect");
  return {
    socket,
    hears: async () => {
      const { value, done } = await lines.next();
      return done ? "closed" : JSON.parse(value);
    },
  };
}

const line = (id: number, fields: object = {}) => `${JSON.stringify({ door: 1, id, do: "echo", ...fields })}\n`;
const answered = (id: number, result: object = {}) => ({ door: 1, id, ok: true, result });
const refused = (code: string, id: number | null = null) => expect.objectContaining({ door: 1, id, ok: false, code });

/** An answering that says when it was asked and waits until it is let go. */
function held() {
  let ask = (_: unknown) => {};
  let letGo = () => {};
  const asked = new Promise((resolve) => {
    ask = resolve;
  });
  const free = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const done: unknown[] = [];
  const answering: Answering = async (request) => {
    ask(request);
    await free;
    done.push(request.n);
    return { ok: true, result: request.n };
  };
  return { answering, asked, letGo, done };
}

describe("who knocks", () => {
  it("is answered by the owner, refused in the house's own words, and sees no envelope", async () => {
    const dir = freshDir();
    await opened(dir);
    expect(await knock(dir, { do: "echo", text: "7 °C\n", id: 9 }, PATIENT_ms)).toEqual({
      ok: true,
      result: { text: "7 °C\n" },
    });
    expect(await knock(dir, { do: "dance" }, PATIENT_ms)).toEqual({
      ok: false,
      code: "unknown-verb",
      reason: 'this house cannot "dance"',
      next: "ask to echo",
    });
  });

  it("carries nearly 4 MiB there and back, and is refused before it knocks with more", async () => {
    const dir = freshDir();
    await opened(dir);
    const snapshot = "x".repeat(4 * MIB - 100);
    expect(await knock(dir, { do: "echo", snapshot }, PATIENT_ms)).toEqual({ ok: true, result: { snapshot } });
    const more = await knock(dir, { do: "echo", snapshot: "x".repeat(4 * MIB) }, PATIENT_ms);
    expect(more).toMatchObject({ ok: false, code: "too-long" });
  });

  it("is told that an answer is too long for a line", async () => {
    const dir = freshDir();
    await opened(dir, () => ({ ok: true, result: "x".repeat(4 * MIB) }));
    expect(await knock(dir, { do: "echo" }, PATIENT_ms)).toMatchObject({ ok: false, code: "too-long" });
  });

  it("finds nobody where there is no house, no door, a closed door or a dead owner's", async () => {
    const dir = freshDir();
    const nobody = { kind: "nobody" };
    expect(await knock(join(dir, "none"), { do: "echo" }, PATIENT_ms)).toEqual(nobody);
    expect(await knock(dir, { do: "echo" }, PATIENT_ms)).toEqual(nobody);
    const door = await opened(dir);
    await door.close();
    expect(readdirSync(dir)).toEqual([]);
    expect(await knock(dir, { do: "echo" }, PATIENT_ms)).toEqual(nobody);
    killedOwner(dir);
    expect(await knock(dir, { do: "echo" }, PATIENT_ms)).toEqual(nobody);
  });

  it("waits no longer than it said", async () => {
    const dir = freshDir();
    const { answering, letGo } = held();
    await opened(dir, answering);
    stops.push(letGo);
    expect(await knock(dir, { do: "echo" }, 20)).toMatchObject({ ok: false, code: "door-silent" });
  });

  it("tells an owner that hangs up or speaks otherwise by name", async () => {
    const dir = freshDir();
    const replies = ["", "no JSON\n", '{"door":2,"id":1,"ok":true}\n', '{"door":1,"id":1,"ok":false}\n'];
    const server = createServer((socket) => socket.once("data", () => socket.end(replies.shift() ?? "")));
    server.listen(join(dir, "door.sock"));
    stops.push(() => server.close());
    await once(server, "listening");
    const codes = ["door-closed", "unreadable", "unknown-version", "unreadable"];
    for (const code of codes) expect(await knock(dir, { do: "echo" }, PATIENT_ms)).toMatchObject({ ok: false, code });
  });
});

describe("a line", () => {
  it("that is no request costs nothing but itself", async () => {
    const dir = freshDir();
    await opened(dir);
    const { socket, hears } = await stranger(dir);
    const lines = ["garbage", "", "[1]", "null", '{"door":1}', '{"door":1,"id":2}', '{"door":1,"id":-1,"do":"echo"}'];
    socket.write(`${lines.join("\n")}\n`);
    for (const id of [null, null, null, null, null, 2, null]) expect(await hears()).toEqual(refused("unreadable", id));
    socket.write(Buffer.from(line(8, { text: "no UTF-8: \xff" }), "latin1"));
    expect(await hears()).toEqual(refused("unreadable"));
    socket.write(line(3));
    expect(await hears()).toEqual(answered(3));
  });

  it("of another version is refused as such, whatever else it says", async () => {
    const dir = freshDir();
    await opened(dir);
    const { socket, hears } = await stranger(dir);
    socket.write('{"door":2,"id":5,"do":{"new":true}}\n{"id":6,"do":"echo"}\n');
    expect(await hears()).toEqual(refused("unknown-version", 5));
    expect(await hears()).toEqual(refused("unknown-version", 6));
  });

  it("that is too long is refused before it ends, and the next is answered", async () => {
    const dir = freshDir();
    await opened(dir);
    const { socket, hears } = await stranger(dir);
    socket.write("x".repeat(4 * MIB));
    expect(await hears()).toEqual(refused("too-long"));
    socket.write(`${"x".repeat(5 * MIB)}\n${line(1)}`);
    expect(await hears()).toEqual(answered(1));
  });

  it("of 4 MiB is read, of one byte more not", async () => {
    const dir = freshDir();
    await opened(dir, () => ({ ok: true, result: {} }));
    const { socket, hears } = await stranger(dir);
    const pad = "x".repeat(4 * MIB - line(1, { pad: "" }).length);
    socket.write(line(1, { pad }));
    expect(await hears()).toEqual(answered(1));
    socket.write(line(1, { pad: `${pad}x` }));
    expect(await hears()).toEqual(refused("too-long"));
  });

  it("may come a byte at a time, many at once, and before the asker closes its half; an unended one is not obeyed", async () => {
    const dir = freshDir();
    const asked: unknown[] = [];
    await opened(dir, (request) => {
      asked.push(request.n);
      return echo(request);
    });
    const { socket, hears } = await stranger(dir);
    socket.setNoDelay(true);
    for (const byte of Buffer.from(line(1, { n: 1 }))) socket.write(Buffer.of(byte));
    expect(await hears()).toEqual(answered(1, { n: 1 }));
    socket.end(line(2, { n: 2 }) + line(3, { n: 3 }) + line(4, { n: 4 }).trimEnd());
    expect(await hears()).toEqual(answered(2, { n: 2 }));
    expect(await hears()).toEqual(answered(3, { n: 3 }));
    expect(await hears()).toBe("closed");
    expect(asked).toEqual([1, 2, 3]);
  });
});

describe("connections", () => {
  it("do not wait for each other", async () => {
    const dir = freshDir();
    const slow = held();
    await opened(dir, (request) => (request.do === "slow" ? slow.answering(request) : echo(request)));
    const first = knock(dir, { do: "slow", n: 1 }, PATIENT_ms);
    await slow.asked;
    expect(await knock(dir, { do: "echo" }, PATIENT_ms)).toEqual({ ok: true, result: {} });
    slow.letGo();
    expect(await first).toEqual({ ok: true, result: 1 });
  });

  it("get the answer under way also where the asker has closed its half meanwhile", async () => {
    const dir = freshDir();
    const slow = held();
    await opened(dir, (request) => (request.do === "slow" ? slow.answering(request) : echo(request)));
    const { socket, hears } = await stranger(dir);
    socket.write(line(1, { do: "slow", n: 1 }));
    await slow.asked;
    socket.end();
    await once(socket, "finish");
    await knock(dir, { do: "echo" }, PATIENT_ms); // the owner has heard it by now
    slow.letGo();
    expect(await hears()).toEqual({ door: 1, id: 1, ok: true, result: 1 });
    expect(await hears()).toBe("closed");
  });

  it("are at most 8, and the next is told so", async () => {
    const dir = freshDir();
    await opened(dir);
    const guests = [];
    for (let n = 0; n < 8; n += 1) guests.push(await stranger(dir));
    for (const { socket, hears } of guests) {
      socket.write(line(1));
      expect(await hears()).toEqual(answered(1));
    }
    expect(await knock(dir, { do: "echo" }, PATIENT_ms)).toMatchObject({ ok: false, code: "door-busy" });
    guests[0]?.socket.end();
    expect(await guests[0]?.hears()).toBe("closed");
    expect(await knock(dir, { do: "echo" }, PATIENT_ms)).toEqual({ ok: true, result: {} });
  });

  it("that break midway harm nobody: what was begun is done, what stood behind it is not", async () => {
    const dir = freshDir();
    const { answering, asked, letGo, done } = held();
    await opened(dir, answering);
    const half = await stranger(dir);
    half.socket.write(line(1).slice(0, 10));
    half.socket.destroy();
    const { socket } = await stranger(dir);
    socket.write(line(1, { n: 1 }) + line(2, { n: 2 }));
    await asked;
    socket.destroy();
    await once(socket, "close");
    letGo();
    expect(await knock(dir, { do: "echo", n: 3 }, PATIENT_ms)).toEqual({ ok: true, result: 3 });
    expect(done).toEqual([1, 3]);
  });

  it("are closed when idle, but not while an answer is under way", async () => {
    const dir = freshDir();
    const { answering, asked, letGo } = held();
    // So long that this process is not held up for it between a connection and its first line.
    await opened(dir, answering, { idle_ms: 1_000, closing_ms: 5_000 });
    const asking = knock(dir, { do: "slow", n: 1 }, PATIENT_ms);
    await asked;
    const idle = await stranger(dir);
    expect(await idle.hears()).toBe("closed");
    letGo();
    expect(await asking).toEqual({ ok: true, result: 1 });
  });
});

describe("the door", () => {
  it("is for its owner only, whatever the process allows otherwise", async () => {
    const dir = freshDir();
    const before = process.umask(0);
    stops.push(() => process.umask(before));
    await opened(dir);
    expect(statSync(join(dir, "door.sock")).mode & 0o777).toBe(0o600);
    expect(process.umask()).toBe(0);
  });

  it("takes the place of a dead owner's, not of a file that is no socket", async () => {
    const dir = freshDir();
    killedOwner(dir);
    expect(statSync(join(dir, "door.sock")).isSocket()).toBe(true);
    const door = await opened(dir);
    expect(await knock(dir, { do: "echo" }, PATIENT_ms)).toEqual({ ok: true, result: {} });
    await door.close();
    writeFileSync(join(dir, "door.sock"), "somebody's");
    expect(await openDoor(dir, echo)).toMatchObject({ ok: false, code: "door-unopenable" });
    expect(statSync(join(dir, "door.sock")).size).toBe(10);
    expect(await openDoor(join(dir, "none"), echo)).toMatchObject({ ok: false, code: "door-unopenable" });
  });

  it("closes with the answers under way given, and with no further one begun", async () => {
    const dir = freshDir();
    const { answering, asked, letGo, done } = held();
    const door = await opened(dir, answering);
    const idle = await stranger(dir);
    const { socket, hears } = await stranger(dir);
    socket.write(line(1, { n: 1 }) + line(2, { n: 2 }));
    await asked;
    const closed = door.close();
    expect(existsSync(join(dir, "door.sock"))).toBe(false);
    expect(await idle.hears()).toBe("closed");
    letGo();
    expect(await hears()).toEqual({ door: 1, id: 1, ok: true, result: 1 });
    expect(await hears()).toBe("closed");
    await closed;
    expect(done).toEqual([1]);
  });

  it("closes without an answer that never comes", async () => {
    const dir = freshDir();
    const { answering, asked, letGo } = held();
    stops.push(letGo);
    const door = await opened(dir, answering, { idle_ms: 60_000, closing_ms: 20 });
    const asking = knock(dir, { do: "slow" }, PATIENT_ms);
    await asked;
    await door.close();
    expect(await asking).toMatchObject({ ok: false, code: "door-closed" });
  });

  it("tells a bug of ours to the asker and ends the process by it", async () => {
    const dir = freshDir();
    await opened(dir, () => {
      throw new Error("two and two are five");
    });
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    stops.push(() => listeners.forEach((each) => void process.on("uncaughtException", each)));
    const uncaught = once(process, "uncaughtException");
    const answer = await knock(dir, { do: "echo" }, PATIENT_ms);
    expect(answer).toMatchObject({ ok: false, code: "our-bug", reason: "two and two are five" });
    expect((await uncaught)[0]).toMatchObject({ message: "two and two are five" });
  });
});

describe("a data directory whose path is too long for a socket", () => {
  function longHouse(): { long: string; short: string; temporary: string } {
    const dir = freshDir();
    const long = join(dir, "a".repeat(100), "b".repeat(100));
    mkdirSync(long, { recursive: true });
    symlinkSync(long, join(dir, "short"));
    const temporary = join(dir, "t");
    mkdirSync(temporary);
    const before = process.env.TMPDIR;
    process.env.TMPDIR = temporary;
    stops.push(() => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    });
    return { long, short: join(dir, "short"), temporary };
  }

  it("has its door in the user's own temporary folder, the same by any name of the house", async () => {
    const { long, short, temporary } = longHouse();
    expect(await knock(long, { do: "echo" }, PATIENT_ms)).toEqual({ kind: "nobody" });
    const door = await opened(short);
    expect(await knock(long, { do: "echo" }, PATIENT_ms)).toEqual({ ok: true, result: {} });
    expect(await knock(short, { do: "echo" }, PATIENT_ms)).toEqual({ ok: true, result: {} });
    const folder = join(temporary, `esme-${process.getuid?.()}`);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const [name = "", ...others] = readdirSync(folder);
    expect([name, others]).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.sock$/), []]);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    await door.close();
    expect(readdirSync(folder)).toEqual([]);
    expect(readdirSync(long)).toEqual([]);
  });

  it("trusts no folder that others may enter", async () => {
    const { long, temporary } = longHouse();
    const folder = join(temporary, `esme-${process.getuid?.()}`);
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    expect(await openDoor(long, echo)).toMatchObject({ ok: false, code: "door-unopenable" });
    expect(await knock(long, { do: "echo" }, PATIENT_ms)).toMatchObject({ ok: false, code: "door-unreachable" });
  });
});

/** Leaves the socket of an owner that was killed. */
function killedOwner(dir: string): void {
  const script = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  const { signal } = spawnSync(process.execPath, ["-e", script, join(dir, "door.sock")]);
  expect(signal).toBe("SIGKILL");
}
