// The house and its truth: what the truth says flowed is what the waveforms carry, and the same seed is the same house.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { House } from "../../host/sim/house.js";
import { Mains } from "../../host/sim/mains.js";
import { instant } from "../../host/sim/mains-cycle.js";
import { loadScenario, SCENARIO_NAMES, type Scenario, type ScenarioInput } from "../../host/sim/scenario.js";
import { Truth } from "../../host/sim/truth.js";
import { NOON_s } from "./bench.js";

function scenario(what: string | ScenarioInput): Scenario {
  const read = loadScenario(what);
  if (read.kind === "fault") throw new Error(read.reason);
  return read;
}

function mains(what: string | ScenarioInput, seed = 1, startUtc_s = NOON_s): Mains {
  return new Mains(new House(scenario(what), seed), new Truth(), startUtc_s);
}

describe("the house", () => {
  it.each(SCENARIO_NAMES)("%s: truth is the integral of volts times amps, sampled", (name) => {
    const world = mains(name);
    let sampled_ws = 0;
    const points = 64;
    while (world.cycle.end_s < 5) {
      const { waves, start_s, end_s } = world.cycle;
      for (let point = 0; point < points; point++) {
        const angle = (2 * Math.PI * point) / points;
        const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
        sampled_ws += (instant(waves[0], sin, cos) * instant(waves[1], sin, cos) * (end_s - start_s)) / points;
      }
      world.next();
    }
    const [grid] = world.truth.at(world.truth.end_s) ?? [];
    expect((grid!.import_uwh - grid!.export_uwh) / 1e6).toBeCloseTo(sampled_ws / 3600, 6);
  });

  it("conserves current: the grid carries the loads less the generation, so the netted truth adds up", () => {
    const world = mains("solar-home");
    while (world.cycle.end_s < 20) world.next();
    const net = (at: number) => {
      const energy = world.truth.at(20 - 0.03)![at]!;
      return energy.import_uwh - energy.export_uwh;
    };
    expect(net(3)).toBeCloseTo(net(0) + net(1) + net(2), -2);
  });

  it("is the same house for the same seed, another for another", () => {
    const energyOf = (seed: number) => {
      const world = mains("solar-home", seed);
      while (world.cycle.end_s < 60) world.next();
      return JSON.stringify(world.truth.at(59));
    };
    expect(energyOf(7)).toBe(energyOf(7));
    expect(energyOf(7)).not.toBe(energyOf(8));
  });

  it("generates by day, sleeps by night, and is fed from the grid then", () => {
    const noon = mains({ kind: "home", clouds: 0 });
    expect(noon.cycle.power_w[1]).toBeGreaterThan(3000);
    const night = mains("solar-home", 1, NOON_s - 12 * 3600);
    expect(night.cycle.power_w[1]).toBeLessThan(0);
    expect(night.cycle.power_w[0]).toBeGreaterThan(100);
  });

  it("demo: any 20 s hold at least 5 Wh each way", () => {
    const world = mains("demo");
    while (world.cycle.end_s < 60) world.next();
    for (let from_s = 0.1; from_s < 39; from_s += 0.7) {
      const [from, to] = [world.truth.at(from_s)![0], world.truth.at(from_s + 20)![0]];
      expect(to.import_uwh - from.import_uwh).toBeGreaterThan(5e6);
      expect(to.export_uwh - from.export_uwh).toBeGreaterThan(5e6);
    }
  });

  it("pulses: nothing flows within a minute of a half-hour edge", () => {
    const house = new House(scenario("pulses"), 1);
    const world = mains("pulses");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400 }), (utc_s) => {
        house.fill(world.cycle, { utc_s, elapsed_s: 0 });
        const to_edge_s = Math.min(utc_s % 1800, 1800 - (utc_s % 1800));
        if (to_edge_s < 60) expect(world.cycle.power_w[0]).toBe(0);
        else if (to_edge_s > 60) expect(Math.abs(world.cycle.power_w[0]!)).toBeCloseTo(3000, 6);
      }),
    );
  });
});

describe("the truth", () => {
  it("netted over boundaries keeps the net, and is never more than what flowed ungated", () => {
    const world = mains("reversing");
    while (world.cycle.end_s < 12) world.next();
    const ungated = world.truth.at(11)![0];
    const start = world.truth.at(1)![0];
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 11, noNaN: true }), { maxLength: 40 }), (inner) => {
        const boundaries = [1, ...inner.sort((a, b) => a - b), 11];
        const [netted] = world.truth.nettedOver(boundaries)!;
        const gross = ungated.import_uwh - start.import_uwh;
        expect(netted!.import_uwh).toBeLessThanOrEqual(gross + 1e-3);
        expect(netted!.import_uwh - netted!.export_uwh).toBeCloseTo(gross - (ungated.export_uwh - start.export_uwh), 2);
      }),
    );
  });

  it("is unknown before its history and after its end", () => {
    const world = new Mains(new House(scenario("steady"), 1), new Truth(100), NOON_s);
    while (world.cycle.end_s < 10) world.next();
    expect(world.truth.at(11)).toBeNull();
    expect(world.truth.at(1)).toBeNull();
    expect(world.truth.at(9)).not.toBeNull();
  });
});
