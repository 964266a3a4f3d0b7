// The process of simulated meters, so that killing it is pulling the plug of the bus.
//   node dist/host/sim/modbus/meter-main.js '{"meters": [{"model": "sdm120"}], "bus": "pty"}'     (meter-options.ts says what there is)
// Prints one JSON line when the meters can be read, {"port", "pid", "meters"}, or {"code", "reason", "next"} on stderr and exit 1 or 2.

import type { SimFault } from "../scenario.js";
import type { MeterQuestion, MeterReply } from "./meter-messages.js";
import { readMeterOptions } from "./meter-options.js";
import { MeterRunner } from "./meter-runner.js";

function fail(exit: 1 | 2, code: string, reason: string, next: string): never {
  process.stderr.write(`${JSON.stringify({ code, reason, next })}\n`);
  process.exit(exit);
}

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

// Before anything is opened: a truth file that cannot be written is told; anything else is a bug of the simulator's.
process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
  if (error.code !== undefined)
    fail(1, error.code.toLowerCase(), error.message, "make room on the disk, or name another file");
  process.stderr.write(`${error.stack}\n`);
  process.exit(70);
});

const options = or(readMeterOptions(given()));
const runner = or(await MeterRunner.build(options));
const place = await runner.start();
if ("kind" in place) fail(1, "no-place", place.reason, "choose another kind of bus, or another port");

const stop = () => {
  runner.stop();
  process.exit(0);
};
process.on("SIGTERM", stop);
// Ctrl-C reaches the whole group: one that was forked goes on until its parent lets it go.
process.on("SIGINT", process.send === undefined ? stop : () => {});
process.on("disconnect", stop);
// Who forked it may have gone before this was listened for.
if (process.connected === false) stop();
process.on("message", (question: MeterQuestion) => {
  const reply: MeterReply = { id: question.id, answer: runner.answer(question) };
  process.send?.(reply);
});
process.stdout.write(`${JSON.stringify({ port: place.port, pid: process.pid, meters: runner.meters })}\n`);
