// Between the ledger's values and the rows of a house: each pair of functions is one table.

import type { Reading } from "../../ledger/events.js";
import type { BesideName } from "../../ledger/names.js";
import { FLAGS, type Flag, type HalfHour } from "../../ledger/profile.js";
import { type Counters, type Four, four } from "../../ledger/quantities.js";
import { MicroWattHours, Utc_ms } from "../../ledger/units.js";
import type { HubMessage, HubMessageKind } from "../../ports/hub-link.js";
import type { Bound, Row, Value } from "./database.js";

/** What a ledger beside the grid's goes by: no source's name has a colon. */
export function besideName(grid: string, name: BesideName): string {
  return `${grid}:${name}`;
}

export function flagBits(flags: readonly Flag[]): number {
  return flags.reduce((bits, flag) => bits | (1 << FLAGS.indexOf(flag)), 0);
}

export function flagsOf(bits: Value | undefined): readonly Flag[] {
  return FLAGS.filter((_, at) => (Number(bits) & (1 << at)) !== 0);
}

/** at_ms, device, boot, four counters, four of the base, span. */
export function cursorValues(reading: Reading): Bound[] {
  const { at, device, boot, counters, base, span } = reading;
  return [at, device, boot, ...counters, ...(base ?? [null, null, null, null]), span];
}

export function readingOf(row: Row): Reading {
  const counters = countersOf(row, "");
  return {
    kind: "reading",
    at: utc(row.at_ms),
    counters: counters ?? [MicroWattHours(0), MicroWattHours(0), null, null],
    device: String(row.device),
    boot: Number(row.boot),
    base: countersOf(row, "base_"),
    span: row.span_uwh === null ? null : MicroWattHours(Number(row.span_uwh)),
  };
}

function countersOf(row: Row, prefix: "" | "base_"): Counters | null {
  const [a, b, c, d] = ["import_uwh", "export_uwh", "import_uvarh", "export_uvarh"].map((name) => row[prefix + name]);
  if (a === null) return null;
  const active = [energy(a), energy(b)] as const;
  return c === null ? [...active, null, null] : [...active, energy(c), energy(d)];
}

/** end_s, four quantities, flags. */
export function halfHourValues(entry: HalfHour): Bound[] {
  return [entry.end / 1000, ...entry.wh, flagBits(entry.flags)];
}

export function halfHourOf(row: Row): HalfHour {
  const { import_wh, export_wh, import_varh, export_varh } = row;
  const wh = [import_wh, export_wh, import_varh, export_varh];
  return {
    end: Utc_ms(Number(row.end_s) * 1000),
    wh: four((q) => (wh[q] === null ? null : Number(wh[q]))),
    flags: flagsOf(row.flags),
  };
}

export function messageOf(row: Row): HubMessage {
  return { id: Number(row.id), kind: row.kind as HubMessageKind, body: new Uint8Array(row.body as ArrayBuffer) };
}

/** One column of the four rows of `accounts`, in the order of the quantities. */
export function column(accounts: readonly Row[], name: string): Four<number> {
  return four((q) => Number(accounts[q]?.[name] ?? 0));
}

export function utc(value: Value | undefined): Utc_ms {
  return Utc_ms(Number(value));
}

function energy(value: Value | undefined): MicroWattHours {
  return MicroWattHours(Number(value));
}
