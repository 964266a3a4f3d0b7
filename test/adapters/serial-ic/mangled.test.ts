// Bytes that are lost, doubled, put between, exchanged, or said again, both ways of the line: what a metering IC counted comes through.

import { expect, test } from "vitest";
import { SERIAL_ICS } from "../../../host/adapters/serial-ic/options.js";
import { Random } from "../../../host/sim/random.js";
import { SIMULATED_ICS } from "../../../host/sim/serial-ic/chips.js";
import { Bench, bothWays, falls, truth_mwh } from "./bench.js";

const MOST_W = { mcp39f511a: 20_000, bl0942: 20_000, cse7766: 3_600 };
const HOUR_ms = 3_600_000;
const RATE = 0.003;

/** Each mishap strikes this share of the bytes; now and then the piece before is said again. */
function mangled(random: Random): (bytes: Uint8Array) => Uint8Array {
  let before: readonly number[] = [];
  return (bytes) => {
    const said = [...bytes].flatMap((byte) => {
      const mishap = Math.floor(random.unit() / RATE);
      const other = random.bits() & 255;
      if (mishap === 0) return [];
      if (mishap === 1) return [byte, byte];
      if (mishap === 2) return [other, byte];
      if (mishap === 3) return [other];
      return mishap === 4 && random.unit() < 0.2 ? [...before, byte] : [byte];
    });
    before = [...bytes];
    return Uint8Array.from(said);
  };
}

test.each(SERIAL_ICS)(
  "a %s on a line that mangles its bytes: net energy as it flowed, nothing falls, no boot",
  async (ic) => {
    const chip = SIMULATED_ICS[ic](bothWays(5, MOST_W[ic], 60_000));
    const bench = new Bench({ ic, port: "x" }, chip);
    await bench.run(3_000);
    const from = { counters: bench.last.counters, truth: truth_mwh(chip.truth) };
    const [hear, advance] = [chip.hear.bind(chip), chip.advance.bind(chip)];
    const mangle = mangled(new Random(3));
    chip.hear = (bytes) => mangle(hear(mangle(bytes)));
    chip.advance = (to_ms) => mangle(advance(to_ms));
    await bench.run(HOUR_ms);
    Object.assign(chip, { hear, advance });
    await bench.run(20_000);
    const flow = (now: { import_mwh: number; export_mwh: number }, then: { import_mwh: number; export_mwh: number }) =>
      ic === "cse7766"
        ? now.import_mwh + now.export_mwh - then.import_mwh - then.export_mwh
        : now.import_mwh - now.export_mwh - then.import_mwh + then.export_mwh;
    const seen = flow(bench.last.counters, from.counters);
    const truth = flow(truth_mwh(chip.truth), from.truth);
    // What flows in a poll and a half at either end.
    expect(Math.abs(seen - truth)).toBeLessThan((3 * MOST_W[ic]) / 3.6);
    expect(bench.faults().checksum).toBeGreaterThan(300);
    expect(bench.faults().rebase).toBeUndefined();
    expect(new Set(bench.reports.map(({ boot }) => boot)).size).toBe(1);
    expect(falls(bench.reports)).toBe(0);
  },
);
