// What the demo shows: the meter as it is now, and at the end what it booked beside what really flowed.

import { open_wh, registers_wh } from "../../ledger/ledger.js";
import { MICRO, rfc3339 } from "../../ledger/units.js";
import type { MeterView } from "../../meter/options.js";
import type { HubState } from "../../ports/hub-link.js";
import { table } from "../table.js";
import { kwh } from "../words.js";

/** Booked and true energy over the same time, clamp 1, µWh. */
export interface Row {
  readonly name: string;
  readonly import_uwh: number;
  readonly export_uwh: number;
  readonly truth_import_uwh: number;
  readonly truth_export_uwh: number;
  readonly executed_cycles?: number;
  readonly reports?: number;
}

export function liveTable(view: MeterView, hub: HubState | null, joined: boolean): string {
  const power = view.inputs[0]?.power?.power ?? null;
  const rows = [...view.ledgers].map(([name, { ledger }], k) => {
    const channel = power?.channels[k];
    const [import_wh, export_wh] = registers_wh(ledger);
    const open = open_wh(ledger);
    return [
      name,
      channel?.active_mw == null ? "no data" : `${Math.round(channel.active_mw / 1_000)} W`,
      kwh(import_wh),
      kwh(export_wh),
      `${open[0]} Wh`,
      `${open[1]} Wh`,
    ];
  });
  const grid = view.ledgers.get("grid")?.ledger.open;
  const until = grid == null ? "-" : rfc3339(grid.end).slice(11, 16);
  const head = ["", "power now", "import register", "export register", `import to ${until}`, `export to ${until}`];
  const supply =
    power?.voltage_mv == null || power.frequency_mhz === null
      ? "no data"
      : `${(power.voltage_mv / 1_000).toFixed(1)} V, ${(power.frequency_mhz / 1_000).toFixed(2)} Hz`;
  const link = hub === null ? "no hub" : hub.kind === "joined" || joined ? "joined" : `away (${hub.reason})`;
  return `${table(head, rows)}\nsupply ${supply}; hub ${link}; ${view.reports} reports booked`;
}

export function summary(rows: readonly Row[]): string {
  const head = ["", "import booked µWh", "truth µWh", "off by", "export booked µWh", "truth µWh", "off by"];
  const cells = rows.map((row) => [
    row.name,
    String(row.import_uwh),
    String(row.truth_import_uwh),
    off(row.import_uwh, row.truth_import_uwh),
    String(row.export_uwh),
    String(row.truth_export_uwh),
    off(row.export_uwh, row.truth_export_uwh),
  ]);
  const executed = rows.find((row) => row.executed_cycles !== undefined);
  const lines = [table(head, cells)];
  if (executed !== undefined)
    lines.push(
      `${executed.executed_cycles?.toLocaleString("en-GB")} cycles of the firmware executed, ${executed.reports} reports booked`,
    );
  return lines.join("\n");
}

export function jsonOf(rows: readonly Row[]): string {
  const live = rows.find((row) => row.executed_cycles !== undefined);
  const { executed_cycles = 0, reports = 0 } = live ?? {};
  const bare = rows.map(({ executed_cycles: _, reports: __, ...row }) => row);
  return JSON.stringify({ schema: "esme/demo/1", rows: bare, executed_cycles, reports });
}

function off(booked_uwh: number, truth_uwh: number): string {
  const by_uwh = booked_uwh - truth_uwh;
  if (truth_uwh === 0) return `${(by_uwh / MICRO).toFixed(4)} Wh`;
  return `${by_uwh < 0 ? "" : "+"}${((100 * by_uwh) / truth_uwh).toFixed(3)} %`;
}
