// A message's frame: every official message decodes and encodes to the same bytes, and whatever is not a message is a named fault.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Decoded, decodeMessage, encodeBody, framed, type Message, signedBytes } from "../../host/gbcs/frame.js";
import { reference, WHERE } from "./reference.js";

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(/[\s|]/g, ""), "hex"));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const faultOf = (decoded: Decoded) => (decoded.ok ? null : decoded.fault);

/** A command from an unknown remote party, with a MAC, cut at its fields. */
const COMMAND = bytesOf(`dd 000000000000 | 47 | 1100000000
  | df 09 01 0000000000000516 | 08 90b3d51f30000002 | 08 00db1234567890a0 | 00
  | 12 0034 90b3d51f30010000 00000000000003ec | 03 d92000 | 00
  | 0102030405060708090a0b0c`);

function messageIn(bytes: Uint8Array): Message {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) throw new Error(`${decoded.fault} at ${decoded.at}`);
  return decoded.message;
}

test("a message is read field by field", () => {
  expect(messageIn(COMMAND)).toEqual({
    cra: 1,
    counter: 0x516n,
    originator: "90b3d51f30000002",
    recipient: "00db1234567890a0",
    time: null,
    messageCode: 0x34,
    supplementary: { party: "90b3d51f30010000", counter: 0x3ecn, originatorCounter: null, certificate: null },
    content: bytesOf("d92000"),
    signature: null,
    mac: bytesOf("0102030405060708090a0b0c"),
  });
});

test("a MAC covers from DF to the signature, a signature the grouping header without DF and the payload", () => {
  const decoded = decodeMessage(COMMAND);
  if (!decoded.ok) throw new Error(decoded.fault);
  expect(hexOf(decoded.authenticated)).toBe(hexOf(COMMAND.subarray(13, -12)));
  expect(hexOf(decoded.signed)).toBe(hexOf(COMMAND.subarray(14, -13)));
});

describe("faults are named, with their place:", () => {
  const put = (at: number, ...octets: number[]) => {
    const bytes = COMMAND.slice();
    bytes.set(octets, at);
    return bytes;
  };
  test.each<[string, Uint8Array, string, number]>([
    ["nothing at all", new Uint8Array(0), "cut-short", 0],
    ["another first octet", put(0, 0xdc), "header", 0],
    ["a transaction id", put(1, 1), "header", 1],
    ["another security control", put(8, 0x31), "header", 8],
    ["a length that says too much", put(7, 0x48), "cut-short", 8],
    ["a length that says too little", put(7, 0x46), "left-over", 8],
    [
      "a length that is not in its shortest form",
      Uint8Array.of(...COMMAND.subarray(0, 7), 0x81, ...COMMAND.subarray(7)),
      "length",
      7,
    ],
    ["a length without end", put(7, 0x80), "length", 7],
    ["a CRA that is none", put(15, 4), "cra", 15],
    ["a date-time of eleven octets", put(42, 11), "time", 42],
    ["other-information with half a counter", put(43, 0x0e), "other-information", 46],
    ["a content longer than the message", put(62, 0x30), "cut-short", 67],
    ["a signature of 63 octets", put(66, 0x3f), "signature", 66],
    [
      "a MACed command that ends after its content, as only a pre-command may",
      Uint8Array.of(...put(7, 0x46).subarray(0, 66), ...COMMAND.subarray(67)),
      "cut-short",
      66,
    ],
    ["more than 64 KiB", new Uint8Array(65_537), "too-long", 65_536],
  ])("%s", (_name, bytes, fault, at) => {
    expect(decodeMessage(bytes)).toEqual({ ok: false, fault, at });
  });
});

