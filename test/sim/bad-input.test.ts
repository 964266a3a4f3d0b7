// What the simulator refuses, each in a sentence that says where: scenarios, waveforms, options, images.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readBoardOptions } from "../../host/sim/board-options.js";
import { readHex } from "../../host/sim/image.js";
import { loadScenario } from "../../host/sim/scenario.js";
import { Truth } from "../../host/sim/truth.js";
import { RecordedWorld, readWaveform } from "../../host/sim/waveform.js";

const folder = mkdtempSync(join(tmpdir(), "esme-sim-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("a scenario", () => {
  it.each([
    ["nowhere.yaml", /there is no scenario nowhere.yaml: name one of solar-home/],
    [file("a.yaml", "kind: home\nbase_watts: 3\n"), /not a scenario.*base_watts/],
    [file("b.yaml", "kind: castle\n"), /not a scenario at kind/],
    [file("c.yaml", "kind: home\nclouds: 2\n"), /at clouds/],
    [file("d.yaml", "kind: [home\n"), /neither JSON nor YAML/],
    [file("e.yaml", ""), /is not a scenario/],
  ])("%s is refused", (what, reason) => {
    expect(loadScenario(what)).toMatchObject({ kind: "fault", reason: expect.stringMatching(reason) });
  });

  it("may be a file, with defaults for what it leaves out", () => {
    const read = loadScenario(file("ok.yaml", "kind: pulses\nfrom_s: 3\nto_s: 5\n"));
    expect(read).toMatchObject({ kind: "pulses", from_s: 3, to_s: 5, power_w: 3000, mains: { voltage_v: 230 } });
  });
});

const RATE = 6400;
const rows = (volts: (t: number) => number, amps: (t: number) => number, seconds = 0.2) =>
  Array.from({ length: RATE * seconds }, (_, at) => `${volts(at / RATE)},${amps(at / RATE)},0,0`);
const waveform = (lines: readonly string[], rate = "# rate_hz=6400", header = "volts,ct1_amps,ct2_amps,ct3_amps") =>
  [rate, header, ...lines].join("\n");
const sine = (peak: number) => (t: number) => peak * Math.sin(2 * Math.PI * 50 * t - 0.3);

describe("a waveform file", () => {
  const good = rows(sine(325), sine(14));

  it.each([
    ["", /is empty/],
    ["volts\n", /line 1: expected "# rate_hz="/],
    [waveform(good, "# rate_hz=-1"), /line 1/],
    [waveform(good, "# rate_hz=6400", "volts,amps"), /line 2: expected "volts,ct1_amps/],
    [waveform([...good, "1,2,3"]), /line 1283: 3 columns instead of 4/],
    [waveform([...good, "1,2,NaN,4"]), /line 1283: "NaN" is not a number/],
    [waveform([...good, "1,,3,4"]), /line 1283: "" is not a number/],
    [waveform(good.slice(0, 9)), /9 samples/],
  ])("%#: is refused by name and line", (text, reason) => {
    expect(readWaveform(text, "f.csv")).toMatchObject({ kind: "fault", reason: expect.stringMatching(reason) });
  });

  it("is played round and round, and its truth is its power", () => {
    const read = readWaveform(waveform(good));
    if ("kind" in read) throw new Error(read.reason);
    const world = new RecordedWorld(read, new Truth());
    while (world.cycle.end_s < 10) world.next();
    const [grid] = world.truth.at(9)!;
    const expected_wh = ((325 * 14) / 2 / 3600) * 9;
    expect(grid!.import_uwh / 1e6 / expected_wh).toBeCloseTo(1, 3);
    expect(grid!.export_uwh).toBe(0);
  });
});

describe("options and images", () => {
  it.each([
    [{ ppm: 6000 }, /ppm/],
    [{ scenario: 3 }, /scenario/],
    [{ colour: "red" }, /colour/],
    ["--seed", /options are wrong/],
  ])("%j is refused", (options, reason) => {
    expect(readBoardOptions(options)).toMatchObject({ kind: "fault", reason: expect.stringMatching(reason) });
  });

  it.each([
    [":00000001FE\n", /line 1: its sum is wrong/],
    ["hello\n", /line 1: not a record/],
    [":0200000000\n", /line 1: not a record|its length/],
    [":020000000102FB\n", /cut off/],
  ])("image %j is refused", (text, reason) => {
    expect(readHex(text)).toMatchObject({ kind: "fault", reason: expect.stringMatching(reason) });
  });
});
