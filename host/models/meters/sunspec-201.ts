// SunSpec model 201, single phase meter (integers), as many makers' meters have it: found by walking the device's SunSpec chain.

import { model } from "../model.js";
import { INTEGER_METER, SUNSPEC } from "../sunspec.js";

export default model({
  ...SUNSPEC,
  model: "sunspec-201",
  maker: "SunSpec",
  title: "SunSpec model 201, single phase meter (integers)",
  sources: ["SunSpec Information Model 201, JSON definition of the SunSpec Alliance (github.com/sunspec/models)"],
  phases: 1,
  direction: "both",
  netting: null,
  base: { kind: "sunspec", ids: [201] },
  resolution_wh: 1,
  points: { ...INTEGER_METER.all, ...INTEGER_METER.a },
  golden: {
    source: "computed, of a device whose chain begins at 40000 and whose common model has 66 words",
    question: "01 03 9C 98 00 25 2B AE",
    answer:
      "01 03 4A FB 2E FB 2E 80 00 80 00 00 00 04 E3 04 E3 80 00 80 00 00 00 00 CB 00 CB 80 00 80 00 00 " +
      "00 FC 26 FC 26 80 00 80 00 FF FF 00 40 3E 9D 00 40 3E 9D 00 00 00 00 00 00 00 00 00 74 CB B1 00 " +
      "74 CB B1 00 00 00 00 00 00 00 00 00 00 BE 9C",
    says: {
      activePower: -1234,
      activePowerL1: -1234,
      apparentPower: 1251,
      reactivePower: 203,
      powerFactor: -98.6,
      exportActiveEnergy: 4210333,
      exportActiveEnergyL1: 4210333,
      importActiveEnergy: 7654321,
      importActiveEnergyL1: 7654321,
    },
  },
  notes: [
    "Positive power is import; some makers (SolarEdge) say it the other way round: look at the first reading.",
    "Its power of ten for energy says how fine its counters are; 1 Wh is usual.",
  ],
});
