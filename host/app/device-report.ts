// The devices of a house at work, as the door's verb `devices` tells them: which answer, what they measure now, what their bus has been
// through (docs/spec/door.md).

import { LATENCY_BOUNDS_ms, type MeterStatistics } from "../adapters/modbus/statistics.js";
import type { Meter } from "../meter/meter.js";
import type { Clock } from "../ports/clock.js";
import type { Power } from "../ports/source.js";
import type { Role } from "../ports/store.js";
import { placeOf, withoutDirection } from "./config/devices.js";
import type { HouseDevice } from "./devices.js";

export interface ReportedDevice {
  readonly name: string;
  /** The port or the host. */
  readonly place: string;
  readonly kind: string;
  /** What it says of itself; null while it does not answer. */
  readonly device: string | null;
  readonly trouble: string | null;
  /** Why it cannot tell import from export; null where it can. */
  readonly blind: string | null;
  readonly reversed: boolean;
  readonly sources: readonly {
    readonly name: string;
    readonly role: Role;
    readonly check_of: string | null;
    readonly channel: number;
    /** Positive is import; null where it is not known now. */
    readonly active_mw: number | null;
  }[];
  readonly voltage_mv: number | null;
  /** How old the power is. */
  readonly age_ms: number | null;
  readonly statistics: (MeterStatistics & { readonly latency_bounds_ms: readonly number[] }) | null;
}

export interface DevicesReport {
  readonly devices: readonly ReportedDevice[];
}

export function devicesReport(meter: Meter, devices: readonly HouseDevice[], clock: Clock): DevicesReport {
  const { inputs } = meter.view();
  return {
    devices: devices.map((one, k) => {
      const input = inputs[k];
      const state = input?.device;
      const power = input?.power ?? null;
      const statistics = one.statistics();
      return {
        name: one.name,
        place: placeOf(one.device),
        kind: one.device.kind,
        device: state === undefined || state.kind === "looking" ? null : state.identity.device,
        trouble: one.trouble(),
        blind: withoutDirection(one.device),
        reversed: "reversed" in one.device && one.device.reversed,
        sources: one.feeds.map(({ name, role, checkOf, channel }) => ({
          name,
          role,
          check_of: checkOf ?? null,
          channel,
          active_mw: activeOf(power?.power ?? null, channel),
        })),
        voltage_mv: power?.power.voltage_mv ?? null,
        age_ms: power === null ? null : Math.max(0, Math.round(clock.mono() - power.at)),
        statistics: statistics === null ? null : { ...statistics, latency_bounds_ms: LATENCY_BOUNDS_ms },
      };
    }),
  };
}

function activeOf(power: Power | null, channel: number): number | null {
  return power?.channels[channel - 1]?.active_mw ?? null;
}
