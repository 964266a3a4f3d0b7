// Pulses from edges and ticks: every pulse of the least width counts once, whatever the ticks' phase, bounces and spikes do.

import fc from "fast-check";
import { expect, test } from "vitest";
import { PulseCounter, ticksWithin } from "../../host/adapters/panel/pulse-counter.js";
import { PulsePower } from "../../host/adapters/panel/pulse-power.js";
import { type TrainOptions, train } from "../../host/sim/firmata/trains.js";

/** As far as ticks come early or late. */
const JITTER_ms = 1.4;

/** The counter after a train of pulses, its ticks every `tick_ms` from a phase, each off by up to the jitter. */
function counted(
  options: TrainOptions,
  tick_ms: number,
  width_ms: number,
  phase: number,
  wobble: number[],
): PulseCounter {
  const need = ticksWithin(width_ms, tick_ms);
  const counter = new PulseCounter(need, need);
  let tick = 0;
  const tickAt = () => (tick + phase) * tick_ms + (wobble[tick % wobble.length] ?? 0) * JITTER_ms;
  const ticksUntil = (ms: number) => {
    for (; tickAt() <= ms; tick++) counter.tick();
  };
  for (const edge of train(options)) {
    ticksUntil(edge.at_ms);
    counter.level(edge.on);
  }
  ticksUntil(options.from_ms + (options.pulses + 4) * options.period_ms);
  return counter;
}

const phase = fc.double({ min: 0, max: 1, noNaN: true });
const wobble = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 7 });
/** Width judged, ticks in it: S0 on Firmata 2.4; a LED of 6 ms, and of 11, on 2.5. */
const judged = fc.constantFrom([30, 10] as const, [6, 2] as const, [11, 3] as const);

test("held for the least width, on and off, every pulse counts, and none is a fault", () => {
  fc.assert(
    fc.property(judged, phase, wobble, fc.double({ min: 0, max: 40, noNaN: true }), ([width, tick], at, by, more) => {
      const options = { pin: 2, from_ms: 100, pulses: 50, period_ms: 2 * width + more, on_ms: width };
      const { count, spikes, bounces } = counted(options, tick, width, at, by);
      return count === 50 && spikes === 0 && bounces === 0;
    }),
    { seed: 1 },
  );
});

test("bounces of 4 ms at each make and break: the same pulses, at 16 a second", () => {
  fc.assert(
    fc.property(phase, wobble, fc.integer(), (at, by, seed) => {
      const options = { pin: 2, from_ms: 100, pulses: 50, period_ms: 62.5, on_ms: 34, bounce_ms: 4, seed };
      return counted(options, 10, 30, at, by).count === 50;
    }),
    { seed: 1 },
  );
});

test("a spike in each gap, whichever tick sees it, glues no two pulses together and is none", () => {
  fc.assert(
    fc.property(phase, wobble, (at, by) => {
      const options = { pin: 2, from_ms: 100, pulses: 50, period_ms: 62.5, on_ms: 30, spike_ms: 2 };
      return counted(options, 10, 30, at, by).count === 50;
    }),
    { seed: 1 },
  );
});

test("an on of less than a tick never counts, and is told as a spike", () => {
  fc.assert(
    fc.property(phase, wobble, fc.double({ min: 0.1, max: 8, noNaN: true }), (at, by, on_ms) => {
      const options = { pin: 2, from_ms: 100, pulses: 50, period_ms: 80, on_ms };
      const { count, spikes } = counted(options, 10, 30, at, by);
      return count === 0 && spikes === 50;
    }),
    { seed: 1 },
  );
});

test("light that flickers at twice the mains, on at every tick and off between, is no pulse in a minute of it", () => {
  const halves = fc.double({ min: 1, max: 6, noNaN: true });
  fc.assert(
    fc.property(fc.constantFrom(9.5, 9.95, 10.02, 10.05, 12), halves, phase, wobble, (period_ms, on_ms, at, by) => {
      const options = { pin: 2, from_ms: 100, pulses: 60_000 / period_ms, period_ms, on_ms };
      return counted(options, 10, 30, at, by).count === 0;
    }),
    { seed: 1, numRuns: 30 },
  );
});

test("a break of less than a tick cuts no pulse in two", () => {
  const counter = new PulseCounter(2, 2);
  const steps: [number, boolean][] = [
    [5, true],
    [42, false],
    [44, true],
    [85, false],
  ];
  let at = 0;
  for (const [ms, on] of steps) {
    for (; at <= ms; at += 10) counter.tick();
    counter.level(on);
  }
  for (let k = 0; k < 5; k++) counter.tick();
  expect([counter.count, counter.spikes]).toEqual([1, 0]);
});

test("a pulse under way when listening begins has begun unseen", () => {
  const counter = new PulseCounter(2, 2);
  counter.begin(true);
  for (let k = 0; k < 5; k++) counter.tick();
  counter.level(false);
  counter.tick();
  counter.level(true);
  for (let k = 0; k < 5; k++) counter.tick();
  counter.level(false);
  for (let k = 0; k < 5; k++) counter.tick();
  expect(counter.count).toBe(0);
  counter.level(true);
  for (let k = 0; k < 2; k++) counter.tick();
  expect(counter.count).toBe(1);
});

test("a width that no tick can prove is believed at once", () => {
  const counter = new PulseCounter(ticksWithin(5, 10), ticksWithin(5, 10));
  for (const on of [true, false, true, false]) counter.level(on);
  expect(counter.count).toBe(2);
});

test("power is the energy of the pulses over the time between them; unknown before two, and when the next is long overdue", () => {
  const power = new PulsePower(1_000);
  expect(power.at(1_000)).toBeNull();
  power.counted(1, 1_500);
  expect(power.at(2_000)).toBeNull();
  power.counted(2, 2_000);
  power.counted(3, 2_500);
  expect(power.at(3_000)).toBe(7_200_000);
  expect(power.at(3_400)).toBe(7_200_000);
  expect(power.at(4_000)).toBeNull();
  power.counted(4, 12_500);
  expect(power.at(13_000)).toBe(360_000);
});
