// The rows of metering, supply and clock: what an official answer says is learnt and told again; any numbers in its form come back or are
// refused; and the stories of variants, phases, volts and logs.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { momentOf2000 } from "../../host/gbcs/codecs.js";
import { type Item, type ItemKey, keyOf, type Range } from "../../host/gbcs/item.js";
import type { Draft } from "../../host/gbcs/meter-view.js";
import { DEMAND } from "../../host/gbcs/objects/demand.js";
import { LOGS } from "../../host/gbcs/objects/logs.js";
import { PROFILES } from "../../host/gbcs/objects/profiles.js";
import { REGISTERS } from "../../host/gbcs/objects/registers.js";
import { SUPPLY } from "../../host/gbcs/objects/supply.js";
import { VOLTAGE } from "../../host/gbcs/objects/voltage.js";
import { logOf } from "../../host/ledger/log.js";
import { Utc_ms } from "../../host/ledger/units.js";
import {
  array,
  bool,
  type Data,
  enumeration,
  i8,
  NULL,
  octets,
  structure,
  type TypeDescription,
  u8,
  u16,
  u32,
  WHOLE,
} from "../../host/wire/dlms/data.js";
import { ALL, newDraft, viewOf } from "./learnt.js";
import { pairs, reference, WHERE } from "./reference.js";
import { rowsOf, type Told } from "./rows-of.js";

const ROWS: readonly Item[] = [...REGISTERS, ...PROFILES, ...DEMAND, ...VOLTAGE, ...SUPPLY, ...LOGS];
const BY_KEY: ReadonlyMap<ItemKey, Item> = new Map(ROWS.map((item) => [keyOf(item), item]));
/** What the official answers say of these rows; a log's range as the row takes it. */
const ANSWERED = (reference === null ? [] : rowsOf(reference))
  .filter(({ key, succeeded }) => succeeded && BY_KEY.has(key as ItemKey))
  .map((told) => ({ ...told, key: told.key as ItemKey, range: rangeOf(told) }));

function rangeOf({ range }: Told): Range {
  return range === null ? ALL : { from: Utc_ms(range.from_ms), to: Utc_ms(range.to_ms) };
}
function item(key: ItemKey): Item {
  const found = BY_KEY.get(key);
  if (found === undefined) throw new Error(`${key} stands in the table`);
  return found;
}
const put = (draft: Draft, key: ItemKey, data: Data) => item(key).put?.(draft, data);
const get = (draft: Draft, key: ItemKey, range = ALL) => item(key).get?.(viewOf(draft), range);
const act = (draft: Draft, key: ItemKey, data: Data) => item(key).act?.(draft, data);
const commanded = (variant: "A" | "B" | "C") => newDraft(false, { meterVariant: { value: variant } });

const hex = (digits: string) => new Uint8Array(Buffer.from(digits, "hex"));
const count = (length: number, from = 1) => Array.from({ length }, (_, at) => u32(from + at));
const U32: TypeDescription = { kind: "simple", type: "double-long-unsigned" };
const U16: TypeDescription = { kind: "simple", type: "long-unsigned" };
const many = (length: number): TypeDescription => ({ kind: "array", length, of: U32 });
const compact = (of: readonly TypeDescription[], ...rows: readonly (readonly Data[])[]): Data => ({
  type: "compact-array",
  of: { kind: "structure", of },
  rows: rows.map((row) => structure(...row)),
});
/** When 2015 begins, seconds since 2000: a whole half hour. */
const NEW_YEAR_s = 473_385_600;

