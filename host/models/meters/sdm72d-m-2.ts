// Eastron SDM72D-M, the second (sold as SDM72D-M v2): three phases, 100 A.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { f32 } = rowsOf({ function: 4, order: "high-first" });

const OF_MAGNITUDES =
  "the first SDM72D-M adds the magnitudes of import and export here: hold it against the three phases";

export default model({
  model: "sdm72d-m-2",
  maker: "Eastron",
  title: "SDM72D-M v2",
  sources: [
    "B+G e-tech, EASTRON SDM72D-M User Manual V1.1 (of the second), part 3",
    "Second meter code: M-o-a-T/victron-meter-library (135); netting: openWB/core pull request 1916",
  ],
  phases: 3,
  direction: "both",
  netting: "per-phase",
  bus: { speeds: [9600, 19200, 4800, 2400, 1200], parities: ["none", "even", "odd"], stopBits: 1, address: 1 },
  pace: { pause_ms: 60, mostWords: 60, mayReadGaps: true, answer_ms: 200 },
  base: { kind: "fixed" },
  identity: [{ function: 3, address: 0xfc02, expect: { words: [[0x0089], [0x0087]] } }],
  serial: { function: 3, address: 0xfc00, words: 2, as: "u32-high-first" },
  wraps_kwh: null,
  resolution_wh: 1,
  // biome-ignore format: a table is read by its columns
  points: {
    voltageL1:           f32(0x0000, "V"),
    voltageL2:           f32(0x0002, "V"),
    voltageL3:           f32(0x0004, "V"),
    currentL1:           f32(0x0006, "A"),
    currentL2:           f32(0x0008, "A"),
    currentL3:           f32(0x000a, "A"),
    activePowerL1:       f32(0x000c, "W"),
    activePowerL2:       f32(0x000e, "W"),
    activePowerL3:       f32(0x0010, "W"),
    apparentPowerL1:     f32(0x0012, "VA"),
    apparentPowerL2:     f32(0x0014, "VA"),
    apparentPowerL3:     f32(0x0016, "VA"),
    reactivePowerL1:     f32(0x0018, "var"),
    reactivePowerL2:     f32(0x001a, "var"),
    reactivePowerL3:     f32(0x001c, "var"),
    powerFactorL1:       f32(0x001e, "1"),
    powerFactorL2:       f32(0x0020, "1"),
    powerFactorL3:       f32(0x0022, "1"),
    voltage:             f32(0x002a, "V"),
    current:             f32(0x0030, "A"),
    activePower:         f32(0x0034, "W", { disputed: { addresses: [], note: OF_MAGNITUDES } }),
    apparentPower:       f32(0x0038, "VA"),
    reactivePower:       f32(0x003c, "var"),
    powerFactor:         f32(0x003e, "1"),
    frequency:           f32(0x0046, "Hz"),
    importActiveEnergy:  f32(0x0048, "kWh"),
    exportActiveEnergy:  f32(0x004a, "kWh"),
    voltageL1L2:         f32(0x00c8, "V"),
    voltageL2L3:         f32(0x00ca, "V"),
    voltageL3L1:         f32(0x00cc, "V"),
    currentN:            f32(0x00e0, "A"),
    totalActiveEnergy:   f32(0x0156, "kWh"),
    totalReactiveEnergy: f32(0x0158, "kvarh"),
    netActiveEnergy:     f32(0x018c, "kWh"),
    importActivePower:   f32(0x0500, "W"),
    exportActivePower:   f32(0x0502, "W"),
  },
  golden: {
    source: "computed",
    question: "01 04 00 34 00 18 B1 CE",
    answer:
      "01 04 30 C4 BF 50 00 00 00 00 00 44 C1 06 66 00 00 00 00 C3 4D 19 9A BF 7D B2 2D 00 00 00 00 00 " +
      "00 00 00 00 00 00 00 42 48 14 7B 44 4B 16 14 44 96 80 93 E5 39",
    says: {
      activePower: -1530.5,
      apparentPower: 1544.2,
      reactivePower: -205.1,
      powerFactor: -0.991,
      frequency: 50.02,
      importActiveEnergy: 812.345,
      exportActiveEnergy: 1204.018,
    },
  },
  notes: [
    "Its import adds what the importing phases take and its export what the others give, at the same time.",
    "Its total is import + export.",
  ],
});
