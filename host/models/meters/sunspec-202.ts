// SunSpec model 202, split phase meter (integers), as many makers' meters have it: found by walking the device's SunSpec chain.

import { model } from "../model.js";
import { INTEGER_METER, SUNSPEC } from "../sunspec.js";

export default model({
  ...SUNSPEC,
  model: "sunspec-202",
  maker: "SunSpec",
  title: "SunSpec model 202, split phase meter (integers)",
  sources: ["SunSpec Information Model 202, JSON definition of the SunSpec Alliance (github.com/sunspec/models)"],
  phases: 2,
  direction: "both",
  netting: null,
  base: { kind: "sunspec", ids: [202] },
  resolution_wh: 1,
  points: { ...INTEGER_METER.all, ...INTEGER_METER.a, ...INTEGER_METER.b },
  golden: {
    source: "computed, of a device whose chain begins at 40000 and whose common model has 66 words",
    question: "01 03 9C 88 00 35 2B A7",
    answer:
      "01 03 6A 03 2C 01 95 01 97 80 00 FF FE 04 B5 04 B3 04 B7 80 00 09 6A 09 6A 80 00 80 00 FF FF 17 " +
      "6E FF FE 03 CA 01 E2 01 E8 80 00 00 00 03 D2 01 E7 01 EB 80 00 00 00 FF 88 FF BA FF CE 80 00 00 " +
      "00 26 BE 26 A9 26 D2 80 00 FF FE 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 E2 40 00 " +
      "00 EE 48 00 00 F3 F8 00 00 00 00 00 01 44 43",
    says: {
      current: 8.12,
      currentL2: 4.07,
      voltage: 120.5,
      voltageL1: 120.3,
      voltageL1L2: 241,
      frequency: 59.98,
      activePower: 970,
      activePowerL2: 488,
      apparentPower: 978,
      reactivePower: -120,
      powerFactor: 99.18,
      exportActiveEnergy: 0,
      importActiveEnergy: 1234560,
      importActiveEnergyL1: 610000,
    },
  },
  notes: [
    "Positive power is import; some makers (SolarEdge) say it the other way round: look at the first reading.",
    "Its power of ten for energy says how fine its counters are; 1 Wh is usual.",
  ],
});
