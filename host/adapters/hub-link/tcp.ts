// The meter's side of the hub link over TCP: connects, joins, sends what the store holds, and goes on trying.
// The rules of a connection are host/wire/hub/conversation.ts; this gives them a socket, a clock and the meter.

import { createHmac, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { assert } from "../../ledger/assert.js";
import { Utc_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";
import type { HubLink, HubState, LinkedMeter } from "../../ports/hub-link.js";
import { isName, REFUSALS, type RefusalCode } from "../../wire/hub/bodies.js";
import { Conversation } from "../../wire/hub/conversation.js";
import { joinKey } from "../../wire/hub/seal.js";

export interface TcpHubOptions {
  readonly host: string;
  readonly port: number;
  /** What the hub knows this meter by: 1..64 letters, digits and . _ : - */
  readonly name: string;
  /** 16 bytes (`installCodeOf`). */
  readonly installCode: Uint8Array;
  readonly clock: Clock;
}

const TICK_ms = 1_000;
/** First and longest wait before it tries again, ms. */
const BACK_OFF_ms = [1_000, 60_000] as const;

export function tcpHubLink(options: TcpHubOptions): HubLink {
  assert(isName(options.name), "a meter's name is 1 to 64 letters, digits and . _ : -");
  return new TcpHubLink(options);
}

class TcpHubLink implements HubLink {
  readonly #options: TcpHubOptions;
  readonly #key: Uint8Array;
  #meter: LinkedMeter | null = null;
  #socket: Socket | null = null;
  #conversation: Conversation | null = null;
  #state: HubState;
  #wait_ms: number = BACK_OFF_ms[0];
  /** When to try again, on the monotonic clock. */
  #due_ms = 0;
  #stopTicking: () => void = () => {};

  constructor(options: TcpHubOptions) {
    this.#options = options;
    this.#key = joinKey(hmac, options.installCode);
    this.#state = {
      kind: "away",
      code: "connecting",
      reason: "the hub is not reached yet",
      next_ms: options.clock.utc(),
    };
  }

  start(meter: LinkedMeter): void {
    this.#meter = meter;
    this.#stopTicking = this.#options.clock.every(TICK_ms, () => this.#tick());
    this.#connect(meter);
  }

  nudge(): void {
    this.#conversation?.fill(this.#now());
  }

  state(): HubState {
    return this.#state;
  }

  stop(): Promise<void> {
    this.#stopTicking();
    this.#meter = null;
    const socket = this.#socket;
    if (socket === null) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once("close", () => resolve());
      socket.destroy();
    });
  }

  #tick(): void {
    if (this.#socket === null) {
      if (this.#meter !== null && this.#now() >= this.#due_ms) this.#connect(this.#meter);
    } else if (this.#conversation?.isOver) this.#socket.destroy();
    else this.#conversation?.tick(this.#now());
  }

  #connect(meter: LinkedMeter): void {
    const { host, port } = this.#options;
    const socket = connect({ host, port, noDelay: true });
    const conversation = this.#converse(meter, socket);
    this.#socket = socket;
    this.#conversation = conversation;
    let why = "";
    socket.on("connect", () => conversation.greet(this.#now()));
    socket.on("data", (chunk) => conversation.receive(chunk, this.#now()));
    socket.on("error", (error) => {
      why = error.message; // "close" follows
    });
    socket.on("close", () => {
      this.#socket = this.#conversation = null;
      this.#due_ms = this.#now() + this.#wait_ms;
      this.#wait_ms = Math.min(2 * this.#wait_ms, BACK_OFF_ms[1]);
      const next_ms = this.#options.clock.utc() + this.#due_ms - this.#now();
      const told = this.#state.kind === "away" && conversation.isOver;
      if (told) this.#state = { ...this.#state, next_ms } as HubState;
      else this.#away("unreachable", why || "it closed the connection", next_ms);
    });
  }

  #converse(meter: LinkedMeter, socket: Socket): Conversation {
    let hub = "";
    return new Conversation(
      {
        role: "meter",
        time: (utc_ms) => meter.time?.(Utc_ms(utc_ms)),
        name: this.#options.name,
        nonce: randomBytes(16),
        joinKey: this.#key,
        hmac,
        standing: (peer) => meter.standing(peer),
        joined: (peer) => {
          hub = peer;
          this.#wait_ms = BACK_OFF_ms[0];
          this.#state = { kind: "joined", hub: peer, since_ms: this.#options.clock.utc() };
          return null;
        },
        wants: (after, limit) => meter.wants(after, limit),
        acked: (id) => meter.acked(id),
        took: (messages) => {
          const failed = messages.findIndex((message) => !meter.took(message, hub));
          return failed < 0 ? messages.length : failed;
        },
        send: (bytes) => socket.write(bytes),
        over: (code, by) => {
          this.#away(code, inWords(code, by), this.#options.clock.utc() + this.#wait_ms);
          socket.end(); // what does not close by itself is gone at the next tick
        },
      },
      this.#now(),
    );
  }

  #away(code: string, why: string, next_ms: number): void {
    const reason = `the hub at ${this.#options.host}:${this.#options.port}: ${why}`;
    this.#state = { kind: "away", code, reason, next_ms };
  }

  #now(): number {
    return this.#options.clock.mono();
  }
}

function inWords(code: RefusalCode, by: "us" | "them"): string {
  const [reason, next] = REFUSALS[code];
  return by === "us" ? `${reason}; ${next}` : `it refused [${code}]: ${next}`;
}

function hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const hash = createHmac("sha256", key);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
