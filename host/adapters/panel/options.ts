// How the second board is wired: pulse inputs, the front panel's pins, and what of it is refused (docs/spec/panel.md).

import type { Refusal } from "../../ports/store.js";

/** A pulse output on an input of the board. */
export interface PulseOptions {
  /** The source's name; its device is `pulses-<name>`. */
  readonly name: string;
  /** D2..D7. */
  readonly pin: number;
  /** Pulses to a kWh, 1..100,000. */
  readonly impPerKwh: number;
  /** What is shorter is a bounce, 1..1000 ms; null: as EN 62053-31 has it, 30 ms. */
  readonly minOn_ms: number | null;
  readonly minOff_ms: number | null;
}

export interface PanelPins {
  /** RS, EN, D4, D5, D6, D7; null: there is no LCD. */
  readonly lcd: readonly [number, number, number, number, number, number] | null;
  readonly button: number | null;
  readonly led: number | null;
  readonly arrowImport: number | null;
  readonly arrowExport: number | null;
  readonly relay: number | null;
}

export interface PanelOptions {
  readonly pins: PanelPins;
  readonly columns: 16 | 20;
  readonly rows: 2 | 4;
}

export const DEFAULT_PANEL: PanelOptions = {
  pins: { lcd: [8, 9, 10, 11, 12, 13], button: 7, led: 17, arrowImport: 14, arrowExport: 15, relay: 16 },
  columns: 16,
  rows: 2,
};

export const S0_WIDTH_ms = 30;
const WIDEST_ms = 1_000;
const MOST_IMP_PER_KWH = 100_000;
/** Inputs have a port to themselves: D2..D7. */
const INPUTS = { first: 2, last: 7 };
/** D8..D13 and A0..A4; A5 is the metronome. */
const OUTPUTS = { first: 8, last: 18 };

interface Use {
  readonly pin: number;
  readonly by: string;
  readonly input: boolean;
}

/** What is wrong with the wiring of one board; null: nothing. */
export function refusePanel(pulses: readonly PulseOptions[], panel: PanelOptions | null): Refusal | null {
  for (const { name, impPerKwh, minOn_ms, minOff_ms } of pulses) {
    if (!Number.isSafeInteger(impPerKwh) || impPerKwh < 1 || impPerKwh > MOST_IMP_PER_KWH)
      return refused(`${name} has ${impPerKwh} imp/kWh`, `write a whole number, 1..${MOST_IMP_PER_KWH}`);
    for (const width of [minOn_ms, minOff_ms])
      if (width !== null && (!Number.isFinite(width) || width < 1 || width > WIDEST_ms))
        return refused(`${name} has a width of ${width} ms`, `write one of 1..${WIDEST_ms} ms`);
  }
  const uses = [...pulses.map(({ name, pin }): Use => ({ pin, by: name, input: true })), ...usesOf(panel)];
  for (const [k, { pin, by, input }] of uses.entries()) {
    const { first, last } = input ? INPUTS : OUTPUTS;
    if (!Number.isInteger(pin) || pin < first || pin > last) {
      const names = input ? "inputs are D2..D7" : "outputs are D8..D13 and A0..A4 (14..18)";
      return refused(`${by} cannot be on pin ${pin}`, names);
    }
    const other = uses.slice(0, k).find((one) => one.pin === pin);
    if (other !== undefined)
      return refused(`${by} and ${other.by} are both on pin ${pin}`, "give each a pin of its own");
  }
  return null;
}

function usesOf(panel: PanelOptions | null): readonly Use[] {
  if (panel === null) return [];
  const { lcd, button, led, arrowImport, arrowExport, relay } = panel.pins;
  const of = (pin: number | null, by: string, input = false): Use[] => (pin === null ? [] : [{ pin, by, input }]);
  return [
    ...(lcd ?? []).map((pin) => ({ pin, by: "the LCD", input: false })),
    ...of(button, "the button", true),
    ...of(led, "the metrology LED"),
    ...of(arrowImport, "the import arrow"),
    ...of(arrowExport, "the export arrow"),
    ...of(relay, "the relay"),
  ];
}

function refused(reason: string, next: string): Refusal {
  return { ok: false, code: "panel-wiring", reason, next };
}