/** Forms that no reference message has, as the use-case table gives them. */
const UNSEEN: readonly (readonly [ItemKey, Data])[] = [
  ["1/0-0:94.44.34.2/A2", structure(array(...count(64)))],
  ["7/0-0:99.1.2.255/A2", compact([U32, U32], [u32(NEW_YEAR_s), u32(7)], [u32(NEW_YEAR_s + 1_800), u32(0)])],
  ["7/0-0:99.1.3.255/A2", compact([U32, U32], [u32(NEW_YEAR_s), u32(12_345)])],
  ["7/0-0:98.1.10.255/A2", compact([U32, U32], [u32(NEW_YEAR_s), u32(4_000_000_000)])],
  ["7/0-0:99.98.1.255/A2", compact([U32, U16], [u32(NEW_YEAR_s), u16(0x8161)])],
  ["4/1-0:2.6.0.255/A2", u32(2_500)],
  ["4/1-0:2.6.0.255/A3", structure(i8(0), enumeration(27))],
  ["4/1-0:2.6.0.255/A5", octets(hex("07df0101ff0c1e00008000ff"))],
  ["1/0-0:94.44.5.2/A2", octets(hex("ffffffffffffffffff8000ff"))],
  ["71/0-0:17.0.0.255/A4", u32(6_900)],
  ["71/0-0:17.0.0.255/A6", u32(300)],
  ["71/0-0:17.0.0.255/A7", u32(30)],
  ["3/0-0:94.44.42.255/A2", u32(3)],
  ["3/0-0:94.44.42.255/A3", structure(i8(0), enumeration(255))],
  ["9000/0-0:94.44.0.3/A2", bool(true)],
  ...["52", "72"].flatMap((phase): (readonly [ItemKey, Data])[] => [
    [`3/1-0:${phase}.32.0.4/A2` as ItemKey, u32(4)],
    [`3/1-0:${phase}.32.0.4/A3` as ItemKey, structure(i8(0), enumeration(255))],
    [`3/1-0:${phase}.36.0.4/A2` as ItemKey, u32(5)],
    [`3/1-0:${phase}.36.0.4/A3` as ItemKey, structure(i8(0), enumeration(255))],
    [`7/1-0:${phase}.24.0.255/A2` as ItemKey, compact([U32, U32], [u32(NEW_YEAR_s), u32(241)])],
    [`7/1-0:${phase}.24.0.255/A4` as ItemKey, u32(1_800)],
  ]),
];

describe.skipIf(reference === null)(`official answers (else: ${WHERE})`, () => {
  const read = pairs(reference?.messages ?? [])
    .map(({ name }) => [name, ANSWERED.filter(({ message, way }) => message === name && way === "get")] as const)
    .filter(([, rows]) => rows.length > 0);

  test.each(read)("%s is learnt and told again", (_name, rows) => {
    const draft = newDraft();
    for (const { key, data } of rows) expect([key, put(draft, key, data)]).toEqual([key, true]);
    for (const { key, data, range } of rows) expect([key, get(draft, key, range)]).toEqual([key, data]);
  });

  test("every row that can be read is read by one of them, or has no official answer and is tried below", () => {
    const readable = ROWS.filter((one) => one.get !== undefined && one.attribute !== 9).map(keyOf);
    const tried = [...ANSWERED.filter(({ way }) => way === "get"), ...UNSEEN.map(([key]) => ({ key }))];
    expect(new Set(tried.map(({ key }) => key))).toEqual(new Set(readable));
  });

  test("what an official command sets successfully, the rows take; what it does, they know", () => {
    const changes = ANSWERED.filter(({ way }) => way !== "get");
    expect(changes.length).toBeGreaterThan(100);
    for (const { message, way, key, data } of changes) {
      const draft = commanded("C");
      const taken =
        way === "set" ? item(key).settable === true && put(draft, key, data) : act(draft, key, data) !== null;
      expect([message, key, taken]).toEqual([message, key, true]);
    }
  });

  const numbers = fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 5 });
  test("any other numbers in an official answer are learnt and told again, or refused", () => {
    const readings = ANSWERED.filter(({ way }) => way === "get");
    fc.assert(
      fc.property(fc.nat(), numbers, (which, others) => {
        const { key, data } = readings[which % readings.length] as (typeof readings)[number];
        const changed = withNumbers(data, others);
        const draft = newDraft();
        if (put(draft, key, changed) === true) expect([key, get(draft, key)]).toEqual([key, changed]);
      }),
      { numRuns: 500 },
    );
  });
});

test.each(UNSEEN)("%s is learnt and told again", (key, data) => {
  const draft = newDraft();
  expect(put(draft, key, data)).toBe(true);
  expect(get(draft, key)).toEqual(data);
});

test("no row learns of another form", () => {
  const others = [NULL, u8(9), structure(), array(), octets(new Uint8Array()), compact([]), compact([U32, U32, U16])];
  for (const row of ROWS.filter((one) => one.put !== undefined))
    for (const data of others) expect([row.name, put(newDraft(), keyOf(row), data)]).toEqual([row.name, false]);
});

