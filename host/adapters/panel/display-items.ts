// What the meter's face shows: a plain value in, rows of text out. The items are SMETS2's words in this meter's order (docs/spec/panel.md).

import { rfc3339, type Utc_ms } from "../../ledger/units.js";
import type { SupplyStateValue } from "../../ports/switch.js";

/** The meter as its face shows it, handed over once a second. */
export interface PanelView {
  /** The Active Import and Active Export Registers, whole Wh, 0 .. 2^32 - 1. */
  readonly import_wh: number;
  readonly export_wh: number;
  /** The Tariff TOU Registers in use; `active` is where import goes now. */
  readonly rates: readonly { readonly number: number; readonly wh: number; readonly active: boolean }[];
  /** Positive is import; null: not known. */
  readonly power_w: number | null;
  /** Maximum Demand Active Power Import Value; null: none yet. */
  readonly maximumDemand_w: number | null;
  readonly supply: SupplyStateValue;
  /** null: the clock is not set. */
  readonly utc: Utc_ms | null;
  /** The meter's EUI-64. */
  readonly meter: string;
  readonly firmware: string;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface DisplayItem {
  readonly title: string;
  readonly value: string;
}

export function displayItems(view: PanelView): readonly DisplayItem[] {
  const { maximumDemand_w, meter, firmware } = view;
  return [
    { title: "TOTAL IMPORT", value: kwh(view.import_wh) },
    { title: "TOTAL EXPORT", value: kwh(view.export_wh) },
    ...view.rates.map(({ number, wh, active }) => ({
      title: active ? `RATE ${number} ACTIVE` : `RATE ${number}`,
      value: kwh(wh),
    })),
    powerItem(view),
    { title: "MAX DEMAND", value: maximumDemand_w === null ? "none" : `${maximumDemand_w} W` },
    { title: "SUPPLY", value: view.supply.toUpperCase() },
    clockItem(view),
    { title: "METER", value: meter.replaceAll("-", "").toUpperCase() },
    { title: "FIRMWARE", value: firmware },
  ];
}

/** The rows of one item, each as wide as the display. A tall display has power and time beneath it. */
export function rowsOf(item: DisplayItem, view: PanelView, { columns, rows }: Size): readonly string[] {
  const power = powerItem(view);
  const all = [
    left(item.title, columns),
    right(item.value, columns),
    left(power.title.replace(" NOW", ""), columns - power.value.length) + power.value,
    left(view.utc === null ? "UTC NOT SET" : `${rfc3339(view.utc).slice(0, 19).replace("T", " ")}Z`, columns),
  ];
  return all.slice(0, rows).map((row) => row.slice(0, columns));
}

function powerItem({ power_w }: PanelView): DisplayItem {
  if (power_w === null) return { title: "POWER NOW", value: "unknown" };
  const title = power_w > 0 ? "IMPORTING NOW" : power_w < 0 ? "EXPORTING NOW" : "POWER NOW";
  return { title, value: `${Math.abs(power_w)} W` };
}

function clockItem({ utc }: PanelView): DisplayItem {
  if (utc === null) return { title: "UTC NOT SET", value: "--:--:--" };
  const [day = "", time = ""] = rfc3339(utc).split("T");
  return { title: `${day} UTC`, value: time.slice(0, 8) };
}

/** Every digit of a register. */
function kwh(wh: number): string {
  return `${Math.floor(wh / 1_000)}.${String(wh % 1_000).padStart(3, "0")} kWh`;
}

function left(text: string, columns: number): string {
  return text.slice(0, Math.max(0, columns)).padEnd(Math.max(0, columns));
}

/** What is too long loses its end, not the display's edge. */
function right(text: string, columns: number): string {
  return text.slice(0, columns).padStart(columns);
}
