// Whether a whole reading can be true: the table may be of another variant, or of another meter. Asked at first contact, before anything
// is booked; later the ledger holds every counter against the fuse.

import type { Model } from "./model.js";
import type { Quantity } from "./quantities.js";
import { powerOf, type Values } from "./reading.js";

interface Bounds {
  readonly names: readonly Quantity[];
  readonly least: number;
  readonly most: number;
  /** Nothing there at all is possible too. */
  readonly orNone: boolean;
  readonly says: (milli: number) => string;
}

const inUnit = (what: string, unit: string) => (milli: number) => `${what} of ${milli / 1_000} ${unit}`;
const BOUNDS: readonly Bounds[] = [
  {
    names: ["voltage", "voltageL1", "voltageL2", "voltageL3"],
    least: 80_000,
    most: 300_000,
    orNone: true,
    says: inUnit("a voltage", "V"),
  },
  {
    names: ["voltageL1L2", "voltageL2L3", "voltageL3L1"],
    least: 140_000,
    most: 520_000,
    orNone: true,
    says: inUnit("a voltage between phases", "V"),
  },
  { names: ["frequency"], least: 40_000, most: 70_000, orNone: true, says: inUnit("a frequency", "Hz") },
];
/** No counter of a house stands higher: 2^32 Wh. */
export const MOST_mwh = 2 ** 32 * 1_000;
/** A voltage below this is none: a phase that is not connected picks up a few volts. */
const NONE_milli = 30_000;

/** Why this cannot be, one sentence each; empty where it can. `fuse_w` is of all phases together. */
export function doubts(model: Model, values: Values, fuse_w: number): readonly string[] {
  const told: string[] = [];
  for (const { names, least, most, orNone, says } of BOUNDS)
    for (const name of names) {
      const value = values.get(name);
      if (value === undefined || (value >= least && value <= most)) continue;
      // The average of three phases of which one or two are not connected.
      if (name === "voltage" && model.phases > 1 && value >= 0 && value < least) continue;
      if (!(orNone && value >= 0 && value < NONE_milli)) told.push(`${name} says ${says(value)}`);
    }
  const power_mw = powerOf(values);
  if (power_mw !== null && Math.abs(power_mw) > 1.5 * fuse_w * 1_000)
    told.push(`activePower says ${power_mw / 1e6} kW, and the fuse lets ${fuse_w / 1e3} kW pass`);
  for (const name of ["importActiveEnergy", "exportActiveEnergy", "totalActiveEnergy"] as const) {
    const value = values.get(name);
    // A total of import less export is below 0 where more was exported.
    const least = name === "totalActiveEnergy" && model.direction === "both" ? -MOST_mwh : 0;
    if (value !== undefined && (value < least || value >= MOST_mwh)) told.push(`${name} says ${value / 1e6} kWh`);
  }
  return [...told, ...totalDoubt(model, values)];
}

/** A total is import and export together, or one less the other, or import alone: else one of the three stands elsewhere. */
function totalDoubt(model: Model, values: Values): readonly string[] {
  const total = values.get("totalActiveEnergy");
  const imported = values.get("importActiveEnergy");
  const exported = values.get("exportActiveEnergy");
  if (total === undefined || imported === undefined || exported === undefined) return [];
  // Each is rounded for itself, and a float's step grows with the value.
  const slack = 3 * Math.max(model.resolution_wh * 1_000, Math.abs(total) * 2 ** -22);
  const near = (value: number) => Math.abs(total - value) <= slack;
  const net = imported - exported;
  if (near(imported + exported) || near(net) || near(Math.abs(net)) || near(imported)) return [];
  const kwh = (mwh: number) => `${mwh / 1e6} kWh`;
  return [`the total says ${kwh(total)}, with ${kwh(imported)} import and ${kwh(exported)} export`];
}

/** The model as its table has it, then with the other addresses of its disputed rows, in the order in which to try them. */
export function variantsOf(model: Model): readonly Model[] {
  const rows = Object.values(model.points);
  const alternatives = Math.max(0, ...rows.map((row) => row.disputed?.addresses.length ?? 0));
  const variants = [model];
  for (let k = 0; k < alternatives; k++) {
    const points = Object.fromEntries(
      Object.entries(model.points).map(([quantity, row]) => {
        const address = row.disputed?.addresses[k];
        return [quantity, address === undefined ? row : { ...row, address }];
      }),
    );
    variants.push({ ...model, points });
  }
  return variants;
}
