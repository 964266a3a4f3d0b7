// Sweeps every quantity of an SDM630 over a real pseudo-terminal with the real serial driver, at 9600 baud as the simulated bus paces it:
// by the planned reads, and one quantity a request, in turn.

import { Bus, type BusUser } from "../../../host/adapters/modbus/bus.js";
import { RtuFraming } from "../../../host/adapters/modbus/framing.js";
import { serialLine } from "../../../host/adapters/modbus/serial-line.js";
import { systemClock } from "../../../host/app/clocks.js";
import sdm630 from "../../../host/models/meters/sdm630.js";
import { plan, type Read } from "../../../host/models/plan.js";
import type { Quantity } from "../../../host/models/quantities.js";
import { valuesOf } from "../../../host/models/reading.js";
import { startMeterProcess } from "../../../host/sim/modbus/meter-process.js";
import { answerBytes, frameGap_ms, QUESTION_BYTES, wireTime_ms } from "../../../host/wire/modbus/frames.js";

export interface Sweeps {
  readonly quantities: number;
  readonly reads: number;
  /** Of each sweep, the two kinds in turn. */
  readonly planned_s: readonly number[];
  readonly single_s: readonly number[];
  /** What the bytes and silences of each kind take on the wire. */
  readonly plannedWire_s: number;
  readonly singleWire_s: number;
}

const BAUD = 9600;
const RUNS = 5;
const NAMES = Object.keys(sdm630.points) as Quantity[];

/** Questions, answers, and 3.5 characters of silence after each; the meter answers at once and wants no further pause. */
function wire_s(reads: readonly Read[]): number {
  const one_ms = ({ count }: Read) => wireTime_ms(QUESTION_BYTES + answerBytes(count), BAUD) + 2 * frameGap_ms(BAUD);
  return reads.reduce((sum, read) => sum + one_ms(read), 0) / 1e3;
}

/** Seconds from the first question to the last answer. */
function sweep(bus: Bus, reads: readonly Read[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const due = systemClock.mono();
    const told = new Set<Quantity>();
    let at = 0;
    const user: BusUser = {
      pause_ms: 0,
      answer_ms: sdm630.pace.answer_ms,
      get wish() {
        const read = reads[at];
        return read === undefined ? null : { question: { unit: 1, ...read }, due };
      },
      heard: (outcome) => {
        const read = reads[at++];
        if (read === undefined || outcome.kind !== "answered" || outcome.answer.kind !== "words")
          return reject(new Error(JSON.stringify(outcome)));
        for (const name of valuesOf(read, outcome.answer.words).keys()) told.add(name);
        if (at < reads.length) return;
        if (told.size !== NAMES.length) return reject(new Error(`only ${told.size} quantities were told`));
        resolve((performance.now() - began) / 1e3);
        users.push(user);
      },
      gone: (reason) => reject(new Error(reason)),
    };
    bus.join(user);
  });
}

/** They stay until the end: a bus without users closes its line. */
const users: BusUser[] = [];

const meter = await startMeterProcess({
  meters: [{ model: "sdm630" }],
  speed: BAUD,
  latency_ms: 0,
  pause_ms: 0,
  scenario: "steady",
});
if ("kind" in meter) throw new Error(meter.reason);
const open = serialLine({ path: meter.port, baud: BAUD, parity: "none", stopBits: 1 });
const bus = new Bus({ name: meter.port, open, framing: new RtuFraming(BAUD), clock: systemClock });
const planned = plan(sdm630, NAMES);
const single = NAMES.flatMap((name) => plan(sdm630, [name]));
const [planned_s, single_s]: [number[], number[]] = [[], []];
// The first opens the port and finds the code cold.
await sweep(bus, planned);
for (let run = 0; run < RUNS; run++) {
  planned_s.push(await sweep(bus, planned));
  single_s.push(await sweep(bus, single));
}
for (const user of users) await bus.leave(user);
await meter.stop();
const sweeps: Sweeps = {
  quantities: NAMES.length,
  reads: planned.length,
  planned_s,
  single_s,
  plannedWire_s: wire_s(planned),
  singleWire_s: wire_s(single),
};
process.stdout.write(`${JSON.stringify(sweeps)}\n`);
