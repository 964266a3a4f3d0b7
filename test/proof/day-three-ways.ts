// One recorded day three ways: live over the line under a simulated clock; the readings it made, replayed through the ledger and by
// `esme replay`; and the same bytes cut anywhere. All end in the identical state, to the micro-watt-hour.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LineSource } from "../../host/adapters/board/line-source.js";
import type { Notice, Reading } from "../../host/ledger/events.js";
import { type Ledger, newLedger } from "../../host/ledger/ledger.js";
import { kept } from "../../host/ledger/profile.js";
import { turn } from "../../host/ledger/turn.js";
import { rfc3339 } from "../../host/ledger/units.js";
import { Meter } from "../../host/meter/meter.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import { random } from "../store/houses.js";
import { asked, esme, freshDir } from "./crash-bench.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";
import { HOUSE, MemoryStore, START_utc_ms, Workbench } from "./workbench.js";

const PATIENCE_ms = 12 * 3_600_000;
const FUSE_w = 75_900;
const LF = 10;

interface Day {
  readonly hours: number;
  /** Share of the bytes that the line spoils. */
  readonly noise: number;
  /** Whether the board is reset in it, which the replay's format cannot say. */
  readonly reset: boolean;
}

const DAYS: { readonly [name: string]: Day } = {
  "6 h": { hours: 6, noise: 0, reset: false },
  "a day": { hours: 24, noise: 0, reset: false },
  "a day on a bad line, with a reset": { hours: 24, noise: 1 / 1_000, reset: true },
};

export const proof: Proof = {
  name: "day-three-ways",
  claim: "One recorded day fed live, as replay, and in random chunks gives the identical state",
  cases: (effort) => casesAt(effort, ["6 h"], ["a day", "a day on a bad line, with a reset"]),
  run: async (case_, seed) => threeWays(DAYS[case_] ?? { hours: 24, noise: 0, reset: false }, seed),
};

/** Bytes as they arrived: what came at one moment, and that moment. */
interface Arrival {
  readonly at_ms: number;
  readonly bytes: Uint8Array;
}

async function threeWays(day: Day, seed: number): Promise<Verdict> {
  const { arrivals, live, readings } = lived(day, seed);
  const wrong: string[] = [];
  const same = (how: string, one: unknown, other: unknown) => {
    const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
    if (a !== b) wrong.push(`${how}: ${firstDifference(a, b)}`);
  };
  same("replayed", live.state, replayed(readings));
  for (const k of [1, 2, 3]) same(`in random chunks ${k}`, live, rechunked(arrivals, seed + k));
  const grid = readings.get("grid") ?? [];
  if (!day.reset) for (const text of await replayedByCommand(grid, live.state.grid)) wrong.push(`esme replay: ${text}`);
  const bytes = arrivals.reduce((sum, one) => sum + one.bytes.length, 0);
  const half_hours = live.state.grid?.profile.length ?? 0;
  const enough = half_hours >= 2 * day.hours - 1 && grid.length > day.hours * 1_000;
  const seen = `${day.hours} h, ${bytes} bytes, ${grid.length} readings of the grid, ${half_hours} half hours`;
  return {
    ok: wrong.length === 0 && enough,
    said: `seed ${seed}: ${seen}: ${wrong.length > 0 ? wrong.join("; ") : "the same state all ways"}`,
    figures: { bytes, readings: grid.length, half_hours, wrong: wrong.length },
  };
}

/** What a ledger holds, as plain values. */
interface LedgerState {
  readonly registers_uwh: readonly number[];
  readonly open: unknown;
  readonly unallocated_wh: readonly number[];
  readonly dropped_wh: readonly number[];
  readonly profile: readonly unknown[];
  readonly events: readonly Notice[];
}

type State = { readonly [name: string]: LedgerState };

interface Heard {
  readonly state: State;
  readonly besides: unknown;
}

function stateOf(ledger: Ledger, notices: readonly Notice[]): LedgerState {
  return {
    registers_uwh: ledger.cumulative,
    open: ledger.open,
    unallocated_wh: ledger.unallocated_wh,
    dropped_wh: ledger.profile.dropped_wh,
    profile: [...kept(ledger.profile)],
    events: notices.filter(({ kind }) => kind === "event"),
  };
}

