// A simulated meter's words at their addresses, from the table of its model: the inverse of reading it.

import type { Model } from "../../models/model.js";
import { QUANTITIES, type Quantity, UNITS } from "../../models/quantities.js";
import { type ReadFunction, type Row, wordsOfRow } from "../../models/rows.js";
import { wordsOf } from "../../wire/modbus/words.js";
import type { Flowing } from "./conductor.js";
import { ascii, sunspecChain } from "./sunspec.js";
import { type Counters, counterOf, tellerOf } from "./tells.js";

/** Words that belong together: a read that cuts them is refused. */
interface Slot {
  readonly function: ReadFunction;
  readonly address: number;
  readonly words: number;
  say(flowing: Flowing, counters: Counters): readonly number[];
}

export interface Peculiar {
  /** What stands where its serial number is read. */
  readonly serial: number;
  /** Which of a SunSpec model's ids it has, and where its chain begins. */
  readonly sunspec: { readonly id: number; readonly base: number };
  /** What it does not know: told as absent. */
  readonly unknown: readonly Quantity[];
  /** A disputed row stands at the so manyth of its addresses; 0 is the table's first choice. */
  readonly disputed: number;
  /** What the words of its settings say; null: what they ought to. */
  readonly setting: number | null;
}

/** Modbus exceptions: no such address, no such number of words. */
const ILLEGAL_ADDRESS = 2;
export const ILLEGAL_VALUE = 3;

type Say = (flowing: Flowing, counters: Counters) => number[];

export class AddressSpace {
  readonly #slots: readonly Slot[];
  readonly #fixed = new Map<number, number>();
  /** The words of those that say who it is. */
  readonly #marks = new Map<number, number>();
  /** Answers asked for before, by what was asked. */
  readonly #known = new Map<number, Say | number>();

