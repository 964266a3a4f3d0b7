// The official reference messages: every DLMS payload is read, and written again octet for octet.
// The frames are taken apart here by hand, so that nothing of the frame's own reader is needed.

import { describe, expect, it } from "vitest";
import {
  decodeAccessRequest,
  decodeAccessResponse,
  encodeAccessRequest,
  encodeAccessResponse,
  rangeOf,
} from "../../host/wire/dlms/access.js";
import { decodeNotification, encodeNotification } from "../../host/wire/dlms/notification.js";
import {
  decodeProtectedRequest,
  decodeProtectedResponse,
  encodeProtectedRequest,
  encodeProtectedResponse,
} from "../../host/wire/dlms/protected.js";
import type { Decoded } from "../../host/wire/dlms/reader.js";
import { type ReferenceMessage, reference, WHERE } from "../gbcs/reference.js";
import { hexOf, octetsOf } from "./dlms-arbitraries.js";

/** What is between the grouping header and the signature, and whose message it is. */
function partsOf(message: ReferenceMessage) {
  const bytes = octetsOf(message.hex);
  let at = 0;
  const length = () => {
    const first = bytes[at++] ?? 0;
    if (first < 128) return first;
    let told = 0;
    for (let left = first - 128; left > 0; left--) told = told * 256 + (bytes[at++] ?? 0);
    return told;
  };
  if (bytes[0] === 0xdd) {
    at = 7;
    length();
    at += 5;
  }
  at += 1 + 10; // DF, counter
  const originator = bytes.slice(at + 1, at + 9);
  const recipient = bytes.slice(at + 10, at + 18);
  at += 18;
  const dateTime = length();
  at += dateTime;
  const otherInformation = length();
  at += otherInformation;
  const content = length();
  return { originator, recipient, payload: bytes.slice(at, at + content) };
}

const REQUEST = 0xd9;
const RESPONSE = 0xda;
const NOTIFICATION = 0x0f;
const all = (reference?.messages ?? []).map((message) => ({ ...message, ...partsOf(message) }));
const those = (tag: number) => all.filter(({ payload }) => payload[0] === tag);
function value<T>(decoded: Decoded<T>, name: string): T {
  if (!decoded.ok) throw new Error(`${name}: ${decoded.fault} at ${decoded.at}`);
  return decoded.value;
}

describe.skipIf(reference === null)(`the reference messages (${reference === null ? WHERE : "all"})`, () => {
  it("are DLMS, but for those that carry DER", () => {
    const other = all.filter(({ payload }) => ![REQUEST, RESPONSE, NOTIFICATION].includes(payload[0] ?? -1));
    expect(those(REQUEST).length).toBeGreaterThanOrEqual(350);
    expect(those(RESPONSE).length).toBeGreaterThanOrEqual(250);
    expect(those(NOTIFICATION).length).toBeGreaterThanOrEqual(50);
    expect(new Set(other.map(({ payload }) => payload[0]))).toEqual(new Set([0x30, 0x02]));
  });

  it("are written again octet for octet", () => {
    for (const { name, payload } of those(REQUEST)) {
      const request = value(decodeAccessRequest(payload), name);
      expect(hexOf(encodeAccessRequest(request)), name).toBe(hexOf(payload));
    }
    for (const { name, payload } of those(RESPONSE)) {
      const response = value(decodeAccessResponse(payload), name);
      expect(hexOf(encodeAccessResponse(response)), name).toBe(hexOf(payload));
    }
    for (const { name, payload } of those(NOTIFICATION)) {
      const notification = value(decodeNotification(payload), name);
      expect(hexOf(encodeNotification(notification)), name).toBe(hexOf(payload));
    }
  });

  it("select by the one form of range that is known", () => {
    const selections = those(REQUEST).flatMap(({ name, payload }) =>
      value(decodeAccessRequest(payload), name).items.flatMap(({ selection }) =>
        selection === null ? [] : [selection],
      ),
    );
    expect(selections.length).toBeGreaterThan(20);
    for (const { selector, parameters } of selections) {
      expect(selector).toBe(1);
      expect(rangeOf(parameters)).not.toBeNull();
    }
  });

  it("read protected attributes in the one form that is known, and answer with the titles of the message that answers", () => {
    let requests = 0;
    let responses = 0;
    const isProtected = (item: { class: number; kind: string; index: number }) =>
      item.class === 30 && item.kind === "action" && item.index === 1;
    for (const { name, kind, payload } of those(REQUEST))
      for (const [i, item] of value(decodeAccessRequest(payload), name).items.entries()) {
        if (!isProtected(item)) continue;
        const request = decodeProtectedRequest(item.data);
        if (request === null) throw new Error(`${name}: no protected read`);
        requests++;
        expect(encodeProtectedRequest(request), name).toEqual(item.data);
        const answer = all.find((one) => one.kind === "response" && one.name === name.replace("COMMAND", "RESPONSE"));
        if (kind !== "command" || answer === undefined) continue;
        const result = value(decodeAccessResponse(answer.payload), name).results[i];
        if (result === undefined || result.result !== 0) continue;
        const response = decodeProtectedResponse(result.data);
        if (response === null) throw new Error(`${name}: no protected answer`);
        responses++;
        expect(encodeProtectedResponse(response), name).toEqual(result.data);
        // Not those of the request swapped: it may name a party that the Access Control Broker sends for.
        const { originator, recipient } = answer;
        expect(response.protection, name).toEqual({ ...request.protection, originator, recipient });
      }
    expect(requests).toBe(21);
    expect(responses).toBe(15);
  });

  it("are cut short wherever they are cut", () => {
    const decoders = new Map<number, (bytes: Uint8Array) => Decoded<unknown>>([
      [REQUEST, decodeAccessRequest],
      [RESPONSE, decodeAccessResponse],
      [NOTIFICATION, decodeNotification],
    ]);
    for (const [tag, decode] of decoders)
      for (const { name, payload } of those(tag).filter(({ payload }) => payload.length < 300))
        for (let length = 0; length < payload.length; length++)
          if ((decode(payload.subarray(0, length)) as { fault?: string }).fault !== "cut-short")
            expect.fail(`${name}: ${length} of its octets are not cut short`);
  });
});
