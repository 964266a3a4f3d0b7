// What measures: the device of each source of esme.yaml, and where it is reached.

import { hasDirection, type SerialIcOptions } from "../../adapters/serial-ic/options.js";
import type { Model, Parity } from "../../models/model.js";

/** A clamp board remembers at least 24 half hours: its half hours may stay open for as long (link.md). */
export const BOARD_MEMORY_ms = 12 * 3_600_000;

/** A board that speaks the link (docs/spec/link.md): clamps, or a metering IC. */
export interface BoardDevice {
  readonly kind: "board";
  readonly port: string;
  /** Mains cycles over which it decides direction; null: as it is set. */
  readonly windowCycles: number | null;
}

/** Where Modbus meters are reached: several may share one. */
export type BusPlace =
  | {
      readonly kind: "serial";
      readonly port: string;
      readonly speed: number;
      readonly parity: Parity;
      readonly stopBits: 1 | 2;
    }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** A converter with an RS-485 bus of that speed behind it. */
  | { readonly kind: "rtu-tcp"; readonly host: string; readonly port: number; readonly speed: number };

export interface ModbusDevice {
  readonly kind: "modbus";
  readonly place: BusPlace;
  readonly model: Model;
  readonly address: number;
  /** How often it is read. */
  readonly every_ms: number;
  /** It sits the other way round: what it calls import is export here. */
  readonly reversed: boolean;
}

export interface SerialIcDevice {
  readonly kind: "serial-ic";
  readonly port: string;
  readonly options: SerialIcOptions;
  readonly reversed: boolean;
}

/** A pulse output on a pin of the second board (docs/spec/panel.md). */
export interface PulseDevice {
  readonly kind: "pulses";
  readonly port: string;
  readonly pin: number;
  readonly impPerKwh: number;
  /** What is shorter is a bounce; null: as EN 62053-31 has it. */
  readonly minOn_ms: number | null;
  readonly minOff_ms: number | null;
}

export type Device = BoardDevice | ModbusDevice | SerialIcDevice | PulseDevice;

/** Whether it can tell import from export; where not, why, as the operator reads it. */
export function withoutDirection(device: Device): string | null {
  switch (device.kind) {
    case "board":
      return null;
    case "modbus":
      if (device.model.direction === "both") return null;
      return device.model.direction === "none"
        ? `a ${device.model.title} cannot tell import from export`
        : `a ${device.model.title} counts what an inverter generates`;
    case "serial-ic": {
      const { options } = device;
      if (hasDirection(options)) return null;
      const unset = options.ic === "bl0942" ? " that is not set to" : "";
      return `a ${options.ic.toUpperCase()}${unset} cannot tell import from export`;
    }
    case "pulses":
      return "a pulse output cannot tell import from export";
  }
}

/** The port or the host, as a person names it. */
export function placeOf(device: Device): string {
  if (device.kind !== "modbus") return device.port;
  const { place } = device;
  return place.kind === "serial" ? place.port : `${place.host}:${place.port}`;
}

/** Sources with the same key are one device. */
export function keyOf(device: Device): string {
  if (device.kind === "modbus") return `${placeOf(device)} address ${device.address}`;
  if (device.kind === "pulses") return `${device.port} pin ${device.pin}`;
  return device.port;
}
