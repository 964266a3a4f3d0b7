// Which way round: a table of what sources did and what is to be said of them, and a simulated house with clamps turned at will.

import { describe, expect, test } from "vitest";
import { counts, type Judgement, judge, type Powers, type Seen, type WatchedSource } from "../../host/lab/direction.js";

const clamp = (name: string, role: WatchedSource["role"]): WatchedSource => ({
  name,
  role,
  blind: null,
  turns: "clamp",
});
const GRID = clamp("grid", "grid");
const PV = clamp("pv", "generation");
const LOAD = clamp("kitchen", "load");
const steady = (w: number) => [0, 6, -5, 3, -2, 4, -6, 1].map((wobble) => w + wobble);
const powers = (of: Readonly<Record<string, number>>): Powers =>
  new Map(Object.entries(of).map(([name, w]) => [name, steady(w)]));
const seen = (step: Seen["step"], before: Record<string, number>, after: Record<string, number>): Seen => ({
  step,
  before: powers(before),
  after: powers(after),
});

const CASES: readonly {
  readonly name: string;
  readonly source: WatchedSource;
  readonly kettle?: readonly [number, number];
  readonly sun?: readonly [number, number];
  readonly says: Judgement["verdict"];
}[] = [
  { name: "a grid that rises", source: GRID, kettle: [400, 3_200], says: "right" },
  { name: "a grid that rises out of export", source: GRID, kettle: [-2_500, 300], says: "right" },
  { name: "a grid that falls", source: GRID, kettle: [-400, -3_200], says: "turned" },
  { name: "a load that rises", source: LOAD, kettle: [50, 2_850], says: "right" },
  { name: "a load that falls", source: LOAD, kettle: [-50, -2_850], says: "turned" },
  { name: "a load that stands", source: LOAD, kettle: [50, 52], says: "elsewhere" },
  { name: "a load that moves by something else", source: LOAD, kettle: [50, 650], says: "unknown" },
  { name: "generation that falls to nothing", source: PV, kettle: [2_000, 2_010], sun: [2_000, 20], says: "right" },
  { name: "generation that reads backwards", source: PV, kettle: [-2_000, -2_010], sun: [-2_000, -20], says: "turned" },
  { name: "generation that sees the kettle", source: PV, kettle: [2_000, 4_800], says: "elsewhere" },
  { name: "generation with too little sun", source: PV, kettle: [100, 100], sun: [100, 5], says: "unknown" },
  { name: "generation half covered", source: PV, kettle: [3_000, 3_000], sun: [3_000, 1_800], says: "unknown" },
  { name: "generation without that step", source: PV, kettle: [2_000, 2_010], says: "unknown" },
  { name: "a battery", source: clamp("store", "battery"), kettle: [0, -2_800], says: "unknown" },
  { name: "a PZEM", source: { ...LOAD, blind: "a PZEM-016 cannot tell" }, kettle: [50, 2_850], says: "unknown" },
];

describe("one source beside a grid that is right", () => {
  test.each(CASES)("$name: $says", ({ source, kettle, sun, says }) => {
    const other = source.name === "grid" ? {} : { grid: 500 };
    const later = source.name === "grid" ? {} : { grid: 3_300 };
    const steps = [
      ...(kettle === undefined
        ? []
        : [seen("kettle", { ...other, [source.name]: kettle[0] }, { ...later, [source.name]: kettle[1] })]),
      ...(sun === undefined
        ? []
        : [seen("sun", { ...other, [source.name]: sun[0] }, { ...other, [source.name]: sun[1] })]),
    ];
    const sources = source.name === "grid" ? [source] : [GRID, source];
    const judged = judge(sources, steps, null).find(({ name }) => name === source.name);
    expect(judged, judged?.reason).toMatchObject({ verdict: says });
    if (says === "turned" || says === "elsewhere") expect(judged?.next).toMatch(/\S/);
  });
});

test("a grid that a kettle does not move, and the sun does, is judged by the sun", () => {
  const sources = [GRID, PV];
  const kettle = seen("kettle", { grid: 500, pv: 2_000 }, { grid: 502, pv: 2_000 });
  const fell = seen("sun", { grid: 500, pv: 2_000 }, { grid: -1_480, pv: 10 });
  expect(judge(sources, [kettle, fell], 2_800)[0]).toMatchObject({ verdict: "turned" });
  const rose = seen("sun", { grid: 500, pv: 2_000 }, { grid: 2_480, pv: 10 });
  expect(judge(sources, [kettle, rose], 2_800)[0]).toMatchObject({ verdict: "right" });
});