  constructor(
    private readonly model: Model,
    peculiar: Peculiar,
  ) {
    const from = this.#chain(peculiar);
    this.#slots = slotsOf(model, from, peculiar);
    for (const { function: fn, address, expect } of model.identity)
      put(this.#marks, fn, address, "words" in expect ? (expect.words[0] ?? []) : ascii(expect.ascii, expect.length));
    for (const { function: fn, address, is } of model.settings ?? [])
      put(this.#marks, fn, address, [peculiar.setting ?? is[0] ?? 0]);
    const { serial } = model;
    if (serial !== null) put(this.#marks, serial.function, serial.address, serialWords(model, peculiar));
  }

  /** The words asked for, or the code of the exception. */
  read(fn: number, address: number, count: number, now: () => readonly [Flowing, Counters]): number[] | number {
    const key = (fn * 0x1_0000 + address) * 128 + count;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = this.#plan(fn, address, count);
      this.#known.set(key, known);
    }
    return typeof known === "number" ? known : known(...now());
  }

  #plan(fn: number, address: number, count: number): Say | number {
    if (count < 1 || count > this.model.pace.mostWords) return ILLEGAL_VALUE;
    const end = address + count;
    const slots = this.#slots.filter((one) => one.function === fn && one.address < end && endOf(one) > address);
    if (slots.some((one) => one.address < address || endOf(one) > end)) return this.#alone(fn, address, count);
    const template: (number | null)[] = Array.from(
      { length: count },
      (_, at) => this.#marks.get(fn * 0x1_0000 + address + at) ?? this.#fixed.get(fn * 0x1_0000 + address + at) ?? null,
    );
    for (const one of slots) template.fill(0, one.address - address, endOf(one) - address);
    const cut = template[0] === null || template[count - 1] === null;
    if (cut || (!this.model.pace.mayReadGaps && template.includes(null))) return ILLEGAL_ADDRESS;
    const words = template.map((word) => word ?? 0);
    return (flowing, counters) => {
      const said = words.slice();
      for (const one of slots) {
        const own = one.say(flowing, counters);
        for (let at = 0; at < own.length; at++) said[one.address - address + at] = own[at]!;
      }
      return said;
    };
  }

  /** A mark may stand within a row of a measurement: whoever asks for just that is told it (Carlo Gavazzi's 0x000B). */
  #alone(fn: number, address: number, count: number): Say | number {
    const words = Array.from({ length: count }, (_, at) => this.#marks.get(fn * 0x1_0000 + address + at));
    return words.every((word) => word !== undefined) ? () => words : ILLEGAL_ADDRESS;
  }

  /** Lays out the chain of a SunSpec device; where its rows count from. */
  #chain({ sunspec, serial }: Peculiar): number {
    if (this.model.base.kind === "fixed") return 0;
    const chain = sunspecChain(this.model, sunspec.id, sunspec.base, String(serial));
    put(this.#fixed, 3, chain.base, chain.words);
    return chain.model;
  }
}

function put(into: Map<number, number>, fn: number, address: number, words: readonly number[]): void {
  for (const [at, word] of words.entries()) into.set(fn * 0x1_0000 + address + at, word);
}

function endOf({ address, words }: Slot): number {
  return address + words;
}

function serialWords({ serial }: Model, { serial: number }: Peculiar): number[] {
  if (serial === null) return [];
  if (serial.as === "ascii") return ascii(String(number), serial.words);
  return wordsOf(number, "u32", serial.as === "u32-high-first" ? "high-first" : "low-first");
}

function slotsOf(model: Model, from: number, peculiar: Peculiar): Slot[] {
  const points = Object.entries(model.points) as [Quantity, Row][];
  const exponents = new Map<number, number>();
  const scales: Slot[] = [];
  for (const [quantity, row] of points) {
    if (typeof row.scale === "number" || exponents.has(row.scale.exponentAt)) continue;
    const exponent = exponentOf(model, quantity, row);
    const words = wordsOf(exponent, "i16", "high-first");
    exponents.set(row.scale.exponentAt, exponent);
    scales.push({ function: row.function, address: from + row.scale.exponentAt, words: 1, say: () => words });
  }
  const rows = points.map(([quantity, row]): Slot => {
    const { scale } = row;
    const step = typeof scale === "number" ? scale : 10 ** (exponents.get(scale.exponentAt) ?? 0);
    const disputed = [row.address, ...(row.disputed?.addresses ?? [])];
    return {
      function: row.function,
      address: from + (disputed[peculiar.disputed] ?? row.address),
      words: wordsOfRow(row),
      say: peculiar.unknown.includes(quantity) ? absent(row) : sayOf(model, quantity, row, step),
    };
  });
  return [...rows, ...scales];
}

/** How finely a device with powers of ten tells a quantity, in milli-units; its counters as finely as they count. */
const FINENESS_milli = {
  voltage: 100,
  current: 10,
  power: 1000,
  reactivePower: 1000,
  apparentPower: 1000,
  frequency: 10,
  ratio: 10,
  angle: 100,
} as const;

function exponentOf(model: Model, quantity: Quantity, row: Row): number {
  const kind = QUANTITIES[quantity];
  const fine = kind in FINENESS_milli ? FINENESS_milli[kind as keyof typeof FINENESS_milli] : model.resolution_wh * 1e3;
  return Math.max(-10, Math.min(10, Math.round(Math.log10(fine / UNITS[row.unit].milli))));
}

function absent(row: Row): Slot["say"] {
  const words = wordsOf(0, row.type, row.wordOrder);
  if (row.absent === "all-ones") words.fill(0xffff);
  const most = row.type === "f32" ? 0xff80 : 0x8000;
  const highest = row.wordOrder === "high-first" ? 0 : words.length - 1;
  if (row.absent === "most-negative") words[highest] = most;
  if (row.absent === "most-positive") words.fill(0xffff).fill(0x7fff, highest, highest + 1);
  return () => words;
}

function sayOf(model: Model, quantity: Quantity, row: Row, step: number): Slot["say"] {
  const unit_milli = UNITS[row.unit].milli;
  const sign = row.sign ?? 1;
  const count = counterOf(quantity);
  if (count === null) {
    const tell = tellerOf(quantity, model.direction);
    const steps_in_one = (sign * 1e3) / (unit_milli * step);
    return (flowing) => wordsOf(tell(flowing) * steps_in_one, row.type, row.wordOrder);
  }
  const resolution_uwh = Math.round(model.resolution_wh * 1e6);
  const wraps_uwh = model.wraps_kwh === null ? Number.POSITIVE_INFINITY : Math.round(model.wraps_kwh * 1e9);
  const step_uwh = Math.round(unit_milli * 1e3 * step);
  return (_, counters) => {
    const true_uwh = count(counters) % wraps_uwh;
    const held_uwh = true_uwh - (true_uwh % resolution_uwh);
    // A counter is cut off, never rounded up; a float holds what is nearest.
    const number = row.type === "f32" ? held_uwh / step_uwh : Math.trunc(held_uwh / step_uwh);
    return wordsOf(sign * number, row.type, row.wordOrder);
  };
}
