// The communications hub: listens, takes each meter's messages once and in order into its store, delivers its own to them, and tells
// them the time.
// The rules of a connection are host/wire/hub/conversation.ts; what is kept is the store's.

import { createHmac, randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../ports/clock.js";
import type { HubMessage, HubMessageKind, Standing } from "../ports/hub-link.js";
import type { HubStore, Refusal } from "../ports/store.js";
import type { RefusalCode } from "../wire/hub/bodies.js";
import { Conversation, type Ends } from "../wire/hub/conversation.js";
import { BODY_MAX } from "../wire/hub/frame.js";
import { joinKey } from "../wire/hub/seal.js";

export interface HubOptions {
  readonly store: HubStore;
  readonly clock: Clock;
  /** 16 bytes (`installCodeOf`). */
  readonly installCode: Uint8Array;
  /** Where it listens; 127.0.0.1 unless told. */
  readonly host?: string;
  /** 0 (unless told): any that is free. */
  readonly port?: number;
  /** Hears who comes and goes. */
  readonly tell?: (news: HubNews) => void;
}

export type HubNews =
  | { readonly kind: "joined"; readonly meter: string }
  | { readonly kind: "left"; readonly meter: string }
  | { readonly kind: "took"; readonly meter: string; readonly messages: readonly HubMessage[] }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly by: "us" | "them" };

const CONNECTIONS = 32;
/** Bytes a peer may leave unread: more than the window of messages and its acks. */
const UNREAD_MAX = 1_048_576;
const NEW: Standing = { known: false, taken: 0, first: 1, next: 1 };

/** Starts listening; refused where the address cannot be had. */
export function startHub(options: HubOptions): Promise<{ readonly ok: true; readonly hub: Hub } | Refusal> {
  const { host = "127.0.0.1", port = 0 } = options;
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = `the hub cannot listen at ${host}:${port}: ${error.message}`;
      resolve({ ok: false, code: "unlistenable", reason, next: "choose another port, or stop what listens there" });
    });
    server.listen({ host, port }, () => resolve({ ok: true, hub: new Hub(options, server) }));
  });
}

interface Peer {
  readonly socket: Socket;
  readonly conversation: Conversation;
}

export class Hub {
  readonly #options: HubOptions;
  readonly #server: Server;
  readonly #key: Uint8Array;
  readonly #peers = new Set<Peer>();
  readonly #joined = new Map<string, Conversation>();
  readonly #refused = new Map<RefusalCode, number>();
  readonly #stopTicking: () => void;

  constructor(options: HubOptions, server: Server) {
    this.#options = options;
    this.#server = server;
    this.#key = joinKey(hmac, options.installCode);
    server.on("connection", (socket) => this.#accept(socket));
    this.#stopTicking = options.clock.every(1_000, () => this.#tick());
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Names of the meters that are joined now. */
  get meters(): readonly string[] {
    return [...this.#joined.keys()];
  }

  /** Connections ended, by why. */
  get refused(): ReadonlyMap<RefusalCode, number> {
    return this.#refused;
  }

  /** Keeps a message for a meter that has joined before, at most 64 KiB, and delivers it once, now or when it comes back. */
  send(meter: string, kind: HubMessageKind, body: Uint8Array): { readonly ok: true; readonly id: number } | Refusal {
    if (body.length > BODY_MAX) {
      const reason = `a message has at most ${BODY_MAX} bytes, not ${body.length}`;
      return { ok: false, code: "length", reason, next: "send less at a time" };
    }
    const sent = this.#options.store.send(meter, kind, body);
    if (sent.ok) this.#joined.get(meter)?.fill(this.#now());
    return sent;
  }

  /** Ends all connections; the store remains its owner's to close. */
  stop(): Promise<void> {
    this.#stopTicking();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const { socket } of this.#peers) socket.destroy();
    });
  }

  #accept(socket: Socket): void {
    let meter: string | null = null;
    const { store, clock, tell } = this.#options;
    const conversation: Conversation = new Conversation(
      {
        role: "hub",
        utc: () => clock.utc(),
        name: store.name,
        nonce: randomBytes(16),
        joinKey: this.#key,
        hmac,
        standing: (peer) => store.standing(peer) ?? NEW,
        joined: (peer, taken) => {
          const refused = this.#meet(peer, taken);
          if (refused !== null) return refused;
          this.#joined.get(peer)?.end("replaced");
          this.#joined.set(peer, conversation);
          meter = peer;
          tell?.({ kind: "joined", meter: peer });
          return null;
        },
        wants: (after, limit) => (meter === null ? [] : store.outbox(meter, after, limit)),
        acked: (id) => {
          if (meter !== null) store.acknowledge(meter, id);
        },
        took: (messages) => {
          if (meter === null || !store.take(meter, messages, clock.utc()).ok) return 0;
          tell?.({ kind: "took", meter, messages });
          return messages.length;
        },
        send: (bytes) => {
          socket.write(bytes);
          if (socket.writableLength > UNREAD_MAX) socket.destroy();
        },
        over: (code, by) => {
          this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
          tell?.({ kind: "refused", code, by });
          socket.end(); // what does not close by itself is gone at the next tick
        },
      } satisfies Ends,
      this.#now(),
    );
    const peer = { socket, conversation };
    this.#peers.add(peer);
    socket.setNoDelay(true);
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      this.#peers.delete(peer);
      if (meter === null || this.#joined.get(meter) !== conversation) return;
      this.#joined.delete(meter);
      tell?.({ kind: "left", meter });
    });
    if (this.#peers.size > CONNECTIONS) conversation.end("too-many");
    else socket.on("data", (chunk) => conversation.receive(chunk, this.#now()));
  }

  #meet(meter: string, taken: number): RefusalCode | null {
    const met = this.#options.store.meet(meter, taken);
    if (met.ok) return null;
    return "code" in met ? "too-many" : "unwritable";
  }

  #tick(): void {
    const now_ms = this.#now();
    for (const { socket, conversation } of this.#peers) {
      if (conversation.isOver) socket.destroy();
      else conversation.tick(now_ms);
    }
  }

  #now(): number {
    return this.#options.clock.mono();
  }
}

function hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const hash = createHmac("sha256", key);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
