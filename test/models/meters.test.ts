// Every table of a meter: its golden frame, a lint of its rows, words composed without it. A new file is tested by being there.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadModels, MODELS } from "../../host/adapters/modbus/catalogue.js";
import { contact } from "../../host/adapters/modbus/probe.js";
import type { IdentityMark, Model } from "../../host/models/model.js";
import { plan, type Read } from "../../host/models/plan.js";
import { QUANTITIES, type Quantity, UNITS, type Unit, type UnitOf } from "../../host/models/quantities.js";
import { valuesOf } from "../../host/models/reading.js";
import { type Row, wordsOfRow } from "../../host/models/rows.js";
import { USUAL_ID_ADDRESS } from "../../host/models/sunspec.js";
import { withCrc } from "../../host/wire/modbus/crc.js";
import { decodeAnswer, decodeQuestion } from "../../host/wire/modbus/frames.js";

/** 100 A in each of three phases. */
const FUSE_w = 69_000;
const models = [...MODELS.values()];
const rowsOf = (model: Model) => Object.entries(model.points) as [Quantity, Row][];
const isSunSpec = (model: Model) => model.base.kind === "sunspec";

/** What a number of a unit is in milli-units, and how far a meter's own form of it may be off. */
function milli(is: number, unit: Unit, type: Row["type"]): { readonly value: number; readonly slack: number } {
  const value = is * UNITS[unit].milli;
  return { value, slack: 0.51 + (type === "f32" ? Math.abs(value) * 2 ** -23 : 0) };
}

