// The rows of SunSpec's meters and inverters, of which every model of a family has some. Addresses count from the model's id word.
// SunSpec Information Models 101 to 113 and 201 to 213, JSON definitions of the SunSpec Alliance (github.com/sunspec/models).

import { rowsOf } from "./rows.js";

/** Where the id word stands in most devices: "SunS" at 40000, then the common model of 66 words. Golden frames are of such a device. */
export const USUAL_ID_ADDRESS = 40_070;

/** What every SunSpec device has in common; its serial number is read while the chain is walked. */
export const SUNSPEC = {
  bus: { speeds: [9600, 19200, 38400, 57600, 115200], parities: ["none", "even"], stopBits: 1, address: 1, tcpUnit: 1 },
  pace: { pause_ms: 0, mostWords: 125, mayReadGaps: true, answer_ms: 1000 },
  identity: [],
  serial: null,
  wraps_kwh: null,
} as const;

const { i16, u16, u32, f32 } = rowsOf({ function: 3, order: "high-first" });

const tenTo = (at: number) => ({ scale: { exponentAt: at } });
const signed = (at: number) => ({ ...tenTo(at), absent: "most-negative" }) as const;
const unsigned = (at: number) => ({ ...tenTo(at), absent: "all-ones" }) as const;
/** An accumulator that a device need not have says 0. */
const optional = (at: number) => ({ ...tenTo(at), absent: "zero" }) as const;

/** Models 201..204: integers, with powers of ten. Positive is import. */
// biome-ignore format: a table is read by its columns
export const INTEGER_METER = {
  all: {
    current:              i16( 2, "A",    signed(6)),
    voltage:              i16( 7, "V",    signed(15)),
    frequency:            i16(16, "Hz",   signed(17)),
    activePower:          i16(18, "W",    signed(22)),
    apparentPower:        i16(23, "VA",   signed(27)),
    reactivePower:        i16(28, "var",  signed(32)),
    powerFactor:          i16(33, "%",    signed(37)),
    exportActiveEnergy:   u32(38, "Wh",   tenTo(54)),
    importActiveEnergy:   u32(46, "Wh",   tenTo(54)),
    exportApparentEnergy: u32(55, "VAh",  optional(71)),
    importApparentEnergy: u32(63, "VAh",  optional(71)),
    reactiveEnergyQ1:     u32(72, "varh", optional(104)),
    reactiveEnergyQ2:     u32(80, "varh", optional(104)),
    reactiveEnergyQ3:     u32(88, "varh", optional(104)),
    reactiveEnergyQ4:     u32(96, "varh", optional(104)),
  },
  a: {
    currentL1:            i16( 3, "A",    signed(6)),
    voltageL1:            i16( 8, "V",    signed(15)),
    activePowerL1:        i16(19, "W",    signed(22)),
    apparentPowerL1:      i16(24, "VA",   signed(27)),
    reactivePowerL1:      i16(29, "var",  signed(32)),
    powerFactorL1:        i16(34, "%",    signed(37)),
    exportActiveEnergyL1: u32(40, "Wh",   optional(54)),
    importActiveEnergyL1: u32(48, "Wh",   optional(54)),
  },
  b: {
    currentL2:            i16( 4, "A",    signed(6)),
    voltageL2:            i16( 9, "V",    signed(15)),
    voltageL1L2:          i16(12, "V",    signed(15)),
    activePowerL2:        i16(20, "W",    signed(22)),
    apparentPowerL2:      i16(25, "VA",   signed(27)),
    reactivePowerL2:      i16(30, "var",  signed(32)),
    powerFactorL2:        i16(35, "%",    signed(37)),
    exportActiveEnergyL2: u32(42, "Wh",   optional(54)),
    importActiveEnergyL2: u32(50, "Wh",   optional(54)),
  },
  c: {
    currentL3:            i16( 5, "A",    signed(6)),
    voltageL3:            i16(10, "V",    signed(15)),
    voltageL2L3:          i16(13, "V",    signed(15)),
    voltageL3L1:          i16(14, "V",    signed(15)),
    activePowerL3:        i16(21, "W",    signed(22)),
    apparentPowerL3:      i16(26, "VA",   signed(27)),
    reactivePowerL3:      i16(31, "var",  signed(32)),
    powerFactorL3:        i16(36, "%",    signed(37)),
    exportActiveEnergyL3: u32(44, "Wh",   optional(54)),
    importActiveEnergyL3: u32(52, "Wh",   optional(54)),
  },
} as const;