/** The same form with other numbers, each cut to its type; one in three stays. */
function withNumbers(data: Data, others: readonly number[]): Data {
  let at = 0;
  const change = (one: Data): Data => {
    if (one.type === "array" || one.type === "structure") return { ...one, items: one.items.map(change) };
    if (one.type === "compact-array") return { ...one, rows: one.rows.map(change) };
    if (!(one.type in WHOLE) || !("value" in one) || at++ % 3 === 0) return one;
    const { octets: width, signed } = WHOLE[one.type as keyof typeof WHOLE];
    const span = 2 ** (8 * width);
    const value = (others[at % others.length] ?? 0) % span;
    return { ...one, value: signed && value >= span / 2 ? value - span : value } as Data;
  };
  return change(data);
}

describe("a twin element meter", () => {
  const single = structure(u32(10), structure(i8(0), enumeration(30)), u32(20), structure(i8(0), enumeration(32)));
  const twin = structure(...(single.type === "structure" ? single.items : []), u32(30));

  test("is learnt from the form of its answer, and tells its secondary element", () => {
    const draft = newDraft();
    expect(put(draft, "1/0-0:94.44.34.10/A2", twin)).toBe(true);
    expect(draft.section("meterVariant")).toEqual({ value: "B" });
    expect([...draft.registers]).toEqual([
      [0, 10],
      [2, 20],
      ["secondary", 30],
    ]);
  });

  test("a meter with one element stays what it is", () => {
    for (const value of ["A", "C"] as const) {
      const draft = newDraft(true, { meterVariant: { value } });
      expect(put(draft, "1/0-0:94.44.34.10/A2", single)).toBe(true);
      expect(draft.section("meterVariant")).toEqual({ value });
      expect(get(draft, "1/0-0:94.44.34.10/A2")).toEqual(single);
    }
  });

  test("an empty log has the columns of its meter too", () => {
    for (const [of, value] of [
      [[U32, U32], "A"],
      [[U32, U32, U32], "B"],
    ] as const) {
      const draft = newDraft();
      expect(put(draft, "7/0-0:99.1.0.255/A2", compact(of))).toBe(true);
      expect(draft.section("meterVariant").value).toBe(value);
      expect(get(draft, "7/0-0:99.1.0.255/A2")).toEqual(compact(of));
    }
  });

  test("a day that it wrote down without a secondary element is absent, not zero", () => {
    const blocks = [many(8), many(8), many(8), many(8)];
    const day = [u32(NEW_YEAR_s), u32(1), array(...count(48)), ...blocks.map(() => array(...count(8)))];
    const draft = newDraft();
    expect(put(draft, "7/0-0:98.1.9.255/A2", compact([U32, U32, many(48), ...blocks], day))).toBe(true);
    draft.put("meterVariant", { value: "B" });
    expect(get(draft, "7/0-0:98.1.9.255/A2")).toEqual(compact([U32, U32, U32, many(48), many(4), ...blocks]));
  });
});

describe("half hours", () => {
  const EXPORT = "7/0-0:99.1.1.255/A2";
  const at = (halves: number) => momentOf2000(NEW_YEAR_s + 1_800 * halves);

  test("that are not known are left out, never zero; a further column that is not known reads FFFFFFFF, and is learnt as not known", () => {
    const draft = newDraft();
    draft.halfHour(at(0), { 0: 100, 1: 5, 3: 0 });
    draft.halfHour(at(1), { 0: 100, 1: 5, 3: null });
    draft.halfHour(at(2), { 0: 100 });
    const rows = [
      [u32(NEW_YEAR_s), u32(5), u32(0)],
      [u32(NEW_YEAR_s + 1_800), u32(5), u32(0xffffffff)],
    ];
    const exported = compact([U32, U32, U32], ...rows);
    expect(get(draft, EXPORT)).toEqual(exported);
    const learnt = newDraft();
    put(learnt, EXPORT, exported);
    expect(learnt.halfHours.get(at(1))).toEqual({ 1: 5, 3: null });
    expect(get(draft, "7/0-0:99.1.0.255/A2")).toMatchObject({ rows: { length: 3 } });
    expect(get(draft, "7/0-0:99.1.2.255/A2")).toMatchObject({ rows: { length: 0 } });
  });

  test("one log says nothing of what another holds", () => {
    const draft = newDraft();
    put(draft, EXPORT, compact([U32, U32, U32], [u32(NEW_YEAR_s), u32(5), u32(6)]));
    put(draft, "7/0-0:99.1.2.255/A2", compact([U32, U32], [u32(NEW_YEAR_s), u32(7)]));
    expect(draft.halfHours.get(at(0))).toEqual({ 1: 5, 3: 6, 2: 7 });
  });

  test("that do not end on the half hour, or do not ascend, are not learnt", () => {
    const row = (s: number) => [u32(s), u32(1)];
    const stamps = [[NEW_YEAR_s + 1], [NEW_YEAR_s, NEW_YEAR_s], [NEW_YEAR_s, NEW_YEAR_s - 1_800]];
    for (const one of stamps) {
      const draft = newDraft();
      expect(put(draft, "7/0-0:99.1.2.255/A2", compact([U32, U32], ...one.map(row)))).toBe(false);
      expect(draft.halfHours.size).toBe(0);
    }
  });

  test("both ends of a range are in it", () => {
    const draft = newDraft();
    for (const halves of [0, 1, 2, 3]) draft.halfHour(at(halves), { 2: halves });
    expect(get(draft, "7/0-0:99.1.2.255/A2", { from: at(1), to: at(2) })).toEqual(
      compact([U32, U32], [u32(NEW_YEAR_s + 1_800), u32(1)], [u32(NEW_YEAR_s + 3_600), u32(2)]),
    );
  });
});

