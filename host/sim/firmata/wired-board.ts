// The second board with what is wired to it: pulse outputs and a button on its inputs, LEDs, a relay and an LCD on its outputs.

import type { FirmataDevice } from "./device.js";
import { Hd44780, type LcdPins } from "./hd44780.js";
import { type TrainOptions, Trains } from "./trains.js";

export interface Wiring {
  readonly lcd: LcdPins | null;
  readonly columns: number;
  readonly rows: number;
  /** Everything else that is an output, by its name. */
  readonly lamps: Readonly<Record<string, number>>;
}

export interface Lamp {
  readonly on: boolean;
  /** How often it was switched on. */
  readonly flashes: number;
  /** The shortest it was on, and off between two times on; null where it was not. */
  readonly shortestOn_ms: number | null;
  readonly shortestOff_ms: number | null;
}

export interface Seen {
  readonly time_ms: number;
  readonly lamps: Readonly<Record<string, Lamp>>;
  readonly lcd: readonly string[];
  /** Instructions that the LCD had no time for. */
  readonly tooSoon: number;
  /** Edges put on inputs so far, and whether there are more to come. */
  readonly edges: number;
  readonly over: boolean;
}

interface Watched {
  on: boolean;
  flashes: number;
  changed_ms: number | null;
  shortestOn_ms: number | null;
  shortestOff_ms: number | null;
}

export class WiredBoard {
  readonly #trains = new Trains();
  readonly #lcd: Hd44780 | null;
  readonly #lamps: ReadonlyMap<string, Watched>;

  /** Every input is pulled up and rests high. */
  constructor(
    readonly device: FirmataDevice,
    { lcd, columns, rows, lamps }: Wiring,
    inputs: readonly number[],
  ) {
    this.#lcd = lcd === null ? null : new Hd44780(lcd, columns, rows);
    const names = Object.entries(lamps);
    const dark = (): Watched => ({
      on: false,
      flashes: 0,
      changed_ms: null,
      shortestOn_ms: null,
      shortestOff_ms: null,
    });
    this.#lamps = new Map(names.map(([name]) => [name, dark()]));
    const byPin = new Map(names.map(([name, pin]) => [pin, name]));
    for (const pin of inputs) device.setInput(pin, true);
    device.onPin = (pin, high) => {
      this.#lcd?.pin(pin, high, device.time_ms);
      const lamp = this.#lamps.get(byPin.get(pin) ?? "");
      if (lamp !== undefined) watch(lamp, high, device.time_ms);
    };
  }

  /** Pulses to come; the time counts from now. */
  pulses(options: TrainOptions): void {
    this.#trains.add({ ...options, from_ms: this.device.time_ms + options.from_ms });
  }

  runUntil(time_ms: number): void {
    for (;;) {
      const edge = this.#trains.until(time_ms);
      if (edge === null) break;
      this.device.runUntil(edge.at_ms);
      this.device.setInput(edge.pin, !edge.on);
    }
    this.device.runUntil(time_ms);
  }

  seen(): Seen {
    const lamps = [...this.#lamps].map(([name, { on, flashes, shortestOn_ms, shortestOff_ms }]) => [
      name,
      { on, flashes, shortestOn_ms, shortestOff_ms },
    ]);
    return {
      time_ms: this.device.time_ms,
      lamps: Object.fromEntries(lamps),
      lcd: this.#lcd?.text() ?? [],
      tooSoon: this.#lcd?.tooSoon ?? 0,
      edges: this.#trains.edges,
      over: this.#trains.over,
    };
  }
}

function watch(lamp: Watched, on: boolean, now_ms: number): void {
  if (lamp.on === on) return;
  const held_ms = lamp.changed_ms === null ? null : now_ms - lamp.changed_ms;
  lamp.on = on;
  lamp.changed_ms = now_ms;
  if (on) lamp.flashes++;
  if (held_ms === null) return;
  if (on) lamp.shortestOff_ms = Math.min(lamp.shortestOff_ms ?? held_ms, held_ms);
  else lamp.shortestOn_ms = Math.min(lamp.shortestOn_ms ?? held_ms, held_ms);
}
