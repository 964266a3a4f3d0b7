// Orno OR-WE-514: one phase, 50 A. No direction. The OR-WE-515 with tariffs has the same map.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { u16, i16, u32, i32 } = rowsOf({ function: 3, order: "high-first" });

export default model({
  model: "or-we-514",
  maker: "Orno",
  title: "OR-WE-514",
  sources: [
    "Orno, Register description OR-WE-514 & OR-WE-515",
    "volkszaehler/mbmd, ORNO1p, and frames in its issue 155",
  ],
  phases: 1,
  direction: "none",
  netting: null,
  bus: { speeds: [9600, 4800, 2400, 1200], parities: ["none", "even", "odd"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 60, mayReadGaps: true, answer_ms: 500 },
  base: { kind: "fixed" },
  identity: [],
  serial: null,
  wraps_kwh: 1_000_000,
  resolution_wh: 10,
  // biome-ignore format: a table is read by its columns
  points: {
    frequency:           u16(0x0130, "Hz",    { scale: 0.01 }),
    voltage:             u16(0x0131, "V",     { scale: 0.01 }),
    current:             u32(0x0139, "A",     { scale: 0.001 }),
    activePower:         i32(0x0140, "W"),
    reactivePower:       i32(0x0148, "var"),
    apparentPower:       i32(0x0150, "VA"),
    powerFactor:         i16(0x0158, "1",     { scale: 0.001 }),
    totalActiveEnergy:   u32(0xa000, "kWh",   { scale: 0.01 }),
    totalReactiveEnergy: u32(0xa01e, "kvarh", { scale: 0.01 }),
  },
  golden: {
    source: "recorded from an OR-WE-514: volkszaehler/mbmd issue 155",
    question: "01 03 A0 00 00 02 E6 0B",
    answer: "01 03 04 00 03 05 30 09 77",
    says: { totalActiveEnergy: 1979.36 },
  },
  notes: [
    "It cannot tell export: it counts whatever flows, whichever way.",
    "It counts to 0.01 kWh, up to 999,999.99: between its steps energy is interpolated from its power.",
  ],
});
