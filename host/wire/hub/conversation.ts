// One connection of the hub link, the same rules for either side: join, then messages and acks both ways, and the hub's time.
// Bytes and times go in, bytes and calls come out; it knows no socket, no disk and no clock. docs/spec/hub-link.md.
//
//   meter: challenge -> welcome -> joined        hub: hello -> join -> joined        either: -> over

import {
  greeting,
  heldBy,
  nameIn,
  type RefusalCode,
  refusalIn,
  refuseBody,
  type Standing,
  standingBody,
  standingIn,
  timeBody,
  timeIn,
} from "./bodies.js";
import { BODY_MAX, covered, type Frame, type FrameKind, FrameReader, framed } from "./frame.js";
import { type Hmac, NO_TAG, Seal, sessionKeys } from "./seal.js";

/** `HubMessage` of the ports. */
export interface Message {
  readonly id: number;
  readonly kind: "push" | "request" | "answer";
  readonly body: Uint8Array;
}

/** What a conversation stands between: this side's store, and the connection. */
export type Ends = BothEnds & (MeterEnd | HubEnd);

interface MeterEnd {
  readonly role: "meter";
  /** The hub's UTC as it sent this, ms since 1970: after each join, once an hour, and when its clock was set. */
  time(utc_ms: number): void;
}

interface HubEnd {
  readonly role: "hub";
  /** UTC, ms since 1970. */
  utc(): number;
}

interface BothEnds {
  readonly name: string;
  /** 16 random bytes, never the same twice. */
  readonly nonce: Uint8Array;
  /** K of the install code. */
  readonly joinKey: Uint8Array;
  readonly hmac: Hmac;
  /** Where this side stands with a peer of that name. */
  standing(peer: string): Standing;
  /** Both know the install code and agree on the ids; the peer's next message has the id `taken` + 1. Or why not. */
  joined(peer: string, taken: number): RefusalCode | null;
  wants(after: number, limit: number): readonly Message[];
  acked(id: number): void;
  /** How many of these, from the first, are kept on the disk. */
  took(messages: readonly Message[]): number;
  send(bytes: Uint8Array): void;
  /** Nothing more is sent or heard; by whom it was ended. Called once. */
  over(code: RefusalCode, by: "us" | "them"): void;
}

export const WINDOW_MESSAGES = 64;
export const WINDOW_BYTES = 262_144;
const JOIN_ms = 5_000;
const IDLE_ms = 10_000;
export const SILENT_ms = 30_000;
/** The hub tells its time this often, and at once where its UTC has gone so far from the time that only counts on. */
export const TIME_EVERY_ms = 3_600_000;
export const TIME_STEP_ms = 1_000;

type Phase = "hello" | "challenge" | "join" | "welcome" | "joined" | "over";

export class Conversation {
  readonly #ends: Ends;
  readonly #reader = new FrameReader();
  #phase: Phase;
  #peer = "";
  #hello: Uint8Array = NO_TAG;
  #out: Seal;
  #in: Seal;
  /** Last id taken, messages of this chunk not yet kept, and whether the peer waits for an ack. */
  #taken = 0;
  #fresh: Message[] = [];
  #owed = false;
  /** Last id sent, and the sizes of what is not acknowledged, oldest first. */
  #sent = 0;
  #flight: number[] = [];
  #heard_ms: number;
  #spoke_ms: number;
  #progress_ms: number;
  /** The UTC last told, and when. */
  #told = { utc_ms: 0, now_ms: 0 };

  constructor(ends: Ends, now_ms: number) {
    this.#ends = ends;
    this.#phase = ends.role === "meter" ? "challenge" : "hello";
    this.#out = new Seal(ends.hmac, ends.joinKey);
    this.#in = new Seal(ends.hmac, ends.joinKey);
    this.#heard_ms = this.#spoke_ms = this.#progress_ms = now_ms;
  }

  get joined(): boolean {
    return this.#phase === "joined";
  }

  get isOver(): boolean {
    return this.#phase === "over";
  }

