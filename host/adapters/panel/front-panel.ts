// The meter's face on the second board: metrology LED, arrows, LCD with its button, load switch. It shows what it is handed, and does
// not know the meter.

import type { Mono_ms } from "../../ledger/units.js";
import type { Clock } from "../../ports/clock.js";
import type { SupplyStateValue, SupplySwitch } from "../../ports/switch.js";
import { displayItems, type PanelView, rowsOf } from "./display-items.js";
import { Flashes } from "./flashes.js";
import type { Board, Five, Lcd } from "./johnny-five.js";
import { LcdText } from "./lcd-text.js";
import type { PanelOptions, PanelPins } from "./options.js";
import type { PanelBoard, Part, Ready } from "./panel-board.js";
import { PulseCounter, ticksWithin } from "./pulse-counter.js";

/** A finger holds a button for at least this long. */
const PRESS_ms = 30;
/** After so long without a press the first item is shown again. */
const HOME_AFTER_ms = 60_000;
/** Firmata has no checksum: what was lost on the line is put right after this long at the latest. */
const RENEW_EVERY_ms = 60_000;

interface Face {
  readonly board: Board;
  readonly lcd: LcdText | null;
  readonly button: PulseCounter | null;
}

export class FrontPanel implements SupplySwitch, Part {
  readonly inputs: readonly number[];
  readonly shortest_ms = PRESS_ms;
  readonly #flashes: Flashes;
  #started = false;
  #face: Face | null = null;
  /** One for all boards that come after one another: johnny-five never forgets an LCD, nor the board that it was made for. */
  #lcd: Lcd | null = null;
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
    this.#flashes = new Flashes(clock, (on) => this.#put(options.pins.led, on));
    board.join(this);
  }

  start(): void {
    this.#started = true;
    this.board.start();
  }

  /** Opens the relay, and darkens the lamps: whether the supply is enabled, and which way power flows, is not known any more. */
  async stop(): Promise<void> {
    if (!this.#started) return;
    this.#started = false;
    this.#supply = null;
    this.#switch();
    this.#flashes.end();
    this.#arrows(0);
    this.#face = null;
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
    const { led, arrowImport, arrowExport, relay, button, lcd } = this.options.pins;
    const need = ticksWithin(PRESS_ms, tick_ms);
    const presses = button === null ? null : new PulseCounter(need, need);
    presses?.begin(button !== null && on.has(button));
    // Of all outputs the relay is the first to be told what it should be.
    this.#face = { board, lcd: null, button: presses };
    for (const pin of [relay, led, arrowImport, arrowExport]) {
      if (pin !== null) board.pinMode(pin, board.io.MODES.OUTPUT);
      if (pin === relay) this.#switch();
    }
    if (lcd !== null) this.#face = { ...this.#face, lcd: new LcdText(this.#display(five, board, lcd)) };
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
    this.#face = null;
    this.#flashes.end();
  }

  /** The LCD, on this board. */
  #display(five: Five, board: Board, pins: NonNullable<PanelPins["lcd"]>): Lcd {
    const { columns, rows } = this.options;
    if (this.#lcd === null) this.#lcd = new five.LCD({ board, pins, rows, cols: columns });
    else {
      for (const pin of pins) board.pinMode(pin, board.io.MODES.OUTPUT);
      Object.assign(this.#lcd, { board, io: board.io });
    }
    return this.#lcd;
  }

  #renew(): void {
    this.#renewed = this.clock.mono();
    this.#face?.lcd?.renew();
  }

  #switch(): void {
    this.#put(this.options.pins.relay, this.#supply === "enabled");
  }

  #arrows(power_w: number): void {
    const { arrowImport, arrowExport } = this.options.pins;
    this.#put(arrowImport, power_w > 0);
    this.#put(arrowExport, power_w < 0);
  }

  #put(pin: number | null, high: boolean): void {
    if (pin !== null) this.#face?.board.digitalWrite(pin, high ? 1 : 0);
  }

  #draw(): void {
    const face = this.#face;
    const view = this.#view;
    if (face === null || view === null) return;
    this.#arrows(view.power_w ?? 0);
    const items = displayItems(view);
    const item = items[this.#presses % items.length];
    if (item !== undefined) face.lcd?.show(rowsOf(item, view, this.options));
  }
}
