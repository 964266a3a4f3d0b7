// Schneider Electric iEM3155: three phases, 63 A, import and export apart.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { f32, i64 } = rowsOf({ function: 3, order: "high-first" });

export default model({
  model: "iem3155",
  maker: "Schneider Electric",
  title: "Acti9 iEM3155",
  sources: [
    "Schneider Electric, iEM3100 / iEM3200 / iEM3300 series User Manual DOCA0005EN, Modbus register list",
    "volkszaehler/mbmd, IEM3000; Gaudi111/iem3155_esphome: read from an iEM3155",
  ],
  phases: 3,
  direction: "both",
  netting: null,
  bus: { speeds: [19200, 9600, 38400], parities: ["even", "none", "odd"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 125, mayReadGaps: false, answer_ms: 500 },
  base: { kind: "fixed" },
  identity: [{ function: 3, address: 49, expect: { ascii: "iEM3155", length: 20 } }],
  serial: { function: 3, address: 129, words: 2, as: "u32-high-first" },
  wraps_kwh: null,
  resolution_wh: 1,
  // biome-ignore format: a table is read by its columns
  points: {
    currentL1:            f32(2999, "A"),
    currentL2:            f32(3001, "A"),
    currentL3:            f32(3003, "A"),
    voltageL1L2:          f32(3019, "V"),
    voltageL2L3:          f32(3021, "V"),
    voltageL3L1:          f32(3023, "V"),
    voltageL1:            f32(3027, "V"),
    voltageL2:            f32(3029, "V"),
    voltageL3:            f32(3031, "V"),
    voltage:              f32(3035, "V"),
    activePowerL1:        f32(3053, "kW"),
    activePowerL2:        f32(3055, "kW"),
    activePowerL3:        f32(3057, "kW"),
    activePower:          f32(3059, "kW"),
    reactivePower:        f32(3067, "kvar"),
    apparentPower:        f32(3075, "kVA"),
    frequency:            f32(3109, "Hz"),
    importActiveEnergy:   i64(3203, "Wh"),
    exportActiveEnergy:   i64(3207, "Wh"),
    importReactiveEnergy: i64(3219, "varh"),
    exportReactiveEnergy: i64(3223, "varh"),
    importActiveEnergyL1: i64(3517, "Wh"),
    importActiveEnergyL2: i64(3521, "Wh"),
    importActiveEnergyL3: i64(3525, "Wh"),
  },
  golden: {
    source: "computed",
    question: "01 03 0C 83 00 08 B6 B4",
    answer: "01 03 10 00 00 00 00 01 86 21 3C 00 00 00 00 00 00 32 F2 6B 9B",
    says: { importActiveEnergy: 25567548, exportActiveEnergy: 13042 },
  },
  notes: [
    "Its power factor (3083) tells the quadrant by values up to 2: it is not read.",
    "The addresses are Schneider's register numbers less one.",
  ],
});
