// DLMS messages: golden ones with a ruler, and the laws of requests, responses, ranges, protected reads and notifications.
// The official messages are in dlms-reference.test.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AccessItem,
  type AccessRequest,
  type AccessResponse,
  decodeAccessRequest,
  decodeAccessResponse,
  encodeAccessRequest,
  encodeAccessResponse,
  RESULTS,
  rangeOf,
  rangeParameters,
} from "../../host/wire/dlms/access.js";
import { array, type Data, NULL, octets, structure, u16, u32 } from "../../host/wire/dlms/data.js";
import { decodeData } from "../../host/wire/dlms/decode.js";
import { encodeData } from "../../host/wire/dlms/encode.js";
import { decodeNotification, encodeNotification } from "../../host/wire/dlms/notification.js";
import { obisOf } from "../../host/wire/dlms/obis.js";
import {
  decodeProtectedRequest,
  decodeProtectedResponse,
  encodeProtectedRequest,
  encodeProtectedResponse,
} from "../../host/wire/dlms/protected.js";
import { anyData, octetsOf } from "./dlms-arbitraries.js";

// A register is read, a text is set, a log is read from one time to another.
const REQUEST = octetsOf(
  `
  D9 20 000001 00                              request, invoke-id, no date-time
  03                                           specifications:
     01 0003 0100020800FF 02                   get, class, OBIS, attribute
     02 0001 00002A0000FF 02                   set
     04 0007 0000620100FF 02 01                get with selection, selector
        02 04                                  parameters:
           02 04 12 0001 09 06 00005E2C64FF 0F 02 12 0000
           06 1C2AC4A0 06 1C374A80 01 00       from, to, all columns
  03                                           data:
     00
     09 02 4142
     00`
    .split("\n")
    .map((line) => line.replace(/ {3,}[a-z][^\n]*$/, ""))
    .join(""),
);
const REQUESTED: AccessRequest = {
  invokeId: 1,
  items: [
    { kind: "get", class: 3, obis: "1-0:2.8.0.255", index: 2, selection: null, data: NULL },
    { kind: "set", class: 1, obis: "0-0:42.0.0.255", index: 2, selection: null, data: octets(octetsOf("4142")) },
    {
      kind: "get",
      class: 7,
      obis: "0-0:98.1.0.255",
      index: 2,
      selection: { selector: 1, parameters: rangeParameters(0x1c2ac4a0, 0x1c374a80) },
      data: NULL,
    },
  ],
};

//                        id        data              results: get done, set a hardware fault, action not begun
const RESPONSE = octetsOf("DA 20 ABCDEF 00 00 | 03 06 0000007B 00 00 | 03 01 00 02 01 03 FA");
const RESPONDED: AccessResponse = {
  invokeId: 0xabcdef,
  results: [
    { kind: "get", result: RESULTS.success, data: u32(123) },
    { kind: "set", result: RESULTS.hardwareFault, data: NULL },
    { kind: "action", result: RESULTS.otherReason, data: NULL },
  ],
};

//                            id           structure, alert code, time
const NOTIFICATION = octetsOf("0F 20 0007DE 00 | 02 02 12 8F66 09 0C 07EE010FFF090000008000FF");
const NOTIFIED = { invokeId: 0x7de, data: structure(u16(0x8f66), octets(octetsOf("07EE010FFF090000008000FF"))) };

const octet = fc.nat({ max: 255 });
const obis = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((six) => obisOf(six) ?? "");
const kind = fc.constantFrom<AccessItem["kind"]>("get", "set", "action");
const item = fc
  .record({
    kind,
    class: fc.nat({ max: 0xffff }),
    obis,
    index: fc.integer({ min: -128, max: 127 }),
    selection: fc.option(fc.record({ selector: octet, parameters: anyData })),
    data: anyData,
  })
  .map((one) => (one.kind === "get" ? one : { ...one, selection: null }));
const invokeId = fc.nat({ max: 0xff_ffff });

