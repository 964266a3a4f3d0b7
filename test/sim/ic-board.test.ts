// The boards with a metering IC: the very images, executed against the IC's registers on the simulated SPI bus. Both directions,
// a bus that lies, an IC that forgets; what is booked is held against the physics of the house.
import { describe, expect, it } from "vitest";
import type { MeteringIc } from "../../host/sim/ic/metering-ic.js";
import type { Channel } from "../../host/wire/board/messages.js";
import { Bench, NOON_s, within } from "./bench.js";

const SHARE = 0.001;
/** Two counts of the coarser IC, and a whole mWh at either end. */
const FLOOR_wh = 0.008;
/** What an energy register of an ATM90E32AS would bring if all ones were believed. */
const PHANTOM_wh = 204.8;

function icOf(bench: Bench): MeteringIc {
  const { ic } = bench.executed;
  if (ic === undefined) throw new Error("this board has no metering IC");
  return ic;
}

/** Measured and true energies of channels agree to 0.1 %, each way, active and reactive. */
function agrees(bench: Bench, channels: readonly Channel[], from_s = 0): void {
  for (const channel of channels) {
    const { measured, truth } = bench.compare(channel, from_s);
    for (const quantity of ["import_wh", "export_wh", "import_varh", "export_varh"] as const) {
      const off = Math.abs(measured[quantity] - truth[quantity]);
      expect(off, `${quantity} of channel ${channel}: ${measured[quantity]}, truly ${truth[quantity]}`).toBeLessThan(
        within(SHARE, truth[quantity], FLOOR_wh),
      );
    }
  }
}

/** The numbers of the transfers that ask for each register of an ATM90E32AS. */
function transfersTo(seconds: number, options: ConstructorParameters<typeof Bench>[0]): ReadonlyMap<number, number[]> {
  const bench = new Bench(options);
  const { bus } = icOf(bench);
  const asked = new Map<number, number[]>();
  let bytes: number[] = [];
  const [select, transfer] = [bus.select.bind(bus), bus.transfer.bind(bus)];
  bus.select = (low, time_s) => {
    bytes = [];
    select(low, time_s);
  };
  bus.transfer = (byte, mode) => {
    bytes.push(byte);
    if (bytes.length === 2 && bytes[0] === 0x80) asked.set(byte, [...(asked.get(byte) ?? []), bus.transfers - 1]);
    return transfer(byte, mode);
  };
  bench.board.runUntil(seconds);
  return asked;
}

/** The largest advance of a counter from one report to the next, Wh. */
function largestStep_wh(bench: Bench): number {
  const steps = ([1, 2, 3, 4] as const).flatMap((channel) =>
    bench
      .reports(channel)
      .slice(1)
      .flatMap((report, at) => {
        const before = bench.reports(channel)[at]!.counters;
        return [
          report.counters.importActive_mwh - before.importActive_mwh,
          report.counters.exportActive_mwh - before.exportActive_mwh,
        ];
      }),
  );
  return Math.max(...steps) / 1000;
}

const lost = (bench: Bench) => bench.of("diagnosis").at(-1)?.lost;

