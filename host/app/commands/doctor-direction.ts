// `esme doctor --direction`: watches the power of every source while a kettle is switched on and the sun is covered, and says which
// clamp is the wrong way round. Through the door where the house is metering, else alone; it turns nothing round itself.

import { z } from "zod";
import {
  changeOf,
  counts,
  type Judgement,
  judge,
  type Powers,
  type Seen,
  type Step,
  type WatchedSource,
} from "../../lab/direction.js";
import { systemClock } from "../clocks.js";
import { houseFor } from "../config/house.js";
import { Duration } from "../config/schema.js";
import { type DevicesReport, devicesReport } from "../device-report.js";
import { ownersDevices } from "../finding/house.js";
import { passed } from "../finding/ics.js";
import { type Prompter, prompter } from "../finding/prompting.js";
import { own } from "../own.js";
import { refuse, usedWrongly } from "../refusal.js";
import { keyringIn, startHouse } from "../running.js";
import { table } from "../table.js";
import { duration_ms } from "../words.js";
import { ANSWERS, yamlFile } from "../yaml-file.js";

export interface DirectionOptions {
  readonly data: string;
  readonly config?: string;
  readonly answers?: string;
  readonly kettle?: number;
  readonly json?: boolean;
}

const AnswersSchema = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        step: z.enum(["kettle", "sun"]),
        /** How long is watched before; how long to switch and settle; how long is watched after. */
        before: Duration.optional(),
        wait: Duration.optional(),
        after: Duration.optional(),
      }),
    )
    .min(1)
    .max(4),
});
type Timing = { readonly before_ms: number; readonly wait_ms: number; readonly after_ms: number };
const USUAL: Timing = { before_ms: 8_000, wait_ms: 3_000, after_ms: 8_000 };
const TRIES = 3;
const EVERY_ms = 1_000;
/** Older power says nothing of now. */
const FRESH_ms = 3_000;
const FIRST_POWER_ms = 30_000;

type Look = () => Promise<DevicesReport>;

export async function doctorDirection(options: DirectionOptions): Promise<void> {
  const { json = false, answers } = options;
  if (json && answers === undefined) usedWrongly("--json asks nobody", "give the steps with --answers FILE");
  const script = answers === undefined ? null : yamlFile(answers, ...ANSWERS).as(AnswersSchema);
  const { look, stop } = await eyes(options);
  const asking = script === null ? prompter() : null;
  try {
    const sources = await firstLook(look);
    const say = (text: string) => void (json || process.stdout.write(`${text}\n`));
    const steps = asking === null ? await scripted(script, look, say) : await guided(asking, sources, look);
    tell(sources, steps, judge(sources, steps, options.kettle ?? null), json);
  } finally {
    asking?.close();
    await stop();
  }
}

