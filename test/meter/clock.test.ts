// A meter whose clock is worth nothing at first: a Raspberry Pi without a clock of its own, and the network that arrives later.

import { describe, expect, test } from "vitest";
import { registers_wh } from "../../host/ledger/ledger.js";
import { kept } from "../../host/ledger/profile.js";
import { shownRegisters } from "../../host/ledger/time/unplaced.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { unexplained_wh } from "../ledger/helpers.js";
import { Workbench } from "../proof/workbench.js";

const HOUR_s = 3_600;
/** 1 June 2026, noon, at the workbench; the Pi believes it is so much earlier. */
const SINCE_1970_ms = -Date.UTC(2026, 5, 1, 12) + 10_000;

function pi(): Workbench {
  const scenario = { kind: "steady" as const, clamps: [{ amps: 10 }, { amps: 3 }, {}] as [object, object, object] };
  return new Workbench({
    board: { fidelity: "fast", scenario, frontEnd: { like: "ideal" } },
    startUtc_ms: Date.UTC(2026, 5, 1, 12),
    meter: { built: Utc_ms(Date.UTC(2026, 0, 1)) },
  });
}

const ends = (one: Workbench) =>
  [...kept(one.esme().ledger.profile)].map(({ end, wh, flags }) =>
    [new Date(end).toISOString().slice(0, 16), wh[0], ...flags].join(" "),
  );

describe("a Pi that believes it is 1970", () => {
  test("books no half hour, shows what flows, and places all of it when the network arrives", () => {
    const one = pi();
    one.clock.setUtcBy(SINCE_1970_ms);
    one.arrive().run(1.6 * HOUR_s);
    expect(one.esme().state.time.status).toBe("invalid");
    expect(ends(one)).toEqual([]);
    const shown = shownRegisters(one.esme());
    expect(Math.abs((shown.registers_wh[0] ?? 0) - 3_680)).toBeLessThan(30);

    one.clock.setUtcBy(-SINCE_1970_ms);
    one.run(HOUR_s);
    expect(one.esme().state.time.status).toBe("reliable");
    const half = ends(one);
    expect(half.map((line) => line.slice(0, 16))).toEqual([
      "2026-06-01T12:30",
      "2026-06-01T13:00",
      "2026-06-01T13:30",
      "2026-06-01T14:00",
      "2026-06-01T14:30",
    ]);
    for (const line of half.slice(1)) expect(Math.abs(Number(line.split(" ")[1]) - 1_150)).toBeLessThan(5);
    expect(half.slice(1).filter((line) => / \d+ ./.test(line))).toEqual([]);
    expect(unexplained_wh(one.esme().ledger)).toEqual([0, 0, 0, 0]);
    expect(one.esme().ledger.unallocated_wh[0]).toBe(0);
  });

  test("that metered before keeps what it had, in its time, and begins no ledger in 1970", async () => {
    const one = pi().arrive().run(HOUR_s);
    const before = ends(one);
    const generation = one.ledger("generation").last?.at;
    await one.leave();
    one.clock.setUtcBy(SINCE_1970_ms);
    one.arrive().run(0.2 * HOUR_s);
    expect(ends(one)).toEqual(before);
    expect(one.ledger("generation").last?.at).toBe(generation);
    one.clock.setUtcBy(-SINCE_1970_ms);
    one.run(HOUR_s);
    expect(ends(one).slice(0, before.length)).toEqual(before);
    expect(ends(one).length).toBeGreaterThanOrEqual(before.length + 2);
    for (const name of ["grid", "generation"]) {
      expect(unexplained_wh(one.ledger(name))).toEqual([0, 0, 0, 0]);
      expect(one.ledger(name).last?.at).toBeGreaterThan(Date.UTC(2026, 5, 1, 14));
    }
    const flowed_uwh = one.truthAtLastReport()[0].import_uwh - (one.truthAtBaseline?.[0].import_uwh ?? 0);
    expect(Math.abs((registers_wh(one.ledger())[0] ?? 0) - flowed_uwh / 1e6)).toBeLessThan(3);
  });
});
