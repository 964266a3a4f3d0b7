// `esme replay` of an eventful day killed at random instants and begun again until it is done, beside one that is left alone: both houses
// are copies of one, and afterwards their snapshots are the same, and their events.

import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DAY_ms } from "../../host/ledger/units.js";
import { random } from "../store/houses.js";
import { ALL_TIME, aMoment, type Ended, esme, freshDir, lookInto, Program } from "./crash-bench.js";
import { BEFORE, dayOf, MIDNIGHT } from "./eventful-day.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";

/** An alert or an entry of each thing that the day holds: a day in which nothing happened would prove nothing. */
const MUST_HOLD: readonly (readonly [code: number, what: string])[] = [
  [0x8003, "average over-voltage"],
  [0x8026, "swell"],
  [0x802e, "sag"],
  [0x8f35, "outage of 2:59"],
  [0x8f36, "outage of 3:00"],
  [0x8f59, "phase 2 interrupted"],
  [0x8f39, "phase 2 restored"],
  [0x8f01, "load limit"],
  [0x8f66, "planned prices"],
  [0x8145, "clock adjusted"],
];
/** A replay that cannot be brought to its end in so many attempts after the kills never will be. */
const ATTEMPTS = 3;

const CASES = ["4 kills", "50 kills", "50 more", "50 more again", "50 at last"] as const;

export const proof: Proof = {
  name: "crash-replay",
  claim:
    "esme replay of a day with switches, alerts and clock steps, killed at random instants: snapshot equal to an undisturbed run's",
  cases: (effort) => casesAt(effort, CASES.slice(0, 1), CASES.slice(1, 2), CASES.slice(2)),
  run: (case_, seed) =>
    killed(case_ === "4 kills" ? 4 : 50, seed + 1_000 * CASES.indexOf(case_ as (typeof CASES)[number])),
};

async function killed(kills: number, seed: number): Promise<Verdict> {
  const next = random(seed);
  const dir = freshDir("crash-replay");
  try {
    const [before, day] = [join(dir, "before.jsonl"), join(dir, "day.jsonl")];
    writeFileSync(before, BEFORE.map((line) => `${JSON.stringify(line)}\n`).join(""));
    writeFileSync(day, dayOf(next));
    const house = (name: string) => join(dir, name);
    await done(replayed(before, house("before")));
    for (const name of ["calm", "shaken"]) cpSync(house("before"), house(name), { recursive: true });

    const wholeDay_ms = await timed(() => done(replayed(day, house("calm"))));
    const startUp_ms = await timed(() => done(replayed(day, house("calm"))));
    const work_ms = Math.max(0, wholeDay_ms - startUp_ms);
    const places = new Set<number>();
    let alive = 0;
    let part = 0;
    for (let n = 0; n < kills; n++) {
      const program = replayed(day, house("shaken"));
      await aMoment(next, mostBefore_ms(startUp_ms, ((1 - part) * work_ms) / (kills - n)));
      if (program.running) alive++;
      await program.kill();
      part = partDone(house("shaken"));
      places.add(part);
    }
    for (let attempt = 1; ; attempt++) {
      const { code, stderr } = await replayed(day, house("shaken")).ended();
      if (code === 0) break;
      if (attempt === ATTEMPTS) throw new Error(`esme replay ended with ${code}: ${stderr}`);
    }

    const [calm, shaken] = [await outcome(house("calm")), await outcome(house("shaken"))];
    const wrong = [...missing(calm), ...differences("", calm, shaken)];
    const reached = `at ${places.size} places of its day, the last after ${Math.round(100 * part)} % of it`;
    const seen = `${alive} of ${kills} kills met a running replay, ${reached}`;
    return {
      ok: wrong.length === 0,
      said: `seed ${seed}: ${seen}: ${wrong.length > 0 ? wrong.slice(0, 5).join("; ") : "snapshots and events equal"}`,
      figures: { seed, kills, alive, places: places.size, differences: wrong.length },
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function replayed(file: string, data: string): Program {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  return new Program(["replay", file, "--data", data]);
}

async function done(program: Program): Promise<Ended> {
  const ended = await program.ended();
  if (ended.code !== 0 || ended.stderr !== "") throw new Error(`esme replay ended with ${ended.code}: ${ended.stderr}`);
  return ended;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** When a kill falls at the latest, ms after the start: at a moment that is as good as any other before it, such that on average so much
 * work is done. While it starts nothing is done. */
function mostBefore_ms(startUp_ms: number, work_ms: number): number {
  return startUp_ms + work_ms + Math.sqrt(work_ms * (work_ms + 2 * startUp_ms));
}

/** How much of the day was committed, 0 to 1. */
function partDone(data: string): number {
  const at = lookInto(data, (reader) => reader.registers("grid")?.at ?? null);
  return at === null ? 0 : Math.min(1, Math.max(0, (at - MIDNIGHT) / DAY_ms));
}

interface Outcome {
  readonly snapshot: { readonly [section: string]: unknown };
  readonly events: readonly unknown[];
}

/** All that the meter is, without the heading that says when and of whom the document was made, and what its ledgers told. */
async function outcome(data: string): Promise<Outcome> {
  const { code, stdout, stderr } = await esme("snapshot", "--data", data);
  if (code !== 0) throw new Error(`esme snapshot ended with ${code}: ${stderr}`);
  const { at: _, meter: __, ...snapshot } = JSON.parse(stdout) as { at: string; meter: string };
  const events = lookInto(data, (reader) => reader.events("grid", ALL_TIME.from as never, ALL_TIME.to as never));
  return { snapshot, events: events ?? [] };
}

function missing({ snapshot }: Outcome): string[] {
  const codes = ["powerEventLog", "eventLog"].flatMap((log) =>
    (snapshot[log] as { logEntries: { logCode: number }[] }).logEntries.map(({ logCode }) => logCode),
  );
  return MUST_HOLD.filter(([code]) => !codes.includes(code)).map(([, what]) => `the day lacks its ${what}`);
}

/** Every place at which two values differ, with both. */
function differences(place: string, one: unknown, other: unknown): string[] {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null)
    return Object.is(one, other) ? [] : [`${place}: undisturbed ${one}, killed ${other}`];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].flatMap((key) =>
    differences(`${place}.${key}`, (one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
  );
}
