// Words and frames of Modbus: there and back, the examples of the specification, and any bytes at all.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc16Modbus, crcHolds, withCrc } from "../../host/wire/modbus/crc.js";
import {
  type Answer,
  answerBody,
  answerLength,
  answerOf,
  decodeAnswer,
  decodeQuestion,
  decodeTcp,
  encodeAnswer,
  encodeQuestion,
  encodeTcp,
  frameGap_ms,
  type Question,
  questionBody,
  wireTime_ms,
} from "../../host/wire/modbus/frames.js";
import { numberOf, WORDS_OF, type WordOrder, type WordType, wordsOf } from "../../host/wire/modbus/words.js";

const octets = (hex: string) => Uint8Array.from(hex.split(" "), (pair) => Number.parseInt(pair, 16));
const arbitraryQuestion: fc.Arbitrary<Question> = fc.record({
  unit: fc.integer({ min: 1, max: 247 }),
  function: fc.constantFrom<3 | 4>(3, 4),
  address: fc.nat(0xffff),
  count: fc.integer({ min: 1, max: 125 }),
});
const arbitraryExchange = arbitraryQuestion.chain((question) => {
  const words = fc.array(fc.nat(0xffff), { minLength: question.count, maxLength: question.count });
  return fc.record({
    question: fc.constant(question),
    answer: fc.oneof(
      words.map((all): Answer => ({ kind: "words", words: all })),
      fc.nat(255).map((code): Answer => ({ kind: "exception", code })),
    ),
  });
});

describe("words", () => {
  const RANGES: { readonly [type in Exclude<WordType, "f32">]: readonly [number, number] } = {
    u16: [0, 65_535],
    i16: [-32_768, 32_767],
    u32: [0, 2 ** 32 - 1],
    i32: [-(2 ** 31), 2 ** 31 - 1],
    u64: [0, Number.MAX_SAFE_INTEGER],
    i64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  };

  test.each(Object.entries(RANGES))("%s: there and back, either word first", (type, [min, max]) => {
    const order = fc.constantFrom<WordOrder>("high-first", "low-first");
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(min, max, 0), fc.integer({ min, max })), order, (number, first) => {
        const words = wordsOf(number, type as WordType, first);
        expect(words).toHaveLength(WORDS_OF[type as WordType]);
        expect(numberOf(words, type as WordType, first)).toBe(number + 0);
        const other = first === "high-first" ? "low-first" : "high-first";
        expect(numberOf([...words].reverse(), type as WordType, other)).toBe(number + 0);
      }),
    );
  });

  test("a float32: 230.2 V, there and back for every float", () => {
    expect(numberOf([0x4366, 0x3333], "f32", "high-first")).toBeCloseTo(230.2, 5);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (number) => {
        fc.pre(Math.abs(number) <= Number.MAX_SAFE_INTEGER);
        expect(numberOf(wordsOf(number, "f32", "low-first"), "f32", "low-first")).toBe(number);
      }),
    );
  });

  test("what is too few, no number, or beyond 2^53 is null; what is beyond a type's range is its end", () => {
    expect(numberOf([1], "u32", "high-first")).toBeNull();
    expect(numberOf([0x7fc0, 0], "f32", "high-first")).toBeNull();
    expect(numberOf([0x0020, 0, 0, 0], "u64", "high-first")).toBeNull();
    expect(numberOf([0x001f, 0xffff, 0xffff, 0xffff], "u64", "high-first")).toBe(Number.MAX_SAFE_INTEGER);
    expect(wordsOf(70_000, "u16", "high-first")).toEqual([0xffff]);
    expect(wordsOf(-1, "u32", "high-first")).toEqual([0, 0]);
  });
});

