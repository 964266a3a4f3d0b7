// Access-Request and Access-Response, what a command and its answer carry. docs/spec/gbcs.md, "Access".
//
//   D9 | 20 invoke-id(3) | 00 no date-time | n specifications | n data
//   DA | 20 invoke-id(3) | 00 no date-time | 00 no specifications | n data | n results
//   a specification: 01 get, 02 set, 03 action, 04 get with selection | class(2) | OBIS(6) | index(1) [| selector(1) | parameters]
//   a result:        01 get, 02 set, 03 action | result(1)

import { type Data, NULL } from "./data.js";
import { readData } from "./decode.js";
import { writeData } from "./encode.js";
import { readInvokeId, writeInvokeId } from "./invoke-id.js";
import { obisOf, octetsOfObis } from "./obis.js";
import { type Decoded, Reader } from "./reader.js";
import { check, Writer } from "./writer.js";

export { RANGE_SELECTOR, rangeOf, rangeParameters } from "./range.js";

export interface AccessItem {
  readonly kind: "get" | "set" | "action";
  readonly class: number;
  /** "1-0:2.8.0.255" */
  readonly obis: string;
  /** Attribute or method. */
  readonly index: number;
  /** Only a get has one. */
  readonly selection: { readonly selector: number; readonly parameters: Data } | null;
  /** Null-data for a get. */
  readonly data: Data;
}

export interface AccessRequest {
  /** 24 bits. */
  readonly invokeId: number;
  readonly items: readonly AccessItem[];
}

export interface AccessResult {
  readonly kind: AccessItem["kind"];
  /** One of RESULTS from our meter; any octet from another. */
  readonly result: number;
  readonly data: Data;
}

export interface AccessResponse {
  readonly invokeId: number;
  readonly results: readonly AccessResult[];
}

/** Results of data access that GBCS uses. */
export const RESULTS = {
  success: 0,
  hardwareFault: 1,
  temporaryFailure: 2,
  readWriteDenied: 3,
  objectUndefined: 4,
  otherReason: 0xfa,
} as const;

const REQUEST = 0xd9;
const RESPONSE = 0xda;
const KINDS = { get: 1, set: 2, action: 3 } as const;
const KIND_OF: ReadonlyMap<number, AccessItem["kind"]> = new Map([
  [1, "get"],
  [2, "set"],
  [3, "action"],
]);
const GET_WITH_SELECTION = 4;

export function encodeAccessRequest({ invokeId, items }: AccessRequest): Uint8Array {
  const writer = new Writer();
  writer.u8(REQUEST);
  writeInvokeId(writer, invokeId);
  writer.u8(0);
  writer.length(items.length);
  for (const item of items) writeSpecification(writer, item);
  writer.length(items.length);
  for (const { data } of items) writeData(writer, data);
  return writer.bytes();
}

export function decodeAccessRequest(bytes: Uint8Array): Decoded<AccessRequest> {
  const reader = new Reader(bytes);
  reader.expect(REQUEST);
  const invokeId = readInvokeId(reader);
  reader.expect(0);
  const specifications = list(reader, readSpecification);
  const at = reader.at;
  const data = list(reader, (from) => readData(from));
  if (data.length !== specifications.length) reader.fail("count", at);
  const items = specifications.map((one, i) => ({ ...one, data: data[i] ?? NULL }));
  return reader.finished({ invokeId, items });
}

export function encodeAccessResponse({ invokeId, results }: AccessResponse): Uint8Array {
  const writer = new Writer();
  writer.u8(RESPONSE);
  writeInvokeId(writer, invokeId);
  writer.u16(0);
  writer.length(results.length);
  for (const { data } of results) writeData(writer, data);
  writer.length(results.length);
  for (const { kind, result } of results) {
    writer.u8(KINDS[kind]);
    writer.whole(1, false, result);
  }
  return writer.bytes();
}

export function decodeAccessResponse(bytes: Uint8Array): Decoded<AccessResponse> {
  const reader = new Reader(bytes);
  reader.expect(RESPONSE);
  const invokeId = readInvokeId(reader);
  reader.expect(0);
  reader.expect(0);
  const data = list(reader, (from) => readData(from));
  const at = reader.at;
  const told = list(reader, readResult);
  if (data.length !== told.length) reader.fail("count", at);
  const results = told.map((one, i) => ({ ...one, data: data[i] ?? NULL }));
  return reader.finished({ invokeId, results });
}

function list<T>(reader: Reader, read: (reader: Reader) => T): readonly T[] {
  const count = reader.count();
  const all: T[] = [];
  while (reader.ok && all.length < count) all.push(read(reader));
  return all;
}

function writeSpecification(writer: Writer, { kind, class: of, obis, index, selection }: AccessItem): void {
  check(selection === null || kind === "get", "only a get selects");
  const octets = octetsOfObis(obis);
  check(octets !== undefined, `${obis} is no OBIS code`);
  writer.u8(selection === null ? KINDS[kind] : GET_WITH_SELECTION);
  writer.whole(2, false, of);
  writer.raw(octets);
  writer.whole(1, true, index);
  if (selection === null) return;
  writer.whole(1, false, selection.selector);
  writeData(writer, selection.parameters);
}

function readSpecification(reader: Reader): Omit<AccessItem, "data"> {
  const at = reader.at;
  const choice = reader.u8();
  const kind = choice === GET_WITH_SELECTION ? "get" : KIND_OF.get(choice);
  if (kind === undefined) reader.fail("unknown-tag", at);
  const of = reader.u16();
  const obis = obisOf(reader.take(6)) ?? "";
  const index = reader.whole(1, true);
  const selection = choice === GET_WITH_SELECTION ? { selector: reader.u8(), parameters: readData(reader) } : null;
  return { kind: kind ?? "get", class: of, obis, index, selection };
}

function readResult(reader: Reader): Omit<AccessResult, "data"> {
  const at = reader.at;
  const kind = KIND_OF.get(reader.u8());
  if (kind === undefined) reader.fail("unknown-tag", at);
  return { kind: kind ?? "get", result: reader.u8() };
}
