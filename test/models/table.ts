// A meter that no maker makes, for tests: an integer of whole Wh, a serial number, one read for everything. Change what a test is about.

import { type Model, model } from "../../host/models/model.js";
import { rowsOf } from "../../host/models/rows.js";

const { i64, f32, u32 } = rowsOf({ function: 3, order: "high-first" });

export const TEST_METER = model({
  model: "test-meter",
  maker: "Nobody",
  title: "Test Meter",
  sources: ["none: made up for tests"],
  phases: 1,
  direction: "both",
  netting: null,
  bus: { speeds: [9600], parities: ["none"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 100, mayReadGaps: true, answer_ms: 200 },
  base: { kind: "fixed" },
  identity: [],
  serial: { function: 3, address: 0x10, words: 2, as: "u32-high-first" },
  wraps_kwh: null,
  resolution_wh: 1,
  points: {
    importActiveEnergy: i64(0x20, "Wh"),
    exportActiveEnergy: i64(0x24, "Wh"),
    activePower: f32(0x28, "kW"),
    voltage: f32(0x2a, "V"),
    frequency: f32(0x2c, "Hz"),
  },
  golden: {
    source: "computed",
    question: "01 03 00 28 00 02 44 03",
    answer: "01 03 04 3F 80 00 00 F7 CF",
    says: { activePower: 1 },
  },
  notes: [],
});

/** The same, counting in steps of 0.1 kWh. */
export const COARSE_METER: Model = {
  ...TEST_METER,
  model: "coarse-meter",
  resolution_wh: 100,
  points: {
    ...TEST_METER.points,
    importActiveEnergy: u32(0x20, "kWh", { scale: 0.1 }),
    exportActiveEnergy: u32(0x24, "kWh", { scale: 0.1 }),
  },
};
