// The page of the meters is made of their tables, and a new model is one new file: planned, simulated, read, listed and on the page.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { loadModels, MODELS } from "../../host/adapters/modbus/catalogue.js";
import { listed, metersPage } from "../../host/models/listing.js";
import type { Model } from "../../host/models/model.js";
import { plan } from "../../host/models/plan.js";
import { valuesOf } from "../../host/models/reading.js";
import { decodeAnswer, decodeQuestion } from "../../host/wire/modbus/frames.js";
import { Bench } from "../adapters/modbus-bench.js";

test("the page is what the tables say (-u makes it anew)", async () => {
  await expect(metersPage(MODELS.values())).toMatchFileSnapshot("../../docs/spec/meters.md");
});

test("what `esme meters --json` tells of each has the fields that were promised", () => {
  for (const model of MODELS.values()) {
    const told = JSON.parse(JSON.stringify(listed(model)));
    expect(told).toMatchObject({ model: model.model, maker: expect.any(String), direction: expect.any(String) });
    for (const point of told.points) {
      expect(Object.keys(point)).toEqual([
        "name",
        "function",
        "address",
        "words",
        "type",
        "wordOrder",
        "unit",
        "scale",
      ]);
      expect(point.words).toBeGreaterThan(0);
    }
  }
});

const NEW = `
// A meter of a new make.
import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { u32, i32, u16 } = rowsOf({ function: 4, order: "low-first" });

export default model({
  model: "newcomer-1",
  maker: "Newcomer",
  title: "One",
  sources: ["a test"],
  phases: 1,
  direction: "both",
  netting: null,
  bus: { speeds: [9600], parities: ["none"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 20, mayReadGaps: true, answer_ms: 100 },
  base: { kind: "fixed" },
  identity: [],
  serial: null,
  wraps_kwh: null,
  resolution_wh: 10,
  points: {
    importActiveEnergy: u32(0x100, "kWh", { scale: 0.01 }),
    exportActiveEnergy: u32(0x102, "kWh", { scale: 0.01 }),
    activePower:        i32(0x104, "W"),
    voltage:            u16(0x106, "V", { scale: 0.1 }),
  },
  golden: {
    source: "computed",
    question: "01 04 01 04 00 02 31 F6",
    answer: "01 04 04 FA 24 FF FF 8A E7",
    says: { activePower: -1500 },
  },
  notes: ["It is new."],
});
`;

describe("a new file in a copy of the tables' directory", () => {
  const root = mkdtempSync(join(tmpdir(), "esme-model-"));
  afterAll(() => rmSync(root, { recursive: true }));

  async function newcomer(): Promise<{ readonly all: ReadonlyMap<string, Model>; readonly model: Model }> {
    cpSync("host/models", join(root, "host/models"), { recursive: true });
    cpSync("host/wire/modbus", join(root, "host/wire/modbus"), { recursive: true });
    writeFileSync(join(root, "host/models/meters/newcomer-1.ts"), NEW);
    const all = await loadModels(pathToFileURL(join(root, "host/models/meters/")));
    const model = all.get("newcomer-1");
    if (model === undefined) throw new Error("the new model is not found");
    return { all, model };
  }

  test("is a model among the others, without another edit", async () => {
    const { all, model } = await newcomer();
    expect(new Set(all.keys())).toEqual(new Set([...MODELS.keys(), "newcomer-1"]));
    expect(plan(model, ["importActiveEnergy", "exportActiveEnergy", "activePower"])).toHaveLength(1);
    expect(metersPage(all.values())).toContain("| importActiveEnergy | 4 | 0x0100 | u32 low word first | kWh | 0.01 |");
    expect(listed(model).points).toHaveLength(4);
    const question = decodeQuestion(octets(model.golden.question));
    const [read] = plan(model, ["activePower"]);
    if (question === null || read === undefined) throw new Error("no question");
    const answer = decodeAnswer(octets(model.golden.answer), question);
    expect(answer).toMatchObject({ kind: "words" });
    if (typeof answer === "string" || answer.kind !== "words") return;
    expect(valuesOf(read, answer.words).get("activePower")).toBe(-1_500_000);
  });

  test("is simulated, and read within its step", async () => {
    const { model } = await newcomer();
    const load = (time_s: number) => ({ active_w: 3_000 * Math.sin(time_s / 200) });
    const bench = await (await new Bench({ meters: [{ model, load }] }).start()).run(900);
    expect(bench.reports().length).toBeGreaterThan(880);
    for (const [k, { counters }] of bench.reports().entries()) {
      expect(Math.abs(counters.import_mwh - bench.truthOf(k).import_uwh / 1_000)).toBeLessThan(10_000);
      expect(Math.abs(counters.export_mwh - bench.truthOf(k).export_uwh / 1_000)).toBeLessThan(10_000);
    }
    expect(bench.of().events[0]).toMatchObject({ kind: "found", identity: { device: "newcomer-1@bench#1" } });
  });
});

function octets(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(" "), (pair) => Number.parseInt(pair, 16));
}
