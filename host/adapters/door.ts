// The owner's door as a Unix socket or a named pipe: one process answers, others knock. docs/spec/door.md is the page;
// this file is its envelope, limits and address. What the verbs mean is the house's.

import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, realpathSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Answering, Door, DoorAnswer, DoorRequest, Nobody } from "../ports/door.js";
import type { Refusal } from "../ports/store.js";

const VERSION = 1;
/** With its LF. */
const LINE_MAX = 4_194_304;
const CONNECTIONS = 8;
/** The least that a system's `sockaddr_un` holds (macOS), without its final zero. */
const PATH_MAX = 103;
const WINDOWS = process.platform === "win32";

export interface DoorLimits {
  readonly idle_ms: number;
  /** How long answers under way may still take when the door closes. */
  readonly closing_ms: number;
}

/** Opens the door of the house in `dir`. Only for who holds its lock: a socket that is there already is taken for a dead owner's. */
export function openDoor(
  dir: string,
  answering: Answering,
  { idle_ms, closing_ms }: DoorLimits = { idle_ms: 60_000, closing_ms: 5_000 },
): Promise<Door | Refusal> {
  const server = createServer({ allowHalfOpen: true });
  server.maxConnections = 2 * CONNECTIONS;
  const all = new Set<Socket>();
  const served = new Set<Socket>();
  const answered = new Set<Socket>();
  let closing = false;

  async function serve(socket: Socket): Promise<void> {
    const lines = new Lines();
    served.add(socket);
    try {
      for await (const chunk of socket)
        for (const line of lines.take(chunk)) {
          answered.add(socket);
          socket.setTimeout(0);
          const answer = await answerTo(line, answering);
          socket.setTimeout(idle_ms);
          // Called back also where the asker has left: then with an error that concerns nobody.
          await new Promise<void>((resolve) => socket.write(answer, () => resolve()));
          answered.delete(socket);
          if (closing || socket.destroyed) return;
        }
    } catch {
      // It left midway: its own loss.
    } finally {
      answered.delete(socket);
      served.delete(socket);
      socket.destroy();
    }
  }

  server.on("connection", (socket) => {
    all.add(socket);
    socket.on("close", () => all.delete(socket));
    socket.on("error", () => {}); // "close" follows
    socket.on("timeout", () => socket.destroy());
    socket.setTimeout(idle_ms);
    if (served.size < CONNECTIONS) void serve(socket);
    // What it says is read and dropped: closed on unread bytes, it might not hear why.
    else socket.resume().end(lineOf(null, BUSY));
  });

  function close(): Promise<void> {
    closing = true;
    for (const socket of all) if (!answered.has(socket)) socket.destroy();
    const late = setTimeout(() => {
      for (const socket of all) socket.destroy();
    }, closing_ms);
    return new Promise((resolve) =>
      server.close(() => {
        clearTimeout(late);
        resolve();
      }),
    );
  }

  return new Promise((resolve) => {
    const failed = (error: unknown) => resolve(refused("door-unopenable", `no door at ${dir}: ${messageOf(error)}`));
    server.on("error", failed); // later: one connection that the system could not give us
    server.on("listening", () => resolve({ ok: true, close }));
    try {
      listen(server, pathOf(dir, "make"));
    } catch (error) {
      failed(error);
    }
  });
}

/** Asks the owner of the house in `dir` and gives its answer, or `nobody` where nothing was asked because none is there. */
export function knock(dir: string, request: DoorRequest, timeout_ms: number): Promise<DoorAnswer | Nobody> {
  const line = `${JSON.stringify({ ...request, door: VERSION, id: 1 })}\n`;
  if (Buffer.byteLength(line) > LINE_MAX)
    return Promise.resolve(refused("too-long", "the request is longer than 4 MiB"));
  return new Promise((resolve) => {
    const unreached = (error: unknown) => {
      const nobody = ["ENOENT", "ECONNREFUSED", "ENOTSOCK"].includes(String((error as NodeJS.ErrnoException).code));
      resolve(nobody ? { kind: "nobody" } : refused("door-unreachable", `no way to ${dir}: ${messageOf(error)}`));
    };
    let path: string;
    try {
      path = pathOf(dir, "find");
    } catch (error) {
      return unreached(error);
    }
    const socket = connect({ path });
    const lines = new Lines();
    const done = (answer: DoorAnswer) => {
      resolve(answer);
      socket.destroy();
    };
    const silent = () => done(refused("door-silent", `the owner of ${dir} did not answer within ${timeout_ms} ms`));
    const timer = setTimeout(silent, timeout_ms);
    let reached = false;
    socket.on("connect", () => {
      reached = true;
      socket.write(line);
    });
    socket.on("data", (chunk: Buffer) => {
      for (const answer of lines.take(chunk)) return done(answerIn(answer));
    });
    socket.on("end", () => done(CLOSED));
    socket.on("error", (error) => (reached ? done(CLOSED) : unreached(error)));
    socket.on("close", () => clearTimeout(timer));
  });
}

