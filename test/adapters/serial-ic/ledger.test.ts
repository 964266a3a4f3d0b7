// The metering ICs in a meter: what the ledger books of a chip that resets silently, of one whose registers a cut cleared, and of a
// host that was away.

import { expect, test } from "vitest";
import type { SerialIcOptions } from "../../../host/adapters/serial-ic/options.js";
import { registers_wh } from "../../../host/ledger/ledger.js";
import { Meter } from "../../../host/meter/meter.js";
import { SimulatedBl0942 } from "../../../host/sim/serial-ic/bl0942.js";
import type { SimulatedIc } from "../../../host/sim/serial-ic/chip.js";
import { SimulatedMcp39f511a } from "../../../host/sim/serial-ic/mcp39f511a.js";
import { MemoryStore } from "../../proof/workbench.js";
import { Bench, truth_mwh } from "./bench.js";

const MINUTE_ms = 60_000;

/** A grid's meter beside the bench; a host that goes away and comes back reads the same store. */
class AtWork {
  readonly bench: Bench;
  readonly logged: string[] = [];
  readonly #store = new MemoryStore();
  #meter: Meter;

  constructor(options: SerialIcOptions, chip: SimulatedIc) {
    this.bench = new Bench(options, chip);
    this.#meter = this.#begin();
  }

  get wh(): { readonly import_wh: number; readonly export_wh: number } {
    const ledger = this.#meter.view().ledgers.get("grid")?.ledger;
    if (ledger === undefined) throw new Error("there is no grid");
    const [import_wh, export_wh] = registers_wh(ledger);
    return { import_wh, export_wh };
  }

  async away(for_ms: number): Promise<void> {
    await this.#meter.stop();
    await this.bench.run(for_ms);
    this.bench.again();
    this.#meter = this.#begin();
  }

  #begin(): Meter {
    const meter = new Meter({
      clock: this.bench.clock,
      store: this.#store,
      inputs: [
        {
          source: this.bench.listened(),
          feeds: [{ name: "grid", role: "grid", channel: 1 }],
          patience_ms: MINUTE_ms,
        },
      ],
      hub: null,
      fuse_w: 25_300,
      commitEvery_ms: 10_000,
    });
    meter.watch((notice) => void (notice.kind === "event" && this.logged.push(notice.code)));
    meter.start();
    return meter;
  }
}

test("a BL0942 that resets silently while exporting: its export is export, and each reset is a restart in the log", async () => {
  const chip = new SimulatedBl0942(() => ({ power_mw: -3_600_000 }));
  const house = new AtWork({ ic: "bl0942", port: "x" }, chip);
  await house.bench.run(10 * MINUTE_ms);
  for (let k = 0; k < 3; k++) {
    chip.reset();
    await house.bench.run(10 * MINUTE_ms);
  }
  expect(house.logged.filter((code) => code === "restart")).toHaveLength(3);
  expect(house.wh.import_wh).toBe(0);
  const missing_wh = truth_mwh(chip.truth).export_mwh / 1_000 - house.wh.export_wh;
  expect(missing_wh).toBeGreaterThanOrEqual(0);
  expect(missing_wh).toBeLessThan(3 * 2 + 4);
});

test("a host that was away: the MCP39F511A's registers tell of it, a BL0942's count does not; neither is booked twice", async () => {
  const mcp = new SimulatedMcp39f511a(() => ({ power_mw: 3_600_000 }), { import_mwh: 8_000_000 });
  const told = new AtWork({ ic: "mcp39f511a", port: "x" }, mcp);
  await told.bench.run(5 * MINUTE_ms);
  await told.away(5 * MINUTE_ms);
  await told.bench.run(5 * MINUTE_ms);
  expect(told.wh.import_wh).toBeGreaterThan(900 - 4);
  expect(told.wh.import_wh).toBeLessThanOrEqual(900);

  const bl = new SimulatedBl0942(() => ({ power_mw: 3_600_000 }));
  const untold = new AtWork({ ic: "bl0942", port: "x" }, bl);
  await untold.bench.run(5 * MINUTE_ms);
  await untold.away(5 * MINUTE_ms);
  await untold.bench.run(5 * MINUTE_ms);
  expect(untold.wh.import_wh).toBeGreaterThan(600 - 8);
  expect(untold.wh.import_wh).toBeLessThanOrEqual(600);
  expect(untold.logged).toContain("restart");
});

test("an MCP39F511A whose registers a cut cleared: what it measured since is booked, once", async () => {
  const chip = new SimulatedMcp39f511a(() => ({ power_mw: -3_600_000 }), { export_mwh: 8_000_000 });
  const house = new AtWork({ ic: "mcp39f511a", port: "x" }, chip);
  await house.bench.run(5 * MINUTE_ms);
  house.bench.runner.silent = true;
  await house.bench.run(30_000);
  chip.clear();
  house.bench.runner.silent = false;
  await house.bench.run(5 * MINUTE_ms);
  // The 30 s of which nobody will ever know, at 1 Wh a second.
  expect(house.wh.export_wh).toBeGreaterThan(600 - 6);
  expect(house.wh.export_wh).toBeLessThanOrEqual(601);
  expect(house.logged).toContain("restart");
});