describe.each(models.map((model) => [model.model, model] as const))("%s", (_, model) => {
  test("its golden question and answer say what they say, by the decoders that read a meter", () => {
    const { golden } = model;
    for (const frame of [golden.question, golden.answer]) expect(frame, "its CRC").toBe(withRightCrc(frame));
    const question = decodeQuestion(bytes(golden.question));
    if (question === null) throw new Error("the question is no question that reads words");
    const answer = decodeAnswer(bytes(golden.answer), question);
    if (typeof answer === "string" || answer.kind !== "words") throw new Error(`the answer: ${JSON.stringify(answer)}`);
    expect(question.unit).toBe(model.bus.address);
    const said = Object.entries(golden.says) as [Quantity, number][];
    expect(said.length, "it says something").toBeGreaterThan(0);
    const address = question.address - (isSunSpec(model) ? USUAL_ID_ADDRESS : 0);
    const rows = said.map(([quantity]) => ({ quantity, row: rowOf(model, quantity) }));
    for (const { quantity, row } of rows) {
      expect(row.function, quantity).toBe(question.function);
      expect(row.address, quantity).toBeGreaterThanOrEqual(address);
      expect(row.address + wordsOfRow(row), quantity).toBeLessThanOrEqual(address + question.count);
    }
    const values = valuesOf({ function: question.function, address, count: question.count, rows }, answer.words);
    for (const [quantity, is] of said) expectNear(values.get(quantity), quantity, is, rowOf(model, quantity));
  });

  test("says where it is from, and what its owner ought to know, in sentences", () => {
    expect(model.sources.length).toBeGreaterThan(0);
    for (const source of model.sources) expect(source.length, source).toBeGreaterThan(12);
    expect(model.golden.source).not.toBe("");
    for (const note of model.notes) expect(note).toMatch(/^[A-Z].*\.$/s);
    expect(model.model).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(model.title).not.toBe("");
  });

  test("promises no coarser step than a SunSpec device may have: that tells its own", () => {
    const integers = rowsOf(model).filter(([, row]) => typeof row.scale !== "number");
    if (integers.length > 0) expect(model.resolution_wh).toBe(1);
  });

  test("has import and export where it tells them apart, and a total where it does not", () => {
    const { importActiveEnergy, exportActiveEnergy, totalActiveEnergy } = model.points;
    if (model.direction === "both") expect([importActiveEnergy, exportActiveEnergy]).not.toContain(undefined);
    else {
      expect([importActiveEnergy, exportActiveEnergy]).toEqual([undefined, undefined]);
      expect(totalActiveEnergy).toBeDefined();
    }
  });

  test("has rows that lie apart, within a read, in order of their addresses", () => {
    for (const code of [3, 4] as const) {
      const rows = rowsOf(model).filter(([, row]) => row.function === code);
      const taken = new Map<number, Quantity>();
      for (const [quantity, row] of rows) {
        expect(Number.isInteger(row.address) && row.address >= 0, quantity).toBe(true);
        expect(row.address + wordsOfRow(row), quantity).toBeLessThanOrEqual(0x1_0000);
        expect(wordsOfRow(row)).toBeLessThanOrEqual(model.pace.mostWords);
        for (let at = row.address; at < row.address + wordsOfRow(row); at++) {
          expect(taken.get(at), `${quantity} at ${at}`).toBeUndefined();
          taken.set(at, quantity);
        }
      }
      const exponents = rows.flatMap(([, { scale }]) => (typeof scale === "number" ? [] : [scale.exponentAt]));
      for (const at of exponents) expect(taken.get(at), `a power of ten at ${at}`).toBeUndefined();
      for (const [quantity, row] of rows)
        for (const other of row.disputed?.addresses ?? []) expect(taken.get(other), quantity).toBeUndefined();
      const addresses = rows.map(([, row]) => row.address);
      if (!isSunSpec(model)) expect(addresses).toEqual([...addresses].sort((a, b) => a - b));
    }
  });

  test("scales by powers of ten, floats not at all, and says not known in a form that its type has", () => {
    for (const [quantity, { type, scale, absent }] of rowsOf(model)) {
      if (typeof scale !== "number") expect(isSunSpec(model), quantity).toBe(true);
      else expect(Math.abs(Math.log10(scale) - Math.round(Math.log10(scale))), quantity).toBeLessThan(1e-9);
      if (type === "f32") expect([scale, absent], quantity).toEqual([1, undefined]);
      if (absent === "all-ones") expect(type, quantity).toMatch(/^u/);
      if (absent === "most-positive" || absent === "most-negative") expect(type, quantity).toMatch(/^i/);
    }
  });

  test("has the phases that it says", () => {
    const seen = rowsOf(model).flatMap(([quantity]) => [...quantity.matchAll(/L([123])/g)].map(([, phase]) => phase));
    expect(Math.max(1, ...seen.map(Number))).toBeLessThanOrEqual(model.phases);
    if (model.phases === 1) expect(model.netting).toBeNull();
  });

  test("counts in the steps that it says", () => {
    expect(model.resolution_wh).toBeGreaterThan(0);
    if (model.wraps_kwh !== null) expect(model.wraps_kwh).toBeGreaterThan(0);
    for (const name of ["importActiveEnergy", "exportActiveEnergy", "totalActiveEnergy"] as const) {
      const row: Row | undefined = model.points[name];
      if (row === undefined || row.type === "f32" || typeof row.scale !== "number") continue;
      expect((row.scale * UNITS[row.unit].milli) / 1e3, name).toBeCloseTo(model.resolution_wh, 9);
    }
  });

  test("has a line and a pace that a bus can keep", () => {
    const { bus, pace, serial } = model;
    expect(bus.speeds.length * bus.parities.length).toBeGreaterThan(0);
    for (const speed of bus.speeds) expect([1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200]).toContain(speed);
    expect(new Set(bus.speeds).size).toBe(bus.speeds.length);
    expect(bus.address >= 1 && bus.address <= 247).toBe(true);
    expect(pace.mostWords >= 1 && pace.mostWords <= 125).toBe(true);
    expect(pace.pause_ms).toBeGreaterThanOrEqual(0);
    expect(pace.answer_ms).toBeGreaterThan(0);
    if (serial !== null && serial.as !== "ascii") expect(serial.words).toBe(2);
    for (const mark of model.identity) expectReadable(mark);
  });

  test("is read in whole by the planner, each quantity once", () => {
    const reads = plan(model, Object.keys(QUANTITIES) as Quantity[]);
    const read = reads.flatMap(({ rows }) => rows.map(({ quantity }) => quantity));
    expect([...read].sort()).toEqual(Object.keys(model.points).sort());
    for (const { count } of reads) expect(count).toBeLessThanOrEqual(model.pace.mostWords);
  });
});

describe("the tables together", () => {
  test("are what is in the directory, found anew", async () => {
    const found = await loadModels(new URL("../../host/models/meters/", import.meta.url));
    expect([...found.keys()]).toEqual([...MODELS.keys()]);
    expect(found.size).toBeGreaterThan(24);
  });

  test("do not claim one another's marks", () => {
    const claimed = new Map<string, string>();
    for (const model of models)
      for (const mark of model.identity)
        for (const told of tellings(mark)) {
          const key = `${mark.address}: ${told}`;
          expect(claimed.get(key), `${model.model} claims ${key}`).toBeUndefined();
          claimed.set(key, model.model);
        }
  });
});

/** Whether a row in this unit may say this quantity: the compiler decides, which reads this file too. */
type May<U extends Unit, Q extends Quantity> = Row<U> extends Row<UnitOf<Q>> ? true : false;

test("a row whose unit is not one of its quantity's does not compile", () => {
  const may: [May<"kWh", "importActiveEnergy">, May<"W", "activePowerL1">, May<"mV", "voltage">] = [true, true, true];
  const mayNot: [May<"kW", "importActiveEnergy">, May<"VA", "activePower">, May<"A", "voltage">] = [
    false,
    false,
    false,
  ];
  expect([...may, ...mayNot]).toEqual([true, true, true, false, false, false]);
});

