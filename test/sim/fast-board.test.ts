// The fast board is the executed one in all that a host can see: same lines, same energies, same memory; only faster.
import { describe, expect, it } from "vitest";
import { Eeprom } from "../../host/sim/eeprom.js";
import type { ScenarioInput } from "../../host/sim/scenario.js";
import { crcDigits } from "../../host/wire/board/crc16.js";
import type { Channel } from "../../host/wire/board/messages.js";
import { Bench, NOON_s, PROOF, within } from "./bench.js";

const HALF_HOUR_s = 1800;

describe("fast and executed", () => {
  const cases: readonly [ScenarioInput | string, number][] = [
    ["solar-home", 30],
    ["demo", 33],
    [
      {
        kind: "steady",
        clamps: [{ amps: 0.3 }, { amps: 4, pf: 0.6, export: true }, { amps: 30, pf: 0.8, lead: true }],
      },
      20,
    ],
  ];

  it.each(cases)("%j: the same energies from the same house", (scenario, lasts_s) => {
    const run = (fidelity: "fast" | "executed") => {
      const bench = new Bench({ scenario, fidelity, seed: 11, ppm: 40 });
      bench.board.runUntil((PROOF ? 2 : 1) * lasts_s + 1.5);
      return bench;
    };
    const [fast, executed] = [run("fast"), run("executed")];
    for (const channel of [1, 2, 3, 4] as const) {
      const one = fast.compare(channel);
      const other = executed.compare(channel);
      for (const way of ["import_wh", "export_wh"] as const) {
        const allowed = within(0.005, other.measured[way], 0.05);
        // Their reports end at slightly different moments: compare how far each is from its own truth.
        const apart = one.measured[way] - one.truth[way] - (other.measured[way] - other.truth[way]);
        expect(Math.abs(apart), `channel ${channel} ${way}`).toBeLessThan(allowed);
      }
    }
  });

  it("answer the same to the same commands, good and bad", () => {
    const bodies = [
      "H 0",
      "W 0",
      "W 51",
      "W 10",
      "W ten",
      "W",
      "W 5 9",
      "S 8",
      "S 7",
      "K 4 1 0 0 0",
      "K 0 800000 0 1 0",
      "K 1 0 0 0 0",
      "K 2 298000 1900 -5 6",
      "K 3 298000 1900 -5 6 -3000 x",
      "K 3 298000 1900 -5 6 -3001",
      "K 3 298000 1900 -5 6 x",
      "K 0 800000 0 0 0 1",
      "C",
      "U 1800 0 0 0",
      "U 1780315200 1000 0 0",
      "U 1780315200 500 1000 99",
      "H 0",
      "I 2.0",
      "I 1",
      "w 5",
      "Y",
      "C",
      "U -1 0 0 0",
      "S 99999999999999999999",
    ];
    const run = (fidelity: "fast" | "executed") => {
      const bench = new Bench({ scenario: "no-load", fidelity });
      bench.board.runUntil(1.2);
      bench.board.send(Buffer.from("W 5*0000\n"));
      for (const body of bodies) {
        bench.board.runUntil(bench.board.time_s + (body === "C" ? 0.6 : 0.3));
        bench.board.send(Buffer.from(`${body}*${crcDigits(body)}\n`));
      }
      bench.board.runUntil(bench.board.time_s + 1);
      bench.say({ kind: "identify", major: 1, minor: 0 });
      bench.board.runUntil(bench.board.time_s + 0.5);
      const answers = bench.text.split("\n").filter((line) => /^[NAC] /.test(line));
      const { rxBad, rxUnknown } = bench.of("diagnosis").at(-1)!;
      return { answers, rxBad, rxUnknown };
    };
    expect(run("fast")).toEqual(run("executed"));
  });

  it("carry on from each other's EEPROM", () => {
    const scenario: ScenarioInput = { kind: "steady", clamps: [{ amps: 50 }, { amps: 50, export: true }, {}] };
    const eeprom = new Eeprom();
    const first = new Bench({ scenario, fidelity: "fast" }, NOON_s, eeprom);
    first.say({ kind: "window", cycles: 5 });
    first.say({ kind: "keep" });
    first.board.runUntil(600);
    const before = first.reports(1).at(-1)!;
    const second = new Bench({ scenario, fidelity: "executed" }, NOON_s, eeprom);
    second.board.runUntil(1);
    second.say({ kind: "readCalibration" });
    second.board.runUntil(2.5);
    const between = second.reports(1).at(-1)!;
    const short_mwh = before.counters.importActive_mwh - between.base.importActive_mwh;
    expect(short_mwh).toBeGreaterThanOrEqual(0);
    expect(short_mwh).toBeLessThan(20_000);
    expect(between.boot).toBeGreaterThan(before.boot);
    expect(second.of("calibration").map(({ gain }) => gain)).toEqual(first.board.calibration().map(({ gain }) => gain));
    const third = new Bench({ scenario, fidelity: "fast" }, NOON_s, eeprom);
    third.board.runUntil(3);
    expect(third.reports(1)[0]!.boot).toBeGreaterThan(between.boot);
    expect(third.reports(1)[0]!.base.importActive_mwh).toBeLessThanOrEqual(between.counters.importActive_mwh);
  });
});

