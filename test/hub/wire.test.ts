// The frames of the hub link: any chunking gives the same frames, any bytes end in a value, the golden frames to the byte.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  greeting,
  heldBy,
  nameIn,
  refuseBody,
  standingBody,
  standingIn,
  timeBody,
  timeIn,
} from "../../host/wire/hub/bodies.js";
import {
  BODY_MAX,
  covered,
  type Frame,
  type FrameKind,
  FrameReader,
  framed,
  KINDS,
} from "../../host/wire/hub/frame.js";
import { installCodeOf, installCodeText } from "../../host/wire/hub/install-code.js";
import { type Hmac, joinKey, NO_TAG, Seal, sessionKeys } from "../../host/wire/hub/seal.js";

const hmac: Hmac = (key, ...parts) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();
const CODE = "83FE D340 7A93 9723 A5C6 39B2 6916 D505 C3B5";

const kind = fc.constantFrom(...(Object.keys(KINDS) as FrameKind[]));
const id = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER));
const body = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array(BODY_MAX).fill(7)) },
);
const tag = fc.uint8Array({ minLength: 16, maxLength: 16 });
const frames = fc.array(fc.record({ kind, id, body, tag }), { maxLength: 8 });

function reader(): FrameReader {
  const reader = new FrameReader();
  reader.bodyMax = BODY_MAX;
  return reader;
}

function read(reader: FrameReader, ...chunks: Uint8Array[]) {
  return chunks.flatMap((chunk) => [...reader.push(chunk)]);
}

function plain(found: Frame | { kind: "fault"; code: string }) {
  if (found.kind === "fault") return found;
  const { kind, id, body, tag } = found;
  return { kind, id, body: Buffer.from(body).toString("hex"), tag: Buffer.from(tag).toString("hex") };
}