/** Words of a meter composed by hand from its maker's documents or recorded from one, and what they mean: never from the table. */
interface Independent {
  readonly model: string;
  readonly source: string;
  readonly unit: number;
  /** Words by the address of their first, hex: `input` are read with function 4, `holding` with 3. */
  readonly input?: { readonly [address: string]: string };
  readonly holding?: { readonly [address: string]: string };
  readonly serial?: string;
  /** What a server of plain words cannot tell: its words say something else to who asks for them alone. */
  readonly unclear?: readonly Quantity[];
  readonly values: { readonly [Q in Quantity]?: { readonly is: number; readonly unit: Unit } };
}

const independent = new URL("independent/", import.meta.url);
const composed = readdirSync(independent).map(
  (file) => JSON.parse(readFileSync(new URL(file, independent), "utf8")) as Independent,
);

test("words were composed by hand for eight models at least", () => {
  expect(composed.length).toBeGreaterThanOrEqual(8);
});

describe.each(composed.map((one) => [one.model, one] as const))("words composed for %s without its table", (_, one) => {
  const model = MODELS.get(one.model);
  if (model === undefined) throw new Error(`there is no table of ${one.model}`);
  const spaces = { 3: space(one.holding), 4: space(one.input) };

  test("are read by its table as what they mean", () => {
    const base = isSunSpec(model) ? chainTo(model, spaces[3]) : 0;
    const values = new Map<Quantity, number>();
    for (const read of plan(model, Object.keys(QUANTITIES) as Quantity[]))
      for (const [quantity, value] of valuesOf(read, wordsAt(spaces[read.function], read, base)))
        values.set(quantity, value);
    for (const [quantity, { is, unit }] of Object.entries(one.values) as [Quantity, { is: number; unit: Unit }][])
      expectNear(values.get(quantity), quantity, is, { ...rowOf(model, quantity), unit });
    const known = [...Object.keys(one.values), ...(one.unclear ?? [])];
    expect([...values.keys()].filter((quantity) => !known.includes(quantity))).toEqual([]);
  });

  test("are met at first contact as that model, with its serial number", () => {
    const asking = contact(model, FUSE_w);
    let step = asking.next();
    while (step.done !== true) {
      const words = wordsAt(spaces[step.value.function], step.value, 0);
      step = asking.next({ kind: "words", words });
    }
    expect(step.value).toMatchObject({ kind: "met", serial: one.serial ?? null });
  });
});

function expectNear(value: number | undefined, quantity: Quantity, is: number, row: Row): void {
  const wanted = milli(is, row.unit, row.type);
  expect(value, quantity).toBeDefined();
  expect(
    Math.abs((value ?? Number.NaN) - wanted.value),
    `${quantity} is ${value}, not ${wanted.value}`,
  ).toBeLessThanOrEqual(wanted.slack);
}

function rowOf(model: Model, quantity: Quantity): Row {
  const row: Row | undefined = model.points[quantity];
  if (row === undefined) throw new Error(`${model.model} has no ${quantity}`);
  return row;
}

function expectReadable({ address, expect: wanted }: IdentityMark): void {
  expect(address >= 0 && address <= 0xffff).toBe(true);
  if ("words" in wanted) {
    expect(wanted.words.length).toBeGreaterThan(0);
    expect(new Set(wanted.words.map((words) => words.length)).size).toBe(1);
  } else expect(wanted.ascii.length).toBeLessThanOrEqual(2 * wanted.length);
}

/** What the mark may say, as text that can be compared. */
function tellings({ expect: wanted }: IdentityMark): readonly string[] {
  return "words" in wanted ? wanted.words.map((words) => words.join(" ")) : [wanted.ascii];
}

type Space = ReadonlyMap<number, number>;

function space(words: Independent["input"] = {}): Space {
  const all = new Map<number, number>();
  for (const [address, hex] of Object.entries(words))
    for (const [at, word] of hex.split(" ").entries()) all.set(Number(address) + at, Number.parseInt(word, 16));
  return all;
}

function wordsAt(words: Space, { address, count }: Pick<Read, "address" | "count">, base: number): number[] {
  return Array.from({ length: count }, (_, at) => words.get(base + address + at) ?? 0);
}

function chainTo({ base }: Model, words: Space): number {
  for (let at = 40_002; words.get(at) !== 0xffff; at += 2 + (words.get(at + 1) ?? 0))
    if (base.kind === "sunspec" && base.ids.includes(words.get(at) ?? 0)) return at;
  throw new Error("the chain ends without the model");
}

function withRightCrc(hex: string): string {
  const frame = [...withCrc(bytes(hex).subarray(0, -2))];
  return frame.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(" "), (byte) => Number.parseInt(byte, 16));
}
