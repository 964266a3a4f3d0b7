// What a process of simulated meters can be told, and the meters and their bus made from it.

import { z } from "zod";
import type { Model } from "../../models/model.js";
import { House } from "../house.js";
import { Mains, type World } from "../mains.js";
import { COMMON, readOptions } from "../options.js";
import { fault, loadScenario, type SimFault } from "../scenario.js";
import { Truth } from "../truth.js";
import { BUS_FAULTS } from "./bus.js";
import { CLAMPS, type Clamp, HouseConductor } from "./house-conductor.js";
import { SimulatedMeter } from "./meter.js";
import { METER_FAULTS, type SlaveOptions } from "./slave.js";

const share = z.number().min(0).max(1);
const address = z.int().min(1).max(247);

const meterSchema = z.strictObject({
  model: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** As it leaves the works where it is left out. */
  address: address.optional(),
  /** Where it is wired in: the grid, or an inverter where it makes something. */
  clamp: z.enum(CLAMPS).optional(),
});

const faultSchema = z.strictObject({
  /** A meter's fault; or `clash`, a second meter at its address. */
  kind: z.enum([...METER_FAULTS, "clash"]),
  share: share.default(1),
  /** Which meter; all of them where it is left out. */
  address: address.optional(),
});

const meterOptionsSchema = z.strictObject({
  ...COMMON,
  meters: z.array(meterSchema).min(1).max(64),
  bus: z.enum(["pty", "tcp", "rtu-tcp"]).default("pty"),
  /** Baud of the bus; not of Modbus TCP, which has none. */
  speed: z.int().min(300).max(1_000_000).default(9600),
  latency_ms: z.number().min(0).max(10_000).default(20),
  /** The silence they want before a question, instead of their tables'. */
  pause_ms: z.number().min(0).max(10_000).optional(),
  /** Share of bits flipped on the wire, each way. */
  noise: z.number().min(0).max(0.5).default(0),
  faults: z.array(faultSchema).default([]),
  busFaults: z.array(z.enum(BUS_FAULTS)).default([]),
  /** What their counters show at the start, Wh. */
  start: z.strictObject({ import_wh: z.number().min(0), export_wh: z.number().min(0) }).optional(),
  host: z.string().default("127.0.0.1"),
  /** TCP port; 0: any that is free. */
  listen: z.int().min(0).max(65_535).default(0),
  /** Characters handed over at a time. */
  piece: z.int().min(1).max(512).default(8),
});

export type SimulatedMetersOptions = z.output<typeof meterOptionsSchema>;
export type SimulatedMetersInput = z.input<typeof meterOptionsSchema>;

export function readMeterOptions(input: unknown): SimulatedMetersOptions | SimFault {
  return readOptions(meterOptionsSchema, input, "the options of the simulated meters");
}

export interface MeterPlace {
  readonly model: string;
  readonly address: number;
  readonly clamp: Clamp;
}

export interface BuiltMeters {
  readonly world: World;
  readonly slaves: readonly SlaveOptions[];
  /** As they are called; without those that clash. */
  readonly places: readonly MeterPlace[];
}

/** A house at true time 0, which is `startUtc_s`, and the meters in it. */
export async function buildMeters(
  options: SimulatedMetersOptions,
  startUtc_s: number,
): Promise<BuiltMeters | SimFault> {
  const scenario = loadScenario(options.scenario);
  if (scenario.kind === "fault") return scenario;
  const world = new Mains(new House(scenario, options.seed), new Truth(), startUtc_s);
  const slaves: SlaveOptions[] = [];
  const places: MeterPlace[] = [];
  for (const [at, wanted] of options.meters.entries()) {
    const table = await loadModel(wanted.model);
    if ("kind" in table) return table;
    const pause_ms = options.pause_ms ?? table.pace.pause_ms;
    const place = placeOf(options, table, wanted);
    const one = slaveOf(options, { ...table, pace: { ...table.pace, pause_ms } }, place, world, at);
    if (slaves.some((other) => other.address === one.address))
      return fault(`two meters have the address ${one.address}: name another, or wish for it by the fault clash`);
    slaves.push(one);
    places.push(place);
  }
  for (const { kind, address: where } of options.faults) {
    if (where !== undefined && !slaves.some((one) => one.address === where))
      return fault(`the fault ${kind} is for the address ${where}, where no meter is`);
    if (kind !== "clash") continue;
    const clashing = slaves.find((one) => where === undefined || one.address === where);
    if (clashing !== undefined) slaves.push({ ...clashing, jitter_ms: 5, seed: options.seed + 7 });
  }
  return { world, slaves, places };
}

/** The table of a model, by the name of its file; the same from host/ and from dist/host/. */
async function loadModel(name: string): Promise<Model | SimFault> {
  const kind = import.meta.url.endsWith(".ts") ? "ts" : "js";
  try {
    const table = await import(new URL(`../../models/meters/${name}.${kind}`, import.meta.url).href);
    return (table as { readonly default: Model }).default;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return fault(`there is no model ${name}: \`esme meters\` lists them`);
  }
}

function placeOf(
  { bus }: SimulatedMetersOptions,
  model: Model,
  { address, clamp }: SimulatedMetersOptions["meters"][number],
): MeterPlace {
  return {
    model: model.model,
    address: address ?? (bus === "tcp" ? model.bus.tcpUnit : undefined) ?? model.bus.address,
    clamp: clamp ?? (model.direction === "generation" ? "generation" : "grid"),
  };
}

function slaveOf(
  options: SimulatedMetersOptions,
  model: Model,
  { address: own, clamp }: MeterPlace,
  world: World,
  at: number,
): SlaveOptions {
  const faults: Record<string, number> = {};
  for (const { kind, share, address: where } of options.faults)
    if (kind !== "clash" && (where === undefined || where === own)) faults[kind] = share;
  const { start, seed, latency_ms } = options;
  const conductor = new HouseConductor(world, clamp, model.phases === 3 ? 3 : 1);
  const meter = new SimulatedMeter(model, conductor, {
    serial: 20_000_001 + at,
    ...(start === undefined
      ? {}
      : { start: { import_uwh: Math.round(start.import_wh * 1e6), export_uwh: Math.round(start.export_wh * 1e6) } }),
  });
  return { meter, address: own, latency_ms, faults, seed: seed + 31 * at };
}