  /** The meter's first word. */
  greet(now_ms: number): void {
    this.#hello = this.#say("hello", 0, greeting(this.#ends.nonce, this.#ends.name), now_ms);
    this.#in = new Seal(this.#ends.hmac, this.#ends.joinKey, 1, this.#hello.subarray(-NO_TAG.length));
  }

  receive(chunk: Uint8Array, now_ms: number): void {
    for (const found of this.#reader.push(chunk)) {
      if (this.#phase === "over") return;
      if (found.kind === "fault") this.end(found.code);
      else this.#hear(found, now_ms);
    }
    this.#keep(now_ms);
  }

  /** Sends what there is, as far as the window goes. */
  fill(now_ms: number): void {
    const room = WINDOW_MESSAGES - this.#flight.length;
    let bytes = this.#flight.reduce((sum, size) => sum + size, 0);
    if (this.#phase !== "joined" || room <= 0 || bytes >= WINDOW_BYTES) return;
    if (this.#flight.length === 0) this.#progress_ms = now_ms;
    for (const { id, kind, body } of this.#ends.wants(this.#sent, room)) {
      if (id !== this.#sent + 1) return this.end("id-gap");
      if (bytes >= WINDOW_BYTES) return;
      this.#say(kind, id, body, now_ms);
      this.#sent = id;
      this.#flight.push(body.length);
      bytes += body.length;
    }
  }

  /** Time has gone on. */
  tick(now_ms: number): void {
    if (this.#phase === "over") return;
    if (this.#phase !== "joined") {
      if (now_ms - this.#progress_ms >= JOIN_ms) this.end("hello-timeout");
      return;
    }
    const stuck = this.#flight.length > 0 && now_ms - this.#progress_ms >= SILENT_ms;
    if (stuck || now_ms - this.#heard_ms >= SILENT_ms) return this.end("silent");
    if (this.#ends.role === "hub" && this.#timeIsDue(this.#ends, now_ms)) this.#tellTime(this.#ends, now_ms);
    else if (now_ms - this.#spoke_ms >= IDLE_ms) this.#say("ack", this.#taken, NOTHING, now_ms);
  }

  /** Ends it, telling the peer why. */
  end(code: RefusalCode): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#ends.send(framed(covered("refuse", 0, refuseBody(code)), NO_TAG));
    this.#ends.over(code, "us");
  }

  #hear(frame: Frame, now_ms: number): void {
    this.#heard_ms = now_ms;
    if (frame.kind === "refuse") {
      this.#keep(now_ms);
      this.#phase = "over";
      return this.#ends.over(refusalIn(frame.body), "them");
    }
    if (!this.#isDue(frame.kind)) return this.end("unexpected");
    const opening = this.#phase === "hello" || this.#phase === "challenge";
    if (!this.#in.fits(frame)) return this.end(opening ? "install-code" : "tag");
    switch (frame.kind) {
      case "hello":
        return this.#onHello(frame, now_ms);
      case "challenge":
        return this.#onChallenge(frame, now_ms);
      case "join":
      case "welcome":
        return this.#onStanding(frame, now_ms);
      case "time":
        return this.#onTime(frame);
      case "ack":
        return this.#onAck(frame.id, now_ms);
      case "push":
      case "request":
      case "answer":
        return this.#onMessage({ id: frame.id, kind: frame.kind, body: frame.body });
    }
  }

  #isDue(kind: FrameKind): boolean {
    if (this.#phase !== "joined") return kind === this.#phase;
    return MESSAGES.has(kind) || (kind === "time" && this.#ends.role === "meter");
  }

  #onHello(hello: Frame, now_ms: number): void {
    const peer = nameIn(hello.body);
    if (peer === null) return this.end("name");
    const { hmac, joinKey, nonce, name } = this.#ends;
    this.#out = new Seal(hmac, joinKey, 1, hello.tag);
    const challenge = this.#say("challenge", 0, greeting(nonce, name), now_ms);
    this.#meet(peer, framed(hello.covered, hello.tag), challenge, "join");
  }

  #onChallenge(challenge: Frame, now_ms: number): void {
    const peer = nameIn(challenge.body);
    if (peer === null) return this.end("name");
    this.#meet(peer, this.#hello, framed(challenge.covered, challenge.tag), "welcome");
    this.#say("join", 0, standingBody(this.#ends.standing(peer)), now_ms);
  }

  #meet(peer: string, hello: Uint8Array, challenge: Uint8Array, phase: Phase): void {
    const { hmac, joinKey, role } = this.#ends;
    const { up, down } = sessionKeys(hmac, joinKey, hello, challenge);
    this.#out = new Seal(hmac, role === "meter" ? up : down);
    this.#in = new Seal(hmac, role === "meter" ? down : up);
    this.#peer = peer;
    this.#phase = phase;
  }

  /** Join or welcome: the peer has the code; do the ids of both sides agree? */
  #onStanding(frame: Frame, now_ms: number): void {
    const theirs = standingIn(frame.body);
    if (theirs === null) return this.end("unexpected");
    const mine = this.#ends.standing(this.#peer);
    const held = heldBy(mine, theirs);
    if (typeof held === "string") return this.end(held);
    this.#taken = mine.known ? mine.taken : theirs.first - 1;
    const refused = this.#ends.joined(this.#peer, this.#taken);
    if (refused !== null) return this.end(refused);
    if (frame.kind === "join") this.#say("welcome", 0, standingBody(mine), now_ms);
    this.#phase = "joined";
    this.#reader.bodyMax = BODY_MAX;
    this.#sent = held;
    if (this.#ends.role === "hub") this.#tellTime(this.#ends, now_ms);
    if (held >= mine.first) this.#ends.acked(held);
    this.fill(now_ms);
  }

  #timeIsDue(hub: HubEnd, now_ms: number): boolean {
    const since_ms = now_ms - this.#told.now_ms;
    const stepped_ms = hub.utc() - this.#told.utc_ms - since_ms;
    return since_ms >= TIME_EVERY_ms || Math.abs(stepped_ms) > TIME_STEP_ms;
  }

  #tellTime(hub: HubEnd, now_ms: number): void {
    const utc_ms = hub.utc();
    this.#told = { utc_ms, now_ms };
    this.#say("time", 0, timeBody(utc_ms), now_ms);
  }

  #onTime({ id, body }: Frame): void {
    const utc_ms = timeIn(body);
    if (typeof utc_ms === "string") return this.end(utc_ms);
    if (id !== 0) return this.end("unexpected");
    if (this.#ends.role === "meter") this.#ends.time(utc_ms);
  }

  #onAck(id: number, now_ms: number): void {
    const news = id - (this.#sent - this.#flight.length);
    if (id > this.#sent) return this.end("unexpected");
    if (news <= 0) return;
    this.#flight.splice(0, news);
    this.#progress_ms = now_ms;
    this.#ends.acked(id);
    this.fill(now_ms);
  }

  #onMessage(message: Message): void {
    const last = this.#taken + this.#fresh.length;
    if (message.id > last + 1) return this.end("id-gap");
    this.#owed = true;
    if (message.id === last + 1) this.#fresh.push(message);
  }

  /** Keeps what came, then acknowledges it. */
  #keep(now_ms: number): void {
    if (!this.#owed) return;
    const fresh = this.#fresh;
    this.#fresh = [];
    this.#owed = false;
    const kept = fresh.length === 0 ? 0 : this.#ends.took(fresh);
    this.#taken += kept;
    if (this.#phase === "over") return;
    this.#say("ack", this.#taken, NOTHING, now_ms);
    if (kept < fresh.length) this.end("unwritable");
  }

  #say(kind: FrameKind, id: number, body: Uint8Array, now_ms: number): Uint8Array {
    const bytes = this.#out.close(kind, id, body);
    this.#spoke_ms = now_ms;
    this.#ends.send(bytes);
    return bytes;
  }
}

const NOTHING = new Uint8Array(0);
const MESSAGES: ReadonlySet<FrameKind> = new Set<FrameKind>(["push", "request", "answer", "ack"]);
