// SunSpec model 213, three phase meter (floats), as many makers' meters have it: found by walking the device's SunSpec chain.

import { model } from "../model.js";
import { FLOAT_METER, SUNSPEC } from "../sunspec.js";

export default model({
  ...SUNSPEC,
  model: "sunspec-213",
  maker: "SunSpec",
  title: "SunSpec model 213, three phase meter (floats)",
  sources: ["SunSpec Information Model 213, JSON definition of the SunSpec Alliance (github.com/sunspec/models)"],
  phases: 3,
  direction: "both",
  netting: null,
  base: { kind: "sunspec", ids: [213] },
  resolution_wh: 1,
  points: { ...FLOAT_METER.all, ...FLOAT_METER.a, ...FLOAT_METER.b, ...FLOAT_METER.c },
  golden: {
    source: "computed, of a device whose chain begins at 40000 and whose common model has 66 words",
    question: "01 03 9C A2 00 30 CA 6C",
    answer:
      "01 03 60 44 BB 88 00 44 16 00 00 C3 7A 80 00 44 8F D8 00 7F C0 00 00 7F C0 00 00 7F C0 00 00 7F " +
      "C0 00 00 7F C0 00 00 7F C0 00 00 7F C0 00 00 7F C0 00 00 7F C0 00 00 7F C0 00 00 7F C0 00 00 7F " +
      "C0 00 00 4A 0F 2B 38 49 43 50 00 49 36 0C E0 49 43 50 00 4B 0B 36 80 4A 37 1B 00 4A 3E A4 00 4A " +
      "37 1B 00 FA A9",
    says: {
      activePower: 1500.25,
      activePowerL1: 600,
      activePowerL2: -250.5,
      activePowerL3: 1150.75,
      exportActiveEnergy: 2345678,
      importActiveEnergy: 9123456,
      importActiveEnergyL2: 3123456,
    },
  },
  notes: [
    "Positive power is import; some makers (SolarEdge) say it the other way round: look at the first reading.",
    "Its energies are 32-bit floats of Wh: above 16,777 kWh they step by 2 Wh.",
  ],
});
