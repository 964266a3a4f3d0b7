// SunSpec model 211, single phase meter (floats), as many makers' meters have it: found by walking the device's SunSpec chain.

import { model } from "../model.js";
import { FLOAT_METER, SUNSPEC } from "../sunspec.js";

export default model({
  ...SUNSPEC,
  model: "sunspec-211",
  maker: "SunSpec",
  title: "SunSpec model 211, single phase meter (floats)",
  sources: ["SunSpec Information Model 211, JSON definition of the SunSpec Alliance (github.com/sunspec/models)"],
  phases: 1,
  direction: "both",
  netting: null,
  base: { kind: "sunspec", ids: [211] },
  resolution_wh: 1,
  points: { ...FLOAT_METER.all, ...FLOAT_METER.a },
  golden: {
    source: "computed, of a device whose chain begins at 40000 and whose common model has 66 words",
    question: "01 03 9C A0 00 2C 6A 65",
    answer:
      "01 03 58 42 48 14 7B C4 4B 20 00 C4 4B 20 00 7F C0 00 00 7F C0 00 00 44 4F 80 00 44 4F 80 00 7F " +
      "C0 00 00 7F C0 00 00 C3 29 80 00 C3 29 80 00 7F C0 00 00 7F C0 00 00 BF 7A 9F BE BF 7A 9F BE 7F " +
      "C0 00 00 7F C0 00 00 49 B7 25 08 7F C0 00 00 7F C0 00 00 7F C0 00 00 49 56 F2 40 9B 74",
    says: {
      frequency: 50.02,
      activePower: -812.5,
      activePowerL1: -812.5,
      apparentPower: 830,
      reactivePower: -169.5,
      powerFactor: -0.979,
      exportActiveEnergy: 1500321,
      importActiveEnergy: 880420,
    },
  },
  notes: [
    "Positive power is import; some makers (SolarEdge) say it the other way round: look at the first reading.",
    "Its energies are 32-bit floats of Wh: above 16,777 kWh they step by 2 Wh.",
  ],
});
