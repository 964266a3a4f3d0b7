// Carlo Gavazzi EM24-DIN with RS-485: three phases, 65 A. Not the Ethernet one (EM24 E1), whose map is the EM340's.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { i16, i32 } = rowsOf({ function: 3, order: "low-first" });

const PARTIAL = { addresses: [0x0042], note: "0x0042 may be the partial counter, which can be cleared" } as const;
const REFUSED = { addresses: [], note: "some refuse it with exception 2: without it there is no export" } as const;

const OTHER = "only of its application H (7) is it known that it tells export from import";

export default model({
  model: "em24",
  maker: "Carlo Gavazzi",
  title: "EM24-DIN (RS-485)",
  sources: [
    "victronenergy/dbus-cgwacs, EM24 commands, and OpenEMS, EM24-DIN: they agree on 0x003E and 0x005C",
    "volkszaehler/mbmd, CGEM24: 0x0042",
    "Application 0x1101: Carlo Gavazzi, EM24-DIN PFA, PFB and X models Communication Protocol, table 2.9-2; dbus-cgwacs",
    "At most 11 words a read: of the maker's EM24-DIN Communication Protocol, Version 4 Revision 0, as cited by nobrega8/mbmap-library",
  ],
  phases: 3,
  direction: "both",
  netting: null,
  bus: { speeds: [9600, 19200, 4800, 38400], parities: ["none"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 11, mayReadGaps: true, answer_ms: 500 },
  base: { kind: "fixed" },
  identity: [{ function: 3, address: 0x000b, expect: { words: [[71], [72], [73]] } }],
  settings: [{ function: 3, address: 0x1101, is: [7], otherwise: OTHER }],
  serial: { function: 3, address: 0x1300, words: 7, as: "ascii" },
  wraps_kwh: null,
  resolution_wh: 100,
  // biome-ignore format: a table is read by its columns
  points: {
    voltageL1:            i32(0x0000, "V",   { scale: 0.1 }),
    voltageL2:            i32(0x0002, "V",   { scale: 0.1 }),
    voltageL3:            i32(0x0004, "V",   { scale: 0.1 }),
    currentL1:            i32(0x000c, "A",   { scale: 0.001 }),
    currentL2:            i32(0x000e, "A",   { scale: 0.001 }),
    currentL3:            i32(0x0010, "A",   { scale: 0.001 }),
    activePowerL1:        i32(0x0012, "W",   { scale: 0.1 }),
    activePowerL2:        i32(0x0014, "W",   { scale: 0.1 }),
    activePowerL3:        i32(0x0016, "W",   { scale: 0.1 }),
    apparentPowerL1:      i32(0x0018, "VA",  { scale: 0.1 }),
    apparentPowerL2:      i32(0x001a, "VA",  { scale: 0.1 }),
    apparentPowerL3:      i32(0x001c, "VA",  { scale: 0.1 }),
    reactivePowerL1:      i32(0x001e, "var", { scale: 0.1 }),
    reactivePowerL2:      i32(0x0020, "var", { scale: 0.1 }),
    reactivePowerL3:      i32(0x0022, "var", { scale: 0.1 }),
    voltage:              i32(0x0024, "V",   { scale: 0.1 }),
    activePower:          i32(0x0028, "W",   { scale: 0.1 }),
    apparentPower:        i32(0x002a, "VA",  { scale: 0.1 }),
    reactivePower:        i32(0x002c, "var", { scale: 0.1 }),
    powerFactorL1:        i16(0x0032, "1",   { scale: 0.001 }),
    powerFactorL2:        i16(0x0033, "1",   { scale: 0.001 }),
    powerFactorL3:        i16(0x0034, "1",   { scale: 0.001 }),
    powerFactor:          i16(0x0035, "1",   { scale: 0.001 }),
    frequency:            i16(0x0037, "Hz",  { scale: 0.1 }),
    importActiveEnergy:   i32(0x003e, "kWh", { scale: 0.1, disputed: PARTIAL }),
    importActiveEnergyL1: i32(0x0046, "kWh", { scale: 0.1 }),
    importActiveEnergyL2: i32(0x0048, "kWh", { scale: 0.1 }),
    importActiveEnergyL3: i32(0x004a, "kWh", { scale: 0.1 }),
    exportActiveEnergy:   i32(0x005c, "kWh", { scale: 0.1, disputed: REFUSED }),
  },
  golden: {
    source: "recorded between a PowerRouter and its EM24-DIN, in the notes of its owner (RS485 Communication)",
    question: "01 03 00 0C 00 0A 05 CE",
    answer: "01 03 14 01 C9 00 00 02 33 00 00 04 D5 00 00 01 42 00 00 04 85 00 00 74 9F",
    says: { currentL1: 0.457, currentL2: 0.563, currentL3: 1.237, activePowerL1: 32.2, activePowerL2: 115.7 },
  },
  notes: [
    "It counts to 0.1 kWh: between its steps energy is interpolated from its power.",
    "Only in its application H does it show negative power and count export; an EM24 that refuses 0x005C counts none.",
  ],
});
