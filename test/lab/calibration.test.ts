// The fit restated in plain sums: a front end made of numbers, seen through any constants, must give its own numbers back. And the rule
// that says when a step is done, what a reference may say, and which clamp is where.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BoardConstants,
  type ChannelConstants,
  type Clamp,
  outside,
  reachOf,
} from "../../host/lab/calibration/constants.js";
import { type Compared, fitTo } from "../../host/lab/calibration/fit.js";
import { Observation, RULE } from "../../host/lab/calibration/observation.js";
import type { Phasor } from "../../host/lab/calibration/phasor.js";
import { misplaced, placesOf } from "../../host/lab/calibration/placing.js";
import { type Load, powerOf, type Step } from "../../host/lab/calibration/reference.js";

const DEGREE = Math.PI / 180;

/** Multiplied by `size` and turned by `by_deg`, in plain sums. */
function bent({ re, im }: Phasor, size: number, by_deg: number): Phasor {
  const [c, s] = [Math.cos(by_deg * DEGREE), Math.sin(by_deg * DEGREE)];
  return { re: size * (re * c - im * s), im: size * (im * c + re * s) };
}

function octaves(amps: number): number {
  return Math.log2(Math.min(100, Math.max(0.25, amps)) / 5);
}

interface FrontEnd {
  readonly uv: number;
  readonly ua: number;
  readonly lead_deg: number;
  readonly slope_deg: number;
  /** What crosstalk leaves in the product of the steps, per square volt. */
  readonly leak: Phasor;
}

/** What a board with the constants `k` tells of a load behind that front end: link.md, rule 2, and "The lead of a clamp". */
function told(k: BoardConstants, clamp: Clamp, front: FrontEnd, volts: number, power: Phasor) {
  const amps = Math.hypot(power.re, power.im) / volts;
  const steps = 1e12 / (front.uv * front.ua);
  const seen = bent(power, steps, -(front.lead_deg + front.slope_deg * octaves(amps)));
  const raw = { re: seen.re + front.leak.re * volts * volts, im: seen.im + front.leak.im * volts * volts };
  const one = k[clamp];
  const v = (volts * Math.abs(k[0].gain)) / front.uv;
  const turned = bent(raw, (k[0].gain * one.gain) / 1e12, (one.phase_mdeg - k[0].phase_mdeg) / 1e3);
  const leaked = (v / 230) ** 2 / 1e3;
  const settled = { re: turned.re - one.offset_mw * leaked, im: turned.im - one.offset_mvar * leaked };
  const i = Math.hypot(settled.re, settled.im) / v;
  return { volts: v, power: bent(settled, 1, (one.slope_mdeg / 1e3) * octaves(i)) };
}

const LOADS: readonly (readonly [Load, number, number])[] = [
  ["nothing", 0, 0],
  ["resistive", 10, 0],
  ["reactive-low", 1, 60],
  ["reactive-high", 20, 60],
];

function seen(k: BoardConstants, front: FrontEnd, volts: readonly number[], lags: 1 | -1): readonly Compared[] {
  return LOADS.map(([load, amps, angle], n) => {
    const at_v = volts[n] ?? 230;
    const power = bent({ re: amps * at_v, im: 0 }, 1, lags * angle);
    const one = told(k, 1, front, at_v, power);
    const clamps: Compared["clamps"] = [one.power, { re: 0, im: 0 }, { re: 0, im: 0 }];
    return { load, volts: one.volts, clamps, reference: { volts: at_v, power } };
  });
}

function constants(over: readonly Partial<ChannelConstants>[] = []): BoardConstants {
  const zero = { phase_mdeg: 0, offset_mw: 0, offset_mvar: 0, slope_mdeg: 0 };
  return ([0, 1, 2, 3] as const).map((channel) => ({
    channel,
    gain: channel === 0 ? 800_000 : 295_928,
    ...zero,
    ...over[channel],
  })) as unknown as BoardConstants;
}

const ADC = ["v", "ct", "ct", "ct", "sum"];
const OPTIONS = {
  clamps: [1] as const,
  turnRound: [],
  slopes: true,
  reach: reachOf(["v", "ct", "ct", "ct", "sum"]),
  within_percent: 0.5,
};
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const frontEnds = fc.record({
  uv: real(760_000, 840_000),
  ua: real(281_000, 311_000),
  lead_deg: real(-8, 8),
  slope_deg: real(-0.145, 0.145),
  leak: fc.record({ re: real(0, 2e-4), im: real(-5e-5, 5e-5) }),
});
const inForce = fc
  .record({
    uv: fc.integer({ min: 700_000, max: 900_000 }),
    ua: fc.integer({ min: 250_000, max: 350_000 }),
    phases: fc.tuple(fc.integer({ min: -9_000, max: 9_000 }), fc.integer({ min: -9_000, max: 9_000 })),
    offsets: fc.tuple(fc.integer({ min: -9_000, max: 9_000 }), fc.integer({ min: -9_000, max: 9_000 })),
    slope_mdeg: fc.integer({ min: -300, max: 300 }),
  })
  .map(({ uv, ua, phases, offsets, slope_mdeg }) =>
    constants([
      { gain: uv, phase_mdeg: phases[0] },
      { gain: ua, phase_mdeg: phases[1], offset_mw: offsets[0], offset_mvar: offsets[1], slope_mdeg },
    ]),
  );
