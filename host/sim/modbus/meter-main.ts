// The process of simulated meters, so that killing it is pulling the plug of the bus.
//   node dist/host/sim/modbus/meter-main.js '{"meters": [{"model": "sdm120"}], "bus": "pty"}'     (meter-options.ts says what there is)
// Prints one JSON line when the meters can be read, {"port", "pid", "meters"}, or {"code", "reason", "next"} on stderr and exit 1 or 2.

import { answerParent, fail, failByThrowing } from "../answering-process.js";
import type { SimFault } from "../scenario.js";
import type { MeterAsking } from "./meter-messages.js";
import { readMeterOptions } from "./meter-options.js";
import { MeterRunner } from "./meter-runner.js";

function given(): unknown {
  try {
    return JSON.parse(process.argv[2] ?? "");
  } catch {
    return null;
  }
}

const or = <T>(made: T | SimFault): T => {
  if (typeof made === "object" && made !== null && "kind" in made && made.kind === "fault")
    fail(2, "meter-options", made.reason, "host/sim/modbus/meter-options.ts says what there is");
  return made as T;
};

failByThrowing();
const options = or(readMeterOptions(given()));
const runner = or(await MeterRunner.build(options));
const place = await runner.start();
if ("kind" in place) fail(1, "no-place", place.reason, "choose another kind of bus, or another port");

answerParent<MeterAsking>(
  (asking) => runner.answer(asking),
  () => runner.stop(),
);
process.stdout.write(`${JSON.stringify({ port: place.port, pid: process.pid, meters: runner.meters })}\n`);
