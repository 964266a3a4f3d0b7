// The history of a board's calibrations on the disk: entries are whole or refused, whatever the system writes and whoever edited the file.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CalibrationHistory, Channels } from "../../../host/app/calibration/history.js";
import { Utc_ms } from "../../../host/ledger/units.js";

/** A system that takes one half of what it is given, as a disk does that is about to be full. */
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const writeSync = (file: number, text: string) => fs.writeSync(file, text.slice(0, text.length / 2));
  return { ...fs, writeSync };
});

const AT = Utc_ms(Date.UTC(2026, 5, 1));
const CHANNELS = ([0, 1, 2, 3] as const).map((channel) => ({
  channel,
  gain: 90_000,
  phase_mdeg: 0,
  offset_mw: 0,
  offset_mvar: 0,
  slope_mdeg: 0,
}));
const WRITING = {
  what: "restore",
  device: "0badcafe",
  before: CHANNELS,
  after: CHANNELS,
  clamps: [],
  reference: "test",
  results: [],
} as const;
const FIRMWARE = { firmware: "0.2.0", build: "00000000" };

const houses: string[] = [];
function history(): CalibrationHistory {
  const data = mkdtempSync(join(tmpdir(), "esme-history-"));
  houses.push(data);
  return new CalibrationHistory(data, WRITING.device);
}
afterEach(() => {
  for (const data of houses.splice(0)) rmSync(data, { recursive: true });
});

describe("a history", () => {
  it("has each line whole, though the system writes it in pieces", () => {
    const one = history();
    one.kept(one.begin(WRITING, FIRMWARE, AT), 1, AT);
    expect(one.entries()).toMatchObject([{ number: 1, state: "kept", slot: 1 }]);
  });

  it("of which somebody changed the order counts on from the highest number, and hides no entry behind another", () => {
    const one = history();
    for (let k = 0; k < 3; k++) one.kept(one.begin(WRITING, FIRMWARE, AT), 0, AT);
    const file = join(houses[0] ?? "", "calibration", `${WRITING.device}.jsonl`);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    writeFileSync(file, `${[...lines.slice(4), ...lines.slice(0, 4)].join("\n")}\n`);
    appendFileSync(file, "not a line\n{}\n");
    expect(one.begin(WRITING, FIRMWARE, AT)).toBe(4);
    expect(one.begin(WRITING, FIRMWARE, AT)).toBe(5);
    expect(one.entries()).toHaveLength(5);
  });

  it("knows no constants but of channels 0, 1, 2, 3: a file that says one twice says nothing", () => {
    expect(Channels.safeParse(CHANNELS).success).toBe(true);
    const twice = CHANNELS.map((one) => (one.channel === 2 ? { ...one, channel: 1 } : one));
    expect(Channels.safeParse(twice).success).toBe(false);
  });
});
