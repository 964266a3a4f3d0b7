// The laws of DLMS values: what is written is read again, octets that lie cost little and are named, golden values with a ruler.
// The messages around them are in dlms-access.test.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Data,
  NULL,
  octets,
  structure,
  type TypeDescription,
  u16,
  u32,
  whole,
} from "../../host/wire/dlms/data.js";
import { decodeData } from "../../host/wire/dlms/decode.js";
import { encodeData } from "../../host/wire/dlms/encode.js";
import { DEPTH_MAX, ELEMENTS_MAX } from "../../host/wire/dlms/reader.js";
import { anyData, hexOf, octetsOf } from "./dlms-arbitraries.js";

const simple = (type: Extract<TypeDescription, { kind: "simple" }>["type"]): TypeDescription => ({
  kind: "simple",
  type,
});
const rows = (...of: TypeDescription[]): TypeDescription => ({ kind: "structure", of });
const fault = (hex: string, at = 0) => {
  const decoded = decodeData(octetsOf(hex), at);
  return decoded.ok ? "none" : `${decoded.fault} at ${decoded.at}`;
};
const read = (hex: string): Data | string => {
  const decoded = decodeData(octetsOf(hex));
  return decoded.ok ? decoded.value.data : decoded.fault;
};

describe("a value", () => {
  it("that is written is read again, and where the next one begins is known", () => {
    fc.assert(
      fc.property(anyData, fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (data, before, after) => {
        const bytes = encodeData(data);
        const within = Uint8Array.from([...before, ...bytes, ...after]);
        const next = before.length + bytes.length;
        expect(decodeData(within, before.length)).toEqual({ ok: true, value: { data, next } });
      }),
      { numRuns: 1000 },
    );
  });

  it("is cut short wherever it is cut", () => {
    fc.assert(
      fc.property(anyData, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (data, share) => {
        const bytes = encodeData(data);
        const prefix = bytes.subarray(0, Math.floor(share * bytes.length));
        expect(decodeData(prefix)).toMatchObject({ ok: false, fault: "cut-short" });
      }),
    );
  });

  it("does not hold on to the octets that it was read from", () => {
    const bytes = octetsOf("09 02 41 42");
    const decoded = decodeData(bytes);
    bytes.fill(0);
    expect(decoded).toMatchObject({ value: { data: { bytes: octetsOf("41 42") } } });
  });

  it.each<readonly [string, Data]>([
    ["00", NULL],
    ["03 FF", { type: "boolean", value: true }],
    ["03 00", { type: "boolean", value: false }],
    // tag, bits, the first of them the most significant
    ["04 07 F8", { type: "bit-string", bits: 7, bytes: octetsOf("F8") }],
    ["04 00", { type: "bit-string", bits: 0, bytes: octetsOf("") }],
    ["05 FFFFFFFE", whole("double-long", -2)],
    ["06 FFFFFFFE", whole("double-long-unsigned", 4_294_967_294)],
    ["09 02 4142", octets(octetsOf("4142"))],
    ["0A 02 4142", { type: "visible-string", bytes: octetsOf("4142") }],
    ["0C 02 C3A9", { type: "utf8-string", bytes: octetsOf("C3A9") }],
    ["0F 80", whole("integer", -128)],
    ["10 FF38", whole("long", -200)],
    ["11 C8", whole("unsigned", 200)],
    ["12 FF38", whole("long-unsigned", 65_336)],
    ["14 FFFFFFFFFFFFFFFF", { type: "long64", value: -1n }],
    ["15 FFFFFFFFFFFFFFFF", { type: "long64-unsigned", value: 18_446_744_073_709_551_615n }],
    ["16 03", whole("enum", 3)],
    ["01 00", { type: "array", items: [] }],
    ["02 02 12 0001 02 01 00", structure(u16(1), structure(NULL))],
  ])("%s is what it is, both ways", (hex, data) => {
    expect(read(hex)).toEqual(data);
    expect(hexOf(encodeData(data))).toBe(hex.replaceAll(" ", ""));
  });

  it("is true for any octet but 0, and what is after the last bit is not read", () => {
    expect(read("03 01")).toEqual({ type: "boolean", value: true });
    expect(read("04 03 FF")).toEqual({ type: "bit-string", bits: 3, bytes: octetsOf("E0") });
  });
});

