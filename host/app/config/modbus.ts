// A source of kind modbus: which model it is, and on which bus; what is left out is the maker's own.

import type { NettingRule } from "../../ledger/netting.js";
import type { Model } from "../../models/model.js";
import { duration_ms } from "../words.js";
import type { BusPlace, ModbusDevice } from "./devices.js";
import type { HouseConfig } from "./schema.js";

type ModbusSource = Extract<HouseConfig["sources"][number], { kind: "modbus" }>;
/** With more than 60 s between two readings what flows over the end of a half hour is an estimate. */
const MOST_SELDOM_ms = 30_000;
type Refuse = (key: string, rule: string) => never;

export function modbusOf(source: ModbusSource, models: ReadonlyMap<string, Model>, mistake: Refuse): ModbusDevice {
  const model = models.get(source.model) ?? mistake("model", unknownModel(source.model, models));
  const every_ms = duration_ms(source.every ?? "1s");
  if (every_ms < 100 || every_ms > MOST_SELDOM_ms) mistake("every", "lies between 100ms and 30s");
  const place = placeOf(source, model, mistake);
  const address = source.address ?? (place.kind === "tcp" ? model.bus.tcpUnit : undefined) ?? model.bus.address;
  return { kind: "modbus", place, model, address, every_ms, reversed: source.reversed ?? false };
}

const NETTINGS = {
  algebraic: { rule: "net", said: "the sum of its phases decides the direction" },
  "per-phase": {
    rule: "per-phase",
    said: "each phase by itself, so that it counts more of both than a meter that nets",
  },
  absolute: { rule: "absolute", said: "the magnitude of each phase" },
} as const;

/** The rule by which a polyphase meter makes one flow of its phases, which nobody can change; null: one phase, or not known. */
export function nettingOf(model: Model | undefined): NettingRule | null {
  return model === undefined || model.phases === 1 || model.netting === null ? null : NETTINGS[model.netting].rule;
}

/** What the owner of a polyphase meter ought to know of it; null of a meter with one phase. */
export function nettingNote({ title, phases, netting }: Model): string | null {
  if (phases === 1) return null;
  return netting === null
    ? `how the ${title} makes one flow of its phases is not known`
    : `the ${title} makes one flow of its phases itself: ${NETTINGS[netting].said}`;
}

/** A speed that the maker's manual does not have: the meter would stay silent. Null where it has it, or there is none to set. */
export function speedNote({ place, model }: ModbusDevice): string | null {
  if (place.kind === "tcp" || model.bus.speeds.includes(place.speed)) return null;
  return `the ${model.title} is not known to speak at ${place.speed} baud, but at ${model.bus.speeds.join(", ")}`;
}

function placeOf(source: ModbusSource, model: Model, mistake: Refuse): BusPlace {
  const { port, tcp, rtu_tcp, speed, parity, stop_bits } = source;
  const named = [port, tcp, rtu_tcp].filter((one) => one !== undefined);
  if (named.length !== 1) return mistake("", "name one of port, tcp and rtu_tcp");
  if (port !== undefined) {
    const { speeds, parities, stopBits } = model.bus;
    return {
      kind: "serial",
      port,
      speed: speed ?? speeds[0] ?? 9_600,
      parity: parity ?? parities[0] ?? "none",
      stopBits: stop_bits ?? stopBits,
    };
  }
  for (const key of ["parity", "stop_bits"] as const)
    if (source[key] !== undefined) mistake(key, "belongs to a serial port");
  if (tcp !== undefined && speed !== undefined) mistake("speed", "belongs to a serial port, or to one behind rtu_tcp");
  const [host = "", number = ""] = (tcp ?? rtu_tcp ?? "").split(":");
  if (!(Number(number) >= 1 && Number(number) <= 65_535))
    mistake(tcp === undefined ? "rtu_tcp" : "tcp", "a TCP port lies between 1 and 65535");
  if (tcp !== undefined) return { kind: "tcp", host, port: Number(number) };
  return { kind: "rtu-tcp", host, port: Number(number), speed: speed ?? model.bus.speeds[0] ?? 9_600 };
}

/** With the models that are written nearly so. */
function unknownModel(name: string, models: ReadonlyMap<string, Model>): string {
  const known = [...models.keys()];
  const bare = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const near = known.filter((one) => bare(one).startsWith(bare(name).slice(0, 4)));
  const meant = near.length > 0 ? `; meant is perhaps ${near.slice(0, 4).join(", ")}` : "";
  return `there is no model ${name}${meant}; \`esme meters\` lists all ${known.length}`;
}