const GOLDEN = [
  ["an Access-Request", REQUEST, REQUESTED, decodeAccessRequest, () => encodeAccessRequest(REQUESTED)],
  ["an Access-Response", RESPONSE, RESPONDED, decodeAccessResponse, () => encodeAccessResponse(RESPONDED)],
  ["a notification", NOTIFICATION, NOTIFIED, decodeNotification, () => encodeNotification(NOTIFIED)],
] as const;

describe.each(GOLDEN)("%s", (_, bytes, value, decode, encode) => {
  it("is what its ruler says, both ways", () => {
    expect(decode(bytes)).toEqual({ ok: true, value });
    expect(encode()).toEqual(bytes);
  });

  it("is cut short wherever it is cut, and ends where it ends", () => {
    for (let length = 0; length < bytes.length; length++)
      expect(decode(bytes.subarray(0, length)), `${length} octets`).toMatchObject({ ok: false, fault: "cut-short" });
    expect(decode(Uint8Array.from([...bytes, 0]))).toEqual({ ok: false, fault: "left-over", at: bytes.length });
  });

  it("with any octets changed is another message or a named fault", () => {
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), octet);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, to] of changes) changed[at] = to;
        const decoded = decode(changed);
        if (!decoded.ok) expect(decoded.at).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 5000 },
    );
  });

  it("begins as GBCS says or not at all", () => {
    for (const at of [0, 1, 5]) {
      const changed = Uint8Array.from(bytes);
      changed[at] = 0x7f;
      expect(decode(changed)).toEqual({ ok: false, fault: "header", at });
    }
  });
});