describe("a length", () => {
  it.each([
    [0, "00"],
    [127, "7F"],
    [128, "8180"],
    [255, "81FF"],
    [256, "820100"],
    [65_535, "82FFFF"],
    [65_536, "83010000"],
  ])("of %i octets is written in as few octets as can be", (length, hex) => {
    const bytes = encodeData(octets(new Uint8Array(length)));
    expect(hexOf(bytes.subarray(1, bytes.length - length))).toBe(hex);
    expect(decodeData(bytes)).toMatchObject({ ok: true, value: { next: bytes.length } });
  });

  it("of more octets than needed is read, of five or of no told end is not", () => {
    expect(read("09 83000001 41")).toEqual(octets(octetsOf("41")));
    expect(fault("09 850000000001 41")).toBe("length at 1");
    expect(fault("09 80 41 0000")).toBe("length at 1");
  });
});

describe("a compact array", () => {
  //            u32 u16 octets  octets of rows
  const LOG = `13 02 03 06 12 09 | 10
               1C35F900 8154 02 009B
               1C3602FD 8F01 00`;
  //           seconds  code len what more

  it("tells once what its rows are, and then only their octets", () => {
    const data: Data = {
      type: "compact-array",
      of: rows(simple("double-long-unsigned"), simple("long-unsigned"), simple("octet-string")),
      rows: [
        structure(u32(473_299_200), u16(0x8154), octets(octetsOf("009B"))),
        structure(u32(473_301_757), u16(0x8f01), octets(octetsOf(""))),
      ],
    };
    expect(read(LOG)).toEqual(data);
    expect(encodeData(data)).toEqual(octetsOf(LOG));
  });

  it("may have arrays of a told length in its rows", () => {
    const hex = "13 02 02 06 01 0003 05 | 10 00000001 FFFFFFFF 00000000 00000002";
    expect(read(hex)).toEqual({
      type: "compact-array",
      of: rows(simple("double-long-unsigned"), { kind: "array", length: 3, of: simple("double-long") }),
      rows: [
        structure(u32(1), {
          type: "array",
          items: [whole("double-long", -1), whole("double-long", 0), whole("double-long", 2)],
        }),
      ],
    });
  });

  it("may be empty, and still tells what its rows would be", () => {
    const data: Data = { type: "compact-array", of: rows(simple("double-long-unsigned")), rows: [] };
    expect(read("13 02 01 06 00")).toEqual(data);
    expect(hexOf(encodeData(data))).toBe("1302010600");
  });

  it("whose last row is not whole, or whose rows take no octets, is a fault", () => {
    expect(fault("13 02 01 06 05 00000001 00 FFFFFF")).toBe("cut-short at 9");
    expect(fault("13 02 00 01 00")).toBe("empty-row at 4");
    expect(fault("13 00 01 00")).toBe("empty-row at 3");
    expect(fault("13 13 06 00")).toBe("unknown-tag at 1");
  });

  it("of thousands of half hours takes time by their number, not by its square", () => {
    const half = (hours: number): Data => ({
      type: "compact-array",
      of: rows(simple("double-long-unsigned"), simple("double-long-unsigned"), simple("double-long-unsigned")),
      rows: Array.from({ length: hours }, (_, i) => structure(u32(i * 1800), u32(i), u32(2 * i))),
    });
    const data = half(20_000);
    const begun = process.cpuUsage();
    const bytes = encodeData(data);
    const decoded = decodeData(bytes);
    // A tenth of a second of a slow processor; by its square it would be minutes.
    expect(process.cpuUsage(begun).user / 1e3).toBeLessThan(3000);
    expect(bytes.length).toBe(1 + 5 + 4 + 20_000 * 12);
    expect(decoded.ok && decoded.value.data.type === "compact-array" && decoded.value.data.rows.length).toBe(20_000);
  });
});

