// A frame of the hub link and the reader that finds frames in a stream: docs/spec/hub-link.md, "A frame".
// Total: any bytes in any chunks give frames or one named fault, which ends the stream.

/** Kinds of frames and their bytes. */
export const KINDS = {
  hello: 1,
  challenge: 2,
  join: 3,
  welcome: 4,
  refuse: 5,
  time: 6,
  push: 16,
  request: 17,
  answer: 18,
  ack: 19,
} as const;
export type FrameKind = keyof typeof KINDS;

export interface Frame {
  readonly kind: FrameKind;
  /** 0 .. 2^53 - 1. */
  readonly id: number;
  readonly body: Uint8Array;
  /** What the tag covers beside the counter: header and body. */
  readonly covered: Uint8Array;
  readonly tag: Uint8Array;
}

export interface FrameFault {
  readonly kind: "fault";
  readonly code: "version" | "kind" | "length" | "id";
}

const VERSION = 1;
export const BODY_MAX = 65_536;
/** The longest body before both have joined. */
const BODY_MAX_JOINING = 256;
const HEADER = 14;
export const TAG = 16;

const NAMES = new Map<number, FrameKind>(Object.entries(KINDS).map(([name, byte]) => [byte, name as FrameKind]));

/** Header and body of a frame: what its tag covers. Longer bodies are refused before they come here. */
export function covered(kind: FrameKind, id: number, body: Uint8Array): Uint8Array {
  if (body.length > BODY_MAX) throw new RangeError(`a body has at most ${BODY_MAX} bytes, not ${body.length}`);
  const bytes = new Uint8Array(HEADER + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, KINDS[kind]);
  view.setUint32(2, body.length);
  writeId(view, 6, id);
  bytes.set(body, HEADER);
  return bytes;
}

/** The whole frame. */
export function framed(coveredBytes: Uint8Array, tag: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(coveredBytes.length + TAG);
  bytes.set(coveredBytes);
  bytes.set(tag.subarray(0, TAG), coveredBytes.length);
  return bytes;
}

export function writeId(view: DataView, at: number, id: number): void {
  view.setUint32(at, Math.floor(id / 2 ** 32));
  view.setUint32(at + 4, id % 2 ** 32);
}

/** Null where it is no safe integer. */
export function readId(view: DataView, at: number): number | null {
  const id = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
  return Number.isSafeInteger(id) ? id : null;
}

/** Finds frames in the chunks of one connection, holding at most one frame. */
export class FrameReader {
  /** The longest body accepted: raised once the peer has joined. */
  bodyMax = BODY_MAX_JOINING;
  #held = new Uint8Array(HEADER + BODY_MAX_JOINING + TAG);
  #length = 0;
  /** Bytes of the frame begun, once its header is whole. */
  #whole: number | null = null;
  #dead = false;

  *push(chunk: Uint8Array): Generator<Frame | FrameFault> {
    let at = 0;
    while (at < chunk.length && !this.#dead) {
      const wanted = (this.#whole ?? HEADER) - this.#length;
      const piece = chunk.subarray(at, at + wanted);
      this.#held.set(piece, this.#length);
      this.#length += piece.length;
      at += piece.length;
      if (piece.length < wanted) return;
      if (this.#whole === null) {
        const fault = this.#header();
        if (fault === null) continue;
        this.#dead = true;
        yield fault;
      } else yield this.#frame(this.#whole);
    }
  }

  #header(): FrameFault | null {
    const view = new DataView(this.#held.buffer);
    const length = view.getUint32(2);
    if (view.getUint8(0) !== VERSION) return { kind: "fault", code: "version" };
    if (!NAMES.has(view.getUint8(1))) return { kind: "fault", code: "kind" };
    if (length > this.bodyMax) return { kind: "fault", code: "length" };
    if (readId(view, 6) === null) return { kind: "fault", code: "id" };
    this.#whole = HEADER + length + TAG;
    if (this.#held.length < this.#whole) {
      const held = new Uint8Array(this.#whole);
      held.set(this.#held.subarray(0, HEADER));
      this.#held = held;
    }
    return null;
  }

  #frame(whole: number): Frame {
    const bytes = this.#held.slice(0, whole);
    const view = new DataView(bytes.buffer);
    this.#length = 0;
    this.#whole = null;
    return {
      kind: NAMES.get(view.getUint8(1)) ?? "refuse",
      id: readId(view, 6) ?? 0,
      body: bytes.subarray(HEADER, whole - TAG),
      covered: bytes.subarray(0, whole - TAG),
      tag: bytes.subarray(whole - TAG),
    };
  }
}
