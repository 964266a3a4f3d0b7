// `esme run` killed at random instants beside one that is left alone: the same board in the same house, two real processes, two real
// ports, two hubs. Afterwards both have booked the same energy in the same half hours, and their hubs hold the same.
//
// Two runs meter the same energy only if nothing else differs. A host tells the board how fast its clock runs, and measures that from
// when the reports arrive; on a simulated clock 60 times as fast, arrivals waver by 60 times the machine's own jitter, so the rate is
// known to some 100 ppm only, and energy is corrected by it. And what a board remembers is told in steps of 0.512 Wh. Neither is a
// fault of the crash. So the power is chosen such that at every edge each counter is further from the next whole Wh, and from the
// last one by its remembered value, than both can move it; and power flows in the middle of each half hour only.

import { HALF_HOUR_ms } from "../../host/ledger/units.js";
import { rfc3339 } from "../../host/meter/messages.js";
import type { ScenarioInput } from "../../host/sim/scenario.js";
import {
  ALL_TIME,
  aMoment,
  asked,
  board,
  type Forwarded,
  freshDir,
  HubProgram,
  lookInto,
  noPty,
  Program,
  random,
  SharedClock,
  SOURCES,
  skipped,
  when,
} from "./crash-bench.js";
import { clearPower_w } from "./crash-power.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";

const SPEED = 60;
/** Between two kills at most; on average half of it: from while it starts to long after it has settled. */
const MOST_BETWEEN_ms = 2_400;
/** Baselines are taken, and the last look is had, while nothing flows. */
const QUIET_ms = 240_000;

interface Plan {
  readonly kills: number;
  /** Simulated seconds from the start to the first edge. */
  readonly firstEdge_s: number;
  /** More edges than it can reach. */
  readonly edges: number;
  readonly scenario: (power_w: number) => ScenarioInput;
}

const MAINS = { voltageWander_v: 0, frequencyWander_hz: 0, distortion: 0 };
const SHORT: Plan = {
  kills: 4,
  firstEdge_s: 250,
  edges: 1,
  scenario: (power_w) => ({ kind: "pulses", mains: MAINS, power_w, from_s: 100, to_s: 200 }),
};
const LONG: Plan = {
  kills: 50,
  firstEdge_s: 120,
  edges: 6,
  scenario: (power_w) => ({ kind: "pulses", mains: MAINS, power_w, edge_s: 300 }),
};

export const proof: Proof = {
  name: "crash-run",
  claim:
    "esme run killed with SIGKILL at random instants: registers and forwarded half hours equal those of an undisturbed run",
  cases: (effort) => casesAt(effort, ["4 kills"], ["50 kills"], ["50 more", "50 more again", "50 at last"]),
  run: (case_, seed) => killed(case_ === "4 kills" ? SHORT : LONG, seed + 1_000 * case_.length),
};

/** A meter with its board and its hub. */
interface Bench {
  readonly data: string;
  readonly hub: HubProgram;
  readonly words: readonly string[];
  program: Program;
}

