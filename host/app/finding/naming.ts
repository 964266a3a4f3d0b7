// Which model is it? The marks of every table are asked for; where none is there, every table without marks is read whole, and those that
// say what can be are candidates, best first.

import { type Asking, contact } from "../../adapters/modbus/probe.js";
import type { Model } from "../../models/model.js";
import { bookedRows, type Values } from "../../models/reading.js";
import type { Answer } from "../../wire/modbus/frames.js";

export interface Named {
  /** `is`: by its marks; `like`: by what it says; `unknown`: no table fits. */
  readonly kind: "is" | "like" | "unknown";
  /** Best first. */
  readonly models: readonly Model[];
  readonly serial: string | null;
  /** Of the best: where its table begins, and what it says. */
  readonly base: number;
  readonly values: Values;
}

/** Asks by itself as `contact` does; an answer heard once is not asked for again. */
export function* naming(models: readonly Model[], fuse_w: number): Asking<Named> {
  const known = new Map<string, Answer>();
  // Those with every mark, first; those of which a mark is not known there may still be older ones of their kind.
  const others: Model[] = [];
  for (const model of models) {
    const marks = yield* once(marksOf(model), known);
    if (marks === "unknown") others.push(model);
    if (marks !== "there") continue;
    const met = yield* once(contact(model, fuse_w), known);
    if (met.kind !== "met" || saysNothing(met.values)) continue;
    const { serial, base, values } = met;
    return { kind: "is", models: [met.model], serial, base, values };
  }
  const like: { readonly model: Model; readonly agrees: number; readonly values: Values }[] = [];
  for (const model of others) {
    const met = yield* once(contact(model, fuse_w), known);
    const agrees = met.kind === "met" ? agreement(model, met.values) : 0;
    if (met.kind === "met" && agrees > 0) like.push({ model, agrees, values: met.values });
  }
  like.sort((one, other) => other.agrees - one.agrees);
  const [best] = like;
  if (best === undefined) return { kind: "unknown", models: [], serial: null, base: 0, values: new Map() };
  return { kind: "like", models: like.map(({ model }) => model), serial: null, base: 0, values: best.values };
}

/** Whether the words that tell the model are there; `unknown` where it has none, or the meter does not know them. */
function* marksOf({ identity, base }: Model): Asking<"there" | "another" | "unknown"> {
  if (base.kind === "sunspec") return "there";
  let all: "there" | "unknown" = identity.length === 0 ? "unknown" : "there";
  for (const { function: code, address, expect } of identity) {
    const count = "words" in expect ? Math.max(1, ...expect.words.map((words) => words.length)) : expect.length;
    const answer = yield { function: code, address, count };
    if (answer.kind === "exception") all = "unknown";
    else if ("words" in expect && !expect.words.some((one) => one.every((word, k) => word === answer.words[k])))
      return "another";
  }
  return all;
}

/** A meter that says zeros says them where its mark is looked for, too. */
function saysNothing(values: Values): boolean {
  return [...values.values()].every((value) => value === 0);
}

function* once<T>(asking: Asking<T>, known: Map<string, Answer>): Asking<T> {
  let step = asking.next();
  while (step.done !== true) {
    const { function: code, address, count } = step.value;
    const key = `${code}/${address}/${count}`;
    const answer: Answer = known.get(key) ?? (yield step.value);
    known.set(key, answer);
    step = asking.next(answer);
  }
  return step.value;
}

/** How many quantities say what can be only of a meter on a mains; 0 where one of them cannot be, or nothing says that there is a mains. */
function agreement({ points, ...model }: Model, values: Values): number {
  const volts = (["voltage", "voltageL1"] as const).find((name) => points[name] !== undefined);
  const voltage_mv = volts === undefined ? undefined : values.get(volts);
  if (voltage_mv === undefined || voltage_mv < 80_000 || voltage_mv > 300_000) return 0;
  const frequency_mhz = values.get("frequency");
  if (points.frequency !== undefined && !(frequency_mhz !== undefined && within(frequency_mhz, 45_000, 65_000)))
    return 0;
  const ratio_milli = values.get("powerFactor");
  if (ratio_milli !== undefined && Math.abs(ratio_milli) > 1_000) return 0;
  const booked = bookedRows({ points, ...model });
  const energy_mwh = booked.import === null ? undefined : values.get(booked.import);
  if (energy_mwh === undefined) return 0;
  const power = agreesInPower(values, voltage_mv);
  if (power === false) return 0;
  return 1 + [frequency_mhz, ratio_milli, energy_mwh].filter((one) => one !== undefined).length + (power ? 1 : 0);
}

/** No power beyond what volts and amps make; null where it does not say them. */
function agreesInPower(values: Values, voltage_mv: number): boolean | null {
  const [current_ma, power_mw] = [values.get("current"), values.get("activePower")];
  if (current_ma === undefined || power_mw === undefined) return null;
  return Math.abs(power_mw) <= (1.1 * voltage_mv * Math.abs(current_ma)) / 1_000 + 20_000;
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