const mains = fc.array(real(216, 253), { minLength: 4, maxLength: 4 });
const ways = fc.constantFrom(1 as const, -1 as const);

describe("the fit", () => {
  it("gives any front end's own numbers back, whatever was in force, within their rounding", () => {
    fc.assert(
      fc.property(frontEnds, inForce, mains, ways, (front, k, volts, lags) => {
        const { constants: fitted, clamps } = fitTo(k, seen(k, front, volts, lags), OPTIONS);
        const [v, one] = fitted;
        expect(Math.abs((v.gain * one.gain) / (front.uv * front.ua) - 1)).toBeLessThan(1e-5);
        expect(Math.abs(one.phase_mdeg - v.phase_mdeg - 1e3 * front.lead_deg)).toBeLessThan(3);
        expect(Math.abs(one.slope_mdeg - 1e3 * front.slope_deg)).toBeLessThanOrEqual(1);
        expect(clamps[0]?.verdict.kind).toBe("good");
        for (const amps of [0.25, 0.5, 3, 60])
          for (const angle of [0, 60, -60, 180, 120]) {
            const power = bent({ re: amps * 241, im: 0 }, 1, angle);
            const now = told(fitted, 1, front, 241, power);
            const off = Math.hypot(now.power.re - power.re, now.power.im - power.im);
            expect(off / (amps * 241)).toBeLessThan(2e-4);
            expect(Math.abs(now.volts / 241 - 1)).toBeLessThan(2e-6);
          }
      }),
      { seed: 8, numRuns: 200 },
    );
  });

  it("gives the same again when it is done twice", () => {
    fc.assert(
      fc.property(frontEnds, inForce, mains, ways, (front, k, volts, lags) => {
        const once = fitTo(k, seen(k, front, volts, lags), OPTIONS).constants;
        const twice = fitTo(once, seen(once, front, volts, lags), OPTIONS).constants;
        for (const channel of [0, 1] as const)
          for (const field of ["gain", "phase_mdeg", "offset_mw", "offset_mvar", "slope_mdeg"] as const)
            expect(Math.abs(twice[channel][field] - once[channel][field])).toBeLessThanOrEqual(2);
      }),
      { seed: 9, numRuns: 100 },
    );
  });

  const front: FrontEnd = { uv: 812_000, ua: 290_000, lead_deg: 3, slope_deg: 0.1, leak: { re: 1e-4, im: 0 } };
  const k = constants();
  const steps = seen(k, front, [230, 231, 229, 230], 1);

  it("leaves the other clamps' power as it was told", () => {
    const before = constants([{}, {}, { offset_mw: 3_000, offset_mvar: -500 }]);
    const { constants: after } = fitTo(before, seen(before, front, [230], 1), OPTIONS);
    const power = { re: 1_150, im: 200 };
    const [was, is] = [told(before, 2, front, 230, power).power, told(after, 2, front, 230, power).power];
    expect(after[0].gain).toBe(812_000);
    expect(Math.hypot(is.re - was.re, is.im - was.im)).toBeLessThan(0.02);
  });

  it("changes a sign only where it was said", () => {
    const round = steps.map((step) => ({
      ...step,
      reference: { volts: step.reference.volts, power: bent(step.reference.power, -1, 0) },
    }));
    const { constants: turned, clamps } = fitTo(k, round, { ...OPTIONS, turnRound: [1] });
    expect(turned[1].gain).toBe(-290_000);
    expect(clamps[0]?.verdict.kind).toBe("good");
    expect(fitTo(k, round, OPTIONS).clamps[0]?.verdict.kind).not.toBe("good");
  });

  it("has no slope for a board that knows none, and keeps the old one where the loads say nothing of it", () => {
    expect(fitTo(k, steps, { ...OPTIONS, slopes: false }).constants[1].slope_mdeg).toBe(0);
    const sloped = constants([{}, { slope_mdeg: 77 }]);
    const few = seen(sloped, front, [230], 1).slice(0, 2);
    expect(fitTo(sloped, few, OPTIONS).constants[1].slope_mdeg).toBe(77);
  });

  const spoilt = (load: Load, by: number) =>
    steps.map((step) =>
      step.load === load
        ? { ...step, reference: { volts: step.reference.volts, power: bent(step.reference.power, by, 0) } }
        : step,
    );

  it("names the step that is not like the others", () => {
    const { verdict } = fitTo(k, spoilt("reactive-low", 1.02), OPTIONS).clamps[0] ?? {};
    expect(verdict).toMatchObject({ kind: "repeat", load: "reactive-low" });
  });

  it("says what a clamp cannot be had to where its ratio moves with the current", () => {
    const bentOnes = spoilt("reactive-low", 0.99).map((step) =>
      step.load === "reactive-high"
        ? { ...step, reference: { volts: step.reference.volts, power: bent(step.reference.power, 1.01, 0) } }
        : step,
    );
    const { verdict } = fitTo(k, bentOnes, OPTIONS).clamps[0] ?? {};
    expect(verdict?.kind).toBe("limited");
    expect(verdict?.kind === "limited" && verdict.within_percent).toBeCloseTo(1, 0);
  });

  it("refuses constants that the link cannot say", () => {
    const wild = steps.map((step) => ({ ...step, clamps: [bent(step.clamps[0], 0.1, 0), ...step.clamps.slice(1)] }));
    const { verdict } = fitTo(k, wild as unknown as readonly Compared[], OPTIONS).clamps[0] ?? {};
    expect(verdict).toMatchObject({ kind: "impossible", reason: expect.stringContaining("gain of channel 1") });
  });

  it.each<[string, Partial<ChannelConstants>, readonly boolean[]]>([
    ["what all can do", { phase_mdeg: -7_700, offset_mw: 10_000 }, [true, true, true]],
    ["a lead", { phase_mdeg: 8_500 }, [true, true, false]],
    ["a larger lead, less the voltage's", { phase_mdeg: 9_100 }, [true, false, false]],
    ["a small gain", { gain: -400_000 }, [true, true, false]],
    ["an offset", { offset_mvar: -11_000 }, [true, false, true]],
  ])("refuses constants that a metering IC cannot hold: %s", (_, own, can) => {
    const one: ChannelConstants = {
      channel: 1,
      gain: 1_000_000,
      phase_mdeg: 0,
      offset_mw: 0,
      offset_mvar: 0,
      slope_mdeg: 0,
      ...own,
    };
    const volts: ChannelConstants = {
      ...one,
      channel: 0,
      gain: 1_000_000,
      phase_mdeg: 0,
      offset_mw: 0,
      offset_mvar: 0,
    };
    const boards = [ADC, ["v", "phase", "phase", "phase", "sum"], ["v", "ct", "ct", "none", "sum"]];
    expect(boards.map((kinds) => outside(one, volts, reachOf(kinds)) === null)).toEqual(can);
  });

  it("says so of what was fitted, for the IC would do less and its board would not say so", () => {
    const { verdict } =
      fitTo(k, steps, { ...OPTIONS, reach: reachOf(["v", "ct", "ct", "none", "sum"]) }).clamps[0] ?? {};
    expect(verdict).toMatchObject({ kind: "impossible", reason: expect.stringContaining("this board's lies between") });
  });
});