/** The path of the door of `dir`; throws what the file system says, ENOENT where there is no `dir`. */
function pathOf(dir: string, want: "find" | "make"): string {
  const house = realpathSync.native(dir);
  const hash = createHash("sha256").update(house).digest("hex").slice(0, 32);
  if (WINDOWS) return `\\\\.\\pipe\\esme-${hash}`;
  const path = join(house, "door.sock");
  if (Buffer.byteLength(path) <= PATH_MAX) return path;
  const uid = process.getuid?.();
  const short = join(tmpdir(), `esme-${uid}`, `${hash}.sock`);
  if (Buffer.byteLength(short) > PATH_MAX) throw new Error(`${short} is too long for a socket`);
  const folder = dirname(short);
  if (want === "make") mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  // Anyone may write beside it: a folder of another user's making could hold another user's door.
  const ours = found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0;
  if (!ours) throw new Error(`${folder} is not a folder of this user's alone`);
  return short;
}

function listen(server: Server, path: string): void {
  if (WINDOWS) return void server.listen({ path });
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
  // The socket is made within this call, so it is never seen with another mode than 0600.
  const before = process.umask(0o177);
  try {
    server.listen({ path });
  } finally {
    process.umask(before);
  }
}

/** Cuts bytes into lines. A line that is too long is told once, as null, and not kept. */
class Lines {
  #held: Buffer = Buffer.alloc(0);
  #dropping = false;

  *take(chunk: Buffer): Generator<Buffer | null> {
    for (let from = 0; from < chunk.length; ) {
      const at = chunk.indexOf(10, from);
      const end = at < 0 ? chunk.length : at;
      const line = this.#dropping ? this.#held : Buffer.concat([this.#held, chunk.subarray(from, end)]);
      const tooLong = line.length >= LINE_MAX;
      this.#held = at < 0 && !tooLong ? line : Buffer.alloc(0);
      const told = this.#dropping;
      this.#dropping = at < 0 && (told || tooLong);
      from = end + 1;
      if (!told && (tooLong || at >= 0)) yield tooLong ? null : line;
    }
  }
}

async function answerTo(line: Buffer | null, answering: Answering): Promise<string> {
  const { id, asked } = requestIn(line);
  try {
    const text = lineOf(id, typeof asked === "string" ? refused(asked) : await answering(asked));
    return Buffer.byteLength(text) <= LINE_MAX
      ? text
      : lineOf(id, refused("too-long", "the answer is longer than 4 MiB"));
  } catch (error) {
    // Once the asker is told, it ends the process as any other bug of ours.
    setImmediate(() => {
      throw error;
    });
    return lineOf(id, refused("our-bug", messageOf(error)));
  }
}

/** What a line asks, or the code of why it asks nothing. */
function requestIn(line: Buffer | null): { readonly id: number | null; readonly asked: DoorRequest | Code } {
  if (line === null) return { id: null, asked: "too-long" };
  const { door, id, ...request } = objectIn(line) ?? { door: VERSION };
  const known = Number.isSafeInteger(id) && Number(id) >= 0 ? Number(id) : null;
  if (door !== VERSION) return { id: known, asked: "unknown-version" };
  if (known === null || typeof request.do !== "string") return { id: known, asked: "unreadable" };
  return { id: known, asked: { ...request, do: request.do } };
}

function answerIn(line: Buffer | null): DoorAnswer {
  if (line === null) return refused("too-long");
  const { door, ok, result, code, reason, next } = objectIn(line) ?? { door: VERSION };
  if (door !== VERSION) return refused("unknown-version");
  if (ok === true) return { ok, result };
  const whole = typeof code === "string" && typeof reason === "string" && typeof next === "string";
  return ok === false && whole ? { ok, code, reason, next } : refused("unreadable");
}

function objectIn(line: Buffer): { readonly [field: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function lineOf(id: number | null, answer: DoorAnswer): string {
  return `${JSON.stringify({ door: VERSION, id, ...answer })}\n`;
}

const LOOK = "look whether it was done, then try again";
/** Each refusal of the door: what it says unless told more closely, and the next step. */
const REFUSALS = {
  unreadable: ["the line is not one JSON object with what docs/spec/door.md asks of it", "write it as that page says"],
  "unknown-version": [
    `the other side of the door does not speak version ${VERSION}`,
    "use the same esme on both sides",
  ],
  "too-long": ["the line is longer than 4 MiB", "ask for less at a time"],
  "our-bug": ["the owner failed", "this is a bug in esme: please report it with the command you gave"],
  "door-busy": [`all ${CONNECTIONS} connections to the owner are taken`, "try again in a minute"],
  "door-silent": ["the owner did not answer in time", LOOK],
  "door-closed": ["the owner closed its door before it answered", LOOK],
  "door-unreachable": ["the door cannot be reached", "ask as the user who runs the owner"],
  "door-unopenable": ["the door cannot be opened", "remove what is there, or check who may write there"],
} as const;
type Code = keyof typeof REFUSALS;
const BUSY = refused("door-busy");
const CLOSED = refused("door-closed");

function refused(code: Code, reason: string = REFUSALS[code][0]): Refusal {
  return { ok: false, code, reason, next: REFUSALS[code][1] };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
