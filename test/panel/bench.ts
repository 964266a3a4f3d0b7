// A bench for the second board: a StandardFirmata behind a real pseudo-terminal, real serialport and johnny-five, sources and the panel.

import type { PanelView } from "../../host/adapters/panel/display-items.js";
import { FrontPanel } from "../../host/adapters/panel/front-panel.js";
import { DEFAULT_PANEL, type PanelOptions, type PulseOptions } from "../../host/adapters/panel/options.js";
import { PanelBoard } from "../../host/adapters/panel/panel-board.js";
import { PulseSource } from "../../host/adapters/panel/pulse-source.js";
import { Mono_ms, Utc_ms } from "../../host/ledger/units.js";
import type { Clock } from "../../host/ports/clock.js";
import type { SourceEvent } from "../../host/ports/source.js";
import type { FirmataOptions } from "../../host/sim/firmata/messages.js";
import { type FirmataProcess, startFirmata } from "../../host/sim/firmata/process.js";
import type { Seen } from "../../host/sim/firmata/wired-board.js";

const WALL: Clock = {
  utc: () => Utc_ms(Date.now()),
  mono: () => Mono_ms(Math.round(performance.now())),
  every(period_ms, call) {
    const timer = setInterval(call, period_ms);
    return () => clearInterval(timer);
  },
};

/** S0 outputs on D2 and so on, 1000 imp/kWh each. */
export function s0(pin: number, more: Partial<PulseOptions> = {}): PulseOptions {
  return { name: `meter-${pin}`, pin, impPerKwh: 1_000, minOn_ms: null, minOff_ms: null, ...more };
}

export const VIEW: PanelView = {
  import_wh: 1_234_567,
  export_wh: 89_012,
  rates: [
    { number: 1, wh: 1_000_000, active: true },
    { number: 2, wh: 234_567, active: false },
  ],
  power_w: 7_215,
  maximumDemand_w: 9_001,
  supply: "enabled",
  utc: Utc_ms(Date.UTC(2026, 5, 1, 12, 30, 1)),
  meter: "00-DB-12-34-56-78-9A-BC",
  firmware: "0.1.0",
};

export interface Bench {
  readonly board: FirmataProcess;
  readonly sources: readonly PulseSource[];
  readonly panel: FrontPanel;
  /** What each source told, by its place. */
  readonly told: readonly SourceEvent[][];
  /** The newest counter of a source, mWh; null before its first report. */
  import_mwh(source: number): number | null;
  /** Waits until it holds; throws what it waited for. */
  until(what: string, holds: (seen: Seen) => boolean, patience_ms?: number): Promise<Seen>;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly image: string | null;
  readonly speed?: number;
  readonly minor?: number;
  readonly pulses?: readonly PulseOptions[];
  readonly panel?: PanelOptions;
  /** Of the host; the machine's where it is left out. */
  readonly clock?: Clock;
  /** A name for the port that outlives it. */
  readonly path?: (port: string) => string;
}

function firmataOptions({ image, speed = 0, minor = 4, panel = DEFAULT_PANEL }: BenchOptions): FirmataOptions {
  const { lcd, led, arrowImport, arrowExport, relay } = panel.pins;
  const lamps = { led: led ?? -1, arrowImport: arrowImport ?? -1, arrowExport: arrowExport ?? -1, relay: relay ?? -1 };
  return {
    image,
    version: { major: 2, minor },
    speed,
    wiring: { lcd, columns: panel.columns, rows: panel.rows, lamps },
    inputs: [2, 3, 4, 5, 6, 7],
  };
}

/** Another board, in a process of its own. */
export async function plugged(options: BenchOptions): Promise<FirmataProcess> {
  const started = await startFirmata(firmataOptions(options));
  if ("kind" in started) throw new Error(started.reason);
  return started;
}

export async function bench(options: BenchOptions): Promise<Bench> {
  const { pulses = [s0(2)], panel: wiring = DEFAULT_PANEL, clock = WALL, path = (port) => port } = options;
  const started = await plugged(options);
  const board = new PanelBoard(path(started.port), clock);
  const sources = pulses.map((one) => new PulseSource(board, one, clock));
  const panel = new FrontPanel(board, wiring, clock);
  const told: SourceEvent[][] = sources.map(() => []);
  sources.forEach((source, k) => {
    source.start((event) => told[k]?.push(event));
  });
  panel.start();
  return {
    board: started,
    sources,
    panel,
    told,
    import_mwh: (source) => {
      const last = told[source]?.findLast((event) => event.kind === "report");
      return last?.kind === "report" ? last.counters.import_mwh : null;
    },
    async until(what, holds, patience_ms = 60_000) {
      const deadline_ms = performance.now() + patience_ms;
      for (;;) {
        const seen = await started.seen();
        if (holds(seen)) return seen;
        if (performance.now() > deadline_ms) throw new Error(`waited in vain for ${what}: ${JSON.stringify(seen)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async close() {
      await Promise.all([...sources.map((source) => source.stop()), panel.stop()]);
      await started.unplug();
    },
  };
}
