// SunSpec model 203, three phase meter (integers), as many makers' meters have it: found by walking the device's SunSpec chain.

import { model } from "../model.js";
import { INTEGER_METER, SUNSPEC } from "../sunspec.js";

export default model({
  ...SUNSPEC,
  model: "sunspec-203",
  maker: "SunSpec",
  title: "SunSpec model 203, three phase meter (integers)",
  sources: ["SunSpec Information Model 203, JSON definition of the SunSpec Alliance (github.com/sunspec/models)"],
  phases: 3,
  direction: "both",
  netting: null,
  base: { kind: "sunspec", ids: [203] },
  resolution_wh: 1,
  points: { ...INTEGER_METER.all, ...INTEGER_METER.a, ...INTEGER_METER.b, ...INTEGER_METER.c },
  golden: {
    source: "computed, of a device whose chain begins at 40000 and whose common model has 66 words",
    question: "01 03 9C 98 00 25 2B AE",
    answer:
      "01 03 4A F7 9A FC 7C 01 90 F9 8E 00 00 08 98 03 98 01 9A 06 7C 00 00 00 96 00 3C FF EC 00 6E 00 " +
      "00 FC 2F FC 2E 03 D0 FC 1E FF FF 00 96 B4 3F 00 3D 09 00 00 0F 42 40 00 4A 68 FF 00 34 BF 15 00 " +
      "0F 42 40 00 1E 84 80 00 06 F8 55 00 00 E5 FE",
    says: {
      activePower: -2150,
      activePowerL1: -900,
      activePowerL2: 400,
      activePowerL3: -1650,
      apparentPower: 2200,
      reactivePower: 150,
      powerFactor: -97.7,
      exportActiveEnergy: 9876543,
      importActiveEnergy: 3456789,
      importActiveEnergyL3: 456789,
    },
  },
  notes: [
    "Positive power is import; some makers (SolarEdge) say it the other way round: look at the first reading.",
    "Its power of ten for energy says how fine its counters are; 1 Wh is usual.",
  ],
});
