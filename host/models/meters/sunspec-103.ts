// SunSpec model 103, three phase inverter (integers), as many makers' inverters have it: found by walking the device's SunSpec chain.

import { model } from "../model.js";
import { INTEGER_INVERTER, SUNSPEC } from "../sunspec.js";

export default model({
  ...SUNSPEC,
  model: "sunspec-103",
  maker: "SunSpec",
  title: "SunSpec model 103, three phase inverter (integers)",
  sources: ["SunSpec Information Model 103, JSON definition of the SunSpec Alliance (github.com/sunspec/models)"],
  phases: 3,
  direction: "generation",
  netting: null,
  base: { kind: "sunspec", ids: [103] },
  resolution_wh: 1,
  points: { ...INTEGER_INVERTER.all, ...INTEGER_INVERTER.a, ...INTEGER_INVERTER.b, ...INTEGER_INVERTER.c },
  golden: {
    source: "computed, of a device whose chain begins at 40000 and whose common model has 66 words",
    question: "01 03 9C 88 00 19 2A 7A",
    answer:
      "01 03 32 08 7F 02 D5 02 D4 02 D6 FF FE 0F 97 0F 95 0F 9B 09 00 08 FF 09 02 FF FF 13 94 00 00 13 " +
      "86 FF FE 13 9C 00 00 00 78 00 00 27 00 FF FE 00 23 CA CE 00 01 AD E0",
    says: {
      current: 21.75,
      currentL3: 7.26,
      voltageL1: 230.4,
      voltageL1L2: 399.1,
      activePower: 5012,
      frequency: 49.98,
      apparentPower: 5020,
      reactivePower: 120,
      powerFactor: 99.84,
      totalActiveEnergy: 23456780,
    },
  },
  notes: [
    "It counts what the inverter gave, and nothing of what it takes at night.",
    "Its power of ten for energy says how fine its counters are; 1 Wh is usual.",
  ],
});
