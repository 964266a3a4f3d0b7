// Chint DDSU666: one phase, 80 A, import and export apart.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { f32 } = rowsOf({ function: 3, order: "high-first" });

export default model({
  model: "ddsu666",
  maker: "Chint",
  title: "DDSU666",
  sources: [
    "Chint, DDSU666 User Manual ZTY0.464.922, parameter tables (as cited by nobrega8/mbmap-library)",
    "Tasmota, Energy Modbus configurations, DDSU666; OpenEMS, Chint DDSU666",
  ],
  phases: 1,
  direction: "both",
  netting: null,
  bus: { speeds: [9600, 4800, 2400], parities: ["none"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 32, mayReadGaps: true, answer_ms: 200 },
  base: { kind: "fixed" },
  identity: [],
  serial: null,
  wraps_kwh: null,
  resolution_wh: 10,
  // biome-ignore format: a table is read by its columns
  points: {
    voltage:            f32(0x2000, "V"),
    current:            f32(0x2002, "A"),
    activePower:        f32(0x2004, "kW"),
    reactivePower:      f32(0x2006, "kvar"),
    powerFactor:        f32(0x200a, "1"),
    frequency:          f32(0x200e, "Hz"),
    importActiveEnergy: f32(0x4000, "kWh"),
    exportActiveEnergy: f32(0x400a, "kWh"),
  },
  golden: {
    source: "computed",
    question: "01 03 40 00 00 0C 50 0F",
    answer: "01 03 18 44 9A 51 EC 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 42 9D CC CD D9 17",
    says: { importActiveEnergy: 1234.56, exportActiveEnergy: 78.9 },
  },
  notes: [
    "It may leave the works speaking DL/T 645: set its protocol to Modbus in its menu.",
    "Its manual names two stop bits in one place and one in another: it is read with one.",
    "It counts to 0.01 kWh: between its steps energy is interpolated from its power.",
  ],
});
