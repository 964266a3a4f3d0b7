// SunSpec model 101, single phase inverter (integers), as many makers' inverters have it: found by walking the device's SunSpec chain.

import { model } from "../model.js";
import { INTEGER_INVERTER, SUNSPEC } from "../sunspec.js";

export default model({
  ...SUNSPEC,
  model: "sunspec-101",
  maker: "SunSpec",
  title: "SunSpec model 101, single phase inverter (integers)",
  sources: ["SunSpec Information Model 101, JSON definition of the SunSpec Alliance (github.com/sunspec/models)"],
  phases: 1,
  direction: "generation",
  netting: null,
  base: { kind: "sunspec", ids: [101] },
  resolution_wh: 1,
  points: { ...INTEGER_INVERTER.all, ...INTEGER_INVERTER.a },
  golden: {
    source: "computed, of a device whose chain begins at 40000 and whose common model has 66 words",
    question: "01 03 9C 88 00 19 2A 7A",
    answer:
      "01 03 32 05 18 05 18 FF FF FF FF FF FE FF FF FF FF FF FF 09 01 FF FF FF FF FF FF 0B B6 00 00 13 " +
      "89 FF FE 0B BE 00 00 FF 29 00 00 D9 0A FF FE 00 BC 61 4E 00 00 09 4A",
    says: {
      current: 13.04,
      currentL1: 13.04,
      voltageL1: 230.5,
      activePower: 2998,
      frequency: 50.01,
      apparentPower: 3006,
      reactivePower: -215,
      powerFactor: -99.74,
      totalActiveEnergy: 12345678,
    },
  },
  notes: [
    "It counts what the inverter gave, and nothing of what it takes at night.",
    "Its power of ten for energy says how fine its counters are; 1 Wh is usual.",
  ],
});