describe("the check", () => {
  test("is CRC-16/MODBUS", () => {
    expect(crc16Modbus(new TextEncoder().encode("123456789"))).toBe(0x4b37);
    expect(withCrc(octets("11 03 00 6B 00 03"))).toEqual(octets("11 03 00 6B 00 03 76 87"));
  });

  test("finds any one or two bits that are wrong in a frame", () => {
    const frame = encodeAnswer(
      { unit: 1, function: 4, address: 0, count: 2 },
      { kind: "words", words: [17_254, 13_107] },
    );
    const flips = frame.length * 8;
    for (let one = 0; one < flips; one++)
      for (let other = one; other < flips; other++) {
        const wrong = frame.slice();
        wrong[one >> 3] = (wrong[one >> 3] ?? 0) ^ (1 << (one & 7));
        if (other !== one) wrong[other >> 3] = (wrong[other >> 3] ?? 0) ^ (1 << (other & 7));
        expect(crcHolds(wrong)).toBe(false);
      }
  });
});

describe("frames", () => {
  test("a question and its answer, as bytes", () => {
    const question: Question = { unit: 1, function: 4, address: 0, count: 2 };
    expect(encodeQuestion(question)).toEqual(octets("01 04 00 00 00 02 71 CB"));
    expect(decodeAnswer(octets("01 04 04 43 66 33 34 1B 38"), question)).toEqual({
      kind: "words",
      words: [0x4366, 0x3334],
    });
  });

  test("there and back, RTU and TCP", () => {
    fc.assert(
      fc.property(arbitraryExchange, fc.nat(0xffff), ({ question, answer }, transaction) => {
        expect(decodeQuestion(encodeQuestion(question))).toEqual(question);
        const frame = encodeAnswer(question, answer);
        expect(decodeAnswer(frame, question)).toEqual(answer);
        expect(answerLength(frame.subarray(0, 2), question)).toBe(frame.length);
        const tcp = encodeTcp(transaction, answerBody(question, answer));
        const read = decodeTcp(tcp);
        if (read.kind !== "frame") throw new Error("a whole frame is a frame");
        expect([read.transaction, read.bytes]).toEqual([transaction, tcp.length]);
        expect(answerOf(read.body, question)).toEqual(answer);
        for (let cut = 0; cut < tcp.length; cut++) expect(decodeTcp(tcp.subarray(0, cut)).kind).toBe("more");
      }),
    );
  });

  test("any bytes are a value or a named fault", () => {
    fc.assert(
      fc.property(arbitraryQuestion, fc.uint8Array({ maxLength: 40 }), (question, bytes) => {
        for (const frame of [
          bytes,
          withCrc(bytes),
          withCrc(Uint8Array.of(question.unit, question.function, ...bytes)),
        ]) {
          const read = decodeAnswer(frame, question);
          if (typeof read !== "string" && read.kind === "words") expect(read.words).toHaveLength(question.count);
          decodeQuestion(frame);
          decodeTcp(frame);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("an answer to another question is told from this one's by unit, function and length", () => {
    const question: Question = { unit: 1, function: 4, address: 0, count: 2 };
    const of = (other: Partial<Question>) => {
      const asked = { ...question, ...other };
      const words = new Array<number>(asked.count).fill(7);
      return decodeAnswer(encodeAnswer(asked, { kind: "words", words }), question);
    };
    expect([of({ unit: 2 }), of({ function: 3 }), of({ count: 3 })]).toEqual([
      "other-unit",
      "other-function",
      "other-length",
    ]);
    // Of the same unit, function and length it cannot: that is why the wire is silent after a timeout.
    expect(of({ address: 0x48 })).toEqual({ kind: "words", words: [7, 7] });
    expect(decodeTcp(octets("00 01 00 07 00 06 01 03 00 00 00 01"))).toEqual({
      kind: "fault",
      fault: "other-protocol",
    });
    expect(questionBody(question)).toEqual(octets("01 04 00 00 00 02"));
  });

  test("a frame ends after 3.5 characters of 11 bits; above 19,200 baud after 1.75 ms", () => {
    expect(frameGap_ms(9_600)).toBeCloseTo(4.01, 2);
    expect(frameGap_ms(115_200)).toBe(1.75);
    expect(wireTime_ms(45, 9_600)).toBeCloseTo(51.56, 2);
  });
});
