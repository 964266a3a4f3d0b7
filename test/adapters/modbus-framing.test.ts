// How answers are cut out of a stream: in any pieces, after an echo, after a false character; and what is none.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RtuFraming, type Taken, TcpFraming } from "../../host/adapters/modbus/framing.js";
import { answerBody, encodeAnswer, encodeQuestion, encodeTcp, type Question } from "../../host/wire/modbus/frames.js";

const QUESTION: Question = { unit: 1, function: 4, address: 0x48, count: 4 };
const FRAME = encodeAnswer(QUESTION, { kind: "words", words: [0x46c7, 0xbf19, 0, 0] });
const EXCEPTION = encodeAnswer(QUESTION, { kind: "exception", code: 2 });

function asked(): RtuFraming {
  const framing = new RtuFraming(9600);
  framing.ask(QUESTION, encodeQuestion(QUESTION));
  return framing;
}

/** `bytes` in pieces of these sizes; what it is taken for, and after how many bytes. */
function pieces(framing: { take(bytes: Uint8Array): Taken }, bytes: Uint8Array, sizes: readonly number[]) {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const piece = bytes.subarray(at, at + size);
    at += piece.length;
    const taken = framing.take(piece);
    if (taken.kind !== "more") return { taken, at };
    if (at >= bytes.length) break;
  }
  return { taken: { kind: "more" } as Taken, at };
}

const cuts = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 30 });
const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

describe("RTU", () => {
  test("an answer in any pieces is the answer; so is an exception; an echo before it is taken off", () => {
    fc.assert(
      fc.property(cuts, fc.constantFrom(FRAME, EXCEPTION), fc.boolean(), (sizes, frame, echo) => {
        const bytes = echo ? join(encodeQuestion(QUESTION), frame) : frame;
        const { taken, at } = pieces(asked(), bytes, sizes);
        expect(taken).toEqual({ kind: "answer", frame, echo });
        expect(at).toBe(bytes.length);
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  test("false characters before an answer are passed over", () => {
    for (const noise of [[0], [0xff, 0xfe], [1, 4]]) {
      const { taken } = pieces(asked(), join(Uint8Array.from(noise), FRAME), [3, 3]);
      expect(taken.kind).toBe("answer");
    }
  });

  test("a wrong bit is a wrong check, and told when the answer's length has come", () => {
    for (let bit = 24; bit < FRAME.length * 8; bit++) {
      const wrong = FRAME.slice();
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(asked().take(wrong)).toEqual({ kind: "fault", fault: "crc", bytes: FRAME.length });
    }
  });

  test("half an answer, another meter's, another length: nothing yet, and what it was when time is up", () => {
    const half = asked();
    expect(half.take(FRAME.subarray(0, 6)).kind).toBe("more");
    expect(half.leftover()).toMatchObject({ bytes: 6 });
    const other = asked();
    expect(other.take(encodeAnswer({ ...QUESTION, unit: 2 }, { kind: "words", words: [1, 2, 3, 4] })).kind).toBe(
      "more",
    );
    expect(other.leftover()).toEqual({ fault: "other-unit", bytes: 13 });
    expect(asked().leftover()).toBeNull();
  });

  test("no bytes whatever are an answer that was not sent, and none are kept from one question to the next", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), cuts, (bytes, sizes) => {
        const framing = asked();
        expect(pieces(framing, bytes, sizes).taken.kind).not.toBe("answer");
        framing.ask(QUESTION, encodeQuestion(QUESTION));
        expect(framing.take(FRAME).kind).toBe("answer");
      }),
      { seed: 9, numRuns: 300 },
    );
  });
});

describe("Modbus TCP", () => {
  const ask = (framing: TcpFraming) => framing.ask(QUESTION, encodeQuestion(QUESTION));
  const body = answerBody(QUESTION, { kind: "words", words: [0x46c7, 0xbf19, 0, 0] });

  test("an answer in any pieces, after late ones, is the answer by its id; late ones are counted", () => {
    fc.assert(
      fc.property(cuts, fc.nat(3), (sizes, late) => {
        const framing = new TcpFraming();
        for (let k = 0; k < 5; k++) ask(framing);
        const lates = Array.from({ length: late }, (_, k) => encodeTcp(4 - k, body));
        const bytes = join(...lates, encodeTcp(5, body));
        expect(pieces(framing, bytes, sizes)).toEqual({
          taken: { kind: "answer", frame: FRAME, echo: false },
          at: bytes.length,
        });
        expect(framing.late()).toBe(late);
      }),
      { seed: 10, numRuns: 200 },
    );
  });

  test("its question carries the id, and no check", () => {
    const framing = new TcpFraming();
    ask(framing);
    expect([...ask(framing)]).toEqual([0, 2, 0, 0, 0, 6, 1, 4, 0, 0x48, 0, 4]);
  });

  test("what is no Modbus TCP makes the connection worthless", () => {
    const framing = new TcpFraming();
    ask(framing);
    expect(framing.take(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n"))).toEqual({ kind: "lost" });
  });
});