test("a grid that stands still because a battery answered the kettle is not said to be elsewhere", () => {
  const sources = [GRID, LOAD, clamp("store", "battery")];
  const kettle = seen("kettle", { grid: 5, kitchen: 40, store: -200 }, { grid: 9, kitchen: 2_840, store: -3_000 });
  expect(judge(sources, [kettle], null).map(({ verdict }) => verdict)).toEqual(["unknown", "right", "unknown"]);
  const idle = seen("kettle", { grid: 5, kitchen: 40, store: 0 }, { grid: 9, kitchen: 2_840, store: 0 });
  expect(judge(sources, [idle], null)[0]).toMatchObject({ verdict: "elsewhere" });
});

test("steps that point opposite ways decide nothing", () => {
  const kettle = seen("kettle", { grid: 500, pv: 2_000 }, { grid: 3_300, pv: 2_000 });
  const sun = seen("sun", { grid: 500, pv: 2_000 }, { grid: -1_480, pv: 10 });
  expect(judge([GRID, PV], [kettle, sun], null)[0]).toMatchObject({ verdict: "unknown" });
});

test("a step that drowns in what the house does anyway does not count, nor one with too few readings", () => {
  const restless = [0, 2_000, 100, 1_900, 300, 2_100, 0, 1_800];
  const noisy = {
    step: "kettle",
    before: new Map([["grid", restless]]),
    after: new Map([["grid", steady(2_400)]]),
  } as const;
  expect(counts(noisy, [GRID])).toBe(false);
  const short = {
    step: "kettle",
    before: new Map([["grid", [1, 2]]]),
    after: new Map([["grid", [3_000, 3_000]]]),
  } as const;
  expect(counts(short, [GRID])).toBe(false);
  expect(judge([GRID], [short], null)[0]).toMatchObject({ verdict: "unknown" });
});

test("what to do about a turned one: a clamp is turned by hand, a meter by its key, and a key is taken away again", () => {
  const kettle = seen("kettle", { grid: 0 }, { grid: -2_800 });
  const next = (turns: WatchedSource["turns"]) => judge([{ ...GRID, turns }], [kettle], null)[0]?.next;
  expect(next("clamp")).toMatch(/turn it round/);
  expect(next({ reversed: false })).toMatch(/write `reversed: true`/);
  expect(next({ reversed: true })).toMatch(/remove `reversed: true`/);
});

describe("a simulated house", () => {
  const NAMES = ["grid", "pv", "kitchen"] as const;
  /** A second of the house as its clamps would read it were none turned. */
  const house = (random: () => number, kettle: boolean, covered: boolean, cloud: number) => {
    const base_w = 250 + 60 * random();
    const pv_w = covered ? 8 * random() : (1_500 + 900 * cloud) * (0.97 + 0.06 * random());
    const kitchen_w = 40 * random() + (kettle ? 2_750 + 40 * random() : 0);
    return { grid: base_w + kitchen_w - pv_w, pv: pv_w, kitchen: kitchen_w };
  };

  test("whichever of its clamps are turned, each of these and none else is said to be, from any seed", () => {
    for (let seed = 1; seed <= 40; seed++) {
      let state = seed;
      const random = () => {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
        return state / 2 ** 31;
      };
      const cloud = random();
      for (let turned = 0; turned < 8; turned++) {
        const sign = (name: (typeof NAMES)[number]) => (turned & (1 << NAMES.indexOf(name)) ? -1 : 1);
        const window = (kettle: boolean, covered: boolean): Powers => {
          const seconds = Array.from({ length: 8 }, () => house(random, kettle, covered, cloud));
          return new Map(NAMES.map((name) => [name, seconds.map((one) => sign(name) * one[name])]));
        };
        const steps: Seen[] = [
          { step: "kettle", before: window(false, false), after: window(true, false) },
          { step: "sun", before: window(false, false), after: window(false, true) },
        ];
        const said = judge([GRID, PV, LOAD], steps, null).map(({ verdict }) => verdict);
        expect(said, `seed ${seed}`).toEqual(NAMES.map((name) => (sign(name) === 1 ? "right" : "turned")));
      }
    }
  });
});
