// The real StandardFirmata image, executed, with an LCD, LEDs, a relay and a button on its pins: what johnny-five makes of them.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { displayItems, rowsOf } from "../../host/adapters/panel/display-items.js";
import { DEFAULT_PANEL } from "../../host/adapters/panel/options.js";
import { type Bench, bench, s0, VIEW } from "./bench.js";
import { standardFirmata } from "./standard-firmata.js";

const got = standardFirmata();
const SIZE = { columns: DEFAULT_PANEL.columns, rows: DEFAULT_PANEL.rows };
const rowsOfItem = (k: number, view = VIEW) => {
  const items = displayItems(view);
  const item = items[k % items.length];
  return item === undefined ? [] : rowsOf(item, view, SIZE);
};
const press = { pin: 7, from_ms: 20, period_ms: 400, on_ms: 120, bounce_ms: 5 };

describe.skipIf("missing" in got)("an executed StandardFirmata", () => {
  let desk: Bench;

  beforeAll(async () => {
    desk = await bench({ image: "image" in got ? got.image : null, pulses: [s0(2), s0(3), s0(4, { minOn_ms: 2 })] });
    await desk.until("the board", () => desk.told.every((told) => told.some(({ kind }) => kind === "found")));
  });
  afterAll(() => desk.close());

  test("the relay is open until the supply is said to be enabled, and closed only then", async () => {
    const relay = async () => (await desk.board.seen()).lamps.relay?.on;
    const reads = (on: boolean) => desk.until(`the relay ${on}`, ({ lamps }) => lamps.relay?.on === on);
    expect(await relay()).toBe(false);
    desk.panel.follow("enabled");
    await reads(true);
    desk.panel.follow("armed");
    await reads(false);
    desk.panel.follow("enabled");
    await reads(true);
    desk.panel.follow("disabled");
    await reads(false);
  });

  test("the LCD shows the registers, and the arrows the direction", async () => {
    desk.panel.show(VIEW);
    const shown = await desk.until("total import", ({ lcd }) => lcd.join() === rowsOfItem(0).join());
    expect(shown.lcd).toEqual(["TOTAL IMPORT    ", "    1234.567 kWh"]);
    expect([shown.lamps.arrowImport?.on, shown.lamps.arrowExport?.on]).toEqual([true, false]);
    const exporting = { ...VIEW, power_w: -20, export_wh: VIEW.export_wh + 1 };
    desk.panel.show(exporting);
    await desk.until("the export arrow", ({ lamps }) => lamps.arrowExport?.on === true && !lamps.arrowImport?.on);
    const unknown = { ...VIEW, power_w: null };
    desk.panel.show(unknown);
    await desk.until("no arrow", ({ lamps }) => !lamps.arrowExport?.on && !lamps.arrowImport?.on);
  });

  test("the button, bounces and all, shows one item after another, and the first again", async () => {
    desk.panel.show(VIEW);
    const items = displayItems(VIEW).length;
    for (let k = 1; k <= items; k++) {
      await desk.board.pulses({ ...press, pulses: 1, seed: k });
      await desk.until(`item ${k}`, ({ lcd }) => lcd.join() === rowsOfItem(k).join());
    }
    expect((await desk.board.seen()).tooSoon).toBe(0);
  });

  test("the metrology LED flashes once for each Wh of either direction, while pulses are counted and the LCD is written", async () => {
    const { lamps } = await desk.board.seen();
    const before = lamps.led?.flashes ?? 0;
    desk.panel.show(VIEW);
    const pulses = 80;
    await desk.board.pulses({ pin: 2, from_ms: 100, pulses, period_ms: 62.5, on_ms: 30, seed: 1 });
    await desk.board.pulses({ pin: 3, from_ms: 100, pulses, period_ms: 62.5, on_ms: 34, bounce_ms: 4, seed: 2 });
    const at = { ...VIEW };
    const flashes = 2 * (3 + 2);
    for (let second = 1; second <= 2; second++) {
      at.import_wh += 3;
      at.export_wh += 2;
      desk.panel.show(at);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    await desk.until(
      "the flashes",
      (now) => now.over && now.lamps.led?.flashes === before + flashes && !now.lamps.led.on,
    );
    await desk.until(
      "the pulses",
      () => desk.import_mwh(0) === pulses * 1_000 && desk.import_mwh(1) === pulses * 1_000,
    );
    expect(rowsOfItem(0, at)).toEqual((await desk.board.seen()).lcd);
    const faults = desk.told.map((told) => told.filter(({ kind }) => kind === "fault").length);
    expect(faults[0]).toBe(0);
    expect(faults[1]).toBeGreaterThan(0);
  });

  test("flashes of 2 ms are all seen while the LCD is written without a pause", async () => {
    const before = desk.sources[2]?.pulses ?? 0;
    const pulses = 80;
    await desk.board.pulses({ pin: 4, from_ms: 100, pulses, period_ms: 62.5, on_ms: 2, jitter_ms: 5, seed: 3 });
    const at = { ...VIEW };
    await desk.until("the flashes", () => {
      at.import_wh = (at.import_wh * 7 + 1) % 2 ** 32;
      desk.panel.show(at);
      return desk.sources[2]?.pulses === before + pulses;
    });
    desk.panel.show(VIEW);
    await desk.until("the last text", ({ lcd, over }) => over && lcd.join() === rowsOfItem(0).join());
    expect(desk.sources[2]?.pulses).toBe(before + pulses);
    expect((await desk.board.seen()).tooSoon).toBe(0);
  });

  test("spikes are faults, and no pulses", async () => {
    const pulses = desk.sources[0]?.pulses;
    await desk.board.pulses({ pin: 2, from_ms: 100, pulses: 20, period_ms: 70, on_ms: 5, seed: 1 });
    const spikes = () =>
      (desk.told[0] ?? []).reduce(
        (sum, event) => sum + (event.kind === "fault" && event.fault === "pulse-spike" ? event.bytes : 0),
        0,
      );
    await desk.until("the spikes", () => spikes() === 20);
    expect(desk.sources[0]?.pulses).toBe(pulses);
  });

  test("a source reports every second, also of nothing", () => {
    const boards = (desk.told[0] ?? []).flatMap((event) => (event.kind === "report" ? [event.board] : []));
    expect(boards.length).toBeGreaterThan(5);
    boards.forEach((board, k) => {
      expect(board).toBe((k + 1) * 1_000);
    });
  });
});

test.skipIf("missing" in got)("a 20x4 display has power and time beneath each item", async () => {
  const panel = { ...DEFAULT_PANEL, columns: 20, rows: 4 } as const;
  const desk = await bench({ image: "image" in got ? got.image : null, panel });
  desk.panel.show(VIEW);
  const rows = ["TOTAL IMPORT        ", "        1234.567 kWh", "IMPORTING     7215 W", "2026-06-01 12:30:01Z"];
  await desk.until("four rows", ({ lcd }) => lcd.join() === rows.join());
  await desk.close();
});
