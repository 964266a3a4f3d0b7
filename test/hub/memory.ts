// Two ends of the hub link in memory: each with a disk that outlives it, and a line between them that a test can cut, chunk and forge.
import { createHmac } from "node:crypto";
import type { RefusalCode, Standing } from "../../host/wire/hub/bodies.js";
import { Conversation, type Message } from "../../host/wire/hub/conversation.js";
import { type Hmac, joinKey } from "../../host/wire/hub/seal.js";

export const hmac: Hmac = (key, ...parts) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();
export const CODE = Uint8Array.from({ length: 16 }, (_, at) => at * 7);

/** What one side keeps: its messages to the other, and what it took from it. */
export class Disk {
  out: Message[] = [];
  next = 1;
  taken: { known: boolean; last: number } = { known: false, last: 0 };
  readonly got: Message[] = [];
  /** How many more messages fit. */
  space = Number.POSITIVE_INFINITY;

  post(text: string, kind: Message["kind"] = "push"): void {
    this.out.push({ id: this.next++, kind, body: new TextEncoder().encode(text) });
  }

  standing(): Standing {
    return { known: this.taken.known, taken: this.taken.last, first: this.out[0]?.id ?? this.next, next: this.next };
  }

  take(messages: readonly Message[]): number {
    const kept = messages.slice(0, this.space);
    this.space -= kept.length;
    for (const message of kept) {
      this.got.push(message);
      this.taken = { known: true, last: message.id };
    }
    return kept.length;
  }

  get texts(): string[] {
    return this.got.map((message) => new TextDecoder().decode(message.body));
  }
}

/** One side of one connection. */
export class End {
  /** Bytes on their way to the other side. */
  sent: Uint8Array[] = [];
  ended: [RefusalCode, "us" | "them"] | null = null;
  /** A hub's UTC. */
  utc_ms = Date.UTC(2026, 5, 1);
  /** What a meter was told. */
  readonly times: number[] = [];
  readonly talk: Conversation;

  constructor(role: "meter" | "hub", disk: Disk, nonce: number, code = CODE, now_ms = 0) {
    this.talk = new Conversation(
      {
        role,
        utc: () => this.utc_ms,
        time: (utc_ms) => this.times.push(utc_ms),
        name: role === "meter" ? "meter-1" : "hub-1",
        nonce: new Uint8Array(16).fill(nonce),
        joinKey: joinKey(hmac, code),
        hmac,
        standing: () => disk.standing(),
        joined: (_peer, taken) => {
          if (role === "hub" && !disk.taken.known) disk.taken = { known: true, last: taken };
          return null;
        },
        wants: (after, limit) => disk.out.filter((message) => message.id > after).slice(0, limit),
        acked: (id) => {
          disk.out = disk.out.filter((message) => message.id > id);
        },
        took: (messages) => disk.take(messages),
        send: (bytes) => this.sent.push(bytes),
        over: (why, by) => {
          this.ended = [why, by];
        },
      },
      now_ms,
    );
  }

  /** Takes what the other side sent, all of it or up to `most` bytes. */
  hear(from: End, now_ms = 0, most = Number.POSITIVE_INFINITY): void {
    const bytes = Buffer.concat(from.sent);
    from.sent = most < bytes.length ? [bytes.subarray(most)] : [];
    this.talk.receive(bytes.subarray(0, most), now_ms);
  }
}

/** A connection that has joined, nothing on its way. */
export function joined(meter: Disk, hub: Disk, now_ms = 0): { up: End; down: End } {
  const up = new End("meter", meter, 1, CODE, now_ms);
  const down = new End("hub", hub, 2, CODE, now_ms);
  up.talk.greet(now_ms);
  settle(up, down, now_ms);
  return { up, down };
}

/** Carries bytes both ways until none are left. */
export function settle(up: End, down: End, now_ms = 0): void {
  while (up.sent.length + down.sent.length > 0) {
    down.hear(up, now_ms);
    up.hear(down, now_ms);
  }
}
