// `esme run` killed at random instants beside one that is left alone: the same board in the same house, two real processes, two real
// ports, two hubs. Afterwards both have booked the same energy in the same half hours and to the same rates, have written down the same at
// midnight, and their hubs hold the same.
//
// Two runs meter the same energy only if nothing else differs. A host tells the board how fast its clock runs, and measures that from
// when the reports arrive; on a simulated clock 60 times as fast, arrivals waver by 60 times the machine's own jitter, so the rate is
// known to some 100 ppm only, and energy is corrected by it. And what a board remembers is told in steps of 0.512 Wh. Neither is a
// fault of the crash. So the power is chosen such that at every edge each counter is further from the next whole Wh, and from the
// last one by its remembered value, than both can move it; and power flows in the middle of each half hour only.

import { join } from "node:path";
import { openStore } from "../../host/adapters/store/house-store.js";
import { newEsme } from "../../host/ledger/esme.js";
import { settled } from "../../host/ledger/state/words.js";
import { HALF_HOUR_ms, rfc3339, Utc_ms } from "../../host/ledger/units.js";
import type { StoreReader } from "../../host/ports/store.js";
import type { ScenarioInput } from "../../host/sim/scenario.js";
import { random } from "../store/houses.js";
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
  SharedClock,
  SOURCES,
  skipped,
  when,
} from "./crash-bench.js";
import { clearPower_w } from "./crash-power.js";
import { HALF_HOURLY } from "./eventful-day.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";

const SPEED = 60;
/** Between two kills at most; on average half of it: from while it starts to long after it has settled. */
const MOST_BETWEEN_ms = 2_400;
/** How long telling a program to stop may take, simulated: of the machine's time two seconds. */
const STOPPING_ms = 120_000;
/** A machine may be too busy to take the baselines before power flows: then the case begins anew, so often. */
const BEGINNINGS = 3;

interface Plan {
  readonly kills: number;
  /** The first half hour's end: midnight, or the one before it. */
  readonly firstEdge_ms: number;
  /** Simulated seconds from the start to the first edge, to the first kill, and to the first power: baselines are taken before it. */
  readonly firstEdge_s: number;
  readonly firstKill_s: number;
  readonly firstPower_s: number;
  /** How long nothing flows after an edge: the last look is had within it. */
  readonly quiet_ms: number;
  /** More edges than it can reach. */
  readonly edges: number;
  readonly scenario: (power_w: number) => ScenarioInput;
}

const MAINS = { voltageWander_v: 0, frequencyWander_hz: 0, distortion: 0 };
const SHORT: Plan = {
  kills: 4,
  firstEdge_ms: Date.UTC(2026, 5, 2),
  firstEdge_s: 400,
  firstKill_s: 180,
  firstPower_s: 240,
  quiet_ms: 1_500_000,
  edges: 1,
  scenario: (power_w) => ({ kind: "pulses", mains: MAINS, power_w, from_s: 240, to_s: 340 }),
};
const LONG: Plan = {
  kills: 50,
  firstEdge_ms: Date.UTC(2026, 5, 1, 23, 30),
  firstEdge_s: 120,
  firstKill_s: 0,
  firstPower_s: 420,
  quiet_ms: 300_000,
  edges: 6,
  scenario: (power_w) => ({ kind: "pulses", mains: MAINS, power_w, edge_s: 300 }),
};

export const proof: Proof = {
  name: "crash-run",
  claim:
    "esme run killed with SIGKILL at random instants: registers and forwarded half hours equal those of an undisturbed run",
  cases: (effort) => casesAt(effort, ["4 kills"], ["50 kills"], ["50 more", "50 more again", "50 at last"]),
  run: async (case_, seed) => {
    const why = noPty();
    if (why !== null) return skipped(why);
    for (let beginning = 1; ; beginning++) {
      const verdict = await killed(case_ === "4 kills" ? SHORT : LONG, seed + 1_000 * case_.length);
      if (verdict !== "too late") return verdict;
      if (beginning === BEGINNINGS)
        return skipped(`${BEGINNINGS} times this machine took no baseline before power flowed`);
    }
  },
};

/** A meter with its board and its hub. */
interface Bench {
  readonly data: string;
  readonly hub: HubProgram;
  readonly words: readonly string[];
  program: Program;
}

