// Eastron SDM120-Modbus: one phase, 45 A, import and export apart.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { f32 } = rowsOf({ function: 4, order: "high-first" });

export default model({
  model: "sdm120",
  maker: "Eastron",
  title: "SDM120-Modbus",
  sources: [
    "Eastron SDM120M Smart Meter Modbus Protocol Implementation V2.5, sections 2.1 and Register Map",
    "Eastron SDM120-Modbus Smart Meter Modbus Protocol Implementation V2.4, the same",
  ],
  phases: 1,
  direction: "both",
  netting: null,
  bus: { speeds: [2400, 4800, 9600, 1200], parities: ["none", "even", "odd"], stopBits: 1, address: 1 },
  pace: { pause_ms: 60, mostWords: 80, mayReadGaps: true, answer_ms: 200 },
  base: { kind: "fixed" },
  identity: [{ function: 3, address: 0xfc02, expect: { words: [[0x0020]] } }],
  serial: { function: 3, address: 0xfc00, words: 2, as: "u32-high-first" },
  wraps_kwh: null,
  resolution_wh: 1,
  // biome-ignore format: a table is read by its columns
  points: {
    voltage:              f32(0x0000, "V"),
    current:              f32(0x0006, "A"),
    activePower:          f32(0x000c, "W"),
    apparentPower:        f32(0x0012, "VA"),
    reactivePower:        f32(0x0018, "var"),
    powerFactor:          f32(0x001e, "1"),
    frequency:            f32(0x0046, "Hz"),
    importActiveEnergy:   f32(0x0048, "kWh"),
    exportActiveEnergy:   f32(0x004a, "kWh"),
    importReactiveEnergy: f32(0x004c, "kvarh"),
    exportReactiveEnergy: f32(0x004e, "kvarh"),
    totalActiveEnergy:    f32(0x0156, "kWh"),
    totalReactiveEnergy:  f32(0x0158, "kvarh"),
  },
  golden: {
    source: "Eastron SDM120M Modbus Protocol Implementation V2.5, section 2.1",
    question: "01 04 00 00 00 02 71 CB",
    answer: "01 04 04 43 66 33 34 1B 38",
    says: { voltage: 230.2 },
  },
  notes: [
    "Its total is import + export by default, import alone or import - export if its measurement mode is set so.",
    "It leaves the works at 2400 baud.",
  ],
});
