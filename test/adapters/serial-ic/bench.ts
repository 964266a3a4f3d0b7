// A simulated metering IC, its line and the production source on one simulated clock, and what the source told.

import type { OpenLine } from "../../../host/adapters/serial-ic/line.js";
import type { SerialIcOptions } from "../../../host/adapters/serial-ic/options.js";
import { SerialIcSource } from "../../../host/adapters/serial-ic/source.js";
import type { Source, SourceEvent } from "../../../host/ports/source.js";
import { inProcessLine } from "../../../host/sim/line.js";
import { hashUnit } from "../../../host/sim/random.js";
import type { Flow, SimulatedIc, World } from "../../../host/sim/serial-ic/chip.js";
import { SerialIcRunner } from "../../../host/sim/serial-ic/runner.js";
import { SimulatedClock } from "../../../host/sim/simulated-clock.js";

export type Report = SourceEvent & { readonly kind: "report" };

/** 2026-06-01 12:00 UTC. */
const START_ms = 1_780_315_200_000;

export class Bench {
  readonly clock = new SimulatedClock(START_ms);
  readonly events: SourceEvent[] = [];
  source: SerialIcSource;
  readonly runner: SerialIcRunner;
  /** The cable: out, nothing opens and what was open is gone. */
  unplugged = false;
  opened = 0;
  readonly #open: OpenLine;
  #at_ms = 0;
  #tell: (event: SourceEvent) => void = () => {};

  constructor(
    private readonly options: SerialIcOptions,
    chip: SimulatedIc,
    seed = 1,
  ) {
    const { device, host } = inProcessLine();
    this.runner = new SerialIcRunner(chip, device, this.clock, seed);
    this.#open = async (_, hearing) => {
      if (this.unplugged) return { code: "port-missing", reason: "there is no port x", next: "plug it in" };
      this.opened++;
      host.onBytes = hearing.bytes;
      return {
        serialNumber: null,
        send: (bytes) => host.write(bytes),
        gone: () => (this.unplugged ? "x is gone" : null),
        close: async () => {},
      };
    };
    this.source = this.#begin();
  }

  /** The host comes back: a process of its own. */
  again(): void {
    this.source = this.#begin();
  }

  /** The source for a meter that listens too. */
  listened(): Source {
    return {
      start: (tell) => {
        this.#tell = tell;
      },
      stop: () => this.source.stop(),
      remember: () => this.source.remember(),
      setUtc: () => {},
    };
  }

  #begin(): SerialIcSource {
    const source = new SerialIcSource(this.options, this.clock, this.#open);
    source.start((event) => {
      this.events.push(event);
      this.#tell(event);
    });
    return source;
  }

  /** Goes on for so long. Opening a line takes a turn of the event loop. */
  async run(for_ms: number): Promise<void> {
    const end_ms = this.#at_ms + for_ms;
    await turns();
    while (this.#at_ms < end_ms) {
      this.#at_ms = Math.min(end_ms, this.#at_ms + 500);
      this.clock.runTo(this.#at_ms);
      await turns();
    }
  }

  get reports(): readonly Report[] {
    return this.events.filter((event): event is Report => event.kind === "report");
  }

  get last(): Report {
    const last = this.reports.at(-1);
    if (last === undefined) throw new Error(`nothing was reported, but ${this.kinds().join(", ")}`);
    return last;
  }

  kinds(): readonly string[] {
    return [...new Set(this.events.map((event) => event.kind))];
  }

  faults(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.source.faults].sort());
  }

  lost(): readonly string[] {
    return this.events.flatMap((event) => (event.kind === "lost" ? [event.reason] : []));
  }
}

async function turns(): Promise<void> {
  for (let k = 0; k < 4; k++) await Promise.resolve();
}

/** Power that stands for `spell_ms` each and goes both ways, from a seed. */
export function bothWays(seed: number, most_w: number, spell_ms = 7_000): World {
  return (at_ms) => {
    const spell = Math.floor(at_ms / spell_ms);
    return { power_mw: Math.round((2 * hashUnit(seed, spell) - 1) * most_w * 1_000) };
  };
}

export function truth_mwh(flow: Flow): { readonly import_mwh: number; readonly export_mwh: number } {
  return { import_mwh: flow.import_uj / 3_600_000, export_mwh: flow.export_uj / 3_600_000 };
}

/** The faults of our own counting: a counter that falls, in one boot or over a restart. */
export function falls(reports: readonly Report[]): number {
  return reports.filter((report, k) => {
    const before = reports[k - 1];
    return (
      before !== undefined &&
      (report.counters.import_mwh < before.counters.import_mwh ||
        report.counters.export_mwh < before.counters.export_mwh)
    );
  }).length;
}