/** What the owner tells; where nobody owns the house, the house is begun here, and meters meanwhile. */
async function eyes({ data, config }: DirectionOptions): Promise<{ look: Look; stop: () => Promise<void> }> {
  if ((await ownersDevices(data)) !== null) {
    const gone = {
      code: "owner-gone",
      reason: "the house stopped metering meanwhile",
      next: "start it, and begin again",
    };
    return { look: async () => (await ownersDevices(data)) ?? refuse(gone), stop: () => Promise.resolve() };
  }
  const house = houseFor(config === undefined ? { data } : { data, config });
  const { store, release } = own(data);
  try {
    const { meter, devices, stopFace } = startHouse(house, store, systemClock, null, keyringIn(data));
    return {
      look: () => Promise.resolve(devicesReport(meter, devices, systemClock)),
      stop: async () => {
        await meter.stop();
        await stopFace();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** The sources, once at least one of them tells its power. */
async function firstLook(look: Look): Promise<readonly WatchedSource[]> {
  for (let waited_ms = 0; waited_ms < FIRST_POWER_ms; waited_ms += EVERY_ms) {
    const report = await look();
    if (powersOf(report).size > 0) return sourcesOf(report);
    await passed(systemClock, EVERY_ms);
  }
  return refuse({
    code: "no-power",
    reason: "no source tells its power",
    next: "`esme doctor` says what is the matter",
  });
}

function sourcesOf({ devices }: DevicesReport): readonly WatchedSource[] {
  const all = devices.flatMap(({ sources }) => sources);
  return devices.flatMap(({ sources, kind, blind, reversed }) =>
    sources.flatMap(({ name, role, check_of }) => {
      const own = role === "check" ? all.find((one) => one.name === check_of)?.role : role;
      if (own === undefined || own === "check") return [];
      return { name, role: own, blind, turns: kind === "board" ? ("clamp" as const) : { reversed } };
    }),
  );
}

function powersOf({ devices }: DevicesReport): ReadonlyMap<string, number> {
  const fresh = devices.filter(({ age_ms }) => age_ms !== null && age_ms <= FRESH_ms);
  return new Map(
    fresh.flatMap(({ sources }) =>
      sources.flatMap(({ name, active_mw }) => (active_mw === null ? [] : [[name, active_mw / 1_000] as const])),
    ),
  );
}

async function window(look: Look, for_ms: number): Promise<Powers> {
  const powers = new Map<string, number[]>();
  for (let waited_ms = 0; waited_ms < for_ms; waited_ms += EVERY_ms) {
    for (const [name, w] of powersOf(await look())) powers.set(name, [...(powers.get(name) ?? []), w]);
    await passed(systemClock, EVERY_ms);
  }
  return powers;
}

async function scripted(
  script: z.infer<typeof AnswersSchema> | null,
  look: Look,
  say: (text: string) => void,
): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (const { step, before, wait, after } of script?.steps ?? []) {
    const ms = (text: string | undefined, usual: number) => (text === undefined ? usual : duration_ms(text));
    say(`${step}: watching before`);
    const first = await window(look, ms(before, USUAL.before_ms));
    say(`${step}: now`);
    await passed(systemClock, Math.max(1, ms(wait, USUAL.wait_ms)));
    seen.push({ step, before: first, after: await window(look, ms(after, USUAL.after_ms)) });
  }
  return seen;
}

const DOES: { readonly [step in Step]: readonly [string, string] } = {
  kettle: [
    "Leave everything in the house as it is, the kettle filled and off. Enter when it is.",
    "Switch the kettle on now. Enter when it is on.",
  ],
  sun: [
    "Switch the kettle off; leave the panels uncovered. Enter when it is so.",
    "Cover the panels, or switch the inverter off. Enter when it is done.",
  ],
};

async function guided(asking: Prompter, sources: readonly WatchedSource[], look: Look): Promise<readonly Seen[]> {
  const steps: Seen[] = [];
  const generates = sources.some(({ role }) => role === "generation");
  const wanted: Step[] = ["kettle"];
  if (
    generates &&
    /^y/i.test(await asking.ask("Is the sun shining on the panels, and can they be covered (y/n)?", "y"))
  )
    wanted.push("sun");
  for (const step of wanted) {
    const [before, after] = DOES[step];
    for (let tries = 0; tries < TRIES; tries++) {
      await asking.ask(before, "");
      asking.say(`  watching for ${USUAL.before_ms / 1_000} s ...`);
      const first = await window(look, USUAL.before_ms);
      await asking.ask(after, "");
      asking.say(`  watching for ${(USUAL.wait_ms + USUAL.after_ms) / 1_000} s ...`);
      await passed(systemClock, USUAL.wait_ms);
      const seen: Seen = { step, before: first, after: await window(look, USUAL.after_ms) };
      if (counts(seen, sources) || tries === TRIES - 1) {
        steps.push(seen);
        break;
      }
      asking.say("  nothing moved clearly: once more, with a greater load, and nothing else switched meanwhile");
    }
  }
  return steps;
}

function tell(
  sources: readonly WatchedSource[],
  steps: readonly Seen[],
  judged: readonly Judgement[],
  json: boolean,
): void {
  const changes = (name: string) => steps.map((seen) => ({ step: seen.step, change: changeOf(seen, name) }));
  if (
    judged.some(
      ({ verdict, role }) =>
        verdict === "turned" || verdict === "elsewhere" || (role === "grid" && verdict !== "right"),
    )
  )
    process.exitCode = 1;
  if (json) {
    const told = judged.map((one) => ({ ...one, changes: changes(one.name) }));
    process.stdout.write(`${JSON.stringify({ schema: "esme/direction/1", sources: told })}\n`);
    return;
  }
  const cell = (name: string, step: Step) => {
    const change = changes(name).find((one) => one.step === step)?.change ?? null;
    return change === null ? "" : `${Math.round(change.before_w)} -> ${Math.round(change.after_w)} W`;
  };
  const rows = judged.map(({ name, role, verdict }) => [name, role, cell(name, "kettle"), cell(name, "sun"), verdict]);
  process.stdout.write(`${table(["source", "role", "kettle", "sun covered", "verdict"], rows)}\n`);
  for (const { name, verdict, reason, next } of judged)
    if (verdict !== "right") process.stdout.write(`${name}: ${reason}\n${next === null ? "" : `  ${next}\n`}`);
  if (sources.length === 0) process.stdout.write("this house has no source that could be judged\n");
}
