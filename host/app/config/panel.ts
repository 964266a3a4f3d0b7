// `panel:` of esme.yaml: the meter's face on the second board, which pulse inputs may share.

import { DEFAULT_PANEL, type PanelOptions, type PulseOptions, refusePanel } from "../../adapters/panel/options.js";
import type { Mistake } from "../yaml-file.js";
import { placeOf } from "./devices.js";
import type { PanelConfig } from "./schema.js";
import type { HouseSource } from "./sources.js";

export interface HousePanel {
  readonly port: string;
  readonly options: PanelOptions;
}

export function panelOf(
  config: PanelConfig | undefined,
  sources: readonly HouseSource[],
  mistake: Mistake,
): HousePanel | null {
  const panel = config === undefined ? null : { port: config.port, options: optionsOf(config) };
  const other = sources.find(({ device }) => placeOf(device) === panel?.port && device.kind !== "pulses");
  if (other !== undefined) mistake(["panel", "port"], `${other.name} has ${panel?.port} already`);
  for (const port of new Set([...pulsePorts(sources), ...(panel === null ? [] : [panel.port])])) {
    const refused = refusePanel(pulsesAt(port, sources), port === panel?.port ? panel.options : null);
    if (refused !== null)
      mistake([port === panel?.port ? "panel" : "sources"], `${port}: ${refused.reason}; ${refused.next}`);
  }
  return panel;
}

/** The pulse inputs of the second board at that port. */
export function pulsesAt(port: string, sources: readonly HouseSource[]): readonly PulseOptions[] {
  return sources.flatMap(({ name, device }) => {
    if (device.kind !== "pulses" || device.port !== port) return [];
    const { pin, impPerKwh, minOn_ms, minOff_ms } = device;
    return [{ name, pin, impPerKwh, minOn_ms, minOff_ms }];
  });
}

function pulsePorts(sources: readonly HouseSource[]): readonly string[] {
  return sources.flatMap(({ device }) => (device.kind === "pulses" ? [device.port] : []));
}

function optionsOf({ lcd = "16x2", pins = {} }: PanelConfig): PanelOptions {
  const [columns, rows] = lcd === "20x4" ? ([20, 4] as const) : ([16, 2] as const);
  const usual = DEFAULT_PANEL.pins;
  const chosen = (pin: number | null | undefined, otherwise: number | null) => (pin === undefined ? otherwise : pin);
  return {
    columns,
    rows,
    pins: {
      lcd: lcd === "none" ? null : (pins.lcd ?? usual.lcd),
      button: chosen(pins.button, usual.button),
      led: chosen(pins.led, usual.led),
      arrowImport: chosen(pins.arrow_import, usual.arrowImport),
      arrowExport: chosen(pins.arrow_export, usual.arrowExport),
      relay: chosen(pins.relay, usual.relay),
    },
  };
}
