// Carlo Gavazzi EM111: one phase, 45 A, import and export apart.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { i16, i32 } = rowsOf({ function: 4, order: "low-first" });

/** Beyond its range it says 7FFF FFFF. */
const NONE = "most-positive";
const EASY = 'in its "easy connection" mode (A) everything counts as import';

export default model({
  model: "em111",
  maker: "Carlo Gavazzi",
  title: "EM111-DIN",
  sources: [
    "Carlo Gavazzi, EM100 and ET100 Series Communication Protocol, Version 2 Revision 6, sections 1.2.1, 1.3.2 and 2.1 to 2.7",
    "Measurement mode 0x1103, 1 is bidirectional: victronenergy/dbus-cgwacs, EM1xx and EM3xx",
  ],
  phases: 1,
  direction: "both",
  netting: null,
  bus: { speeds: [9600, 19200, 38400, 57600, 115200], parities: ["none", "even"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 50, mayReadGaps: true, answer_ms: 500 },
  base: { kind: "fixed" },
  identity: [{ function: 4, address: 0x000b, expect: { words: [[101], [103]] } }],
  settings: [{ function: 4, address: 0x1103, is: [1], otherwise: EASY }],
  serial: { function: 4, address: 0x5000, words: 7, as: "ascii" },
  wraps_kwh: null,
  resolution_wh: 100,
  // biome-ignore format: a table is read by its columns
  points: {
    voltage:              i32(0x0000, "V",     { scale: 0.1,   absent: NONE }),
    current:              i32(0x0002, "A",     { scale: 0.001, absent: NONE }),
    activePower:          i32(0x0004, "W",     { scale: 0.1,   absent: NONE }),
    apparentPower:        i32(0x0006, "VA",    { scale: 0.1,   absent: NONE }),
    reactivePower:        i32(0x0008, "var",   { scale: 0.1,   absent: NONE }),
    powerFactor:          i16(0x000e, "1",     { scale: 0.001 }),
    frequency:            i16(0x000f, "Hz",    { scale: 0.1 }),
    importActiveEnergy:   i32(0x0010, "kWh",   { scale: 0.1,   absent: NONE }),
    importReactiveEnergy: i32(0x0012, "kvarh", { scale: 0.1,   absent: NONE }),
    exportActiveEnergy:   i32(0x0020, "kWh",   { scale: 0.1,   absent: NONE }),
    exportReactiveEnergy: i32(0x0022, "kvarh", { scale: 0.1,   absent: NONE }),
  },
  golden: {
    source: "computed",
    question: "01 04 00 00 00 24 F0 11",
    answer:
      "01 04 48 09 00 00 00 DE 5E FF FF B2 83 FF FF 4D 82 00 00 FE 43 FF FF 00 00 00 00 00 00 00 00 FC " +
      "19 01 F4 C8 22 00 00 01 37 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 " +
      "00 00 00 53 D9 00 01 00 78 00 00 04 40",
    says: {
      voltage: 230.4,
      current: -8.61,
      activePower: -1983.7,
      apparentPower: 1984.2,
      reactivePower: -44.5,
      powerFactor: -0.999,
      frequency: 50,
      importActiveEnergy: 5123.4,
      importReactiveEnergy: 31.1,
      exportActiveEnergy: 8700.1,
      exportReactiveEnergy: 12,
    },
  },
  notes: [
    "It counts to 0.1 kWh: between its steps energy is interpolated from its power.",
    'In its "easy connection" mode (A, word 0x1103) everything counts as import: set it to bidirectional (B).',
  ],
});
