// The usual reference from end to end: a meter on RS-485 with the role `check` beside a fresh clamp board, both simulated on real ports in
// one house; by `esme calibrate` alone, and through the door of a running `esme run`. Runs the built program (dist/).

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { knock } from "../../host/adapters/door.js";
import type { BoardProcess } from "../../host/sim/board-process.js";
import { type MeterProcess, startMeterProcess } from "../../host/sim/modbus/meter-process.js";
import type { ScenarioInput } from "../../host/sim/scenario.js";
import { asked, board, noPty, Program, SharedClock } from "../proof/crash-bench.js";

const why = noPty();
const EACH_s = 60;
/** The steps of the guide one after the other on the grid's conductor, by the clock that all share; the first leaves time to begin. */
const BENCH = {
  kind: "bench",
  each_s: EACH_s,
  loads: [{}, {}, { amps: 10 }, { amps: 1, pf: 0.5 }, { amps: 20, pf: 0.5 }],
} as const satisfies ScenarioInput;
const SEED = 5;
const SPEED = 6;
const START_ms = Date.UTC(2026, 5, 1, 10);
const ROUND_s = EACH_s * BENCH.loads.length;
const LIMIT_percent = 0.3;
/** Which of the loads is on when all is done. */
const HIGH = 4;
/** A reading so near to a change of the load may be of the load before it: the machine's own delays count six times here. */
const NEAR_s = 9;
const ENOUGH = 10;
/** A fresh board's adapter leads its clamp by 2.8 degrees: 8 % on a motor. */
const LEAD_mdeg = 2_800;
const NONE = [0, 0, 0, 0];

interface Told {
  readonly before: readonly Channel[];
  readonly after: readonly Channel[];
  readonly clamps: readonly { readonly verdict: { readonly kind: string }; readonly residuals: readonly object[] }[];
  readonly slot: number;
  readonly reference: string;
}
interface Channel {
  readonly channel: number;
  readonly gain: number;
  readonly phase_mdeg: number;
}
interface Power {
  readonly at_ms: number;
  readonly channels: readonly { readonly active_mw: number; readonly reactive_mvar: number }[];
}
interface Seen {
  readonly now_ms: number;
  readonly devices: readonly { readonly power: Power | null }[];
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 50));
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

