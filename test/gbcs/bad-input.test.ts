// Commands of parties that may send them, with a MAC that is right, and something wrong within: cut short, lengths that lie, nested without
// end, unknown objects and selectors, ranges backwards, too much of it. A result code or silence, in bounded time, never a throw.

import { describe, expect, test } from "vitest";
import { bytesOfHex } from "../../host/gbcs/codecs.js";
import { type Context, execute } from "../../host/gbcs/engine.js";
import { itemKey } from "../../host/gbcs/item.js";
import { decodeAccessRequest } from "../../host/wire/dlms/access.js";
import {
  commandOf,
  contentOf,
  type LabCommand,
  macked,
  NETWORK_OPERATOR,
  openResponse,
  rangeData,
  SUPPLIER,
} from "./laboratory.js";
import { AT, KEYS, METER, meter } from "./laboratory-meter.js";
import { NOTHING, text, u16 } from "./laboratory-values.js";
import { brokenSilence, changes, given } from "./laws.js";

type Asked = Omit<LabCommand, "meter">;
const made = (command: Asked) => commandOf(KEYS, { meter: METER, ...command });
const content = (command: Asked) => contentOf({ meter: METER, ...command });

const VERSION = [1, "0-0:0.2.1.255", 2] as const;
const MPAN = [1, "0-0:94.44.34.11", 2] as const;
const EXPORTED = [7, "0-0:99.1.1.255", 2] as const;
const DAY: readonly [Date, Date] = [new Date(AT - 86_400_000), new Date(AT)];
const READ: Asked = { code: 0x59, originator: SUPPLIER, counter: 1n, items: [{ get: VERSION }] };
const SET: Asked = {
  code: 0x4c,
  originator: SUPPLIER,
  counter: 1n,
  items: [{ set: MPAN, data: text("31323334353637383930313233") }],
};
const PROFILE: Asked = {
  code: 0x36,
  originator: NETWORK_OPERATOR,
  counter: 1n,
  items: [{ get: EXPORTED, range: DAY }],
};
const PROTECTED: Asked = {
  code: 0x37,
  originator: SUPPLIER,
  counter: 1n,
  items: [{ read: "0-0:43.2.7.255", of: [{ attribute: [7, "0-0:99.1.0.255", 2], range: DAY }] }],
};

const ESME = meter();

/** "silent", or its results; broken silence is told. */
function outcome(bytes: Uint8Array): string {
  const began = performance.now();
  const done = given(ESME, bytes);
  const took_ms = performance.now() - began;
  if (took_ms > 1_000) return `${took_ms} ms`;
  if (done.kind === "silent") return brokenSilence(ESME, done) || "silent";
  return `${openResponse(KEYS, done.bytes).results}`;
}

describe("a command cut short", () => {
  test.each([
    ["a read", READ],
    ["a setting", SET],
    ["a profile", PROFILE],
    ["a protected read", PROTECTED],
  ])("anywhere finds silence, under a right MAC too: %s", (_what, command) => {
    const bytes = made(command);
    for (let length = 0; length < bytes.length; length++) expect(outcome(bytes.subarray(0, length))).toBe("silent");
    const whole = content(command);
    for (let length = 0; length < whole.length; length += 2)
      expect(outcome(made({ ...command, content: whole.slice(0, length) })), `${length / 2} octets`).toBe("silent");
    expect(outcome(made({ ...command, content: `${whole}00` }))).toBe("silent");
    const body = Buffer.from(bytes)
      .toString("hex")
      .replace(/^dd0{12}(8[12])?.*?1100000000/, "")
      .slice(0, -24);
    for (let length = 0; length < body.length; length += 2)
      expect(outcome(macked(KEYS, { ...command, meter: METER }, body.slice(0, length)))).toBe("silent");
    expect(outcome(macked(KEYS, { ...command, meter: METER }, body))).toMatch(/^\d/);
  });
});

test("any octet of a payload may be any other: a result code or silence", () => {
  const whole = [READ, SET, PROFILE, PROTECTED].map((command) => [command, content(command)] as const);
  const outcomes = new Set<string>();
  for (const [command, octets] of whole)
    for (let at = 0; at < octets.length; at += 2)
      for (const other of ["00", "01", "02", "7f", "80", "84", "ff", "13"])
        outcomes.add(outcome(made({ ...command, content: octets.slice(0, at) + other + octets.slice(at + 2) })));
  expect([...outcomes].sort()).toEqual(["0", "250", "3", "4", "silent"]);
});

describe("a value that", () => {
  const nested = (depth: number, opening: string) => opening.repeat(depth) + NOTHING;
  test.each([
    ["is structures within each other, 30,000 deep", nested(30_000, "0201")],
    ["is arrays within each other, 17 deep", nested(17, "0101")],
    ["is arrays of four thousand million values", "0184ffffffff"],
    ["has a length of five octets", "0985ffffffffff"],
    ["has a length that never ends", "0980"],
    ["is longer than the message", "0982ffff"],
    ["is a compact array of rows without octets", "130083ffffff"],
    ["is a compact array of arrays of arrays of nothing", "1301ffff01ffff01ffff000101"],
    ["is a compact array that describes itself without end", `13${"01ffff".repeat(10_000)}`],
    ["is a compact array of structures without end", `13${"02ff".repeat(10_000)}`],
    ["is of a tag that there is none of", "ff00"],
    ["is an array of as many nothings as a message holds", `0182ea60${"00".repeat(60_000)}`],
    ["is bits without end", "0484ffffffff"],
  ])("%s, is no value, or none that the meter would take", (_what, data) => {
    expect(["silent", "3"]).toContain(outcome(made({ ...SET, items: [{ set: MPAN, data }] })));
  });
});

