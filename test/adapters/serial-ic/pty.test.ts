// The three chips on pseudo-terminals, opened by the real serialport package with the speed and parity of each. The seconds are real ones.

import { expect, test } from "vitest";
import { SERIAL_ICS } from "../../../host/adapters/serial-ic/options.js";
import { SerialIcSource } from "../../../host/adapters/serial-ic/source.js";
import { systemClock } from "../../../host/app/clocks.js";
import type { SourceEvent } from "../../../host/ports/source.js";
import { openPty } from "../../../host/sim/pty.js";
import { SIMULATED_ICS } from "../../../host/sim/serial-ic/chips.js";
import { SerialIcRunner } from "../../../host/sim/serial-ic/runner.js";

const world = () => ({ power_mw: 3_600_000 });
test.concurrent.each(SERIAL_ICS)(
  "a %s behind a real serial port is found, metered with, and lost when it is unplugged",
  async (ic) => {
    const line = openPty();
    if ("kind" in line) return console.log(`skipped, ${ic}: ${line.reason}`);
    const runner = new SerialIcRunner(SIMULATED_ICS[ic](world), line, systemClock, 1);
    const source = new SerialIcSource({ ic, port: line.path }, systemClock);
    const events: SourceEvent[] = [];
    let wake = () => {};
    const until = (enough: () => boolean) =>
      new Promise<void>((resolve) => {
        wake = () => enough() && resolve();
        wake();
      });
    const began_ms = performance.now();
    source.start((event) => {
      events.push(event);
      wake();
    });
    const reports = () => events.flatMap((event) => (event.kind === "report" ? [event] : []));
    const flowed_mwh = () => (reports().at(-1)?.counters.import_mwh ?? 0) - (reports().at(0)?.counters.import_mwh ?? 0);
    try {
      await until(() => reports().length >= 3 && flowed_mwh() > 1_000);
      expect(events.find((event) => event.kind === "found")).toBeDefined();
      expect(events.find((event) => event.kind === "lost")).toBeUndefined();
      // 1 Wh a second, however late the machine heard of it; a count of the chip more or less.
      expect(flowed_mwh()).toBeLessThan(performance.now() - began_ms + 500);
      expect(source.refusal).toBeNull();
      runner.stop();
      await until(() => events.some((event) => event.kind === "lost"));
    } finally {
      await source.stop();
    }
  },
);
