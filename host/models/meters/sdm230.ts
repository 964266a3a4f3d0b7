// Eastron SDM230-Modbus: one phase, 100 A, import and export apart.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { f32 } = rowsOf({ function: 4, order: "high-first" });

export default model({
  model: "sdm230",
  maker: "Eastron",
  title: "SDM230-Modbus",
  sources: [
    "Eastron SDM230Modbus Smart Meter Modbus Protocol Implementation V1.1, sections 1.2, 1.3 and 2.4",
    "Serial number: nmakel/sdm_modbus issue 28; meter code 43: a public driver whose other Eastron codes are the maker's",
  ],
  phases: 1,
  direction: "both",
  netting: null,
  bus: { speeds: [9600, 4800, 2400, 1200], parities: ["none", "even", "odd"], stopBits: 1, address: 1 },
  pace: { pause_ms: 60, mostWords: 80, mayReadGaps: true, answer_ms: 200 },
  base: { kind: "fixed" },
  identity: [{ function: 3, address: 0xfc02, expect: { words: [[0x002b]] } }],
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
    phaseAngle:           f32(0x0024, "degree"),
    frequency:            f32(0x0046, "Hz"),
    importActiveEnergy:   f32(0x0048, "kWh"),
    exportActiveEnergy:   f32(0x004a, "kWh"),
    importReactiveEnergy: f32(0x004c, "kvarh"),
    exportReactiveEnergy: f32(0x004e, "kvarh"),
    totalActiveEnergy:    f32(0x0156, "kWh"),
    totalReactiveEnergy:  f32(0x0158, "kvarh"),
  },
  golden: {
    source: "recorded between an inverter and its SDM230: syssi/esphome-solax-x1-mini issue 20",
    question: "01 04 00 48 00 02 F1 DD",
    answer: "01 04 04 46 2A 75 21 29 8C",
    says: { importActiveEnergy: 10909.282 },
  },
  notes: [
    "Its total is import + export by default, import alone or import - export if its measurement mode is set so.",
    "The sign of its power factor is the direction of the current.",
  ],
});
