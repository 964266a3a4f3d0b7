// From words to quantities: every form of row, what is unknown, and what cannot be true. A row with a wrong unit does not compile.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { Model } from "../../host/models/model.js";
import { plan } from "../../host/models/plan.js";
import { doubts, variantsOf } from "../../host/models/plausible.js";
import { QUANTITIES, type Quantity } from "../../host/models/quantities.js";
import { bookedRows, milliOf, powerOf, valuesOf } from "../../host/models/reading.js";
import type { Row } from "../../host/models/rows.js";
import { wordsOf } from "../../host/wire/modbus/words.js";
import { TEST_METER } from "./table.js";

const row = (type: Row["type"], unit: Row["unit"], more: Partial<Row> = {}): Row => ({
  function: 3,
  address: 10,
  type,
  wordOrder: "high-first",
  unit,
  scale: 1,
  ...more,
});
const said = (one: Row, words: readonly number[]) => milliOf(one, words, 10);

describe("a row says", () => {
  test("a float32 in kWh as mWh, rounded once", () => {
    expect(said(row("f32", "kWh"), wordsOf(25_567.548, "f32", "high-first"))).toBe(25_567_548_828);
    expect(said(row("f32", "kWh"), wordsOf(0.1, "f32", "high-first"))).toBe(100_000);
  });

  test("an integer times its scale, whichever word comes first", () => {
    expect(said(row("u32", "kWh", { scale: 0.1, wordOrder: "low-first" }), [0xe240, 0x0001])).toBe(12_345_600_000);
    expect(said(row("i16", "W", { scale: 0.1 }), [0xfffb])).toBe(-500);
    expect(said(row("i64", "Wh"), wordsOf(25_567_548, "i64", "high-first"))).toBe(25_567_548_000);
    expect(said(row("u16", "V", { scale: 0.1 }), [2_301])).toBe(230_100);
  });

  test("halves away from zero, the same both ways, and no minus nought", () => {
    expect(said(row("i16", "V", { scale: 0.0005 }), [1])).toBe(1);
    expect(said(row("i16", "V", { scale: 0.0005 }), [0xffff])).toBe(-1);
    expect(Object.is(said(row("i16", "W", { sign: -1 }), [0]), 0)).toBe(true);
  });

  test("the other direction where its maker's sign is the other way round", () => {
    expect(said(row("i16", "W", { sign: -1 }), [100])).toBe(-100_000);
  });

  test("a SunSpec number by its power of ten, up or down", () => {
    const power = row("i16", "W", { scale: { exponentAt: 12 } });
    expect(said(power, [123, 0, 0xffff])).toBe(12_300);
    expect(said(power, [123, 0, 2])).toBe(12_300_000);
    expect(said(power, [123, 0, 0])).toBe(123_000);
  });
});

describe("unknown, and not zero, is", () => {
  test.each<[string, Row, readonly number[]]>([
    ["all ones", row("u64", "kWh", { absent: "all-ones" }), [0xffff, 0xffff, 0xffff, 0xffff]],
    ["the most negative", row("i16", "W", { absent: "most-negative" }), [0x8000]],
    [
      "the most negative of two words, low first",
      row("i32", "W", { absent: "most-negative", wordOrder: "low-first" }),
      [0, 0x8000],
    ],
    ["zero, where that says so", row("u32", "Wh", { absent: "zero" }), [0, 0]],
    ["no number", row("f32", "V"), [0x7fc0, 0]],
    ["infinity", row("f32", "V"), [0x7f80, 0]],
    ["a power of ten that is not there", row("i16", "W", { scale: { exponentAt: 11 } }), [5, 0x8000]],
    ["a word that did not come", row("u32", "Wh"), [5]],
    ["more than an integer holds", row("f32", "MWh"), wordsOf(1e10, "f32", "high-first")],
  ])("%s", (_, one, words) => {
    expect(said(one, words)).toBeNull();
  });
});

test("of numbers of several words only the extreme itself says that it is unknown", () => {
  for (const wordOrder of ["high-first", "low-first"] as const)
    for (const [absent, extreme] of [
      ["most-positive", 0x7fff_ffff],
      ["most-negative", -0x8000_0000],
    ] as const)
      for (const value of [extreme, -32_769, 32_767, 32_768, 0x7fff_0000, -0x8000, -1]) {
        const one = row("i32", "W", { absent, wordOrder });
        expect(said(one, wordsOf(value, "i32", wordOrder))).toBe(value === extreme ? null : value * 1_000);
      }
});

test("a read's words become its quantities; those that are unknown are left out", () => {
  const [read] = plan(TEST_METER, Object.keys(QUANTITIES) as Quantity[]);
  if (read === undefined) throw new Error("one read was planned");
  const words = [
    ...wordsOf(25_567_548, "i64", "high-first"),
    ...wordsOf(1_000, "i64", "high-first"),
    ...wordsOf(-2.5, "f32", "high-first"),
    0x7fc0,
    0,
    ...wordsOf(49.98, "f32", "high-first"),
  ];
  expect([...valuesOf(read, words)].sort()).toEqual([
    ["activePower", -2_500_000],
    ["exportActiveEnergy", 1_000_000],
    ["frequency", 49_980],
    ["importActiveEnergy", 25_567_548_000],
  ]);
});

