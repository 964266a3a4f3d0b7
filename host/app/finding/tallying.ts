// Counts what became of questions of one kind, as the diagnosis wants it.

import { NO_TALLY, type Tally } from "../../adapters/modbus/diagnosis.js";
import type { Heard } from "./asker.js";

export class Tallying {
  #tally: Tally = NO_TALLY;

  /** `unit` was asked; later than `promised_ms` is late. */
  count(heard: Heard, unit: number, promised_ms = Number.POSITIVE_INFINITY): void {
    const { from, bytes, latency_ms } = heard;
    const answered = from !== null && from.unit === unit;
    const broken = from === null && bytes.length > 0;
    const isBreak = broken && bytes.length <= 2 && bytes.every((byte) => byte === 0x00 || byte === 0xff);
    const late = (from !== null && !answered) || (answered && (latency_ms ?? 0) > promised_ms);
    const before = this.#tally;
    const more = (holds: boolean) => (holds ? 1 : 0);
    this.#tally = {
      asked: before.asked + 1,
      answered: before.answered + more(answered),
      silent: before.silent + more(bytes.length === 0),
      damaged: before.damaged + more(broken),
      breaks: before.breaks + more(isBreak),
      overlong: before.overlong + more(heard.overlong),
      echoes: before.echoes + more(heard.echo),
      late: before.late + more(late),
      exceptions:
        answered && from.answer.kind === "exception" ? [...before.exceptions, from.answer.code] : before.exceptions,
    };
  }

  get tally(): Tally {
    return this.#tally;
  }
}