describe("the ATM90E32AS board", () => {
  const bothWays = {
    board: "atm90e32",
    scenario: { kind: "reversing", power_w: 7200, period_s: 6 },
    seed: 3,
  } as const;

  it("says what it is, and reports as a clamp board does", () => {
    const bench = new Bench({ board: "atm90e32", scenario: "steady" });
    bench.board.runUntil(1.5);
    bench.say({ kind: "identify", major: 1, minor: 0 });
    bench.board.runUntil(4.5);
    const [identity] = bench.of("identity");
    expect(identity?.kinds).toEqual(["v", "phase", "phase", "phase", "sum"]);
    expect(identity?.caps).toContain("ic");
    expect(bench.reports(1).map((report) => report.seq)).toEqual([1, 2, 3, 4]);
    const power = bench.of("power").at(-1)!;
    expect(power.voltage_mv / 1000).toBeCloseTo(bench.world.cycle.voltage_v, 0);
    expect(bench.faults).toBe(0);
  });

  it("books import, then export, and one read of all ones adds no phantom and loses nothing", () => {
    // Phase A forward while it imports, phase A reverse while it exports, the total: each in turn.
    const asked = transfersTo(18, bothWays);
    for (const [address, window] of [
      [0x81, 14],
      [0x85, 43],
      [0x80, 74],
    ] as const) {
      const transfer = asked.get(address)![window]!;
      const bench = new Bench(bothWays);
      icOf(bench).bus.faults = [{ transfers: [transfer, transfer], reads: 0xff }];
      bench.board.runUntil(18.5);
      expect(icOf(bench).bus.damaged).toBe(1);
      expect(bench.compare(1).measured.export_wh).toBeGreaterThan(10);
      agrees(bench, [1, 2, 3, 4]);
      expect(largestStep_wh(bench)).toBeLessThan(PHANTOM_wh / 50);
      expect(lost(bench)).toBe(0);
    }
  });

  it("keeps three phases and their arithmetic sum apart, calibrated parts to 0.1 %, active and reactive", () => {
    const clamps = [{ amps: 20 }, { amps: 12, pf: 0.8, export: true }, { amps: 3, pf: 0.5, lead: true }] as const;
    const bench = new Bench({ board: "atm90e32", scenario: { kind: "steady", clamps: [...clamps] }, seed: 11 });
    bench.board.runUntil(41.5);
    const sum = bench.compare(4).measured;
    expect(sum.export_wh).toBe(0);
    expect(sum.import_wh).toBeLessThan(bench.compare(1).measured.import_wh);
    agrees(bench, [1, 2, 3, 4], 1);
  });

  it("books all of a phase whose register of the current is full, from 65.5 A on", () => {
    const [a, b, c] = [
      { amps: 80, pf: 0.9 },
      { amps: 70, pf: 0.8, export: true },
      { amps: 1, pf: 0.9 },
    ];
    const bench = new Bench({ board: "atm90e32", scenario: { kind: "steady", clamps: [a, b, c] } });
    bench.board.runUntil(30);
    agrees(bench, [1, 2, 3, 4]);
    const told = bench
      .of("power")
      .at(-1)
      ?.clamps.map(({ current_ma }) => current_ma);
    expect(told?.slice(0, 2)).toEqual([65_535, 65_535]);
  });

  it("says nothing while the bus is dead, and books all of it afterwards", () => {
    const bench = new Bench({ board: "atm90e32", scenario: "steady" });
    icOf(bench).bus.faults = [{ seconds: [5.1, 9.3], reads: 0xff }];
    bench.board.runUntil(9.2);
    expect(bench.reports(1).at(-1)?.seq).toBe(5);
    bench.say({ kind: "identify", major: 1, minor: 0 });
    bench.board.runUntil(20.5);
    expect(bench.of("identity")).toHaveLength(1);
    agrees(bench, [1, 2, 3, 4]);
    expect(lost(bench)).toBe(1);
  });

  it("configures an IC again that was reset, and loses no more than a window", () => {
    const bench = new Bench({ board: "atm90e32", scenario: "steady" });
    bench.board.runUntil(8.33);
    icOf(bench).chip.reset();
    bench.board.runUntil(20.5);
    expect(lost(bench)).toBe(1);
    expect(icOf(bench).chip.peek(0x00)).toBe(1);
    const { measured, truth } = bench.compare(1);
    const window_wh = (2300 * 0.25) / 3600;
    expect(truth.import_wh - measured.import_wh).toBeGreaterThan(0);
    expect(truth.import_wh - measured.import_wh).toBeLessThan(window_wh);
    agrees(bench, [1, 2, 3, 4], 10);
  });

  it("splits a window at a half hour's end, so that the half hours it remembers are the house's", () => {
    const edge_s = NOON_s + 1800;
    const start_s = edge_s - 5.07;
    const bench = new Bench({ board: "atm90e32", scenario: "steady" }, start_s);
    bench.board.runUntil(2.5);
    const told = bench.reports(1).at(-1)!;
    const utc_ms = Math.round((start_s + bench.board.boardTimeToTrue(told.boot, told.t_ms)!) * 1000);
    bench.say({ kind: "utc", utc_s: Math.floor(utc_ms / 1000), ms: utc_ms % 1000, t_ms: told.t_ms, rate_ppb: 0 });
    bench.board.runUntil(8.5);
    bench.say({ kind: "readHalfHours", from_s: 0 });
    bench.board.runUntil(10);
    const remembered = bench.of("remembered").find(({ channel, end_s }) => channel === 1 && end_s === edge_s)!;
    const last = bench.reports(1).at(-1)!;
    const since_wh = (last.counters.importActive_mwh - remembered.counters.importActive_mwh) / 1000;
    const truth = [edge_s - start_s, bench.board.boardTimeToTrue(last.boot, last.t_ms)!].map(
      (at_s) => bench.board.truth.at(at_s)![0].import_uwh / 1e6,
    );
    // The ring counts in 0.512 Wh, rounded down.
    expect(since_wh - (truth[1]! - truth[0]!)).toBeGreaterThan(-0.02);
    expect(since_wh - (truth[1]! - truth[0]!)).toBeLessThan(0.532);
  });

  it("finds absolute sums that it did not ask for, and sets them back to arithmetic", () => {
    const bench = new Bench({ board: "atm90e32", scenario: "steady" });
    bench.board.runUntil(3);
    icOf(bench).chip.poke(0x33, 0x009f);
    bench.board.runUntil(11);
    expect(icOf(bench).chip.peek(0x33)).toBe(0x0087);
  });

  it("takes its calibration from K, and a phase turned round changes import and export, in the sum too", () => {
    const clamps = [{ amps: 10 }, { amps: 8, export: true }, {}] as const;
    const bench = new Bench({
      board: "atm90e32",
      scenario: { kind: "steady", clamps: [...clamps] },
      calibrated: false,
      seed: 5,
    });
    let time_s = 1.5;
    for (const channel of bench.board.calibration()) {
      bench.board.runUntil(time_s++);
      bench.say({ kind: "calibrate", ...channel });
    }
    bench.board.runUntil(16.5);
    agrees(bench, [1, 2, 3, 4], 7);
    const second = bench.board.calibration()[2]!;
    bench.say({ kind: "calibrate", ...second, gain: -second.gain });
    bench.board.runUntil(28.5);
    const [a, b, sum] = ([1, 2, 4] as const).map((channel) => bench.compare(channel, 18).measured);
    expect(b!.export_wh).toBe(0);
    expect(sum!.import_wh).toBeCloseTo(a!.import_wh + b!.import_wh, 1);
  });

  it("keeps its counters over a power cut that takes the IC with it", () => {
    const bench = new Bench({ board: "atm90e32", scenario: "steady" });
    bench.board.runUntil(6.5);
    const before = bench.reports(1).at(-1)!;
    bench.board.powerCut(3);
    bench.board.runUntil(14.5);
    const after = bench.reports(1).at(-1)!;
    expect(after.boot).toBe(before.boot + 1);
    expect(after.base.importActive_mwh).toBeLessThanOrEqual(before.counters.importActive_mwh);
    // What flowed while it was off is not its business: about 5 s at 2.3 kW since.
    const flown_wh = (after.counters.importActive_mwh - after.base.importActive_mwh) / 1000;
    expect(flown_wh).toBeLessThan(3.4);
    expect(flown_wh).toBeGreaterThan(2.4);
  });

  it("loses nothing at the reset button: the IC counts on meanwhile", () => {
    const bench = new Bench({ board: "atm90e32", scenario: "steady" });
    bench.board.runUntil(6.5);
    const before = bench.reports(1).at(-1)!;
    bench.board.reset();
    bench.board.runUntil(12.5);
    const after = bench.reports(1).at(-1)!;
    const truth = bench.truthBetween(1, before, after).import_wh;
    const flown = (after.counters.importActive_mwh - after.base.importActive_mwh) / 1000;
    // From the last window before the reset to the last report: up to a second more than the reports say.
    expect(truth - flown).toBeLessThan(2300 / 3600);
    expect(truth - flown).toBeGreaterThan(-0.01);
  });
});

