// A bench for tests: a simulated board in this process, its lines decoded as they come, its truth at hand.
import type { SimulatedBoard } from "../../host/sim/board.js";
import { type BoardOptionsInput, buildBoard, readBoardOptions } from "../../host/sim/board-options.js";
import type { Eeprom } from "../../host/sim/eeprom.js";
import { ExecutedBoard } from "../../host/sim/executed-board.js";
import type { World } from "../../host/sim/mains.js";
import { decodeLine } from "../../host/wire/board/from-board.js";
import type { BoardMessage, Channel, Command, Counters, Report } from "../../host/wire/board/messages.js";
import { encodeCommand } from "../../host/wire/board/to-board.js";

export const NOON_s = Date.UTC(2026, 5, 1, 12) / 1000;

/** The longer proofs run where this is set. */
export const PROOF = process.env.ESME_PROOF === "ci";

export class Bench {
  readonly messages: BoardMessage[] = [];
  /** Everything the board sent. */
  text = "";
  faults = 0;
  readonly board: SimulatedBoard;
  readonly world: World;
  readonly eeprom: Eeprom;
  #line = "";

  constructor(options: BoardOptionsInput, startUtc_s = NOON_s, eeprom?: Eeprom) {
    const read = readBoardOptions(options);
    if ("kind" in read) throw new Error(read.reason);
    const built = buildBoard(read, startUtc_s, eeprom);
    if ("kind" in built) throw new Error(built.reason);
    this.board = built.board;
    this.world = built.world;
    this.eeprom = built.eeprom;
    built.board.onBytes = (bytes) => this.#hear(Buffer.from(bytes).toString("latin1"));
  }

  get executed(): ExecutedBoard {
    if (!(this.board instanceof ExecutedBoard)) throw new Error("this board executes nothing");
    return this.board;
  }

  say(command: Command): void {
    this.board.send(Buffer.from(encodeCommand(command), "latin1"));
  }

  of<K extends BoardMessage["kind"]>(kind: K): Extract<BoardMessage, { kind: K }>[] {
    return this.messages.filter((message) => message.kind === kind) as Extract<BoardMessage, { kind: K }>[];
  }

  reports(channel: Channel): Report[] {
    return this.of("report").filter((report) => report.channel === channel);
  }

  /** A clamp's measured and true energies between its first report at or after `from_s` and its last, Wh. */
  compare(channel: Channel, from_s = 0): { measured: Energy; truth: Energy } {
    const reports = this.reports(channel).filter((report) => report.t_ms >= from_s * 1000);
    const [first, last] = [reports[0], reports.at(-1)];
    if (first === undefined || last === undefined || first === last) throw new Error("too few reports to compare");
    return { measured: difference(first.counters, last.counters), truth: this.truthBetween(channel, first, last) };
  }

  truthBetween(channel: Channel, first: Report, last: Report): Energy {
    const [from, to] = [first, last].map((report) => {
      const at_s = this.board.boardTimeToTrue(report.boot, report.t_ms);
      const energies = at_s === null ? null : this.board.truth.at(at_s);
      if (energies === null) throw new Error(`no truth at board time ${report.t_ms} ms of boot ${report.boot}`);
      return energies[channel - 1]!;
    });
    return {
      import_wh: (to!.import_uwh - from!.import_uwh) / 1e6,
      export_wh: (to!.export_uwh - from!.export_uwh) / 1e6,
      import_varh: (to!.import_uvarh - from!.import_uvarh) / 1e6,
      export_varh: (to!.export_uvarh - from!.export_uvarh) / 1e6,
    };
  }

  #hear(text: string): void {
    this.text += text;
    this.#line += text;
    for (let end = this.#line.indexOf("\n"); end >= 0; end = this.#line.indexOf("\n")) {
      const message = decodeLine(this.#line.slice(0, end));
      this.#line = this.#line.slice(end + 1);
      if (message.kind === "fault") this.faults++;
      else this.messages.push(message);
    }
  }
}

export interface Energy {
  readonly import_wh: number;
  readonly export_wh: number;
  readonly import_varh: number;
  readonly export_varh: number;
}

function difference(first: Counters, last: Counters): Energy {
  return {
    import_wh: (last.importActive_mwh - first.importActive_mwh) / 1000,
    export_wh: (last.exportActive_mwh - first.exportActive_mwh) / 1000,
    import_varh: (last.importReactive_mvarh - first.importReactive_mvarh) / 1000,
    export_varh: (last.exportReactive_mvarh - first.exportReactive_mvarh) / 1000,
  };
}

/** How far a measured energy may lie from the true one: a share of it, or `floor_wh`, whichever is more. */
export function within(share: number, truth_wh: number, floor_wh: number): number {
  return Math.max(share * Math.abs(truth_wh), floor_wh);
}
