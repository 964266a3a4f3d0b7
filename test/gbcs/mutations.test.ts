// One value of the snapshot changed changes exactly that field of the answer: every official answer of success is explained by a snapshot,
// each leaf of its JSON is changed in turn, and what the meter then answers is decoded by code of the test's own and compared.

import { describe, expect, test } from "vitest";
import type { TestKeyring } from "../../host/adapters/keys/keystore-file.js";
import { esmeOfPartial, partialOf } from "../../host/document/partial.js";
import { answer } from "../../host/gbcs/answer.js";
import { derive } from "../../host/gbcs/derive.js";
import { EFFORT } from "../proof/proof.js";
import { octets, openResponse } from "./laboratory.js";
import { keyringFrom } from "./laboratory-meter.js";
import { leavesOf } from "./laboratory-values.js";
import { pairs, type ReferencePair, reference, WHERE } from "./reference.js";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Path = readonly (string | number)[];

interface Change {
  readonly value: Json;
  readonly after: ReadonlyMap<string, string>;
  /** The fields that changed. */
  readonly places: readonly string[];
}

/** Leaves of a pair that are changed: all of them, but of the long logs some. */
const AT_MOST = EFFORT === "ci" ? 1_000 : 40;

/** Of a snapshot, but nothing that this answer tells. */
const NOT_TOLD: readonly (readonly [why: string, place: RegExp, useCases?: RegExp])[] = [
  ["how many entries were ever written", /\.written$/],
  ["our own mark of an entry", /\.estimated$/],
  ["our own words in a log", /Log\.logEntries\.\*\.text$/],
  ["our own word of what a log's code explains", /^(event|security)Log\.logEntries\.\*\.otherInformation$/],
  ["the meter's moment, where the answer's header has none", /^at$/],
  ["the secondary element, in a meter's answer that has none", /\.touSecondRegister\./, /SINGLE/],
  ["phases 2 and 3, in the answer of one phase", /^averageRMS\w+(\.value)?\.[12]\b/, /^ECS(23|26b)_/],
  ["of an auxiliary controller, what another command reads", /^auxiliaryController\.\d\.\w+$/],
];

/** Told as a form of its own, which has other fields, or in more than one field. */
const TOLD_MORE: readonly (readonly [why: string, place: RegExp])[] = [
  ["a twin element meter's answers have fields that others have not", /^meterVariant\.value$/],
  ["in credit mode no object of prepayment is active", /^paymentMode\.valueCurrent$/],
  ["each debt and credit that can be suspended says whether it is", /^suspendDebt(Disabled|Emergency)\.valueCurrent$/],
  ["a debt's rate is told with what is collected, too", /^debtRecoveryRates\.\d\.(amount|scaler)Current$/],
  ["a quarter is four dates, a month one", /^billingCalendar\./],
];

/** Cannot be another by itself: the half hours of a profile are one after another. */
const FIXED = /^schema$|^profileDataLog\w+\.logEntries\.\*\.timestamp$/;

