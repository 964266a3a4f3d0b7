// What can happen to the second board, and what its pulses come to in a ledger: a host that stalls, plugs, resets, noise, restarts.

import { afterEach, describe, expect, test } from "vitest";
import { FrontPanel } from "../../host/adapters/panel/front-panel.js";
import { DEFAULT_PANEL, type PulseOptions } from "../../host/adapters/panel/options.js";
import { PulseSource } from "../../host/adapters/panel/pulse-source.js";
import { registers_wh } from "../../host/ledger/ledger.js";
import { Meter } from "../../host/meter/meter.js";
import type { SourceEvent } from "../../host/ports/source.js";
import { Random } from "../../host/sim/random.js";
import { MemoryStore } from "../proof/workbench.js";
import { s0, VIEW } from "./bench.js";
import { Desk } from "./desk.js";

const PERIOD_ms = 62.5;
const train = (pulses: number, from_ms = 100) => ({ pin: 2, from_ms, pulses, period_ms: PERIOD_ms, on_ms: 30 });

let running: PulseSource[] = [];
afterEach(async () => {
  await Promise.all(running.map((source) => source.stop()));
  running = [];
});

function listening(desk: Desk, options: PulseOptions = s0(2)) {
  const told: SourceEvent[] = [];
  let boots = 0;
  const source = new PulseSource(desk.host(), options, desk.clock, { boot: () => ++boots });
  running.push(source);
  source.start((event) => told.push(event));
  const of = <K extends SourceEvent["kind"]>(kind: K) =>
    told.filter((event): event is Extract<SourceEvent, { kind: K }> => event.kind === kind);
  return { source, told, of };
}

describe("a host", () => {
  test("that stalls for 4 s in the middle of pulses at 16 a second loses none: all come out of one read", async () => {
    const desk = new Desk();
    const { source, of } = listening(desk);
    await desk.run(5_000);
    desk.wired.pulses(train(160));
    await desk.run(3_000);
    desk.stall(4_000);
    await desk.run(6_000);
    expect(source.pulses).toBe(160);
    expect(of("lost")).toEqual([]);
    expect(of("fault")).toEqual([]);
  });

  test("that stood still for 10 s cannot know what it has missed: it listens anew", async () => {
    const desk = new Desk();
    const { of } = listening(desk);
    await desk.run(5_000);
    desk.stall(10_000);
    await desk.run(10_000);
    expect(of("lost").map(({ reason }) => reason)).toEqual(["stood-still: this program stopped for more than 5 s"]);
    expect(of("found")).toHaveLength(2);
  });

  test("finds a finer metronome on Firmata 2.5 for a LED that flashes for 6 ms", async () => {
    const desk = new Desk(5);
    const { source, of } = listening(desk, s0(2, { minOn_ms: 6, minOff_ms: 6 }));
    await desk.run(5_000);
    desk.wired.pulses({ ...train(200), period_ms: 15, on_ms: 6 });
    desk.wired.pulses({ pin: 2, from_ms: 4_000, pulses: 50, period_ms: 40, on_ms: 0.4 });
    await desk.run(7_000);
    expect(source.pulses).toBe(200);
    expect(of("fault").reduce((sum, { bytes }) => sum + bytes, 0)).toBe(50);
  });
});

