// A recorded waveform instead of the house: CSV, first line `# rate_hz=6400`, then the header
// `volts,ct1_amps,ct2_amps,ct3_amps`, then one line a sample. It is played round and round, from its first upward zero
// crossing of the voltage to its last; between samples by straight lines. Its truth: the mean of each mains cycle.

import type { World } from "./mains.js";
import { emptyCycle } from "./mains-cycle.js";
import { fault, type SimFault } from "./scenario.js";
import type { Truth } from "./truth.js";

export interface Waveform {
  readonly rate_hz: number;
  /** Volts, then the amps of clamps 1..3; one value a sample. */
  readonly channels: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
}

const HEADER = "volts,ct1_amps,ct2_amps,ct3_amps";
const RATE_HZ = { min: 400, max: 1_000_000 };

/** The waveform in a file's text, or what is wrong with it and in which line. */
export function readWaveform(text: string, name = "the waveform"): Waveform | SimFault {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === "") lines.pop();
  if (lines.length === 0) return fault(`${name} is empty`);
  const rate_hz = Number(/^# rate_hz=([0-9.]+)$/.exec(lines[0] ?? "")?.[1]);
  if (!(rate_hz >= RATE_HZ.min && rate_hz <= RATE_HZ.max)) {
    return fault(`${name}, line 1: expected "# rate_hz=" and ${RATE_HZ.min} to ${RATE_HZ.max}`);
  }
  if (lines[1] !== HEADER) return fault(`${name}, line 2: expected "${HEADER}"`);
  const rows = lines.slice(2);
  if (rows.length < rate_hz / 25) return fault(`${name} holds ${rows.length} samples: fewer than two mains cycles`);
  const channel = () => new Float64Array(rows.length);
  const channels: Waveform["channels"] = [channel(), channel(), channel(), channel()];
  for (const [at, row] of rows.entries()) {
    const words = row.split(",");
    if (words.length !== 4) return fault(`${name}, line ${at + 3}: ${words.length} columns instead of 4`);
    for (const [column, word] of words.entries()) {
      const value = word.trim() === "" ? Number.NaN : Number(word);
      if (!Number.isFinite(value)) return fault(`${name}, line ${at + 3}: "${word}" is not a number`);
      channels[column]![at] = value;
    }
  }
  return { rate_hz, channels };
}

/** Plays a waveform. Without two crossings of the voltage there is no mains: chunks of about 20 ms stand for cycles. */
export class RecordedWorld implements World {
  readonly cycle = emptyCycle();
  grain_cycles = 1;
  readonly recorded: (channel: number, time_s: number) => number;
  /** Places in the recording, in samples, where its cycles begin; the last is where the loop ends. */
  readonly #edges: readonly number[];
  #at = 0;

  constructor(
    private readonly waveform: Waveform,
    readonly truth: Truth,
  ) {
    const crossings = upwardCrossings(waveform.channels[0]);
    this.#edges = crossings.length >= 2 ? crossings : chunks(waveform);
    this.recorded = (channel, time_s) => {
      const place = this.#edges[this.#at]! + (time_s - this.cycle.start_s) * this.waveform.rate_hz;
      return between(this.waveform.channels[channel]!, place);
    };
    this.#begin(0);
  }

  next(): void {
    this.truth.add(this.cycle);
    this.#at = (this.#at + 1) % (this.#edges.length - 1);
    this.#begin(this.cycle.end_s);
  }

  #begin(start_s: number): void {
    const from = this.#edges[this.#at]!;
    const length = this.#edges[this.#at + 1]! - from;
    const { cycle, waveform } = this;
    cycle.start_s = start_s;
    cycle.end_s = start_s + length / waveform.rate_hz;
    cycle.cycles = 1;
    measureSamples(cycle, waveform, from, length);
  }
}

/** Means over a cycle, 256 points of the straight lines between samples. */
function measureSamples(cycle: RecordedWorld["cycle"], waveform: Waveform, from: number, length: number): void {
  const [volts, ...clamps] = waveform.channels;
  const points = 256;
  const place = (point: number) => from + ((point + 0.5) * length) / points;
  const sum = (of: (at: number) => number) => {
    let total = 0;
    for (let point = 0; point < points; point++) total += of(place(point));
    return total / points;
  };
  cycle.voltage_v = Math.sqrt(sum((at) => between(volts, at) ** 2));
  for (const [clamp, amps] of clamps.entries()) {
    cycle.current_a[clamp] = Math.sqrt(sum((at) => between(amps, at) ** 2));
    cycle.power_w[clamp] = sum((at) => between(volts, at) * between(amps, at));
    // The voltage a quarter of a cycle ago against the current now.
    cycle.reactive_var[clamp] = sum(
      (at) => between(volts, from + ((at - from + 0.75 * length) % length)) * between(amps, at),
    );
  }
}

function between(samples: Float64Array, place: number): number {
  const at = Math.min(Math.max(Math.floor(place), 0), samples.length - 2);
  const low = samples[at]!;
  return low + (samples[at + 1]! - low) * (place - at);
}

/** Where the voltage crosses zero upwards, in samples. */
function upwardCrossings(volts: Float64Array): number[] {
  const crossings: number[] = [];
  for (let at = 1; at < volts.length; at++) {
    const [before, now] = [volts[at - 1]!, volts[at]!];
    if (before < 0 && now >= 0) crossings.push(at - 1 + before / (before - now));
  }
  return crossings;
}

function chunks(waveform: Waveform): number[] {
  const length = waveform.rate_hz / 50;
  const count = Math.floor((waveform.channels[0].length - 1) / length);
  return Array.from({ length: count + 1 }, (_, at) => at * length);
}
