// A data notification, what an alert carries: 0F | 20 invoke-id(3) | 00 no date-time | data.
// In every reference alert the data is structure{ u16 alert code, octet-string(12) time, what the alert adds }.

import type { Data } from "./data.js";
import { readData } from "./decode.js";
import { writeData } from "./encode.js";
import { readInvokeId, writeInvokeId } from "./invoke-id.js";
import { type Decoded, Reader } from "./reader.js";
import { Writer } from "./writer.js";

export interface Notification {
  /** 24 bits. */
  readonly invokeId: number;
  readonly data: Data;
}

const NOTIFICATION = 0x0f;

export function encodeNotification({ invokeId, data }: Notification): Uint8Array {
  const writer = new Writer();
  writer.u8(NOTIFICATION);
  writeInvokeId(writer, invokeId);
  writer.u8(0);
  writeData(writer, data);
  return writer.bytes();
}

export function decodeNotification(bytes: Uint8Array): Decoded<Notification> {
  const reader = new Reader(bytes);
  reader.expect(NOTIFICATION);
  const invokeId = readInvokeId(reader);
  reader.expect(0);
  const data = readData(reader);
  return reader.finished({ invokeId, data });
}