/** What the meter heard besides: reports booked, readings that changed nothing, bytes that were no message. */
function heardBy(meter: Meter | null): unknown {
  const { reports, faults, ledgers } = meter?.view() ?? {
    reports: 0,
    faults: new Map<string, number>(),
    ledgers: new Map(),
  };
  // A line that is too long is called so, or a flood, by how its bytes came; either way each of them is counted.
  const lost_bytes = [...faults.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { reports, lost_bytes, ignored: [...ledgers.values()].map(({ ledger }) => ledger.ignored) };
}

/** The day as it was, and everything it left: its bytes, its readings, its state. */
function lived({ hours, noise, reset }: Day, seed: number) {
  const board = { fidelity: "fast", scenario: "solar-home", ppm: 800, driftPpm: 30, seed } as const;
  const bench = new Workbench({ board });
  const arrivals: Arrival[] = [];
  const readings = new Map<string, Reading[]>(HOUSE.map(({ name }) => [name, []]));
  const next = random(seed);
  const spoil = (byte: number) => (next() < noise ? Math.floor(next() * 256) : byte);
  bench.line = (arrived) => {
    const bytes = noise === 0 ? arrived : arrived.map(spoil);
    arrivals.push({ at_ms: bench.clock.mono(), bytes: bytes.slice() });
    return bytes;
  };
  bench.arrive();
  // Every ledger that the meter makes passes here; a new `last` is a reading booked.
  for (const [name, kept] of bench.meter?.view().ledgers ?? []) {
    let now = kept.ledger;
    const set = (made: Ledger) => {
      if (made.last !== null && made.last !== now.last) readings.get(name)?.push(made.last);
      now = made;
    };
    Object.defineProperty(kept, "ledger", { get: () => now, set });
  }
  if (reset) {
    bench.run(hours * 1_800 + 700);
    bench.board.reset();
  }
  bench.run(hours * 3_600 + 30 - bench.time_s);
  return { arrivals, readings, live: { state: stateOfBench(bench), besides: heardBy(bench.meter) } };
}

function stateOfBench(bench: Workbench): State {
  const notices = (name: string) => bench.notices.filter((one) => one.name === name).map(({ notice }) => notice);
  return Object.fromEntries(HOUSE.map(({ name }) => [name, stateOf(bench.ledger(name), notices(name))]));
}

/** The readings alone, through the ledger's one function. */
function replayed(readings: ReadonlyMap<string, readonly Reading[]>): State {
  return Object.fromEntries(
    [...readings].map(([name, all]) => {
      let ledger = newLedger({ fuse_w: FUSE_w, patience_ms: PATIENCE_ms });
      const notices: Notice[] = [];
      for (const reading of all) {
        const next = turn(ledger, reading);
        ledger = next.ledger;
        notices.push(...next.notices);
      }
      return [name, stateOf(ledger, notices)];
    }),
  );
}

/** The bytes again, at the moments at which their lines ended, but in pieces that ignore where a line ends. */
function rechunked(arrivals: readonly Arrival[], seed: number): Heard {
  const clock = new SimulatedClock(START_utc_ms);
  const source = new LineSource(() => {}, clock);
  const inputs = [{ source, feeds: HOUSE, patience_ms: PATIENCE_ms }];
  const store = new MemoryStore();
  const meter = new Meter({ clock, store, inputs, hub: null, fuse_w: FUSE_w, commitEvery_ms: 10_000 });
  const notices: { readonly name: string; readonly notice: Notice }[] = [];
  meter.watch((notice, name) => notices.push({ name, notice }));
  meter.start();
  const next = random(seed);
  let early: Uint8Array = new Uint8Array();
  arrivals.forEach(({ at_ms, bytes }, k) => {
    clock.runTo(at_ms);
    let rest = bytes.subarray(early.length);
    while (rest.length > 0) {
      const piece = 1 + Math.floor(next() * 120);
      source.arrive(rest.subarray(0, piece));
      rest = rest.subarray(piece);
    }
    // The beginning of the next line dribbles in before its time, as bytes of a slow line do; a line counts from its end.
    const following = arrivals[k + 1]?.bytes ?? new Uint8Array();
    const end = following.indexOf(LF);
    early = following.subarray(0, Math.floor(next() * Math.max(0, end)));
    source.arrive(early);
  });
  clock.runTo((arrivals.at(-1)?.at_ms ?? 0) + 1);
  const ledgers = meter.view().ledgers;
  const state = Object.fromEntries(
    HOUSE.map(({ name }) => {
      const ledger = ledgers.get(name)?.ledger ?? newLedger();
      const own = notices.filter((one) => one.name === name).map(({ notice }) => notice);
      return [name, stateOf(ledger, own)];
    }),
  );
  return { state, besides: heardBy(meter) };
}

/** The grid's readings as the file that `esme replay` reads: its format knows no device, no boot and no wrap. */
async function replayedByCommand(
  readings: readonly Reading[],
  live: LedgerState | undefined,
): Promise<readonly string[]> {
  if (live === undefined) return ["there is no grid"];
  const dir = freshDir("replay");
  const file = join(dir, "day.jsonl");
  const wh = (uwh: number | null) => (uwh ?? 0) / 1e6;
  const lines = readings.map(({ at, counters: [a, b, c, d] }) =>
    JSON.stringify({ at: rfc3339(at), import_wh: wh(a), export_wh: wh(b), import_varh: wh(c), export_varh: wh(d) }),
  );
  writeFileSync(file, `${lines.join("\n")}\n`);
  const { code, stderr } = await esme("replay", file, "--data", dir);
  if (code !== 0 || stderr !== "") return [`ended with ${code}: ${stderr}`];
  const wrong: string[] = [];
  const registers = await asked<Record<string, number>>("read", "registers", "--data", dir);
  const expected = live.registers_uwh.map((uwh) => Math.floor(uwh / 1e6));
  const told = [registers.import_wh, registers.export_wh, registers.import_varh, registers.export_varh];
  if (JSON.stringify(told) !== JSON.stringify(expected)) wrong.push(`registers ${told} instead of ${expected}`);
  const profile = await asked<{ readonly [key: string]: unknown }[]>("read", "profile", "--data", dir);
  const rows = profile.map(({ end, import_wh, export_wh, import_varh, export_varh, flags }) => ({
    end: Date.parse(String(end)),
    wh: [import_wh, export_wh, import_varh, export_varh],
    flags,
  }));
  if (JSON.stringify(rows) !== JSON.stringify(live.profile))
    wrong.push(`profile: ${firstDifference(JSON.stringify(live.profile), JSON.stringify(rows))}`);
  return wrong;
}

function firstDifference(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return `live ...${a.slice(Math.max(0, at - 60), at + 60)}... other ...${b.slice(Math.max(0, at - 60), at + 60)}...`;
}
