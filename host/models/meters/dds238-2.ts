// Hiking DDS238-2 ZN/S: one phase, 65 A, import and export apart, in two editions of one name.

import { model } from "../model.js";
import { rowsOf } from "../rows.js";

const { u16, i16, u32 } = rowsOf({ function: 3, order: "high-first" });

const FIRST = "the first edition has export and import at 0x0004 and 0x0006";

export default model({
  model: "dds238-2",
  maker: "Hiking",
  title: "DDS238-2 ZN/S",
  sources: [
    "fawno/Modbus, DDS238-2 ZN-S Modbus (the second edition)",
    "arendst/Tasmota issues 8634 and 6531, pull requests 6384 and 6542: both editions side by side, with frames",
  ],
  phases: 1,
  direction: "both",
  netting: null,
  bus: { speeds: [9600, 4800, 2400, 1200], parities: ["none"], stopBits: 1, address: 1 },
  pace: { pause_ms: 0, mostWords: 18, mayReadGaps: true, answer_ms: 200 },
  base: { kind: "fixed" },
  identity: [],
  serial: null,
  wraps_kwh: null,
  resolution_wh: 10,
  // biome-ignore format: a table is read by its columns
  points: {
    totalActiveEnergy:  u32(0x0000, "kWh", { scale: 0.01 }),
    exportActiveEnergy: u32(0x0008, "kWh", { scale: 0.01, disputed: { addresses: [0x0004], note: FIRST } }),
    importActiveEnergy: u32(0x000a, "kWh", { scale: 0.01, disputed: { addresses: [0x0006], note: FIRST } }),
    voltage:            u16(0x000c, "V",   { scale: 0.1 }),
    current:            u16(0x000d, "A",   { scale: 0.01 }),
    activePower:        i16(0x000e, "W"),
    reactivePower:      u16(0x000f, "var"),
    powerFactor:        u16(0x0010, "1",   { scale: 0.001 }),
    frequency:          u16(0x0011, "Hz",  { scale: 0.01 }),
  },
  golden: {
    source: "recorded from a DDS238-2 ZN/S of the second edition: arendst/Tasmota issue 7457; the question computed",
    question: "01 03 00 00 00 12 C5 C7",
    answer:
      "01 03 24 00 00 1C AE 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 F3 00 00 17 BB 09 78 01 ED 04 " +
      "A7 00 6F 03 E3 13 85 D2 36",
    says: {
      totalActiveEnergy: 73.42,
      exportActiveEnergy: 12.67,
      importActiveEnergy: 60.75,
      voltage: 242.4,
      current: 4.93,
      activePower: 1191,
      reactivePower: 111,
      powerFactor: 0.995,
      frequency: 49.97,
    },
  },
  notes: [
    "It counts to 0.01 kWh: between its steps energy is interpolated from its power.",
    "Its total is import + export: of the wrong edition the three do not agree at the first reading.",
    "A meter that has counted nothing yet does not show its edition: that is settled after its first 0.1 kWh.",
    "Whoever writes 0 to its total clears all its counters.",
  ],
});