const eui = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(hexOf);
const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const counter = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const some = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
/** Of every kind that a frame can be. */
const anyMessage: fc.Arbitrary<Message> = fc.constantFrom(1 as const, 2 as const, 3 as const).chain((cra) => {
  const plain = { party: eui, counter, originatorCounter: fc.constant(null), certificate: fc.constant(null) };
  const forms: fc.Arbitrary<Message["supplementary"]>[] = [fc.constant(null), fc.record(plain)];
  if (cra === 1) forms.push(fc.record({ ...plain, certificate: fc.uint8Array({ minLength: 1, maxLength: 500 }) }));
  else forms.push(fc.record({ ...plain, originatorCounter: counter }));
  if (cra === 3) forms.push(fc.record({ ...plain, counter: fc.constant(null) }));
  return fc.record({
    cra: fc.constant(cra),
    counter,
    originator: eui,
    recipient: eui,
    time: some(octets(12)),
    messageCode: fc.integer({ min: 0, max: 0xffff }),
    supplementary: fc.oneof(...forms),
    content: fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(127, 128, 255, 256, 1_000).map((n) => new Uint8Array(n)),
    ),
    signature: some(octets(64)),
    mac: some(octets(12)),
  });
});

test("decode(encode(message)) = message", () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      expect(messageIn(framed(encodeBody(message), message.mac))).toEqual(message);
    }),
    { numRuns: 300 },
  );
});

test("any bytes give a value or a fault; what decodes, encodes to the same bytes", () => {
  const mutated = fc
    .tuple(anyMessage, fc.array(fc.tuple(fc.nat(4_000), fc.nat(255)), { minLength: 1, maxLength: 3 }))
    .map(([message, changes]) => {
      const bytes = framed(encodeBody(message), message.mac).slice();
      for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const decoded = decodeMessage(bytes);
      if (decoded.ok) expect(hexOf(framed(encodeBody(decoded.message), decoded.message.mac))).toBe(hexOf(bytes));
    }),
    { numRuns: 2_000 },
  );
});

describe.skipIf(reference === null)(reference === null ? WHERE : "of the 763 official messages", () => {
  const messages = (reference?.messages ?? []).map(({ name, kind, hex }) => ({ name, kind, bytes: bytesOf(hex) }));

  test("each decodes, and encodes to the same bytes", () => {
    expect(messages).toHaveLength(763);
    for (const { name, bytes } of messages) {
      const message = messageIn(bytes);
      expect(hexOf(framed(encodeBody(message), message.mac)), name).toBe(hexOf(bytes));
    }
  });

  test("the pre-commands are those that end after their content", () => {
    const found = messages.filter(({ bytes }) => messageIn(bytes).precommand === true).map(({ name }) => name);
    expect(found).toEqual(messages.filter(({ kind }) => kind === "precommand").map(({ name }) => name));
    expect(found).toHaveLength(119);
  });

  test("no shorter beginning is a message, except the pre-command within a signed command", () => {
    for (const { name, bytes } of messages) {
      const { cra, mac, signature } = messageIn(bytes);
      const whole: number[] = [];
      for (let length = 0; length < bytes.length; length++)
        if (faultOf(decodeMessage(bytes.subarray(0, length))) === null) whole.push(length);
      expect(whole, name).toEqual(cra === 1 && mac === null && signature !== null ? [bytes.length - 65] : []);
    }
  });

  test("an octet more is left over, and every octet changed gives a value or a fault", () => {
    let random = 1;
    for (const { name, bytes } of messages) {
      expect(faultOf(decodeMessage(Uint8Array.of(...bytes, 1))), name).not.toBe(null);
      for (let time = 0; time < 20; time++) {
        random = (random * 48_271) % 0x7fff_ffff;
        const changed = bytes.slice();
        const at = random % Math.min(bytes.length, 80);
        changed[at] = (changed[at] ?? 0) ^ (1 + (random % 255));
        const decoded = decodeMessage(changed);
        if (decoded.ok)
          expect(hexOf(framed(encodeBody(decoded.message), decoded.message.mac)), name).toBe(hexOf(changed));
      }
    }
  });

  test("what a signature covers is the same whether it was received or is about to be signed", () => {
    for (const { name, bytes } of messages) {
      const decoded = decodeMessage(bytes);
      if (decoded.ok) expect(hexOf(signedBytes(decoded.message)), name).toBe(hexOf(decoded.signed));
    }
  });
});
