// Orno OR-WE-525: one phase, 100 A, import and export apart. The OR-WE-526 with tariffs has the same map.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { i16, u32, i32 } = rowsOf({ function: 4, order: "high-first" });

export default model({
  model: "or-we-525",
  maker: "Orno",
  title: "OR-WE-525",
  sources: [
    "Orno, OR-WE-525 registers (as cited by volkszaehler/mbmd)",
    "volkszaehler/mbmd, ORNO1P525; evcc-io/evcc, orno-we525_526",
  ],
  phases: 1,
  direction: "both",
  netting: null,
  bus: { speeds: [9600, 4800, 2400, 1200], parities: ["none", "even", "odd"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 60, mayReadGaps: true, answer_ms: 500 },
  base: { kind: "fixed" },
  identity: [],
  serial: null,
  wraps_kwh: null,
  resolution_wh: 10,
  // biome-ignore format: a table is read by its columns
  points: {
    voltage:              u32(0x0100, "V",     { scale: 0.001 }),
    current:              u32(0x0102, "A",     { scale: 0.001 }),
    activePower:          i32(0x0104, "W"),
    apparentPower:        i32(0x0106, "VA"),
    reactivePower:        i32(0x0108, "var"),
    frequency:            i16(0x010a, "Hz",    { scale: 0.1 }),
    powerFactor:          i16(0x010b, "1",     { scale: 0.001 }),
    importActiveEnergy:   u32(0x010e, "kWh",   { scale: 0.01 }),
    exportActiveEnergy:   u32(0x0118, "kWh",   { scale: 0.01 }),
    totalActiveEnergy:    u32(0x0122, "kWh",   { scale: 0.01 }),
    importReactiveEnergy: u32(0x012c, "kvarh", { scale: 0.01 }),
    exportReactiveEnergy: u32(0x0136, "kvarh", { scale: 0.01 }),
    totalReactiveEnergy:  u32(0x0140, "kvarh", { scale: 0.01 }),
  },
  golden: {
    source: "computed",
    question: "01 04 01 00 00 24 F1 ED",
    answer:
      "01 04 48 00 03 84 70 00 00 10 D8 FF FF FC 25 00 00 03 E2 00 00 00 68 01 F4 FC 1F 00 00 00 00 00 " +
      "00 D4 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 81 CD 00 00 00 00 00 00 00 00 00 " +
      "00 00 00 00 00 00 00 00 02 55 FE 42 E8",
    says: {
      voltage: 230.512,
      current: 4.312,
      activePower: -987,
      apparentPower: 994,
      reactivePower: 104,
      frequency: 50,
      powerFactor: -0.993,
      importActiveEnergy: 543.21,
      exportActiveEnergy: 987.65,
      totalActiveEnergy: 1530.86,
    },
  },
  notes: [
    "It counts to 0.01 kWh: between its steps energy is interpolated from its power.",
    "The sources do not say with which parity it leaves the works.",
  ],
});
