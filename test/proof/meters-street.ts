// A street of Modbus meters on buses in one process: each a source of one real Meter, on simulated time, its power from a seed. What each
// register shows is held against what flowed, and every answer that was believed is looked at.

import { Bus } from "../../host/adapters/modbus/bus.js";
import { RtuFraming } from "../../host/adapters/modbus/framing.js";
import { ModbusSource } from "../../host/adapters/modbus/source.js";
import { Meter } from "../../host/meter/meter.js";
import type { Model } from "../../host/models/model.js";
import { bookedRows } from "../../host/models/reading.js";
import { SimulatedBus } from "../../host/sim/modbus/bus.js";
import { DrivenConductor, type Load, type LoadAt } from "../../host/sim/modbus/conductor.js";
import type { DamageOptions } from "../../host/sim/modbus/damage.js";
import { SimulatedLine } from "../../host/sim/modbus/line.js";
import { SimulatedMeter } from "../../host/sim/modbus/meter.js";
import type { SlaveOptions } from "../../host/sim/modbus/slave.js";
import { hashUnit, wander } from "../../host/sim/random.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import type { TrueEnergy } from "../../host/sim/truth.js";
import { MemoryStore, START_utc_ms } from "./workbench.js";

/** What a late answer says in all its words: no honest one does. */
const LATE_WORD = 0x5a5a;
const FUSE_w = 75_900;

export interface StreetBus {
  readonly models: readonly Model[];
  readonly speed?: number;
  readonly damage?: DamageOptions;
  /** What the so manyth meter of the bus is given beyond its model and address. */
  readonly slave?: (at: number) => Partial<SlaveOptions>;
}

export interface StreetOptions {
  readonly seed: number;
  readonly buses: readonly StreetBus[];
  readonly every_ms: number;
  /** False only where it is shown what it is for. */
  readonly silence?: boolean;
}

interface House {
  readonly name: string;
  readonly simulated: SimulatedMeter;
  readonly source: ModbusSource;
  /** What a perfect meter showed at the first report and at the last. */
  first: TrueEnergy | null;
  last: TrueEnergy | null;
  reports: number;
  lateBelieved: number;
}

/** What was counted beside what flowed. */
export interface Judged {
  readonly name: string;
  readonly model: Model;
  readonly reports: number;
  /** What the ledger counted, before it is cut off to whole Wh, less the truth, each way. */
  readonly off_wh: readonly [number, number];
  readonly flowed_wh: readonly [number, number];
  /** The step of its counter where it stands: the table's, or a float's own. */
  readonly step_wh: number;
  readonly lateBelieved: number;
}

export class Street {
  readonly clock = new SimulatedClock(START_utc_ms);
  readonly wires: readonly SimulatedBus[];
  readonly #houses: readonly House[];
  readonly #meter: Meter;

  constructor({ seed, buses, every_ms, silence = true }: StreetOptions) {
    const { clock } = this;
    const wires: SimulatedBus[] = [];
    const houses: House[] = [];
    for (const [b, { models, speed = 9600, damage = {}, slave }] of buses.entries()) {
      const meters = models.map((model, at): SlaveOptions => {
        const conductor = new DrivenConductor(loadFrom(seed + 100 * b + at, model));
        const start = startOf(model, seed + 100 * b + at);
        const meter = new SimulatedMeter(model, conductor, { serial: 30_000_001 + 100 * b + at, start });
        return { meter, address: at + 1, lateWord: LATE_WORD, ...slave?.(at) };
      });
      const wire = new SimulatedBus({ meters, speed, damage, piece: 512, seed: seed + b });
      wires.push(wire);
      const { open } = new SimulatedLine(clock, wire);
      const bus = new Bus({ name: `bus${b}`, open, framing: new RtuFraming(speed), clock, silence });
      for (const [at, { meter: simulated, address: unit }] of meters.entries()) {
        const { model } = simulated;
        const options = { bus, model, unit, every_ms, boot: 1 + houses.length, clock, fuse_w: FUSE_w };
        const source = new ModbusSource(options);
        const name = `bus${b}-${at + 1}-${model.model}`;
        houses.push(watched({ name, simulated, source, first: null, last: null, reports: 0, lateBelieved: 0 }));
      }
    }
    this.wires = wires;
    this.#houses = houses;
    this.#meter = new Meter({
      clock,
      store: new MemoryStore(),
      inputs: houses.map((house, at) => inputOf(house, at === 0)),
      hub: null,
      fuse_w: FUSE_w,
      commitEvery_ms: 60_000,
    });
  }

  /** Lets it live for so many seconds from its start. */
  async live(for_s: number): Promise<this> {
    this.#meter.start();
    // Lines open by promises.
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.clock.runTo(for_s * 1_000);
    return this;
  }

  judged(): readonly Judged[] {
    const { ledgers } = this.#meter.view();
    return this.#houses.map(({ name, simulated, source, first, last, reports, lateBelieved }) => {
      const ledger = ledgers.get(name)?.ledger;
      if (ledger === undefined || first === null || last === null)
        throw new Error(`${name} was never read: ${JSON.stringify(source.refusal)}`);
      const [imported, exported] = ledger.cumulative;
      const flowed = [(last.import_uwh - first.import_uwh) / 1e6, (last.export_uwh - first.export_uwh) / 1e6] as const;
      return {
        name,
        model: simulated.model,
        reports,
        flowed_wh: flowed,
        off_wh: [imported / 1e6 - flowed[0], exported / 1e6 - flowed[1]],
        step_wh: stepOf_wh(simulated.model, Math.max(last.import_uwh, last.export_uwh) / 1e6),
        lateBelieved,
      };
    });
  }

  /** Questions asked and answers believed, of all meters. */
  totals(): { readonly questions: number; readonly answers: number; readonly faults: number; readonly late: number } {
    const all = { questions: 0, answers: 0, faults: 0, late: 0 };
    for (const { source } of this.#houses) {
      const counts = source.statistics;
      if (counts === null) continue;
      all.questions += counts.questions;
      all.answers += counts.answers;
      all.faults += counts.silences + counts.crcErrors + counts.otherFaults;
      all.late += counts.late;
    }
    return all;
  }

  async end(): Promise<void> {
    await this.#meter.stop();
  }
}

