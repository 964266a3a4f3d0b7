// A row of a meter's table: where a quantity stands, how its words are read, in which unit. `importActiveEnergy: f32(0x0048, "kWh")`.

import { WORDS_OF, type WordOrder, type WordType } from "../wire/modbus/words.js";
import type { Unit } from "./quantities.js";

/** Modbus function codes that read words: 3 holding registers, 4 input registers. */
export type ReadFunction = 3 | 4;

export interface Row<U extends Unit = Unit> {
  readonly function: ReadFunction;
  /** As sent on the wire, 0..65535; of a SunSpec model its offset from the model's id word. */
  readonly address: number;
  readonly type: WordType;
  readonly wordOrder: WordOrder;
  readonly unit: U;
  /** One step of the number in `unit`; or the SunSpec offset of the word that holds its power of ten (i16, -10..10). */
  readonly scale: number | { readonly exponentAt: number };
  /** What the meter says where it does not know: these words are no number. */
  readonly absent?: "all-ones" | "most-positive" | "most-negative" | "zero";
  /** -1 where the maker's sign is the other way round: positive is import here. */
  readonly sign?: -1;
  /** Sources do not agree: where else it may stand, and what is known. */
  readonly disputed?: { readonly addresses: readonly number[]; readonly note: string };
}

export interface RowOptions {
  readonly function?: ReadFunction;
  readonly order?: WordOrder;
  readonly scale?: Row["scale"];
  readonly absent?: Row["absent"];
  readonly sign?: -1;
  readonly disputed?: Row["disputed"];
}

function row<U extends Unit>(
  type: WordType,
  address: number,
  unit: U,
  options: RowOptions,
  defaults: Defaults,
): Row<U> {
  const { absent, sign, disputed } = options;
  return {
    function: options.function ?? defaults.function,
    address,
    type,
    wordOrder: options.order ?? defaults.order,
    unit,
    scale: options.scale ?? 1,
    ...(absent === undefined ? {} : { absent }),
    ...(sign === undefined ? {} : { sign }),
    ...(disputed === undefined ? {} : { disputed }),
  };
}

export interface Defaults {
  readonly function: ReadFunction;
  readonly order: WordOrder;
}

/** The row makers of a model: its usual function and word order are said once. */
export function rowsOf(defaults: Defaults) {
  const make =
    (type: WordType) =>
    <U extends Unit>(address: number, unit: U, options: RowOptions = {}): Row<U> =>
      row(type, address, unit, options, defaults);
  return {
    u16: make("u16"),
    i16: make("i16"),
    u32: make("u32"),
    i32: make("i32"),
    u64: make("u64"),
    i64: make("i64"),
    f32: make("f32"),
  };
}

export function wordsOfRow({ type }: Row): number {
  return WORDS_OF[type];
}
