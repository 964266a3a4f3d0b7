// A simulated MCP39F511A (docs/spec/serial-ics.md): its registers of import and export, its setting, and a supply that may be cut.

import {
  encodeMcp39Answer,
  encodeMcp39Energies,
  encodeMcp39Power,
  type Mcp39Answer,
  type Mcp39Question,
  splitMcp39Questions,
} from "../../wire/ics/mcp39f511a.js";
import { joined } from "../../wire/ics/scan.js";
import { Flow, NOTHING, type SimulatedIc, UJ_PER_MWH, type World } from "./chip.js";

const VERSION = 0xfe12;

interface Registers {
  import_uj: number;
  export_uj: number;
  import_uvars: number;
  export_uvars: number;
}

export class SimulatedMcp39f511a implements SimulatedIc {
  readonly truth: Flow;
  interval = 2;
  accumulates = true;
  /** Where no question changes the setting. */
  stubborn = false;
  /** What the counters do not tell of: the truth when they were last cleared, or while nothing was accumulated. */
  #missed: Registers = { import_uj: 0, export_uj: 0, import_uvars: 0, export_uvars: 0 };
  #off: Registers | null = null;
  #rest = new Uint8Array();

  constructor(world: World, counted_mwh: { readonly import_mwh?: number; readonly export_mwh?: number } = {}) {
    this.truth = new Flow(world);
    this.#missed.import_uj = -(counted_mwh.import_mwh ?? 0) * UJ_PER_MWH;
    this.#missed.export_uj = -(counted_mwh.export_mwh ?? 0) * UJ_PER_MWH;
  }

  advance(to_ms: number): Uint8Array {
    this.truth.advance(to_ms);
    if (this.accumulates === (this.#off === null)) return NOTHING;
    if (!this.accumulates) this.#off = this.#flowed();
    else {
      this.#off = null;
      this.clear();
    }
    return NOTHING;
  }

  /** The counters begin at 0: a supply that fell too fast to save them, or accumulation switched on. */
  clear(): void {
    this.#missed = this.#flowed();
  }

  hear(bytes: Uint8Array): Uint8Array {
    const { pieces, rest } = splitMcp39Questions(joined(this.#rest, bytes));
    this.#rest = rest as Uint8Array<ArrayBuffer>;
    return pieces
      .map((piece): Uint8Array => {
        if (piece.kind === "frame") return encodeMcp39Answer(this.#answer(piece.frame));
        return piece.fault === "checksum" ? encodeMcp39Answer({ kind: "csfail" }) : NOTHING;
      })
      .reduce(joined, NOTHING);
  }

  #flowed(): Registers {
    const { import_uj, export_uj, import_uvars, export_uvars } = this.truth;
    return { import_uj, export_uj, import_uvars, export_uvars };
  }

  #answer(question: Mcp39Question): Mcp39Answer {
    if (question.kind === "write") {
      if (question.address !== 0xdc) return { kind: "nak" };
      if (!this.stubborn) this.accumulates = ((question.data[0] ?? 0) & 1) === 1;
      return { kind: "ack" };
    }
    const memory = this.#memory();
    return { kind: "data", data: memory.slice(question.address, question.address + question.length) };
  }

  #memory(): Uint8Array {
    const memory = new Uint8Array(0x120);
    const { now, voltage_mv, frequency_mhz, current_ma } = this.truth;
    memory.set(
      encodeMcp39Power({
        version: VERSION,
        voltage_dv: Math.round(voltage_mv / 100),
        frequency_mhz: Math.round(frequency_mhz),
        current_dma: Math.round(current_ma * 10),
        active_cw: Math.round(now.power_mw / 10),
        reactive_cvar: Math.round((now.reactive_mvar ?? 0) / 10),
      }),
      0x02,
    );
    const upTo = this.#off ?? this.#flowed();
    const counted = (key: keyof Registers) => BigInt(Math.floor((upTo[key] - this.#missed[key]) / UJ_PER_MWH));
    memory.set(
      encodeMcp39Energies({
        import_mwh: counted("import_uj"),
        export_mwh: counted("export_uj"),
        import_mvarh: counted("import_uvars"),
        export_mvarh: counted("export_uvars"),
      }),
      0x1e,
    );
    memory[0x9e] = this.interval;
    memory[0xdc] = this.accumulates ? 1 : 0;
    return memory;
  }
}