describe("of the powers of phases", () => {
  test("their sum is the power where the meter gives none, and unknown where one of them is", () => {
    const phases: [Quantity, number][] = [
      ["activePowerL1", 5],
      ["activePowerL2", -3],
      ["activePowerL3", 1],
    ];
    expect(powerOf(new Map(phases))).toBe(3);
    expect(powerOf(new Map(phases.slice(1)))).toBeNull();
    expect(powerOf(new Map([...phases, ["activePower", 9]]))).toBe(9);
  });
});

test("a total is never booked of a meter that tells directions apart; all it counts is import of one that does not", () => {
  const total = { totalActiveEnergy: TEST_METER.points.importActiveEnergy } as Model["points"];
  expect(bookedRows(TEST_METER)).toEqual({ import: "importActiveEnergy", export: "exportActiveEnergy" });
  expect(bookedRows({ ...TEST_METER, points: total })).toEqual({ import: null, export: null });
  expect(bookedRows({ ...TEST_METER, direction: "none", points: total })).toEqual({
    import: "totalActiveEnergy",
    export: null,
  });
});

describe("what cannot be true", () => {
  const honest: [Quantity, number][] = [
    ["voltage", 230_000],
    ["frequency", 50_000],
    ["activePower", -3_000_000],
    ["importActiveEnergy", 25_567_548_000],
    ["exportActiveEnergy", 1_000_000_000],
  ];
  const told = (...more: [Quantity, number][]) => doubts(TEST_METER, new Map([...honest, ...more]), 23_000);

  test("is named; an honest reading has no doubts", () => {
    expect(told()).toEqual([]);
    expect(told(["voltage", 0], ["frequency", 0])).toEqual([]);
    expect(told(["voltage", 50_000])).toEqual(["voltage says a voltage of 50 V"]);
    expect(told(["frequency", 230_000])).toEqual(["frequency says a frequency of 230 Hz"]);
    expect(told(["activePower", 90e6])).toEqual(["activePower says 90 kW, and the fuse lets 23 kW pass"]);
    expect(told(["importActiveEnergy", -1])).toHaveLength(1);
  });

  test("three phases of which one is connected have the average of one", () => {
    const one: [Quantity, number][] = [
      ["voltage", 78_333],
      ["voltageL1", 235_000],
      ["voltageL2", 0],
      ["voltageL3", 0],
    ];
    expect(doubts({ ...TEST_METER, phases: 3 }, new Map([...honest, ...one]), 23_000)).toEqual([]);
    expect(told(...one)).toEqual(["voltage says a voltage of 78.333 V"]);
  });

  test("a total is import and export together, or their difference, or import; another is another register", () => {
    expect(told(["totalActiveEnergy", 26_567_548_000])).toEqual([]);
    expect(told(["totalActiveEnergy", 24_567_548_000])).toEqual([]);
    expect(told(["totalActiveEnergy", 25_567_548_000])).toEqual([]);
    expect(told(["totalActiveEnergy", 3_000_000_000])).toHaveLength(1);
    const exporter: [Quantity, number][] = [["importActiveEnergy", 500_000_000]];
    expect(told(...exporter, ["totalActiveEnergy", -500_000_000])).toEqual([]);
    expect(told(...exporter, ["totalActiveEnergy", 500_000_000])).toEqual([]);
    expect(told(...exporter, ["totalActiveEnergy", -3_000_000])).toHaveLength(1);
  });

  test("other addresses of disputed rows are tried all together, in their order", () => {
    const { importActiveEnergy, exportActiveEnergy } = TEST_METER.points;
    if (importActiveEnergy === undefined || exportActiveEnergy === undefined)
      throw new Error("the test meter has both");
    const disputed = (address: number) => ({ disputed: { addresses: [address], note: "two editions" } });
    const points = {
      ...TEST_METER.points,
      importActiveEnergy: { ...importActiveEnergy, ...disputed(4) },
      exportActiveEnergy: { ...exportActiveEnergy, ...disputed(8) },
    };
    const addresses = variantsOf({ ...TEST_METER, points }).map((one) => [
      one.points.importActiveEnergy?.address,
      one.points.exportActiveEnergy?.address,
      one.points.voltage?.address,
    ]);
    expect(addresses).toEqual([
      [0x20, 0x24, 0x2a],
      [4, 8, 0x2a],
    ]);
  });
});

test("a row with a wrong unit does not compile; the same table with the right one does", () => {
  const directory = mkdtempSync(join(tmpdir(), "esme-row-"));
  const models = resolve("host/models");
  const table = (unit: string) => `
    import { model } from "${models}/model.js";
    import { rowsOf } from "${models}/rows.js";
    const { f32 } = rowsOf({ function: 4, order: "high-first" });
    export const points: Parameters<typeof model>[0]["points"] = { importActiveEnergy: f32(0x48, "${unit}") };`;
  const compile = (unit: string) => {
    const file = join(directory, `${unit}.ts`);
    writeFileSync(file, table(unit));
    const options = "--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext --target es2023 --types".split(
      " ",
    );
    try {
      return execFileSync(process.execPath, [resolve("node_modules/typescript/bin/tsc"), ...options, "", file], {
        encoding: "utf8",
      });
    } catch (error) {
      return String((error as { stdout?: string }).stdout);
    }
  };
  try {
    expect(compile("kWh")).toBe("");
    expect(compile("V")).toMatch(/TS2322.*"V"/s);
    expect(compile("kvarh")).toMatch(/TS2322/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