describe("a message that is written", () => {
  it("is read again: requests", () => {
    const request = fc.record({ invokeId, items: fc.array(item, { maxLength: 6 }) });
    fc.assert(
      fc.property(request, (value) => {
        expect(decodeAccessRequest(encodeAccessRequest(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it("is read again: responses", () => {
    const results = fc.array(fc.record({ kind, result: octet, data: anyData }), { maxLength: 6 });
    const response = fc.record({ invokeId, results });
    fc.assert(
      fc.property(response, (value) => {
        expect(decodeAccessResponse(encodeAccessResponse(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it("is read again: notifications", () => {
    const notification = fc.record({ invokeId, data: anyData });
    fc.assert(
      fc.property(notification, (value) => {
        expect(decodeNotification(encodeNotification(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it("has as many data as specifications, as many results as data", () => {
    expect(decodeAccessRequest(octetsOf("D9 20000001 00 | 01 01 0003 0100020800FF 02 | 02 00 00"))).toEqual({
      ok: false,
      fault: "count",
      at: 17,
    });
    expect(decodeAccessResponse(octetsOf("DA 20000001 00 00 | 01 00 | 00"))).toEqual({
      ok: false,
      fault: "count",
      at: 9,
    });
  });

  it("gets, sets or acts, and does nothing else", () => {
    expect(decodeAccessRequest(octetsOf("D9 20000001 00 | 01 05 0003 0100020800FF 02 | 01 00"))).toMatchObject({
      fault: "unknown-tag",
      at: 7,
    });
    expect(decodeAccessResponse(octetsOf("DA 20000001 00 00 | 01 00 | 01 04 00"))).toMatchObject({
      fault: "unknown-tag",
      at: 10,
    });
  });

  it("that cannot be is refused with a sentence", () => {
    const get: AccessItem = { kind: "get", class: 3, obis: "1-0:2.8.0.255", index: 2, selection: null, data: NULL };
    const request = (one: AccessItem, id = 1) => encodeAccessRequest({ invokeId: id, items: [one] });
    expect(() => request(get, 2 ** 24)).toThrow("an invoke-id has 24 bits");
    expect(() => request({ ...get, obis: "1-0:2.8.0" })).toThrow("1-0:2.8.0 is no OBIS code");
    expect(() => request({ ...get, kind: "set", selection: { selector: 1, parameters: NULL } })).toThrow(
      "only a get selects",
    );
  });
});

describe("a range", () => {
  it("is read as it was made, to the second", () => {
    const second = fc.nat({ max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(second, second, (from_s, to_s) => {
        expect(rangeOf(rangeParameters(from_s, to_s))).toEqual({ from_s, to_s });
      }),
    );
  });

  it("by the Clock, of some columns, or of any other form is none", () => {
    const parameters = REQUESTED.items[2]?.selection?.parameters ?? NULL;
    const hex = Buffer.from(encodeData(parameters)).toString("hex");
    const changed = (from: string, to: string) => {
      const decoded = decodeData(octetsOf(hex.replace(from, to)));
      return decoded.ok ? rangeOf(decoded.value.data) : "not read";
    };
    expect(changed("", "")).toEqual({ from_s: 0x1c2ac4a0, to_s: 0x1c374a80 });
    expect(changed("00005e2c64ff", "0000010000ff")).toBeNull();
    expect(changed("120001", "120008")).toBeNull();
    expect(changed("0f02", "0f03")).toBeNull();
    expect(changed("120000", "120001")).toBeNull();
    expect(changed("061c2ac4a0", "051c2ac4a0")).toBeNull();
    expect(changed("0100", "010100")).toBeNull();
    expect(rangeOf(NULL)).toBeNull();
    expect(rangeOf(array())).toBeNull();
  });
});

describe("a protected read", () => {
  // One log from one time to another, and one register; for 16 octets of titles, by an agreed key.
  const REQUEST = octetsOf(`
    02 02
       01 02
          02 05 12 0007 09 06 0000620108FF 0F 02 12 0000 02 02 16 01
                02 02 09 0C 07DE0C19FF171E00008000FF 09 0C 07DF0101FF000000008000FF
          02 05 12 0001 09 06 00005E2C220A 0F 02 12 0000 02 02 16 00 00
       01 01
          02 02 16 02
             02 05 09 09 0400000000000003ED 09 08 90B3D51F30010000 09 08 00DB1234567890A0 09 00
                   02 02 16 02 02 02 09 01 02 09 00`);
  const protection = {
    transactionId: octetsOf("0400000000000003ED"),
    originator: octetsOf("90B3D51F30010000"),
    recipient: octetsOf("00DB1234567890A0"),
    other: octetsOf(""),
    key: octetsOf(""),
  };
  const request = {
    attributes: [
      {
        class: 7,
        obis: "0-0:98.1.8.255",
        index: 2,
        range: { from: octetsOf("07DE0C19FF171E00008000FF"), to: octetsOf("07DF0101FF000000008000FF") },
      },
      { class: 1, obis: "0-0:94.44.34.10", index: 2, range: null },
    ],
    protection,
  };
  const read = (bytes: Uint8Array): Data => {
    const decoded = decodeData(bytes);
    return decoded.ok ? decoded.value.data : NULL;
  };

  it("is what its golden octets say, both ways", () => {
    expect(decodeProtectedRequest(read(REQUEST))).toEqual(request);
    expect(encodeData(encodeProtectedRequest(request))).toEqual(REQUEST);
  });

  it("is answered by its protection and what is sealed", () => {
    const response = { protection, sealed: octetsOf("31 00000000 | 0102030405 | A0A1A2A3A4A5A6A7A8A9AAAB") };
    const data = encodeProtectedResponse(response);
    expect(decodeProtectedResponse(data)).toEqual(response);
    expect(encodeData(data).subarray(-24)).toEqual(
      octetsOf("09 16 | 31 00000000 | 0102030405 | A0A1A2A3A4A5A6A7A8A9AAAB"),
    );
  });

  it("of any other form is none, however it came about", () => {
    fc.assert(
      fc.property(fc.nat({ max: REQUEST.length - 1 }), octet, (at, to) => {
        const changed = Uint8Array.from(REQUEST);
        changed[at] = to;
        const decoded = decodeProtectedRequest(read(changed));
        if (decoded !== null) expect(encodeData(encodeProtectedRequest(decoded))).toEqual(changed);
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(anyData, (data) => {
        expect(decodeProtectedRequest(data)).toBeNull();
        expect(decodeProtectedResponse(data)).toBeNull();
      }),
    );
  });
});