describe.skipIf(reference === null)(`one value changed (${WHERE})`, () => {
  const { messages = [], keystore = {} } = reference ?? {};
  const rings = new Map<string, TestKeyring>();
  const successes = pairs(messages).filter(
    ({ name, response }) => response.hex.toUpperCase().startsWith("DD") && !name.includes("ERROR"),
  );
  const seen = { leaves: 0, one: 0, asIs: 0 };

  test("all 79 unsigned answers of success are tried", () => {
    expect(successes).toHaveLength(79);
  });

  test.each(successes)("$name", (pair) => {
    const ring = ringOf(pair);
    const derived = derive(octets(pair.command.hex), octets(pair.response.hex), ring);
    if (!derived.ok) throw new Error(derived.reason);
    const { draft } = derived;
    const document = JSON.parse(JSON.stringify(partialOf(draft.learnt()))) as Json;
    const before = told(pair, document);
    if (before === null) throw new Error("the snapshot gives no answer");

    const claimed = new Map<string, string>();
    for (const path of sample(pathsOf(document))) {
      const place = placeOf(path);
      const best = bestOf(pair, document, path, before);
      const label = `${place} = ${JSON.stringify(at_(document, path))} -> ${JSON.stringify(best?.value)}`;
      seen.leaves++;
      if (best === undefined) expect(place, `${place} has no other valid value`).toMatch(FIXED);
      else if (best.places.length === 0) expect(reasonNotTold(pair, place), `${label} changes nothing`).not.toBe("");
      else if (best.places.length > 1) {
        // A row whose moment leaves the range that was asked for, goes as a whole.
        const gone = place.endsWith(".timestamp") && best.after.size < before.size;
        const why = gone ? "gone" : (TOLD_MORE.find(([, where]) => where.test(place))?.[0] ?? "");
        expect(why, `${label} changes ${best.places.slice(0, 5).join(" ")}`).not.toBe("");
      } else {
        const field = best.places[0] ?? "";
        // Parts of a date or of a text are one string of octets, those of a rate one number.
        const part = before.get(field)?.startsWith("9:") === true || place.includes(".tariffRateIdentifier.");
        const owner = part ? path.slice(0, -1).join(".") : path.join(".");
        if (place !== "meterVariant.value") {
          expect(claimed.get(field) ?? owner, `${label} changes ${field}, as does`).toBe(owner);
          claimed.set(field, owner);
        }
        heldAsIs(before.get(field), best.after.get(field), at_(document, path), best.value);
        seen.one++;
      }
    }
  });

  test("most leaves are a field of their own, and most numbers stand there as they are", () => {
    const { leaves, one, asIs } = seen;
    process.stdout.write(
      `mutations: ${leaves} leaves changed, ${one} changed one field, ${asIs} of them as they are\n`,
    );
    expect(one / leaves).toBeGreaterThan(0.7);
    expect(asIs / one).toBeGreaterThan(0.5);
  });

  /** The first small change that changes one field only, else the first that is valid. */
  function bestOf(pair: ReferencePair, document: Json, path: Path, before: ReadonlyMap<string, string>) {
    let best: Change | undefined;
    for (const value of changed(at_(document, path))) {
      const after = told(pair, withValue(document, path, value));
      if (after === null) continue;
      const change = { value, after, places: differing(before, after) };
      if (change.places.length === 1) return change;
      best ??= change;
      if (reasonNotTold(pair, placeOf(path)) !== "") return best;
    }
    return best;
  }

  /** What stood there as it is in the snapshot, stands there changed as it is. */
  function heldAsIs(before: string | undefined, after: string | undefined, value: Json, other: Json): void {
    if (typeof value !== "number" || value === 0 || !before?.endsWith(`:${value}`)) return;
    expect(after?.slice(after.indexOf(":") + 1)).toBe(`${other}`);
    seen.asIs++;
  }

  function ringOf({ command }: ReferencePair): TestKeyring {
    // The recipient is the third field of the grouping header.
    const meter = /df0901.{16}08.{16}08(.{16})/.exec(command.hex.toLowerCase())?.[1] ?? "";
    const ring = rings.get(meter) ?? keyringFrom(keystore, meter);
    rings.set(meter, ring);
    return ring;
  }

  /** Every field of what the meter of this snapshot answers; null: there is no such meter. */
  function told(pair: ReferencePair, document: Json): ReadonlyMap<string, string> | null {
    const read = esmeOfPartial(document);
    if (!read.ok) return null;
    const done = answer(read.esme, read.at, octets(pair.command.hex), ringOf(pair));
    if (done.kind === "silent") throw new Error(done.reason);
    const { values, time, results, supplementary, authentic } = openResponse(keystore, done.bytes);
    expect(authentic).toBe(true);
    return new Map([...leavesOf(values), ["time", time], ["results", `${results}`], ["party", supplementary]]);
  }
});

function reasonNotTold({ name }: ReferencePair, place: string): string {
  const found = NOT_TOLD.find(([, where, useCases]) => where.test(place) && (useCases?.test(name) ?? true));
  return found?.[0] ?? "";
}

const differing = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  [...new Set([...one.keys(), ...other.keys()])].filter((place) => one.get(place) !== other.get(place));

/** Every leaf that is not null. */
function pathsOf(value: Json, path: Path = []): Path[] {
  if (value === null) return [];
  if (typeof value !== "object") return [path];
  return Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]));
}

/** Evenly, the first and the last with them. */
function sample(paths: readonly Path[]): readonly Path[] {
  if (paths.length <= AT_MOST) return paths;
  const step = (paths.length - 1) / (AT_MOST - 1);
  return Array.from({ length: AT_MOST }, (_, index) => paths[Math.round(index * step)] ?? []);
}

/** Entries of a log are alike. */
const placeOf = (path: Path) => path.join(".").replace(/(?<=logEntries\.)\d+/, "*");

const at_ = (document: Json, path: Path): Json =>
  path.reduce<Json>((value, key) => (value as { [key: string]: Json })[key] ?? null, document);

function withValue(document: Json, path: Path, value: Json): Json {
  const copy = structuredClone(document);
  const holder = at_(copy, path.slice(0, -1)) as { [key: string]: Json };
  holder[path.at(-1) ?? ""] = value;
  return copy;
}

/** Words of the snapshot that stand for each other. */
const WORDS = [
  ["A", "B", "C"],
  ["monthly", "quarterly"],
  ["credit", "prepayment"],
  ["tou", "block"],
  ["GBP", "EUR"],
  ["unchanged", "locked"],
  ["enabled", "disabled", "armed"],
];
const SECOND_ms = 1_000;
const HALF_HOUR_ms = 1_800_000;
const DAY_ms = 86_400_000;

/** Small changes that may be valid, the smallest first; those of tenths where only whole ones are told, last. */
function changed(value: Json): readonly Json[] {
  if (typeof value === "boolean") return [!value];
  if (typeof value === "number") return [value + 1, value - 1, value + 2, value + 10];
  if (typeof value !== "string") return [];
  const words = WORDS.find((some) => some.includes(value))?.filter((one) => one !== value);
  if (words !== undefined) return words;
  const moment = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(moment))
    return [SECOND_ms, HALF_HOUR_ms, DAY_ms].flatMap((step) =>
      [moment - step, moment + step].map((one) =>
        new Date(one).toISOString().replace(".000Z", "Z").slice(0, value.length),
      ),
    );
  if (value === "") return ["a", "0102"];
  // The last character, or the first, becomes another.
  return ["1", "0", "2", "a", "b", "A", "Q"].flatMap((one) =>
    [value.slice(0, -1) + one, one + value.slice(1)].filter((other) => other !== value),
  );
}
