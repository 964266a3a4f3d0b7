// The sources of esme.yaml: every kind of device, what they may share, and what stands where it cannot.

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { houseOfFile } from "../../../host/app/config/house.js";
import { mistake, path } from "./written.js";

const written = (...sources: string[]) =>
  writeFileSync(path, `version: 1\nsources:\n${sources.map((one) => `  - { ${one} }\n`).join("")}`);

const GRID = "name: grid, role: grid, kind: modbus, model: sdm120, port: /dev/ttyUSB0";

function refusedWith(...sources: string[]): string {
  written(...sources);
  return mistake();
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

test("a speed that the maker's manual does not have is told of, for the meter would stay silent", () => {
  written("name: grid, role: grid, kind: modbus, model: sdm120, port: /dev/ttyUSB0, speed: 19200");
  expect(houseOfFile(path).notes).toEqual([
    "grid: the SDM120-Modbus is not known to speak at 19200 baud, but at 2400, 4800, 9600, 1200",
  ]);
});

describe("a metering IC on a serial port", () => {
  test("has the parts around it as they are written", () => {
    written(
      GRID,
      "name: b, role: load, kind: serial-ic, ic: bl0942, port: /dev/b, address: 2, shunt_uohm: 500, upper_ohm: 1500000, " +
        "lower_ohm: 1000, baud: 9600, most_w: 8000",
      "name: c, role: load, kind: serial-ic, ic: cse7766, port: /dev/c, voltage_ratio: { num: 2, den: 1 }, " +
        "current_ratio: { num: 3, den: 4 }",
      "name: m, role: load, kind: serial-ic, ic: mcp39f511a, port: /dev/m",
    );
    expect(
      houseOfFile(path)
        .sources.slice(1)
        .map(({ device }) => (device.kind === "serial-ic" ? device.options : null)),
    ).toEqual([
      {
        ic: "bl0942",
        port: "/dev/b",
        baud: 9_600,
        most_w: 8_000,
        address: 2,
        shunt_uohm: 500,
        upper_ohm: 1_500_000,
        lower_ohm: 1_000,
      },
      { ic: "cse7766", port: "/dev/c", voltageRatio: { num: 2, den: 1 }, currentRatio: { num: 3, den: 4 } },
      { ic: "mcp39f511a", port: "/dev/m" },
    ]);
  });

  test.each([
    ["bl0942", "voltage_ratio: { num: 1, den: 1 }", "voltage_ratio: is of a cse7766 only"],
    ["cse7766", "shunt_uohm: 1000", "shunt_uohm: is of a bl0942 only"],
    ["mcp39f511a", "address: 1", "address: is of a bl0942 only"],
    ["mcp39f511a", "without_direction: false", "without_direction: is of a bl0942 only"],
    ["bl0942", "address: 4", "address: Too big"],
    ["bl0942", "lower_ohm: 0", "lower_ohm: Too small"],
    ["cse7766", "current_ratio: { num: 1, den: 0 }", "current_ratio.den: Too small"],
    ["cse7766", "reversed: true", "reversed: a CSE7766 cannot tell import from export: there is nothing to turn round"],
  ])("a %s with %s is refused where that stands", (ic, key, told) => {
    const line = `name: l, role: load, kind: serial-ic, ic: ${ic}, port: /dev/b, ${key}`;
    const value = key.endsWith("}") && told.includes("den") ? key.indexOf("den: ") + 5 : key.indexOf(": ") + 2;
    const column = 5 + line.indexOf(key) + value + 2;
    expect(refusedWith(GRID, line)).toMatch(new RegExp(`^4:${column}: sources.1.${told}`));
  });
});

describe("a polyphase Modbus meter at the grid", () => {
  const SDM630 = "name: grid, role: grid, kind: modbus, model: sdm630, port: /dev/ttyUSB0";

  test("is a variant C meter that nets in its own way, and says so", () => {
    written(SDM630);
    const { sections, notes } = houseOfFile(path);
    expect(sections).toMatchObject({ meterVariant: { value: "C" }, netting: { rule: "per-phase", window: "meter" } });
    expect(notes).toEqual([
      expect.stringContaining("SDM630-Modbus makes one flow of its phases itself: each phase by itself"),
    ]);
  });

  test("cannot be asked for another rule", () => {
    written(SDM630);
    writeFileSync(path, `${readFileSync(path, "utf8")}meter: { netting: net }\n`);
    expect(() => houseOfFile(path)).toThrow(/:4:19: meter.netting: the SDM630-Modbus makes one flow/);
    writeFileSync(path, readFileSync(path, "utf8").replace("netting: net", "netting: per-phase"));
    expect(houseOfFile(path).sections).toMatchObject({ netting: { rule: "per-phase" } });
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
    "4:26: sources.1.role: exactly one source has the role grid, not 2",
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
    "a PZEM turned round",
    [GRID, "name: p, role: load, kind: modbus, model: pzem-004t-v3, port: /dev/p, reversed: true"],
    "4:87: sources.1.reversed: a PZEM-004T",
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
    "a meter that is read so seldom that each half hour would be an estimate",
    ["name: grid, role: grid, kind: modbus, model: sdm120, port: /dev/ttyUSB0, every: 60s"],
    "3:87: sources.0.every: lies between 100ms and 30s",
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
    const told = mistake();
    return told === "sound" ? houseOfFile(path).panel : told;
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
