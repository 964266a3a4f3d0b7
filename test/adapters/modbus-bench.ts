// Simulated Modbus meters on a line in this process, their sources, and a real Meter where one is wanted: simulated time, nothing waits.

import { Bus } from "../../host/adapters/modbus/bus.js";
import { type Framing, RtuFraming, TcpFraming } from "../../host/adapters/modbus/framing.js";
import { ModbusSource } from "../../host/adapters/modbus/source.js";
import type { Notice } from "../../host/ledger/events.js";
import type { Ledger } from "../../host/ledger/ledger.js";
import { Meter } from "../../host/meter/meter.js";
import type { Model } from "../../host/models/model.js";
import type { Booked, ChannelCounters, SourceEvent } from "../../host/ports/source.js";
import { type BusOptions, SimulatedBus } from "../../host/sim/modbus/bus.js";
import { type Conductor, DrivenConductor, type LoadAt } from "../../host/sim/modbus/conductor.js";
import { SimulatedLine } from "../../host/sim/modbus/line.js";
import { type MeterOptions, SimulatedMeter } from "../../host/sim/modbus/meter.js";
import { Slave, type SlaveOptions } from "../../host/sim/modbus/slave.js";
import { TcpEnd } from "../../host/sim/modbus/tcp-end.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import type { TrueEnergy } from "../../host/sim/truth.js";
import { MemoryStore, START_utc_ms } from "../proof/workbench.js";

export const FUSE_w = 75_900;

/** What a promise needs to be kept: lines open by promises. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export interface BenchMeter extends Omit<SlaveOptions, "meter" | "address"> {
  readonly model: Model;
  /** Its power, W; 1,000 where it is left out. */
  readonly load?: LoadAt;
  readonly conductor?: Conductor;
  readonly every_ms?: number;
  readonly meter?: MeterOptions;
  /** The table it is read by, where that is not its own. */
  readonly readAs?: Model;
}

export interface BenchOptions {
  readonly meters: readonly BenchMeter[];
  readonly bus?: Partial<BusOptions>;
  readonly tcp?: boolean;
  readonly silence?: boolean;
  /** Whether a real Meter books the first of them as the grid. */
  readonly booked?: boolean;
}

/** One meter of the bench, and everything its source told. */
export interface Told {
  readonly source: ModbusSource;
  readonly simulated: SimulatedMeter;
  readonly slave: Slave;
  readonly events: SourceEvent[];
  /** What had really flowed at the moment of each report, in their order. */
  readonly truths: TrueEnergy[];
}

export class Bench {
  readonly clock = new SimulatedClock(START_utc_ms);
  readonly meters: readonly Told[];
  readonly bus: Bus;
  readonly wire: SimulatedBus | TcpEnd;
  readonly line: SimulatedLine;
  readonly store = new MemoryStore();
  readonly notices: Notice[] = [];
  readonly #options: BenchOptions;
  meter: Meter | null = null;

  constructor(options: BenchOptions) {
    this.#options = options;
    const slaves = options.meters.map(({ model, load, conductor, every_ms: _, meter, ...slave }, k) => {
      const flows = conductor ?? new DrivenConductor(load ?? (() => ({ active_w: 1_000 })));
      return {
        ...slave,
        address: k + 1,
        meter: new SimulatedMeter(model, flows, { serial: 30_000_001 + k, ...meter }),
      };
    });
    const wire = options.tcp
      ? new TcpEnd(slaves.map((slave) => new Slave(slave)))
      : new SimulatedBus({ ...options.bus, meters: slaves });
    this.wire = wire;
    this.line = new SimulatedLine(this.clock, wire);
    const framing: Framing = options.tcp ? new TcpFraming() : new RtuFraming(options.bus?.speed ?? 9600);
    const { clock } = this;
    this.bus = new Bus({ name: "bench", open: this.line.open, framing, clock, silence: options.silence ?? true });
    this.meters = options.meters.map(({ model, readAs, every_ms = 1_000 }, k) => {
      const [slave, { meter: simulated } = { meter: null }] = [wire.slaves[k], slaves[k]];
      if (slave === undefined || simulated == null) throw new Error("a slave is missing");
      const { bus } = this;
      const options = { bus, model: readAs ?? model, unit: k + 1, every_ms, boot: 7 + k, clock, fuse_w: FUSE_w };
      return { source: new ModbusSource(options), simulated, slave, events: [], truths: [] };
    });
  }

