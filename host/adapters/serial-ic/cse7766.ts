// Metering with a CSE7766, which speaks unasked some twenty times a second: magnitudes only, so all that it counts is import
// (docs/spec/serial-ics.md).

import { Mono_ms } from "../../ledger/units.js";
import { type Cse7766Frame, measuredIn, soundness, splitCse7766 } from "../../wire/ics/cse7766.js";
import { joined } from "../../wire/ics/scan.js";
import {
  BEHIND_MAX,
  type Driver,
  type IcRefusal,
  type Outlet,
  PAIR_SLACK_ms,
  POLL_ms,
  powerOf,
  STEP_SLACK_ms,
} from "./driver.js";
import { SERIAL_IC_FACTS, type SerialIcOptions } from "./options.js";
import { mostCounts, nearest, type Scale, scaleOf } from "./scales.js";
import { Tally } from "./tally.js";

const SPAN = 2 ** 16;
const ONE: Scale = { num: 1n, den: 1n };
/** A count that fell after a longer silence is a chip's that lost its supply: in so short a time a count seldom goes round. */
const ROUND_WITHIN_ms = 1_000;
/** So many frames in a row that say they are worth nothing, and the chip is refused. */
const UNSOUND_FRAMES = 40;

interface Heard {
  readonly frame: Cse7766Frame;
  readonly at: Mono_ms;
}

export class Cse7766Driver implements Driver {
  readonly firmware = "-";
  readonly #voltage: Scale;
  readonly #current: Scale;
  readonly #most_w: number;
  readonly #tally: Tally;
  #rest = new Uint8Array();
  #unsound = 0;
  /** The last sound frame, and the last that the one after it agreed with. */
  #last: Heard | null = null;
  #believed: Heard | null = null;
  #behind = 0;
  #next: Mono_ms = Mono_ms(0);

  constructor(
    options: SerialIcOptions & { readonly ic: "cse7766" },
    boot: number,
    private readonly out: Outlet,
  ) {
    this.#voltage = options.voltageRatio === undefined ? ONE : scaleOf(options.voltageRatio);
    this.#current = options.currentRatio === undefined ? ONE : scaleOf(options.currentRatio);
    this.#most_w = options.most_w ?? SERIAL_IC_FACTS.cse7766.most_w;
    this.#tally = new Tally(boot, ONE);
  }

  opened(now: Mono_ms): void {
    this.#rest = new Uint8Array();
    this.#unsound = 0;
    this.#last = null;
    this.#next = now;
  }

  tick(): void {}

  received(bytes: Uint8Array, now: Mono_ms): void {
    const { pieces, rest } = splitCse7766(joined(this.#rest, bytes));
    this.#rest = rest as Uint8Array<ArrayBuffer>;
    for (const piece of pieces)
      if (piece.kind === "frame") this.#heard(piece.frame, now);
      else {
        this.#fault(piece.fault, now, piece.bytes.length);
        this.#last = null;
      }
  }

  #heard(frame: Cse7766Frame, at: Mono_ms): void {
    const sound = soundness(frame);
    if (sound !== "sound" || frame.powerConstant === 0) {
      this.#last = null;
      this.#fault(sound === "sound" ? "range" : sound, at);
      if (++this.#unsound >= UNSOUND_FRAMES) this.out.say({ kind: "refused", at, refusal: refusalOf(sound) });
      return;
    }
    this.#unsound = 0;
    const last = this.#last;
    this.#last = { frame, at };
    if (last === null) return;
    if (!sameConstants(last.frame, frame) || this.#stepOf(last, this.#last, PAIR_SLACK_ms) === null)
      return this.#fault("disagree", at);
    if (!this.#believe(last) || at < this.#next) return;
    this.#next = Mono_ms(Math.max(this.#next + POLL_ms, at + POLL_ms / 2));
    const { boot, counters, base } = this.#tally;
    this.out.say({ kind: "reading", at: last.at, boot, counters, base, power: this.#shown(last.frame) });
  }

  /** Whether it follows what is believed; where it does not, nothing of it was booked. */
  #believe(now: Heard): boolean {
    const before = this.#believed;
    const same = before !== null && sameConstants(before.frame, now.frame);
    const step = same ? this.#stepOf(before, now, STEP_SLACK_ms) : null;
    const behind = same && step === null && this.#stepOf({ ...now, at: before.at }, before, PAIR_SLACK_ms) !== null;
    if (behind && ++this.#behind < BEHIND_MAX) {
      this.#fault("disagree", now.at);
      return false;
    }
    this.#behind = 0;
    this.#believed = now;
    if (step !== null) this.#tally.add(step);
    else if (before === null) this.#tally.rescale(this.#energyOf(now.frame));
    else this.#anew(now);
    return true;
  }

  #anew(now: Heard): void {
    this.#fault("rebase", now.at);
    this.#tally.rescale(this.#energyOf(now.frame));
    this.#tally.restart();
  }

  /** What was counted between two frames; null where it cannot have flowed, or where the count may have wrapped unseen. */
  #stepOf(before: Heard, now: Heard, slack_ms: number): number | null {
    const elapsed_ms = now.at - before.at;
    if (now.frame.count < before.frame.count && elapsed_ms > ROUND_WITHIN_ms) return null;
    const most = mostCounts(this.#most_w, elapsed_ms + slack_ms, this.#energyOf(now.frame));
    const step = (now.frame.count - before.frame.count + SPAN) % SPAN;
    return most < SPAN && step <= most ? step : null;
  }

  /** A count is Pk µJ at a board of ratio 1. */
  #energyOf({ powerConstant }: Cse7766Frame): Scale {
    return {
      num: BigInt(powerConstant) * this.#voltage.num * this.#current.num,
      den: 3_600_000n * this.#voltage.den * this.#current.den,
    };
  }

  #shown(frame: Cse7766Frame) {
    const measured = measuredIn(frame);
    const millis = (known: boolean, constant: number, cycle: number, { num, den }: Scale) =>
      known && cycle > 0 ? nearest(1_000, { num: BigInt(constant) * num, den: BigInt(cycle) * den }) : null;
    const board = { num: this.#voltage.num * this.#current.num, den: this.#voltage.den * this.#current.den };
    return powerOf(
      null,
      millis(measured.voltage, frame.voltageConstant, frame.voltageCycle, this.#voltage),
      millis(measured.current, frame.currentConstant, frame.currentCycle, this.#current),
      measured.power === "none"
        ? 0
        : millis(measured.power === "measured", frame.powerConstant, frame.powerCycle, board),
      null,
    );
  }

  #fault(fault: string, at: Mono_ms, bytes = 0): void {
    this.out.say({ kind: "fault", at, fault, bytes });
  }
}

function sameConstants(one: Cse7766Frame, other: Cse7766Frame): boolean {
  return (
    one.powerConstant === other.powerConstant &&
    one.voltageConstant === other.voltageConstant &&
    one.currentConstant === other.currentConstant
  );
}

function refusalOf(why: ReturnType<typeof soundness>): IcRefusal {
  return why === "abnormal"
    ? {
        code: "ic-abnormal",
        reason: "the CSE7766 finds neither voltage nor current within its range",
        next: "check its divider and shunt, and that the mains is on",
      }
    : {
        code: "ic-uncalibrated",
        reason: "the CSE7766 has no constants of its own, or damaged ones: what it counts is of no known size",
        next: "use another board",
      };
}
