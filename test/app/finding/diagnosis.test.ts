// Each fault that the simulated bus can have, from several seeds: the cause that the evidence points to first is that fault. What fails is
// shown as a table of what was taken for what.

import { expect, test } from "vitest";
import { type CauseCode, diagnose } from "../../../host/adapters/modbus/diagnosis.js";
import type { MeterFault } from "../../../host/sim/modbus/slave.js";
import { type BenchMeter, type ScanBench, scanned } from "./bus-bench.js";

const ALONE: readonly BenchMeter[] = [{ model: "sdm120", address: 1 }];
const THREE: readonly BenchMeter[] = [
  { model: "sdm120", address: 1 },
  { model: "sdm630", address: 2 },
  { model: "ddsu666", address: 3 },
];
const SEEDS = [1, 2, 3, 4, 5];
const expected = (...units: number[]) => ({ setting: { baud: 9_600, parity: "none" as const }, units });
/** The second of three, or the only one, with a fault. */
const sick = (meters: readonly BenchMeter[], fault: MeterFault, share: number) =>
  meters.map((one, k) => (k === Math.min(1, meters.length - 1) ? { ...one, faults: { [fault]: share } } : one));
const twin = (model: string, address: number): BenchMeter => ({ model, address, jitter_ms: 5 });

interface Case {
  readonly name: string;
  /** The first cause, and the address it is about; null: all is well. */
  readonly is: CauseCode | null;
  readonly unit?: number;
  readonly bench: ScanBench;
}

const CASES: readonly Case[] = [
  { name: "nothing", is: null, bench: { meters: THREE } },
  { name: "a dead meter alone", is: "silence", bench: { meters: sick(ALONE, "silent", 1) } },
  {
    name: "a dead meter among others",
    is: "dead-meter",
    unit: 2,
    bench: { meters: sick(THREE, "silent", 1), expected: expected(1, 2, 3) },
  },
  { name: "A and B swapped", is: "polarity", bench: { meters: THREE, bus: { faults: ["reversed"] } } },
  // Meters that listen at a speed that nobody tries are as silent as dead ones.
  { name: "a speed that is not tried", is: "silence", bench: { meters: THREE, bus: { faults: ["wrong-speed"] } } },
  {
    name: "another speed than configured",
    is: "speed",
    bench: { meters: THREE, bus: { speed: 4_800 }, expected: expected(1, 2, 3) },
  },
  { name: "an adapter that echoes", is: "echo", bench: { meters: THREE, bus: { faults: ["echo"] } } },
  { name: "noise, one meter", is: "noise", bench: { meters: ALONE, bus: { damage: { bits: 1e-3 } } } },
  { name: "noise, three meters", is: "noise", bench: { meters: THREE, bus: { damage: { bits: 1e-3 } } } },
  { name: "two of one address, alone", is: "address-clash", unit: 1, bench: { meters: [...ALONE, twin("sdm120", 1)] } },
  { name: "two of one address", is: "address-clash", unit: 2, bench: { meters: [...THREE, twin("sdm630", 2)] } },
  { name: "two models of one address", is: "address-clash", unit: 2, bench: { meters: [...THREE, twin("sdm120", 2)] } },
  { name: "wrong checks, alone", is: "meter", unit: 1, bench: { meters: sick(ALONE, "crc", 1) } },
  { name: "wrong checks, half of them", is: "meter", unit: 2, bench: { meters: sick(THREE, "crc", 0.5) } },
  { name: "exceptions", is: "meter", unit: 1, bench: { meters: sick(ALONE, "exception", 1) } },
  { name: "zeros", is: "unknown-model", unit: 1, bench: { meters: sick(ALONE, "zeroes", 1) } },
  { name: "late, alone", is: "slow", unit: 1, bench: { meters: sick(ALONE, "late", 1) } },
  {
    name: "late among others",
    is: "slow",
    unit: 2,
    bench: { meters: sick(THREE, "late", 1), expected: expected(1, 2, 3) },
  },
  {
    name: "silent now and then",
    is: "loose",
    unit: 2,
    bench: { meters: sick(THREE, "silent", 0.3), expected: expected(1, 2, 3) },
  },
];

test("every fault of the simulated bus is the first cause that its evidence points to", async () => {
  const rows: string[] = [];
  const wrong: string[] = [];
  for (const { name, is, unit, bench } of CASES) {
    const said = new Map<string, number>();
    for (const seed of SEEDS) {
      const { evidence } = await scanned({ ...bench, seed });
      const [first] = diagnose(evidence);
      const right = (first?.code ?? null) === is && (unit === undefined || first?.unit === unit);
      const told = first === undefined ? "well" : `${first.code}${first.unit === null ? "" : ` at ${first.unit}`}`;
      said.set(told, (said.get(told) ?? 0) + 1);
      if (!right) wrong.push(`${name}, seed ${seed}`);
    }
    rows.push(`${name.padEnd(30)} ${[...said].map(([told, times]) => `${told} x${times}`).join(", ")}`);
  }
  expect(wrong, `\n${rows.join("\n")}\n`).toEqual([]);
});

test("a cause has a reason and a next step, a sentence each", async () => {
  for (const { bench } of CASES) {
    const { evidence } = await scanned(bench);
    for (const { reason, next } of diagnose(evidence)) {
      expect(reason.length).toBeGreaterThan(20);
      expect(next.length).toBeGreaterThan(20);
    }
  }
});
