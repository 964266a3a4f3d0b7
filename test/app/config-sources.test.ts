// The sources of esme.yaml: every kind of device, what they may share, and what stands where it cannot.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { houseOfFile } from "../../host/app/config.js";
import { Refusal } from "../../host/app/refusal.js";

const path = join(mkdtempSync(join(tmpdir(), "esme-sources-")), "esme.yaml");
const written = (...sources: string[]) =>
  writeFileSync(path, `version: 1\nsources:\n${sources.map((one) => `  - { ${one} }\n`).join("")}`);

const GRID = "name: grid, role: grid, kind: modbus, model: sdm120, port: /dev/ttyUSB0";

function refusedWith(...sources: string[]): string {
  written(...sources);
  try {
    houseOfFile(path);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.code).toBe("config-invalid");
    return error.reason.slice(path.length + 1);
  }
  return "sound";
}

describe("a house of many kinds", () => {
  test("each source has its device; what is left out is the maker's own", () => {
    written(
      GRID,
      "name: second, role: check, check_of: grid, kind: modbus, model: sdm120, address: 2, port: /dev/ttyUSB0",
      "name: generation, role: generation, kind: pulses, port: /dev/ttyACM0, pin: 2, imp_per_kwh: 1000",
      'name: kitchen, role: load, kind: modbus, model: sdm120, tcp: "192.168.1.20:502", every: 5s',
      "name: battery, role: battery, kind: serial-ic, ic: mcp39f511a, port: /dev/ttyUSB1, reversed: true",
      "name: heating, role: load, kind: ic-board, port: /dev/ttyUSB2, channel: 3",
    );
    const house = houseOfFile(path);
    expect(house.sources.map(({ name, role, checkOf, device }) => [name, role, checkOf, device.kind])).toEqual([
      ["grid", "grid", undefined, "modbus"],
      ["second", "check", "grid", "modbus"],
      ["generation", "generation", undefined, "pulses"],
      ["kitchen", "load", undefined, "modbus"],
      ["battery", "battery", undefined, "serial-ic"],
      ["heating", "load", undefined, "board"],
    ]);
    expect(house.sources[0]?.device).toMatchObject({
      address: 1,
      every_ms: 1_000,
      reversed: false,
      place: { kind: "serial", port: "/dev/ttyUSB0", speed: 2_400, parity: "none", stopBits: 1 },
    });
    expect(house.notes).toEqual([
      "generation: a pulse output cannot tell import from export; all that flows there is counted as import",
    ]);
  });
});

test.each<[why: string, sources: readonly string[], told: string]>([
  [
    "a model that nobody knows",
    ["name: grid, role: grid, kind: modbus, model: SDM-120, port: /dev/ttyUSB0"],
    "3:52: sources.0.model: there is no model SDM-120; meant is perhaps sdm120",
  ],
  ["a kind that nobody knows", ["name: grid, role: grid, kind: zigbee, port: /dev/ttyUSB0"], "3:37: sources.0.kind: "],
  [
    "two sources at the grid",
    [GRID, "name: other, role: grid, kind: modbus, model: sdm120, port: /dev/ttyUSB1"],
    "3:3: sources: exactly one source has the role grid, not 2",
  ],
  [
    "a pulse output at the grid",
    ["name: grid, role: grid, kind: pulses, port: /dev/ttyACM0, pin: 2, imp_per_kwh: 1000"],
    "3:25: sources.0.role: a pulse output cannot tell import from export: it cannot stand at the grid",
  ],
  [
    "a PZEM at the grid",
    ["name: grid, role: grid, kind: modbus, model: pzem-004t-v3, port: /dev/ttyUSB0"],
    "3:25: sources.0.role: a PZEM-004T",
  ],
  [
    "a port used by two kinds of device",
    [GRID, "name: load, role: load, kind: clamp-board, port: /dev/ttyUSB0, channel: 1"],
    "4:5: sources.1: grid has /dev/ttyUSB0 already, with another kind of device",
  ],
  [
    "a bus at two speeds",
    [GRID, "name: load, role: load, kind: modbus, model: sdm120, address: 2, speed: 9600, port: /dev/ttyUSB0"],
    "4:5: sources.1: grid has /dev/ttyUSB0 already, at another speed",
  ],
  [
    "an address twice",
    [GRID, "name: load, role: load, kind: modbus, model: sdm120, port: /dev/ttyUSB0"],
    "4:5: sources.1: grid has address 1 of /dev/ttyUSB0 already",
  ],
  [
    "a bus nowhere",
    ["name: grid, role: grid, kind: modbus, model: sdm120"],
    "3:5: sources.0: name one of port, tcp and rtu_tcp",
  ],
  [
    "a bus in two places",
    ['name: grid, role: grid, kind: modbus, model: sdm120, port: /dev/ttyUSB0, tcp: "a:502"'],
    "3:5: sources.0: name one of port, tcp and rtu_tcp",
  ],
  [
    "a check of nobody",
    [GRID, "name: b, role: check, kind: serial-ic, ic: bl0942, port: /dev/b"],
    "4:22: sources.1.role: a check",
  ],
  [
    "a check of itself",
    [GRID, "name: b, role: check, check_of: b, kind: serial-ic, ic: bl0942, port: /dev/b"],
    "4:39: sources.1.check_of: there is no other source called b",
  ],
  [
    "a load that claims to check",
    [GRID, "name: b, role: load, check_of: grid, kind: serial-ic, ic: bl0942, port: /dev/b"],
    "4:38: sources.1.check_of: only a source with the role check stands beside another",
  ],
])("%s is refused where it stands", (_, sources, told) => {
  expect(refusedWith(...sources).slice(0, told.length)).toBe(told);
});

describe("the meter's face", () => {
  const withPanel = (panel: string, ...sources: string[]) => {
    written(...sources);
    writeFileSync(path, `${readFileSync(path, "utf8")}panel: { ${panel} }\n`);
    try {
      return houseOfFile(path).panel;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error.reason.slice(path.length + 1);
    }
  };
  const PULSES = "name: roof, role: generation, kind: pulses, port: /dev/ttyACM0, pin: 2, imp_per_kwh: 1000";

  test("shares a board with pulse inputs; what is left out is as the page says", () => {
    expect(withPanel("port: /dev/ttyACM0, lcd: 20x4, pins: { relay: null }", GRID, PULSES)).toMatchObject({
      port: "/dev/ttyACM0",
      options: { columns: 20, rows: 4, pins: { button: 7, relay: null, lcd: [8, 9, 10, 11, 12, 13] } },
    });
  });

  test.each([
    ["a port that is another's", "port: /dev/ttyUSB0", "panel.port: grid has /dev/ttyUSB0 already"],
    ["the pin of a pulse input", "port: /dev/ttyACM0, pins: { button: 2 }", "panel: /dev/ttyACM0: "],
    ["a lamp among the inputs", "port: /dev/ttyACM0, pins: { led: 5 }", "panel: /dev/ttyACM0: "],
  ])("is refused with %s", (_, panel, told) => {
    expect(withPanel(panel, GRID, PULSES)).toContain(told);
  });
});
