// The meter's face on the second board: metrology LED, arrows, LCD with its button, load switch. It shows what it is handed, and does
// not know the meter.

import type { Mono_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";
import type { SupplyStateValue, SupplySwitch } from "../../ports/switch.js";
import { displayItems, type PanelView, rowsOf } from "./display-items.js";
import { Flashes } from "./flashes.js";
import type { Led, Relay } from "./johnny-five.js";
import { LcdText } from "./lcd-text.js";
import type { PanelOptions } from "./options.js";
import type { PanelBoard, Part, Ready } from "./panel-board.js";
import { PulseCounter, ticksWithin } from "./pulse-counter.js";

/** A finger holds a button for at least this long. */
const PRESS_ms = 30;
/** After so long without a press the first item is shown again. */
const HOME_AFTER_ms = 60_000;
/** Firmata has no checksum: what was lost on the line is put right after this long at the latest. */
const RENEW_EVERY_ms = 60_000;
/** A0. */
const FIRST_ANALOG_PIN = 14;

interface Face {
  readonly led: Led | null;
  readonly arrowImport: Led | null;
  readonly arrowExport: Led | null;
  readonly lcd: LcdText | null;
  readonly relay: Relay | null;
  readonly button: PulseCounter | null;
}

export class FrontPanel implements SupplySwitch, Part {
  readonly inputs: readonly number[];
  readonly shortest_ms = PRESS_ms;
  readonly #flashes: Flashes;
  #started = false;
  #face: Face | null = null;
  #view: PanelView | null = null;
  #supply: SupplyStateValue | null = null;
  #presses = 0;
  #pressed: Mono_ms;
  #renewed: Mono_ms;

  constructor(
    private readonly board: PanelBoard,
    private readonly options: PanelOptions,
    private readonly clock: Clock,
  ) {
    const { button } = options.pins;
    this.inputs = button === null ? [] : [button];
    this.#pressed = clock.mono();
    this.#renewed = clock.mono();
    this.#flashes = new Flashes(clock, (on) => lit(this.#face?.led ?? null, on));
    board.join(this);
  }

  start(): void {
    this.#started = true;
    this.board.start();
  }

  /** Opens the relay: whether the supply is enabled is not known any more. */
  async stop(): Promise<void> {
    if (!this.#started) return;
    this.#started = false;
    this.#flashes.end();
    this.#supply = null;
    this.#switch();
    await this.board.stop();
  }

  /** Once a second. */
  show(view: PanelView): void {
    this.#view = view;
    const now = this.clock.mono();
    if (this.#presses > 0 && now - this.#pressed > HOME_AFTER_ms) this.#presses = 0;
    if (now - this.#renewed > RENEW_EVERY_ms) this.#renew();
    this.#switch();
    this.#draw();
    if (this.#face !== null) this.#flashes.registers(view.import_wh, view.export_wh);
  }

  follow(state: SupplyStateValue): void {
    this.#supply = state;
    this.#switch();
  }

  begin({ five, board, tick_ms }: Ready, on: ReadonlySet<number>): void {
    const { pins, columns, rows } = this.options;
    const output = (pin: number) => board.pinMode(pin, board.io.MODES.OUTPUT);
    const led = (pin: number | null) => (pin === null ? null : new five.Led({ board, pin }));
    if (pins.relay !== null) output(pins.relay);
    const relay = pins.relay === null ? null : new five.Relay({ board, pin: nameOf(pins.relay) });
    // Of all outputs the relay is the first to be told what it should be.
    this.#face = { led: null, arrowImport: null, arrowExport: null, lcd: null, button: null, relay };
    this.#switch();
    const need = ticksWithin(PRESS_ms, tick_ms);
    const button = pins.button === null ? null : new PulseCounter(need, need);
    button?.begin(pins.button !== null && on.has(pins.button));
    this.#face = {
      led: led(pins.led),
      arrowImport: led(pins.arrowImport),
      arrowExport: led(pins.arrowExport),
      lcd: pins.lcd === null ? null : new LcdText(new five.LCD({ board, pins: pins.lcd, rows, cols: columns })),
      relay,
      button,
    };
    this.#draw();
  }

  level(_pin: number, on: boolean): void {
    this.#face?.button?.level(on);
  }

  tick(): void {
    const button = this.#face?.button ?? null;
    if (button === null) return;
    button.tick();
    if (button.count === 0) return;
    this.#presses += button.count;
    button.count = 0;
    this.#pressed = this.clock.mono();
    this.#renew();
    this.#draw();
  }

  lost(): void {
    this.#flashes.end();
    this.#face = null;
  }

  #renew(): void {
    this.#renewed = this.clock.mono();
    this.#face?.lcd?.renew();
  }

  #switch(): void {
    const relay = this.#face?.relay ?? null;
    if (this.#supply === "enabled") relay?.close();
    else relay?.open();
  }

  #draw(): void {
    const face = this.#face;
    const view = this.#view;
    if (face === null || view === null) return;
    const power_w = view.power_w ?? 0;
    lit(face.arrowImport, power_w > 0);
    lit(face.arrowExport, power_w < 0);
    const items = displayItems(view);
    const item = items[this.#presses % items.length];
    if (item !== undefined) face.lcd?.show(rowsOf(item, view, this.options));
  }
}

/** johnny-five's Relay takes an analog pin by its name only. */
function nameOf(pin: number): number | string {
  return pin < FIRST_ANALOG_PIN ? pin : `A${pin - FIRST_ANALOG_PIN}`;
}

function lit(led: Led | null, on: boolean): void {
  if (on) led?.on();
  else led?.off();
}
