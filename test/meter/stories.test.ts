// The meter at work with a simulated board: clocks that were set while nobody looked, and a board that falls silent while it remembers.

import { describe, expect, test } from "vitest";
import { registers_wh } from "../../host/ledger/ledger.js";
import { kept } from "../../host/ledger/profile.js";
import { unexplained_wh } from "../ledger/helpers.js";
import { Workbench } from "../proof/workbench.js";

const HOUR_s = 3_600;

function bench(): Workbench {
  const scenario = { kind: "steady" as const, clamps: [{ amps: 10 }, {}, {}] as [object, object, object] };
  return new Workbench({ board: { fidelity: "fast", scenario, frontEnd: { like: "ideal" } } });
}

/** The register against what flowed since the first reading. */
function off_wh(one: Workbench): number {
  const flowed_uwh = one.truthAtLastReport()[0].import_uwh - (one.truthAtBaseline?.[0].import_uwh ?? 0);
  return (registers_wh(one.ledger())[0] ?? 0) - flowed_uwh / 1e6;
}

describe("a clock set while the meter was off", () => {
  test("a host that starts an hour behind, until the network tells it the time: every Wh is kept", async () => {
    const one = bench().arrive().run(600);
    await one.leave();
    one.clock.setUtcBy(-3_800_000);
    one.arrive().run(45);
    one.clock.setUtcBy(3_800_000);
    one.run(HOUR_s);
    expect(Math.abs(off_wh(one))).toBeLessThan(3);
    expect(unexplained_wh(one.ledger())).toEqual([0, 0, 0, 0]);
    expect(one.ledger().ignored.earlier).toBe(0);
    expect(one.notices.some(({ notice }) => notice.kind === "event" && notice.code === "clock-step")).toBe(true);
  });

  test("a host that believed it was tomorrow, then knows better: it does not wait for tomorrow", async () => {
    const one = bench();
    one.clock.setUtcBy(12 * HOUR_s * 1_000);
    one.arrive().run(600);
    await one.leave();
    one.clock.setUtcBy(-12 * HOUR_s * 1_000);
    one.arrive().run(HOUR_s);
    expect(Math.abs(off_wh(one))).toBeLessThan(3);
    expect(unexplained_wh(one.ledger())).toEqual([0, 0, 0, 0]);
  });
});

test("a line that is silent for seven seconds while the board tells what it remembers is asked again", async () => {
  const one = bench().arrive().run(900);
  await one.leave();
  one.run(5 * HOUR_s);
  const back_s = one.time_s;
  one.line = (bytes) => (one.time_s > back_s + 1.2 && one.time_s < back_s + 8.2 ? new Uint8Array(0) : bytes);
  one.arrive().run(120);
  expect([...kept(one.ledger().profile)].filter((entry) => entry.flags.length === 0).length).toBe(9);
  expect(one.ledger().unallocated_wh[0]).toBe(0);
});