async function killed(plan: Plan, seed: number): Promise<Verdict> {
  const why = noPty();
  if (why !== null) return skipped(why);
  const firstEdge_ms = Date.UTC(2026, 5, 1, 10);
  const start_ms = firstEdge_ms - plan.firstEdge_s * 1_000;
  const power_w = clearPower_w(plan.scenario, seed, start_ms, plan.edges);
  const hubs = [await HubProgram.start(), await HubProgram.start()] as const;
  const clock = new SharedClock(start_ms, SPEED);
  const boardOptions = {
    fidelity: "fast",
    frontEnd: { like: "ideal" },
    seed,
    startUtc_ms: start_ms,
    clock: clock.forBoard,
    scenario: plan.scenario(power_w),
  } as const;
  const boards = [await board(boardOptions), await board(boardOptions)] as const;
  const benchOf = (k: 0 | 1): Bench => {
    const data = freshDir("house");
    const { port, installCode } = hubs[k];
    const hub = ["--hub", `127.0.0.1:${port}`, "--install-code", installCode];
    const words = ["run", "--port", boards[k].port, "--data", data, "--clock", clock.spec, ...hub];
    return { data, hub: hubs[k], words, program: new Program(words) };
  };
  const benches = [benchOf(0), benchOf(1)] as const;
  const [calm, shaken] = benches;
  try {
    await Promise.all(benches.map(({ program }) => program.says(/grid: baseline/)));
    const tookBaselineAt_s = (clock.utc_ms - start_ms) / 1_000;
    const next = random(seed);
    for (let n = 0; n < plan.kills; n++) {
      await aMoment(next, MOST_BETWEEN_ms);
      await shaken.program.kill();
      shaken.program = new Program(shaken.words);
    }
    const killsTook_s = (clock.utc_ms - start_ms) / 1_000 - tookBaselineAt_s;
    // The last edge is one that the kills reached; there both stop before power flows again.
    const last_ms = Math.ceil(Math.max(clock.utc_ms - QUIET_ms, firstEdge_ms) / HALF_HOUR_ms) * HALF_HOUR_ms;
    await clock.reaches(last_ms);
    // One that was killed a moment ago must have begun before it can be told to stop.
    await shaken.program.says(/metering/);
    for (const { data, hub } of benches) {
      await when(`the half hour to ${rfc3339(last_ms)} in ${data}`, () =>
        lookInto(data, (reader) =>
          SOURCES.every((name) => reader.profile(name, 0 as never, last_ms as never).at(-1)?.end === last_ms),
        ),
      );
      await when("it at the hub", () => hub.forwarded().some(({ body }) => body.end === rfc3339(last_ms)));
    }
    const overdue_ms = clock.utc_ms - last_ms - QUIET_ms;
    const ends = await Promise.all(benches.map(({ program }) => program.stop()));
    await Promise.all(hubs.map(({ program }) => program.stop()));
    const [a, b] = [await outcome(calm), await outcome(shaken)];
    const wrong = differences(a, b);
    if (overdue_ms > 0) wrong.push(`the machine was ${overdue_ms} ms too slow for this clock`);
    for (const { code, stderr } of ends)
      if (code !== 0 || stderr !== "") wrong.push(`run ended with ${code}: ${stderr}`);
    const halfHours = b.forwarded.filter(({ body }) => body.end !== undefined).length;
    const import_wh = (b.registers[0] as { import_wh: number }).import_wh;
    return {
      ok: wrong.length === 0 && halfHours > 0 && import_wh > 4,
      said:
        wrong.length > 0
          ? `seed ${seed}: ${wrong.join("; ")}`
          : `seed ${seed}: ${plan.kills} kills in ${killsTook_s.toFixed(0)} simulated s, ${halfHours} half hours, import ${import_wh} Wh: registers, profiles, flags and forwarded messages equal`,
      figures: { seed, kills: plan.kills, half_hours: halfHours, import_wh, differences: wrong.length },
    };
  } finally {
    for (const { program } of [...benches, ...hubs]) if (program.running) await program.kill();
    for (const one of boards) await one.unplug();
  }
}

interface Outcome {
  readonly registers: readonly unknown[];
  readonly profiles: readonly unknown[];
  readonly forwarded: readonly Forwarded[];
  readonly eventCodes: readonly (readonly string[])[];
}

/** What anyone can read of it. */
async function outcome({ data, hub }: Bench): Promise<Outcome> {
  const registers: unknown[] = [];
  const profiles: unknown[] = [];
  const eventCodes: string[][] = [];
  for (const source of SOURCES) {
    const { at: _, ...rest } = await asked<{ at: string }>("read", "registers", "--data", data, "--source", source);
    registers.push(rest);
    profiles.push(await asked("read", "profile", "--data", data, "--source", source));
    eventCodes.push(
      lookInto(data, (reader) =>
        reader.events(source, ALL_TIME.from as never, ALL_TIME.to as never).map(({ code }) => code),
      ) ?? [],
    );
  }
  const forwarded = await asked<Forwarded[]>("read", "forwarded", "--data", hub.data);
  return { registers, profiles, forwarded: forwarded.map(({ id, body }) => ({ id, body })), eventCodes };
}

function differences(a: Outcome, b: Outcome): string[] {
  const wrong: string[] = [];
  const same = (what: string, one: unknown, other: unknown) => {
    const [x, y] = [JSON.stringify(one), JSON.stringify(other)];
    if (x !== y) wrong.push(`${what}: undisturbed ${x}, killed ${y}`);
  };
  SOURCES.forEach((source, k) => {
    same(`registers of ${source}`, a.registers[k], b.registers[k]);
    same(`profile of ${source}`, a.profiles[k], b.profiles[k]);
    same(`events of ${source}`, a.eventCodes[k], b.eventCodes[k]);
  });
  // An alert carries its moment and the counters then, which differ by what the first report was late; a half hour does not.
  const told = (outcome: Outcome) =>
    outcome.forwarded.map(({ id, body }) => [id, body.end === undefined ? body.code : body]);
  same("forwarded", told(a), told(b));
  return wrong;
}
