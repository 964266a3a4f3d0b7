// `esme hub` killed at random instants while a meter forwards to it: every half hour and every alert is there exactly once, in the
// order in which the meter's own logs have them. The board is reset now and then, so that there is an alert to tell at any instant.

import { rfc3339 } from "../../host/ledger/units.js";
import { random } from "../store/houses.js";
import {
  ALL_TIME,
  aMoment,
  asked,
  type Body,
  board,
  type Forwarded,
  freshDir,
  HubProgram,
  lookInto,
  noPty,
  Program,
  SharedClock,
  skipped,
  when,
} from "./crash-bench.js";
import { casesAt, type Proof, type Verdict } from "./proof.js";

/** A half hour every nine seconds. */
const SPEED = 200;
const MOST_BETWEEN_ms = 1_200;
const MOST_BETWEEN_RESETS_ms = 500;

export const proof: Proof = {
  name: "crash-hub",
  claim: "the hub killed with SIGKILL at random instants: every half hour and alert is there exactly once and in order",
  cases: (effort) => casesAt(effort, ["4 kills"], ["50 kills"], ["50 more", "50 more again", "50 at last"]),
  run: (case_, seed) => killed(case_ === "4 kills" ? 4 : 50, seed + 1_000 * case_.length),
};

async function killed(kills: number, seed: number): Promise<Verdict> {
  const why = noPty();
  if (why !== null) return skipped(why);
  const hub = await HubProgram.start();
  const clock = new SharedClock(Date.UTC(2026, 5, 1, 9, 50), SPEED);
  const metered = await board({
    fidelity: "fast",
    scenario: "solar-home",
    seed,
    startUtc_ms: clock.start_ms,
    clock: clock.forBoard,
  });
  const data = freshDir("house");
  const words = ["run", "--port", metered.port, "--data", data, "--clock", clock.spec, ...hub.joining];
  let meter = new Program(words);
  let resetting = true;
  try {
    await meter.says(/grid: baseline/);
    const next = random(seed);
    const resets = (async () => {
      const moments = random(seed + 1);
      for (; resetting; await aMoment(moments, MOST_BETWEEN_RESETS_ms)) await metered.reset();
    })();
    for (let n = 0; n < kills; n++) {
      await aMoment(next, MOST_BETWEEN_ms);
      await hub.program.kill();
      hub.again();
    }
    // At least one half hour must close; then nothing new is made until all has been told.
    await when("a half hour", () =>
      lookInto(data, (reader) => reader.profile("grid", 0 as never, 8.64e15 as never).length > 0),
    );
    resetting = false;
    await resets;
    const wrong: string[] = [];
    const all = () => {
      const own = logs(data);
      return own !== null && own.length > 0 && hub.forwarded().length >= own.length;
    };
    for (;;) {
      await when("everything at the hub", all);
      const { code, stderr } = await meter.stop();
      if (code !== 0 || stderr !== "") wrong.push(`run ended with ${code}: ${stderr}`);
      if (all()) break;
      // A half hour has closed while it was told to stop: the next run tells it.
      meter = new Program(words);
      await meter.says(/metering/);
    }
    await hub.program.stop();
    const forwarded = await asked<Forwarded[]>("read", "forwarded", "--data", hub.data);
    const own = logs(data) ?? [];
    forwarded.forEach(({ id }, k) => {
      if (id !== k + 1) wrong.push(`message ${k + 1} has the id ${id}`);
    });
    const bodies = forwarded.map(({ body }) => body);
    for (const kind of ["esme/half-hour/1", "esme/alert/1"]) {
      const held = JSON.stringify(bodies.filter(({ schema }) => schema === kind));
      const logged = JSON.stringify(own.filter(({ schema }) => schema === kind));
      if (held !== logged) wrong.push(`${kind}: the hub holds ${held}, the meter's log ${logged}`);
    }
    const halfHours = bodies.filter(({ end }) => end !== undefined).length;
    return {
      ok: wrong.length === 0 && halfHours > 0,
      said:
        wrong.length > 0
          ? `seed ${seed}: ${wrong.join("; ")}`
          : `seed ${seed}: ${kills} kills, ${halfHours} half hours and ${bodies.length - halfHours} alerts, each once and in order`,
      figures: { seed, kills, half_hours: halfHours, alerts: bodies.length - halfHours, wrong: wrong.length },
    };
  } finally {
    resetting = false;
    for (const program of [meter, hub.program]) if (program.running) await program.kill();
    await metered.unplug();
  }
}

/** The meter's own half hours and events, as the messages that they should have become. */
function logs(data: string): readonly Body[] | null {
  return lookInto(data, (reader) => {
    const { from, to } = ALL_TIME;
    const halfHours = reader.profile("grid", from as never, to as never).map(({ end, wh, flags }) => ({
      schema: "esme/half-hour/1",
      end: rfc3339(end),
      import_wh: wh[0],
      export_wh: wh[1],
      import_varh: wh[2],
      export_varh: wh[3],
      flags,
    }));
    const alerts = reader.events("grid", from as never, to as never).map(({ at, code, text }) => ({
      schema: "esme/alert/1",
      at: rfc3339(at),
      code,
      text,
    }));
    return [...halfHours, ...alerts];
  });
}