describe("which clamp is where", () => {
  const at = (watts: readonly [number, number, number], reference_w: number): Compared => ({
    load: "resistive",
    volts: 230,
    clamps: watts.map((re) => ({ re, im: 0 })) as unknown as Compared["clamps"],
    reference: { volts: 230, power: { re: reference_w, im: 0 } },
  });
  const places = placesOf(at([1, 2, 0], 0), at([-2_250, 3, 700], 2_300));

  it("is told from what changed", () => {
    expect(places.map(({ is, turned }) => [is, turned])).toEqual([
      ["there", true],
      ["elsewhere", false],
      ["unclear", false],
    ]);
  });

  it.each([
    ["turned unasked", [1], [], "clamp-turned"],
    ["elsewhere", [2], [], "clamp-elsewhere"],
    ["neither there nor elsewhere", [3], [], "clamp-elsewhere"],
    ["turned and said so", [1], [1], null],
  ] as const)("%s", (_, clamps, turnRound, code) => {
    expect(misplaced(places, clamps, turnRound)?.code ?? null).toBe(code);
  });

  it.each([2.3, 7.2, 110])("a reference of %d W for 2.25 kW is one in kW, or on another wire", (reference_w) => {
    const thousandth = placesOf(at([0, 0, 0], 0), at([2_250, 3, 0], reference_w));
    expect(misplaced(thousandth, [1], [])).toMatchObject({
      code: "reference-unlikely",
      next: expect.stringContaining("kW"),
    });
  });

  it("refuses to turn what is right", () => {
    const right = placesOf(at([0, 0, 0], 0), at([2_250, 0, 0], 2_300));
    expect(misplaced(right, [1], [1])?.code).toBe("clamp-not-turned");
  });
});

