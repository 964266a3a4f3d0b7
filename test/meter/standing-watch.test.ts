// The watch over a house: it judges a half hour once all have told of it, and says a thing once a day.

import { expect, test } from "vitest";
import type { HalfHour } from "../../host/ledger/profile.js";
import { HALF_HOUR_ms, Utc_ms } from "../../host/ledger/units.js";
import { StandingWatch } from "../../host/meter/standing-watch.js";
import { Workbench } from "../proof/workbench.js";

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

type Sources = ConstructorParameters<typeof StandingWatch>[0];

function watching(sources: Sources = SOURCES, before: readonly string[] = []) {
  const said: string[] = [];
  const kept = new Map<string, HalfHour>();
  const key = (name: string, end: number) => `${name} ${end}`;
  const watch = new StandingWatch(
    sources,
    (name, end) => kept.get(key(name, end)) ?? null,
    (text) => said.push(text),
    before,
  );
  const closed = (name: string, one: HalfHour) => {
    kept.set(key(name, one.end), one);
    watch.closed(name, one.end);
  };
  return { said, closed };
}

test("a roof whose clamp is turned round is told once a day, however often it is seen; the next day again", () => {
  const { said, closed } = watching();
  for (let k = 0; k < 96; k++) {
    closed("grid", entry(k, 300, 0));
    closed("second", entry(k, 0, 9_999));
    closed("roof", entry(k, 0, 400));
  }
  // The days that begin at noon reach over two midnights.
  expect(said).toEqual(Array(3).fill(expect.stringContaining("roof took 400 Wh instead of generating")));
  expect(said[0]).toMatch(/^negative-generation in the half hour to 2026-06-01T12:00:00Z: /);
});

test("a source that is silent keeps a half hour waiting for two hours, and is unknown then", () => {
  const { said, closed } = watching();
  for (let k = 0; k < 5; k++) closed("roof", entry(k, 0, 400));
  expect(said).toHaveLength(1);
  closed("grid", entry(0, 0, 5_000));
  expect(said.map((text) => text.split(" ")[0])).toEqual(["negative-generation", "over-export"]);
});

test("a board that tells at noon what it remembers of the night is judged with what the others told then", () => {
  const { said, closed } = watching();
  for (let k = -26; k < 0; k++) closed("roof", entry(k, 0, 0));
  expect(said).toEqual([]);
  for (let k = -26; k < 0; k++) closed("grid", entry(k, 0, 300));
  // From 22:30 to 02:00 the roof cannot have generated what the grid exported.
  expect(said.filter((text) => text.startsWith("night-export"))).toHaveLength(2);
  expect(said[0]).toMatch(/^over-export in the half hour to 2026-05-31T23:00:00Z/);
});

test("a grid on three boards is one source: it is heard, and counted, once", () => {
  const phases = [0, 1, 2].map(() => ({ name: "grid", role: "grid" }) as const);
  const { said, closed } = watching([...phases, { name: "roof", role: "generation" }]);
  closed("roof", entry(0, 900, 0));
  closed("grid", entry(0, 0, 800));
  closed("roof", entry(1, 0, 100));
  expect(said).toEqual([]);
  closed("grid", entry(1, 300, 0));
  expect(said).toHaveLength(1);
});

test("what was told before a restart is not told again the same day", () => {
  const first = watching();
  first.closed("grid", entry(0, 300, 0));
  first.closed("roof", entry(0, 0, 400));
  expect(first.said).toHaveLength(1);
  const second = watching(SOURCES, ["the clamps cannot be right", ...first.said]);
  // The half hour that ends at midnight is of the same day still.
  for (const [k, times] of [
    [1, 0],
    [24, 0],
    [25, 1],
  ] as const) {
    second.closed("grid", entry(k, 300, 0));
    second.closed("roof", entry(k, 0, 400));
    expect(second.said).toHaveLength(times);
  }
});

test("a remark is on the disk at once, with a message for the hub; what the disk refuses comes with the next commit", () => {
  const scenario = { kind: "steady" as const, clamps: [{}, {}, {}] as [object, object, object] };
  const bench = new Workbench({ board: { fidelity: "fast", scenario, frontEnd: { like: "ideal" } } }).arrive().run(60);
  const remarks = () =>
    bench.store
      .outbox(0, 100)
      .map(({ body }) => JSON.parse(new TextDecoder().decode(body)))
      .filter(({ code }) => code === "implausible");
  bench.meter?.remark("the grid exported in the dark");
  expect(remarks()).toMatchObject([{ schema: "esme/alert/1", text: "the grid exported in the dark" }]);
  bench.store.crashed = true;
  bench.meter?.remark("and again");
  expect(remarks()).toHaveLength(1);
  bench.store.crashed = false;
  bench.run(30);
  expect(remarks().map(({ text }) => text)).toEqual(["the grid exported in the dark", "and again"]);
});
