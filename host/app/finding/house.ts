// What the house in a data directory says of its places: what esme.yaml expects there, and what its owner tells while it meters.

import { existsSync, realpathSync } from "node:fs";
import { knock } from "../../adapters/door.js";
import { type Device, type ModbusDevice, placeOf } from "../config/devices.js";
import { houseOfFile } from "../config/house.js";
import { configPath } from "../data-dir.js";
import type { DevicesReport } from "../device-report.js";
import { Refusal } from "../refusal.js";
import type { ScanOptions } from "./bus-scan.js";
import { type Place, placeName } from "./place.js";

const OWNER_PATIENCE_ms = 5_000;

export interface ExpectedHouse {
  readonly fuse_w: number | null;
  /** Where esme.yaml says that something is. */
  readonly places: readonly Place[];
  at(place: Place): ScanOptions["expected"];
}

/** A configuration that is missing or wrong expects nothing: `esme config check` is the place to say so. */
export function expectedHouse(data: string, config?: string): ExpectedHouse {
  const path = config ?? configPath(data);
  const modbus: ModbusDevice[] = [];
  const places = new Map<string, Place>();
  let fuse_w: number | null = null;
  try {
    if (existsSync(path)) {
      const house = houseOfFile(path);
      fuse_w = house.fuse_w;
      for (const { device } of house.sources) {
        if (device.kind === "modbus") modbus.push(device);
        const place = placeFor(device);
        places.set(placeName(place), place);
      }
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return {
    fuse_w,
    places: [...places.values()],
    at(place) {
      const there = modbus.filter((device) => placeOf(device) === placeName(place));
      const serial = there.map((device) => device.place).find((one) => one.kind === "serial");
      const setting = serial === undefined ? null : { baud: serial.speed, parity: serial.parity };
      return { setting, units: there.map(({ address }) => address) };
    },
  };
}

function placeFor(device: Device): Place {
  if (device.kind !== "modbus") return { kind: "serial", path: device.port };
  const { place } = device;
  return place.kind === "serial" ? { kind: "serial", path: place.port } : place;
}

/** Whether two paths are one port: /dev/serial/by-id/... is a link to it. */
export function samePort(one: string, other: string): boolean {
  return portFile(one) === portFile(other);
}

function portFile(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** What the owner of the house tells of its devices; null where nobody owns it. */
export async function ownersDevices(data: string): Promise<DevicesReport | null> {
  const told = await knock(data, { do: "devices" }, OWNER_PATIENCE_ms);
  if ("kind" in told || !told.ok) return null;
  return told.result as DevicesReport;
}