/** A reading's moment is known to half the answer's time: 12 kW for 0.1 s. */
const SLACK_wh = 0.35;

export function within({ off_wh, step_wh }: Judged): boolean {
  return off_wh.every((off) => Math.abs(off) <= step_wh + SLACK_wh);
}

/** Every answer that is believed passes here first. */
function watched(house: House): House {
  const { source } = house;
  const heard = source.heard.bind(source);
  source.heard = (outcome) => {
    if (outcome.kind === "answered" && outcome.answer.kind === "words" && outcome.answer.words.length > 1)
      if (outcome.answer.words.every((word) => word === LATE_WORD)) house.lateBelieved++;
    heard(outcome);
  };
  return house;
}

function inputOf(house: House, grid: boolean): ConstructorParameters<typeof Meter>[0]["inputs"][number] {
  const { source, name, simulated } = house;
  return {
    source: {
      start: (tell, booked) =>
        source.start((event) => {
          if (event.kind === "report") {
            house.last = simulated.truth(event.board);
            house.first ??= house.last;
            house.reports++;
          }
          tell(event);
        }, booked),
      stop: () => source.stop(),
      remember: () => source.remember(),
      setUtc: () => source.setUtc(),
    },
    feeds: [{ name, role: grid ? "grid" : "load", channel: 1 }],
    patience_ms: 1_800_000,
  };
}

/** Kettles, clouds and standby from a seed, both ways; the phases of one house differ, and turn round each for itself. */
function loadFrom(seed: number, { phases }: Model): LoadAt {
  const one =
    (phase: number) =>
    (time_s: number): Load => {
      const kettle_w = hashUnit(seed ^ (0x71 + phase), Math.floor(time_s / 97)) < 0.2 ? 2_400 : 0;
      const sun_w = 2_600 * wander(seed ^ (0x81 + phase), time_s / 240);
      return { active_w: 150 + kettle_w + sun_w, reactive_var: 180 * wander(seed ^ (0x91 + phase), time_s / 60) };
    };
  const [l1, l2, l3] = [one(0), one(1), one(2)];
  return phases === 3 ? (time_s) => [l1(time_s), l2(time_s), l3(time_s)] : l1;
}

/** Counters that have stood for some time: up to 9,000 kWh, where a float32 tells 1 Wh apart. */
function startOf({ direction }: Model, seed: number): Partial<TrueEnergy> {
  const uwh = (salt: number) => Math.floor(9_000 * hashUnit(seed, salt)) * 1e9 + 123_456_789;
  return direction === "both" ? { import_uwh: uwh(1), export_uwh: uwh(2) } : { import_uwh: uwh(1) };
}

function stepOf_wh(model: Model, counter_wh: number): number {
  const name = bookedRows(model).import;
  const float = name !== null && model.points[name]?.type === "f32";
  return Math.max(model.resolution_wh, float ? 2 ** (Math.floor(Math.log2(counter_wh / 1e3)) - 23) * 1e3 : 0);
}
