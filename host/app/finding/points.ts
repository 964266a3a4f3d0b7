// What can be metered of what was found: each point by its place, what it is in words, and its keys in esme.yaml.

import type { FoundMeter } from "./bus-scan.js";
import { type Finding, type Place, placeName } from "./place.js";

export type Scalar = string | number | boolean;
export type PointRole = "grid" | "generation" | "load" | "battery" | "check";

export interface Point {
  /** How a person, or an answers file, names it: "/dev/ttyUSB0 channel 1", "/dev/ttyUSB0 address 3". */
  readonly at: string;
  readonly what: string;
  /** Without name and role. */
  readonly keys: Readonly<Record<string, Scalar>>;
  /** Why it cannot stand at the grid; null where it can. */
  readonly blind: string | null;
  /** What it is likely to measure; null: nothing, until somebody says so. */
  readonly likely: PointRole | null;
  /** Other models that it may be. */
  readonly alike: readonly string[];
}

/** Clamps 1, 2, 3 measure these unless configured. */
const CLAMP_ROLES: readonly PointRole[] = ["grid", "generation", "load"];
/** Of a pulse output nobody knows what it measures, nor how many pulses make a kWh. */
const USUAL_IMP_PER_KWH = 1_000;
const FIRST_PULSE_PIN = 2;

export function pointsOf(place: Place, finding: Finding): readonly Point[] {
  const at = placeName(place);
  switch (finding.kind) {
    case "board": {
      const { device, kinds, capabilities } = finding.identity;
      const kind = capabilities.includes("ic") ? "ic-board" : "clamp-board";
      return kinds.flatMap((one, channel) => {
        if (one !== "ct") return [];
        return {
          at: `${at} channel ${channel}`,
          what: `${kind === "ic-board" ? "channel" : "clamp"} ${channel} of board ${device}`,
          keys: { kind, port: at, channel },
          blind: null,
          likely: CLAMP_ROLES[channel - 1] ?? null,
          alike: [],
        };
      });
    }
    case "serial-ic": {
      const { ic } = finding;
      const blind = ic === "cse7766" ? "a CSE7766 cannot tell import from export" : null;
      const likely = blind === null ? "grid" : "load";
      return [
        { at, what: `a ${ic.toUpperCase()}`, keys: { kind: "serial-ic", ic, port: at }, blind, likely, alike: [] },
      ];
    }
    case "firmata":
      return [
        {
          at: `${at} pin ${FIRST_PULSE_PIN}`,
          what: `a pulse input of the second board (${finding.firmware})`,
          keys: { kind: "pulses", port: at, pin: FIRST_PULSE_PIN, imp_per_kwh: USUAL_IMP_PER_KWH },
          blind: "a pulse output cannot tell import from export",
          likely: null,
          alike: [],
        },
      ];
    case "modbus":
      return finding.meters.flatMap((meter) => modbusPoint(place, finding, meter));
    case "refused":
      return [];
  }
}

function modbusPoint(
  place: Place,
  finding: Finding & { kind: "modbus" },
  { unit, named }: FoundMeter,
): readonly Point[] {
  const [model, ...others] = named.models;
  if (model === undefined) return [];
  const at = placeName(place);
  const bus = finding.setting === null ? {} : { speed: finding.setting.baud, parity: finding.setting.parity };
  const where = place.kind === "serial" ? { port: at, ...bus } : place.kind === "tcp" ? { tcp: at } : { rtu_tcp: at };
  const serial = named.serial === null ? "" : `, serial number ${named.serial}`;
  const blind = {
    both: null,
    none: `a ${model.title} cannot tell import from export`,
    generation: `a ${model.title} counts what an inverter generates`,
  }[model.direction];
  const likely = { both: "grid", none: "load", generation: "generation" } as const;
  return [
    {
      at: `${at} address ${unit}`,
      what: `${named.kind === "is" ? "" : "looks like "}${model.maker} ${model.title} at address ${unit}${serial}`,
      keys: { kind: "modbus", model: model.model, address: unit, ...where },
      blind,
      likely: likely[model.direction],
      alike: others.map((other) => other.model),
    },
  ];
}

/** Names and roles for what was found: the first that can be is the grid, another that would be too is a load. */
export function usualRoles(points: readonly Point[]): readonly (PointRole | null)[] {
  let grid = false;
  return points.map(({ likely, blind }) => {
    if (likely !== "grid") return likely;
    if (grid || blind !== null) return "load";
    grid = true;
    return "grid";
  });
}

/** A name that no other has: the role, with a number where it is needed. */
export function nameFor(role: string, taken: ReadonlySet<string>): string {
  if (!taken.has(role)) return role;
  for (let number = 2; ; number++) if (!taken.has(`${role}-${number}`)) return `${role}-${number}`;
}

/** A source as a line of esme.yaml. */
export function yamlLine(name: string, role: PointRole, keys: Point["keys"]): string {
  const all = { name, role, ...keys };
  return `- { ${Object.entries(all)
    .map(([key, value]) => `${key}: ${scalar(value)}`)
    .join(", ")} }`;
}

/** As it can stand within braces. */
function scalar(value: Scalar): string {
  if (typeof value !== "string") return String(value);
  const plain = /^[A-Za-z/][A-Za-z0-9/_.-]*$/.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value);
  return plain ? value : JSON.stringify(value);
}
