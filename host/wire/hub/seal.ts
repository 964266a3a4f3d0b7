// Keys and tags of the hub link: docs/spec/hub-link.md, "Tags and keys". The hash itself is handed in, so this stays pure.

import { covered, type Frame, type FrameKind, framed, TAG } from "./frame.js";

/** HMAC-SHA256 of the parts, one after the other: 32 bytes. */
export type Hmac = (key: Uint8Array, ...parts: Uint8Array[]) => Uint8Array;

const text = new TextEncoder();
const NONE = new Uint8Array(0);
export const NO_TAG = new Uint8Array(TAG);

/** K: what knowing the install code means. */
export function joinKey(hmac: Hmac, code: Uint8Array): Uint8Array {
  return hmac(text.encode("openesme hub link 1"), code);
}

/** Tags the frames of one direction, one after the other. */
export class Seal {
  #counter: number;

  constructor(
    private readonly hmac: Hmac,
    private readonly key: Uint8Array,
    counter = 0,
    /** The tag of the frame that this one answers; only the challenge has it. */
    private readonly answered: Uint8Array = NONE,
  ) {
    this.#counter = counter;
  }

  /** The next frame of this direction. */
  close(kind: FrameKind, id: number, body: Uint8Array): Uint8Array {
    const bytes = covered(kind, id, body);
    return framed(bytes, this.#tag(bytes));
  }

  /** Whether this is the next frame of this direction, from one who has the key. */
  fits(frame: Frame): boolean {
    const tag = this.#tag(frame.covered);
    let different = 0; // all bytes are compared: how long it takes tells nothing
    for (let i = 0; i < TAG; i++) different |= (tag[i] ?? 0) ^ (frame.tag[i] ?? 0);
    return different === 0;
  }

  #tag(bytes: Uint8Array): Uint8Array {
    const counter = new Uint8Array(8);
    new DataView(counter.buffer).setBigUint64(0, BigInt(this.#counter++));
    return this.hmac(this.key, counter, this.answered, bytes).subarray(0, TAG);
  }
}

/** The keys of one connection, out of its two opening frames. */
export function sessionKeys(hmac: Hmac, join: Uint8Array, hello: Uint8Array, challenge: Uint8Array) {
  const session = hmac(join, hello, challenge);
  return { up: hmac(session, text.encode("meter to hub")), down: hmac(session, text.encode("hub to meter")) };
}