  async start(booked: readonly Booked[] = []): Promise<this> {
    for (const [k, told] of this.meters.entries())
      if (k === 0 && this.#options.booked === true) this.#book(told);
      else told.source.start((event) => keep(told, event), booked);
    await settled();
    return this;
  }

  /** The host is switched off for a while; another process goes on from what the store holds. */
  async restart(away_s: number): Promise<this> {
    await this.meter?.stop();
    await this.run(away_s);
    const [old] = this.meters;
    if (old === undefined) throw new Error("nobody to restart");
    const { model, readAs, every_ms = 1_000 } = this.#options.meters[0] ?? { model: null };
    if (model === null) throw new Error("nobody to restart");
    const { bus, clock } = this;
    const options = { bus, model: readAs ?? model, unit: 1, every_ms, boot: 99, clock, fuse_w: FUSE_w };
    this.#book({ ...old, source: new ModbusSource(options) });
    await settled();
    return this;
  }

  /** Moves time on; lines that are to be opened meanwhile open at whole seconds. */
  async run(for_s: number): Promise<this> {
    const until_ms = this.clock.mono() + for_s * 1_000;
    while (this.clock.mono() < until_ms) {
      this.clock.runTo(Math.min(until_ms, this.clock.mono() + 1_000));
      if (this.bus.refusal !== null || !this.line.plugged || this.#lineWasLost) await settled();
    }
    return this;
  }

  /** Set where the test pulls plugs: then time stops for promises every second. */
  #lineWasLost = false;
  pullPlug(): void {
    this.#lineWasLost = true;
    this.line.unplug();
  }

  of(k = 0): Told {
    const told = this.meters[k];
    if (told === undefined) throw new Error(`no meter ${k}`);
    return told;
  }

  reports(k = 0): readonly Extract<SourceEvent, { kind: "report" }>[] {
    return this.of(k).events.filter((event) => event.kind === "report");
  }

  counters(k = 0): readonly ChannelCounters[] {
    return this.reports(k).map(({ counters }) => counters);
  }

  /** The truth of the so manyth report. */
  truthOf(report: number, k = 0): TrueEnergy {
    const truth = this.of(k).truths[report];
    if (truth === undefined) throw new Error(`no report ${report}`);
    return truth;
  }

  kinds(k = 0): readonly string[] {
    return this.of(k).events.map(({ kind }) => kind);
  }

  ledger(): Ledger {
    const live = this.meter?.view().ledgers.get("grid")?.ledger;
    if (live === undefined) throw new Error("nothing is booked here");
    return live;
  }

  /** Codes of what the meter at work logged. */
  logged(): readonly string[] {
    return this.notices.flatMap((notice) => (notice.kind === "event" ? [notice.code] : []));
  }

  #book(told: Told): void {
    const { source } = told;
    const meter = new Meter({
      clock: this.clock,
      store: this.store,
      inputs: [
        {
          source: {
            start: (tell, booked) =>
              source.start((event) => {
                keep(told, event);
                tell(event);
              }, booked),
            stop: () => source.stop(),
            remember: () => source.remember(),
            setUtc: () => source.setUtc(),
          },
          feeds: [{ name: "grid", role: "grid", channel: 1 }],
          patience_ms: 60_000,
        },
      ],
      hub: null,
      fuse_w: FUSE_w,
      commitEvery_ms: 10_000,
    });
    meter.watch((notice) => void this.notices.push(notice));
    this.meter = meter;
    meter.start();
  }
}

/** The truth is asked for at once: a conductor forgets. */
function keep({ events, truths, simulated }: Told, event: SourceEvent): void {
  events.push(event);
  if (event.kind === "report") truths.push(simulated.truth(event.board));
}
