// A simulated Modbus meter: made from the table of its model, wired into a conductor, and asked as Modbus asks (function code and data,
// without the address and check of a line).

import type { Model } from "../../models/model.js";
import type { Quantity } from "../../models/quantities.js";
import type { TrueEnergy } from "../truth.js";
import { AddressSpace, ILLEGAL_VALUE } from "./address-space.js";
import type { Conductor, Flowing } from "./conductor.js";
import { SUNSPEC_BASES } from "./sunspec.js";
import { type Counters, countersOf, NOTHING } from "./tells.js";

export interface MeterOptions {
  /** What its counters began with, whole µWh; nothing where it is left out. */
  readonly start?: Partial<TrueEnergy>;
  readonly serial?: number;
  /** Of a SunSpec device: which of the model's ids it has (the first), and the address of its mark (40000). */
  readonly sunspecId?: number;
  readonly sunspecBase?: number;
  /** Quantities that it does not know. */
  readonly unknown?: readonly Quantity[];
  /** Disputed rows stand at the so manyth of their addresses; 0, the table's own, where it is left out. */
  readonly disputed?: number;
  /** What the words of its settings say; what they ought to, where it is left out. */
  readonly setting?: number;
}

const ILLEGAL_FUNCTION = 1;

export class SimulatedMeter {
  readonly serial: number;
  readonly #space: AddressSpace;
  #start: TrueEnergy;

  constructor(
    readonly model: Model,
    private readonly conductor: Conductor,
    options: MeterOptions = {},
  ) {
    this.serial = options.serial ?? 20_000_001;
    this.#start = { ...NOTHING, ...options.start };
    this.#space = new AddressSpace(model, {
      serial: this.serial,
      sunspec: {
        id: options.sunspecId ?? (model.base.kind === "sunspec" ? (model.base.ids[0] ?? 0) : 0),
        base: options.sunspecBase ?? SUNSPEC_BASES[0],
      },
      unknown: options.unknown ?? [],
      disputed: options.disputed ?? 0,
      setting: options.setting ?? null,
    });
  }

  /** The answer to a question, both from the function code on. */
  answer(question: Uint8Array, at_ms: number): Uint8Array {
    const code = question[0] ?? 0;
    if (code !== 3 && code !== 4) return exception(code, ILLEGAL_FUNCTION);
    if (question.length !== 5) return exception(code, ILLEGAL_VALUE);
    const words = this.words(code, wordAt(question, 1), wordAt(question, 3), at_ms);
    return typeof words === "number" ? exception(code, words) : readAnswer(code, words);
  }

  /** The words at addresses at a time, or the code of the exception. */
  words(fn: number, address: number, count: number, at_ms: number): readonly number[] | number {
    return this.#space.read(fn, address, count, () => {
      const flowing = this.conductor.at(at_ms);
      return [flowing, this.#counters(flowing)];
    });
  }

  /** What a perfect meter in its place would show at a time: neither rounded nor begun again. */
  truth(at_ms: number): TrueEnergy {
    return this.#counters(this.conductor.at(at_ms)).sum;
  }

  /** From now on it shows so much more or less: it was exchanged for another of its kind, or lost its memory. */
  showsAt(at_ms: number, counters: Partial<TrueEnergy>): void {
    const truth = this.truth(at_ms);
    const shows = (name: keyof TrueEnergy) =>
      this.#start[name] + (counters[name] === undefined ? 0 : counters[name] - truth[name]);
    this.#start = {
      import_uwh: shows("import_uwh"),
      export_uwh: shows("export_uwh"),
      import_uvarh: shows("import_uvarh"),
      export_uvarh: shows("export_uvarh"),
    };
  }

  #counters(flowing: Flowing): Counters {
    return countersOf(this.model, flowing, this.#start);
  }
}

export function exception(code: number, exceptionCode: number): Uint8Array {
  return Uint8Array.of(code | 0x80, exceptionCode);
}

function readAnswer(code: number, words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 + 2 * words.length);
  bytes[0] = code;
  bytes[1] = 2 * words.length;
  for (const [at, word] of words.entries()) {
    bytes[2 + 2 * at] = word >> 8;
    bytes[3 + 2 * at] = word & 0xff;
  }
  return bytes;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}
