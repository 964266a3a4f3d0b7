// What a meter may say, each by its standard name, and the units in which a table may write it. Positive power is import.

/** Milli-units (mWh, mW, mV ...) of one of each unit. */
export const UNITS = {
  Wh: { of: "energy", milli: 1e3 },
  kWh: { of: "energy", milli: 1e6 },
  MWh: { of: "energy", milli: 1e9 },
  varh: { of: "reactiveEnergy", milli: 1e3 },
  kvarh: { of: "reactiveEnergy", milli: 1e6 },
  VAh: { of: "apparentEnergy", milli: 1e3 },
  kVAh: { of: "apparentEnergy", milli: 1e6 },
  W: { of: "power", milli: 1e3 },
  kW: { of: "power", milli: 1e6 },
  var: { of: "reactivePower", milli: 1e3 },
  kvar: { of: "reactivePower", milli: 1e6 },
  VA: { of: "apparentPower", milli: 1e3 },
  kVA: { of: "apparentPower", milli: 1e6 },
  mV: { of: "voltage", milli: 1 },
  V: { of: "voltage", milli: 1e3 },
  mA: { of: "current", milli: 1 },
  A: { of: "current", milli: 1e3 },
  Hz: { of: "frequency", milli: 1e3 },
  "1": { of: "ratio", milli: 1e3 },
  "%": { of: "ratio", milli: 10 },
  degree: { of: "angle", milli: 1e3 },
} as const;

export type Unit = keyof typeof UNITS;
type Kind = (typeof UNITS)[Unit]["of"];

export const QUANTITIES = {
  /** Of all phases, since the meter was made. `net` is import less export; `total`, both together, is booked where there is no other. */
  importActiveEnergy: "energy",
  exportActiveEnergy: "energy",
  totalActiveEnergy: "energy",
  netActiveEnergy: "energy",
  importActiveEnergyL1: "energy",
  importActiveEnergyL2: "energy",
  importActiveEnergyL3: "energy",
  exportActiveEnergyL1: "energy",
  exportActiveEnergyL2: "energy",
  exportActiveEnergyL3: "energy",
  totalActiveEnergyL1: "energy",
  totalActiveEnergyL2: "energy",
  totalActiveEnergyL3: "energy",
  importReactiveEnergy: "reactiveEnergy",
  exportReactiveEnergy: "reactiveEnergy",
  totalReactiveEnergy: "reactiveEnergy",
  importReactiveEnergyL1: "reactiveEnergy",
  importReactiveEnergyL2: "reactiveEnergy",
  importReactiveEnergyL3: "reactiveEnergy",
  exportReactiveEnergyL1: "reactiveEnergy",
  exportReactiveEnergyL2: "reactiveEnergy",
  exportReactiveEnergyL3: "reactiveEnergy",
  totalReactiveEnergyL1: "reactiveEnergy",
  totalReactiveEnergyL2: "reactiveEnergy",
  totalReactiveEnergyL3: "reactiveEnergy",
  /** By quadrant: import is the first and the second, export the third and the fourth. */
  reactiveEnergyQ1: "reactiveEnergy",
  reactiveEnergyQ2: "reactiveEnergy",
  reactiveEnergyQ3: "reactiveEnergy",
  reactiveEnergyQ4: "reactiveEnergy",
  apparentEnergy: "apparentEnergy",
  importApparentEnergy: "apparentEnergy",
  exportApparentEnergy: "apparentEnergy",
  /** Of all phases; where a meter tells the importing phases and the exporting ones apart, both positive, it is their difference. */
  activePower: "power",
  importActivePower: "power",
  exportActivePower: "power",
  activePowerL1: "power",
  activePowerL2: "power",
  activePowerL3: "power",
  reactivePower: "reactivePower",
  reactivePowerL1: "reactivePower",
  reactivePowerL2: "reactivePower",
  reactivePowerL3: "reactivePower",
  apparentPower: "apparentPower",
  apparentPowerL1: "apparentPower",
  apparentPowerL2: "apparentPower",
  apparentPowerL3: "apparentPower",
  /** Of the one phase, or the average of all to neutral. */
  voltage: "voltage",
  voltageL1: "voltage",
  voltageL2: "voltage",
  voltageL3: "voltage",
  voltageL1L2: "voltage",
  voltageL2L3: "voltage",
  voltageL3L1: "voltage",
  /** Of the one phase, or the sum of all. */
  current: "current",
  currentL1: "current",
  currentL2: "current",
  currentL3: "current",
  currentN: "current",
  frequency: "frequency",
  powerFactor: "ratio",
  powerFactorL1: "ratio",
  powerFactorL2: "ratio",
  powerFactorL3: "ratio",
  phaseAngle: "angle",
  phaseAngleL1: "angle",
  phaseAngleL2: "angle",
  phaseAngleL3: "angle",
  /** Total harmonic distortion; without a phase the average of all. */
  distortionVoltage: "ratio",
  distortionVoltageL1: "ratio",
  distortionVoltageL2: "ratio",
  distortionVoltageL3: "ratio",
  distortionCurrent: "ratio",
  distortionCurrentL1: "ratio",
  distortionCurrentL2: "ratio",
  distortionCurrentL3: "ratio",
} as const satisfies { readonly [name: string]: Kind };

export type Quantity = keyof typeof QUANTITIES;

/** The units in which a quantity may be written: a row with another does not compile. */
export type UnitOf<Q extends Quantity> = {
  [U in Unit]: (typeof UNITS)[U]["of"] extends (typeof QUANTITIES)[Q] ? U : never;
}[Unit];