describe("octets that lie", () => {
  it("are named for what is wrong, and where", () => {
    expect(fault("")).toBe("cut-short at 0");
    expect(fault("00", 2)).toBe("cut-short at 2");
    expect(fault("02 02 00 07")).toBe("unknown-tag at 3");
    expect(fault("19 07E00101FF00000000800000")).toBe("unknown-tag at 0");
    expect(fault("01 84 FFFFFFFF 00")).toBe("cut-short at 1");
    expect(fault("04 84 FFFFFFFF 00")).toBe("cut-short at 6");
  });

  it("nest at most so deep", () => {
    const nested = (levels: number, inner: string) => "0201".repeat(levels) + inner;
    expect(fault(nested(DEPTH_MAX, "00"))).toBe("none");
    expect(fault(nested(DEPTH_MAX + 1, "00"))).toBe(`too-deep at ${2 * (DEPTH_MAX + 1)}`);
    expect(fault(nested(30_000, "00"))).toBe(`too-deep at ${2 * (DEPTH_MAX + 1)}`);
    expect(fault(`13${nested(30_000, "06")}00`)).toMatch(/^too-deep/);
    expect(fault(`13${"010001".repeat(30_000)}0600`)).toMatch(/^too-deep/);
  });

  it("hold at most so many values, however few octets say so", () => {
    expect(fault(`13 01FFFF 01FFFF 01FFFF 00 01 00`)).toMatch(/^too-many/);
    expect(fault(`13 0202 11 01FFFF 00 20 ${"00".repeat(32)}`)).toMatch(/^too-many/);
    const many = new Uint8Array(ELEMENTS_MAX + 5);
    many.set(octetsOf(`01 83 ${ELEMENTS_MAX.toString(16).padStart(6, "0")}`));
    expect(decodeData(many)).toMatchObject({ ok: false, fault: "too-many" });
  });

  it("give a value or a fault whatever they are, and a value that is read is one that can be written", () => {
    const tags = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 9, 10, 12, 15, 16, 17, 18, 19, 20, 21, 22, 128, 129, 255);
    const any = fc.array(fc.oneof(tags, fc.nat({ max: 255 })), { maxLength: 60 }).map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(any, (bytes) => {
        const decoded = decodeData(bytes);
        if (!decoded.ok) {
          expect(decoded.at).toBeLessThanOrEqual(bytes.length);
          return;
        }
        const { data, next } = decoded.value;
        const again = encodeData(data);
        expect(next).toBeLessThanOrEqual(bytes.length);
        expect(again.length).toBeLessThanOrEqual(next);
        expect(decodeData(again)).toEqual({ ok: true, value: { data, next: again.length } });
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a value that cannot be", () => {
  it("is refused with a sentence", () => {
    const deep = Array.from({ length: DEPTH_MAX + 1 }).reduce<Data>((inner) => structure(inner), NULL);
    const compact = (of: TypeDescription, ...list: Data[]): Data => ({ type: "compact-array", of, rows: list });
    expect(() => encodeData(u16(65_536))).toThrow("65536 is no unsigned whole number of 2 octets");
    expect(() => encodeData(u32(0.5))).toThrow(RangeError);
    expect(() => encodeData(u32(Number.NaN))).toThrow(RangeError);
    expect(() => encodeData({ type: "long64", value: 2n ** 63n })).toThrow(RangeError);
    expect(() => encodeData({ type: "bit-string", bits: 9, bytes: octetsOf("FF") })).toThrow("9 bits are not 1 octets");
    expect(() => encodeData({ type: "bit-string", bits: 7, bytes: octetsOf("FF") })).toThrow("after the last one");
    expect(() => encodeData(deep)).toThrow("within at most 16 others");
    expect(() => encodeData(compact(simple("unsigned"), u16(1)))).toThrow("types described");
    expect(() => encodeData(compact(rows(simple("unsigned")), structure()))).toThrow("as many values as described");
    expect(() => encodeData(compact(simple("null-data"), NULL))).toThrow("an octet at least");
  });
});
