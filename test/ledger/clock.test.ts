// The clock rule: whatever the latency, the board's seconds are placed in UTC, and its rate is found.

import { describe, expect, test } from "vitest";
import { type ClockFit, monoOf, newFit, observe, utcOf } from "../../host/ledger/clock.js";
import { Board_ms, Mono_ms } from "../../host/ledger/units.js";
import { utc } from "./helpers.js";

/** Reports of a board whose clock is off by `ppm`, late by 5 ms plus a seeded share of `jitter_ms`. */
function listen(ppm: number, seconds: number, jitter_ms: number, start = 1_000): ClockFit {
  let seed = 7;
  let fit: ClockFit | null = null;
  for (let s = 0; s < seconds; s++) {
    const board = Board_ms((start + s * 1_000) % 2 ** 32);
    const truth = 50_000 + (s * 1_000) / (1 - ppm * 1e-6);
    seed = (seed * 48_271) % 2_147_483_647;
    const arrived = Mono_ms(truth + 5 + (seed / 2_147_483_647) * jitter_ms);
    fit = fit === null ? newFit(board, arrived, null) : observe(fit, board, arrived);
  }
  return fit as ClockFit;
}

describe("a board's clock", () => {
  for (const ppm of [5_000, 300, 0, -5_000])
    test(`off by ${ppm} ppm is known within five minutes to better than 100 ppm`, () => {
      const fit = listen(ppm, 300, 40);
      expect(fit.rateKnown).toBe(true);
      expect(Math.abs(fit.rate_ppb / 1_000 - (1 / (1 - ppm * 1e-6) - 1) * 1e6)).toBeLessThan(100);
      const truth = 50_000 + 299_000 / (1 - ppm * 1e-6);
      expect(Math.abs(monoOf(fit, Board_ms(300_000)) - truth)).toBeLessThan(60);
    });

  test("is not believed known from a line too noisy to tell", () => {
    expect(listen(5_000, 60, 3_000).rateKnown).toBe(false);
  });

  test("wraps after 49.7 days without a seam", () => {
    const fit = listen(0, 120, 1, 2 ** 32 - 60_000);
    expect(Math.abs(monoOf(fit, Board_ms(59_000)) - (50_000 + 119_000))).toBeLessThan(10);
  });

  test("becomes UTC through one moment known in both", () => {
    const now = { utc: utc("2026-06-01T12:00:00Z"), mono: Mono_ms(1_000.4) };
    expect(utcOf(Mono_ms(3_000.4), now)).toBe(utc("2026-06-01T12:00:02Z"));
  });
});
