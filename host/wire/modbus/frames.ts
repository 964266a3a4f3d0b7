// Questions and answers of Modbus that read words (functions 3 and 4), as RTU frames (with CRC) and as Modbus TCP
// frames (with a header).
// Decoders are total: any bytes give a value or a named fault.

import { crcHolds, withCrc } from "./crc.js";

/** What a master asks. */
export interface Question {
  /** 1..247 on a serial bus, 0..255 over TCP. */
  readonly unit: number;
  readonly function: 3 | 4;
  readonly address: number;
  /** Words, 1..125. */
  readonly count: number;
}

export type Answer =
  | { readonly kind: "words"; readonly words: readonly number[] }
  | { readonly kind: "exception"; readonly code: number };

/** Why bytes are no answer to a question. */
export type FrameFault = "crc" | "other-unit" | "other-function" | "other-length" | "short" | "other-protocol";

/** Bits of a character on a serial line: start, eight, parity or a second stop bit, stop. */
const BITS_PER_CHARACTER = 11;
const EXCEPTION = 0x80;
/** Frame lengths of RTU, bytes. */
export const QUESTION_BYTES = 8;
export const EXCEPTION_BYTES = 5;
export const answerBytes = (count: number) => 5 + 2 * count;

/** The silence that ends a frame, ms: 3.5 characters, and above 19,200 baud 1.75 ms. */
export function frameGap_ms(baud: number): number {
  return baud > 19_200 ? 1.75 : (3.5 * BITS_PER_CHARACTER * 1_000) / baud;
}

export function wireTime_ms(bytes: number, baud: number): number {
  return (bytes * BITS_PER_CHARACTER * 1_000) / baud;
}

/** Unit, function and what follows, without CRC or header: what both framings carry. */
export function questionBody({ unit, function: code, address, count }: Question): Uint8Array {
  return Uint8Array.of(unit, code, address >> 8, address & 0xff, count >> 8, count & 0xff);
}

export function encodeQuestion(question: Question): Uint8Array {
  return withCrc(questionBody(question));
}

export function answerBody({ unit, function: code }: Question, answer: Answer): Uint8Array {
  if (answer.kind === "exception") return Uint8Array.of(unit, code | EXCEPTION, answer.code);
  const bytes = answer.words.flatMap((word) => [(word >> 8) & 0xff, word & 0xff]);
  return Uint8Array.of(unit, code, bytes.length, ...bytes);
}

export function encodeAnswer(question: Question, answer: Answer): Uint8Array {
  return withCrc(answerBody(question, answer));
}

/** A whole RTU frame as a meter receives it; null where it is no question that reads words. */
export function decodeQuestion(frame: Uint8Array): Question | null {
  if (frame.length !== QUESTION_BYTES || !crcHolds(frame)) return null;
  return questionOf(frame.subarray(0, -2));
}

/** A body without CRC; null where it is no question that reads words. */
function questionOf(body: Uint8Array): Question | null {
  const [unit = 0, code, high = 0, low = 0, countHigh = 0, countLow = 0] = body;
  const count = (countHigh << 8) | countLow;
  if (body.length !== 6 || (code !== 3 && code !== 4) || count < 1 || count > 125) return null;
  return { unit, function: code, address: (high << 8) | low, count };
}

/** A whole RTU frame, held against its question. */
export function decodeAnswer(frame: Uint8Array, question: Question): Answer | FrameFault {
  if (frame.length < EXCEPTION_BYTES) return "short";
  return crcHolds(frame) ? answerOf(frame.subarray(0, -2), question) : "crc";
}

/** A body without CRC, held against its question. */
export function answerOf(body: Uint8Array, question: Question): Answer | FrameFault {
  const [unit, code, third = 0] = body;
  if (body.length < 3) return "short";
  if (unit !== question.unit) return "other-unit";
  if (code === (question.function | EXCEPTION))
    return body.length === 3 ? { kind: "exception", code: third } : "other-length";
  if (code !== question.function) return "other-function";
  if (third !== 2 * question.count || body.length !== 3 + third) return "other-length";
  const view = new DataView(body.buffer, body.byteOffset + 3, third);
  return { kind: "words", words: Array.from({ length: question.count }, (_, k) => view.getUint16(2 * k)) };
}

/** How many bytes the RTU answer that begins so will have; null while that cannot be told, or where it is none to the question. */
export function answerLength(begun: Uint8Array, question: Question): number | null {
  if (begun[0] !== question.unit || begun.length < 2) return null;
  if (begun[1] === (question.function | EXCEPTION)) return EXCEPTION_BYTES;
  return begun[1] === question.function ? answerBytes(question.count) : null;
}

const TCP_HEADER_BYTES = 6;
/** No frame of Modbus TCP carries more: unit and 253 bytes. */
const MOST_TCP_BODY = 254;

/** A body (unit, function ...) behind the header of Modbus TCP: transaction, protocol 0, length. */
export function encodeTcp(transaction: number, body: Uint8Array): Uint8Array {
  const head = [transaction >> 8, transaction & 0xff, 0, 0, body.length >> 8, body.length & 0xff];
  return Uint8Array.of(...head, ...body);
}

export type TcpFrame =
  | { readonly kind: "frame"; readonly transaction: number; readonly body: Uint8Array; readonly bytes: number }
  /** The frame is not whole yet. */
  | { readonly kind: "more" }
  /** This is no Modbus TCP: where frames begin is lost, and with it the connection's worth. */
  | { readonly kind: "fault"; readonly fault: "other-protocol" };

/** The first frame in `bytes`. */
export function decodeTcp(bytes: Uint8Array): TcpFrame {
  if (bytes.length < TCP_HEADER_BYTES) return { kind: "more" };
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint16(4);
  if (view.getUint16(2) !== 0 || length < 3 || length > MOST_TCP_BODY)
    return { kind: "fault", fault: "other-protocol" };
  const end = TCP_HEADER_BYTES + length;
  if (bytes.length < end) return { kind: "more" };
  return { kind: "frame", transaction: view.getUint16(0), body: bytes.subarray(TCP_HEADER_BYTES, end), bytes: end };
}
