// A Modbus meter as a source, over simulated meters on a wire that is paced as a wire is.

import { describe, expect, test } from "vitest";
import { registers_wh } from "../../host/ledger/ledger.js";
import sdm120 from "../../host/models/meters/sdm120.js";
import { Bench } from "./modbus-bench.js";

describe("a meter that answers", () => {
  test("is found by its serial number and read every second", async () => {
    const bench = await (await new Bench({ meters: [{ model: sdm120 }] }).start()).run(60);
    const found = bench.of().events.find((event) => event.kind === "found");
    expect(found?.kind === "found" && found.identity).toMatchObject({ device: "sdm120-30000001", boot: 7 });
    expect(bench.reports().length).toBeGreaterThan(55);
    expect(bench.of().source.refusal).toBeNull();
    const { answers, silences, crcErrors } = bench.of().source.statistics ?? {};
    expect({ answers, silences, crcErrors }).toMatchObject({ silences: 0, crcErrors: 0 });
  });
});

test("a real meter books what flowed", async () => {
  const bench = await (
    await new Bench({ meters: [{ model: sdm120, load: () => ({ active_w: 3_600 }) }], booked: true }).start()
  ).run(3_600);
  expect(registers_wh(bench.ledger())[0]).toBeGreaterThan(3_590);
  expect(registers_wh(bench.ledger())[0]).toBeLessThan(3_601);
  expect(bench.logged()).toEqual(["baseline"]);
});