describe("the fast board", () => {
  it("lives a whole day, its counters equal to the truth each way", () => {
    const bench = new Bench({ scenario: "solar-home", fidelity: "fast", reportEvery_s: 60 }, NOON_s - 12 * 3600);
    bench.board.runUntil(86_400.5);
    const last = bench.reports(1).at(-1)!;
    expect(last.seq).toBe(86_400);
    const energies = bench.board.truth.at(bench.board.boardTimeToTrue(last.boot, last.t_ms)!)!;
    const { importActive_mwh, exportActive_mwh } = last.counters;
    expect(Math.abs(importActive_mwh / 1000 - energies[0].import_uwh / 1e6)).toBeLessThan(
      energies[0].import_uwh * 1e-8,
    );
    expect(Math.abs(exportActive_mwh / 1000 - energies[0].export_uwh / 1e6)).toBeLessThan(
      energies[0].export_uwh * 1e-8,
    );
  });

  it("moves no counter in a day without load", () => {
    const bench = new Bench({ scenario: "no-load", fidelity: "fast", reportEvery_s: 3600 });
    bench.board.runUntil(86_400.5);
    const { counters, base } = bench.reports(1).at(-1)!;
    expect(counters).toEqual(base);
  });

  it("remembers 12 h of half hours to 0.2 %, by a resonator 5,000 ppm off whose rate it was told", () => {
    const start_s = NOON_s - 6 * 3600;
    const bench = new Bench({ scenario: "solar-home", fidelity: "fast", ppm: 5000, reportEvery_s: 60 }, start_s);
    bench.board.runUntil(10);
    bench.say({ kind: "readHalfHours", from_s: 0 });
    const rate_ppb = Math.round((1 / 1.005 - 1) * 1e9);
    bench.say({ kind: "utc", utc_s: start_s, ms: 0, t_ms: 0, rate_ppb });
    const truths = [];
    for (let end_s = HALF_HOUR_s; end_s <= 13 * 3600; end_s += HALF_HOUR_s) {
      bench.board.runUntil(end_s + 5);
      truths.push({ end_s: start_s + end_s, energies: bench.board.truth.at(end_s)! });
    }
    bench.say({ kind: "readHalfHours", from_s: start_s + 3600 });
    expect(bench.of("refused")[0]).toMatchObject({ letter: "H", reason: "utc" });
    const remembered = bench.of("remembered");
    expect(remembered).toHaveLength(24 * 4);
    expect(bench.of("accepted").at(-1)).toEqual({ kind: "accepted", letter: "H", values: [24 * 4] });
    for (const { end_s, channel, counters } of remembered) {
      const { energies } = truths.find((truth) => truth.end_s === end_s)!;
      const truth_wh = energies[channel - 1]!.export_uwh / 1e6;
      expect(Math.abs(counters.exportActive_mwh / 1000 - truth_wh)).toBeLessThan(within(0.002, truth_wh, 0.6));
    }
  });

  it("refuses by name what it cannot do, ignores what it does not know, and counts both", () => {
    const bench = new Bench({ scenario: "no-load", fidelity: "fast" });
    bench.board.send(Buffer.from("W 99*1234\nhello\n"));
    bench.say({ kind: "identify", major: 2, minor: 0 });
    bench.say({ kind: "window", cycles: 51 });
    bench.board.send(Buffer.from(`Z*${crcDigits("Z")}\n`));
    bench.say({ kind: "identify", major: 1, minor: 0 });
    expect(bench.of("refused").map(({ letter, reason }) => `${letter} ${reason}`)).toEqual([
      "? crc",
      "? crc",
      "I version",
      "W range",
    ]);
    expect(bench.of("diagnosis").at(-1)).toMatchObject({ rxBad: 4, rxUnknown: 1 });
  });

  it("loses at most 20 Wh to a power cut, and the house goes on meanwhile", () => {
    const scenario: ScenarioInput = { kind: "steady", clamps: [{ amps: 40 }, {}, {}] };
    const bench = new Bench({ scenario, fidelity: "fast" });
    for (let cut = 0; cut < 50; cut++) {
      bench.board.runUntil(bench.board.time_s + 37 + cut * 3.1);
      const before = bench.reports(1).at(-1)!;
      bench.board.powerCut(5);
      bench.board.runUntil(bench.board.time_s + 7.5);
      const after = bench.reports(1).at(-1)!;
      expect(after.boot).toBe(before.boot + 1);
      const lost_mwh = before.counters.importActive_mwh - after.base.importActive_mwh;
      expect(lost_mwh).toBeGreaterThanOrEqual(0);
      expect(lost_mwh).toBeLessThan(20_000);
    }
  });

  it("gives the same trace for the same seed", () => {
    const trace = (channel: Channel) => {
      const bench = new Bench({ scenario: "demo", fidelity: "fast", seed: 3 });
      bench.board.runUntil(60);
      return JSON.stringify(bench.reports(channel));
    };
    expect(trace(2)).toBe(trace(2));
  });
});
