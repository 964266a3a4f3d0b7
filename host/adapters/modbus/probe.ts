// First contact with a meter: is it the model that the table says, which one of them, where does its table begin, and can what it says
// be true? A generator: it yields questions and is given answers; who asks, and when, is its caller's.

import type { IdentityMark, Model, SerialNumber } from "../../models/model.js";
import { plan, type Read } from "../../models/plan.js";
import { doubts, variantsOf } from "../../models/plausible.js";
import { QUANTITIES, type Quantity } from "../../models/quantities.js";
import { bookedRows, type Values, valuesOf } from "../../models/reading.js";
import type { Answer } from "../../wire/modbus/frames.js";

/** A question without its unit. */
export type Ask = Pick<Read, "function" | "address" | "count">;

/** Asks until there is an answer; whoever drives it ends it where there is none. */
export type Asking<T> = Generator<Ask, T, Answer>;

export type Contact =
  | {
      readonly kind: "met";
      /** Its table, disputed rows settled. */
      readonly model: Model;
      /** Where its table begins. */
      readonly base: number;
      readonly serial: string | null;
      readonly values: Values;
    }
  | { readonly kind: "refused"; readonly code: "other-model" | "implausible"; readonly reason: string };

const SUNSPEC_BASES = [40_000, 50_000, 0] as const;
const SUNSPEC_MARK = [0x5375, 0x6e53];
const SUNSPEC_END = 0xffff;
/** The common model's id, and its words with the serial number. */
const COMMON_ID = 1;
const COMMON_SERIAL = { at: 50, words: 16 };
/** No device has more models; a chain that goes on is no chain. */
const MOST_MODELS = 64;

export function* contact(model: Model, fuse_w: number): Asking<Contact> {
  for (const mark of model.identity) {
    const reason = yield* differs(mark);
    if (reason !== null) return { kind: "refused", code: "other-model", reason };
  }
  let place: Place = { base: 0, serial: null };
  if (model.base.kind === "sunspec") {
    const found = yield* sunspec(model.base.ids);
    if (typeof found === "string") return { kind: "refused", code: "other-model", reason: found };
    place = found;
  } else if (model.serial !== null) place = { base: 0, serial: yield* serialOf(model.serial) };
  let first: readonly string[] | null = null;
  for (const variant of variantsOf(model)) {
    const values = yield* wholeReading(variant, place.base);
    const wrong = [...unknowns(variant, values), ...doubts(variant, values, fuse_w)];
    if (wrong.length === 0) return { kind: "met", model: variant, ...place, values };
    first ??= wrong;
  }
  return { kind: "refused", code: "implausible", reason: (first ?? []).join("; ") };
}

interface Place {
  readonly base: number;
  readonly serial: string | null;
}

function* wholeReading(model: Model, base: number): Asking<Values> {
  const values = new Map<Quantity, number>();
  const names = Object.keys(QUANTITIES) as Quantity[];
  for (const read of plan(model, [...wantedOf(model), ...names.filter((name) => name.startsWith("totalActive"))])) {
    const answer = yield { ...read, address: base + read.address };
    if (answer.kind === "words") for (const [name, value] of valuesOf(read, answer.words)) values.set(name, value);
  }
  return values;
}

/** What the power is put together of where the meter does not say it. */
const APART = ["activePowerL1", "activePowerL2", "activePowerL3", "importActivePower", "exportActivePower"] as const;
const REACTIVE_APART = ["reactivePowerL1", "reactivePowerL2", "reactivePowerL3"] as const;

/** What is read of a meter in every round. */
export function wantedOf(model: Model): readonly Quantity[] {
  const booked = bookedRows(model);
  return [
    ...(booked.import === null ? [] : [booked.import]),
    ...(booked.export === null ? [] : [booked.export]),
    "importReactiveEnergy",
    "exportReactiveEnergy",
    "reactiveEnergyQ1",
    "reactiveEnergyQ2",
    "reactiveEnergyQ3",
    "reactiveEnergyQ4",
    "activePower",
    ...(model.points.activePower === undefined ? APART : []),
    "reactivePower",
    ...(model.points.reactivePower === undefined ? REACTIVE_APART : []),
    "voltage",
    "voltageL1",
    "voltageL2",
    "voltageL3",
    "current",
    "currentL1",
    "frequency",
  ];
}

