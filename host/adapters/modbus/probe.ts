// First contact with a meter: is it the model that the table says, which one of them, where does its table begin, and can what it says
// be true? A generator: it yields questions and is given answers; who asks, and when, is its caller's.

import type { IdentityMark, Model, SerialNumber } from "../../models/model.js";
import { plan, type Read } from "../../models/plan.js";
import { doubts, variantsOf } from "../../models/plausible.js";
import { QUANTITIES, type Quantity } from "../../models/quantities.js";
import { bookedRows, type Values, valuesOf } from "../../models/reading.js";
import { type Row, wordsOfRow } from "../../models/rows.js";
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
      /** Whether it knows every word that says which model it is. */
      readonly proved: boolean;
      /** Why it may not tell import from export, though its model does; null where it does. */
      readonly blind: string | null;
    }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly reason: string };

export type RefusalCode = "other-model" | "implausible" | "no-direction";

const SUNSPEC_BASES = [40_000, 50_000, 0] as const;
const SUNSPEC_MARK = [0x5375, 0x6e53];
const SUNSPEC_END = 0xffff;
/** The common model's id, and its words with the serial number. */
const COMMON_ID = 1;
const COMMON_SERIAL = { at: 50, words: 16 };
/** No device has more models; a chain that goes on is no chain. */
const MOST_MODELS = 64;
/** Addresses end at 65535: a chain that goes on beyond is none, and the common model has its words too. */
const LAST_MODEL = 0x1_0000 - (COMMON_SERIAL.at + COMMON_SERIAL.words);

/** `needsDirection`: whether it stands where import must be told from export. */
export function* contact(model: Model, fuse_w: number, needsDirection = false): Asking<Contact> {
  let proved = true;
  for (const mark of model.identity) {
    const says = yield* markOf(mark);
    if (says.kind === "another") return { kind: "refused", code: "other-model", reason: says.reason };
    proved &&= says.kind === "there";
  }
  let place: Place = { base: 0, serial: null };
  if (model.base.kind === "sunspec") {
    const found = yield* sunspec(model.base.ids, 0x1_0000 - extentOf(model));
    if (typeof found === "string") return { kind: "refused", code: "other-model", reason: found };
    place = found;
  } else if (model.serial !== null) place = { base: 0, serial: yield* serialOf(model.serial) };
  const set = yield* setWrong(model);
  if (set !== null && needsDirection) return { kind: "refused", code: "no-direction", reason: set };
  let first: readonly string[] | null = null;
  for (const variant of variantsOf(model)) {
    const values = yield* wholeReading(variant, place.base);
    const without = exportless(variant, values);
    const blind = set ?? without;
    const table = without === null ? variant : withoutDirection(variant);
    const wrong = [...unknowns(table, values), ...doubts(table, values, fuse_w)];
    if (wrong.length > 0) {
      first ??= wrong;
      continue;
    }
    if (blind !== null && needsDirection) return { kind: "refused", code: "no-direction", reason: blind };
    return { kind: "met", model: table, ...place, values, proved, blind };
  }
  return { kind: "refused", code: "implausible", reason: (first ?? []).join("; ") };
}

/** What is the matter with its settings; null where nothing is, or it does not know the words. */
function* setWrong({ settings = [] }: Model): Asking<string | null> {
  for (const { function: code, address, is, otherwise } of settings) {
    const answer = yield { function: code, address, count: 1 };
    const [word] = answer.kind === "words" ? answer.words : [];
    if (word !== undefined && !is.includes(word)) return `its word at ${hex(address)} is ${word}: ${otherwise}`;
  }
  return null;
}

/** Why a model with direction has none here: it says its import and no export. */
function exportless({ direction, points }: Model, values: Values): string | null {
  if (direction !== "both" || values.has("exportActiveEnergy") || !values.has("importActiveEnergy")) return null;
  const where = points.exportActiveEnergy?.address;
  const at = where === undefined ? "" : ` (${hex(where)})`;
  return `it says no export${at}: it cannot tell export from import, and all it counts is import`;
}

/** The same table as of a meter that counts whatever flows as import. */
function withoutDirection(model: Model): Model {
  const { exportActiveEnergy: _, ...points } = model.points;
  return { ...model, direction: "none", points };
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

type MarkSays =
  | { readonly kind: "there" }
  | { readonly kind: "another"; readonly reason: string }
  /** It does not know the word: an earlier edition need not. */
  | { readonly kind: "unknown" };

function* markOf(mark: IdentityMark): Asking<MarkSays> {
  const { expect } = mark;
  const count = "words" in expect ? Math.max(1, ...expect.words.map((words) => words.length)) : expect.length;
  const answer = yield { function: mark.function, address: mark.address, count };
  if (answer.kind === "exception") return { kind: "unknown" };
  const { words } = answer;
  if ("words" in expect) {
    if (expect.words.some((one) => one.every((word, k) => word === words[k]))) return { kind: "there" };
    const wanted = expect.words.map((one) => one.map(hex).join(" ")).join(" or ");
    return {
      kind: "another",
      reason: `the word at ${hex(mark.address)} is ${words.map(hex).join(" ")}, not ${wanted}`,
    };
  }
  const text = textOf(words);
  if (text.startsWith(expect.ascii)) return { kind: "there" };
  return { kind: "another", reason: `the text at ${hex(mark.address)} is "${text}", not "${expect.ascii}"` };
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

/** Words from the beginning of a table to the end of its last row. */
function extentOf({ points }: Model): number {
  const rows: readonly Row[] = Object.values(points);
  const ends = rows.flatMap((row) => [
    row.address + wordsOfRow(row),
    typeof row.scale === "number" ? 0 : row.scale.exponentAt + 1,
  ]);
  return Math.max(0, ...ends);
}

/** Walks the chain of models to the first of `ids`, which begins at `last` at the latest; why not, where it does not come there. */
function* sunspec(ids: readonly number[], last: number): Asking<Place | string> {
  for (const start of SUNSPEC_BASES) {
    const mark = yield { function: 3, address: start, count: 2 };
    if (mark.kind === "exception" || !SUNSPEC_MARK.every((word, k) => word === mark.words[k])) continue;
    let serial: string | null = null;
    let at = start + 2;
    for (let seen = 0; seen < MOST_MODELS && at <= LAST_MODEL; seen++) {
      const head = yield { function: 3, address: at, count: 2 };
      const [id = SUNSPEC_END, length = 0] = head.kind === "words" ? head.words : [];
      if (ids.includes(id))
        return at <= last ? { base: at, serial } : "its SunSpec model has no room among the addresses";
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
