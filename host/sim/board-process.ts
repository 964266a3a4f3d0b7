// A simulated board in a process of its own, as its starter sees it: a port to open, and a hand on its plug.
import type { ChildProcess } from "node:child_process";
import type { ChannelCalibration } from "../wire/board/messages.js";
import { AskedProcess, startProcess } from "./asked-process.js";
import type { Answer, Asking } from "./board-messages.js";
import type { BoardOptionsInput } from "./board-options.js";
import type { BoardStatus, SimClock, TruthAt } from "./board-runner.js";
import type { SimFault } from "./scenario.js";

const WHO = "the board's process";

interface Ready {
  readonly port: string;
  readonly clock: SimClock;
}

/** Starts a board; resolves when its port can be opened, or says why there is none (no pty, a bad scenario). */
export async function startBoardProcess(options: BoardOptionsInput): Promise<BoardProcess | SimFault> {
  const words = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [`--${name}`, JSON.stringify(value)]);
  const made = (child: ChildProcess, ready: Ready) => new BoardProcess(child, ready);
  return startProcess("board-main.js", words, WHO, made);
}

/** Once unplugged, another started with the same EEPROM file is the same board plugged in again. */
export class BoardProcess extends AskedProcess<Asking, Answer> {
  readonly port: string;
  /** Simulated UTC from the wall clock: give it to the host as well. */
  readonly clock: SimClock;

  constructor(child: ChildProcess, ready: Ready) {
    super(child, WHO);
    this.port = ready.port;
    this.clock = ready.clock;
  }

  /** What had really flowed at a board time of one of its boots; null where it cannot tell any more. */
  truthAtBoard(boot: number, t_ms: number): Promise<TruthAt | null> {
    return this.ask({ ask: "truth-at-board", boot, t_ms }) as Promise<TruthAt | null>;
  }

  truthAt(at_s: number): Promise<TruthAt | null> {
    return this.ask({ ask: "truth-at", at_s }) as Promise<TruthAt | null>;
  }

  truthAtUtc(utc_ms: number): Promise<TruthAt | null> {
    return this.ask({ ask: "truth-at-utc", utc_ms }) as Promise<TruthAt | null>;
  }

  /** The front end's own constants for the four `K` commands. */
  calibration(): Promise<readonly ChannelCalibration[] | null> {
    return this.ask({ ask: "calibration" }) as Promise<readonly ChannelCalibration[] | null>;
  }

  status(): Promise<BoardStatus | null> {
    return this.ask({ ask: "status" }) as Promise<BoardStatus | null>;
  }

  /** Stops the board's time; `resume` makes it catch up. */
  pause(): Promise<unknown> {
    return this.ask({ ask: "pause" });
  }

  resume(): Promise<unknown> {
    return this.ask({ ask: "resume" });
  }

  /** Takes the board's supply away for so many true seconds; the port stays. */
  powerCut(off_s: number): Promise<unknown> {
    return this.ask({ ask: "power-cut", off_s });
  }

  reset(): Promise<unknown> {
    return this.ask({ ask: "reset" });
  }

  /** Probability that a byte is corrupted, 0..1. */
  corrupt(rate: number): Promise<unknown> {
    return this.ask({ ask: "corrupt", rate });
  }
}