/** Energies without which nothing can be booked. */
function unknowns(model: Model, values: Values): readonly string[] {
  const booked = bookedRows(model);
  return [booked.import, model.direction === "both" ? booked.export : null].flatMap((name) =>
    name === null || values.has(name) ? [] : [`${name} says nothing`],
  );
}

/** Why a mark is not there; null where it is. */
function* differs(mark: IdentityMark): Asking<string | null> {
  const { expect } = mark;
  const count = "words" in expect ? Math.max(1, ...expect.words.map((words) => words.length)) : expect.length;
  const answer = yield { function: mark.function, address: mark.address, count };
  const where = `the word at ${hex(mark.address)}`;
  if (answer.kind === "exception") return `it does not know ${where} (exception ${answer.code})`;
  const { words } = answer;
  if ("words" in expect) {
    if (expect.words.some((one) => one.every((word, k) => word === words[k]))) return null;
    return `${where} is ${words.map(hex).join(" ")}, not ${expect.words.map((one) => one.map(hex).join(" ")).join(" or ")}`;
  }
  const text = textOf(words);
  return text.startsWith(expect.ascii) ? null : `the text at ${hex(mark.address)} is "${text}", not "${expect.ascii}"`;
}

function* serialOf(serial: SerialNumber): Asking<string | null> {
  const answer = yield { function: serial.function, address: serial.address, count: serial.words };
  if (answer.kind === "exception") return null;
  const { words } = answer;
  if (words.every((word) => word === 0) || words.every((word) => word === 0xffff)) return null;
  if (serial.as === "ascii") return named(textOf(words));
  const [high = 0, low = 0] = serial.as === "u32-high-first" ? words : [words[1], words[0]];
  return String(high * 0x1_0000 + low);
}

/** Walks the chain of models to the first of `ids`; why not, where it does not come there. */
function* sunspec(ids: readonly number[]): Asking<Place | string> {
  for (const start of SUNSPEC_BASES) {
    const mark = yield { function: 3, address: start, count: 2 };
    if (mark.kind === "exception" || !SUNSPEC_MARK.every((word, k) => word === mark.words[k])) continue;
    let serial: string | null = null;
    let at = start + 2;
    for (let seen = 0; seen < MOST_MODELS && at <= 0xffff - 2; seen++) {
      const head = yield { function: 3, address: at, count: 2 };
      const [id = SUNSPEC_END, length = 0] = head.kind === "words" ? head.words : [];
      if (ids.includes(id)) return { base: at, serial };
      if (id === SUNSPEC_END) break;
      if (id === COMMON_ID) {
        const text = yield { function: 3, address: at + COMMON_SERIAL.at, count: COMMON_SERIAL.words };
        serial = text.kind === "words" ? named(textOf(text.words)) : null;
      }
      at += 2 + length;
    }
    return `it speaks SunSpec, and has none of its models ${ids.join(", ")}`;
  }
  return `it has no SunSpec mark at ${SUNSPEC_BASES.join(", ")}`;
}

function textOf(words: readonly number[]): string {
  return String.fromCharCode(...words.flatMap((word) => [word >> 8, word & 0xff]))
    .replace(/\0.*$/s, "")
    .trim();
}

/** Printable and without spaces, for it becomes part of a name; null where nothing is left. */
function named(text: string): string | null {
  const clean = text.replace(/[^A-Za-z0-9._-]/g, "");
  return clean === "" ? null : clean;
}

function hex(word: number): string {
  return `0x${word.toString(16).toUpperCase().padStart(4, "0")}`;
}
