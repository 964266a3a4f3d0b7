// Meters that say too little or the same for ever: nothing they counted is lost, and none of it is made up.

import { expect, test } from "vitest";
import { TEST_METER } from "../models/table.js";
import { Bench } from "./modbus-bench.js";

test("of meters that are read once a minute, one answer each that does not come is no deaf line", async () => {
  const meters = [0, 1].map(() => ({ model: TEST_METER, every_ms: 60_000 }));
  const bench = await new Bench({ meters }).start();
  await bench.run(200);
  for (const k of [0, 1]) bench.of(k).slave.faults = { silent: 1 };
  await bench.run(60);
  for (const k of [0, 1]) bench.of(k).slave.faults = {};
  await bench.run(200);
  for (const k of [0, 1]) expect(bench.kinds(k)).not.toContain("lost");
});
