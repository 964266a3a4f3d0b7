// From what was found to lines of esme.yaml: channels that measure something, places as they are written, roles that can be.

import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { HouseSchema } from "../../../host/app/config/schema.js";
import { firmataIn } from "../../../host/app/finding/firmata.js";
import type { Finding, Place } from "../../../host/app/finding/place.js";
import { nameFor, pointsOf, usualRoles, yamlLine } from "../../../host/app/finding/points.js";
import { scanned } from "./bus-bench.js";

const PORT: Place = { kind: "serial", path: "/dev/serial/by-id/usb-FTDI #1" };
const identity = (kinds: readonly string[], capabilities: readonly string[]) => ({
  kind: "board" as const,
  identity: {
    device: "12345678",
    boot: 1,
    protocol: "1.1",
    firmware: "1",
    build: "0",
    kinds,
    capabilities,
    span_mwh: null,
  },
});
const lineOf = (place: Place, finding: Finding, k = 0) => {
  const point = pointsOf(place, finding)[k];
  if (point === undefined) throw new Error("no such point");
  return parse(yamlLine("it", "load", point.keys))[0] as object;
};

describe("a board", () => {
  test("has a point for each channel that measures: none for a sum, none for a channel of no kind", () => {
    const clamps = pointsOf(PORT, identity(["v", "ct", "ct", "ct", "sum"], ["slope"]));
    expect(clamps.map(({ keys }) => keys.channel)).toEqual([1, 2, 3]);
    const ic = pointsOf(PORT, identity(["v", "ct", "none", "none", "sum"], ["ic"]));
    expect(ic.map(({ keys }) => [keys.kind, keys.channel])).toEqual([["ic-board", 1]]);
  });

  test("is written so that the configuration reads it back, whatever its path", () => {
    const line = lineOf(PORT, identity(["v", "ct"], []));
    expect(line).toEqual({
      name: "it",
      role: "load",
      kind: "clamp-board",
      port: "/dev/serial/by-id/usb-FTDI #1",
      channel: 1,
    });
    expect(HouseSchema.safeParse({ version: 1, sources: [line] }).success).toBe(true);
  });
});

test("a meter on a serial port has its speed and parity, one on TCP has neither, each as the configuration reads it", async () => {
  const bus = await scanned({ meters: [{ model: "sdm120", address: 1 }] });
  const finding = (setting: typeof bus.setting): Finding => ({ kind: "modbus", ...bus, setting, causes: [] });
  const serial = lineOf(PORT, finding(bus.setting));
  expect(serial).toMatchObject({ model: "sdm120", address: 1, speed: 9_600, parity: "none" });
  const tcp = lineOf({ kind: "tcp", host: "10.0.0.7", port: 502 }, finding(null));
  expect(tcp).toEqual({ name: "it", role: "load", kind: "modbus", model: "sdm120", address: 1, tcp: "10.0.0.7:502" });
  const rtu = lineOf({ kind: "rtu-tcp", host: "10.0.0.7", port: 4_001 }, finding(null));
  expect(rtu).toMatchObject({ rtu_tcp: "10.0.0.7:4001" });
  for (const line of [serial, tcp, rtu])
    expect(HouseSchema.safeParse({ version: 1, sources: [line] }).success).toBe(true);
});

test("one grid at most is likely, and never one that cannot tell import from export", () => {
  const ic = (name: "bl0942" | "cse7766") => pointsOf(PORT, { kind: "serial-ic", ic: name });
  expect(usualRoles([...ic("cse7766"), ...ic("bl0942"), ...ic("bl0942")])).toEqual(["load", "grid", "load"]);
  expect(usualRoles(pointsOf(PORT, { kind: "firmata", firmware: "x", protocol: "y" }))).toEqual([null]);
});

test("names are not given twice", () => {
  const taken = new Set(["load", "load-2"]);
  expect([nameFor("grid", taken), nameFor("load", taken)]).toEqual(["grid", "load-3"]);
});

test("a Firmata is known by its firmware's report, whole, wherever it stands among other bytes", () => {
  const name = [..."Std"].flatMap((letter) => [letter.charCodeAt(0) & 0x7f, 0]);
  const report = [0xf0, 0x79, 2, 5, ...name, 0xf7];
  expect(firmataIn([0xf9, 2, 5, ...report, 1])).toEqual({ firmware: "Std", protocol: "firmata 2.5" });
  expect(firmataIn(report.slice(0, -1))).toBeNull();
  expect(firmataIn([])).toBeNull();
});