describe("of a log", () => {
  const selected = (selection: string) => outcome(made({ ...PROFILE, items: [{ get: EXPORTED, selection }] }));
  const [from, to] = DAY;
  test.each([
    ["a day", `01${rangeData(from, to)}`, "0"],
    ["a range backwards", `01${rangeData(to, from)}`, "250"],
    ["a range of one moment", `01${rangeData(to, to)}`, "0"],
    ["all that there is", `01${rangeData(new Date(Date.UTC(2000, 0, 1)), new Date(Date.UTC(2136, 0, 1)))}`, "0"],
    ["a selector that there is none of", `02${rangeData(from, to)}`, "250"],
    ["a selector of entries by number", "02020406000000010600000002120001120000", "250"],
    ["a range by another object", `01${rangeData(from, to).replace("5e2c64", "5e2c65")}`, "250"],
    ["a range by something else", "0100", "250"],
    ["a range of columns that are not there", `01${rangeData(from, to).replace(/0100$/, "010100")}`, "250"],
  ])("%s", (_what, selection, results) => {
    expect(selected(selection)).toBe(results);
  });

  test("a range of what is no log", () => {
    expect(outcome(made({ ...READ, items: [{ get: VERSION, range: DAY }] }))).toBe("250");
  });

  test("a protected one, backwards", () => {
    const backwards = { attribute: [7, "0-0:99.1.0.255", 2] as const, range: [to, from] as const };
    expect(outcome(made({ ...PROTECTED, items: [{ read: "0-0:43.2.7.255", of: [backwards] }] }))).toMatch(
      /^(3|4|250)$/,
    );
  });
});

describe("items", () => {
  test("that fail stop those that follow, and those before them keep their effect", () => {
    const counter = [3, "1-0:32.32.0.4", 2] as const;
    const items = [{ get: counter }, { get: counter, range: DAY }, { get: counter }];
    expect(outcome(made({ ...READ, code: 0x39, items }))).toBe("0,250,250");
  });

  test("of which there is none are answered by none", () => {
    expect(outcome(made({ ...READ, items: [] }))).toBe("");
  });

  test("more than any command has, are refused", () => {
    const outcomeOf = (count: number) => outcome(made({ ...READ, items: Array(count).fill({ get: VERSION }) }));
    expect([64, 65, 300, 6_000].map(outcomeOf)).toEqual([Array(64).fill(0).join(","), "silent", "silent", "silent"]);
    const attributes = Array(65).fill([7, "0-0:99.1.0.255", 2]);
    expect(outcome(made({ ...PROTECTED, items: [{ read: "0-0:43.2.7.255", of: attributes }] }))).toBe("silent");
  });

  test("that ask for the same log again and again, are refused: it might be a long one each time", () => {
    expect(outcome(made({ ...PROFILE, items: [{ get: EXPORTED }] }))).toBe("0");
    expect(outcome(made({ ...PROFILE, items: [{ get: EXPORTED }, { get: EXPORTED, range: DAY }] }))).toBe("silent");
    const twice = [7, "0-0:99.1.0.255", 2] as const;
    expect(outcome(made({ ...PROTECTED, items: [{ read: "0-0:43.2.7.255", of: [twice, twice] }] }))).toBe("silent");
  });

  test("of objects, attributes and methods that there are none of find the codes for that", () => {
    const context: Context = {
      at: AT,
      identity: METER,
      by: "supplier",
      message: { messageCode: 0x59, originator: SUPPLIER, counter: 1n },
      seal: (plain) => plain,
      failItem: null,
      masterTime: null,
    };
    const esme = meter();
    const result = (item: NonNullable<Asked["items"]>[number]) => {
      const request = decodeAccessRequest(bytesOfHex(content({ ...READ, items: [item] })));
      if (!request.ok) throw new Error(request.fault);
      const done = execute(
        esme,
        context,
        request.value.items.map((one) => ({ ...one, key: itemKey(one) })),
      );
      expect(changes(esme, done.esme)).toEqual([]);
      return done.results[0]?.result;
    };
    expect(result({ get: [65_535, "0-0:0.2.1.255", 2] })).toBe(4);
    expect(result({ get: [1, "255-255:255.255.255.255", 2] })).toBe(4);
    expect(result({ get: [1, "0-0:0.2.1.255", 127] })).toBe(4);
    expect(result({ set: [1, "0-0:0.2.1.255", 3], data: u16(1) })).toBe(4);
    expect(result({ act: [9, "0-0:10.0.106.255", 2], data: u16(1) })).toBe(4);
    expect(result({ act: [9, "0-0:10.0.106.255", 1], data: u16(1) })).toBe(3);
    expect(result({ set: VERSION, data: text("00000001") })).toBe(3);
  });
});
