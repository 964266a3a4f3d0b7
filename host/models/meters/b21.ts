// ABB B21: one phase, 65 A, import and export apart (the Steel one counts import only).

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { u16, i16, u32, i32, u64, i64 } = rowsOf({ function: 3, order: "high-first" });

export default model({
  model: "b21",
  maker: "ABB",
  title: "B21",
  sources: [
    "ABB, B23/B24 User Manual 2CMC485003M0201, chapter 9 (register for register as cited by the multibus device catalogue)",
    "volkszaehler/mbmd, ABB; victronenergy/dbus-modbus-client, ABB: type designation 0x8960, serial number 0x8900",
    "ABB, A43/A44 User Manual 2CMC48001M0201 Revision C, sections 9.2 and 9.4: the same map; addresses as on the wire",
  ],
  phases: 1,
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
  identity: [{ function: 3, address: 0x8960, expect: { ascii: "B21", length: 2 } }],
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
    voltage:              u32(0x5b00, "V",     { scale: 0.1,   absent: "all-ones" }),
    current:              u32(0x5b0c, "A",     { scale: 0.01,  absent: "all-ones" }),
    activePower:          i32(0x5b14, "W",     { scale: 0.01,  absent: "most-positive" }),
    reactivePower:        i32(0x5b1c, "var",   { scale: 0.01,  absent: "most-positive" }),
    apparentPower:        i32(0x5b24, "VA",    { scale: 0.01,  absent: "most-positive" }),
    frequency:            u16(0x5b2c, "Hz",    { scale: 0.01,  absent: "all-ones" }),
    powerFactor:          i16(0x5b3a, "1",     { scale: 0.001, absent: "most-positive" }),
  },
  golden: {
    source: "the question of ABB's A43/A44 User Manual, section 9.2.1; its answer computed",
    question: "01 03 50 00 00 18 54 C0",
    answer:
      "01 03 30 00 00 00 00 00 01 57 EA 00 00 00 00 00 16 E4 A1 FF FF FF FF FF EA 73 49 00 00 00 00 00 " +
      "00 01 FF 00 00 00 00 00 00 00 28 00 00 00 00 00 00 01 D7 FD 00",
    says: {
      importActiveEnergy: 880.42,
      exportActiveEnergy: 15003.21,
      netActiveEnergy: -14122.79,
      importReactiveEnergy: 5.11,
      exportReactiveEnergy: 0.4,
    },
  },
  notes: [
    "It counts to 0.01 kWh: between its steps energy is interpolated from its power.",
    "What it does not know it says in ones.",
    "Its speed and parity are set in its menu: those of the works are not in the sources, so look there, or let it be found.",
  ],
});