describe("a phase that the meter has not", () => {
  const SECOND = ["1/1-0:52.31.0.4/A2", "7/1-0:52.24.0.255/A4"] as const;

  test("is no object of it: it is not read, set or reset", () => {
    for (const variant of ["A", "B"] as const) {
      const draft = commanded(variant);
      for (const key of SECOND) expect([get(draft, key), put(draft, key, u32(96))]).toEqual([null, false]);
      expect(act(draft, "3/1-0:72.36.0.4/M1", i8(0))).toBeNull();
      expect(draft.touched()).toEqual({});
      expect(act(draft, "3/1-0:32.36.0.4/M1", i8(0))).not.toBeNull();
    }
  });

  test("a polyphase meter has, and who learns of one learns that", () => {
    const draft = commanded("C");
    expect(put(draft, "1/1-0:52.31.0.4/A2", u32(96))).toBe(true);
    expect(draft.section("averageRMSUnderVoltageThreshold").value).toEqual([2_162, 960, 2_162]);
    const reset = { kind: "reset", what: "averageRMSOverVoltageCounter", phase: 3 };
    expect(act(draft, "3/1-0:72.36.0.4/M1", i8(0))).toEqual([reset]);
    for (const key of ["3/1-0:72.36.0.4/M1", ...SECOND] as const) {
      const learning = newDraft();
      item(key).learn?.(learning, i8(0));
      expect([key, learning.touched()]).toEqual([key, { meterVariant: { value: "C" } }]);
    }
  });

  test("one measurement period is that of all phases", () => {
    const draft = commanded("C");
    put(draft, "7/1-0:72.24.0.255/A4", u32(600));
    expect(get(draft, "7/1-0:32.24.0.255/A4")).toEqual(u32(600));
  });
});

test("volts are whole on the wire: 216.2 V is told as 216, 253.5 V as 254", () => {
  const draft = newDraft(true, { averageRMSOverVoltageThreshold: { value: [2_535, 0, 0] } });
  expect(get(draft, "1/1-0:32.31.0.4/A2")).toEqual(u32(216));
  expect(get(draft, "1/1-0:32.35.0.4/A2")).toEqual(u32(254));
});

test("the blocks are told one after the other, registers before counters", () => {
  const draft = newDraft();
  put(draft, "1/0-0:94.44.34.2/A2", structure(array(...count(64))));
  const { tariffBlockRegisterMatrix: registers, tariffBlockCounterMatrix: counters } = draft.section(
    "tariffBlockTOURegisterCollection",
  );
  const corners = [registers[0]?.[0], counters[0]?.[0], registers[1]?.[0], counters[1]?.[7], counters[3]?.[7]];
  expect(corners).toEqual([1, 9, 17, 32, 64]);
});

test("before the first measurement there is no power to tell", () => {
  expect(get(newDraft(), "1/0-0:94.44.34.20/A2")).toBeNull();
});

