// A SunSpec device's words around its measurements: the mark, the common model with its names, the model itself, the end of the chain.

import type { Model } from "../../models/model.js";
import { type Row, wordsOfRow } from "../../models/rows.js";

/** Where a device may begin its chain; most begin at the first. */
export const SUNSPEC_BASES = [40_000, 50_000, 0] as const;

const MARK = [0x5375, 0x6e53];
const COMMON = { id: 1, length: 66 };
/** Words of the common model's texts, and where they stand from its id. */
const MAKER = { at: 2, words: 16 };
const TITLE = { at: 18, words: 16 };
const SERIAL = { at: 50, words: 16 };
const END = 0xffff;

export interface Chain {
  /** The address of the mark. */
  readonly base: number;
  readonly words: readonly number[];
  /** The address of the measuring model's id: its rows count from there. */
  readonly model: number;
}

export function sunspecChain(model: Model, id: number, base: number, serial: string): Chain {
  const rows = Object.values(model.points) as readonly Row[];
  const length = Math.max(...rows.map((row) => Math.max(row.address + wordsOfRow(row), exponentAt(row) + 1))) - 2;
  const common = new Array<number>(2 + COMMON.length).fill(0);
  common[0] = COMMON.id;
  common[1] = COMMON.length;
  put(common, MAKER.at, ascii(model.maker, MAKER.words));
  put(common, TITLE.at, ascii(model.title, TITLE.words));
  put(common, SERIAL.at, ascii(serial, SERIAL.words));
  const measured = [id, length, ...new Array<number>(length).fill(0)];
  return {
    base,
    words: [...MARK, ...common, ...measured, END, 0],
    model: base + MARK.length + common.length,
  };
}

function exponentAt({ scale }: Row): number {
  return typeof scale === "number" ? 0 : scale.exponentAt;
}

/** Two characters a word, the rest zero. */
export function ascii(text: string, words: number): number[] {
  const bytes = Buffer.alloc(2 * words);
  bytes.write(text.slice(0, 2 * words), "latin1");
  return Array.from({ length: words }, (_, at) => bytes.readUInt16BE(2 * at));
}

function put(words: number[], at: number, text: readonly number[]): void {
  for (const [k, word] of text.entries()) words[at + k] = word;
}
