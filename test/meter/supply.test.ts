// What a source says of the mains as the ESME hears it: a polyphase Modbus meter tells three voltages, and each phase has its alerts.

import { expect, test } from "vitest";
import { supplyOf } from "../../host/meter/supply.js";
import type { Power } from "../../host/ports/source.js";
import { june } from "../ledger/helpers.js";
import { fed, meter, polyphase, tellings } from "../ledger/supply-helpers.js";

const FEED = { name: "grid", role: "grid", channel: 1 } as const;
const power = (volts: readonly (number | null)[], active_w: number | null): Power => ({
  frequency_mhz: 50_000,
  voltage_mv: volts[0] === null ? null : (volts[0] ?? 0) * 1_000,
  phases_mv: volts.map((one) => (one === null ? null : one * 1_000)),
  channels: [{ current_ma: null, active_mw: active_w === null ? null : active_w * 1_000, reactive_mvar: null }],
});
const at = (time: string, volts: readonly (number | null)[], active_w: number | null = 0) =>
  supplyOf(FEED, power(volts, active_w), june(time), new Map());

test("three voltages are three phases; one that is not known is unknown, and export is no import", () => {
  expect(at("12:00:00", [230, null, 231.26], -4_500)).toMatchObject({
    voltages_dv: [2_300, null, 2_313],
    import_w: 0,
    primary_w: 0,
  });
  expect(at("12:00:00", [230, 230, 230], null)).toMatchObject({ import_w: null, primary_w: null });
});

test("phase 2 of a polyphase meter goes and comes back: its own alerts, and none while a value is only not known", () => {
  const after = fed(meter(polyphase), [
    at("12:00:00", [230, 231, 229]),
    at("12:05:00", [230, null, 229]),
    at("12:10:00", [230, 0, 229]),
    at("12:12:59", [230, 231, 229]),
  ]);
  expect(tellings(after)).toEqual(["12:10:00 8F59", "12:12:59 8F39 12:10:00 12:12:59"]);
});
