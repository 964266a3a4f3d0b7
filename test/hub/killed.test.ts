// Hub and meter as real processes, killed at random instants: what the hub holds is what an undisturbed run would have given it.
// Runs the built programs (dist/), as `npm test` builds them first.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { expect, it } from "vitest";
import { openHubReader } from "../../host/adapters/store/hub-reader.js";
import { OWN_ADDRESS } from "../proof/crash-bench.js";
import { freshDir, random } from "../store/houses.js";

const KILLS = process.env.ESME_PROOF === "ci" ? 100 : 12;

type Child = ChildProcessByStdio<null, Readable, null>;

async function run(program: string, dir: string, port: string): Promise<{ child: Child; said: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, program), dir, port, OWN_ADDRESS], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const died = once(child, "exit").then(() => ["it ended"]);
  const [said] = await Promise.race([once(child.stdout, "data"), died]);
  return { child, said: String(said).trim() };
}

async function kill({ child }: { child: Child }): Promise<void> {
  child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

it(`every message arrives once and in order, hub and meter killed ${KILLS} times`, {
  timeout: 60_000 + KILLS * 3_000,
}, async () => {
  const [hubDir, meterDir] = [freshDir(), freshDir()];
  const next = random(3);
  let hub = await run("running-hub.mjs", hubDir, "0");
  const port = hub.said;
  let meter = await run("running-meter.mjs", meterDir, port);
  try {
    for (let n = 0; n < KILLS; n++) {
      await new Promise((resolve) => setTimeout(resolve, Math.floor(next() * 120))); // the kill's moment, not a wait for work
      if (next() < 0.5) {
        await kill(hub);
        hub = await run("running-hub.mjs", hubDir, port);
        expect(hub.said).toBe(port);
      } else {
        await kill(meter);
        meter = await run("running-meter.mjs", meterDir, port);
      }
    }
    expect(String(await once(meter.child.stdout, "data"))).toContain("drained");
  } finally {
    await kill(hub);
    await kill(meter);
  }
  const result = openHubReader(join(hubDir, "hub.sqlite"));
  if (!result.ok) throw new Error(result.reason);
  const received = [...result.reader.forwarded()];
  const texts = received.map(({ body }) => new TextDecoder().decode(body));
  const of = (word: string) => texts.filter((text) => text.startsWith(word));
  expect(received.map(({ id }) => id)).toEqual(Array.from({ length: 460 }, (_, n) => n + 1));
  expect(of("push")).toEqual(Array.from({ length: 400 }, (_, n) => `push ${n + 1}`));
  expect(of("answer")).toEqual(Array.from({ length: 60 }, (_, n) => `answer to ask ${n + 1}`));
});
