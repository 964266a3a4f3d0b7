// A simulated bus, sick or well, scanned as the doctor scans it, on simulated time.

import { MODELS } from "../../../host/adapters/modbus/catalogue.js";
import type { Setting } from "../../../host/adapters/modbus/diagnosis.js";
import { type Scanned, type ScanOptions, scanBus } from "../../../host/app/finding/bus-scan.js";
import type { Model } from "../../../host/models/model.js";
import type { OpenLine } from "../../../host/ports/wire-line.js";
import { type BusOptions, SimulatedBus } from "../../../host/sim/modbus/bus.js";
import { DrivenConductor } from "../../../host/sim/modbus/conductor.js";
import { SimulatedLine } from "../../../host/sim/modbus/line.js";
import { SimulatedMeter } from "../../../host/sim/modbus/meter.js";
import { Slave, type SlaveOptions } from "../../../host/sim/modbus/slave.js";
import { TcpEnd } from "../../../host/sim/modbus/tcp-end.js";
import { SimulatedClock } from "../../../host/sim/simulated-clock.js";

export interface BenchMeter extends Omit<SlaveOptions, "meter" | "address"> {
  readonly model: string;
  readonly address: number;
}

export interface ScanBench {
  readonly meters: readonly BenchMeter[];
  readonly bus?: Omit<BusOptions, "meters">;
  readonly tcp?: boolean;
  readonly seed?: number;
  readonly expected?: ScanOptions["expected"];
  readonly depth?: ScanOptions["depth"];
}

export function modelOf(name: string): Model {
  const model = MODELS.get(name);
  if (model === undefined) throw new Error(`no model ${name}`);
  return model;
}

export async function scanned(bench: ScanBench): Promise<Scanned & { readonly told: readonly string[] }> {
  const { meters, bus, tcp = false, seed = 1, depth = "quick" } = bench;
  const clock = new SimulatedClock(Date.UTC(2026, 5, 1));
  const slaves = meters.map(({ model, ...slave }, k) => {
    const load = (phase: number) => ({ active_w: 700 + 150 * phase, reactive_var: 90 });
    const three = modelOf(model).phases === 3;
    const conductor = new DrivenConductor(() => (three ? [load(1), load(2), load(3)] : load(1)));
    const start = { import_uwh: 1_234_567_000_000, export_uwh: 34_567_000_000 };
    return { seed: seed + k, ...slave, meter: new SimulatedMeter(modelOf(model), conductor, { serial: 7 + k, start }) };
  });
  const wire = tcp
    ? new TcpEnd(slaves.map((one) => new Slave(one)))
    : new SimulatedBus({ seed, ...bus, meters: slaves });
  const line = new SimulatedLine(clock, wire);
  const open = (setting: Setting | null): OpenLine => {
    if (wire instanceof SimulatedBus) wire.hostSpeed = setting?.baud ?? null;
    return line.open;
  };
  const told: string[] = [];
  const expected = bench.expected ?? { setting: null, units: [] };
  const models = [...MODELS.values()];
  const tell = (text: string) => void told.push(text);
  const work = scanBus({ open, wired: !tcp, only: null, clock, models, fuse_w: 75_900, expected, depth, tell });
  const result = await driven(clock, work);
  if (!result.ok) throw new Error(`${result.code}: ${result.reason}`);
  return { ...result, told };
}

/** Lets simulated time pass until the work is done. */
async function driven<T>(clock: SimulatedClock, work: Promise<T>): Promise<T> {
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  done.catch(() => {});
  while (!over) {
    clock.runTo(clock.mono() + 20);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return done;
}