describe("the configurable time of maximum demand", () => {
  const entry = (index: number, script: number, time: string) =>
    structure(
      u16(index),
      bool(true),
      octets(hex("00000a8064ff")),
      u16(script),
      octets(hex(time)),
      u16(0xffff),
      { type: "bit-string", bits: 7, bytes: hex("fe") },
      { type: "bit-string", bits: 0, bytes: hex("") },
      octets(hex("000001ffff")),
      octets(hex("ffffffffff")),
    );
  const KEY = "10/0-0:12.0.0.255/A2";

  test("is set by entries of any numbers and order, and told as 1 and 2", () => {
    const draft = commanded("A");
    expect(put(draft, KEY, array(entry(9, 2, "131e0000"), entry(4, 1, "11000000")))).toBe(true);
    expect(draft.section("maximumDemandConfigurableTimePeriod")).toEqual({
      startTime: "17:00:00",
      endTime: "19:30:00",
    });
    expect(get(draft, KEY)).toEqual(array(entry(1, 1, "11000000"), entry(2, 2, "131e0000")));
  });

  test("has one beginning and one end, at times of the day; an answer is learnt as it would be told", () => {
    const [begins, ends] = [entry(1, 1, "11000000"), entry(2, 2, "13000000")];
    const wrong = [array(begins), array(begins, entry(2, 1, "13000000")), array(begins, ends, ends)];
    for (const data of [...wrong, array(begins, entry(2, 2, "18000000")), array(begins, entry(2, 3, "13000000"))])
      expect(put(commanded("A"), KEY, data)).toBe(false);
    expect(put(newDraft(), KEY, array(begins, ends))).toBe(true);
    expect(put(newDraft(), KEY, array(ends, begins))).toBe(false);
  });
});

test("a reset takes the integer 0 and nothing else", () => {
  const demand = { kind: "reset", what: "maximumDemandConfigurableTimeActivePowerImportValue" };
  expect(act(commanded("A"), "4/1-0:1.6.1.255/M1", i8(0))).toEqual([demand]);
  for (const data of [i8(1), u8(0), NULL]) expect(act(commanded("A"), "4/1-0:1.6.1.255/M1", data)).toBeNull();
});

describe("the supply", () => {
  const SCRIPTS = "9/0-0:10.0.106.255/M1";

  test("is enabled, disabled and armed by scripts 51, 52 and 54, and there is no 53", () => {
    const deeds = [51, 52, 53, 54].map((script) => act(commanded("A"), SCRIPTS, u16(script)));
    expect(deeds).toEqual(["enable", "disable", null, "arm"].map((to) => to && [{ kind: "supply", to }]));
  });

  test("was not enabled where it could be armed", () => {
    const learning = newDraft();
    item(SCRIPTS).learn?.(learning, u16(51));
    expect(learning.touched()).toEqual({});
    item(SCRIPTS).learn?.(learning, u16(54));
    expect(learning.touched()).toEqual({ supplyState: { value: "disabled" } });
  });

  test("tells 0, 1 and 2 for disabled, enabled and armed", () => {
    for (const [at, value] of (["disabled", "enabled", "armed"] as const).entries())
      expect(get(newDraft(true, { supplyState: { value } }), "70/0-0:96.3.10.255/A3")).toEqual(enumeration(at));
  });

  test("its load limit's next values wait for their moment", () => {
    const draft = commanded("A");
    put(draft, "9000/0-0:94.44.128.7/A4", u32(6_900));
    expect(draft.section("loadLimitPowerThreshold")).toEqual({
      valueCurrent: 0,
      valueNext: 6_900,
      activateNextDateTime: null,
    });
    put(draft, "9000/0-0:94.44.128.7/A6", octets(hex("07ee010fff090000008000ff")));
    expect(draft.section("loadLimitPowerThreshold").activateNextDateTime).toBe(Date.UTC(2030, 0, 15, 9));
    expect(get(draft, "71/0-0:17.0.0.255/A4")).toEqual(u32(0));
  });
});

