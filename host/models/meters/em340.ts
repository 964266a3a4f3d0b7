// Carlo Gavazzi EM340: three phases, 65 A, import and export apart.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { i16, i32 } = rowsOf({ function: 4, order: "low-first" });

/** Beyond its range it says 7FFF FFFF. */
const NONE = "most-positive";
const EASY = 'in its "easy connection" mode (A) everything counts as import';

export default model({
  model: "em340",
  maker: "Carlo Gavazzi",
  title: "EM340-DIN",
  sources: [
    "Carlo Gavazzi, EM300 and ET300 Series Communication Protocol, Version 2 Revision 6, sections 1.2.1, 1.3.2 and 2.1 to 2.7",
    "Measurement mode 0x1103, 1 is bidirectional: victronenergy/dbus-cgwacs, EM1xx and EM3xx",
  ],
  phases: 3,
  direction: "both",
  netting: "algebraic",
  bus: { speeds: [9600, 19200, 38400, 57600, 115200], parities: ["none", "even"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 50, mayReadGaps: true, answer_ms: 500 },
  base: { kind: "fixed" },
  identity: [{ function: 4, address: 0x000b, expect: { words: [[341]] } }],
  settings: [{ function: 4, address: 0x1103, is: [1, 2], otherwise: EASY }],
  serial: { function: 4, address: 0x5000, words: 7, as: "ascii" },
  wraps_kwh: null,
  resolution_wh: 100,
  // biome-ignore format: a table is read by its columns
  points: {
    voltageL1:            i32(0x0000, "V",     { scale: 0.1,   absent: NONE }),
    voltageL2:            i32(0x0002, "V",     { scale: 0.1,   absent: NONE }),
    voltageL3:            i32(0x0004, "V",     { scale: 0.1,   absent: NONE }),
    voltageL1L2:          i32(0x0006, "V",     { scale: 0.1,   absent: NONE }),
    voltageL2L3:          i32(0x0008, "V",     { scale: 0.1,   absent: NONE }),
    voltageL3L1:          i32(0x000a, "V",     { scale: 0.1,   absent: NONE }),
    currentL1:            i32(0x000c, "A",     { scale: 0.001, absent: NONE }),
    currentL2:            i32(0x000e, "A",     { scale: 0.001, absent: NONE }),
    currentL3:            i32(0x0010, "A",     { scale: 0.001, absent: NONE }),
    activePowerL1:        i32(0x0012, "W",     { scale: 0.1,   absent: NONE }),
    activePowerL2:        i32(0x0014, "W",     { scale: 0.1,   absent: NONE }),
    activePowerL3:        i32(0x0016, "W",     { scale: 0.1,   absent: NONE }),
    apparentPowerL1:      i32(0x0018, "VA",    { scale: 0.1,   absent: NONE }),
    apparentPowerL2:      i32(0x001a, "VA",    { scale: 0.1,   absent: NONE }),
    apparentPowerL3:      i32(0x001c, "VA",    { scale: 0.1,   absent: NONE }),
    reactivePowerL1:      i32(0x001e, "var",   { scale: 0.1,   absent: NONE }),
    reactivePowerL2:      i32(0x0020, "var",   { scale: 0.1,   absent: NONE }),
    reactivePowerL3:      i32(0x0022, "var",   { scale: 0.1,   absent: NONE }),
    voltage:              i32(0x0024, "V",     { scale: 0.1,   absent: NONE }),
    activePower:          i32(0x0028, "W",     { scale: 0.1,   absent: NONE }),
    apparentPower:        i32(0x002a, "VA",    { scale: 0.1,   absent: NONE }),
    reactivePower:        i32(0x002c, "var",   { scale: 0.1,   absent: NONE }),
    powerFactorL1:        i16(0x002e, "1",     { scale: 0.001 }),
    powerFactorL2:        i16(0x002f, "1",     { scale: 0.001 }),
    powerFactorL3:        i16(0x0030, "1",     { scale: 0.001 }),
    powerFactor:          i16(0x0031, "1",     { scale: 0.001 }),
    frequency:            i16(0x0033, "Hz",    { scale: 0.1 }),
    importActiveEnergy:   i32(0x0034, "kWh",   { scale: 0.1,   absent: NONE }),
    importReactiveEnergy: i32(0x0036, "kvarh", { scale: 0.1,   absent: NONE }),
    importActiveEnergyL1: i32(0x0040, "kWh",   { scale: 0.1,   absent: NONE }),
    importActiveEnergyL2: i32(0x0042, "kWh",   { scale: 0.1,   absent: NONE }),
    importActiveEnergyL3: i32(0x0044, "kWh",   { scale: 0.1,   absent: NONE }),
    exportActiveEnergy:   i32(0x004e, "kWh",   { scale: 0.1,   absent: NONE }),
    exportReactiveEnergy: i32(0x0050, "kvarh", { scale: 0.1,   absent: NONE }),
  },
  golden: {
    source: "computed",
    question: "01 04 00 28 00 28 70 1C",
    answer:
      "01 04 50 C4 7E FF FF 3B C5 00 00 FA 74 FF FF FC 1C FC 2B 03 E8 FC 1D 00 00 01 F4 E2 40 00 01 07 " +
      "F9 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 9C 40 00 00 A9 C0 00 00 9C 40 00 00 00 " +
      "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 81 CD 00 01 74 DD",
    says: {
      activePower: -1523.4,
      apparentPower: 1530.1,
      reactivePower: -142,
      powerFactorL1: -0.996,
      powerFactorL2: -0.981,
      powerFactorL3: 1,
      powerFactor: -0.995,
      frequency: 50,
      importActiveEnergy: 12345.6,
      importReactiveEnergy: 204.1,
      importActiveEnergyL1: 4000,
      importActiveEnergyL2: 4345.6,
      importActiveEnergyL3: 4000,
      exportActiveEnergy: 9876.5,
    },
  },
  notes: [
    "It counts to 0.1 kWh: between its steps energy is interpolated from its power.",
    'In its "easy connection" mode (A, word 0x1103) everything counts as import: set it to bidirectional (B).',
  ],
});