/** Models 211..214: floats. Not a number: not known. */
// biome-ignore format: a table is read by its columns
export const FLOAT_METER = {
  all: {
    current:              f32(  2, "A"),
    voltage:              f32( 10, "V"),
    frequency:            f32( 26, "Hz"),
    activePower:          f32( 28, "W"),
    apparentPower:        f32( 36, "VA"),
    reactivePower:        f32( 44, "var"),
    powerFactor:          f32( 52, "1"),
    exportActiveEnergy:   f32( 60, "Wh"),
    importActiveEnergy:   f32( 68, "Wh"),
    exportApparentEnergy: f32( 76, "VAh"),
    importApparentEnergy: f32( 84, "VAh"),
    reactiveEnergyQ1:     f32( 92, "varh"),
    reactiveEnergyQ2:     f32(100, "varh"),
    reactiveEnergyQ3:     f32(108, "varh"),
    reactiveEnergyQ4:     f32(116, "varh"),
  },
  a: {
    currentL1:            f32(  4, "A"),
    voltageL1:            f32( 12, "V"),
    activePowerL1:        f32( 30, "W"),
    apparentPowerL1:      f32( 38, "VA"),
    reactivePowerL1:      f32( 46, "var"),
    powerFactorL1:        f32( 54, "1"),
    exportActiveEnergyL1: f32( 62, "Wh"),
    importActiveEnergyL1: f32( 70, "Wh"),
  },
  b: {
    currentL2:            f32(  6, "A"),
    voltageL2:            f32( 14, "V"),
    voltageL1L2:          f32( 20, "V"),
    activePowerL2:        f32( 32, "W"),
    apparentPowerL2:      f32( 40, "VA"),
    reactivePowerL2:      f32( 48, "var"),
    powerFactorL2:        f32( 56, "1"),
    exportActiveEnergyL2: f32( 64, "Wh"),
    importActiveEnergyL2: f32( 72, "Wh"),
  },
  c: {
    currentL3:            f32(  8, "A"),
    voltageL3:            f32( 16, "V"),
    voltageL2L3:          f32( 22, "V"),
    voltageL3L1:          f32( 24, "V"),
    activePowerL3:        f32( 34, "W"),
    apparentPowerL3:      f32( 42, "VA"),
    reactivePowerL3:      f32( 50, "var"),
    powerFactorL3:        f32( 58, "1"),
    exportActiveEnergyL3: f32( 66, "Wh"),
    importActiveEnergyL3: f32( 74, "Wh"),
  },
} as const;

/** Models 101..103: integers, with powers of ten. Positive is what the inverter gives. */
// biome-ignore format: a table is read by its columns
export const INTEGER_INVERTER = {
  all: {
    current:           u16( 2, "A",   unsigned(6)),
    activePower:       i16(14, "W",   signed(15)),
    frequency:         u16(16, "Hz",  unsigned(17)),
    apparentPower:     i16(18, "VA",  signed(19)),
    reactivePower:     i16(20, "var", signed(21)),
    powerFactor:       i16(22, "%",   signed(23)),
    totalActiveEnergy: u32(24, "Wh",  tenTo(26)),
  },
  a: {
    currentL1:         u16( 3, "A",   unsigned(6)),
    voltageL1:         u16(10, "V",   unsigned(13)),
  },
  b: {
    currentL2:         u16( 4, "A",   unsigned(6)),
    voltageL2:         u16(11, "V",   unsigned(13)),
    voltageL1L2:       u16( 7, "V",   unsigned(13)),
  },
  c: {
    currentL3:         u16( 5, "A",   unsigned(6)),
    voltageL3:         u16(12, "V",   unsigned(13)),
    voltageL2L3:       u16( 8, "V",   unsigned(13)),
    voltageL3L1:       u16( 9, "V",   unsigned(13)),
  },
} as const;

/** Models 111..113: floats. */
// biome-ignore format: a table is read by its columns
export const FLOAT_INVERTER = {
  all: {
    current:           f32( 2, "A"),
    activePower:       f32(22, "W"),
    frequency:         f32(24, "Hz"),
    apparentPower:     f32(26, "VA"),
    reactivePower:     f32(28, "var"),
    powerFactor:       f32(30, "%"),
    totalActiveEnergy: f32(32, "Wh"),
  },
  a: {
    currentL1:         f32( 4, "A"),
    voltageL1:         f32(16, "V"),
  },
  b: {
    currentL2:         f32( 6, "A"),
    voltageL2:         f32(18, "V"),
    voltageL1L2:       f32(10, "V"),
  },
  c: {
    currentL3:         f32( 8, "A"),
    voltageL3:         f32(20, "V"),
    voltageL2L3:       f32(12, "V"),
    voltageL3L1:       f32(14, "V"),
  },
} as const;
