// A metering IC on a serial port as a source: opens its line and never gives up, tells what the IC's driver believes, and says that the IC
// is lost when it has been silent or is not to be metered with (docs/spec/serial-ics.md).

import { randomInt } from "node:crypto";
import { Board_ms, Mono_ms, type Utc_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";
import type { Source, SourceEvent } from "../../ports/source.js";
import type { PortRefusal } from "../serial-port.js";
import { Bl0942Driver } from "./bl0942.js";
import { Cse7766Driver } from "./cse7766.js";
import { type Driver, type IcRefusal, type Outlet, possiblePower, type Said } from "./driver.js";
import { type OpenedLine, type OpenLine, openSerialLine } from "./line.js";
import { Mcp39f511aDriver } from "./mcp39f511a.js";
import { hasDirection, SERIAL_IC_FACTS, type SerialIcOptions } from "./options.js";

const TICK_ms = 100;
const SILENCE_ms = 5_000;
const BACKOFF_ms = [500, 1_000, 2_000, 5_000, 10_000];
const BOARD_SPAN_ms = 2 ** 32;
const BOOTS = 2 ** 31;
/** The only conductor there is; channel 0 is the voltage. */
const CHANNEL = 1;

type State =
  | { readonly kind: "waiting"; readonly until: Mono_ms; readonly attempt: number }
  | { readonly kind: "opening"; readonly attempt: number }
  | { readonly kind: "open"; readonly line: OpenedLine; readonly attempt: number };

export class SerialIcSource implements Source {
  readonly #driver: Driver;
  readonly #faults = new Map<string, number>();
  #state: State;
  #tell: (event: SourceEvent) => void = () => {};
  #stopTicks: () => void = () => {};
  #stopped = false;
  #serialNumber: string | null = null;
  #refusal: PortRefusal | IcRefusal | null = null;
  /** The boot that was told to be found; null while nothing is. */
  #found: number | null = null;
  #heard: Mono_ms;

  constructor(
    private readonly options: SerialIcOptions,
    private readonly clock: Clock,
    private readonly open: OpenLine = openSerialLine,
  ) {
    this.#heard = clock.mono();
    this.#state = { kind: "waiting", until: clock.mono(), attempt: 0 };
    // A boot of its own for every process, not by the clock: a machine without one starts at the same time again and again.
    const boot = randomInt(BOOTS);
    this.#driver = driverOf(options, boot, { send: (bytes) => this.#send(bytes), say: (said) => this.#said(said) });
  }

  /** Why nothing is metered, with what to do about it; null while it is. */
  get refusal(): PortRefusal | IcRefusal | null {
    return this.#refusal;
  }

  /** How often each fault was told. */
  get faults(): ReadonlyMap<string, number> {
    return this.#faults;
  }

  start(tell: (event: SourceEvent) => void): void {
    this.#tell = tell;
    this.#stopTicks = this.clock.every(TICK_ms, () => this.#tick());
    this.#tick();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTicks();
    if (this.#state.kind === "open") await this.#state.line.close();
  }

  /** These chips remember no half hours. */
  remember(): void {
    this.#tell({ kind: "remembered-all", complete: true });
  }

  /** They have no clock either. */
  setUtc(_utc: Utc_ms, _board: Board_ms, _rate_ppb: number): void {}

  #tick(): void {
    const now = this.clock.mono();
    const state = this.#state;
    if (this.#stopped || state.kind === "opening") return;
    if (state.kind === "waiting") {
      if (now >= state.until) void this.#open(state.attempt);
      return;
    }
    const gone = state.line.gone();
    if (gone !== null) return this.#lost("unplugged", gone);
    this.#driver.tick(now);
    if (this.#state === state && now - this.#heard >= SILENCE_ms)
      this.#lost("silent", `nothing that can be believed for ${SILENCE_ms / 1_000} s`, state.attempt + 1);
  }

  async #open(attempt: number): Promise<void> {
    this.#state = { kind: "opening", attempt };
    const { baud, parity } = SERIAL_IC_FACTS[this.options.ic];
    // Of a line that has been given up nothing is heard any more.
    let mine: OpenedLine | null = null;
    const current = () => this.#state.kind === "open" && this.#state.line === mine;
    const hearing = {
      bytes: (bytes: Uint8Array) => {
        if (current()) this.#driver.received(bytes, this.clock.mono());
      },
      closed: (reason: string) => {
        if (current()) this.#lost("unplugged", reason);
      },
    };
    const settings = { path: this.options.port, baud: this.options.baud ?? baud, parity };
    const line = await this.open({ ...settings, serialNumber: this.#serialNumber }, hearing);
    if ("code" in line) {
      this.#refusal = line;
      return this.#lost(line.code, line.reason, attempt + 1);
    }
    if (this.#stopped) return line.close();
    mine = line;
    this.#serialNumber ??= line.serialNumber;
    this.#heard = this.clock.mono();
    this.#state = { kind: "open", line, attempt };
    this.#driver.opened(this.#heard);
  }

  #send(bytes: Uint8Array): void {
    if (this.#state.kind === "open") this.#state.line.send(bytes);
  }

  #said(said: Said): void {
    if (this.#stopped) return;
    if (said.kind === "refused") {
      // Told by each frame that came together with the first that said so.
      if (this.#state.kind !== "open") return;
      this.#refusal = said.refusal;
      return this.#lost(said.refusal.code, said.refusal.reason, BACKOFF_ms.length);
    }
    if (said.kind === "fault") {
      const { fault, bytes, at } = said;
      this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
      return this.#tell({ kind: "fault", arrived: at, fault, bytes });
    }
    this.#reading(said);
  }

  #reading({ at, boot, counters, base, power }: Said & { kind: "reading" }): void {
    const state = this.#state;
    if (state.kind !== "open") return;
    this.#heard = at;
    this.#refusal = null;
    this.#state = { ...state, attempt: 0 };
    if (this.#found !== boot) {
      this.#found = boot;
      this.#tell({ kind: "found", arrived: at, identity: this.#identity(boot) });
    }
    const board = Board_ms(Math.floor(at) % BOARD_SPAN_ms);
    this.#tell({ kind: "report", arrived: at, board, boot, channel: CHANNEL, counters, base });
    const most_w = this.options.most_w ?? SERIAL_IC_FACTS[this.options.ic].most_w;
    this.#tell({ kind: "power", arrived: at, power: possiblePower(power, most_w) });
  }

  #identity(boot: number) {
    const { ic, port, device } = this.options;
    return {
      device: device ?? `${ic}:${port}`,
      boot,
      protocol: SERIAL_IC_FACTS[ic].protocol,
      firmware: this.#driver.firmware,
      build: "-",
      kinds: ["v", "ct"],
      capabilities: hasDirection(this.options) ? ["direction"] : [],
      span_mwh: null,
    };
  }

  #lost(code: string, reason: string, attempt = 0): void {
    const arrived = this.clock.mono();
    if (this.#state.kind === "open") void this.#state.line.close();
    const wait_ms = BACKOFF_ms[Math.min(attempt, BACKOFF_ms.length - 1)] ?? 10_000;
    this.#state = { kind: "waiting", until: Mono_ms(arrived + wait_ms), attempt };
    this.#found = null;
    if (!this.#stopped) this.#tell({ kind: "lost", arrived, reason: `${code}: ${reason}` });
  }
}

function driverOf(options: SerialIcOptions, boot: number, out: Outlet): Driver {
  switch (options.ic) {
    case "mcp39f511a":
      return new Mcp39f511aDriver(options, boot, out);
    case "bl0942":
      return new Bl0942Driver(options, boot, out);
    case "cse7766":
      return new Cse7766Driver(options, boot, out);
  }
}