describe("the board", () => {
  test("unplugged and plugged in again: another boot, whose base are the counters so far", async () => {
    const desk = new Desk();
    const { source, of } = listening(desk);
    await desk.run(5_000);
    desk.wired.pulses(train(16));
    await desk.run(3_000);
    desk.unplug();
    desk.wired.pulses(train(16));
    await desk.run(20_000);
    expect(of("lost").map(({ reason }) => reason.split(":")[0])).toEqual([
      "unplugged",
      ...of("lost")
        .slice(1)
        .map(() => "port-missing"),
    ]);
    expect(of("report").at(-1)?.arrived).toBeLessThan(8_100);
    desk.plugged = true;
    await desk.run(20_000);
    desk.wired.pulses(train(4));
    await desk.run(3_000);
    expect(source.pulses).toBe(20);
    const [first, last] = [of("report")[0], of("report").at(-1)];
    expect([first?.boot, first?.base?.import_mwh]).toEqual([1, 0]);
    expect([last?.boot, last?.base?.import_mwh, last?.counters.import_mwh]).toEqual([2, 16_000, 20_000]);
    expect(of("found").map(({ identity }) => identity.device)).toEqual(["pulses-meter-2", "pulses-meter-2"]);
  });

  test("that is reset says so, and is set up again", async () => {
    const desk = new Desk();
    const { source, of } = listening(desk);
    await desk.run(5_000);
    desk.peer.reset();
    await desk.run(10_000);
    expect(of("lost").map(({ reason }) => reason)).toEqual(["reset: the board has started again"]);
    desk.wired.pulses(train(10));
    await desk.run(3_000);
    expect(source.pulses).toBe(10);
  });

  test("that falls silent is lost after 5 s, and tells nothing meanwhile", async () => {
    const desk = new Desk();
    const { of } = listening(desk);
    await desk.run(5_000);
    const reports = of("report").length;
    desk.onLine = () => new Uint8Array();
    await desk.run(7_000);
    expect(of("lost").map(({ reason }) => reason)).toEqual(["silent: no tick for 5 s"]);
    expect(of("report")).toHaveLength(reports);
  });

  test("that tells of a pin which no Uno has is no Firmata that we know", async () => {
    const desk = new Desk();
    const { of } = listening(desk);
    await desk.run(5_000);
    desk.peer.onBytes(Uint8Array.of(0xf0, 0x6e, 0x7f, 0, 0, 0xf7));
    await desk.run(10_000);
    expect(of("lost").map(({ reason }) => reason)).toEqual(["garbage: its bytes are no Firmata"]);
    expect(of("found")).toHaveLength(2);
  });

  test("whatever bytes come instead of Firmata's, nothing breaks, and it is found when it answers", async () => {
    const desk = new Desk();
    const random = new Random(1);
    const { source, of } = listening(desk);
    desk.onLine = () => Uint8Array.from({ length: random.bits() & 31 }, () => random.bits() & 255);
    const noise = setNoise(desk, random);
    await desk.run(120_000);
    noise();
    desk.onLine = (bytes) => bytes;
    await desk.run(60_000);
    const found = of("found").length;
    expect(found).toBeGreaterThan(0);
    const before = source.pulses;
    desk.wired.pulses(train(32));
    await desk.run(4_000);
    expect(source.pulses).toBe(before + 32);
  });
});

describe("a face", () => {
  test("on a board that comes and goes for years: johnny-five, which forgets nothing, is given nothing new to keep", async () => {
    const desk = new Desk();
    const { five } = desk.loaded;
    const LCD = class extends (five.LCD as unknown as new (...wired: object[]) => object) {
      constructor(...wired: object[]) {
        super(...wired);
        lcds++;
      }
    };
    let lcds = 0;
    let begun = 0;
    desk.loaded = { ...desk.loaded, five: { ...five, LCD: LCD as unknown as typeof five.LCD } };
    const panel = new FrontPanel(desk.host(), DEFAULT_PANEL, desk.clock);
    const begin = panel.begin.bind(panel);
    panel.begin = (ready, on) => {
      begun++;
      begin(ready, on);
    };
    panel.start();
    for (let k = 0; k < 5; k++) {
      await desk.run(20_000);
      desk.peer.reset();
    }
    await panel.stop();
    expect([begun, lcds, five.Board.cache.length]).toEqual([5, 1, 0]);
  });

  test("is dark once the program has ended: which way power flows is known no more", async () => {
    const desk = new Desk();
    const panel = new FrontPanel(desk.host(), DEFAULT_PANEL, desk.clock);
    panel.start();
    panel.follow("enabled");
    await desk.run(5_000);
    panel.show(VIEW);
    panel.show({ ...VIEW, import_wh: VIEW.import_wh + 1 });
    await desk.run(50);
    const on = () => Object.entries(desk.wired.seen().lamps).flatMap(([name, lamp]) => (lamp.on ? [name] : []));
    await desk.run(50);
    expect(on().sort()).toEqual(["arrowImport", "led", "relay"]);
    await panel.stop();
    panel.level(7, true);
    panel.tick();
    await desk.run(200);
    expect(on()).toEqual([]);
  });
});