describe("frames", () => {
  it("decode as they were encoded, in any chunks", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(200), { maxLength: 40 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map((one) => framed(covered(one.kind, one.id, one.body), one.tag)));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(bytes.subarray(at));
        expect(read(reader(), ...chunks).map(plain)).toEqual(sent.map((one) => plain({ ...one, covered: NO_TAG })));
      }),
    );
  });

  it("of garbage are at most one fault, after which nothing more is read", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), (chunks) => {
        const found = read(new FrameReader(), Uint8Array.of(1, 16, 0, 0, 0, 0), ...chunks);
        const fault = found.findIndex((one) => one.kind === "fault");
        expect(fault === -1 || fault === found.length - 1).toBe(true);
      }),
    );
  });

  it.each([
    ["version", [2, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ["kind", [1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ["length", [1, 16, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]],
    ["length", [1, 16, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 1]],
    ["id", [1, 16, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0]],
    ["version", [..."GET / HTTP/1.1"].map((letter) => letter.charCodeAt(0))],
  ])("with a wrong header are refused by it alone: %s", (code, header) => {
    expect(read(reader(), Uint8Array.from(header))).toEqual([{ kind: "fault", code }]);
  });

  it("are short until both have joined, and never longer than 64 KiB", () => {
    const long = Uint8Array.of(1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    expect(read(new FrameReader(), long)).toEqual([{ kind: "fault", code: "length" }]);
    expect(() => covered("push", 1, new Uint8Array(BODY_MAX + 1))).toThrow("at most 65536 bytes");
  });
});

describe("bodies", () => {
  it("of greetings and standings decode as encoded; any other bytes are none", () => {
    const standing = fc
      .record({ known: fc.boolean(), taken: id, first: id, more: fc.nat(9) })
      .map(({ known, taken, first, more }) => {
        const from = Math.min(first + 1, Number.MAX_SAFE_INTEGER - 9);
        return { known, taken, first: from, next: from + more };
      });
    fc.assert(
      fc.property(standing, (one) => {
        expect(standingIn(standingBody(one))).toEqual(one);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const name = nameIn(bytes);
        if (name !== null) expect(greeting(bytes.subarray(0, 16), name)).toEqual(bytes);
        const found = standingIn(bytes);
        if (found !== null) expect(standingBody(found)).toEqual(bytes);
      }),
    );
  });

  it("of a time are 8 bytes, up to 2^53 - 1 ms", () => {
    fc.assert(
      fc.property(id, (utc_ms) => {
        expect(timeIn(timeBody(utc_ms))).toBe(utc_ms);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const found = timeIn(bytes);
        if (typeof found === "number") expect(timeBody(found)).toEqual(bytes);
        else expect(found).toBe(bytes.length === 8 ? "unexpected" : "length");
      }),
    );
    expect(timeIn(Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0))).toBe("unexpected");
    expect(timeIn(Uint8Array.of(0, 0x1f, 255, 255, 255, 255, 255, 255))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("tell what the other side has, or that both contradict each other", () => {
    const mine = { known: true, taken: 4, first: 6, next: 9 };
    const theirs = (taken: number, known = true) => ({ known, taken, first: 1, next: 1 });
    expect([4, 5, 8, 9].map((taken) => heldBy(mine, theirs(taken)))).toEqual(["id-gap", 5, 8, "ids-behind"]);
    expect(heldBy(mine, theirs(0, false))).toBe(5);
  });
});

describe("an install code", () => {
  it("is ZigBee's: CRC-16/X-25 catches every wrong digit", () => {
    const code = installCodeOf(CODE);
    if (code === null) throw new Error("the golden code is one");
    expect(installCodeText(code)).toBe(CODE);
    expect(installCodeOf(CODE.toLowerCase().replaceAll(" ", "-"))).toEqual(code);
    const digits = CODE.replaceAll(" ", "");
    for (let at = 0; at < digits.length; at++) {
      const wrong = digits[at] === "0" ? "1" : "0";
      expect(installCodeOf(digits.slice(0, at) + wrong + digits.slice(at + 1))).toBeNull();
    }
    expect([installCodeOf(""), installCodeOf(digits.slice(2)), installCodeOf("g".repeat(36))]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe("the golden frames", () => {
  const golden = readFileSync(join(import.meta.dirname, "golden.txt"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/\s+/).slice(2).join("").replaceAll("|", ""));
  const nonce = (from: number) => Uint8Array.from({ length: 16 }, (_, at) => from + at);
  const text = (words: string) => new TextEncoder().encode(words);

  it("are what we send, to the byte, and what we accept", () => {
    const key = joinKey(hmac, installCodeOf(CODE) ?? NO_TAG);
    const hello = new Seal(hmac, key).close("hello", 0, greeting(nonce(0), "meter-1"));
    const challenge = new Seal(hmac, key, 1, hello.subarray(-16)).close("challenge", 0, greeting(nonce(16), "hub-1"));
    const { up, down } = sessionKeys(hmac, key, hello, challenge);
    const [meter, hub] = [new Seal(hmac, up), new Seal(hmac, down)];
    const sent = [
      hello,
      challenge,
      meter.close("join", 0, standingBody({ known: false, taken: 0, first: 1, next: 2 })),
      hub.close("welcome", 0, standingBody({ known: false, taken: 0, first: 1, next: 1 })),
      hub.close("time", 0, timeBody(Date.UTC(2026, 5, 1, 12))),
      meter.close("push", 1, text("hi")),
      hub.close("ack", 1, new Uint8Array(0)),
      framed(covered("refuse", 0, refuseBody("tag")), NO_TAG),
    ];
    expect(sent.map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual(golden);
    const found = read(reader(), ...golden.map((hex) => Buffer.from(hex, "hex")));
    const holds = (seal: Seal, ...places: number[]) =>
      places.map((at) => found.slice(at, at + 1).every((one) => one.kind !== "fault" && seal.fits(one)));
    expect(found).toHaveLength(golden.length);
    expect(holds(new Seal(hmac, up), 2, 5)).toEqual([true, true]);
    expect(holds(new Seal(hmac, down), 3, 4, 6)).toEqual([true, true, true]);
  });
});