async function killed(plan: Plan, seed: number): Promise<Verdict | "too late"> {
  const { firstEdge_ms } = plan;
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
    const data = houseWithTariff();
    const words = ["run", "--port", boards[k].port, "--data", data, "--clock", clock.spec, ...hubs[k].joining];
    return { data, hub: hubs[k], words, program: new Program(words) };
  };
  const benches = [benchOf(0), benchOf(1)] as const;
  const [calm, shaken] = benches;
  try {
    await Promise.all(benches.map(({ program }) => program.says(/grid: baseline/)));
    if (clock.utc_ms > start_ms + plan.firstPower_s * 1_000) return "too late";
    await clock.reaches(start_ms + plan.firstKill_s * 1_000);
    const firstKill_ms = clock.utc_ms;
    const next = random(seed);
    for (let n = 0; n < plan.kills; n++) {
      await aMoment(next, MOST_BETWEEN_ms);
      await shaken.program.kill();
      shaken.program = new Program(shaken.words);
    }
    const killsTook_s = (clock.utc_ms - firstKill_ms) / 1_000;
    // One that was killed a moment ago must have begun before it can be told to stop.
    await shaken.program.says(/metering/);
    // The last edge is one that the kills reached; both stop there before power flows again.
    for (let last_ms = firstEdge_ms; ; last_ms += HALF_HOUR_ms) {
      if (clock.utc_ms > last_ms + plan.quiet_ms - STOPPING_ms) continue;
      await clock.reaches(last_ms);
      for (const bench of benches) await closed(bench, last_ms);
      if (clock.utc_ms < last_ms + plan.quiet_ms - STOPPING_ms) break;
    }
    const ends = await Promise.all(benches.map(({ program }) => program.stop()));
    await Promise.all(hubs.map(({ program }) => program.stop()));
    const [a, b] = [await outcome(calm), await outcome(shaken)];
    const wrong = differences(a, b);
    const reads = (b.counted.dailyReadLogExcExport as { readonly logEntries: readonly unknown[] }).logEntries;
    if (reads.length !== 1) wrong.push(`${reads.length} midnights were written down`);
    for (const { code, stderr } of ends)
      if (code !== 0 || stderr !== "") wrong.push(`run ended with ${code}: ${stderr}`);
    const halfHours = b.forwarded.filter(({ body }) => body.end !== undefined).length;
    const import_wh = (b.registers[0] as { import_wh: number }).import_wh;
    const seen = `${plan.kills} kills in ${killsTook_s.toFixed(0)} simulated s, ${halfHours} half hours, import ${import_wh} Wh`;
    const equal = "registers, profiles, flags, rates, daily reads and forwarded messages equal";
    return {
      ok: wrong.length === 0 && halfHours > 0 && import_wh > 4,
      said: `seed ${seed}: ${seen}: ${wrong.length > 0 ? wrong.join("; ") : equal}`,
      figures: { seed, kills: plan.kills, half_hours: halfHours, import_wh, differences: wrong.length },
    };
  } finally {
    for (const { program } of [...benches, ...hubs]) if (program.running) await program.kill();
    for (const one of boards) await one.unplug();
  }
}

/** A house whose meter has a tariff before it is first run: in each half hour another rate takes the energy. */
function houseWithTariff(): string {
  const data = freshDir("house");
  const opened = openStore(join(data, "meter.sqlite"));
  if (!opened.ok) throw new Error(opened.reason);
  const blank = newEsme(1);
  const prices = { tou: Array(48).fill(20_000), block: Array(8).fill([10_000, 10_000, 10_000, 10_000]) };
  const tariff = { tariffSwitchingTable: settled(HALF_HOURLY), tariffBlockPriceMatrixTOU: settled(prices) };
  const esme = { ...blank, state: { ...blank.state, ...tariff } };
  const grid = { name: "grid", role: "grid", ledger: esme.ledger, esme, notices: [] } as const;
  const written = opened.store.commit({ ledgers: [grid], outbox: [] });
  opened.store.close();
  if (!written.ok) throw new Error(written.reason);
  return data;
}

/** Resolves once every ledger has the half hour that ends there, and the hub the grid's. */
async function closed({ data, hub }: Bench, end_ms: number): Promise<void> {
  const has = (reader: StoreReader, name: string) =>
    reader.profile(name, Utc_ms(0), Utc_ms(end_ms)).at(-1)?.end === end_ms;
  await when(`the half hour to ${rfc3339(end_ms)}`, () =>
    lookInto(data, (reader) => SOURCES.every((name) => has(reader, name))),
  );
  await when("it at the hub", () => hub.forwarded().some(({ body }) => body.end === rfc3339(end_ms)));
}

interface Outcome {
  readonly registers: readonly unknown[];
  readonly profiles: readonly unknown[];
  readonly forwarded: readonly Forwarded[];
  readonly eventCodes: readonly (readonly string[])[];
  /** What the counters alone decide of the rest of the meter. */
  readonly counted: { readonly [section: string]: unknown };
}

/** Not the averages of the supply: those a dead host has not measured. */
const COUNTED = [
  "tariffTOURegisterCollection",
  "tariffBlockTOURegisterCollection",
  "tariffAccount",
  "dailyReadLogExcExport",
  "dailyReadLogExport",
  "dailyConsumptionLog",
] as const;

/** What anyone can read of it. */
async function outcome({ data, hub }: Bench): Promise<Outcome> {
  const registers: unknown[] = [];
  const profiles: unknown[] = [];
  const eventCodes: string[][] = [];
  for (const source of SOURCES) {
    // When it was read last, and how long ago, is not what flowed.
    const {
      at: _,
      age_s: __,
      ...rest
    } = await asked<{ at: string; age_s: number }>("read", "registers", "--data", data, "--source", source);
    registers.push(rest);
    profiles.push(await asked("read", "profile", "--data", data, "--source", source));
    eventCodes.push(
      lookInto(data, (reader) =>
        reader.events(source, ALL_TIME.from as never, ALL_TIME.to as never).map(({ code }) => code),
      ) ?? [],
    );
  }
  const forwarded = await asked<Forwarded[]>("read", "forwarded", "--data", hub.data);
  const snapshot = await asked<{ readonly [section: string]: unknown }>("snapshot", "--data", data);
  const counted = Object.fromEntries(COUNTED.map((section) => [section, snapshot[section]]));
  return { registers, profiles, forwarded: forwarded.map(({ id, body }) => ({ id, body })), eventCodes, counted };
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
  // Whether midnight's registers were interpolated over a minute is decided by how late reports came, not by what flowed.
  const timeless = (section: unknown) =>
    JSON.stringify(section, (key, value) => (key === "estimated" ? undefined : value));
  for (const section of COUNTED) same(section, timeless(a.counted[section]), timeless(b.counted[section]));
  // An alert carries its moment and the counters then, which differ by what the first report was late; a half hour does not.
  const told = (outcome: Outcome) =>
    outcome.forwarded.map(({ id, body }) => [id, body.end === undefined ? body.code : body]);
  same("forwarded", told(a), told(b));
  return wrong;
}