describe("what a reference says", () => {
  const nobody = { volts: 230, amps: null, watts: null, vars: null, pf: null };
  const step = (load: Load, current: Step["current"] = null, turns = 1): Step => ({ load, current, turns });

  it.each<[string, Step, Partial<typeof nobody> | object, object]>([
    ["a kettle's vars are none", step("resistive"), { watts: 2_300 }, { power: { re: 2_300, im: 0 } }],
    [
      "amps give a motor's vars",
      step("reactive-low", "lags"),
      { watts: 138, amps: 1 },
      { power: { re: 138, im: 184 } },
    ],
    ["and a capacitor's", step("reactive-low", "leads"), { watts: 138, pf: 0.6 }, { power: { re: 138, im: -184 } }],
    ["turns count", step("reactive-high", "lags", 10), { watts: 10, vars: 20 }, { power: { re: 100, im: 200 } }],
    ["vars of the other sign", step("reactive-low", "lags"), { watts: 100, vars: -200 }, { ok: false }],
    ["a power factor near 1", step("reactive-low", "lags"), { watts: 220, amps: 1 }, { ok: false }],
    ["amps that cannot be", step("reactive-low", "lags"), { watts: 300, amps: 1 }, { ok: false }],
    ["a power factor of 0", step("reactive-low", "lags"), { watts: 300, pf: 0 }, { ok: false }],
    ["something where nothing is", step("nothing"), { watts: 60 }, { ok: false }],
    ["no volts", step("nothing"), { volts: null }, { ok: false }],
    ["no watts", step("resistive"), {}, { ok: false }],
  ])("%s", (_, one, said, expected) => {
    expect(powerOf(one, { ...nobody, ...said })).toMatchObject(expected);
  });
});

describe("a step is done", () => {
  const LOW: Step = { load: "reactive-low", current: "lags", turns: 1 };
  /** A noise that is the same every time: alternately up and down. */
  function look(step: Step, watts: (second: number) => number | null, reference: (second: number) => number | null) {
    const observation = new Observation(step, [1], true, 0);
    for (let second = 1; second <= 400; second++) {
      const [board, other] = [watts(second), reference(second)];
      const zero = { re: 0, im: 0 };
      if (board !== null)
        observation.board({ at_ms: second * 1_000, volts: 230, clamps: [{ re: board, im: 200 }, zero, zero] });
      if (other !== null)
        observation.reference({ at_ms: second * 1_000, volts: 230, watts: other, vars: 200, amps: null, pf: null });
      const judged = observation.judge(second * 1_000);
      if (judged.kind !== "wait") return { second, judged };
    }
    throw new Error("never done");
  }
  const noisy = (deviation: number) => (second: number) => 115 + (second % 2 === 0 ? deviation : -deviation);

  it("after ten seconds where there is no noise, later where there is, and then its error is small enough", () => {
    expect(look(LOW, noisy(0), noisy(0))).toMatchObject({ second: 10, judged: { kind: "good" } });
    const { second, judged } = look(LOW, noisy(0.5), noisy(0));
    expect(second).toBeGreaterThan(20);
    expect(judged.kind === "good" && judged.seen.error).toBeLessThan(RULE.standardError);
    expect(look(LOW, noisy(0), noisy(0.5)).second).toBeGreaterThan(20);
  });

  it("never while the load moves; anew once it stays", () => {
    const ramp = (second: number) => 115 * 1.01 ** second;
    expect(look(LOW, ramp, ramp).judged).toMatchObject({
      kind: "invalid",
      reason: expect.stringMatching(/the load moves/),
    });
    const moved = look(LOW, (second) => (second < 8 ? 60 : 115), noisy(0));
    expect(moved.second).toBeGreaterThan(17);
    expect(moved.judged.kind === "good" && moved.judged.seen.clamps[0].re).toBeCloseTo(115, 6);
    expect(look(LOW, noisy(0), (second) => (second % 8 < 4 ? 115 : 200)).judged.kind).toBe("invalid");
  });

  it("invalid where the noise never becomes small, the reference or the board stops", () => {
    expect(look(LOW, noisy(9), noisy(0)).judged).toMatchObject({ reason: expect.stringMatching(/noise/) });
    const stops = (second: number) => (second < 6 ? 115 : null);
    expect(look(LOW, noisy(0.5), stops).judged).toMatchObject({
      reason: expect.stringMatching(/the reference has told nothing for 10 s/),
    });
    expect(look(LOW, stops, noisy(0)).judged).toMatchObject({
      reason: expect.stringMatching(/the board has told nothing for 10 s/),
    });
  });

  it("invalid where something flows and nothing should", () => {
    const nothing: Step = { load: "nothing", current: null, turns: 1 };
    expect(
      look(
        nothing,
        () => 40,
        () => 0,
      ).judged,
    ).toMatchObject({ reason: expect.stringMatching(/clamp 1 sees something/) });
  });
});
