// SunSpec model 113, three phase inverter (floats), as many makers' inverters have it: found by walking the device's SunSpec chain.

import { model } from "../model.js";
import { FLOAT_INVERTER, SUNSPEC } from "../sunspec.js";

export default model({
  ...SUNSPEC,
  model: "sunspec-113",
  maker: "SunSpec",
  title: "SunSpec model 113, three phase inverter (floats)",
  sources: ["SunSpec Information Model 113, JSON definition of the SunSpec Alliance (github.com/sunspec/models)"],
  phases: 3,
  direction: "generation",
  netting: null,
  base: { kind: "sunspec", ids: [113] },
  resolution_wh: 1,
  points: { ...FLOAT_INVERTER.all, ...FLOAT_INVERTER.a, ...FLOAT_INVERTER.b, ...FLOAT_INVERTER.c },
  golden: {
    source: "computed, of a device whose chain begins at 40000 and whose common model has 66 words",
    question: "01 03 9C 88 00 20 EA 68",
    answer:
      "01 03 40 41 AE 00 00 40 E8 00 00 40 E7 AE 14 40 E8 51 EC 43 C7 8C CD 43 C7 73 33 43 C7 C0 00 43 " +
      "66 66 66 43 66 4C CD 43 66 99 9A 45 9C A4 00 42 47 EB 85 45 9C E0 00 42 F0 80 00 42 C7 B3 33 4B " +
      "80 00 00 B3 EC",
    says: {
      current: 21.75,
      currentL3: 7.26,
      voltageL1: 230.4,
      voltageL1L2: 399.1,
      activePower: 5012.5,
      frequency: 49.98,
      apparentPower: 5020,
      reactivePower: 120.25,
      powerFactor: 99.85,
      totalActiveEnergy: 16777216,
    },
  },
  notes: [
    "It counts what the inverter gave, and nothing of what it takes at night.",
    "Its energies are 32-bit floats of Wh: above 16,777 kWh they step by 2 Wh.",
  ],
});