describe("the clock", () => {
  const [WINDOW, ADJUST] = ["8/0-0:1.0.0.255/M5", "8/0-0:1.0.0.255/M4"] as const;
  const NEVER = octets(hex("ffffffffffffffffff8000ff"));
  const from = octets(hex("07de0c1fff173b0a008000ff"));
  const to = octets(hex("07df0101ff00000a008000ff"));

  test("is set by its window, and the order to adjust adds nothing", () => {
    const deed = {
      kind: "set-clock",
      presetTime: Date.UTC(2014, 11, 31, 23, 59, 10),
      timeRangeStart: Date.UTC(2014, 11, 31, 23, 59, 10),
      timeRangeEnd: Date.UTC(2015, 0, 1, 0, 0, 10),
    };
    expect(act(commanded("A"), WINDOW, structure(NEVER, from, to))).toEqual([deed]);
    expect(act(commanded("A"), ADJUST, i8(0))).toEqual([]);
    expect(act(commanded("A"), ADJUST, i8(1))).toBeNull();
  });

  test("has a window with two ends", () => {
    for (const data of [structure(NEVER, NEVER, to), structure(NEVER, from, NEVER), structure(from, to), NEVER])
      expect(act(commanded("A"), WINDOW, data)).toBeNull();
  });

  test("that was set stood in the window; what it showed afterwards says more", () => {
    const draft = newDraft();
    item(WINDOW).learn?.(draft, structure(NEVER, from, to));
    expect(draft.at).toBe(Date.UTC(2014, 11, 31, 23, 59, 10));
    draft.at = Utc_ms(Date.UTC(2015, 0, 1, 0, 0, 10));
    item(WINDOW).learn?.(draft, structure(NEVER, from, to));
    expect(draft.at).toBe(Date.UTC(2015, 0, 1, 0, 0, 10));
    put(draft, "8/0-0:1.0.0.255/A2", octets(hex("07df0101ff000000008000ff")));
    expect(draft.at).toBe(Date.UTC(2015, 0, 1));
  });

  test("tells 0, 2 and 1 for reliable, unreliable and invalid", () => {
    for (const [at, status] of (["reliable", "invalid", "unreliable"] as const).entries()) {
      const draft = newDraft();
      expect(put(draft, "8/0-0:1.0.0.255/A4", u8(at))).toBe(true);
      expect(draft.section("time").status).toBe(status);
    }
    expect(put(newDraft(), "8/0-0:1.0.0.255/A4", u8(3))).toBe(false);
  });
});

describe("the logs of what happened", () => {
  const EVENTS = "7/0-0:99.98.0.255/A2";
  const entry = (timestamp: number, logCode: number) => ({
    timestamp: Utc_ms(timestamp),
    logCode,
    otherInformation: "00d2",
    text: "in our words",
  });

  test("tell whole seconds: an entry of half a second after the range's last second is within", () => {
    const at = momentOf2000(NEW_YEAR_s);
    const draft = newDraft(true, { eventLog: logOf([entry(at - 1, 1), entry(at + 500, 2), entry(at + 1_000, 3)]) });
    const of: TypeDescription[] = [U32, U16, { kind: "simple", type: "octet-string" }];
    expect(get(draft, EVENTS, { from: at, to: at })).toEqual(
      compact(of, [u32(NEW_YEAR_s), u16(2), octets(hex("00d2"))]),
    );
  });

  test("tell nothing of before 2000, which their stamps cannot", () => {
    const ever = { from: Utc_ms(Number.MIN_SAFE_INTEGER), to: Utc_ms(Number.MAX_SAFE_INTEGER) };
    const draft = newDraft(true, { eventLog: logOf([entry(0, 1), entry(Date.UTC(9999, 0), 2)]) });
    expect(get(draft, EVENTS, ever)).toMatchObject({ rows: { length: 0 } });
  });

  test("hold a hundred entries: an answer with more was never theirs", () => {
    const rows = (length: number) => Array.from({ length }, (_, at) => [u32(NEW_YEAR_s + at), u16(0x8161)]);
    expect(put(newDraft(), "7/0-0:99.98.1.255/A2", compact([U32, U16], ...rows(100)))).toBe(true);
    expect(put(newDraft(), "7/0-0:99.98.1.255/A2", compact([U32, U16], ...rows(101)))).toBe(false);
  });

  test("an outage beyond what 32 bits tell is told as the longest", () => {
    const powerEventLog = logOf([{ timestamp: momentOf2000(1), logCode: 0x8002, otherInformation: 2 ** 40 }]);
    const last = get(newDraft(true, { powerEventLog }), "7/0-0:99.98.4.255/A2");
    expect(last).toEqual(compact([U32, U16, U32], [u32(1), u16(0x8002), u32(2 ** 32 - 1)]));
  });

  test("the event log is cleared by its method", () => {
    expect(act(commanded("A"), "7/0-0:99.98.0.255/M1", i8(0))).toEqual([{ kind: "clear-event-log" }]);
  });
});
