// Two sources on one conductor: sums, what is left out, and a trend that is only told when it is one.

import { describe, expect, it } from "vitest";
import { compared } from "../../host/lab/compare.js";
import type { HalfHour } from "../../host/ledger/profile.js";
import { HALF_HOUR_ms, Utc_ms } from "../../host/ledger/units.js";
import { random } from "../store/houses.js";

const START = Date.parse("2026-06-01T00:00:00Z");
const entry = (k: number, import_wh: number, flags: HalfHour["flags"] = []): HalfHour => ({
  end: Utc_ms(START + (k + 1) * HALF_HOUR_ms),
  wh: [import_wh, 0, null, null],
  flags,
});

describe("esme compare", () => {
  it("sums what both know, and shows what only one does", () => {
    const a = [entry(0, 100), entry(1, 200), entry(2, 300, ["partial"])];
    const b = [entry(0, 101), entry(2, 150), entry(3, 7)];
    const { pairs, counted, a_wh, b_wh, difference_percent } = compared(a, b, 0);
    expect(pairs.map((pair) => [pair.a_wh, pair.b_wh, pair.flagged])).toEqual([
      [100, 101, false],
      [200, null, false],
      [300, 150, true],
      [null, 7, false],
    ]);
    expect({ counted, a_wh, b_wh, difference_percent }).toEqual({
      counted: 1,
      a_wh: 100,
      b_wh: 101,
      difference_percent: 1,
    });
  });

  /** Forty days of half hours, B off by `offset` + `drift` per cent in thirty days, and a noise of its own. */
  function drifting(offset: number, drift: number, noise: number, seed: number) {
    const next = random(seed);
    const a = Array.from({ length: 1_920 }, (_, k) => entry(k, Math.round(20 + 400 * next())));
    const b = a.map((one, k) => {
      const percent = offset + (drift * k) / 1_440 + noise * (next() - 0.5);
      return entry(k, Math.round((one.wh[0] ?? 0) * (1 + percent / 100)));
    });
    return compared(a, b, 0);
  }

  it("finds a drift of 1 % in thirty days under 4 % of noise, to within three of its standard errors", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { trend, difference_percent } = drifting(2, 1, 4, seed);
      expect(trend).not.toBeNull();
      expect(Math.abs((trend?.percentIn30Days ?? 0) - 1)).toBeLessThan(3 * (trend?.standardError ?? 0) + 0.02);
      expect(difference_percent).toBeCloseTo(2.67, 0);
    }
  });

  it("speaks of no trend between a source and itself", () => {
    const a = Array.from({ length: 96 }, (_, k) => entry(k, 100 + (k % 7)));
    expect(compared(a, a, 0)).toMatchObject({ difference_percent: 0, trend: null });
  });

  it("speaks of no trend where there is none, nineteen times of twenty", () => {
    const seeds = Array.from({ length: 40 }, (_, k) => k + 1);
    const told = seeds.filter((seed) => drifting(-1, 0, 6, seed).trend !== null);
    expect(told.length).toBeLessThanOrEqual(6);
  });

  it("needs 48 half hours with energy to speak of a trend", () => {
    const a = Array.from({ length: 47 }, (_, k) => entry(k, 100));
    const b = a.map((_, k) => entry(k, 100 + k));
    expect(compared(a, b, 0).trend).toBeNull();
    expect(compared([], [], 0)).toMatchObject({ pairs: [], counted: 0, difference_percent: null, trend: null });
  });
});
