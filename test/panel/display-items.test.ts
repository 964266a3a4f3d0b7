// What the meter's face shows, and what of its wiring is refused.

import { describe, expect, test } from "vitest";
import { displayItems, rowsOf } from "../../host/adapters/panel/display-items.js";
import { Flashes } from "../../host/adapters/panel/flashes.js";
import { changed } from "../../host/adapters/panel/lcd-text.js";
import { DEFAULT_PANEL, refusePanel } from "../../host/adapters/panel/options.js";
import { SimulatedClock } from "../../host/sim/simulated-clock.js";
import { s0, VIEW } from "./bench.js";

describe("the display", () => {
  test("cycles through a meter's items, two rows of 16", () => {
    const rows = displayItems(VIEW).map((item) => rowsOf(item, VIEW, { columns: 16, rows: 2 }).join("|"));
    expect(rows).toEqual([
      "TOTAL IMPORT    |    1234.567 kWh",
      "TOTAL EXPORT    |      89.012 kWh",
      "RATE 1 ACTIVE   |    1000.000 kWh",
      "RATE 2          |     234.567 kWh",
      "IMPORTING NOW   |          7215 W",
      "MAX DEMAND      |          9001 W",
      "SUPPLY          |         ENABLED",
      "2026-06-01 UTC  |        12:30:01",
      "METER           |00DB123456789ABC",
      "FIRMWARE        |           0.1.0",
    ]);
  });

  test("has power and time beneath each item where it is tall", () => {
    const exporting = { ...VIEW, power_w: -3_500 };
    const [item] = displayItems(exporting);
    if (item === undefined) throw new Error("there is an item");
    expect(rowsOf(item, exporting, { columns: 20, rows: 4 })).toEqual([
      "TOTAL IMPORT        ",
      "        1234.567 kWh",
      "EXPORTING     3500 W",
      "2026-06-01 12:30:01Z",
    ]);
  });

  test("says what is not known, and every row is as wide as the display", () => {
    const unknown = { ...VIEW, import_wh: 2 ** 32 - 1, power_w: null, maximumDemand_w: null, utc: null, firmware: "" };
    for (const size of [DEFAULT_PANEL, { columns: 20, rows: 4 }])
      for (const item of displayItems(unknown))
        for (const row of rowsOf(item, unknown, size)) expect(row).toMatch(new RegExp(`^[ -~]{${size.columns}}$`));
    const texts = displayItems(unknown).map(({ title, value }) => `${title}: ${value}`);
    expect(texts).toContain("TOTAL IMPORT: 4294967.295 kWh");
    expect(texts).toContain("POWER NOW: unknown");
    expect(texts).toContain("UTC NOT SET: --:--:--");
    expect(texts).toContain("MAX DEMAND: none");
  });

  test("is written only where it changed", () => {
    expect(changed("    1234.567 kWh", "    1234.568 kWh")).toEqual([[11, 12]]);
    expect(changed("    1299.999 kWh", "    1300.000 kWh")).toEqual([[5, 12]]);
    expect(changed("abc", "abc")).toEqual([]);
    expect(changed("a..b....c", "A..B....C")).toEqual([
      [0, 1],
      [3, 4],
      [8, 9],
    ]);
  });
});

describe("the metrology LED", () => {
  function lit(perSecond: readonly number[]) {
    const clock = new SimulatedClock(0);
    const changes: { on: boolean; at: number }[] = [];
    const flashes = new Flashes(clock, (on) => changes.push({ on, at: clock.mono() }));
    let wh = 2 ** 32 - 20;
    flashes.registers(wh, 0);
    perSecond.forEach((more, second) => {
      wh = (wh + more) % 2 ** 32;
      clock.runTo((second + 1) * 1_000);
      flashes.registers(wh, 0);
    });
    clock.runTo((perSecond.length + 2) * 1_000);
    return changes;
  }

  test("flashes once for each Wh, over the register's wrap, 40 ms on and at least 40 ms off", () => {
    const changes = lit([0, 2, 12, 12, 12, 1, 0, 3]);
    expect(changes.filter(({ on }) => on)).toHaveLength(42);
    expect(changes.at(-1)?.on).toBe(false);
    changes.slice(1).forEach(({ on, at }, k) => {
      const held_ms = at - (changes[k]?.at ?? 0);
      if (on) expect(held_ms).toBeGreaterThanOrEqual(40);
      else expect(held_ms).toBe(40);
    });
  });

  test("does not flash later what one second cannot hold", () => {
    expect(lit([5_000, 1]).filter(({ on }) => on)).toHaveLength(1);
  });
});

describe("wiring that is refused", () => {
  const refusal = (pulses: Parameters<typeof refusePanel>[0], panel = null as Parameters<typeof refusePanel>[1]) =>
    refusePanel(pulses, panel)?.reason ?? null;

  test.each([
    ["nothing where it fits", [s0(2), s0(3)], DEFAULT_PANEL, null],
    ["an input among the outputs", [s0(8)], null, "meter-8 cannot be on pin 8"],
    ["the UART's pins", [s0(1)], null, "meter-1 cannot be on pin 1"],
    ["two on one pin", [s0(2), { ...s0(2), name: "other" }], null, "other and meter-2 are both on pin 2"],
    ["a pulse input on the button's pin", [s0(7)], DEFAULT_PANEL, "the button and meter-7 are both on pin 7"],
    ["no impulses to a kWh", [s0(2, { impPerKwh: 0 })], null, "meter-2 has 0 imp/kWh"],
    ["half an impulse", [s0(2, { impPerKwh: 0.5 })], null, "meter-2 has 0.5 imp/kWh"],
    ["a width of nothing", [s0(2, { minOn_ms: 0 })], null, "meter-2 has a width of 0 ms"],
    [
      "an output on the metronome",
      [],
      { ...DEFAULT_PANEL, pins: { ...DEFAULT_PANEL.pins, relay: 19 } },
      "the relay cannot be on pin 19",
    ],
  ] as const)("%s", (_, pulses, panel, reason) => {
    expect(refusal(pulses, panel)).toBe(reason);
  });
});
