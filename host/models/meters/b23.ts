// ABB B23: three phases, 65 A, import and export apart (the Steel one counts import only). The B24 by transformers has the same map.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { u16, i16, u32, i32, u64, i64 } = rowsOf({ function: 3, order: "high-first" });

export default model({
  model: "b23",
  maker: "ABB",
  title: "B23",
  sources: [
    "ABB, B23/B24 User Manual 2CMC485003M0201, chapter 9 (register for register as cited by the multibus device catalogue)",
    "volkszaehler/mbmd, ABB; victronenergy/dbus-modbus-client, ABB: type designation 0x8960, serial number 0x8900",
    "ABB, A43/A44 User Manual 2CMC48001M0201 Revision C, sections 9.2 and 9.4: the same map; addresses as on the wire",
  ],
  phases: 3,
  direction: "both",
  netting: null,
  bus: {
    speeds: [19200, 9600, 38400, 57600, 115200, 4800, 2400, 1200],
    parities: ["even", "none", "odd"],
    stopBits: 1,
    address: 1,
  },
  pace: { pause_ms: 0, mostWords: 125, mayReadGaps: false, answer_ms: 500 },
  base: { kind: "fixed" },
  identity: [{ function: 3, address: 0x8960, expect: { ascii: "B23", length: 2 } }],
  serial: { function: 3, address: 0x8900, words: 2, as: "u32-high-first" },
  wraps_kwh: null,
  resolution_wh: 10,
  // biome-ignore format: a table is read by its columns
  points: {
    importActiveEnergy:   u64(0x5000, "kWh",   { scale: 0.01,  absent: "all-ones" }),
    exportActiveEnergy:   u64(0x5004, "kWh",   { scale: 0.01,  absent: "all-ones" }),
    netActiveEnergy:      i64(0x5008, "kWh",   { scale: 0.01,  absent: "most-positive" }),
    importReactiveEnergy: u64(0x500c, "kvarh", { scale: 0.01,  absent: "all-ones" }),
    exportReactiveEnergy: u64(0x5010, "kvarh", { scale: 0.01,  absent: "all-ones" }),
    importActiveEnergyL1: u64(0x5460, "kWh",   { scale: 0.01,  absent: "all-ones" }),
    importActiveEnergyL2: u64(0x5464, "kWh",   { scale: 0.01,  absent: "all-ones" }),
    importActiveEnergyL3: u64(0x5468, "kWh",   { scale: 0.01,  absent: "all-ones" }),
    exportActiveEnergyL1: u64(0x546c, "kWh",   { scale: 0.01,  absent: "all-ones" }),
    exportActiveEnergyL2: u64(0x5470, "kWh",   { scale: 0.01,  absent: "all-ones" }),
    exportActiveEnergyL3: u64(0x5474, "kWh",   { scale: 0.01,  absent: "all-ones" }),
    voltageL1:            u32(0x5b00, "V",     { scale: 0.1,   absent: "all-ones" }),
    voltageL2:            u32(0x5b02, "V",     { scale: 0.1,   absent: "all-ones" }),
    voltageL3:            u32(0x5b04, "V",     { scale: 0.1,   absent: "all-ones" }),
    voltageL1L2:          u32(0x5b06, "V",     { scale: 0.1,   absent: "all-ones" }),
    voltageL2L3:          u32(0x5b08, "V",     { scale: 0.1,   absent: "all-ones" }),
    voltageL3L1:          u32(0x5b0a, "V",     { scale: 0.1,   absent: "all-ones" }),
    currentL1:            u32(0x5b0c, "A",     { scale: 0.01,  absent: "all-ones" }),
    currentL2:            u32(0x5b0e, "A",     { scale: 0.01,  absent: "all-ones" }),
    currentL3:            u32(0x5b10, "A",     { scale: 0.01,  absent: "all-ones" }),
    currentN:             u32(0x5b12, "A",     { scale: 0.01,  absent: "all-ones" }),
    activePower:          i32(0x5b14, "W",     { scale: 0.01,  absent: "most-positive" }),
    activePowerL1:        i32(0x5b16, "W",     { scale: 0.01,  absent: "most-positive" }),
    activePowerL2:        i32(0x5b18, "W",     { scale: 0.01,  absent: "most-positive" }),
    activePowerL3:        i32(0x5b1a, "W",     { scale: 0.01,  absent: "most-positive" }),
    reactivePower:        i32(0x5b1c, "var",   { scale: 0.01,  absent: "most-positive" }),
    reactivePowerL1:      i32(0x5b1e, "var",   { scale: 0.01,  absent: "most-positive" }),
    reactivePowerL2:      i32(0x5b20, "var",   { scale: 0.01,  absent: "most-positive" }),
    reactivePowerL3:      i32(0x5b22, "var",   { scale: 0.01,  absent: "most-positive" }),
    apparentPower:        i32(0x5b24, "VA",    { scale: 0.01,  absent: "most-positive" }),
    apparentPowerL1:      i32(0x5b26, "VA",    { scale: 0.01,  absent: "most-positive" }),
    apparentPowerL2:      i32(0x5b28, "VA",    { scale: 0.01,  absent: "most-positive" }),
    apparentPowerL3:      i32(0x5b2a, "VA",    { scale: 0.01,  absent: "most-positive" }),
    frequency:            u16(0x5b2c, "Hz",    { scale: 0.01,  absent: "all-ones" }),
    powerFactor:          i16(0x5b3a, "1",     { scale: 0.001, absent: "most-positive" }),
    powerFactorL1:        i16(0x5b3b, "1",     { scale: 0.001, absent: "most-positive" }),
    powerFactorL2:        i16(0x5b3c, "1",     { scale: 0.001, absent: "most-positive" }),
    powerFactorL3:        i16(0x5b3d, "1",     { scale: 0.001, absent: "most-positive" }),
  },
  golden: {
    source: "the question of ABB's A43/A44 User Manual, section 9.2.1; its answer computed",
    question: "01 03 50 00 00 18 54 C0",
    answer:
      "01 03 30 00 00 00 00 00 12 D6 87 00 00 00 00 00 0B AD F8 00 00 00 00 00 07 28 8F 00 00 00 00 00 " +
      "00 4E 2B 00 00 00 00 00 00 0C 21 00 00 00 00 00 00 42 0A 7B 8A",
    says: {
      importActiveEnergy: 12345.67,
      exportActiveEnergy: 7654.32,
      netActiveEnergy: 4691.35,
      importReactiveEnergy: 200.11,
      exportReactiveEnergy: 31.05,
    },
  },
  notes: [
    "It counts to 0.01 kWh: between its steps energy is interpolated from its power.",
    "What it does not know it says in ones.",
    "Its speed and parity are set in its menu: those of the works are not in the sources, so look there, or let it be found.",
  ],
});