describe.skipIf(why !== null)(`an SDM120 beside a clamp${why === null ? "" : `: ${why}`}`, () => {
  const processes: (BoardProcess | MeterProcess)[] = [];
  const programs: Program[] = [];
  const begun = (words: string[]) => {
    const program = new Program(words);
    programs.push(program);
    return program;
  };
  afterAll(async () => {
    // First the programs: one that lives on would look for its board under a name that the next test's board may have.
    for (const one of programs) await one.kill();
    for (const one of processes) await one.unplug();
  });

  /** A fresh board and an SDM120 on one conductor, their house and its clock. */
  async function placed() {
    const clock = new SharedClock(START_ms, SPEED);
    const shared = { scenario: BENCH, seed: SEED, clock: clock.forBoard };
    const clamps = await board({ ...shared, fidelity: "fast", calibrated: false });
    processes.push(clamps);
    const meter = await startMeterProcess({ ...shared, meters: [{ model: "sdm120" }] });
    if ("kind" in meter) throw new Error(meter.reason);
    processes.push(meter);
    const data = mkdtempSync(join(tmpdir(), "esme-calibrate-modbus-"));
    const beside = `model: sdm120, address: 1, port: ${meter.port}, speed: 9600, every: 1s`;
    const sources = [
      `  - { name: grid, role: grid, kind: clamp-board, port: ${clamps.port}, channel: 1 }`,
      `  - { name: sdm120, role: check, check_of: grid, kind: modbus, ${beside} }`,
    ];
    writeFileSync(join(data, "esme.yaml"), `version: 1\nsources:\n${sources.join("\n")}\n`);
    const steps = ["{ load: nothing }", "{ load: resistive }"];
    for (const load of ["reactive-low", "reactive-high"]) steps.push(`{ load: ${load}, current: lags }`);
    const answers = join(data, "answers.yaml");
    const list = steps.map((step) => `  - ${step}\n`).join("");
    writeFileSync(answers, `version: 1\nclamps: [1]\nreference: sdm120\nwait: 9m\nsteps:\n${list}`);
    const house = ["--data", data, "--clock", clock.spec];
    return { clock, clamps, data, house, calibrated: () => asked<Told>("calibrate", "--answers", answers, ...house) };
  }

  async function seen(data: string): Promise<Seen | null> {
    const answer = await knock(data, { do: "observe" }, 10_000);
    return "kind" in answer || !answer.ok ? null : (answer.result as Seen);
  }

  /** Until board and SDM120 both tell what flows. */
  async function meters(data: string): Promise<void> {
    while (!(await seen(data))?.devices.every(({ power }) => power !== null)) await soon();
  }

  /** By how much board and SDM120 differ while a load is on: of its size; the worse of P and Q. */
  async function differ_percent(data: string, step: number): Promise<number> {
    const told: Power[][] = [[], []];
    for (; told.some(({ length }) => length < ENOUGH); await soon())
      for (const [k, { power }] of ((await seen(data))?.devices ?? []).entries()) {
        if (power === null || power.at_ms === told[k]?.at(-1)?.at_ms) continue;
        const into_s = ((power.at_ms / 1_000) % ROUND_s) - step * EACH_s;
        if (into_s > NEAR_s && into_s < EACH_s - NEAR_s) told[k]?.push(power);
      }
    const [clamp, sdm120] = told.map((powers) => ({
      p: mean(powers.map(({ channels }) => channels[0]?.active_mw ?? Number.NaN)),
      q: mean(powers.map(({ channels }) => channels[0]?.reactive_mvar ?? Number.NaN)),
    }));
    if (clamp === undefined || sdm120 === undefined) throw new Error("there are two devices");
    const off = Math.max(Math.abs(clamp.p - sdm120.p), Math.abs(clamp.q - sdm120.q));
    return (100 * off) / Math.hypot(sdm120.p, sdm120.q);
  }

  async function isKept(told: Told, data: string, clamps: BoardProcess): Promise<void> {
    expect(told.reference).toBe("sdm120");
    expect(told.clamps.map(({ verdict }) => verdict.kind)).toEqual(["good"]);
    expect(told.clamps[0]?.residuals).toHaveLength(3);
    const lead_mdeg = ([volts, one]: readonly Channel[]) => (volts?.phase_mdeg ?? 0) - (one?.phase_mdeg ?? 0);
    expect(lead_mdeg(told.before)).toBe(0);
    expect(Math.abs(lead_mdeg(told.after) - LEAD_mdeg)).toBeLessThan(100);
    expect([0, 1]).toContain(told.slot);
    // Another way to the same: what the front end was made of.
    const own = (await clamps.calibration()) ?? [];
    const product = ([volts, one]: readonly { gain: number }[]) => (volts?.gain ?? 0) * (one?.gain ?? 0);
    expect(100 * Math.abs(product(told.after) / product(own) - 1)).toBeLessThan(LIMIT_percent);
    const history = await asked<object[]>("calibrate", "history", "--data", data);
    expect(history).toMatchObject([{ state: "kept", what: "calibrate", reference: "source sdm120", slot: told.slot }]);
  }

  it.concurrent("through the door of a running house, which goes on metering and loses no reading", {
    timeout: 240_000,
  }, async () => {
    const { clock, clamps, data, house, calibrated } = await placed();
    const metering = begun(["run", "--json", ...house]);
    await meters(data);
    const from_ms = clock.utc_ms;
    await isKept(await calibrated(), data, clamps);
    expect(await differ_percent(data, HIGH)).toBeLessThan(LIMIT_percent);
    const { code, stdout } = await metering.stop();
    const run_s = (clock.utc_ms - from_ms) / 1_000;
    expect(code).toBe(0);
    const { reports, ledgers, faults } = JSON.parse(stdout) as {
      reports: number;
      ledgers: { [name: string]: { ignored: { [why: string]: number } } };
      faults: object;
    };
    // On a scaled clock a busy machine tears an answer of the bus; it is asked for again. Nothing goes wrong on the board's line.
    expect(Object.keys(faults).filter((name) => !name.startsWith("modbus"))).toEqual([]);
    expect(Object.values(ledgers).map(({ ignored }) => Object.values(ignored))).toEqual([NONE, NONE]);
    // Each second one of the clamp; and as many of the SDM120 as the machine got round to asking for.
    expect(reports).toBeGreaterThan(run_s);
    const events = await asked<{ log: string; code: string }[]>("read", "events", "--data", data);
    expect(events.filter(({ log }) => log === "ledger").map(({ code }) => code)).toEqual(["baseline"]);
  });

  it.concurrent("by itself; what was kept is in force in the house that meters next", {
    timeout: 240_000,
  }, async () => {
    const { clamps, data, house, calibrated } = await placed();
    await isKept(await calibrated(), data, clamps);
    begun(["run", ...house]);
    await meters(data);
    expect(await differ_percent(data, HIGH)).toBeLessThan(LIMIT_percent);
  });
});
