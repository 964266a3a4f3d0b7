// SunSpec model 111, single phase inverter (floats), as many makers' inverters have it: found by walking the device's SunSpec chain.

import { model } from "../model.js";
import { FLOAT_INVERTER, SUNSPEC } from "../sunspec.js";

export default model({
  ...SUNSPEC,
  model: "sunspec-111",
  maker: "SunSpec",
  title: "SunSpec model 111, single phase inverter (floats)",
  sources: ["SunSpec Information Model 111, JSON definition of the SunSpec Alliance (github.com/sunspec/models)"],
  phases: 1,
  direction: "generation",
  netting: null,
  base: { kind: "sunspec", ids: [111] },
  resolution_wh: 1,
  points: { ...FLOAT_INVERTER.all, ...FLOAT_INVERTER.a },
  golden: {
    source: "computed, of a device whose chain begins at 40000 and whose common model has 66 words",
    question: "01 03 9C 88 00 20 EA 68",
    answer:
      "01 03 40 40 D0 A3 D7 40 D0 A3 D7 7F C0 00 00 7F C0 00 00 7F C0 00 00 7F C0 00 00 7F C0 00 00 43 " +
      "66 19 9A 7F C0 00 00 7F C0 00 00 44 BB 50 00 42 47 F5 C3 44 BB A0 00 C2 AF 00 00 42 C7 99 9A 4B " +
      "05 BF F8 70 81",
    says: {
      current: 6.52,
      currentL1: 6.52,
      voltageL1: 230.1,
      activePower: 1498.5,
      frequency: 49.99,
      apparentPower: 1501,
      reactivePower: -87.5,
      powerFactor: 99.8,
      totalActiveEnergy: 8765432,
    },
  },
  notes: [
    "It counts what the inverter gave, and nothing of what it takes at night.",
    "Its energies are 32-bit floats of Wh: above 16,777 kWh they step by 2 Wh.",
  ],
});
