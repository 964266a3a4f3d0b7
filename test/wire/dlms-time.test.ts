// Times, dates and OBIS codes of DLMS: moments survive their octets, "now" and "never" are themselves, and nothing else is a time.
// The octets are those of the reference messages.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDate, decodeDateTime, decodeTime, encodeDateTime, encodeTime } from "../../host/wire/dlms/date-time.js";
import { obisOf, octetsOfObis } from "../../host/wire/dlms/obis.js";
import { hexOf, octetsOf } from "./dlms-arbitraries.js";

const FIRST_s = Date.parse("0000-01-01T00:00:00Z") / 1000;
const LAST_s = Date.parse("9999-12-31T23:59:59Z") / 1000;

describe("a date-time", () => {
  it("is a moment to the second, whenever it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: FIRST_s, max: LAST_s }), fc.nat({ max: 999 }), (s, ms) => {
        const bytes = encodeDateTime({ kind: "moment", utc_ms: s * 1000 + ms });
        expect(decodeDateTime(bytes)).toEqual({ kind: "moment", utc_ms: s * 1000 });
      }),
    );
  });

  it("is year, month, day, no day of the week, hour, minute, second, and that it is UTC", () => {
    const utc_ms = Date.parse("2014-12-31T23:59:10Z");
    expect(hexOf(encodeDateTime({ kind: "moment", utc_ms }))).toBe("07DE0C1FFF173B0A008000FF");
  });

  it("may be now or never", () => {
    expect(hexOf(encodeDateTime({ kind: "now" }))).toBe("0000000000000000008000FF");
    expect(hexOf(encodeDateTime({ kind: "never" }))).toBe("FFFFFFFFFFFFFFFFFF8000FF");
    expect(decodeDateTime(octetsOf("0000000000000000008000FF"))).toEqual({ kind: "now" });
    expect(decodeDateTime(octetsOf("FFFFFFFFFFFFFFFFFF8000FF"))).toEqual({ kind: "never" });
  });

  it.each([
    ["a day of the week", "07DE0C1F 03 173B0A 00 8000 FF"],
    ["hundredths", "07DE0C1F FF 173B0A 32 8000 FF"],
    ["hundredths not told", "07DE0C1F FF 173B0A FF 8000 FF"],
    ["a deviation of nothing", "07DE0C1F FF 173B0A 00 0000 FF"],
    ["a clock status", "07DE0C1F FF 173B0A 00 8000 00"],
  ])("with %s is the same moment", (_, hex) => {
    expect(decodeDateTime(octetsOf(hex))).toEqual({ kind: "moment", utc_ms: Date.parse("2014-12-31T23:59:10Z") });
  });

  it.each([
    ["of every year", "FFFF0C1F FF 173B0A 00 8000 FF"],
    ["of every month", "07DEFF1F FF 173B0A 00 8000 FF"],
    ["of every day", "07DE0CFF FF 173B0A 00 8000 FF"],
    ["of every hour", "07DE0C1F FF FF3B0A 00 8000 FF"],
    ["in a month with a day more than it has", "07DE0B1F FF 173B0A 00 8000 FF"],
    ["on 29 February 2015", "07DF021D FF 000000 00 8000 FF"],
    ["at 24 o'clock", "07DE0C1F FF 180000 00 8000 FF"],
    ["in a leap second", "07DE0C1F FF 173B3C 00 8000 FF"],
    ["an hour from UTC", "07DE0C1F FF 173B0A 00 003C FF"],
    ["after the year 9999", "27100101 FF 000000 00 8000 FF"],
    ["of eleven octets", "07DE0C1F FF 173B0A 00 8000"],
    ["of thirteen octets", "07DE0C1F FF 173B0A 00 8000 FF 00"],
  ])("%s is none", (_, hex) => {
    expect(decodeDateTime(octetsOf(hex))).toBeUndefined();
  });

  it("of any octets is one or none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 14 }), (bytes) => {
        const time = decodeDateTime(bytes);
        if (time !== undefined) expect(decodeDateTime(encodeDateTime(time))).toEqual(time);
      }),
    );
  });

  it("beyond the calendar is refused", () => {
    for (const utc_ms of [FIRST_s * 1000 - 1, (LAST_s + 1) * 1000, Number.NaN, Number.MAX_SAFE_INTEGER])
      expect(() => encodeDateTime({ kind: "moment", utc_ms })).toThrow("is no time of the calendar");
  });
});

describe("a date", () => {
  it.each([
    ["07DF0C15FF", { year: 2015, month: 12, day: 21 }],
    ["FFFF0C19FF", { year: null, month: 12, day: 25 }],
    ["FFFF021DFF", { year: null, month: 2, day: 29 }],
    ["FFFFFF01FF", { year: null, month: null, day: 1 }],
    ["FFFFFFFFFF", { year: null, month: null, day: null }],
    // When the tables of the reference messages begin.
    ["000001FFFF", { year: 0, month: 1, day: null }],
  ])("%s is what it is", (hex, date) => {
    expect(decodeDate(octetsOf(hex))).toEqual(date);
  });

  it.each(["07DF021DFF", "07DF0D01FF", "07DF0100FF", "07DF01FEFF", "07DFFE01FF", "07DF0C15", ""])(
    "%s is none",
    (hex) => {
      expect(decodeDate(octetsOf(hex))).toBeUndefined();
    },
  );
});

describe("a time of day", () => {
  it("is hour, minute and second", () => {
    const time = { hour: 9, minute: 30, second: 0 };
    expect(decodeTime(octetsOf("091E0000"))).toEqual(time);
    expect(hexOf(encodeTime(time))).toBe("091E0000");
    for (const hex of ["18000000", "003C0000", "00003C00", "FF000000", "091E00"])
      expect(decodeTime(octetsOf(hex))).toBeUndefined();
    expect(() => encodeTime({ ...time, hour: 24 })).toThrow("24:30:0 is no time");
  });
});

describe("an OBIS code", () => {
  it("is six octets and one text", () => {
    expect(obisOf(octetsOf("0100020800FF"))).toBe("1-0:2.8.0.255");
    expect(octetsOfObis("0-0:94.44.100.255")).toEqual(octetsOf("00005E2C64FF"));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (six) => {
        expect(octetsOfObis(obisOf(six) ?? "")).toEqual(six);
      }),
    );
  });

  it.each(["", "1-0:2.8.0", "1-0:2.8.0.256", "1-0:2.8.0.0255", "01-0:2.8.0.255", "1.0.2.8.0.255", "1-0:2.8.0.255 "])(
    "is not %j",
    (text) => {
      expect(octetsOfObis(text)).toBeUndefined();
    },
  );

  it("has no fewer and no more octets", () => {
    expect(obisOf(octetsOf("0100020800"))).toBeUndefined();
    expect(obisOf(octetsOf("0100020800FF00"))).toBeUndefined();
  });
});
