// A real pseudo-terminal and real plugs: the process behind the port is killed, and another takes its place.

import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { heldName } from "../proof/crash-bench.js";
import { bench, plugged, VIEW } from "./bench.js";

const OPTIONS = { image: null, speed: 1 };

test("the plug is pulled and another board plugged in: lost, found, and the panel is as it was", async () => {
  const dir = mkdtempSync(join(tmpdir(), "esme-panel-"));
  const link = join(dir, "port");
  const path = (port: string) => {
    symlinkSync(port, link);
    return link;
  };
  const desk = await bench({ ...OPTIONS, path });
  const told = desk.told[0] ?? [];
  const kinds = () => told.map(({ kind }) => kind);
  const letGo = heldName(desk.board.port);
  let second: Awaited<ReturnType<typeof plugged>> | null = null;
  try {
    desk.panel.follow("enabled");
    desk.panel.show(VIEW);
    await desk.until("the relay", ({ lamps }) => lamps.relay?.on === true);
    await desk.board.pulses({ pin: 2, from_ms: 0, pulses: 8, period_ms: 62.5, on_ms: 30 });
    await desk.until("the pulses", () => desk.import_mwh(0) === 8_000);
    await desk.board.unplug();
    await eventually(() => kinds().includes("lost"));
    rmSync(link);
    second = await plugged(OPTIONS);
    symlinkSync(second.port, link);
    await eventually(() => kinds().filter((kind) => kind === "found").length === 2);
    const other = second;
    await eventually(async () => (await other.seen()).lamps.relay?.on === true);
    await eventually(async () => (await other.seen()).lcd.join() === "TOTAL IMPORT    ,    1234.567 kWh");
    await second.pulses({ pin: 2, from_ms: 0, pulses: 8, period_ms: 62.5, on_ms: 30 });
    await eventually(() => desk.import_mwh(0) === 16_000);
    const found = told.flatMap((event) => (event.kind === "found" ? [event.identity] : []));
    expect(new Set(found.map(({ boot }) => boot)).size).toBe(2);
  } finally {
    await desk.close();
    letGo();
    await second?.unplug();
    rmSync(dir, { recursive: true });
  }
});

test("a program that ends in order opens the relay, and lets go of the port", async () => {
  const desk = await bench(OPTIONS);
  desk.panel.follow("enabled");
  await desk.until("the relay", ({ lamps }) => lamps.relay?.on === true);
  desk.panel.show({ ...VIEW, import_wh: 9_876_543 });
  await desk.panel.stop();
  await Promise.all(desk.sources.map((source) => source.stop()));
  expect((await desk.until("the relay", ({ lamps }) => lamps.relay?.on === false)).lamps.relay?.flashes).toBe(1);
  await desk.board.unplug();
});

test("no port by that name is said once a try, with what to do", async () => {
  const desk = await bench({ ...OPTIONS, path: () => join(tmpdir(), "no-such-port") });
  const told = desk.told[0] ?? [];
  await eventually(() => told.length > 0);
  expect(told[0]).toMatchObject({ kind: "lost", reason: expect.stringMatching(/^port-missing: there is no port/) });
  await desk.close();
});

/** Waits until it holds. */
async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline_ms = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > deadline_ms) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
