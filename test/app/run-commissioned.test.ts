// `esme run` in a commissioned house, as a program: it answers what its hub hands it, also after it was killed, and says whether it can.
// Runs the built program (dist/), as `npm test` builds it first.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { knock } from "../../host/adapters/door.js";
import { laboratoryHouse } from "../gbcs/house.js";
import { type LabCommand, openResponse } from "../gbcs/laboratory.js";
import { u16 } from "../gbcs/laboratory-values.js";
import { HubAtWork } from "../hub/hub-at-work.js";
import { asked, board, esme, freshDir, MAIN, noPty, Program, SharedClock, when } from "../proof/crash-bench.js";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const READ_SUPPLY = { code: 0x52, items: [{ get: [70, "0-0:96.3.10.255", 3] }] } as const;
const OPEN_SWITCH = { code: 0x50, items: [{ act: [9, "0-0:10.0.106.255", 1], data: u16(52) }], signed: true } as const;
const DISABLED = 0;

async function begun(words: readonly string[]): Promise<Program> {
  const program = new Program(words);
  stops.push(() => program.running && program.kill());
  await program.says(/metering/);
  return program;
}

describe.skipIf(noPty() !== null)("esme run", () => {
  test("answers commands, is killed, and goes on from what it had obeyed", async () => {
    const house = await laboratoryHouse(freshDir("house"));
    const hub = await HubAtWork.start();
    stops.push(() => hub.stop());
    const clock = new SharedClock(Date.UTC(2026, 5, 1, 10), 20);
    const metered = await board({ fidelity: "fast", clock: clock.forBoard, startUtc_ms: clock.start_ms });
    stops.push(() => metered.unplug());
    const at = ["--port", metered.port, "--data", house.dir, "--clock", clock.spec];
    const words = ["run", ...at, "--hub", `127.0.0.1:${hub.port}`, "--install-code", hub.installCode];
    const command = (what: Pick<LabCommand, "code" | "items" | "signed">, counter: bigint) =>
      house.command({ ...what, originator: house.supplier, counter });
    const opened = async (what: Uint8Array) => openResponse(house.keys, await hub.ask(what));

    const program = await begun(words);
    expect(program.stdout).toContain(`${house.meter} answers commands that come through the hub\n`);
    expect(await opened(command(OPEN_SWITCH, 8n))).toMatchObject({ authentic: true, results: [0], counter: 8n });
    await program.kill();

    const again = await begun(words);
    await hub.send(command({ ...OPEN_SWITCH, items: [{ ...OPEN_SWITCH.items[0], data: u16(51) }] }, 8n));
    const read = await opened(command(READ_SUPPLY, 1n));
    expect(read).toMatchObject({ authentic: true, code: 0x52, values: [{ of: DISABLED }] });
    expect(hub.answers).toHaveLength(2);
    expect(await again.stop()).toMatchObject({ code: 0, stderr: "" });
    const log = await asked<{ text: string }[]>("read", "security", "--data", house.dir);
    expect(JSON.stringify(log)).toMatch(/counter 8 was used before/);
  });

  test("may be asked at its door by whoever reads that it meters, at once", async () => {
    const metered = await board({ fidelity: "fast" });
    stops.push(() => metered.unplug());
    const data = freshDir("house");
    const words = [MAIN, "run", "--port", metered.port, "--data", data];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
    stops.push(() => child.kill("SIGKILL") && once(child, "exit"));
    await once(child.stdout, "data");
    expect(await knock(data, { do: "observe" }, 60_000)).toMatchObject({ ok: true });
  });

  test("says that it answers no commands where it has no keys, and where it has no hub", async () => {
    const metered = await board({ fidelity: "fast" });
    stops.push(() => metered.unplug());
    const run = (data: string) => begun(["run", "--port", metered.port, "--data", data]);
    const keyless = await run(freshDir("house"));
    await when("a sentence", () => keyless.stdout.includes("answers no commands: it has no keys"));
    await keyless.stop();
    const house = await laboratoryHouse(freshDir("house"));
    const hubless = await run(house.dir);
    await when("a sentence", () => hubless.stdout.includes(`${house.meter} answers no commands: it has no hub`));
  });
});

test("keys that are broken are never gone without: it refuses to start", async () => {
  const house = await laboratoryHouse(freshDir("house"));
  writeFileSync(join(house.dir, "keys", "key-agreement.key"), "not a key");
  const { code, stderr } = await esme("run", "--port", "/dev/null", "--data", house.dir, "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toEqual({
    code: "keys-broken",
    reason: expect.stringMatching(/key-agreement/),
    next: expect.stringMatching(/esme commission --renew/),
  });
});
