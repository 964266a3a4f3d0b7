// The watch over a house: it judges a half hour once all have told of it, and says a thing once a day.

import { expect, test } from "vitest";
import type { HalfHour } from "../../host/ledger/profile.js";
import { HALF_HOUR_ms, Utc_ms } from "../../host/ledger/units.js";
import { StandingWatch } from "../../host/meter/standing-watch.js";

const NOON = Date.parse("2026-06-01T12:00:00Z");
const entry = (k: number, import_wh: number, export_wh: number): HalfHour => ({
  end: Utc_ms(NOON + k * HALF_HOUR_ms),
  wh: [import_wh, export_wh, null, null],
  flags: [],
});
const SOURCES = [
  { name: "grid", role: "grid" },
  { name: "roof", role: "generation" },
  { name: "second", role: "check" },
] as const;

function watching() {
  const said: string[] = [];
  return { said, watch: new StandingWatch(SOURCES, (text) => said.push(text)) };
}

test("a roof whose clamp is turned round is told once a day, however often it is seen; the next day again", () => {
  const { said, watch } = watching();
  for (let k = 0; k < 96; k++) {
    watch.closed("grid", entry(k, 300, 0));
    watch.closed("second", entry(k, 0, 9_999));
    watch.closed("roof", entry(k, 0, 400));
  }
  // The days that begin at noon reach over two midnights.
  expect(said).toEqual(Array(3).fill(expect.stringContaining("roof took 400 Wh instead of generating")));
});

test("a source that is silent keeps a half hour waiting for two hours, and is unknown then", () => {
  const { said, watch } = watching();
  for (let k = 0; k < 5; k++) watch.closed("roof", entry(k, 0, 400));
  expect(said).toHaveLength(1);
  watch.closed("grid", entry(0, 0, 5_000));
  expect(said).toHaveLength(1);
});