describe("the ADE7953 board", () => {
  it("splits what it took in a window by its sign: netted over its own windows, to 0.1 %", () => {
    const bench = new Bench({
      board: "ade7953",
      scenario: { kind: "reversing", power_w: 7200, period_s: 1.7 },
      seed: 4,
    });
    bench.board.runUntil(40.5);
    const reports = bench.reports(1);
    const [from_s, to_s] = [reports[0]!, reports.at(-1)!].map(
      (report) => bench.board.boardTimeToTrue(report.boot, report.t_ms)!,
    );
    const netted = bench.world.truth.nettedOver(bench.executed.windowEnds_s(from_s! - 1e-4, to_s! + 1e-4))![0];
    const { measured, truth } = bench.compare(1);
    expect(Math.abs(measured.import_wh - netted.import_uwh / 1e6)).toBeLessThan(
      within(0.001, truth.import_wh, FLOOR_wh),
    );
    expect(Math.abs(measured.export_wh - netted.export_uwh / 1e6)).toBeLessThan(
      within(0.001, truth.export_wh, FLOOR_wh),
    );
    expect(measured.import_wh - measured.export_wh).toBeCloseTo(truth.import_wh - truth.export_wh, 1);
    process.stdout.write(
      `ADE7953, 7.2 kW turned round every 1.7 s, windows of 0.2 s: ${measured.import_wh} of ${truth.import_wh.toFixed(3)} Wh in\n`,
    );
  });

  it("books two channels and their sum both ways, with reads of all ones, a dead bus and a reset on the way", () => {
    const clamps = [{ amps: 16, pf: 0.8 }, { amps: 25, export: true }, {}] as const;
    const bench = new Bench({ board: "ade7953", scenario: { kind: "steady", clamps: [...clamps] }, seed: 8 });
    const { bus, chip } = icOf(bench);
    bus.faults = [
      ...[400, 431, 462, 493, 524, 555, 586, 617].map((n) => ({ transfers: [n, n] as const, reads: 0xff as const })),
      { seconds: [9.05, 11.2], reads: 0xff },
    ];
    bench.board.runUntil(24.5);
    expect(bus.damaged).toBeGreaterThan(8);
    expect(lost(bench)).toBe(1);
    agrees(bench, [1, 2, 4]);
    chip.reset();
    bench.board.runUntil(42.5);
    expect(lost(bench)).toBe(2);
    expect(chip.peek(0x120)).toBe(0x30);
    agrees(bench, [1, 2, 4], 26);
    expect(bench.reports(3).at(-1)?.counters.importActive_mwh).toBe(0);
    expect(bench.of("diagnosis").at(-1)?.stackFree).toBeGreaterThan(128);
  });

  it("counts nothing under its starting threshold of 3.7 W, and what is over it in both directions", () => {
    const counted = (amps: number, back: boolean) => {
      const clamps = [{ amps }, { amps, export: back }, {}] as const;
      const bench = new Bench({ board: "ade7953", scenario: { kind: "steady", clamps: [...clamps] } });
      bench.board.runUntil(30.5);
      return bench;
    };
    const idle = counted(0.012, true);
    expect(idle.reports(4).at(-1)?.counters).toEqual(idle.reports(4)[0]?.counters);
    expect(idle.compare(1).measured.import_wh).toBe(0);
    agrees(counted(0.03, true), [1, 2]);
  });

  it("tells volts, amperes and powers, and that its third channel is not there", () => {
    const bench = new Bench({ board: "ade7953", scenario: "steady" });
    bench.board.runUntil(2.5);
    bench.say({ kind: "identify", major: 1, minor: 0 });
    bench.board.runUntil(5.5);
    expect(bench.of("identity")[0]?.kinds).toEqual(["v", "ct", "ct", "none", "sum"]);
    const power = bench.of("power").at(-1)!;
    expect(power.voltage_mv / 1000).toBeCloseTo(bench.world.cycle.voltage_v, 0);
    expect(bench.faults).toBe(0);
  });
});

it("a board with a metering IC is executed or it is not", () => {
  expect(() => new Bench({ board: "ade7953", fidelity: "fast" })).toThrow("no fast ade7953 board");
});