/** Random bytes every 100 ms, a version among them now and then, so that firmata-io believes that it talks to a board. */
function setNoise(desk: Desk, random: Random): () => void {
  return desk.clock.every(100, () => {
    const bytes = Array.from({ length: random.bits() & 63 }, () => random.bits() & 255);
    desk.peer.onBytes(Uint8Array.from([...bytes, 0xf9, 2, 4]));
  });
}

describe("a ledger of pulses", () => {
  function house(desk: Desk, store: MemoryStore, boot: number) {
    const source = new PulseSource(desk.host(), s0(2), desk.clock, { boot: () => boot++ });
    running.push(source);
    const meter = new Meter({
      clock: desk.clock,
      store,
      inputs: [{ source, feeds: [{ name: "pv", role: "generation", channel: 1 }], patience_ms: 1_800_000 }],
      hub: null,
      fuse_w: 75_900,
      commitEvery_ms: 1_000,
    });
    meter.start();
    return { meter, source, stop: () => meter.stop() };
  }
  const pv = (meter: Meter) => {
    const kept = meter.view().ledgers.get("pv");
    if (kept === undefined) throw new Error("there is a ledger");
    return kept.ledger;
  };

  test("holds every pulse as generation, and none where none came", async () => {
    const desk = new Desk();
    const { meter, stop } = house(desk, new MemoryStore(), 1);
    await desk.run(10_000);
    desk.wired.pulses(train(1_600));
    await desk.run(120_000);
    expect(registers_wh(pv(meter)).slice(0, 2)).toEqual([1_600, 0]);
    await stop();
  });

  test("has every pulse that was counted before the program is told to stop, also those of its last second", async () => {
    const desk = new Desk();
    const { source, of } = listening(desk);
    await desk.run(5_000);
    desk.wired.pulses({ ...train(1), from_ms: 400 });
    for (let waited_ms = 0; source.pulses === 0 && waited_ms < 3_000; waited_ms += 10) await desk.run(10);
    expect(of("report").at(-1)?.counters.import_mwh).toBe(0);
    await source.stop();
    expect(of("report").at(-1)?.counters.import_mwh).toBe(1_000);
  });

  test("loses nothing booked when the program starts again, and goes on", async () => {
    const desk = new Desk();
    const store = new MemoryStore();
    const first = house(desk, store, 1);
    await desk.run(10_000);
    desk.wired.pulses(train(400));
    await desk.run(40_000);
    await first.stop();
    await desk.run(30_000);
    const second = house(desk, store, 100);
    await desk.run(20_000);
    desk.wired.pulses(train(400));
    await desk.run(60_000);
    expect(registers_wh(pv(second.meter)).slice(0, 2)).toEqual([800, 0]);
    await second.stop();
  });

  test("flags the half hour in which the board was away: what flowed then is not known", async () => {
    const desk = new Desk();
    const store = new MemoryStore();
    const { meter, stop } = house(desk, store, 1);
    await desk.run(10_000);
    desk.wired.pulses(train(400));
    await desk.run(60_000);
    desk.unplug();
    desk.wired.pulses(train(400));
    await desk.run(120_000);
    desk.plugged = true;
    await desk.run(60_000);
    expect(registers_wh(pv(meter))[0]).toBe(400);
    expect(pv(meter).open?.flags).toContain("counter");
    await stop();
  });
});
