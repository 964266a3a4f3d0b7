// The front end: its own constants undo it, it clips and loses bits as told; the board clock runs both ways.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BoardClock, CLOCK_HZ } from "../../host/sim/board-clock.js";
import { FrontEnd, type FrontEndOptions, ORDINARY_FRONT_END } from "../../host/sim/front-end.js";
import { House } from "../../host/sim/house.js";
import { Mains } from "../../host/sim/mains.js";
import { loadScenario } from "../../host/sim/scenario.js";
import { Truth } from "../../host/sim/truth.js";
import { NOON_s } from "./bench.js";

function bench(amps: number, pf: number, options: Partial<FrontEndOptions>) {
  const scenario = loadScenario({
    kind: "steady",
    mains: { voltageWander_v: 0, frequencyWander_hz: 0, distortion: 0 },
    clamps: [{ amps, pf }, {}, {}],
  });
  if (scenario.kind === "fault") throw new Error(scenario.reason);
  const world = new Mains(new House(scenario, 1), new Truth(), NOON_s);
  return { world, frontEnd: new FrontEnd(world, { ...ORDINARY_FRONT_END, ...options }, 1) };
}

/** P and Q of clamp 1 from raw codes alone, by the constants a `K` command would carry. */
function measured(frontEnd: FrontEnd): { power_w: number; reactive_var: number } {
  const count = 40_000;
  const rate_hz = 20_000;
  const sums = { v: 0, i: 0, vi: 0, wi: 0, w: 0 };
  const delayed: number[] = [];
  for (let at = 0; at < count; at++) {
    const time_s = at / rate_hz;
    const v = frontEnd.convert(0, time_s) - 512;
    const i = frontEnd.convert(1, time_s) - 512;
    delayed.push(v);
    const w = delayed[at - rate_hz / 200] ?? 0; // a quarter of a cycle ago
    sums.v += v;
    sums.i += i;
    sums.w += w;
    sums.vi += v * i;
    sums.wi += w * i;
  }
  const [volt, clamp] = frontEnd.calibration();
  const scale = volt!.gain * clamp!.gain * 1e-12;
  const p = scale * (sums.vi / count - (sums.v * sums.i) / count ** 2);
  const q = scale * (sums.wi / count - (sums.w * sums.i) / count ** 2);
  const lead = (((clamp!.phase_mdeg - volt!.phase_mdeg) / 1000) * Math.PI) / 180;
  return {
    power_w: p * Math.cos(lead) - q * Math.sin(lead) - clamp!.offset_mw / 1000,
    reactive_var: q * Math.cos(lead) + p * Math.sin(lead) - clamp!.offset_mvar / 1000,
  };
}

describe("the front end", () => {
  it.each([
    [5, 1, {}],
    [5, 0.5, {}],
    [5, 0.5, { crosstalk: 0.003 }],
    [5, 0.5, { turned: [false, true, false, false] }],
    [5, 0.5, { turned: [true, true, false, false] }],
    [0, 1, {}],
  ] as const)("%f A at PF %f, %j: its own constants undo it", (amps, pf, options) => {
    const { frontEnd } = bench(amps, pf, options);
    const { power_w, reactive_var } = measured(frontEnd);
    expect(Math.abs(power_w - 230 * amps * pf)).toBeLessThan(0.002 * 230 * amps + 1);
    expect(Math.abs(reactive_var - 230 * amps * Math.sqrt(1 - pf * pf))).toBeLessThan(0.004 * 230 * amps + 1);
  });

  it("clips at the ends of its range and loses the bits it is told to", () => {
    const { frontEnd } = bench(120, 1, { lostBits: 2 });
    const codes = Array.from({ length: 2000 }, (_, at) => frontEnd.convert(1, at / 10_000));
    expect(Math.max(...codes)).toBe(1020);
    expect(Math.min(...codes)).toBe(0);
    expect(codes.every((code) => code % 4 === 0)).toBe(true);
  });
});

describe("the board's clock", () => {
  it("gives back the time from the cycles of that time", () => {
    const ppm = fc.integer({ min: -5000, max: 5000 });
    fc.assert(
      fc.property(
        ppm,
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 0, max: 200_000 }),
        (error, drift, time_s) => {
          const clock = new BoardClock({ ppm: error, driftPpm: drift });
          expect(clock.timeAt(clock.cyclesAt(time_s))).toBeCloseTo(time_s, 7);
          const passed = clock.cyclesAt(time_s + 1) - clock.cyclesAt(time_s);
          expect(Math.abs(passed / CLOCK_HZ - 1 - error * 1e-6)).toBeLessThan(drift * 1e-6 + 1e-9);
        },
      ),
    );
  });
});
