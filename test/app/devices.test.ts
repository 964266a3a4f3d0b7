// The devices of a house at work: a Modbus meter that turns out to have no direction, at each of its places. Real TCP.

import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../host/app/clocks.js";
import { houseOfFile } from "../../host/app/config/house.js";
import { devicesOf } from "../../host/app/devices.js";
import em340 from "../../host/models/meters/em340.js";
import { DrivenConductor } from "../../host/sim/modbus/conductor.js";
import { SimulatedMeter } from "../../host/sim/modbus/meter.js";
import { when } from "../proof/crash-bench.js";

const phase = { active_w: 300 };
/** In its easy connection mode: everything counts as import. */
const easy = new SimulatedMeter(em340, new DrivenConductor(() => [phase, phase, phase]), { setting: 0 });
let server: Server;
let port = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (asked) => {
      const body = easy.answer(Uint8Array.from(asked.subarray(7)), 0);
      socket.write(Uint8Array.of(...asked.subarray(0, 4), 0, body.length + 1, asked[6] ?? 0, ...body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own = server.address();
  port = typeof own === "object" && own !== null ? own.port : 0;
});

afterAll(() => server.close());

/** What is said of each device once all of them were met. */
async function saidOf(...sources: readonly string[]): Promise<readonly string[]> {
  const path = join(mkdtempSync(join(tmpdir(), "esme-devices-")), "esme.yaml");
  const lines = sources.map((one) => `  - { ${one}, kind: modbus, model: em340, tcp: "127.0.0.1:${port}" }\n`);
  writeFileSync(path, `version: 1\nsources:\n${lines.join("")}`);
  const { devices } = devicesOf(houseOfFile(path), systemClock);
  const said = () => devices.map(({ trouble, remark }) => trouble() ?? remark?.() ?? "");
  for (const { source } of devices) source.start(() => {});
  await when("a word of each device", () => said().every((text) => text !== ""));
  for (const { source } of devices) await source.stop();
  return devices.map(({ trouble, remark }) => `${trouble() === null ? "metered" : "refused"}: ${remark?.() ?? ""}`);
}

test("it is refused at the grid and where it is turned round, and metered with a remark elsewhere", async () => {
  const said = await saidOf(
    "name: grid, role: grid, address: 1",
    "name: roof, role: generation, address: 2",
    "name: other, role: generation, address: 3, reversed: true",
  );
  expect(said).toEqual(["refused: ", expect.stringMatching(/^metered: .*easy connection/), "refused: "]);
});
