// Eastron SDM72D-M, the first: three phases, 100 A, energies and powers of all phases only.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { f32 } = rowsOf({ function: 4, order: "high-first" });

export default model({
  model: "sdm72d-m",
  maker: "Eastron",
  title: "SDM72D-M",
  sources: [
    "B+G e-tech, EASTRON SDM72D-M User Manual V1.5, part 3",
    "Smart Process & Control, SDM72D-M Modbus Protocol V1.1",
    "What 0x0034 adds: nmakel/sdm_modbus pull request 6; meter code: Tinkerforge/esp32-firmware, SDM72DM",
    "Netting: openWB/core pull request 1916; steps of 1 Wh: arendst/Tasmota issue 16751",
  ],
  phases: 3,
  direction: "both",
  netting: "per-phase",
  bus: { speeds: [9600, 4800, 2400, 1200], parities: ["none", "even", "odd"], stopBits: 1, address: 1 },
  pace: { pause_ms: 60, mostWords: 60, mayReadGaps: true, answer_ms: 200 },
  base: { kind: "fixed" },
  identity: [{ function: 3, address: 0xfc02, expect: { words: [[0x0084], [0x0200]] } }],
  serial: { function: 3, address: 0xfc00, words: 2, as: "u32-high-first" },
  wraps_kwh: null,
  resolution_wh: 1,
  // biome-ignore format: a table is read by its columns
  points: {
    importActiveEnergy: f32(0x0048, "kWh"),
    exportActiveEnergy: f32(0x004a, "kWh"),
    totalActiveEnergy:  f32(0x0156, "kWh"),
    importActivePower:  f32(0x0500, "W"),
    exportActivePower:  f32(0x0502, "W"),
  },
  golden: {
    source: "computed, of what a meter was seen to say: nmakel/sdm_modbus pull request 6",
    question: "01 04 00 48 00 04 71 DF",
    answer: "01 04 08 45 8C 2C F6 41 E6 28 F6 09 FE",
    says: { importActiveEnergy: 4485.62, exportActiveEnergy: 28.77 },
  },
  notes: [
    "Its import adds what the importing phases take and its export what the others give, at the same time.",
    'Its "total system power" at 0x0034 adds the magnitudes of both (6432 W in and 20 W out are 6452 W there): it is not read.',
    "Its total is import + export.",
    "The maker names 0x0084 as its meter code; those seen say 0x0200.",
  ],
});
