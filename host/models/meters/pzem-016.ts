// Peacefair PZEM-016: one phase, 100 A by transformer, RS-485. No direction.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { u16, u32 } = rowsOf({ function: 4, order: "low-first" });

export default model({
  model: "pzem-016",
  maker: "Peacefair",
  title: "PZEM-016",
  sources: [
    "Peacefair PZEM-014/016 User Manual, sections 1 and 2.1 to 2.3 (the PZEM-004T V3.0's map)",
    "Tasmota, Energy Modbus configurations, PZEM014",
  ],
  phases: 1,
  direction: "none",
  netting: null,
  bus: { speeds: [9600], parities: ["none"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 10, mayReadGaps: true, answer_ms: 200 },
  base: { kind: "fixed" },
  identity: [],
  serial: null,
  wraps_kwh: 10_000,
  resolution_wh: 1,
  // biome-ignore format: a table is read by its columns
  points: {
    voltage:           u16(0x0000, "V",  { scale: 0.1 }),
    current:           u32(0x0001, "A",  { scale: 0.001 }),
    activePower:       u32(0x0003, "W",  { scale: 0.1 }),
    totalActiveEnergy: u32(0x0005, "Wh"),
    frequency:         u16(0x0007, "Hz", { scale: 0.1 }),
    powerFactor:       u16(0x0008, "1",  { scale: 0.01 }),
  },
  golden: {
    source: "Peacefair manual, section 2.3, its example; the CRC, which it leaves open, computed",
    question: "01 04 00 00 00 0A 70 0D",
    answer: "01 04 14 08 98 03 E8 00 00 08 98 00 00 00 00 00 00 01 F4 00 64 00 00 63 CE",
    says: { voltage: 220, current: 1, activePower: 220, totalActiveEnergy: 0, frequency: 50, powerFactor: 1 },
  },
  notes: [
    "It cannot tell export: it counts whatever flows, whichever way, as if it were import.",
    "Its energy begins again at 9,999.99 kWh, and whoever can write to it can clear it.",
  ],
});
