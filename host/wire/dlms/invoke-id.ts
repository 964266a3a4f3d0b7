// The long-invoke-id-and-priority of every GBCS payload: 20 and the low 24 bits of the message's counter.
// 20 is "break on error": items run in order up to the first that fails.

import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";
import { check } from "./writer.js";

const BREAK_ON_ERROR = 0x20;

export function readInvokeId(reader: Reader): number {
  reader.expect(BREAK_ON_ERROR);
  return reader.u8() * 0x1_0000 + reader.u16();
}

export function writeInvokeId(writer: Writer, invokeId: number): void {
  check(
    Number.isInteger(invokeId) && invokeId >= 0 && invokeId < 2 ** 24,
    `an invoke-id has 24 bits, ${invokeId} has not`,
  );
  writer.whole(4, false, BREAK_ON_ERROR * 2 ** 24 + invokeId);
}
